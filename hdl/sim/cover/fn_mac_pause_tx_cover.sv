// What the tests must have seen of fn_mac_pause_tx. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_mac_pause_tx_cover (
  input wire logic        clk,
  input wire logic        rst,
  input wire logic        toggle_q,
  input wire logic        toggle_s,
  input wire logic [15:0] pause_quanta,
  input wire logic [15:0] pause_q,
  input wire logic        quantum_q,
  input wire logic        paused,
  input wire logic [1:0]  state_q,
  input wire logic        own_turn,
  input wire logic        eligible,
  input wire logic        asked_q,
  input wire logic        congested_s,
  input wire logic [15:0] refresh_q,
  input wire logic        s_axis_tvalid,
  input wire logic        s_hold
);

  localparam logic [1:0] CHOOSE = 2'd0, PASS = 2'd1, OWN = 2'd2;

  logic asks;
  assign asks = toggle_q != toggle_s;

  always @(posedge clk) if (!rst) begin
    pause_begins:       cover (asks && pause_quanta != '0 && pause_q == '0);
    pause_replaced:     cover (asks && pause_quanta != '0 && pause_q != '0);
    pause_ended_early:  cover (asks && pause_quanta == '0 && pause_q != '0);
    pause_runs_out:     cover (quantum_q && !asks && pause_q == 16'd1);
    begun_is_finished:  cover (paused && state_q == PASS);
    own_while_paused:   cover (paused && state_q == OWN);
    frame_waits:        cover (paused && state_q == CHOOSE && s_axis_tvalid && !s_hold);
    asks_to_stop:       cover (own_turn && state_q == CHOOSE && congested_s && !asked_q);
    asks_again:         cover (own_turn && state_q == CHOOSE && congested_s && asked_q && refresh_q == '0);
    asks_to_go_on:      cover (own_turn && state_q == CHOOSE && !congested_s && asked_q);
    own_before_a_frame: cover (own_turn && state_q == CHOOSE && eligible);
  end

endmodule

bind fn_mac_pause_tx fn_mac_pause_tx_cover i_cover (.*);

`default_nettype wire
