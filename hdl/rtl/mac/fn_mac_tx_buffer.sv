// What stands between a core and the transmit half of a MAC, for every MAC: the crossing to the line's clock and width. A frame is shown
// to the line once it is stored whole, so the line never waits inside one; without WHOLE it is shown at once, and the source must not let it wait.
//
// Time (CLOCK = 1): a frame with s_axis_tuser[1] is on hold at the line until it is released, one release a frame, in order, before or after the frame
// came (fn_frame_release); the start delimiter of one with s_axis_tuser[0] is stamped, in order (fn_timestamp_capture).
//
// Latency: the frame's length in beats, and 7 to 9 clocks. Throughput: one beat a clock on either side. The source is stalled while the
// FIFO (BYTES) is full. A frame longer than the FIFO is forgotten.
`default_nettype none

module fn_mac_tx_buffer #(
  parameter int DATA_W = 64,    // bits, the core's side: 8, 16, 32, 64 ...
  parameter int LINE_W = 8,     // bits, the line's side
  parameter int BYTES  = 4096,  // a power of two, more than one frame where it is stored whole
  parameter bit WHOLE  = 1'b1,  // frames are stored whole
  parameter bit CLOCK  = 1'b1   // releases and stamps
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [1:0]          s_axis_tuser,   // wait for a release; stamp. The same in all beats of a frame
  input  wire logic                release_frame,  // pulse
  input  wire logic [63:0]         now,            // ns
  input  wire logic [15:0]         latency,        // ns, signed
  output logic                     stamp_valid,    // pulse
  output logic [63:0]              stamp,          // ns, until the next
  output logic                     idle,           // every frame taken has been sent

  input  wire logic                line_clk,
  input  wire logic                line_rst,
  output logic [LINE_W-1:0]        m_axis_tdata,
  output logic [LINE_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic                     hold,           // the frame on m_axis may not begin yet
  input  wire logic                strike,         // pulse: its start delimiter is on the line, and a beat of it on m_axis
  input  wire logic                sent            // pulse: a frame of m_axis has left the line
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int COUNT_W = $clog2(BYTES / KEEP_W) + 2;  // frames under way to the wire, at worst one a beat

  logic [DATA_W-1:0]   wide_tdata;
  logic [KEEP_W-1:0]   wide_tkeep;
  logic                wide_tvalid, wide_tready, wide_tlast, fifo_tready, fifo_overflow, take, half_taken_q;
  logic [LINE_W-1:0]   part_tdata;
  logic [LINE_W/8-1:0] part_tkeep;
  logic                part_tvalid, part_tready, part_tlast;
  logic [1:0]          wide_tuser, part_tuser, line_tuser;
  logic [COUNT_W-1:0]  taken_q, sent_q, sent_d, sent_gray_q, sent_gray_s;

  assign s_axis_tready = fifo_tready && !rst;
  assign take          = s_axis_tvalid && s_axis_tready;

  fn_axis_async_fifo #(.DATA_W(DATA_W), .USER_W(2), .DEPTH(BYTES / KEEP_W), .FRAME_MODE(WHOLE)) i_fifo (
    .s_clk(clk), .s_rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid && !rst), .s_axis_tready(fifo_tready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tuser(CLOCK ? s_axis_tuser : 2'b00), .overflow(fifo_overflow), .s_room(),
    .m_clk(line_clk), .m_rst(line_rst),
    .m_axis_tdata(wide_tdata), .m_axis_tkeep(wide_tkeep), .m_axis_tvalid(wide_tvalid), .m_axis_tready(wide_tready), .m_axis_tlast(wide_tlast),
    .m_axis_tuser(wide_tuser), .m_empty()
  );

  fn_axis_width #(.S_DATA_W(DATA_W), .M_DATA_W(LINE_W), .USER_W(2)) i_width (
    .clk(line_clk), .rst(line_rst),
    .s_axis_tdata(wide_tdata), .s_axis_tkeep(wide_tkeep), .s_axis_tvalid(wide_tvalid), .s_axis_tready(wide_tready),
    .s_axis_tlast(wide_tlast), .s_axis_tuser(wide_tuser),
    .m_axis_tdata(part_tdata), .m_axis_tkeep(part_tkeep), .m_axis_tvalid(part_tvalid), .m_axis_tready(part_tready),
    .m_axis_tlast(part_tlast), .m_axis_tuser(part_tuser)
  );

  // Whether the line takes a beat hangs on flow control and on the MAC; the way from there ends here and not in the FIFO.
  fn_skid_buffer #(.DATA_W(LINE_W), .USER_W(2)) i_slice (
    .clk(line_clk), .rst(line_rst),
    .s_axis_tdata(part_tdata), .s_axis_tkeep(part_tkeep), .s_axis_tvalid(part_tvalid), .s_axis_tready(part_tready),
    .s_axis_tlast(part_tlast), .s_axis_tuser(part_tuser),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast), .m_axis_tuser(line_tuser)
  );

  generate
    if (CLOCK) begin : g_clock
      logic none_released;

      assign hold = line_tuser[1] && none_released;

      fn_frame_release #(.COUNT_W(COUNT_W)) i_release (
        .clk(clk), .rst(rst), .release_frame(release_frame),
        .line_clk(line_clk), .line_rst(line_rst), .used(strike && line_tuser[1]), .hold(none_released)
      );

      fn_timestamp_capture i_capture (
        .event_clk(line_clk), .event_rst(line_rst), .strike(strike && line_tuser[0]),
        .clk(clk), .rst(rst), .now(now), .latency(latency), .stamp_valid(stamp_valid), .stamp(stamp)
      );
    end else begin : g_no_clock
      assign hold        = 1'b0;
      assign stamp_valid = 1'b0;
      assign stamp       = '0;

      logic unused;
      assign unused = &{1'b0, s_axis_tuser, line_tuser, strike, release_frame, now, latency};
    end
  endgenerate

  // Frames taken against frames sent, for idle.
  assign sent_d = sent_q + 1'b1;

  always_ff @(posedge line_clk) begin
    if (sent) begin
      sent_q      <= sent_d;
      sent_gray_q <= sent_d ^ (sent_d >> 1);
    end
    if (line_rst) begin
      sent_q      <= '0;
      sent_gray_q <= '0;
    end
  end

  fn_sync #(.WIDTH(COUNT_W)) i_sent_sync (.clk(clk), .d(sent_gray_q), .q(sent_gray_s));

  always_ff @(posedge clk) begin
    if (take) half_taken_q <= !s_axis_tlast;
    // A frame longer than the FIFO was counted when its last beat was taken, but will never be sent.
    taken_q <= taken_q + COUNT_W'(take && s_axis_tlast) - COUNT_W'(fifo_overflow);
    if (rst) begin
      half_taken_q <= 1'b0;
      taken_q      <= '0;
    end
  end

  assign idle = !rst && !half_taken_q && (taken_q ^ (taken_q >> 1)) == sent_gray_s;

endmodule

`default_nettype wire
