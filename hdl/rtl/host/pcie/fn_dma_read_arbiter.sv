// Lets the readers of host memory take turns at fn_dma_read: round robin, one request each.
//
// Latency: none. Throughput: one request a clock.
`default_nettype none

module fn_dma_read_arbiter #(
  parameter int CLIENTS = 3  // 2 or more
) (
  input  wire logic                       clk,
  input  wire logic                       rst,

  input  wire logic [CLIENTS-1:0]         s_valid,
  output logic [CLIENTS-1:0]              s_ready,
  input  wire logic [64*CLIENTS-1:0]      s_address,
  input  wire logic [13*CLIENTS-1:0]      s_length,
  input  wire logic [CLIENTS-1:0]         s_last,

  output logic                            m_valid,
  input  wire logic                       m_ready,
  output logic [63:0]                     m_address,
  output logic [12:0]                     m_length,
  output logic [$clog2(CLIENTS)-1:0]      m_client,
  output logic                            m_last
);

  localparam int CLIENT_W = $clog2(CLIENTS);

  logic [CLIENT_W-1:0] last_q;

  always_comb begin
    m_valid   = |s_valid;
    m_client  = '0;
    for (int i = CLIENTS - 1; i >= 0; i--) if (s_valid[i]) m_client = CLIENT_W'(i);
    // The first behind the one that had its turn goes before.
    for (int i = CLIENTS - 1; i >= 0; i--) if (s_valid[i] && CLIENT_W'(i) > last_q) m_client = CLIENT_W'(i);
    m_address = '0;
    m_length  = '0;
    m_last    = 1'b0;
    s_ready   = '0;
    for (int i = 0; i < CLIENTS; i++) begin
      if (m_valid && m_client == CLIENT_W'(i)) begin
        m_address  = s_address[64*i+:64];
        m_length   = s_length[13*i+:13];
        m_last     = s_last[i];
        s_ready[i] = m_ready;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (m_valid && m_ready) last_q <= m_client;
    if (rst) last_q <= '0;
  end

endmodule

`default_nettype wire
