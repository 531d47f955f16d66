// Two writers, received frames (0) and completion entries (1), take turns at fn_dma_write, whole requests at a time.
//
// A request that is accepted later reaches the link later: an entry asked for after its frame's last beat was taken follows the frame.
// Latency: none. Throughput: 1 beat a clock.
`default_nettype none

module fn_dma_write_arbiter (
  input  wire logic         clk,
  input  wire logic         rst,

  input  wire logic [1:0]   s_valid,
  output logic [1:0]        s_ready,
  input  wire logic [127:0] s_address,
  input  wire logic [31:0]  s_length,
  input  wire logic [127:0] s_axis_tdata,
  input  wire logic [1:0]   s_axis_tvalid,
  output logic [1:0]        s_axis_tready,
  input  wire logic [1:0]   s_axis_tlast,
  output logic [1:0]        s_done,

  output logic              m_valid,
  input  wire logic         m_ready,
  output logic [63:0]       m_address,
  output logic [15:0]       m_length,
  output logic [63:0]       m_axis_tdata,
  output logic              m_axis_tvalid,
  input  wire logic         m_axis_tready,
  output logic              m_axis_tlast,
  input  wire logic         m_done
);

  logic owner_q, pick;

  // Who has not had the last turn goes first.
  assign pick      = owner_q ? !s_valid[0] : s_valid[1];
  assign m_valid   = |s_valid;
  assign m_address = pick ? s_address[127:64] : s_address[63:0];
  assign m_length  = pick ? s_length[31:16] : s_length[15:0];
  assign s_ready   = {m_ready && pick, m_ready && !pick};

  always_ff @(posedge clk) begin
    if (m_valid && m_ready) owner_q <= pick;
    if (rst) owner_q <= 1'b0;
  end

  assign m_axis_tdata  = owner_q ? s_axis_tdata[127:64] : s_axis_tdata[63:0];
  assign m_axis_tvalid = s_axis_tvalid[owner_q];
  assign m_axis_tlast  = s_axis_tlast[owner_q];
  assign s_axis_tready = {m_axis_tready && owner_q, m_axis_tready && !owner_q};
  assign s_done        = {m_done && owner_q, m_done && !owner_q};

endmodule

`default_nettype wire
