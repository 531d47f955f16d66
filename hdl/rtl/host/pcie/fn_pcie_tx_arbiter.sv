// Lets three sources of TLPs share the link to the root: round robin, whole TLPs.
//
// Who had the link keeps it until another wants it, so one source alone sends TLP upon TLP without a clock between them; a change of sources
// costs none either when the next one waits at the last beat, and else one clock.
//
// Latency: 1 clock to choose, none for who has the link. Throughput: 1 beat a clock. The streams pass through combinationally, so a beat
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

  logic [2:0] grant_q;   // one hot
  logic       inside_q;  // a TLP has begun
  logic [2:0] others, next;
  logic       step, change;

  assign others = s_axis_tvalid & ~grant_q;
  assign step   = m_axis_tvalid && m_axis_tready;
  // Behind a TLP, or where the one that has the link has nothing to begin.
  assign change = step ? m_axis_tlast : !inside_q && !m_axis_tvalid;

  always_comb begin
    // The two behind the one that has it, in turn.
    case (grant_q)
      3'b001:  next = others[1] ? 3'b010 : 3'b100;
      3'b010:  next = others[2] ? 3'b100 : 3'b001;
      default: next = others[0] ? 3'b001 : 3'b010;
    endcase
  end

  always_ff @(posedge clk) begin
    if (step) inside_q <= !m_axis_tlast;
    if (change && others != '0) grant_q <= next;
    if (rst) begin
      grant_q  <= 3'b001;
      inside_q <= 1'b0;
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
  assign idle          = !inside_q && s_axis_tvalid == '0;

endmodule

`default_nettype wire
