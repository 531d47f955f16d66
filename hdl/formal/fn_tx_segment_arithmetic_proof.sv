// prove lengths-64 | DATA_W=64 | induction 1 abc | payloads of the segments add up to the request's: each but the last has the MSS, the last 1 to MSS; sequence number, IP id, lengths, checksums, FIN, PSH and CWR are each segment's own
// mutant fn_tx_segment.sv | s/transport_field_q <= total_q - start;/transport_field_q <= total_q - 16'(header_length);/
// prove lengths-32 | DATA_W=32 | induction 1 abc | the same at 32 bits
// mutant fn_tx_segment.sv | s/left_q  <= left_q - next_length_q;/left_q  <= left_q - mss;/
// The requests, the headers' fields as the module caught them and the frames' contents are any; segments are counted apart, and every register that a field of
// the headers is laid over from must be what it is by definition, from the clock on in which its beat may come. What leaves is counted too: as many bytes as told.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_segment_arithmetic_proof #(
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
  input wire logic                           m_tready
);

  localparam int KEEP_W = DATA_W / 8;
  localparam logic [2:0] PASS = 3'd1, LOAD = 3'd2, JUDGE = 3'd3, SEND = 3'd4, DRAIN = 3'd5;
  localparam logic [2:0] TCP4 = 3'd1, TCP6 = 3'd2, UDP4 = 3'd3, UDP6 = 3'd4;

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic                            s_tready, m_tvalid, m_tlast, m_tabort, m_tmore;
  logic [KEEP_W-1:0]               m_tkeep;
  logic [`FN_TX_HEADER_WIDTH-1:0]  m_tuser;

  fn_tx_segment #(.DATA_W(DATA_W), .MAX_FRAME(MAX_FRAME)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .s_axis_tabort(s_tabort),
    .m_axis_tdata(), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tuser(m_tuser),
    .m_axis_tabort(m_tabort), .m_axis_tstatus(), .m_axis_tmore(m_tmore), .count_cut(), .count_segment(), .idle()
  );

  (* hierconn *) wire [`FN_TX_HEADER_WIDTH-1:0] \dut.request_q ;
  (* hierconn *) wire [2:0]      \dut.state_q ;
  (* hierconn *) wire [1:0]      \dut.step_q ;
  (* hierconn *) wire [12*8-1:0] \dut.network_q ;
  (* hierconn *) wire [18*8-1:0] \dut.transport_q ;
  (* hierconn *) wire            \dut.begin_segment , \dut.plain_q , \dut.bounded_q , \dut.sound_q , \dut.oversize_q , \dut.loaded_q , \dut.next_last_q , \dut.last_q , \dut.first_q ;
  (* hierconn *) wire            \dut.plan_q , \dut.end_q , \dut.head_q , \dut.turn_over_q , \dut.beat_free , \dut.bad ;
  (* hierconn *) wire            \dut.beat_valid_q , \dut.beat_head_q , \dut.beat_end_q , \dut.beat_first_q , \dut.beat_last_q , \dut.out_ready ;
  (* hierconn *) wire            \dut.made_valid_q , \dut.made_end_q , \dut.made_abort_q , \dut.made_more_q , \dut.made_launch_q , \dut.made_stamp_q ;
  (* hierconn *) wire [KEEP_W-1:0] \dut.beat_keep_q , \dut.made_keep_q ;
  (* hierconn *) wire [15:0]     \dut.made_length_q ;
  (* hierconn *) wire [15:0]     \dut.left_q , \dut.next_length_q , \dut.total_q , \dut.identification_q ;
  (* hierconn *) wire [31:0]     \dut.sequence_q ;
  (* hierconn *) wire [15:0]     \dut.network_field_q , \dut.transport_field_q , \dut.network_base_q , \dut.pseudo_base_q , \dut.network_checksum_q , \dut.pseudo_q ;
  (* hierconn *) wire [17:0]     \dut.network_old_q , \dut.network_sum_q , \dut.room_q ;
  (* hierconn *) wire [16:0]     \dut.pseudo_old_q , \dut.pseudo_sum_q , \dut.out_left_q , \dut.next_total_q ;
  (* hierconn *) wire [7:0]      \dut.flags ;
  (* hierconn *) wire [8:0]      \dut.network_length_q , \dut.transport_header_q ;

  // ---------------------------------------------------------------- the request, and the headers' fields as they came
  logic [15:0] start, mss, id_old, length_old, check_old, sum_field_old;
  logic [19:0] length, payload;
  logic [31:0] sequence_old;
  logic [7:0]  network, headers, flags_old;
  logic [2:0]  kind;
  logic        is_tcp, is_ipv4;
  assign start   = \dut.request_q [`FN_TX_HEADER_CHECKSUM_START];
  assign mss     = \dut.request_q [`FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE];
  assign length  = \dut.request_q [`FN_TX_HEADER_LENGTH];
  assign network = \dut.request_q [`FN_TX_HEADER_NETWORK_OFFSET];
  assign headers = \dut.request_q [`FN_TX_HEADER_HEADER_LENGTH];
  assign kind    = \dut.request_q [`FN_TX_HEADER_SEGMENTATION];
  assign is_tcp  = kind == TCP4 || kind == TCP6;
  assign is_ipv4 = kind == TCP4 || kind == UDP4;
  assign payload = length - 20'(headers);

  function automatic logic [15:0] swap(input logic [15:0] word);
    swap = {word[7:0], word[15:8]};
  endfunction
  assign length_old    = swap(\dut.network_q [8*2 +: 16]);
  assign id_old        = swap(\dut.network_q [8*4 +: 16]);
  assign check_old     = swap(\dut.network_q [8*10 +: 16]);
  assign sequence_old  = {swap(\dut.transport_q [8*4 +: 16]), swap(\dut.transport_q [8*6 +: 16])};
  assign flags_old     = \dut.transport_q [8*13 +: 8];
  assign sum_field_old = is_tcp ? swap(\dut.transport_q [8*16 +: 16]) : swap(\dut.transport_q [8*6 +: 16]);

  // ---------------------------------------------------------------- the segments, counted apart
  logic        sending;
  logic [19:0] paid_q, left, share;       // payload in the segments before the one that is planned; from it on; in it
  logic [15:0] index_q;                   // its number
  logic [16:0] total;                     // its bytes
  logic        is_first, is_last;
  logic [16:0] front_q, beat_front_q, made_front_q;  // bytes of the segment before the beat that is planned, waits for payload, is made
  logic [16:0] beat_total_q, made_total_q, out_total_q;
  logic        beat_first_q, beat_last_q, made_first_q, made_last_q, out_first_q, out_last_q, cut_q;  // cut: what is in the output register is of a segment
  logic [16:0] out_q, next_out, next_made, next_beat;  // bytes of the segment at the output that are out; before the beat that must come to each stage
  logic [1:0]  age_q, beat_age_q;         // clocks since a segment was begun, since its first beat waits for payload, up to 3
  assign sending   = \dut.state_q == SEND;
  assign left      = payload - paid_q;
  assign is_first  = paid_q == '0;
  assign is_last   = left <= 20'(mss);
  assign share     = is_last ? left : 20'(mss);
  assign total     = 17'(headers) + 17'(share);
  assign next_out  = !m_tvalid ? out_q : m_tlast ? '0 : out_q + 17'(KEEP_W);
  assign next_made = !\dut.made_valid_q ? next_out : \dut.made_end_q ? '0 : made_front_q + 17'(KEEP_W);
  assign next_beat = !\dut.beat_valid_q ? next_made : \dut.beat_end_q ? '0 : beat_front_q + 17'(KEEP_W);

  always_ff @(posedge clk) begin
    age_q      <= \dut.begin_segment ? 2'd0 : age_q + 2'(age_q != 2'd3);
    beat_age_q <= \dut.beat_free && \dut.head_q ? 2'd0 : beat_age_q + 2'(beat_age_q != 2'd3);
    if (\dut.beat_free ) begin
      front_q      <= front_q + 17'(KEEP_W);
      beat_front_q <= front_q;
      beat_total_q <= total;
      beat_first_q <= is_first;
      beat_last_q  <= is_last;
    end
    if (\dut.begin_segment ) begin
      front_q <= '0;
      paid_q  <= \dut.state_q == JUDGE ? '0 : paid_q + share;
      index_q <= \dut.state_q == JUDGE ? '0 : index_q + 16'd1;
    end
    if (\dut.out_ready ) begin
      made_front_q <= beat_front_q;
      made_total_q <= beat_total_q;
      made_first_q <= beat_first_q;
      made_last_q  <= beat_last_q;
      cut_q        <= \dut.made_valid_q ;
      out_total_q  <= made_total_q;
      out_first_q  <= made_first_q;
      out_last_q   <= made_last_q;
    end
    if (m_tvalid && m_tready) out_q <= m_tlast ? '0 : out_q + 17'(KEEP_W);
    if (rst) out_q <= '0;
  end

  // ---------------------------------------------------------------- what must hold of the beat that is made
  // Ones' complement (RFC 1071 §4.1): what overflows 16 bits is added to the low end until nothing does.
  function automatic logic [15:0] fold(input logic [17:0] sum);
    logic [17:0] rest;
    rest = sum;
    for (int i = 0; i < 2; i++) rest = {2'd0, rest[15:0]} + {16'd0, rest[17:16]};
    fold = rest[15:0];
  endfunction
  logic [15:0] ip_length, udp_length, id, check_base, sum_base;
  assign ip_length  = 16'(beat_total_q) - 16'(network) - (is_ipv4 ? 16'd0 : 16'd40);
  assign udp_length = 16'(beat_total_q) - start;
  assign id         = id_old + index_q;
  // RFC 1624 §3, eqn 3.
  assign check_base = fold(18'(16'(~check_old)) + 18'(16'(~length_old)) + 18'(16'(~id_old)));
  assign sum_base   = fold(18'(sum_field_old) + 18'(16'(~(16'(length) - start))));

  always_comb if (!rst && \dut.plan_q ) begin
    assert (kind != '0 && kind <= UDP6 && mss != '0 && paid_q < payload && share != '0 && total <= 17'(MAX_FRAME));
    assert (17'(\dut.total_q ) == total && \dut.last_q == is_last && \dut.first_q == is_first);
  end
  always_comb if (!rst && \dut.beat_valid_q ) begin
    assert (\dut.network_field_q == ip_length && \dut.transport_field_q == udp_length);
    assert (\dut.flags == (flags_old & (beat_last_q ? 8'hFF : 8'hF6) & (beat_first_q ? 8'hFF : 8'h7F)));
    if (beat_age_q >= 2'd2) assert (\dut.pseudo_q == fold(18'(sum_base) + 18'(udp_length)));
    if (!\dut.beat_end_q ) begin
      assert (beat_total_q == total && beat_first_q == is_first && beat_last_q == is_last);
      assert (\dut.identification_q == id && \dut.sequence_q == sequence_old + 32'(paid_q));
      if (beat_age_q >= 2'd2) assert (\dut.network_checksum_q == 16'(~fold(18'(check_base) + 18'(ip_length) + 18'(id))));
    end else begin
      // While the last beat waits the next segment may be begun: what is of that one already lies before the beat, all of the IPv4 header and TCP's sequence number.
      assert (beat_front_q >= 17'(network) + 17'd20 && (!is_tcp || beat_front_q >= 17'(start) + 17'd8));
    end
    // A beat for each clock: the fields are ready before the beat that has them.
    if (beat_age_q != 2'd3) assert (beat_front_q <= 17'(beat_age_q) * 17'(KEEP_W));
  end

  // ---------------------------------------------------------------- what must hold of what comes out
  logic [3:0]  bytes, beat_bytes, made_bytes;
  always_comb begin
    bytes = '0;
    beat_bytes = '0;
    made_bytes = '0;
    for (int i = 0; i < KEEP_W; i++) begin
      bytes      = bytes + 4'(m_tkeep[i]);
      beat_bytes = beat_bytes + 4'(\dut.beat_keep_q [i]);
      made_bytes = made_bytes + 4'(\dut.made_keep_q [i]);
    end
  end
  always_comb if (!rst && m_tvalid && cut_q && !m_tabort) begin
    assert (m_tlast ? out_q + 17'(bytes) == out_total_q : &m_tkeep);
    assert (m_tuser[`FN_TX_HEADER_LENGTH] == 20'(out_total_q) && m_tuser[`FN_TX_HEADER_SEGMENTATION] == '0);
    assert (m_tuser[`FN_TX_HEADER_LAUNCH] == (\dut.request_q [`FN_TX_HEADER_LAUNCH] && out_first_q));
    assert (m_tuser[`FN_TX_HEADER_TIMESTAMP] == (\dut.request_q [`FN_TX_HEADER_TIMESTAMP] && out_last_q));
    if (m_tlast) assert (m_tmore == !out_last_q);
  end

  // ---------------------------------------------------------------- lemmas
  logic judging1, judging2, judging3;
  assign judging1 = \dut.state_q == JUDGE && \dut.step_q >= 2'd1;
  assign judging2 = \dut.state_q == JUDGE && \dut.step_q >= 2'd2;
  assign judging3 = \dut.state_q == JUDGE && \dut.step_q == 2'd3;
  always_comb if (!rst) begin
    assert (\dut.state_q <= DRAIN);
    assert (sending == (\dut.plan_q || \dut.beat_valid_q ));
    if (\dut.state_q == LOAD || \dut.state_q == JUDGE) assert (!m_tvalid && !\dut.made_valid_q && out_q == '0 && kind != '0);
    if (judging1 || sending) assert (!\dut.loaded_q );
    if (\dut.state_q == PASS) assert (!\dut.made_valid_q && (!m_tvalid || !m_tlast));
    else if (!sending) assert (\dut.made_valid_q ? \dut.made_end_q : next_out == '0);
    if (judging1) begin
      assert (\dut.network_length_q == {1'b0, start[7:0]} - {1'b0, network} && \dut.transport_header_q == {1'b0, headers} - {1'b0, start[7:0]});
      assert (\dut.left_q == 16'(payload));
      assert (\dut.room_q == 18'(\dut.request_q [`FN_TX_HEADER_INSERT_VLAN] ? MAX_FRAME - 4 : MAX_FRAME) - 18'(headers));
      if (\dut.plain_q ) assert (kind <= UDP6 && mss != '0 && start[15:8] == '0 && network >= 8'd14);
      if (\dut.bounded_q ) assert (length > 20'(headers) && length <= 20'd65535 + 20'(network));
    end
    if (judging2 || sending) begin
      assert (\dut.network_old_q == 18'(16'(~check_old)) + 18'(16'(~length_old)) + 18'(16'(~id_old)));
      assert (\dut.pseudo_old_q == 17'(sum_field_old) + 17'(16'(~(16'(length) - start))));
    end
    if (judging3 || sending) assert (\dut.network_base_q == check_base && \dut.pseudo_base_q == sum_base);
    if (judging2) begin
      if (\dut.sound_q ) assert (kind <= UDP6 && headers >= 8'd42 && mss != '0 && payload != '0 && payload < 20'd65536 && length > 20'(headers));
      if (\dut.sound_q ) assert (start[15:8] == '0 && start >= 16'(network) + 16'd20 && 16'(headers) >= start + (is_tcp ? 16'd20 : 16'd8));
      assert (\dut.next_length_q == (\dut.left_q <= mss ? \dut.left_q : mss) && \dut.next_last_q == (\dut.left_q <= mss));
    end
    if (judging3) assert (\dut.next_total_q == 17'(headers) + 17'(\dut.next_length_q ) && (\dut.oversize_q || \dut.next_total_q <= 17'(MAX_FRAME)));
    if (sending) begin
      assert (payload < 20'd65536 && headers >= 8'd42 && start[15:8] == '0 && start >= 16'(network) + 16'd20 && 16'(headers) >= start + (is_tcp ? 16'd20 : 16'd8));
      assert (\dut.plan_q || (\dut.beat_end_q && beat_last_q));
      assert (\dut.beat_valid_q || (\dut.head_q && is_first && !\dut.made_valid_q && next_out == '0));
    end
    if (\dut.plan_q ) begin
      assert (20'(\dut.left_q ) == left - share && \dut.identification_q == id && \dut.sequence_q == sequence_old + 32'(paid_q));
      assert (front_q < total && \dut.out_left_q == total - front_q && front_q == next_beat);
      assert (\dut.end_q == (\dut.out_left_q <= 17'(KEEP_W)) && \dut.head_q == (front_q == '0));
      if (age_q != '0) assert (\dut.next_length_q == (\dut.left_q <= mss ? \dut.left_q : mss) && \dut.next_last_q == (\dut.left_q <= mss));
      if (age_q >= 2'd2) assert (\dut.next_total_q == 17'(headers) + 17'(\dut.next_length_q ));
      if (age_q != 2'd3) assert (front_q <= 17'(age_q) * 17'(KEEP_W));
    end
    assert (\dut.turn_over_q == (\dut.plan_q && \dut.end_q && !is_last));
    if (\dut.beat_valid_q ) begin
      assert (\dut.beat_first_q == beat_first_q && \dut.beat_last_q == beat_last_q && \dut.beat_head_q == (beat_front_q == '0));
      assert (beat_front_q < beat_total_q && beat_total_q > 17'(headers) && beat_total_q <= 17'(MAX_FRAME) && beat_front_q == next_made);
      assert (\dut.beat_end_q ? beat_front_q + 17'(beat_bytes) == beat_total_q : &\dut.beat_keep_q && beat_front_q + 17'(KEEP_W) < beat_total_q);
      if (\dut.plan_q ) assert (\dut.beat_end_q ? !beat_last_q && \dut.head_q : !\dut.head_q );
      if (beat_age_q >= 2'd1) assert (\dut.pseudo_sum_q == 17'(sum_base) + 17'(udp_length));
      if (beat_age_q >= 2'd1 && !\dut.beat_end_q ) assert (\dut.network_sum_q == 18'(check_base) + 18'(ip_length) + 18'(id));
    end
    if (\dut.made_valid_q ) begin
      assert (made_front_q == next_out && (\dut.made_abort_q || made_front_q < made_total_q) && made_total_q <= 17'(MAX_FRAME) && 17'(\dut.made_length_q ) == made_total_q);
      assert (\dut.made_launch_q == (\dut.request_q [`FN_TX_HEADER_LAUNCH] && made_first_q) && \dut.made_stamp_q == (\dut.request_q [`FN_TX_HEADER_TIMESTAMP] && made_last_q));
      if (\dut.made_abort_q ) assert (\dut.made_end_q && !sending);
      else assert (\dut.made_end_q ? made_front_q + 17'(made_bytes) == made_total_q && \dut.made_more_q == !made_last_q : &\dut.made_keep_q );
    end
    // The stages have the beats of a segment one behind the other.
    if (\dut.beat_valid_q && !\dut.beat_head_q ) assert (17'(\dut.made_length_q ) == beat_total_q
      && \dut.made_launch_q == (\dut.request_q [`FN_TX_HEADER_LAUNCH] && beat_first_q) && \dut.made_stamp_q == (\dut.request_q [`FN_TX_HEADER_TIMESTAMP] && beat_last_q));
    if (m_tvalid && cut_q && m_tabort) assert (m_tlast);
    if (m_tvalid && cut_q && sending) assert (!m_tabort);
  end

endmodule

`default_nettype wire
