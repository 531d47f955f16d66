// What the tests must have seen of fn_usb_deframe. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_usb_deframe_cover (
  input wire logic       clk,
  input wire logic       rst,
  input wire logic       take,
  input wire logic       is_flag,
  input wire logic       is_data,
  input wire logic       escaped_q,
  input wire logic       long_enough,
  input wire logic       good,
  input wire logic [2:0] held_q,
  input wire logic [7:0] value,
  input wire logic       m_tvalid,
  input wire logic       m_tready
);

  always @(posedge clk) if (!rst) begin
    whole:            cover (take && is_flag && long_enough && good && !escaped_q);
    wrong_check:      cover (take && is_flag && long_enough && !good && !escaped_q);
    broken_off:       cover (take && is_flag && escaped_q && long_enough);
    broken_off_early: cover (take && is_flag && escaped_q && !long_enough);
    too_short:        cover (take && is_flag && !escaped_q && held_q != '0 && !long_enough);
    flag_after_flag:  cover (take && is_flag && !escaped_q && held_q == '0);
    escaped_flag:     cover (is_data && escaped_q && value == 8'h7E);
    escaped_escape:   cover (is_data && escaped_q && value == 8'h7D);
    escaped_other:    cover (is_data && escaped_q && value != 8'h7E && value != 8'h7D);
    sink_stalls:      cover (m_tvalid && !m_tready);
  end

endmodule

bind fn_usb_deframe fn_usb_deframe_cover i_cover (.*);

`default_nettype wire
