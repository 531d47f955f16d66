// What the tests must have seen of fn_tx_parse. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_parse_cover (
  input wire logic         clk,
  input wire logic         rst,
  input wire logic         ends,
  input wire logic         cut,
  input wire logic         take,
  input wire logic         flush,
  input wire logic         slices_q,
  input wire logic         launch_q,
  input wire logic [7:0]   status,
  input wire logic         empty_slice,
  input wire logic         overflow,
  input wire logic [127:0] header_q,
  input wire logic         packet_ready,
  input wire logic         slice_ready,
  input wire logic         s_valid
);

  always @(posedge clk) if (!rst) begin
    good:             cover (ends && status == `FN_STATUS_OK);
    good_launch:      cover (ends && status == `FN_STATUS_OK && header_q[`FN_TX_HEADER_LAUNCH]);
    most_slices:      cover (ends && status == `FN_STATUS_OK && header_q[`FN_TX_HEADER_SLICE_COUNT] == '1);
    no_slices:        cover (ends && !cut && !slices_q);
    empty_one:        cover (ends && !cut && slices_q && empty_slice);
    cut_off:          cover (ends && cut);
    cut_at_launch:    cover (ends && cut && launch_q);
    length_mismatch:  cover (ends && status == `FN_STATUS_LENGTH_MISMATCH && !overflow);
    lengths_overflow: cover (ends && status == `FN_STATUS_LENGTH_MISMATCH && overflow);
    flushed_within:   cover (flush && slices_q);
    packets_full:     cover (s_valid && !packet_ready);
    slices_full:      cover (s_valid && !slice_ready);
    next_at_once:     cover (take && !slices_q && !launch_q);
  end

endmodule

bind fn_tx_parse fn_tx_parse_cover i_cover (.*);

`default_nettype wire
