// What the tests must have seen of fn_tx_judge. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_judge_cover #(
  parameter bit VLAN    = 1'b0,
  parameter int PLACE_W = 11
) (
  input wire logic               clk,
  input wire logic               rst,
  input wire logic               valid_q,
  input wire logic               abort_q,
  input wire logic [7:0]         abort_status_q,
  input wire logic [7:0]         status,
  input wire logic               over1_q,
  input wire logic               short_q,
  input wire logic [PLACE_W-1:0] bytes_q,
  input wire logic [16:0]        s_position,
  input wire logic               insert_q,
  input wire logic               vlan_q,
  input wire logic               more_q,
  input wire logic               room
);

  logic        good;
  logic [16:0] position_q;
  always_ff @(posedge clk) position_q <= s_position;
  assign good = valid_q && status == `FN_STATUS_OK && !abort_q;

  always @(posedge clk) if (!rst) begin
    good_with:       cover (good && insert_q);
    good_without:    cover (good && !insert_q);
    unsupported:     cover (valid_q && status == `FN_STATUS_UNSUPPORTED);
    too_long:        cover (valid_q && status == `FN_STATUS_OVERSIZE && over1_q);
    too_short:       cover (valid_q && status == `FN_STATUS_OVERSIZE && short_q);
    length_mismatch: cover (valid_q && status == `FN_STATUS_LENGTH_MISMATCH);
    checksum_range:  cover (valid_q && status == `FN_STATUS_CHECKSUM_RANGE);
    longest:         cover (good && bytes_q == PLACE_W'(1518));
    shortest:        cover (good && bytes_q == PLACE_W'(14));
    field_at_end:    cover (good && insert_q && position_q + 17'd2 == 17'(bytes_q));
    aborted:         cover (valid_q && abort_q && abort_status_q == `FN_STATUS_OK);
    statuses_full:   cover (!room);
  end

  generate
    if (VLAN) begin : g_vlan  // in the whole transmit path: segments come from fn_tx_segment, tags go in behind
      always @(posedge clk) if (!rst) begin
        no_room_for_tag:    cover (valid_q && status == `FN_STATUS_OVERSIZE && vlan_q && !over1_q && bytes_q > PLACE_W'(1514));
        segment:            cover (valid_q && more_q);
        aborted_by_segment: cover (valid_q && abort_q && abort_status_q != `FN_STATUS_OK);
      end
    end
  endgenerate

endmodule

bind fn_tx_judge fn_tx_judge_cover #(.VLAN(VLAN), .PLACE_W(PLACE_W)) i_cover (.*);

`default_nettype wire
