// prove told | - | pdr | credit is always told: while the host does not know of the newest part that has left, no received frame begins once it has waited CREDIT_DELAY clocks, the card is not idle, and what is told is what was newest when the packet began
// mutant fn_usb_answers.sv | s/if \(left\) begin/if (left \&\& !due_q) begin/
// The packets are read as the host reads them: a first byte says what comes, and the second of Transmitted and Credit is a sequence number.
`default_nettype none
`include "fn_regs.svh"

module fn_usb_credit_proof #(
  parameter int CREDIT_DELAY = 4
) (
  input wire logic         clk,
  input wire logic         core_rst,
  input wire logic [39:0]  s_value,
  input wire logic         s_value_valid,
  input wire logic [79:0]  s_status,
  input wire logic         s_status_valid,
  input wire logic         left,
  input wire logic [7:0]   left_sequence,
  input wire logic [7:0]   s_rx,
  input wire logic         s_rx_valid,
  input wire logic         s_rx_last,
  input wire logic         m_ready
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic       m_valid, m_last, m_abort, idle;
  logic [7:0] m_data;
  fn_usb_answers #(.CREDIT_DELAY(CREDIT_DELAY)) dut (
    .clk(clk), .rst(rst), .core_rst(core_rst),
    .s_value_tdata(s_value), .s_value_tvalid(s_value_valid), .s_value_tready(),
    .s_status_tdata(s_status), .s_status_tvalid(s_status_valid), .s_status_tready(), .left(left), .left_sequence(left_sequence),
    .s_axis_rx_tdata(s_rx), .s_axis_rx_tvalid(s_rx_valid), .s_axis_rx_tready(), .s_axis_rx_tlast(s_rx_last), .s_axis_rx_tuser('0),
    .m_tdata(m_data), .m_tvalid(m_valid), .m_tready(m_ready), .m_tlast(m_last), .m_tabort(m_abort), .idle(idle));

  // The core's reset is the host's doing: both begin again as if the part before the first, whose number is 0, had left.
  logic       step, begins, tells, inside_q, second_q, tells_q, offered_q;
  logic [7:0] newest_q, known_q, begun_q;
  logic [2:0] age_q;                       // clocks since the host was told, or knew
  assign step   = m_valid && m_ready;
  assign begins = step && !inside_q;
  assign tells  = step && inside_q && second_q && tells_q && !m_abort;

  always_ff @(posedge clk) begin
    if (step) begin
      inside_q <= !m_last;
      second_q <= begins;
    end
    if (begins) begin
      tells_q <= m_data == 8'(`FN_USB_PACKET_TRANSMITTED) || m_data == 8'(`FN_USB_PACKET_CREDIT);
      begun_q <= newest_q;
    end
    offered_q <= m_valid && !m_ready && !rst;
    if (left) newest_q <= left_sequence;
    if (tells) known_q <= m_data;
    if (rst || core_rst) {newest_q, known_q, begun_q} <= '1;
    if (rst) {inside_q, second_q} <= '0;
    age_q <= rst || core_rst || tells || known_q == newest_q ? '0 : age_q + 3'(age_q != 3'd7);
  end

  always_comb if (!rst && !core_rst) begin
    if (tells) assert (m_data == begun_q);
    if (m_valid && !inside_q && !offered_q && age_q >= 3'(CREDIT_DELAY)) assert (m_data != 8'(`FN_USB_PACKET_RECEIVE));
    if (idle) assert (known_q == newest_q);
  end

endmodule

`default_nettype wire
