// The headers of segments, seen from inside fn_tx_segment. One byte of them is followed that the engine chooses by its place.

// prove fn_tx_segment | DATA_W=16 | induction 1 abc | each segment has the request's headers byte by byte, in their places, but for the fields that are its own: these lie where IPv4, IPv6, TCP and UDP have them, and nowhere else; what is caught of the headers are the bytes of those places
// mutant fn_tx_segment.sv | s/network_q\[8\*f \+: 8\]   <= held_q\[8\*j \+: 8\];/network_q[8*f +: 8] <= held_q[8*(KEEP_W - 1 - j) +: 8];/
// What each field is is fn_tx_segment_arithmetic_proof's, as is that a segment leaves with as many bytes as are counted here.
(* anyconst *) logic [7:0] place;
logic       inner, seen_q, cut_q, loading, judging, sending;
logic [7:0] byte_q, beat_expected, made_expected_q, expected_q, from_network, from_transport;
logic [9:0] front_q, beat_front_q, made_front_q, out_front_q;  // bytes of the segment before the beat that is planned, waits for payload, is made, is out; up to 512
logic [ADDR_W-1:0] beat_q;  // the last beat of the headers that came in
logic              here;    // it has the chosen byte
assign inner   = place < header_length;
assign loading = state_q == LOAD;
assign judging = state_q == JUDGE;
assign sending = state_q == SEND;
assign here    = beat_q == place[7:LANE_W];
fn_axis_properties i_frames (.clk(clk), .rst(rst), .tdata(8'd0), .tkeep(1'b1), .tvalid(m_axis_tvalid), .tready(1'b1), .tlast(1'b1), .tuser(1'b0));  // ports.svh

always_ff @(posedge clk) begin
  if (load && at_q == place[7:LANE_W]) begin
    seen_q <= 1'b1;
    for (int i = 0; i < KEEP_W; i++) if (32'(place) % KEEP_W == i) byte_q <= s_axis_tdata[8*i +: 8];
  end else if (load && state_q == IDLE) seen_q <= 1'b0;
  if (load) beat_q <= at_q;
  if (beat_free) begin
    if (!front_q[9]) front_q <= front_q + 10'(KEEP_W);
    beat_front_q <= front_q;
  end
  if (begin_segment) front_q <= '0;
  if (out_ready) begin
    made_front_q    <= beat_front_q;
    made_expected_q <= beat_expected;
    cut_q           <= made_valid_q;
    out_front_q     <= made_front_q;
    expected_q      <= made_expected_q;
  end
end

// The byte that must stand in the chosen place of the segment whose beat waits: most significant byte first.
assign from_network   = place - network;
assign from_transport = place - start[7:0];
always_comb begin
  beat_expected = byte_q;
  if (place >= network && is_ipv4)
    case (from_network)
      8'd2:  beat_expected = network_field_q[15:8];
      8'd3:  beat_expected = network_field_q[7:0];
      8'd4:  beat_expected = identification_q[15:8];
      8'd5:  beat_expected = identification_q[7:0];
      8'd10: beat_expected = network_checksum_q[15:8];
      8'd11: beat_expected = network_checksum_q[7:0];
      default: ;
    endcase
  if (place >= network && !is_ipv4)
    case (from_network)
      8'd4:  beat_expected = network_field_q[15:8];
      8'd5:  beat_expected = network_field_q[7:0];
      default: ;
    endcase
  if (16'(place) >= start && is_tcp)
    case (from_transport)
      8'd4:  beat_expected = sequence_q[31:24];
      8'd5:  beat_expected = sequence_q[23:16];
      8'd6:  beat_expected = sequence_q[15:8];
      8'd7:  beat_expected = sequence_q[7:0];
      8'd13: beat_expected = flags;
      8'd16: beat_expected = pseudo_q[15:8];
      8'd17: beat_expected = pseudo_q[7:0];
      default: ;
    endcase
  if (16'(place) >= start && !is_tcp)
    case (from_transport)
      8'd4:  beat_expected = transport_field_q[15:8];
      8'd5:  beat_expected = transport_field_q[7:0];
      8'd6:  beat_expected = pseudo_q[15:8];
      8'd7:  beat_expected = pseudo_q[7:0];
      default: ;
    endcase
end

// Where beats lie as seen from the headers' first bytes: the one that comes in next, the last that came, those that are planned and that wait.
logic [PLACE_W-1:0] at_byte, beat_byte, at_network, at_transport, loaded_network, loaded_transport, front_network, front_transport, beat_network, beat_transport;
assign at_byte          = at_q * KEEP_W;
assign beat_byte        = beat_q * KEEP_W;
assign at_network       = at_byte - network;
assign at_transport     = at_byte - start[PLACE_W-1:0];
assign loaded_network   = beat_byte - network;
assign loaded_transport = beat_byte - start[PLACE_W-1:0];
assign front_network    = front_q[PLACE_W-1:0] - network;
assign front_transport  = front_q[PLACE_W-1:0] - start[PLACE_W-1:0];
assign beat_network     = beat_front_q[PLACE_W-1:0] - network;
assign beat_transport   = beat_front_q[PLACE_W-1:0] - start[PLACE_W-1:0];
// Whether lane 0 lies so that a byte of a header's place n - KEEP_W + 1 is in it.
function automatic logic at_place(input logic [PLACE_W-1:0] lane0, input int n);
  at_place = lane0 == PLACE_W'(n - KEEP_W + 1);
endfunction
logic [7:0] stored, held, caught_network, caught_transport;
logic       fits;  // the offsets are as a request must have them
assign fits = network >= 8'(ETHERNET) && network[1:0] == 2'd2 && start[15:8] == '0 && start[1:0] == 2'd2 && start >= 16'(network) + 16'd20;
always_comb begin
  stored = '0;
  held   = '0;
  for (int i = 0; i < KEEP_W; i++) if (32'(place) % KEEP_W == i) begin
    stored = template[place[7:LANE_W]][8*i +: 8];
    held   = held_q[8*i +: 8];
  end
  caught_network   = network_q[7:0];
  caught_transport = transport_q[7:0];
  for (int f = 0; f < 12; f++) if (from_network == 8'(f)) caught_network = network_q[8*f +: 8];
  for (int f = 0; f < 18; f++) if (from_transport == 8'(f)) caught_transport = transport_q[8*f +: 8];
end

always_comb if (!rst) begin
  for (int i = 0; i < KEEP_W; i++)
    if (m_axis_tvalid && cut_q && !m_axis_tabort && out_front_q + 10'(i) == 10'(place) && inner) assert (m_axis_tdata[8*i +: 8] == expected_q);
  if (sending && inner) begin
    assert (seen_q);
    if (place >= network && from_network < 8'd12) assert (caught_network == byte_q);
    if (16'(place) >= start && from_transport < 8'd18) assert (caught_transport == byte_q);
  end
  // Lemmas: the headers come in.
  assert (state_q <= DRAIN && sending == (plan_q || beat_valid_q));
  if (loading || judging) assert (!made_valid_q && !m_axis_tvalid);
  if (state_q == IDLE && !made_valid_q) assert (at_q == '0);
  if (loading || judging || sending) assert (kind != '0);
  if (state_q == PASS) assert (!made_valid_q && (!m_axis_tvalid || !cut_q));
  if (loading) begin
    assert (at_q != '0 && (at_q == ADDR_W'(1) || at_q <= header_end_q) && header_end_q == ADDR_W'((header_length - 8'd1) >> LANE_W));
    assert (seen_q == (at_q > place[7:LANE_W]));
    assert (in_network_q == at_network && in_transport_q == at_transport);
    if (!wrong_q) assert (in_left_q != '0 && in_left_q + 20'(at_byte) == length && in_left_q <= length && in_more_q == (in_left_q > 20'(KEEP_W)));
  end
  if (judging && !wrong_q && length > 20'(header_length) && inner) assert (seen_q);
  if ((loading || judging || sending) && seen_q) assert (stored == byte_q);
  if ((loading || judging || sending) && seen_q && fits) begin
    // Caught a clock behind its beat.
    if (place >= network && from_network < 8'd12) assert (caught_network == byte_q || (loaded_q && here));
    if (16'(place) >= start && from_transport < 8'd18) assert (caught_transport == byte_q || (loaded_q && here));
    if (loaded_q && here) assert (held == byte_q);
  end
  if ((judging && step_q != '0) || sending) assert (!loaded_q);
  if (loading) assert (beat_q == at_q - 1'b1);
  if (loaded_q && (loading || judging) && beat_q == '0 && seen_q) assert (place[7:LANE_W] == '0);
  if (loaded_q && (loading || judging) && beat_q != '0 && fits)
    for (int n = 0; n < PLACES; n++) assert (network_place_q[n] == at_place(loaded_network, n)
                                             && transport_place_q[n] == at_place(loaded_transport, n));
  // Judged.
  if (judging && step_q >= 2'd1) begin
    assert (network_length_q == {1'b0, start[7:0]} - {1'b0, network} && transport_header_q == {1'b0, header_length} - {1'b0, start[7:0]} && at_q == '0);
    if (plain_q) assert (kind != '0 && kind <= UDP6 && start[15:8] == '0 && network >= 8'd14 && network[1:0] == 2'd2);
    if (bounded_q) assert (length > 20'(header_length));
  end
  if (judging && step_q >= 2'd2 && sound_q) assert (fits && length > 20'(header_length) && 16'(header_length) >= start + (is_tcp ? 16'd20 : 16'd8));
  if (sending) assert (fits && 16'(header_length) >= start + (is_tcp ? 16'd20 : 16'd8));
  // The headers go out.
  assert (turn_over_q == (plan_q && end_q && !last_q));
  if (beat_valid_q) assert (plan_q == !(beat_end_q && beat_last_q) && (!plan_q || head_q == beat_end_q));
  if (sending && !beat_valid_q) assert (head_q && front_q == '0);
  if (plan_q) begin
    assert (head_q == (front_q == '0));
    assert ((front_q & 10'(KEEP_W - 1)) == '0 && (!front_q[9] || front_q == 10'd512));
    if (!front_q[9]) assert (at_q == front_q[7:LANE_W]);
    if (!front_q[9]) assert (in_network_q == front_network);
    if (!front_q[9]) assert (in_transport_q == front_transport);
    assert (in_header_q == ((front_q >> LANE_W) <= 10'(header_length >> LANE_W)));
    if (in_header_q) assert (seam_q == ((front_q >> LANE_W) == 10'(header_length >> LANE_W)));
  end
  if (beat_valid_q) begin
    assert ((beat_front_q & 10'(KEEP_W - 1)) == '0 && (!beat_front_q[9] || beat_front_q == 10'd512));
    for (int i = 0; i < KEEP_W; i++) begin
      assert (beat_header_q[i] == (beat_front_q + 10'(i) < 10'(header_length)));
      if (beat_front_q + 10'(i) == 10'(place) && inner) assert (template_q[8*i +: 8] == byte_q);
    end
    if (!beat_front_q[9])
      for (int n = 0; n < PLACES; n++) assert (network_place_q[n] == at_place(beat_network, n)
                                               && transport_place_q[n] == at_place(beat_transport, n));
  end
  for (int i = 0; i < KEEP_W; i++)
    if (made_valid_q && !made_abort_q && made_front_q + 10'(i) == 10'(place) && inner) assert (made[8*i +: 8] == made_expected_q);
end
