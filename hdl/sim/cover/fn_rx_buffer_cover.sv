// What the tests must have seen of fn_rx_buffer. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_rx_buffer_cover #(
  parameter int RX_QUEUES = 1
) (
  input wire logic                 clk,
  input wire logic                 rst,
  input wire logic                 ends,
  input wire logic                 good,
  input wire logic                 full,
  input wire logic                 slots_full,
  input wire logic                 in_valid_q,
  input wire logic [RX_QUEUES-1:0] waiting,
  input wire logic                 read,
  input wire logic                 read_ready,
  input wire logic                 read_skip,
  input wire logic                 stored,
  input wire logic                 m_axis_tvalid,
  input wire logic                 m_axis_tready
);

  always @(posedge clk) if (!rst) begin
    frame_stored:       cover (good);
    frame_read:         cover (read && read_ready && !read_skip);
    frame_skipped:      cover (read && read_ready && read_skip);
    read_while_stored:  cover (stored && m_axis_tvalid && m_axis_tready);
    link_stalls:        cover (m_axis_tvalid && !m_axis_tready);
    memory_full:        cover (in_valid_q && full);
  end

  generate
    if (RX_QUEUES > 1) begin : g_queues
      always @(posedge clk) if (!rst) begin
        dropped_for_room: cover (ends && !good && !slots_full);
        slots_full_up:    cover (in_valid_q && slots_full);
        several_wait:     cover ((waiting & (waiting - 1'b1)) != '0);
        all_wait:         cover (&waiting);
      end
    end
  endgenerate

endmodule

bind fn_rx_buffer fn_rx_buffer_cover #(.RX_QUEUES(RX_QUEUES)) i_cover (.*);

`default_nettype wire
