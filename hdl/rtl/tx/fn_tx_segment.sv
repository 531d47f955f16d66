// Transmit segmentation (TSO for TCP, USO for UDP; IPv4 and IPv6): takes frames with their TxHeader (hdl/regs/registers.json) and cuts one whose
// Segmentation is not 0 into frames of its headers and at most MaximumSegmentSize bytes of payload. Its counterpart in software is
// stack/FpgaNet.Packets/Offload/Segmenter.cs. Every other frame passes unchanged.
//
// The headers are kept in a template of 256 bytes; payload streams through and is turned by byte lane to lie behind them. What changes from segment
// to segment is laid over the template as it is read: IPv4 total length, identification (counted up) and header checksum (RFC 1624), IPv6 payload
// length, UDP length, TCP sequence number; FIN and PSH stay in the last segment only (RFC 9293 §3.10), CWR in the first only (RFC 3168
// §6.1.2); the transport checksum field is the sum of the pseudo header with the segment's length. Each segment's tuser asks fn_tx_checksum
// for the rest: Length is the segment's, Segmentation and MaximumSegmentSize are 0, Launch is the first segment's alone and Timestamp the last one's.
//
//      plan            beat                       made        output
//   s ─┬──────────────────────────────────────────────────────▶ register ─▶ m
//      ├─▶ template ─▶ register ────────────────▶ register ────▲
//      └─▶ held beat ─▶ select, turn, fields laid over ─▶ register
//
// Each beat of a segment is planned (which bytes of what), then takes the payload that it wants from the input, and is made a clock later, when the template's
// byte has been through a register of its own: a block memory's output is late. All of them wait when the sink stalls.
//
// Throughput: 1 beat a clock on the output. A segment of n bytes takes ceil(n / bytes of a beat) clocks and the next one follows at once; while its
// headers go out the input waits. A frame that is cut costs ceil(HeaderLength / bytes of a beat) + 6 clocks in front of its first segment, in which its headers
// are stored and judged; a frame that is not cut costs none, and 1 behind one that is. Latency: 1 clock. Stalls its source when its sink stalls.
//
// The host is trusted in nothing: a request that does not fit the headers (BadSegmentation), a segment longer than MAX_FRAME (Oversize)
// and a frame that ends within its headers (LengthMismatch) are refused before anything of them is sent. Every frame taken ends with exactly one
// frame that has not m_axis_tmore: its last segment, or one with m_axis_tabort, to be forgotten, whose m_axis_tstatus says why. A frame that turns
// out wrong when segments of it are gone already ends so too; one that is refused at once is a single such beat. Segments are made of good beats
// only: a host that cannot read a packet to its end must say so in the first beat that it could not read.
//
// Every header begins at 2 modulo 4, as seen from the frame's start, as tags are of 4 bytes; the fields' places rely on it. See fn_rx_align.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_segment #(
  parameter int DATA_W    = 64,   // bits: 8, 16, 32 or 64
  parameter int USER_W    = `FN_TX_HEADER_WIDTH,  // bits of tuser: TxHeader, and above it what is carried along
  parameter int MAX_FRAME = 1518  // bytes in the longest segment with its headers, and with its tag if one is to be inserted
) (
  input  wire logic                           clk,
  input  wire logic                           rst,

  input  wire logic [DATA_W-1:0]              s_axis_tdata,
  input  wire logic [DATA_W/8-1:0]            s_axis_tkeep,
  input  wire logic                           s_axis_tvalid,
  output logic                                s_axis_tready,
  input  wire logic                           s_axis_tlast,
  input  wire logic [USER_W-1:0]              s_axis_tuser,   // TxHeader, the same in all beats of a frame
  input  wire logic                           s_axis_tabort,  // to tlast: this beat and those behind it are rubbish, forget the frame

  output logic [DATA_W-1:0]                   m_axis_tdata,
  output logic [DATA_W/8-1:0]                 m_axis_tkeep,
  output logic                                m_axis_tvalid,
  input  wire logic                           m_axis_tready,
  output logic                                m_axis_tlast,
  output logic [USER_W-1:0]                   m_axis_tuser,   // TxHeader, the same in all beats of a frame
  output logic                                m_axis_tabort,  // with tlast: forget the frame ...
  output logic [7:0]                          m_axis_tstatus, // ... which failed with this format Status; Ok when the host aborted it
  output logic                                m_axis_tmore,   // with tlast: something of the same frame taken follows

  output logic                                count_cut,      // pulse: a frame was cut to its end
  output logic                                count_segment,  // pulse: a segment was made
  output logic                                idle            // no frame in here, none half taken
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int LANE_W  = $clog2(KEEP_W);
  localparam int TURN_W  = LANE_W > 0 ? LANE_W : 1;
  localparam int COUNT_W = LANE_W + 2;         // counts bytes of two beats
  localparam int ADDR_W  = 8 - LANE_W;
  localparam int PLACE_W = 9;                  // where a beat lies, as seen from a header's first byte

  localparam int ETHERNET = 14, IPV4 = 20, IPV6 = 40, TAG = 4, TCP = 20, UDP = 8, TCP_CHECKSUM = 16, UDP_CHECKSUM = 6;
  localparam logic [2:0] TCP4 = 3'd1, TCP6 = 3'd2, UDP4 = 3'd3, UDP6 = 3'd4;
  localparam logic [7:0] FIN_PSH = 8'h09, CWR = 8'h80;

  enum logic [2:0] {IDLE, PASS, LOAD, JUDGE, SEND, DRAIN} state_q, state_d;

  // ---------------------------------------------------------------- what is asked for
  logic [USER_W-1:0] request_q;
  logic [15:0] start, mss;
  logic [19:0] length;
  logic [7:0]  network, header_length;
  logic [2:0]  kind;
  logic        segmented, is_tcp, is_ipv4;

  assign segmented     = s_axis_tuser[`FN_TX_HEADER_SEGMENTATION] != '0;
  assign start         = request_q[`FN_TX_HEADER_CHECKSUM_START];
  assign mss           = request_q[`FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE];
  assign length        = request_q[`FN_TX_HEADER_LENGTH];
  assign network       = request_q[`FN_TX_HEADER_NETWORK_OFFSET];
  assign header_length = request_q[`FN_TX_HEADER_HEADER_LENGTH];
  assign kind          = request_q[`FN_TX_HEADER_SEGMENTATION];
  assign is_tcp        = kind == TCP4 || kind == TCP6;
  assign is_ipv4       = kind == TCP4 || kind == UDP4;

  // ---------------------------------------------------------------- input: is the frame as long as it says?
  logic               take, load, wrong, first_wrong;
  logic [COUNT_W-1:0] s_bytes;
  logic [19:0]        s_length, in_left, in_left_q;  // bytes of the frame from this beat on
  logic               in_more_q;                     // more than this beat's
  logic [KEEP_W-1:0]  in_keep_q;                     // s_axis_tkeep, if not

  assign take        = s_axis_tvalid && s_axis_tready;
  assign load        = take && (state_q == LOAD || state_q == IDLE);
  assign s_length    = s_axis_tuser[`FN_TX_HEADER_LENGTH];
  assign in_left     = state_q == IDLE ? s_length : in_left_q;
  assign first_wrong = s_axis_tlast ? s_length != 20'(s_bytes) : s_length <= 20'(KEEP_W);
  assign wrong       = s_axis_tlast ? in_more_q || s_axis_tkeep != in_keep_q : !in_more_q;

  always_comb begin
    s_bytes = '0;
    for (int i = 0; i < KEEP_W; i++) s_bytes = s_bytes + COUNT_W'(s_axis_tkeep[i]);
  end

  always_ff @(posedge clk) begin
    if (take) begin
      in_left_q <= in_left - 20'(KEEP_W);
      in_more_q <= in_left > 20'(2 * KEEP_W);
      for (int i = 0; i < KEEP_W; i++) in_keep_q[i] <= (in_left & 20'(KEEP_W - 1)) == '0 || (in_left & 20'(KEEP_W - 1)) > 20'(i);
    end
  end

  // ---------------------------------------------------------------- the template and the fields of interest, caught a clock behind their beat
  // Of the network header 12 bytes, of the transport header 18; byte n in [8*n +: 8].
  localparam int PLACES = 18 + KEEP_W - 1;            // of a beat, that has bytes of interest: [n] is at n - KEEP_W + 1
  logic [DATA_W-1:0]   template [2**ADDR_W];
  logic [DATA_W-1:0]   template_q;
  logic [ADDR_W-1:0]   at_q, header_end_q;            // the beat of the headers; their last
  logic [PLACE_W-1:0]  in_network_q, in_transport_q;  // of that beat's lane 0
  logic [PLACE_W-1:0]  in_network, in_transport;
  logic [PLACES-1:0]   network_place_q, transport_place_q;  // the same for the beat behind it, one bit set
  logic [12*8-1:0]     network_q, network_patch;
  logic [18*8-1:0]     transport_q, transport_patch;
  logic [11:0]         network_mask;
  logic [17:0]         transport_mask;
  logic                loaded_q, beat_free;
  logic [DATA_W-1:0]   held_q;                        // the last beat taken

  generate
    if (KEEP_W >= 4) begin : g_words
      assign in_network   = {in_network_q[PLACE_W-1:2], 2'd2};
      assign in_transport = {in_transport_q[PLACE_W-1:2], 2'd2};
    end else begin : g_bytes
      assign in_network   = in_network_q;
      assign in_transport = in_transport_q;
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (load) template[at_q] <= s_axis_tdata;
    else if (beat_free) template_q <= template[at_q];
    if (take) held_q <= s_axis_tdata;
    loaded_q <= load;
    if (beat_free) begin
      for (int n = 0; n < PLACES; n++) begin
        network_place_q[n]   <= in_network == PLACE_W'(n - KEEP_W + 1);
        transport_place_q[n] <= in_transport == PLACE_W'(n - KEEP_W + 1);
      end
    end
    if (loaded_q) begin
      for (int j = 0; j < KEEP_W; j++) begin
        for (int f = 0; f < 12; f++) if (network_place_q[f - j + KEEP_W - 1])   network_q[8*f +: 8]   <= held_q[8*j +: 8];
        for (int f = 0; f < 18; f++) if (transport_place_q[f - j + KEEP_W - 1]) transport_q[8*f +: 8] <= held_q[8*j +: 8];
      end
    end
  end

  // ---------------------------------------------------------------- judging: the request by itself, then with the headers
  logic [8:0]  network_length_q, transport_header_q;  // bytes from IP to transport header, and from there to the payload
  logic        plain_q, bounded_q, fits_network, fits_transport, sound_q, oversize_q, wrong_q, ended_q, aborted_q;
  logic [1:0]  step_q;
  logic [7:0]  verdict, verdict_q;
  logic [17:0] room_q;                                // for payload in the longest frame; may be less than 0

  always_comb begin
    fits_network = is_ipv4 ? network_q[7:0] == {4'd4, network_length_q[5:2]} && network_length_q[8:6] == '0 && network_length_q >= 9'(IPV4)
                           : network_q[7:4] == 4'd6 && network_length_q >= 9'(IPV6);
    if (network_length_q[8] || network_length_q[1:0] != '0) fits_network = 1'b0;
    fits_transport = is_tcp ? transport_header_q == {3'd0, transport_q[8*12+4 +: 4], 2'd0} && transport_header_q >= 9'(TCP)
                            : transport_header_q == 9'(UDP);

    verdict = `FN_STATUS_OK;
    if (wrong_q) verdict = `FN_STATUS_LENGTH_MISMATCH;
    else if (!sound_q) verdict = `FN_STATUS_BAD_SEGMENTATION;
    else if (oversize_q) verdict = `FN_STATUS_OVERSIZE;
    if (aborted_q) verdict = `FN_STATUS_OK;
  end

  always_ff @(posedge clk) begin
    network_length_q   <= {1'b0, start[7:0]} - {1'b0, network};
    transport_header_q <= {1'b0, header_length} - {1'b0, start[7:0]};
    plain_q            <= kind <= UDP6 && request_q[`FN_TX_HEADER_CHECKSUM] && mss != '0 && start[15:8] == '0
                          && network >= 8'(ETHERNET) && network[1:0] == 2'd2
                          && request_q[`FN_TX_HEADER_CHECKSUM_OFFSET] == (is_tcp ? 16'(TCP_CHECKSUM) : 16'(UDP_CHECKSUM));
    room_q             <= (request_q[`FN_TX_HEADER_INSERT_VLAN] ? 18'(MAX_FRAME - TAG) : 18'(MAX_FRAME)) - 18'(header_length);
    bounded_q          <= length > 20'(header_length) && (length[19:16] == '0 || (length[19:8] == 12'h100 && length[7:0] < network));  // 65535 from IP on
    sound_q            <= plain_q && bounded_q && fits_network && fits_transport;
    oversize_q         <= room_q[17] || 17'(next_length_q) > room_q[16:0];
    step_q             <= state_q != JUDGE ? 2'd0 : (judged ? step_q : step_q + 2'd1);
    if (load) begin
      wrong_q   <= state_q == IDLE ? first_wrong : wrong || wrong_q;
      ended_q   <= s_axis_tlast;
      aborted_q <= s_axis_tabort;
    end
  end

  // ---------------------------------------------------------------- the next segment, known before the last one is planned
  logic        judged, begin_first, begin_segment;
  logic        next_last_q, last_q, first_q;
  logic [15:0] left_q, next_length_q;  // bytes of payload behind this segment; in the next one
  logic [16:0] next_total_q;           // ... with its headers
  logic [15:0] total_q, identification_q;
  logic [31:0] sequence_q;
  logic [TURN_W-1:0] turn_q;           // lanes that payload has to go down

  always_ff @(posedge clk) begin
    next_last_q   <= left_q <= mss;
    next_length_q <= left_q <= mss ? left_q : mss;
    next_total_q  <= 17'(header_length) + 17'(next_length_q);
    if (!begin_segment && state_q != SEND) left_q <= 16'(length - 20'(header_length));
    if (begin_segment) begin
      left_q  <= left_q - next_length_q;
      last_q  <= next_last_q;
      first_q <= judged;
      total_q <= next_total_q[15:0];
      identification_q <= judged ? {network_q[8*4 +: 8], network_q[8*5 +: 8]} : identification_q + 16'd1;
      sequence_q <= judged ? {transport_q[8*4 +: 8], transport_q[8*5 +: 8], transport_q[8*6 +: 8], transport_q[8*7 +: 8]} : sequence_q + 32'(mss);
      turn_q <= judged ? '0 : turn_q + mss[TURN_W-1:0];
    end
  end

  // ---------------------------------------------------------------- its fields, long before their beats
  // Those of total_q change when the first beat is planned, not while the last one of the segment before waits; each clock one step more.
  logic [15:0] network_field_q, transport_field_q, network_base_q, pseudo_base_q, network_checksum_q, pseudo_q;
  logic [17:0] network_old_q, network_sum_q;
  logic [16:0] pseudo_old_q, pseudo_sum_q;
  logic [15:0] old_pseudo;
  logic [15:0] network_base, network_checksum;

  // Three words sum to less than 3 * 65536: the first fold may carry once more.
  logic [16:0] base_fold, sum_fold;
  assign base_fold        = {1'b0, network_old_q[15:0]} + 17'(network_old_q[17:16]);
  assign network_base     = base_fold[15:0] + 16'(base_fold[16]);
  assign sum_fold         = {1'b0, network_sum_q[15:0]} + 17'(network_sum_q[17:16]);
  assign network_checksum = ~(sum_fold[15:0] + 16'(sum_fold[16]));

  assign old_pseudo = is_tcp ? {transport_q[8*16 +: 8], transport_q[8*17 +: 8]} : {transport_q[8*6 +: 8], transport_q[8*7 +: 8]};

  always_ff @(posedge clk) begin
    // RFC 1624 §3: HC' = ~(~HC + ~m + m'), and the part that all segments share apart.
    network_old_q <= 18'({~network_q[8*10 +: 8], ~network_q[8*11 +: 8]}) + 18'({~network_q[8*2 +: 8], ~network_q[8*3 +: 8]})
                     + 18'({~network_q[8*4 +: 8], ~network_q[8*5 +: 8]});
    network_base_q <= network_base;
    pseudo_old_q   <= 17'(old_pseudo) + 17'(16'(~(length[15:0] - start)));
    pseudo_base_q  <= pseudo_old_q[15:0] + 16'(pseudo_old_q[16]);

    if (beat_free) begin
      network_field_q   <= total_q - 16'(network) - (is_ipv4 ? 16'd0 : 16'(IPV6));
      transport_field_q <= total_q - start;
    end
    network_sum_q      <= 18'(network_base_q) + 18'(network_field_q) + 18'(identification_q);
    network_checksum_q <= network_checksum;
    pseudo_sum_q       <= 17'(pseudo_base_q) + 17'(transport_field_q);
    pseudo_q           <= pseudo_sum_q[15:0] + 16'(pseudo_sum_q[16]);
  end

  logic [7:0] flags;
  assign flags = transport_q[8*13 +: 8] & ~(beat_last_q ? 8'd0 : FIN_PSH) & ~(beat_first_q ? 8'd0 : CWR);

  always_comb begin
    network_patch = '0;
    network_patch[8*2 +: 16]  = {network_field_q[7:0], network_field_q[15:8]};
    network_patch[8*4 +: 16]  = is_ipv4 ? {identification_q[7:0], identification_q[15:8]} : {network_field_q[7:0], network_field_q[15:8]};
    network_patch[8*10 +: 16] = {network_checksum_q[7:0], network_checksum_q[15:8]};
    network_mask = is_ipv4 ? 12'b1100_0011_1100 : 12'b0000_0011_0000;

    transport_patch = '0;
    if (is_tcp) transport_patch[8*4 +: 32] = {sequence_q[7:0], sequence_q[15:8], sequence_q[23:16], sequence_q[31:24]};
    else transport_patch[8*4 +: 32] = {pseudo_q[7:0], pseudo_q[15:8], transport_field_q[7:0], transport_field_q[15:8]};
    transport_patch[8*13 +: 8]  = flags;
    transport_patch[8*16 +: 16] = {pseudo_q[7:0], pseudo_q[15:8]};
    transport_mask = is_tcp ? 18'b11_0010_0000_1111_0000 : 18'b00_0000_0000_1111_0000;
  end

  // ---------------------------------------------------------------- plan: which bytes of the next beat are headers, and of which beat of the input the others
  logic               plan_q;                  // there is a segment to plan
  logic [COUNT_W-1:0] held_at_q, held_end;     // the first byte of the held beat that is not sent; KEEP_W: none
  logic [16:0]        out_left_q;              // bytes of the segment from this beat on
  logic               in_header_q, seam_q;     // the beat has header bytes; it is the last that may
  logic               head_q, end_q;           // it is the segment's first, its last
  logic               turn_over_q, begins;     // its last, and another segment follows
  logic [COUNT_W-1:0] seam_lane, from_lane, to_lane, payload;
  logic               need;

  assign seam_lane   = COUNT_W'(header_length & 8'(KEEP_W - 1));
  assign from_lane   = !in_header_q ? '0 : (seam_q ? seam_lane : COUNT_W'(KEEP_W));
  assign to_lane     = end_q ? out_left_q[COUNT_W-1:0] : COUNT_W'(KEEP_W);
  assign payload     = to_lane - from_lane;
  assign held_end    = held_at_q + payload;
  assign need        = held_end > COUNT_W'(KEEP_W);
  assign judged      = state_q == JUDGE && step_q == 2'd3;
  assign begin_first = judged && sound_q && !oversize_q && !wrong_q && !aborted_q;
  assign begins      = begin_first || turn_over_q;
  assign begin_segment = begins && beat_free;

  // Nothing waits unless a beat does: outside of SEND there is none, and these registers go on every clock.
  always_ff @(posedge clk) begin
    if (state_q == IDLE && take) begin
      request_q    <= s_axis_tuser;
      header_end_q <= ADDR_W'((s_axis_tuser[`FN_TX_HEADER_HEADER_LENGTH] - 8'd1) >> LANE_W);
    end
    if (beat_free) begin
      held_at_q <= need ? held_end - COUNT_W'(KEEP_W) : held_end;
      if (state_q == JUDGE) held_at_q <= seam_lane == '0 ? COUNT_W'(KEEP_W) : seam_lane;
      if (state_q == IDLE) begin
        in_network_q   <= PLACE_W'(KEEP_W) - PLACE_W'(s_axis_tuser[`FN_TX_HEADER_NETWORK_OFFSET]);
        in_transport_q <= PLACE_W'(KEEP_W) - PLACE_W'(s_axis_tuser[`FN_TX_HEADER_CHECKSUM_START]);
      end else if (begins) begin
        in_network_q   <= PLACE_W'(0) - PLACE_W'(network);
        in_transport_q <= PLACE_W'(0) - PLACE_W'(start);
      end else if (state_q != LOAD || s_axis_tvalid) begin
        in_network_q   <= in_network_q + PLACE_W'(KEEP_W);
        in_transport_q <= in_transport_q + PLACE_W'(KEEP_W);
      end

      case (state_q)
        IDLE:    at_q <= ADDR_W'(take && segmented);
        LOAD:    at_q <= at_q + ADDR_W'(s_axis_tvalid);
        SEND:    at_q <= begins ? '0 : at_q + 1'b1;
        default: at_q <= '0;
      endcase

      plan_q      <= begins || (plan_q && !end_q);
      out_left_q  <= begins ? next_total_q : out_left_q - 17'(KEEP_W);
      end_q       <= !begins && out_left_q <= 17'(2 * KEEP_W);
      turn_over_q <= !begins && plan_q && !end_q && !last_q && out_left_q <= 17'(2 * KEEP_W);
      head_q      <= begins;
      in_header_q <= begins || (in_header_q && !seam_q);
      seam_q      <= !begins && ADDR_W'(at_q + 1'b1) == header_length[7:LANE_W];
    end
    if (bad || rst) begin
      plan_q      <= 1'b0;
      turn_over_q <= 1'b0;
    end
    if (rst) at_q <= '0;
  end

  // ---------------------------------------------------------------- beat: takes its payload from the held and the coming beat
  logic              beat_valid_q, beat_need_q, beat_head_q, beat_end_q, beat_first_q, beat_last_q;
  logic [KEEP_W-1:0] beat_keep_q, beat_header_q, beat_held_q;  // lanes that have a byte; one of the headers; one of the held beat, before it is turned
  logic [TURN_W-1:0] beat_turn_q;
  logic [DATA_W-1:0] selected, turned, patch;
  logic [KEEP_W-1:0] is_patch;
  logic              moves, bad, out_ready;

  assign moves     = beat_valid_q && out_ready && (!beat_need_q || s_axis_tvalid);
  assign bad       = beat_valid_q && beat_need_q && out_ready && s_axis_tvalid && (wrong || s_axis_tabort);
  assign beat_free = !beat_valid_q || moves;

  always_ff @(posedge clk) begin
    if (beat_free) begin
      beat_valid_q <= plan_q;
      beat_need_q  <= need;
      beat_head_q  <= head_q;
      beat_end_q   <= end_q;
      beat_first_q <= first_q;
      beat_last_q  <= last_q;
      beat_turn_q  <= turn_q;
      for (int i = 0; i < KEEP_W; i++) begin
        beat_keep_q[i]   <= to_lane > COUNT_W'(i);
        beat_header_q[i] <= from_lane > COUNT_W'(i);
        beat_held_q[i]   <= held_at_q <= COUNT_W'(i);
      end
    end
    if (bad || rst) beat_valid_q <= 1'b0;
  end

  always_comb begin
    for (int i = 0; i < KEEP_W; i++) selected[8*i +: 8] = beat_held_q[i] ? held_q[8*i +: 8] : s_axis_tdata[8*i +: 8];
    turned = selected;
    for (int i = 0; i < LANE_W; i++) if (beat_turn_q[i]) turned = DATA_W'({turned, turned} >> (8 << i));
    patch    = '0;
    is_patch = '0;
    for (int j = 0; j < KEEP_W; j++) begin
      for (int f = 0; f < 12; f++) if (network_mask[f] && network_place_q[f - j + KEEP_W - 1]) begin
        is_patch[j]     = 1'b1;
        patch[8*j +: 8] = patch[8*j +: 8] | network_patch[8*f +: 8];
      end
      for (int f = 0; f < 18; f++) if (transport_mask[f] && transport_place_q[f - j + KEEP_W - 1]) begin
        is_patch[j]     = 1'b1;
        patch[8*j +: 8] = patch[8*j +: 8] | transport_patch[8*f +: 8];
      end
    end
  end

  // ---------------------------------------------------------------- made: the template's bytes come to it
  logic              made_valid_q, made_end_q, made_abort_q, made_more_q, made_short_q, made_launch_q, made_stamp_q;
  logic [DATA_W-1:0] made_data_q, made_template_q, made;
  logic [KEEP_W-1:0] made_keep_q, made_header_q;  // lanes that have a byte; one as the template has it
  logic [15:0]       made_length_q;               // of the segment

  always_ff @(posedge clk) begin
    if (out_ready) begin
      made_valid_q    <= moves;
      made_end_q      <= beat_end_q || bad;
      made_abort_q    <= bad;
      made_more_q     <= bad ? !s_axis_tlast : !beat_last_q;
      made_short_q    <= bad && s_axis_tlast && !s_axis_tabort;
      made_template_q <= template_q;
      made_keep_q     <= beat_keep_q;
      made_header_q   <= beat_header_q & ~is_patch;
      for (int i = 0; i < KEEP_W; i++) made_data_q[8*i +: 8] <= beat_header_q[i] ? patch[8*i +: 8] : turned[8*i +: 8];
      // The next segment is begun no sooner than this one has several beats planned.
      if (beat_head_q) begin
        made_length_q <= total_q;
        made_launch_q <= request_q[`FN_TX_HEADER_LAUNCH] && first_q;
        made_stamp_q  <= request_q[`FN_TX_HEADER_TIMESTAMP] && last_q;
      end
    end
    if (rst) made_valid_q <= 1'b0;
  end

  always_comb for (int i = 0; i < KEEP_W; i++) made[8*i +: 8] = made_header_q[i] ? made_template_q[8*i +: 8] : made_data_q[8*i +: 8];

  // ---------------------------------------------------------------- control
  logic              out_valid, out_last, out_abort;
  logic [7:0]        out_status, verdict_d;
  logic [KEEP_W-1:0] out_keep;
  logic [USER_W-1:0] out_user;

  assign out_ready = !m_axis_tvalid || m_axis_tready;

  // What goes to the output register beside the segments, and only while none of their beats is made.
  always_comb begin
    state_d       = state_q;
    verdict_d     = verdict_q;
    s_axis_tready = out_ready && !made_valid_q;
    out_valid     = 1'b0;
    out_keep      = s_axis_tkeep;
    out_last      = s_axis_tlast;
    out_abort     = s_axis_tabort;
    out_status    = `FN_STATUS_OK;
    case (state_q)
      IDLE: begin
        out_valid = s_axis_tvalid && !segmented;
        if (take && segmented && s_axis_tlast) state_d = JUDGE;
        else if (take && segmented) state_d = LOAD;
        else if (take && !s_axis_tlast) state_d = PASS;
      end
      PASS: begin
        out_valid = s_axis_tvalid;
        if (take && s_axis_tlast) state_d = IDLE;
      end
      LOAD: begin
        s_axis_tready = 1'b1;
        if (s_axis_tvalid && (s_axis_tlast || at_q >= header_end_q)) state_d = JUDGE;
      end
      JUDGE: begin
        s_axis_tready = 1'b0;
        verdict_d  = verdict;
        out_valid  = judged && !begin_first && ended_q;
        out_keep   = KEEP_W'(1);
        out_last   = 1'b1;
        out_abort  = 1'b1;
        out_status = verdict;
        if (begin_first) state_d = SEND;
        else if (judged && !ended_q) state_d = DRAIN;
        else if (judged && out_ready) state_d = IDLE;
      end
      SEND: begin
        s_axis_tready = beat_valid_q && beat_need_q && out_ready;
        verdict_d     = `FN_STATUS_LENGTH_MISMATCH;
        if (bad && !s_axis_tlast) state_d = DRAIN;
        else if (bad || (moves && beat_end_q && beat_last_q)) state_d = IDLE;
      end
      default: begin  // DRAIN: what is left of the frame goes, and its end tells
        out_valid  = s_axis_tvalid && s_axis_tlast;
        out_abort  = 1'b1;
        out_status = s_axis_tabort ? `FN_STATUS_OK : verdict_q;
        if (take && s_axis_tlast) state_d = IDLE;
      end
    endcase
  end

  always_comb begin
    out_user = s_axis_tuser;
    if (made_valid_q) begin
      out_user = request_q;
      out_user[`FN_TX_HEADER_LENGTH] = `FN_TX_HEADER_LENGTH_WIDTH'(made_length_q);
      out_user[`FN_TX_HEADER_SEGMENTATION] = '0;
      out_user[`FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE] = '0;
      out_user[`FN_TX_HEADER_LAUNCH]    = made_launch_q;
      out_user[`FN_TX_HEADER_TIMESTAMP] = made_stamp_q;
    end
  end

  always_ff @(posedge clk) begin
    state_q       <= state_d;
    verdict_q     <= verdict_d;
    count_segment <= moves && beat_end_q && !bad;
    count_cut     <= moves && beat_end_q && !bad && beat_last_q;
    if (out_ready) begin
      m_axis_tvalid  <= made_valid_q || out_valid;
      m_axis_tdata   <= made_valid_q ? made : s_axis_tdata;
      m_axis_tkeep   <= made_valid_q ? made_keep_q : out_keep;
      m_axis_tlast   <= made_valid_q ? made_end_q : out_last;
      m_axis_tabort  <= made_valid_q ? made_abort_q : out_abort;
      m_axis_tstatus <= made_valid_q ? (made_short_q ? `FN_STATUS_LENGTH_MISMATCH : `FN_STATUS_OK) : out_status;
      m_axis_tmore   <= made_valid_q && made_more_q;
      m_axis_tuser   <= out_user;
    end
    if (rst) begin
      state_q       <= IDLE;
      m_axis_tvalid <= 1'b0;
      count_segment <= 1'b0;
      count_cut     <= 1'b0;
    end
  end

  assign idle = state_q == IDLE && !made_valid_q && !m_axis_tvalid;

  logic unused;  // bytes of the headers that stay as they are
  assign unused = &{1'b0, network_q, transport_q};

`ifndef SYNTHESIS
  initial if (DATA_W != 8 && DATA_W != 16 && DATA_W != 32 && DATA_W != 64) $fatal(1, "fn_tx_segment: DATA_W must be 8, 16, 32 or 64");
  initial if (MAX_FRAME < 64 || MAX_FRAME > 65535) $fatal(1, "fn_tx_segment: illegal MAX_FRAME");

  // The fields are ready when their beat comes only if a segment has several beats: its headers alone have 42 bytes.
  always @(posedge clk) if (!rst && begin_segment) assert (next_length_q != '0 && next_total_q > 17'd42);
`endif

endmodule

`default_nettype wire
