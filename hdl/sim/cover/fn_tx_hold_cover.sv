// What the tests must have seen of fn_tx_hold. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_tx_hold_cover (
  input wire logic       clk,
  input wire logic       rst,
  input wire logic [1:0] state_q,
  input wire logic       settled,
  input wire logic       past,
  input wire logic       near_by,
  input wire logic       too_far,
  input wire logic       take,
  input wire logic       wants_launch,
  input wire logic       s_axis_tvalid,
  input wire logic       s_axis_tlast,
  input wire logic       m_owed_stamp
);

  localparam logic [1:0] OPEN = 2'd0, WAIT = 2'd1, PASS = 2'd2;

  always @(posedge clk) if (!rst) begin
    without_launch:  cover (state_q == OPEN && s_axis_tvalid && !wants_launch);
    late:            cover (state_q == WAIT && settled && past);
    near_enough:     cover (state_q == WAIT && settled && near_by && !past && !too_far);
    waits:           cover (state_q == WAIT && settled && !near_by && !past && !too_far);
    refused_as_far:  cover (state_q == WAIT && settled && too_far);
    launch_stamped:  cover (state_q == PASS && take && s_axis_tlast && wants_launch && m_owed_stamp);
  end

endmodule

bind fn_tx_hold fn_tx_hold_cover i_cover (.*);

`default_nettype wire
