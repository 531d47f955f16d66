// prove sum-8 | DATA_W=8 | induction 2 | what is stored for a frame is the complement of the RFC 1071 sum of its bytes from the start on, byte for byte of its place, zero as ones where asked; what leaves is the stored beat with the result in the field's bytes and nowhere else
// mutant fn_tx_sum.sv | s/assign on    = \{mask\[0\] && !beat_q\[0\], mask\[0\] && beat_q\[0\]\};/assign on = {mask[0] \&\& beat_q[0], mask[0] \&\& !beat_q[0]};/
// prove sum-16 | DATA_W=16 | induction 2 | the same at 16 bits
// mutant fn_tx_sum.sv | s/zero4_q && \(&fold_q\[15:0\]\)/zero4_q \&\& (|fold_q[15:0])/
// prove sum-32 | DATA_W=32 | induction 2 | the same at 32 bits
// mutant fn_tx_sum.sv | s/here && lane == PLACE_W'\(KEEP_W - 1\) && !beat_last_q;/here \&\& lane == PLACE_W'(KEEP_W - 1);/
// prove sum-64 | DATA_W=64 | induction 2 | the same at 64 bits
// mutant fn_tx_sum.sv | s/if \(last2_q \|\| rst\) sum_q <= '0;/if (rst) sum_q <= '0;/
`default_nettype none

module fn_tx_sum_proof #(
  parameter int DATA_W = 64
) (
  input wire logic                clk,
  input wire logic [DATA_W-1:0]   s_tdata,
  input wire logic [DATA_W/8-1:0] s_tkeep,
  input wire logic                s_tvalid,
  input wire logic                s_tlast,
  input wire logic [10:0]         s_tstart,
  input wire logic                s_tinsert,
  input wire logic [10:0]         s_tposition,
  input wire logic                s_tzero,
  input wire logic                s_drop,
  input wire logic                m_tready
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int LANE_W  = $clog2(KEEP_W);
  localparam int COUNT_W = KEEP_W > 1 ? LANE_W : 1;
  localparam int BEAT_W  = 11 - LANE_W;
  localparam int WORDS   = KEEP_W > 1 ? KEEP_W / 2 : 1;
  localparam int PAIRS   = (WORDS + 1) / 2;
  localparam int BEATS   = 1536 / KEEP_W;  // of a frame, at most

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic              s_tready, m_tvalid, m_tlast;
  logic [DATA_W-1:0] m_tdata;
  logic [KEEP_W-1:0] m_tkeep;

  fn_tx_sum #(.DATA_W(DATA_W), .DEPTH(2048)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast),
    .s_axis_tstart(s_tstart), .s_axis_tinsert(s_tinsert), .s_axis_tposition(s_tposition), .s_axis_tzero(s_tzero), .s_axis_tmeta(1'b0), .s_drop(s_drop),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tmeta(),
    .idle()
  );

  (* hierconn *) wire [BEAT_W-1:0]   \dut.beat_q , \dut.out_beat_q ;
  (* hierconn *) wire                \dut.begun_q , \dut.valid1_q , \dut.valid2_q , \dut.last1_q , \dut.last2_q , \dut.last3_q , \dut.last4_q , \dut.last5_q ;
  (* hierconn *) wire                \dut.swap1_q , \dut.swap2_q , \dut.swap3_q , \dut.swap4_q , \dut.zero1_q , \dut.zero2_q , \dut.zero3_q , \dut.zero4_q ;
  (* hierconn *) wire [WORDS*16-1:0] \dut.words_q ;
  (* hierconn *) wire [PAIRS*17-1:0] \dut.pairs_q ;
  (* hierconn *) wire [25:0]         \dut.sum_q , \dut.total_q ;
  (* hierconn *) wire [16:0]         \dut.fold_q ;
  (* hierconn *) wire [15:0]         \dut.result_q , \dut.head_result_q ;
  (* hierconn *) wire                \dut.beat_valid_q , \dut.beat_last_q , \dut.head_valid_q , \dut.head_insert_q , \dut.head_drop_q , \dut.leave , \dut.due_q ;
  (* hierconn *) wire [COUNT_W-1:0]  \dut.beat_count_q ;
  (* hierconn *) wire [DATA_W-1:0]   \dut.beat_data_q ;
  (* hierconn *) wire [10:0]         \dut.head_position_q ;

  // ---------------------------------------------------------------- what comes in
  logic        take;
  logic [10:0] beats_q, beats1_q, beats2_q;  // of the frame before the one at the input, and so for stages 1 and 2
  logic [10:0] start_q;
  logic [31:0] row, row1_q, row2_q, sum_q, total3_q, total4_q, total5_q;
  logic        odd_start1_q, odd_start2_q, odd_start3_q, odd_start4_q, odd_start5_q, odd_place1_q, odd_place2_q, odd_place3_q, odd_place4_q, odd_place5_q;
  logic        zero1_q, zero2_q, zero3_q, zero4_q, zero5_q;

  assign take = s_tvalid && s_tready;

  always_comb if (s_tvalid) begin
    assume (s_tlast || beats_q < BEATS - 1);
    assume (beats_q == 0 || s_tstart == start_q);
  end

  // RFC 1071: the bytes from the start on, those at even places of the frame in the high half of their word.
  always_comb begin
    row = '0;
    for (int i = 0; i < KEEP_W; i++) begin
      if (s_tkeep[i] && 32'(beats_q) * KEEP_W + i >= 32'(s_tstart)) begin
        row = row + ((KEEP_W == 1 ? beats_q[0] : i % 2 == 1) ? {24'd0, s_tdata[8*i +: 8]} : {16'd0, s_tdata[8*i +: 8], 8'd0});
      end
    end
  end

  always_ff @(posedge clk) begin
    if (take) begin
      beats_q <= s_tlast ? '0 : beats_q + 1'b1;
      start_q <= s_tstart;
    end
    beats1_q <= beats_q;
    beats2_q <= beats1_q;
    row1_q   <= row;
    row2_q   <= row1_q;
    if (\dut.valid2_q ) sum_q <= \dut.last2_q ? '0 : sum_q + row2_q;
    total3_q <= sum_q + row2_q;
    total4_q <= total3_q;
    total5_q <= total4_q;
    odd_start1_q <= s_tstart[0];
    odd_place1_q <= s_tposition[0];
    zero1_q      <= s_tzero;
    {odd_start5_q, odd_start4_q, odd_start3_q, odd_start2_q} <= {odd_start4_q, odd_start3_q, odd_start2_q, odd_start1_q};
    {odd_place5_q, odd_place4_q, odd_place3_q, odd_place2_q} <= {odd_place4_q, odd_place3_q, odd_place2_q, odd_place1_q};
    {zero5_q, zero4_q, zero3_q, zero2_q} <= {zero4_q, zero3_q, zero2_q, zero1_q};
    if (rst) {beats_q, beats1_q, beats2_q, sum_q} <= '0;
  end

  // ---------------------------------------------------------------- what is stored for the frame
  // RFC 1071 §4.1: add the words, then add what overflows 16 bits to the low end until nothing does.
  function automatic logic [15:0] fold(input logic [31:0] sum);
    logic [31:0] rest;
    rest = sum;
    for (int i = 0; i < 4; i++) rest = {16'd0, rest[15:0]} + {16'd0, rest[31:16]};
    fold = rest[15:0];
  endfunction

  function automatic logic [15:0] turned(input logic odd, input logic [15:0] word);
    turned = odd ? {word[7:0], word[15:8]} : word;
  endfunction

  // What the first so many beats of a frame can sum to.
  function automatic logic [31:0] most(input logic [11:0] beats);
    most = KEEP_W == 1 ? ((beats + 1'b1) >> 1) * 32'd65280 + (beats >> 1) * 32'd255 : beats * 32'(WORDS * 65535);
  endfunction

  logic [31:0] words, pairs;
  logic [15:0] inverse, checksum;

  always_comb begin
    words = '0;
    pairs = '0;
    for (int i = 0; i < WORDS; i++) words = words + 32'(\dut.words_q [16*i +: 16]);
    for (int i = 0; i < PAIRS; i++) pairs = pairs + 32'(\dut.pairs_q [17*i +: 17]);
  end

  assign inverse  = ~turned(odd_start5_q, fold(total5_q));
  assign checksum = zero5_q && inverse == '0 ? 16'hFFFF : inverse;

  always_comb if (!rst) begin
    // 1: masked.
    assert (beats_q < BEATS && \dut.beat_q == BEAT_W'(beats_q));
    assert (\dut.begun_q == (beats_q != '0 && beats_q > (start_q >> LANE_W)));
    assert (beats_q == (!\dut.valid1_q ? beats1_q : \dut.last1_q ? 11'd0 : beats1_q + 11'd1));
    assert (!\dut.last1_q || \dut.valid1_q );
    if (\dut.valid1_q ) assert (words == row1_q && row1_q <= most(beats1_q + 12'd1) - most(beats1_q) && beats1_q < BEATS);
    // 2 and 3: added.
    assert (beats1_q == (!\dut.valid2_q ? beats2_q : \dut.last2_q ? 11'd0 : beats2_q + 11'd1));
    assert (!\dut.last2_q || \dut.valid2_q );
    if (\dut.valid2_q ) assert (pairs == row2_q && row2_q <= most(beats2_q + 12'd1) - most(beats2_q) && beats2_q < BEATS);
    assert (\dut.sum_q == 26'(sum_q) && sum_q <= most(beats2_q));
    if (\dut.last3_q ) assert (\dut.total_q == 26'(total3_q) && total3_q <= most(BEATS));
    // 4 and 5: folded.
    if (\dut.last4_q ) assert (\dut.fold_q == 17'(total4_q[15:0]) + 17'(total4_q[25:16]) && total4_q <= most(BEATS));
    if (\dut.last5_q ) assert (\dut.result_q == turned(odd_place5_q, checksum));
    if (\dut.last1_q ) assert (\dut.swap1_q == (odd_start1_q != odd_place1_q) && \dut.zero1_q == zero1_q);
    if (\dut.last2_q ) assert (\dut.swap2_q == (odd_start2_q != odd_place2_q) && \dut.zero2_q == zero2_q);
    if (\dut.last3_q ) assert (\dut.swap3_q == (odd_start3_q != odd_place3_q) && \dut.zero3_q == zero3_q);
    if (\dut.last4_q ) assert (\dut.swap4_q == (odd_start4_q != odd_place4_q) && \dut.zero4_q == zero4_q);
  end

  // ---------------------------------------------------------------- what leaves
  logic [DATA_W-1:0] data, data_q;
  logic [KEEP_W-1:0] keep, keep_q;
  logic              last_q;
  logic [11:0]       place;  // of the beat's first byte

  assign place = 12'(\dut.out_beat_q ) << LANE_W;

  always_comb begin
    for (int i = 0; i < KEEP_W; i++) begin
      keep[i] = !\dut.beat_last_q || i <= \dut.beat_count_q || KEEP_W == 1;
      data[8*i +: 8] = \dut.beat_data_q [8*i +: 8];
      if (\dut.head_insert_q && (place + i == \dut.head_position_q || place + i == \dut.head_position_q + 12'd1)) begin
        data[8*i +: 8] = (KEEP_W == 1 ? place[0] : i % 2 == 1) ? \dut.head_result_q [7:0] : \dut.head_result_q [15:8];
      end
    end
  end

  always_comb if (\dut.beat_valid_q ) assume (\dut.beat_last_q || \dut.out_beat_q < BEATS - 1);

  always_ff @(posedge clk) if (\dut.leave ) begin
    data_q <= data;
    keep_q <= keep;
    last_q <= \dut.beat_last_q ;
  end

  always_comb if (!rst) begin
    assert (\dut.out_beat_q < BEATS);
    assert (\dut.head_valid_q || \dut.out_beat_q == '0);
    assert (\dut.due_q == (\dut.head_valid_q && \dut.head_insert_q && place != '0 && place == \dut.head_position_q + 12'd1));
    if (m_tvalid) assert (m_tdata == data_q && m_tkeep == keep_q && m_tlast == last_q);
  end

endmodule

// In the place of the three memories: takes and gives what it likes.
module fn_fifo #(
  parameter int WIDTH = 32,
  parameter int DEPTH = 16,
  parameter bit SPARSE = 1'b0
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic [WIDTH-1:0]         s_tdata,
  input  logic                     s_tvalid,
  output logic                     s_tready,
  output logic [WIDTH-1:0]         m_tdata,
  output logic                     m_tvalid,
  input  logic                     m_tready,
  output logic [$clog2(DEPTH):0]   level
);
  (* anyseq *) logic                   takes, gives;
  (* anyseq *) logic [WIDTH-1:0]       record;
  (* anyseq *) logic [$clog2(DEPTH):0] some;
  assign s_tready = takes;
  assign m_tvalid = gives;
  assign m_tdata  = record;
  assign level    = some;
endmodule

`default_nettype wire
