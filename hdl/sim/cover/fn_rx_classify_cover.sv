// What the tests must have seen of fn_rx_classify. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_classify_cover (
  input wire logic         clk,
  input wire logic         rst,
  input wire logic         join_frame,
  input wire logic         accept,
  input wire logic         matched,
  input wire logic [31:0]  action,
  input wire logic         strip,
  input wire logic         strip_enable,
  input wire logic [3:0]   queue,
  input wire logic [255:0] s_completion
);

  localparam int DROP = `FN_FLOW_TABLE_ACTION_DROP_LSB, TO_QUEUE = `FN_FLOW_TABLE_ACTION_TO_QUEUE_LSB;

  logic goes_up, hashed, has_vlan, inner;
  assign goes_up  = join_frame && accept && !action[DROP];
  assign hashed   = s_completion[`FN_RX_COMPLETION_HASH_TYPE] != '0;
  assign has_vlan = s_completion[`FN_RX_COMPLETION_HAS_VLAN];
  assign inner    = s_completion[`FN_RX_COMPLETION_INNER_VLAN];

  always @(posedge clk) if (!rst) begin
    filtered:         cover (join_frame && !accept);
    flow_dropped:     cover (join_frame && accept && action[DROP]);
    flow_to_queue:    cover (goes_up && matched && action[TO_QUEUE]);
    flow_told_only:   cover (goes_up && matched && !action[TO_QUEUE]);
    queue_by_hash:    cover (goes_up && !matched && hashed && queue != '0);
    queue_by_default: cover (goes_up && !hashed);
    tag_stripped:     cover (goes_up && strip && !inner);
    outer_stripped:   cover (goes_up && strip && inner);
    tag_left:         cover (goes_up && has_vlan && !strip_enable);
    stripped_unknown: cover (goes_up && strip && s_completion[`FN_RX_COMPLETION_NETWORK] == '0);
  end

endmodule

bind fn_rx_classify fn_rx_classify_cover i_cover (.*);

`default_nettype wire
