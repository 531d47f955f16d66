// What the tests must have seen of fn_usb_tx. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_usb_tx_cover (
  input wire logic       clk,
  input wire logic       rst,
  input wire logic [2:0] state_q,
  input wire logic       take,
  input wire logic       first,
  input wire logic       last,
  input wire logic       open_q,
  input wire logic [7:0] part,
  input wire logic [7:0] sequence_q,
  input wire logic       part_last,
  input wire logic       too_long,
  input wire logic       final_byte,
  input wire logic       room,
  input wire logic       stopping,
  input wire logic       part_valid,
  input wire logic       overrun,
  input wire logic       m_axis_tvalid,
  input wire logic       m_axis_tready,
  input wire logic       m_axis_tabort,
  input wire logic       s_part_drop,
  input wire logic       s_part_tvalid,
  input wire logic       s_part_tlast,
  input wire logic       m_status_tvalid,
  input wire logic       m_status_tready
);

  localparam logic [2:0] SEQUENCE = 3'd0, HEADER = 3'd2, BYTES = 3'd3, SKIP = 3'd4;

  logic begins;
  assign begins = state_q == SEQUENCE && take && !part_last;

  always @(posedge clk) if (!rst) begin
    frame_in_one:       cover (begins && first && last && !open_q);
    frame_goes_on:      cover (begins && !first && open_q && part == sequence_q + 8'd1);
    sequence_wraps:     cover (begins && !first && open_q && part == '0 && (&sequence_q));
    frame_whole:        cover (state_q == BYTES && take && final_byte && !m_axis_tabort);
    part_missing:       cover (begins && !first && open_q && part != sequence_q + 8'd1);
    end_missing:        cover (begins && first && open_q);
    begin_missing:      cover (begins && !first && !open_q);
    only_a_number:      cover (state_q == SEQUENCE && take && part_last);
    header_cut:         cover (state_q == HEADER && take && part_last);
    longer_than_told:   cover (state_q == BYTES && take && too_long);
    shorter_than_told:  cover (state_q == BYTES && take && final_byte && m_axis_tabort && !too_long);
    rest_skipped:       cover (state_q == SKIP && take && part_last);
    part_was_bad:       cover (s_part_tvalid && s_part_tlast && s_part_drop);
    buffer_overrun:     cover (overrun);
    core_stalls:        cover (m_axis_tvalid && !m_axis_tready);
    statuses_full:      cover (state_q == BYTES && part_valid && !room);
    status_waits:       cover (m_status_tvalid && !m_status_tready);
    stops_before_frame: cover (state_q == SEQUENCE && part_valid && stopping);
  end

endmodule

bind fn_usb_tx fn_usb_tx_cover i_cover (.*);

`default_nettype wire
