// What the tests must have seen of fn_tx_checksum. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_checksum_cover #(
  parameter bit VLAN     = 1'b0,
  parameter int LENGTH_W = 11
) (
  input wire logic                clk,
  input wire logic                rst,
  input wire logic                advance,
  input wire logic                valid1_q,
  input wire logic                last1_q,
  input wire logic                abort1_q,
  input wire logic [7:0]          abort_status1_q,
  input wire logic [7:0]          status,
  input wire logic                over1_q,
  input wire logic [LENGTH_W-1:0] end1_q,
  input wire logic [16:0]         position1_q,
  input wire logic                insert1_q,
  input wire logic                odd1_q,
  input wire logic                vlan1_q,
  input wire logic                valid3_q,
  input wire logic                last3_q,
  input wire logic                insert3_q,
  input wire logic                drop3_q,
  input wire logic                zero3_q,
  input wire logic [16:0]         fold,
  input wire logic [15:0]         folded,
  input wire logic                valid4_q,
  input wire logic                store_tready,
  input wire logic                status_tready,
  input wire logic                last4_q,
  input wire logic                more4_q,
  input wire logic                low_due_q,
  input wire logic                out_tvalid,
  input wire logic                out_tready
);

  logic judged, sums;
  assign judged = valid1_q && last1_q && advance;
  assign sums   = valid3_q && last3_q && advance && insert3_q && !drop3_q;

  always @(posedge clk) if (!rst) begin
    // Verdicts.
    good:                 cover (judged && status == `FN_STATUS_OK && insert1_q);
    good_without:         cover (judged && status == `FN_STATUS_OK && !insert1_q);
    unsupported:          cover (judged && status == `FN_STATUS_UNSUPPORTED);
    too_long:             cover (judged && status == `FN_STATUS_OVERSIZE && over1_q);
    too_short:            cover (judged && status == `FN_STATUS_OVERSIZE && end1_q < LENGTH_W'(14));
    length_mismatch:      cover (judged && status == `FN_STATUS_LENGTH_MISMATCH);
    checksum_range:       cover (judged && status == `FN_STATUS_CHECKSUM_RANGE);
    longest:              cover (judged && status == `FN_STATUS_OK && end1_q == LENGTH_W'(1518));
    shortest:             cover (judged && status == `FN_STATUS_OK && end1_q == LENGTH_W'(14));
    field_at_end:         cover (judged && status == `FN_STATUS_OK && insert1_q && position1_q + 17'd2 == 17'(end1_q));
    aborted:              cover (judged && abort1_q && abort_status1_q == `FN_STATUS_OK);

    // Sums.
    odd_start:            cover (judged && status == `FN_STATUS_OK && insert1_q && odd1_q);
    carry_folded:         cover (sums && fold[16]);
    zero_to_ones:         cover (sums && (&folded) && zero3_q);
    zero_kept:            cover (sums && (&folded) && !zero3_q);
    field_over_two_beats: cover (low_due_q && out_tvalid);

    // Flow.
    store_full:           cover (valid4_q && !store_tready);
    statuses_full:        cover (valid4_q && !status_tready);
    sink_stalls:          cover (out_tvalid && !out_tready);
  end

  generate
    if (VLAN) begin : g_vlan  // in the whole transmit path: segments come from fn_tx_segment, tags go in behind
      always @(posedge clk) if (!rst) begin
        no_room_for_tag:    cover (judged && status == `FN_STATUS_OVERSIZE && vlan1_q && !over1_q && end1_q > LENGTH_W'(1514));
        segment_stored:     cover (valid4_q && last4_q && advance && more4_q);
        aborted_by_segment: cover (judged && abort1_q && abort_status1_q != `FN_STATUS_OK);
      end
    end
  endgenerate

endmodule

bind fn_tx_checksum fn_tx_checksum_cover #(.VLAN(VLAN), .LENGTH_W(LENGTH_W)) i_cover (.*);

`default_nettype wire
