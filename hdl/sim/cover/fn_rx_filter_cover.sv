// What the tests must have seen of fn_rx_filter. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_filter_cover (
  input wire logic        clk,
  input wire logic        rst,
  input wire logic [3:0]  step_q,
  input wire logic [2:0]  control_q,
  input wire logic [47:0] address_q,
  input wire logic [47:0] station,
  input wire logic        group,
  input wire logic        broadcast,
  input wire logic        exact_hit,
  input wire logic        hash_hit,
  input wire logic        hit_q,
  input wire logic        start,
  input wire logic        pending_q,
  input wire logic        walking,
  input wire logic        m_valid,
  input wire logic        m_accept
);

  localparam int PROMISCUOUS = `FN_FILTER_CONTROL_PROMISCUOUS_LSB, ALL_MULTICAST = `FN_FILTER_CONTROL_ALL_MULTICAST_LSB,
                 BROADCAST = `FN_FILTER_CONTROL_BROADCAST_LSB;
  localparam logic [3:0] ENTRIES = 4'(`FN_FILTER_EXACT_COUNT / 2), HASH_STEP = 4'd7;

  logic strict;  // every address must give its reason
  assign strict = step_q == '0 && !control_q[PROMISCUOUS];

  always @(posedge clk) if (!rst) begin
    promiscuous:       cover (step_q == '0 && control_q[PROMISCUOUS] && address_q != station);
    own_address:       cover (strict && address_q == station);
    all_multicast:     cover (strict && group && !broadcast && control_q[ALL_MULTICAST]);
    broadcast_passes:  cover (strict && broadcast && control_q[BROADCAST]);
    exact_unicast:     cover (step_q != '0 && step_q <= ENTRIES && exact_hit && !hit_q && !group);
    exact_multicast:   cover (step_q != '0 && step_q <= ENTRIES && exact_hit && !hit_q && group);
    hashed_multicast:  cover (step_q == HASH_STEP && hash_hit && !hit_q);
    unicast_refused:   cover (m_valid && !m_accept && !group);
    multicast_refused: cover (m_valid && !m_accept && group && !broadcast);
    broadcast_refused: cover (m_valid && !m_accept && broadcast);
    back_to_back:      cover (m_valid && start);
    register_waits:    cover (pending_q && walking);
  end

endmodule

bind fn_rx_filter fn_rx_filter_cover i_cover (.*);

`default_nettype wire
