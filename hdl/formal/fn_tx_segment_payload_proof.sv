// prove bytes-16 | DATA_W=16 | induction 1 abc | every byte of payload leaves once, in its order, behind the headers of its segment; the last segment ends with the frame; once a segment is out, only a frame that is not as told is aborted
// mutant fn_tx_segment.sv | s/held_at_q <= seam_lane == '0 \? COUNT_W'\(KEEP_W\) : seam_lane;/held_at_q <= seam_lane;/
// Follows one byte of payload that the engine chooses by its place. fn_tx_segment_arithmetic_proof has the lengths that the segments must have.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_segment_payload_proof #(
  parameter int DATA_W    = 64,
  parameter int MAX_FRAME = 1518
) (
  input wire logic                           clk,
  input wire logic [DATA_W-1:0]              s_tdata,
  input wire logic [DATA_W/8-1:0]            s_tkeep,
  input wire logic                           s_tvalid,
  input wire logic                           s_tlast,
  input wire logic [`FN_TX_HEADER_WIDTH-1:0] s_tuser,
  input wire logic                           s_tabort,
  input wire logic                           m_tready,
  input wire logic [15:0]                    place  // of any byte of the payload, as it is in the frame's first beat
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int LANE_W  = $clog2(KEEP_W);
  localparam int COUNT_W = LANE_W + 2;
  localparam int TURN_W  = LANE_W > 0 ? LANE_W : 1;
  localparam int ADDR_W  = 8 - LANE_W;
  localparam logic [2:0] IDLE = 3'd0, PASS = 3'd1, LOAD = 3'd2, JUDGE = 3'd3, SEND = 3'd4, DRAIN = 3'd5;

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic                s_tready, m_tvalid, m_tlast, m_tabort, m_tmore;
  logic [DATA_W-1:0]   m_tdata;
  logic [KEEP_W-1:0]   m_tkeep;

  fn_tx_segment #(.DATA_W(DATA_W), .MAX_FRAME(MAX_FRAME)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .s_axis_tabort(s_tabort),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tuser(),
    .m_axis_tabort(m_tabort), .m_axis_tstatus(), .m_axis_tmore(m_tmore), .count_cut(), .count_segment(), .idle()
  );

  // ---------------------------------------------------------------- what went in
  logic              take, first, inside_q, cut, cut_q, aborted_q, whole_q, broken, broken_q;
  logic [20:0]       at, at_q;       // where in the frame this beat begins
  logic [3:0]        bytes;
  logic [19:0]       length, payload;
  logic [15:0]       mss, place_q, marked_at;
  logic [7:0]        headers, byte_q;
  logic              seen_q;         // the marked byte has come
  (* hierconn *) wire [`FN_TX_HEADER_WIDTH-1:0] \dut.request_q ;
  logic [20:0]       mark;           // the marked byte's place in the frame
  logic [7:0]        headers_now;
  logic [19:0]       length_now;

  assign mss         = \dut.request_q [`FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE];
  assign length      = \dut.request_q [`FN_TX_HEADER_LENGTH];
  assign headers     = \dut.request_q [`FN_TX_HEADER_HEADER_LENGTH];
  assign payload     = length - 20'(headers);
  assign take        = s_tvalid && s_tready;
  assign first       = !inside_q;
  assign at          = first ? '0 : at_q;
  assign cut         = first ? s_tuser[`FN_TX_HEADER_SEGMENTATION] != '0 : cut_q;
  assign headers_now = first ? s_tuser[`FN_TX_HEADER_HEADER_LENGTH] : headers;
  assign length_now  = first ? s_tuser[`FN_TX_HEADER_LENGTH] : length;
  assign marked_at   = first ? place : place_q;
  assign mark        = 21'(headers_now) + 21'(marked_at);
  assign broken      = (!first && broken_q) || s_tabort || (s_tlast ? at + 21'(bytes) != 21'(length_now) : at + 21'(KEEP_W) >= 21'(length_now));

  always_comb begin
    bytes = '0;
    for (int i = 0; i < KEEP_W; i++) bytes = bytes + 4'(s_tkeep[i]);
  end

  // tkeep counts from lane 0 and is full but for the last beat; what was given up stays given up.
  always_comb if (!rst && s_tvalid) assume (s_tkeep[0] && (s_tkeep & (s_tkeep + 1'b1)) == '0 && (s_tlast || &s_tkeep) && (first || s_tabort || !aborted_q));

  always_ff @(posedge clk) begin
    if (take) begin
      inside_q  <= !s_tlast;
      aborted_q <= s_tabort;
      cut_q     <= cut;
      whole_q   <= s_tlast;
      broken_q  <= broken;
      place_q   <= marked_at;
      if (!broken) at_q <= at + 21'(KEEP_W);
      seen_q <= !first && seen_q;
      for (int i = 0; i < KEEP_W; i++) begin
        if (at + 21'(i) == mark && (first || !seen_q)) begin
          byte_q <= s_tdata[8*i +: 8];
          seen_q <= 1'b1;
        end
      end
    end
    if (rst) inside_q <= 1'b0;
  end

  // ---------------------------------------------------------------- what comes out
  (* hierconn *) wire [2:0]         \dut.state_q ;
  (* hierconn *) wire [19:0]        \dut.in_left_q ;
  (* hierconn *) wire [ADDR_W-1:0]  \dut.at_q , \dut.header_end_q ;
  (* hierconn *) wire [8:0]         \dut.network_length_q , \dut.transport_header_q ;
  (* hierconn *) wire               \dut.in_more_q , \dut.plain_q , \dut.bounded_q , \dut.sound_q , \dut.oversize_q , \dut.wrong_q , \dut.ended_q , \dut.aborted_q ;
  (* hierconn *) wire [KEEP_W-1:0]  \dut.in_keep_q ;
  (* hierconn *) wire [17:0]        \dut.room_q ;
  (* hierconn *) wire               \dut.next_last_q , \dut.last_q , \dut.plan_q , \dut.in_header_q , \dut.seam_q , \dut.head_q , \dut.end_q , \dut.turn_over_q ;
  (* hierconn *) wire               \dut.begin_segment , \dut.beat_free , \dut.moves , \dut.out_ready ;
  (* hierconn *) wire               \dut.beat_valid_q , \dut.beat_need_q , \dut.beat_end_q , \dut.beat_last_q ;
  (* hierconn *) wire [KEEP_W-1:0]  \dut.beat_keep_q , \dut.beat_header_q , \dut.beat_held_q , \dut.made_keep_q , \dut.made_header_q ;
  (* hierconn *) wire               \dut.made_valid_q , \dut.made_end_q , \dut.made_abort_q , \dut.made_more_q ;
  (* hierconn *) wire [DATA_W-1:0]  \dut.made_data_q ;
  (* hierconn *) wire [1:0]         \dut.step_q ;
  (* hierconn *) wire [15:0]        \dut.left_q , \dut.next_length_q , \dut.total_q ;
  (* hierconn *) wire [16:0]        \dut.out_left_q , \dut.next_total_q ;
  (* hierconn *) wire [TURN_W-1:0]  \dut.turn_q , \dut.beat_turn_q ;
  (* hierconn *) wire [DATA_W-1:0]  \dut.held_q ;
  (* hierconn *) wire [COUNT_W-1:0] \dut.held_at_q , \dut.from_lane , \dut.to_lane ;

  logic loading, judging, sending;
  assign loading = \dut.state_q == LOAD;
  assign judging = \dut.state_q == JUDGE;
  assign sending = \dut.state_q == SEND;

  // Of the segment that is planned: its bytes so far, headers among them. Places in the frame: of the next byte of payload to be planned, and behind this segment's last.
  // A beat's payload begins in lane `from` with the byte of place `next`; `place`: were it to begin in lane 0.
  logic [16:0] front_q;
  logic [20:0] next_q, end_q;
  logic [1:0]  age_q;
  logic [COUNT_W-1:0] beat_from_q, beat_to_q, beat_held_at_q, made_from_q, out_from_q;
  logic [20:0] beat_next_q, made_place_q, out_place_q;
  logic        cut_out_q;      // what is in the output register is of a segment
  always_ff @(posedge clk) begin
    age_q <= \dut.begin_segment ? 2'd0 : age_q + 2'(age_q != 2'd3);
    if (\dut.beat_free ) begin
      front_q        <= front_q + 17'(KEEP_W);
      beat_from_q    <= \dut.from_lane ;
      beat_to_q      <= \dut.to_lane ;
      beat_held_at_q <= \dut.held_at_q ;
      beat_next_q    <= next_q;
      if (\dut.plan_q ) next_q <= next_q + 21'(COUNT_W'(\dut.to_lane - \dut.from_lane ));
    end
    if (\dut.begin_segment ) begin
      front_q <= '0;
      end_q   <= (judging ? 21'(headers) : end_q) + 21'(\dut.next_length_q );
      if (judging) next_q <= 21'(headers);
    end
    if (\dut.out_ready ) begin
      made_from_q  <= beat_from_q;
      made_place_q <= beat_next_q - 21'(beat_from_q);
      cut_out_q    <= \dut.made_valid_q ;
      out_from_q   <= made_from_q;
      out_place_q  <= made_place_q;
    end
  end

  logic [20:0] marked;
  assign marked = 21'(headers) + 21'(place_q);
  always_comb if (!rst && m_tvalid && cut_out_q && !m_tabort) begin
    for (int i = 0; i < KEEP_W; i++) begin
      if (m_tkeep[i] && out_from_q <= COUNT_W'(i) && out_place_q + 21'(i) == marked) assert (seen_q && m_tdata[8*i +: 8] == byte_q);
    end
    if (m_tlast && !m_tmore) assert (whole_q && !broken_q && next_q == 21'(length));
  end
  always_comb if (!rst && m_tvalid && cut_out_q && m_tabort) assert (m_tlast && broken_q && (m_tmore || whole_q));
  always_comb if (!rst && \dut.plan_q ) begin
    for (int i = 0; i < KEEP_W; i++) assert ((\dut.from_lane <= COUNT_W'(i)) == (front_q + 17'(i) >= 17'(headers)));
  end

  // ---------------------------------------------------------------- lemmas
  logic [15:0] start;
  logic [7:0]  network;
  assign start   = \dut.request_q [`FN_TX_HEADER_CHECKSUM_START];
  assign network = \dut.request_q [`FN_TX_HEADER_NETWORK_OFFSET];

  always_comb if (!rst) begin
    assert (\dut.state_q <= DRAIN);
    assert (sending == (\dut.plan_q || \dut.beat_valid_q ));
    assert (inside_q == (\dut.state_q == PASS || loading || ((judging || sending) && !whole_q) || \dut.state_q == DRAIN));
    if (\dut.state_q == IDLE && !\dut.made_valid_q ) assert (\dut.at_q == '0 && (!m_tvalid || m_tlast) && (!m_tvalid || !cut_out_q || !m_tmore));
    if (\dut.state_q == IDLE && \dut.made_valid_q ) assert (!inside_q && cut_q && \dut.made_end_q && !\dut.made_more_q && (!m_tvalid || cut_out_q && !m_tabort && (!m_tlast || m_tmore)));
    if (\dut.state_q == PASS) assert (!cut_q && !\dut.made_valid_q && (!m_tvalid || !cut_out_q));
    if (\dut.state_q == DRAIN && \dut.made_valid_q ) assert (\dut.made_abort_q && \dut.made_end_q && \dut.made_more_q && broken_q && (!m_tvalid || cut_out_q && !m_tabort && (!m_tlast || m_tmore)));
    if (\dut.state_q == DRAIN && !\dut.made_valid_q && m_tvalid) assert (cut_out_q && m_tabort && m_tlast && m_tmore);
    if (loading || judging || sending) assert (cut_q);
    if (loading || judging) assert (!m_tvalid && !\dut.made_valid_q );
    if (sending && m_tvalid) assert (cut_out_q && !m_tabort && (!m_tlast || m_tmore));
    if (sending && \dut.made_valid_q ) assert (!\dut.made_abort_q && (!\dut.made_end_q || \dut.made_more_q ));
    if (\dut.made_valid_q ) assert (\dut.made_abort_q ? \dut.made_end_q && broken_q && (\dut.made_more_q || whole_q) : !\dut.made_end_q || \dut.made_more_q || whole_q && !broken_q && next_q == 21'(length));
    if (\dut.made_valid_q && !sending) assert (\dut.state_q == IDLE || \dut.state_q == DRAIN);

    // The frame so far.
    if (inside_q && cut_q && !broken_q) assert (at_q < 21'(length) && at_q != '0 && \dut.in_left_q == length - 20'(at_q));
    if (inside_q && cut_q && !broken_q) assert (\dut.in_more_q == (\dut.in_left_q > 20'(KEEP_W)));
    if (inside_q && cut_q && !broken_q && !\dut.in_more_q ) begin
      for (int i = 0; i < KEEP_W; i++) assert (\dut.in_keep_q [i] == (\dut.in_left_q > 20'(i)));
    end
    if ((judging || sending) && whole_q && !broken_q) assert (at_q >= 21'(length) && at_q < 21'(length) + 21'(KEEP_W));
    if ((loading || judging || sending) && !broken_q) assert ((at_q & 21'(KEEP_W - 1)) == '0);
    if (loading || judging) assert (broken_q == (\dut.wrong_q || \dut.aborted_q ) && aborted_q == \dut.aborted_q && (!judging || \dut.ended_q == whole_q));
    if (loading) assert (!whole_q && \dut.header_end_q == ADDR_W'((headers - 8'd1) >> LANE_W));
    if (loading && !broken_q) assert (at_q == 21'(\dut.at_q ) << LANE_W && (\dut.at_q == ADDR_W'(1) || \dut.at_q <= ADDR_W'((headers - 8'd1) >> LANE_W)));
    if (judging && !broken_q && length > 20'(headers) && headers > 8'(KEEP_W)) assert (at_q >= 21'(headers) && at_q < 21'(headers) + 21'(KEEP_W));
    if ((loading || judging || sending) && !broken_q) assert (seen_q == (at_q > marked));
    if ((loading || judging || sending) && !broken_q)
      for (int i = 0; i < KEEP_W; i++) if (marked == at_q - 21'(KEEP_W) + 21'(i)) assert (\dut.held_q [8*i +: 8] == byte_q);

    // Judging, a step each clock.
    if (judging && \dut.step_q >= 2'd1) begin
      assert (\dut.network_length_q == {1'b0, start[7:0]} - {1'b0, network} && \dut.transport_header_q == {1'b0, headers} - {1'b0, start[7:0]});
      assert (\dut.left_q == 16'(payload) && \dut.at_q == '0);
      assert (\dut.held_at_q == ((headers & 8'(KEEP_W - 1)) == '0 ? COUNT_W'(KEEP_W) : COUNT_W'(headers & 8'(KEEP_W - 1))));
      assert (\dut.room_q == 18'(\dut.request_q [`FN_TX_HEADER_INSERT_VLAN] ? MAX_FRAME - 4 : MAX_FRAME) - 18'(headers));
      if (\dut.plain_q ) assert (mss != '0 && start[15:8] == '0 && network >= 8'd14);
      if (\dut.bounded_q ) assert (length > 20'(headers) && length <= 20'd65535 + 20'(network));
    end
    if (judging && \dut.step_q >= 2'd2) begin
      if (\dut.sound_q ) assert (headers >= 8'd42 && mss != '0 && length > 20'(headers) && payload < 20'd65536);
      assert (\dut.next_length_q == (\dut.left_q <= mss ? \dut.left_q : mss) && \dut.next_last_q == (\dut.left_q <= mss));
    end
    if (judging && \dut.step_q == 2'd3) assert (\dut.next_total_q == 17'(headers) + 17'(\dut.next_length_q ) && (\dut.oversize_q || \dut.next_total_q <= 17'(MAX_FRAME)));

    if (sending) begin
      assert (!broken_q && mss != '0 && headers >= 8'd42 && length > 20'(headers) && at_q >= 21'(headers));
      assert (\dut.plan_q || (\dut.beat_end_q && \dut.beat_last_q && next_q == 21'(length)));
    end
    if (\dut.plan_q ) begin
      if (age_q != '0) assert (\dut.next_length_q == (\dut.left_q <= mss ? \dut.left_q : mss) && \dut.next_last_q == (\dut.left_q <= mss));
      if (age_q >= 2'd2) assert (\dut.next_total_q == 17'(headers) + 17'(\dut.next_length_q ));
      if (age_q != 2'd3) assert (front_q <= 17'(age_q) * 17'(KEEP_W));
      assert (17'(\dut.total_q ) > 17'(headers) && \dut.total_q <= 16'(MAX_FRAME) && 17'(\dut.total_q ) == front_q + \dut.out_left_q && front_q < 17'(\dut.total_q ));
      assert ((front_q & 17'(KEEP_W - 1)) == '0 && \dut.last_q == (\dut.left_q == '0));
      assert (\dut.end_q == (\dut.out_left_q <= 17'(KEEP_W)) && \dut.head_q == (front_q == '0));
      if (!\dut.last_q ) assert (17'(\dut.total_q ) == 17'(headers) + 17'(mss));
      assert (end_q + 21'(\dut.left_q ) == 21'(length));
      if (front_q <= 17'(headers)) assert (next_q + 21'(\dut.total_q ) - 21'(headers) == end_q);
      else assert (next_q + 21'(\dut.out_left_q ) == end_q);
      if (LANE_W != 0) assert (next_q[TURN_W-1:0] == TURN_W'(\dut.turn_q + (\dut.in_header_q ? headers[TURN_W-1:0] : '0)));
      assert (\dut.in_header_q == ((front_q >> LANE_W) <= 17'(headers >> LANE_W)));
      assert (17'(\dut.at_q ) == ((front_q >> LANE_W) & 17'((1 << ADDR_W) - 1)));
      if (\dut.in_header_q ) assert (\dut.seam_q == ((front_q >> LANE_W) == 17'(headers >> LANE_W)));
      assert (\dut.held_at_q <= COUNT_W'(KEEP_W));
      // What is taken from the input until the beat is planned that waits now, and so the held beat's place then.
      assert ((\dut.beat_valid_q && \dut.beat_need_q ? at_q : at_q - 21'(KEEP_W)) + 21'(\dut.held_at_q ) == next_q);
    end
    assert (\dut.turn_over_q == (\dut.plan_q && \dut.end_q && !\dut.last_q ));

    // A beat's payload is what the held beat has left, and then the coming one's.
    if (\dut.beat_valid_q ) begin
      assert (beat_from_q <= COUNT_W'(KEEP_W) && beat_to_q <= COUNT_W'(KEEP_W) && beat_from_q <= beat_to_q && beat_held_at_q <= COUNT_W'(KEEP_W));
      assert (\dut.beat_need_q == (beat_held_at_q + beat_to_q - beat_from_q > COUNT_W'(KEEP_W)));
      assert (at_q - 21'(KEEP_W) + 21'(beat_held_at_q) == beat_next_q);
      if (LANE_W != 0 && beat_from_q != COUNT_W'(KEEP_W)) assert (TURN_W'(beat_next_q - 21'(beat_from_q)) == \dut.beat_turn_q );
      if (\dut.beat_end_q && \dut.beat_last_q ) assert (beat_next_q + 21'(COUNT_W'(beat_to_q - beat_from_q)) == 21'(length));
      if (!\dut.beat_end_q ) assert (&\dut.beat_keep_q && \dut.plan_q && !\dut.head_q );
      else assert (\dut.beat_last_q ? !\dut.plan_q : \dut.plan_q && \dut.head_q );
      for (int i = 0; i < KEEP_W; i++) assert (\dut.beat_keep_q [i] == (beat_to_q > COUNT_W'(i)) && \dut.beat_header_q [i] == (beat_from_q > COUNT_W'(i)) && \dut.beat_held_q [i] == (beat_held_at_q <= COUNT_W'(i)));
    end else if (sending) assert (\dut.head_q && !\dut.made_valid_q && next_q == 21'(headers));
    if (\dut.made_valid_q && !\dut.made_abort_q ) begin
      for (int i = 0; i < KEEP_W; i++) begin
        if (made_from_q <= COUNT_W'(i)) assert (!\dut.made_header_q [i]);
        if (\dut.made_keep_q [i] && made_from_q <= COUNT_W'(i) && made_place_q + 21'(i) == marked) assert (seen_q && \dut.made_data_q [8*i +: 8] == byte_q);
      end
    end
  end

endmodule

`default_nettype wire
