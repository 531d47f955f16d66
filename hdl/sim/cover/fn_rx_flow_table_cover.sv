// What the tests must have seen of fn_rx_flow_table. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_flow_table_cover #(
  parameter int SLOTS = 256,
  parameter int WORDS = 9
) (
  input wire logic             clk,
  input wire logic             rst,
  input wire logic             compared_q,
  input wire logic             compared_last_q,
  input wire logic             kind_q,
  input wire logic [WORDS-1:0] equal_q,
  input wire logic [31:0]      action3_q,
  input wire logic             s_keyed,
  input wire logic             s_udp,
  input wire logic             s_ipv6,
  input wire logic             key_write,
  input wire logic             grant,
  input wire logic             write_q,
  input wire logic             in_action_q,
  input wire logic [15:0]      slot_q,
  input wire logic [31:0]      wdata_q,
  input wire logic             read,
  input wire logic             read2_q,
  input wire logic             spoilt2_q,
  input wire logic             m_valid,
  input wire logic             m_matched
);

  localparam int VALID = `FN_FLOW_TABLE_ACTION_VALID_LSB, UDP = `FN_FLOW_TABLE_ACTION_UDP_LSB;

  logic       hit, empty_slot, action_write;
  logic [1:0] place_q;  // which of the four slots is compared
  assign hit          = compared_q && kind_q && (&equal_q);
  assign action_write = grant && write_q && in_action_q;
  assign empty_slot   = compared_q && (&equal_q) && s_keyed && !action3_q[VALID];

  always @(posedge clk) begin
    place_q <= !compared_q || rst ? '0 : place_q + 2'd1;
    if (!rst) begin
      tcp_over_ipv4:    cover (hit && !s_udp && !s_ipv6);
      udp_over_ipv4:    cover (hit && s_udp && !s_ipv6);
      tcp_over_ipv6:    cover (hit && !s_udp && s_ipv6);
      udp_over_ipv6:    cover (hit && s_udp && s_ipv6);
      first_slot:       cover (hit && place_q == 2'd0);
      second_slot:      cover (hit && place_q == 2'd1);
      third_slot:       cover (hit && place_q == 2'd2);
      fourth_slot:      cover (hit && place_q == 2'd3);
      missed:           cover (compared_last_q && !hit && !m_matched && s_keyed);
      other_transport:  cover (compared_q && (&equal_q) && s_keyed && action3_q[VALID] && action3_q[UDP] != s_udp);
      not_valid:        cover (empty_slot);
      no_key:           cover (m_valid && !s_keyed);
      filled:           cover (action_write && wdata_q[VALID]);
      emptied:          cover (action_write && !wdata_q[VALID]);
      written_in_use:   cover (key_write && read);
      spoilt:           cover (read2_q && spoilt2_q);
      no_such_slot:     cover (action_write && slot_q >= 16'(SLOTS));
    end
  end

endmodule

bind fn_rx_flow_table fn_rx_flow_table_cover #(.SLOTS(SLOTS), .WORDS(WORDS)) i_cover (.*);

`default_nettype wire
