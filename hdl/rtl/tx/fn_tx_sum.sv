// Sums each frame from a byte of it to its end in ones' complement and writes the complement of the sum into the frame, at any alignment (RFC 1071;
// RFC 768 for tzero). The field's own bytes are part of the sum.
//
// Throughput: 1 beat a clock, back to back: a frame leaves while the next ones are stored (FIFO of DEPTH bytes). Latency: the frame's own length
// and 10 clocks, since the sum is known only at its end. Stalls its source when its sink stalls for too long. A frame has at most 1536 bytes, and 2
// beats or more if it is to leave.
//
// The sum runs over 16-bit words at even places, whatever the frame's start and field are: where one of them is odd and the other not, the result's
// bytes change places (RFC 1071 §2B). So a lane always gets the same byte of it, and nothing is shifted.
//
//   s ─┬─▶ store ───────────────────────────────────────▶ (6) beat ─▶ (7) ─▶ m
//      ├─▶ requests ───────────────────────────────────▶ (6) head ──▲
//      └─▶ masked (1) ─▶ added (2) ─▶ total (3) ─▶ folded (4, 5) ─▶ results ─▲
//
// No look-up table is spent on masks: registers that are reset do it. What a memory gives goes into a register as it is.
`default_nettype none

module fn_tx_sum #(
  parameter int DATA_W = 64,   // bits: 8, 16, 32 or 64
  parameter int META_W = 1,    // bits that go along with a frame
  parameter int DEPTH  = 4096  // bytes of frames stored, a power of two, 2048 or more
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [10:0]         s_axis_tstart,     // first byte of the sum; the same in all beats of a frame
  input  wire logic                s_axis_tinsert,    // with tlast: write the result ...
  input  wire logic [10:0]         s_axis_tposition,  // ... to this byte and the next, both in the frame ...
  input  wire logic                s_axis_tzero,      // ... as 0xFFFF if it is 0
  input  wire logic [META_W-1:0]   s_axis_tmeta,      // with tlast
  input  wire logic                s_drop,            // in the second clock behind the one in which tlast is taken: forget the frame

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [META_W-1:0]        m_axis_tmeta,      // the same in all beats of a frame

  output logic                     idle               // no frame in here, none half taken
);

  localparam int KEEP_W    = DATA_W / 8;
  localparam int LANE_W    = $clog2(KEEP_W);
  localparam int COUNT_W   = KEEP_W > 1 ? LANE_W : 1;       // tkeep is kept as the lane of its last byte
  localparam int PLACE_W   = 11;                            // a byte's place in a frame
  localparam int BEAT_W    = PLACE_W - LANE_W;
  localparam int WORDS     = KEEP_W > 1 ? KEEP_W / 2 : 1;
  localparam int PAIRS     = (WORDS + 1) / 2;
  localparam int SUM_W     = 26;                            // 768 words
  localparam int FRAMES    = DEPTH / 64;
  localparam int REQUEST_W = META_W + 1 + PLACE_W;

  // ---------------------------------------------------------------- store and requests
  logic                        take, store_takes, requests_takes, store_ready_q, requests_ready_q;
  logic [COUNT_W-1:0]          s_count;
  logic                        write, valid1_q;
  logic [COUNT_W+DATA_W:0]     write_beat, store_beat;
  logic                        store_valid, beat_ready;
  logic [REQUEST_W-1:0]        request;
  logic                        request_valid, result_valid, next;
  logic [$clog2(FRAMES):0]     requests_level;
  logic [$clog2(DEPTH/KEEP_W):0] store_level;

  // Room is known a clock late, so the last four places stay free.
  assign s_axis_tready = store_ready_q && requests_ready_q;
  assign take          = s_axis_tvalid && s_axis_tready;

  always_ff @(posedge clk) begin
    store_ready_q    <= !(store_level[$clog2(DEPTH/KEEP_W)] || (&store_level[$clog2(DEPTH/KEEP_W)-1:2]));
    requests_ready_q <= !(requests_level[$clog2(FRAMES)] || (&requests_level[$clog2(FRAMES)-1:2]));
  end

  always_comb begin
    s_count = '0;
    for (int i = 1; i < KEEP_W; i++) if (s_axis_tkeep[i]) s_count = COUNT_W'(i);
  end

  // A wide beat waits a clock in flip-flops: whether it is taken comes too late for a block memory.
  generate
    if (KEEP_W > 1) begin : g_staged
      logic [COUNT_W+DATA_W:0] staged_q;
      always_ff @(posedge clk) staged_q <= {s_axis_tlast, s_count, s_axis_tdata};
      assign {write, write_beat} = {valid1_q, staged_q};
    end else begin : g_direct
      assign {write, write_beat} = {take, s_axis_tlast, s_count, s_axis_tdata};
    end
  endgenerate

  fn_fifo #(.WIDTH(1 + COUNT_W + DATA_W), .DEPTH(DEPTH / KEEP_W)) i_store (
    .clk(clk), .rst(rst), .s_tdata(write_beat), .s_tvalid(write), .s_tready(store_takes),
    .m_tdata(store_beat), .m_tvalid(store_valid), .m_tready(beat_ready), .level(store_level)
  );

  fn_fifo #(.WIDTH(REQUEST_W), .DEPTH(FRAMES), .SPARSE(1'b1)) i_requests (
    .clk(clk), .rst(rst), .s_tdata({s_axis_tmeta, s_axis_tinsert, s_axis_tposition}), .s_tvalid(take && s_axis_tlast),
    .s_tready(requests_takes), .m_tdata(request), .m_tvalid(request_valid), .m_tready(next), .level(requests_level)
  );

  // ---------------------------------------------------------------- 1: bytes that are not summed are 0
  logic [BEAT_W-1:0]   beat_q;      // of the frame
  logic                begun_q;     // the sum began in a beat before this one
  logic                begins;      // it begins in this one
  logic [KEEP_W-1:0]   from, mask;
  logic [WORDS*16-1:0] words, words_q;
  logic [WORDS*2-1:0]  on;
  logic                last1_q, swap1_q, zero1_q;

  assign begins = beat_q == s_axis_tstart[PLACE_W-1:LANE_W];
  assign from   = {KEEP_W{1'b1}} << (s_axis_tstart & PLACE_W'(KEEP_W - 1));

  generate
    for (genvar i = 0; i < KEEP_W; i++) begin : g_mask
      assign mask[i] = s_axis_tkeep[i] && (begun_q || (begins && from[i]));
    end

    // Bytes at even places of the frame are the high halves of their words.
    if (KEEP_W == 1) begin : g_byte
      assign words = {s_axis_tdata, s_axis_tdata};
      assign on    = {mask[0] && !beat_q[0], mask[0] && beat_q[0]};
    end else begin : g_words
      for (genvar i = 0; i < WORDS; i++) begin : g_word
        assign words[16*i +: 16] = {s_axis_tdata[16*i +: 8], s_axis_tdata[16*i+8 +: 8]};
        assign on[2*i +: 2]      = {mask[2*i], mask[2*i+1]};
      end
    end
  endgenerate

  always_ff @(posedge clk) begin
    valid1_q <= take;
    last1_q  <= take && s_axis_tlast;
    swap1_q  <= s_axis_tstart[0] != s_axis_tposition[0];
    zero1_q  <= s_axis_tzero;
    for (int i = 0; i < 2 * WORDS; i++) begin
      words_q[8*i +: 8] <= words[8*i +: 8];
      if (!on[i]) words_q[8*i +: 8] <= '0;
    end
    if (take) begin
      beat_q  <= s_axis_tlast ? '0 : beat_q + 1'b1;
      begun_q <= (begun_q || begins) && !s_axis_tlast;
    end
    if (rst) begin
      beat_q   <= '0;
      begun_q  <= 1'b0;
      valid1_q <= 1'b0;
      last1_q  <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- 2 and 3: added up by pairs, then to the frame's sum
  logic [PAIRS*17-1:0] pairs, pairs_q;
  logic [SUM_W-1:0]    sum, sum_q, total_q;
  logic                valid2_q, last2_q, swap2_q, zero2_q;
  logic                last3_q, swap3_q, zero3_q, drop3_q;

  generate
    for (genvar i = 0; i < PAIRS; i++) begin : g_pair
      if (2 * i + 1 < WORDS) begin : g_two
        assign pairs[17*i +: 17] = 17'(words_q[32*i +: 16]) + 17'(words_q[32*i+16 +: 16]);
      end else begin : g_one
        assign pairs[17*i +: 17] = 17'(words_q[32*i +: 16]);
      end
    end
  endgenerate

  logic [18:0] row;
  always_comb begin
    row = '0;
    for (int i = 0; i < PAIRS; i++) row = row + 19'(pairs_q[17*i +: 17]);
  end
  assign sum = sum_q + SUM_W'(row);

  always_ff @(posedge clk) begin
    valid2_q <= valid1_q;
    last2_q  <= last1_q;
    swap2_q  <= swap1_q;
    zero2_q  <= zero1_q;
    pairs_q  <= pairs;
    last3_q  <= last2_q;
    swap3_q  <= swap2_q;
    zero3_q  <= zero2_q;
    drop3_q  <= s_drop;
    total_q  <= sum;
    if (valid2_q) sum_q <= sum;
    if (last2_q || rst) sum_q <= '0;
    if (rst) begin
      valid2_q <= 1'b0;
      last2_q  <= 1'b0;
      last3_q  <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- 4 and 5: folded, complemented, turned
  // The first fold leaves 17 bits, at most 0x103FE, and so the carry of the second does not carry again. A sum of all ones has the
  // complement 0, or 0xFFFF where that is asked for.
  logic [16:0] fold_q;
  logic [15:0] folded, result_q;
  logic        last4_q, swap4_q, zero4_q, drop4_q, last5_q, drop5_q;

  assign folded = fold_q[15:0] + 16'(fold_q[16]);

  always_ff @(posedge clk) begin
    last4_q  <= last3_q;
    swap4_q  <= swap3_q;
    zero4_q  <= zero3_q;
    drop4_q  <= drop3_q;
    fold_q   <= 17'(total_q[15:0]) + 17'(total_q[SUM_W-1:16]);
    last5_q  <= last4_q;
    drop5_q  <= drop4_q;
    result_q <= ~(swap4_q ? {folded[7:0], folded[15:8]} : folded);
    if (zero4_q && (&fold_q[15:0])) result_q <= '1;
    if (rst) begin
      last4_q <= 1'b0;
      last5_q <= 1'b0;
    end
  end

  // Every frame that leaves has two beats, and so a request and a result every second clock are enough.
  // There is a request for each result, and so room. Two memories of one shape: 17 bits would take a second block of iCE40's, one bit takes none.
  logic [15:0] result;
  logic        result_there, dropped, dropped_there;

  fn_fifo #(.WIDTH(16), .DEPTH(FRAMES), .SPARSE(1'b1)) i_results (
    .clk(clk), .rst(rst), .s_tdata(result_q), .s_tvalid(last5_q), .s_tready(),
    .m_tdata(result), .m_tvalid(result_there), .m_tready(next), .level()
  );
  fn_fifo #(.WIDTH(1), .DEPTH(FRAMES), .SPARSE(1'b1)) i_drops (
    .clk(clk), .rst(rst), .s_tdata(drop5_q), .s_tvalid(last5_q), .s_tready(),
    .m_tdata(dropped), .m_tvalid(dropped_there), .m_tready(next), .level()
  );

  assign result_valid = result_there && dropped_there;

  // ---------------------------------------------------------------- 6: the next beat, and what its frame is owed
  logic                beat_valid_q, beat_last_q, head_valid_q, head_drop_q, head_insert_q;
  logic [COUNT_W-1:0]  beat_count_q;
  logic [DATA_W-1:0]   beat_data_q;
  logic [META_W-1:0]   head_meta_q;
  logic [PLACE_W-1:0]  head_position_q;
  logic [15:0]         head_result_q;  // for even places, for odd ones
  logic                move, leave, head_free;

  assign move       = m_axis_tready || !m_axis_tvalid;
  assign leave      = beat_valid_q && head_valid_q && move;
  assign beat_ready = leave || !beat_valid_q;
  assign head_free  = (leave && beat_last_q) || !head_valid_q;
  assign next       = request_valid && result_valid && head_free;

  always_ff @(posedge clk) begin
    if (beat_ready) begin
      beat_valid_q <= store_valid;
      {beat_last_q, beat_count_q, beat_data_q} <= store_beat;
    end
    if (head_free) begin
      head_valid_q <= request_valid && result_valid;
      {head_meta_q, head_insert_q, head_position_q} <= request;
      {head_drop_q, head_result_q} <= {dropped, result};
    end
    if (rst) begin
      beat_valid_q <= 1'b0;
      head_valid_q <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- 7: the result in its lanes
  logic [BEAT_W-1:0] out_beat_q;   // of the frame
  logic              due_q;        // the result's second byte is the first of this beat
  logic              here;         // its first byte is in this beat
  logic [KEEP_W-1:0] put, above;   // lanes that get a byte of it; lanes behind the last byte
  logic [PLACE_W-1:0] lane;

  assign here = head_insert_q && head_position_q[PLACE_W-1:LANE_W] == out_beat_q;
  assign lane = head_position_q & PLACE_W'(KEEP_W - 1);
  assign above = ({KEEP_W{1'b1}} << 1) << beat_count_q;

  generate
    for (genvar i = 0; i < KEEP_W; i++) begin : g_put
      if (i == 0) assign put[i] = due_q || (here && lane == '0);
      else        assign put[i] = here && (lane == PLACE_W'(i) || lane == PLACE_W'(i - 1));
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (move) begin
      m_axis_tvalid <= leave && !head_drop_q;
      m_axis_tlast  <= beat_last_q;
      m_axis_tmeta  <= head_meta_q;
      for (int i = 0; i < KEEP_W; i++) begin
        m_axis_tkeep[i] <= !beat_last_q || !above[i];
        m_axis_tdata[8*i +: 8] <= !put[i] ? beat_data_q[8*i +: 8]
          : (KEEP_W == 1 ? out_beat_q[0] : i % 2 == 1) ? head_result_q[7:0] : head_result_q[15:8];
      end
    end
    if (leave) begin
      out_beat_q <= beat_last_q ? '0 : out_beat_q + 1'b1;
      due_q      <= here && lane == PLACE_W'(KEEP_W - 1) && !beat_last_q;
    end
    if (rst) begin
      m_axis_tvalid <= 1'b0;
      out_beat_q    <= '0;
      due_q         <= 1'b0;
    end
  end

  // A frame is one of the requests from its last beat on until it is the head.
  assign idle = beat_q == '0 && requests_level == '0 && !request_valid && !head_valid_q && !m_axis_tvalid;

`ifndef SYNTHESIS
  always @(posedge clk) if (!rst) assert ((store_takes || !write) && (requests_takes || !take));
  initial if (DATA_W > 64 || DEPTH < 2048 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "fn_tx_sum: illegal parameter");
`endif

endmodule

`default_nettype wire
