// What the tests must have seen of fn_tx_segment. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_segment_cover #(
  parameter int DATA_W = 64,
  parameter int USER_W = 128,
  parameter int TURN_W = DATA_W > 8 ? $clog2(DATA_W / 8) : 1,
  parameter int COUNT_W = $clog2(DATA_W / 8) + 2
) (
  input wire logic               clk,
  input wire logic               rst,
  input wire logic [2:0]         state_q,
  input wire logic [2:0]         kind,
  input wire logic [19:0]        length,
  input wire logic [15:0]        start,
  input wire logic [15:0]        mss,
  input wire logic [7:0]         network,
  input wire logic [7:0]         header_length,
  input wire logic [USER_W-1:0]  request_q,
  input wire logic               is_tcp,
  input wire logic               is_ipv4,
  input wire logic [18*8-1:0]    transport_q,
  input wire logic [15:0]        total_q,
  input wire logic [15:0]        identification_q,
  input wire logic [31:0]        sequence_q,
  input wire logic [TURN_W-1:0]  beat_turn_q,
  input wire logic [COUNT_W-1:0] seam_lane,
  input wire logic               judged,
  input wire logic [7:0]         verdict,
  input wire logic               aborted_q,
  input wire logic               begin_segment,
  input wire logic               beat_first_q,
  input wire logic               beat_last_q,
  input wire logic               moves,
  input wire logic               beat_valid_q,
  input wire logic               beat_need_q,
  input wire logic               bad,
  input wire logic               beat_end_q,
  input wire logic               segmented,
  input wire logic               take,
  input wire logic               out_ready,
  input wire logic               s_axis_tvalid,
  input wire logic               s_axis_tlast,
  input wire logic               s_axis_tabort,
  input wire logic               m_axis_tvalid,
  input wire logic               m_axis_tready
);

  localparam logic [2:0] IDLE = 3'd0, SEND = 3'd4, DRAIN = 3'd5;
  localparam logic [2:0] TCP4 = 3'd1, TCP6 = 3'd2, UDP4 = 3'd3, UDP6 = 3'd4;
  localparam int FIN = 8 * 13, PSH = 8 * 13 + 3, CWR = 8 * 13 + 7;

  logic       cut, cut_q;     // to its end
  logic [8:0] network_bytes;  // of headers before the transport's
  logic       has_tag, options;
  assign cut           = moves && beat_end_q && !bad && beat_last_q;
  assign network_bytes = start[8:0] - {1'b0, network};
  assign has_tag        = network == 8'd18;
  assign options       = is_ipv4 ? network_bytes > 9'd20 : network_bytes > 9'd40;

  always @(posedge clk) begin
    cut_q <= cut && !rst;
    if (!rst) begin
      // Kinds.
      tcp_over_ipv4:         cover (cut && kind == TCP4);
      tcp_over_ipv6:         cover (cut && kind == TCP6);
      udp_over_ipv4:         cover (cut && kind == UDP4);
      udp_over_ipv6:         cover (cut && kind == UDP6);
      tcp_over_ipv4_tagged:  cover (cut && kind == TCP4 && has_tag);
      tcp_over_ipv6_tagged:  cover (cut && kind == TCP6 && has_tag);
      udp_over_ipv4_tagged:  cover (cut && kind == UDP4 && has_tag);
      udp_over_ipv6_tagged:  cover (cut && kind == UDP6 && has_tag);
      tcp_ipv4_options:      cover (cut && kind == TCP4 && options);
      udp_ipv4_options:      cover (cut && kind == UDP4 && options);
      tcp_ipv6_extension:    cover (cut && kind == TCP6 && options);
      udp_ipv6_extension:    cover (cut && kind == UDP6 && options);
      tcp_options:           cover (cut && is_tcp && {8'd0, header_length} - start > 16'd20);
      two_tags:              cover (cut && network == 8'd22);
      tag_to_insert:         cover (cut && request_q[`FN_TX_HEADER_INSERT_VLAN]);

      // Lengths.
      one_segment:           cover (cut && beat_first_q);
      several_segments:      cover (cut && !beat_first_q);
      last_full:             cover (cut && total_q == {8'd0, header_length} + mss);
      last_short:            cover (cut && !beat_first_q && total_q < {8'd0, header_length} + mss);
      odd_segment:           cover (cut && !beat_first_q && mss[0]);
      longest_packet:        cover (cut && length > 20'd65535);

      // Fields.
      fin_kept_back:         cover (moves && beat_end_q && is_tcp && !beat_last_q && transport_q[FIN]);
      psh_kept_back:         cover (moves && beat_end_q && is_tcp && !beat_last_q && transport_q[PSH]);
      cwr_taken_off:         cover (moves && beat_end_q && is_tcp && !beat_first_q && transport_q[CWR]);
      sequence_wraps:        cover (begin_segment && !judged && is_tcp && sequence_q + 32'(mss) < sequence_q);
      identification_wraps:  cover (begin_segment && !judged && is_ipv4 && (&identification_q));

      // Refused at once, and given up on the way.
      length_mismatch:       cover (judged && verdict == `FN_STATUS_LENGTH_MISMATCH);
      bad_segmentation:      cover (judged && verdict == `FN_STATUS_BAD_SEGMENTATION);
      oversize:              cover (judged && verdict == `FN_STATUS_OVERSIZE);
      aborted_in_headers:    cover (judged && aborted_q);
      ends_too_soon:         cover (moves && bad && s_axis_tlast && !s_axis_tabort);
      longer_than_told:      cover (moves && bad && !s_axis_tlast && !s_axis_tabort);
      aborted_on_the_way:    cover (moves && bad && s_axis_tabort);
      drained:               cover (state_q == DRAIN && take && s_axis_tlast);

      // Flow.
      passes_uncut:          cover (take && state_q == IDLE && !segmented);
      sink_stalls:           cover (state_q == SEND && m_axis_tvalid && !m_axis_tready);
      source_starves:        cover (beat_valid_q && beat_need_q && out_ready && !s_axis_tvalid);
      next_waits:            cover (cut_q && s_axis_tvalid);
    end
  end

  generate
    if (DATA_W > 8) begin : g_lanes
      always @(posedge clk) if (!rst) begin
        payload_turned:    cover (moves && beat_end_q && beat_turn_q != '0);
        payload_straight:  cover (moves && beat_end_q && !beat_first_q && beat_turn_q == '0);
      end
    end
    if (DATA_W == 64) begin : g_seams
      always @(posedge clk) if (!rst) begin
        seam_low:          cover (cut && seam_lane == COUNT_W'(2));
        seam_high:         cover (cut && seam_lane == COUNT_W'(6));
      end
    end
  endgenerate

endmodule

bind fn_tx_segment fn_tx_segment_cover #(.DATA_W(DATA_W), .USER_W(USER_W)) i_cover (.*);

`default_nettype wire
