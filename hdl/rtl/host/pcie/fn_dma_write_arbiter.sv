// Two writers, received frames and their entries (0) and the entries of transmit queues (1), take turns at fn_dma_write, whole requests at a time.
//
// Requests run ahead of the frames that belong to them, by up to two; the frames follow in the order of the requests. What is asked for later
// reaches the link later: an entry asked for behind its frame follows the frame.
// Latency: none. Throughput: 1 beat a clock.
`default_nettype none

module fn_dma_write_arbiter #(
  parameter int TAG_W = 2
) (
  input  wire logic               clk,
  input  wire logic               rst,

  input  wire logic [1:0]         s_valid,
  output logic [1:0]              s_ready,
  input  wire logic [127:0]       s_address,
  input  wire logic [31:0]        s_length,
  input  wire logic [2*TAG_W-1:0] s_tag,
  input  wire logic [127:0]       s_axis_tdata,
  input  wire logic [1:0]         s_axis_tvalid,
  output logic [1:0]              s_axis_tready,
  input  wire logic [1:0]         s_axis_tlast,

  output logic                    m_valid,
  input  wire logic               m_ready,
  output logic [63:0]             m_address,
  output logic [15:0]             m_length,
  output logic [TAG_W-1:0]        m_tag,
  output logic [63:0]             m_axis_tdata,
  output logic                    m_axis_tvalid,
  input  wire logic               m_axis_tready,
  output logic                    m_axis_tlast
);

  logic       last_q, pick, push, pop;
  logic [1:0] owed_q;            // requests whose frame is not through, up to two
  logic       owner_q, second_q; // whose they are

  // Who has not had the last turn goes first.
  assign pick      = last_q ? !s_valid[0] : s_valid[1];
  assign m_valid   = |s_valid && !owed_q[1];
  assign m_address = pick ? s_address[127:64] : s_address[63:0];
  assign m_length  = pick ? s_length[31:16] : s_length[15:0];
  assign m_tag     = pick ? s_tag[2*TAG_W-1:TAG_W] : s_tag[TAG_W-1:0];
  assign s_ready   = {m_ready && !owed_q[1] && pick, m_ready && !owed_q[1] && !pick};
  assign push      = m_valid && m_ready;
  assign pop       = m_axis_tvalid && m_axis_tready && m_axis_tlast;

  always_ff @(posedge clk) begin
    if (push) last_q <= pick;
    owed_q <= owed_q + {1'b0, push} - {1'b0, pop};
    if (pop) owner_q <= owed_q[1] ? second_q : pick;
    else if (push && owed_q == '0) owner_q <= pick;
    if (push) second_q <= pick;
    if (rst) begin
      last_q <= 1'b0;
      owed_q <= '0;
    end
  end

  assign m_axis_tdata  = owner_q ? s_axis_tdata[127:64] : s_axis_tdata[63:0];
  assign m_axis_tvalid = owed_q != '0 && s_axis_tvalid[owner_q];
  assign m_axis_tlast  = s_axis_tlast[owner_q];
  assign s_axis_tready = {m_axis_tready && owed_q != '0 && owner_q, m_axis_tready && owed_q != '0 && !owner_q};

endmodule

`default_nettype wire
