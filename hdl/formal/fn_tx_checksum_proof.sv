// prove sum-16 | DATA_W=16 | search 10 | what is inserted is the complement of the RFC 1071 sum of the bytes that are summed: the adder of a beat, the running sum and the fold equal the definition; zero becomes ones where asked
// mutant fn_tx_checksum.sv | s/assign folded  = fold\[15:0\] \+ 16'\(fold\[16\]\);/assign folded = fold[15:0];/
// prove sum-32 | DATA_W=32 | search 10 | the same at 32 bits
// mutant fn_tx_checksum.sv | s/zero3_q && \(&swapped\)/zero3_q \&\& (|swapped)/
`default_nettype none
`include "fn_regs.svh"

module fn_tx_checksum_proof #(
  parameter int DATA_W = 64
) (
  input wire logic                           clk,
  input wire logic [DATA_W-1:0]              s_tdata,
  input wire logic [DATA_W/8-1:0]            s_tkeep,
  input wire logic                           s_tvalid,
  input wire logic                           s_tlast,
  input wire logic [`FN_TX_HEADER_WIDTH-1:0] s_tuser,
  input wire logic                           s_tabort,
  input wire logic                           m_status_tready,
  input wire logic                           m_tready
);

  localparam int KEEP_W    = DATA_W / 8;
  localparam int WORDS     = KEEP_W > 1 ? KEEP_W / 2 : 1;
  localparam int PARTIAL_W = 16 + $clog2(WORDS + 1);
  localparam int MAX_BEATS = (1518 + KEEP_W - 1) / KEEP_W;

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic s_tready;
  fn_tx_checksum #(.DATA_W(DATA_W), .DEPTH(2048)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .s_axis_tmeta(1'b0), .s_axis_tabort(s_tabort), .s_axis_tstatus(8'd0), .s_axis_tmore(1'b0),
    .m_status_tdata(), .m_status_tvalid(), .m_status_tready(m_status_tready),
    .m_axis_tdata(), .m_axis_tkeep(), .m_axis_tvalid(), .m_axis_tready(m_tready), .m_axis_tlast(), .m_axis_tmeta(), .m_axis_tvlan(),
    .count_frame(), .count_bytes(), .count_checksum(), .count_refused(), .idle()
  );

  (* hierconn *) wire                 \dut.advance , \dut.valid1_q , \dut.valid2_q , \dut.first2_q , \dut.last2_q , \dut.odd3_q , \dut.zero3_q ;
  (* hierconn *) wire [DATA_W-1:0]    \dut.data1_q ;
  (* hierconn *) wire [KEEP_W-1:0]    \dut.mask1_q ;
  (* hierconn *) wire [PARTIAL_W-1:0] \dut.partial2_q ;
  (* hierconn *) wire [25:0]          \dut.sum3_q ;
  (* hierconn *) wire [15:0]          \dut.checksum ;

  // RFC 1071 §4.1: add the words, then add what overflows 16 bits to the low end until nothing does.
  function automatic logic [15:0] fold(input logic [31:0] sum);
    logic [31:0] rest;
    rest = sum;
    for (int i = 0; i < 4; i++) rest = {16'd0, rest[15:0]} + {16'd0, rest[31:16]};
    fold = rest[15:0];
  endfunction

  logic [31:0] words, words2_q, sum_q;
  logic [10:0] beats_q;  // of this frame, up to one more than a frame can have
  always_comb begin
    words = '0;
    for (int i = 0; i < KEEP_W; i++) if (\dut.mask1_q [i]) words = words + (i % 2 == 1 ? {24'd0, \dut.data1_q [8*i +: 8]} : {16'd0, \dut.data1_q [8*i +: 8], 8'd0});
  end
  always_ff @(posedge clk) if (\dut.advance ) begin
    if (\dut.valid1_q ) words2_q <= words;
    if (\dut.valid2_q ) begin
      sum_q   <= (\dut.first2_q ? 32'd0 : sum_q) + words2_q;
      beats_q <= \dut.first2_q ? 11'd1 : beats_q > MAX_BEATS ? beats_q : beats_q + 1'b1;
    end
  end

  // Bound to hold from the first frame's first beat on.
  logic seen1_q, seen2_q, seen3_q;
  always_ff @(posedge clk) begin
    if (\dut.advance && s_tvalid) seen1_q <= 1'b1;
    if (\dut.advance && \dut.valid1_q ) seen2_q <= 1'b1;
    if (\dut.advance && \dut.valid2_q ) seen3_q <= 1'b1;
    if (rst) {seen1_q, seen2_q, seen3_q} <= '0;
  end

  logic [15:0] folded, expected;
  assign folded   = fold(sum_q);
  assign expected = \dut.odd3_q ? {folded[7:0], folded[15:8]} : folded;

  always_comb if (!rst) begin
    if (\dut.valid1_q ) assert (seen1_q);
    if (\dut.valid2_q ) assert (seen2_q);
    if (\dut.valid2_q && !seen3_q) assume (\dut.first2_q );
    if (seen2_q) assert (\dut.partial2_q == words2_q && words2_q <= WORDS * 65535);
    if (seen3_q && beats_q <= MAX_BEATS) begin
      assert (sum_q <= beats_q * (WORDS * 65535));
      assert (\dut.sum3_q == sum_q);
      assert (\dut.checksum == (\dut.zero3_q && &expected ? 16'hFFFF : ~expected));
    end
  end

endmodule

// In the place of the store behind the sum: takes when it likes, and gives nothing.
module fn_axis_fifo #(
  parameter int DATA_W         = 64,
  parameter int USER_W         = 1,
  parameter int DEPTH          = 512,
  parameter int FRAMES         = 32,
  parameter bit FRAME_MODE     = 1'b1,
  parameter bit DROP_WHEN_FULL = 1'b0
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [USER_W-1:0]   s_axis_tuser,
  input  wire logic                s_axis_drop,
  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [USER_W-1:0]        m_axis_tuser,
  output logic                     dropped,
  output logic                     overflow,
  output logic                     empty
);
  (* anyseq *) logic takes;
  assign s_axis_tready = takes;
  assign {m_axis_tdata, m_axis_tkeep, m_axis_tvalid, m_axis_tlast, m_axis_tuser, dropped, overflow} = '0;
  assign empty = 1'b1;
endmodule

`default_nettype wire
