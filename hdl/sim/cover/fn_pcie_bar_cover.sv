// What the tests must have seen of fn_pcie_bar. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_pcie_bar_cover (
  input wire logic       clk,
  input wire logic       rst,
  input wire logic [2:0] state_q,
  input wire logic       read,
  input wire logic       write,
  input wire logic       whole,
  input wire logic       none,
  input wire logic       posted,
  input wire logic       message,
  input wire logic       memory,
  input wire logic       poisoned,
  input wire logic       four_dw,
  input wire logic       has_data,
  input wire logic       locked,
  input wire logic       hit_q,
  input wire logic       sized,
  input wire logic       reg_ack,
  input wire logic [5:0] watchdog_q,
  input wire logic       m_axis_tvalid,
  input wire logic       m_axis_tready
);

  localparam logic [2:0] DECODE = 3'd4, ACCESS = 3'd5;

  logic decode;
  assign decode = state_q == DECODE;

  always @(posedge clk) if (!rst) begin
    reads:             cover (decode && read && whole && !four_dw);
    reads_64_bit:      cover (decode && read && whole && four_dw);
    writes:            cover (decode && write && !four_dw);
    writes_64_bit:     cover (decode && write && four_dw);
    flushes:           cover (decode && read && none);
    read_of_a_part:    cover (decode && read && !whole && !none);
    beside_the_bar:    cover (decode && memory && !hit_q);
    write_poisoned:    cover (decode && memory && has_data && poisoned);
    write_of_a_part:   cover (decode && memory && has_data && sized && hit_q && !whole && !poisoned);
    not_as_long:       cover (decode && !sized);
    message_ignored:   cover (decode && message);
    locked_refused:    cover (decode && locked);
    other_refused:     cover (decode && !posted && !memory && !locked);
    acknowledged:      cover (state_q == ACCESS && reg_ack);
    never_answered:    cover (state_q == ACCESS && (&watchdog_q) && !reg_ack);
    link_stalls:       cover (m_axis_tvalid && !m_axis_tready);
  end

endmodule

bind fn_pcie_bar fn_pcie_bar_cover i_cover (.*);

`default_nettype wire
