// Lets three sources of TLPs share the link to the root: round robin, whole TLPs.
//
// Latency: 1 clock to choose. Throughput: 1 beat a clock, one idle clock between TLPs. The streams pass through combinationally, so a beat
// that a source sees taken has been taken by the link: fn_dma_write's `done` relies on it.
`default_nettype none

module fn_pcie_tx_arbiter (
  input  wire logic         clk,
  input  wire logic         rst,

  // Source i has bits 64i and on, 8i and on, and i.
  input  wire logic [191:0] s_axis_tdata,
  input  wire logic [23:0]  s_axis_tkeep,
  input  wire logic [2:0]   s_axis_tvalid,
  output logic [2:0]        s_axis_tready,
  input  wire logic [2:0]   s_axis_tlast,

  output logic [63:0]       m_axis_tdata,
  output logic [7:0]        m_axis_tkeep,
  output logic              m_axis_tvalid,
  input  wire logic         m_axis_tready,
  output logic              m_axis_tlast,

  output logic              idle
);

  logic [2:0] grant_q;   // one hot; 0: none
  logic [1:0] last_q;    // who had it last
  logic [2:0] next;
  logic [1:0] next_index;

  always_comb begin
    next       = '0;
    next_index = last_q;
    // From the one that had it last backwards, so that the one behind it wins.
    for (int i = 3; i >= 1; i--) begin
      for (int s = 0; s < 3; s++) begin
        if (s == (32'(last_q) + i) % 3 && s_axis_tvalid[s]) begin
          next       = 3'b001 << s;
          next_index = 2'(s);
        end
      end
    end
  end

  always_ff @(posedge clk) begin
    if (grant_q == '0) begin
      grant_q <= next;
      last_q  <= next_index;
    end else if (m_axis_tvalid && m_axis_tready && m_axis_tlast) begin
      grant_q <= '0;
    end
    if (rst) begin
      grant_q <= '0;
      last_q  <= '0;
    end
  end

  always_comb begin
    m_axis_tdata = s_axis_tdata[63:0];
    m_axis_tkeep = s_axis_tkeep[7:0];
    if (grant_q[1]) begin
      m_axis_tdata = s_axis_tdata[127:64];
      m_axis_tkeep = s_axis_tkeep[15:8];
    end else if (grant_q[2]) begin
      m_axis_tdata = s_axis_tdata[191:128];
      m_axis_tkeep = s_axis_tkeep[23:16];
    end
  end

  assign m_axis_tvalid = |(grant_q & s_axis_tvalid);
  assign m_axis_tlast  = |(grant_q & s_axis_tlast);
  assign s_axis_tready = m_axis_tready ? grant_q : 3'b000;
  assign idle          = grant_q == '0 && s_axis_tvalid == '0;

endmodule

`default_nettype wire
