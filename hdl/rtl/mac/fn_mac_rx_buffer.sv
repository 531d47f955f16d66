// What stands between the receive half of a MAC and a core, for every MAC: the crossing from the line's width and clock, and a FIFO that
// lets whole, good frames through and drops the others.
//
// The line is never stalled. A frame whose last beat has a tuser other than 0 (codes of fn_mac_gmii_rx), or that finds no room in the FIFO
// (BYTES), is dropped whole, and exactly one of the rx_* pulses says why. rx_enable is sampled at a frame's first beat: the frame is taken
// or dropped whole (rx_disabled, whatever else may be wrong with it).
// Flow control (PAUSE = 1): a good PAUSE frame is not handed up (rx_pause) but told to the transmitter, while pause_rx is set; and `congested` says,
// while pause_tx is set, that the FIFO holds pause_high bytes or more, until it holds pause_low or less.
// Time (CLOCK = 1): m_axis_tuser is the time of the frame's start delimiter, of which `strike` tells (fn_frame_stamps).
//
// Latency: the frame's length in beats, and 6 to 8 clocks. Throughput: one beat a clock on either side.
`default_nettype none

module fn_mac_rx_buffer #(
  parameter int DATA_W  = 64,    // bits, the core's side: 8, 16, 32, 64 ...
  parameter int LINE_W  = 8,     // bits, the line's side
  parameter int BYTES   = 8192,  // a power of two, more than one frame
  parameter bit PAUSE   = 1'b1,  // flow control
  parameter bit CLOCK   = 1'b1,  // stamps
  parameter int SPACING = 32     // clocks of the line from a start delimiter to the next that is stamped: at least 4 of clk, at most a shortest frame
) (
  input  wire logic                line_clk,
  input  wire logic                line_rst,
  input  wire logic [LINE_W-1:0]   s_axis_tdata,
  input  wire logic [LINE_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  input  wire logic                s_axis_tlast,
  input  wire logic [3:0]          s_axis_tuser,  // with tlast: why the frame is bad
  input  wire logic                strike,        // pulse: a start delimiter; not before the last beat of the frame before
  input  wire logic                busy,          // a carrier event is on the pins or on its way through

  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic                rx_enable,
  input  wire logic [63:0]         now,           // ns
  input  wire logic [15:0]         latency,       // ns, signed
  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [63:0]              m_axis_tuser,  // ns; 0: no stamp
  output logic                     rx_bad_fcs,
  output logic                     rx_phy_error,
  output logic                     rx_undersize,
  output logic                     rx_oversize,
  output logic                     rx_overflow,
  output logic                     rx_disabled,
  input  wire logic                pause_rx,
  input  wire logic                pause_tx,
  input  wire logic [15:0]         pause_high,    // bytes
  input  wire logic [15:0]         pause_low,
  output logic                     rx_pause,
  output logic                     pause_toggle,  // changes: a PAUSE frame came
  output logic [15:0]              pause_quanta,
  output logic                     congested,
  output logic                     idle           // nothing on the line, nothing stored
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int STAMP_W = CLOCK ? 64 : 1;

  // ---------------------------------------------------------------- the line's clock
  logic [DATA_W-1:0] wide_tdata;
  logic [KEEP_W-1:0] wide_tkeep;
  logic [3:0]        tag;
  logic [7:0]        wide_tuser;  // tag, verdict
  logic              wide_tvalid, wide_tlast;
  logic              cross_tready, cross_tvalid, cross_tlast, store, lost_q, swallow_q;
  logic [8:0]        cross_tuser;  // tag, lost, verdict
  logic              busy_q, busy_s;
  logic [2:0]        linger_q;

  fn_axis_width #(.S_DATA_W(LINE_W), .M_DATA_W(DATA_W), .USER_W(8)) i_width (
    .clk(line_clk), .rst(line_rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast),
    .s_axis_tuser({tag, s_axis_tuser}),
    .m_axis_tdata(wide_tdata), .m_axis_tkeep(wide_tkeep), .m_axis_tvalid(wide_tvalid), .m_axis_tready(1'b1),
    .m_axis_tlast(wide_tlast), .m_axis_tuser(wide_tuser),
    .s_axis_tready()  // follows m_axis_tready = 1
  );

  // When the crossing has no room, which only a core clock that is too slow can cause, the rest of the frame is thrown away and what
  // was stored of it is closed with an overflow mark as soon as there is room. Frames that come before the mark is out share it.
  assign store        = wide_tvalid && !swallow_q && !lost_q;
  assign cross_tvalid = store || lost_q;
  assign cross_tlast  = wide_tlast || lost_q;
  assign cross_tuser  = {wide_tuser[7:4], lost_q ? 5'b10000 : {1'b0, wide_tuser[3:0]}};

  always_ff @(posedge line_clk) begin
    if (wide_tvalid && !(store && cross_tready)) swallow_q <= !wide_tlast;
    if (store && !cross_tready) lost_q <= 1'b1;
    else if (cross_tready) lost_q <= 1'b0;
    if (line_rst) begin
      lost_q    <= 1'b0;
      swallow_q <= 1'b0;
    end
  end

  // Busy lingers until what the last byte caused is visible in the crossing's counters.
  always_ff @(posedge line_clk) begin
    if (busy || wide_tvalid || lost_q) linger_q <= 3'd4;
    else if (linger_q != 3'd0) linger_q <= linger_q - 1'b1;
    busy_q <= busy || linger_q != 3'd0;
    if (line_rst) linger_q <= 3'd0;
  end

  fn_sync #(.WIDTH(1)) i_busy_sync (.clk(clk), .d(busy_q), .q(busy_s));

  // ---------------------------------------------------------------- the core's clock
  logic [DATA_W-1:0] in_tdata;
  logic [KEEP_W-1:0] in_tkeep;
  logic [8:0]        in_tuser;
  logic [STAMP_W-1:0] in_stamp, out_stamp;
  logic              in_tvalid, in_tlast, in_drop, in_empty;
  logic              fifo_overflow, fifo_empty, dropped, mid_frame_q, refused_q, refused, pause;
  logic [6:0]        reason_q;

  fn_axis_async_fifo #(.DATA_W(DATA_W), .USER_W(9), .DEPTH(32), .FRAME_MODE(1'b0)) i_cross (
    .s_clk(line_clk), .s_rst(line_rst),
    .s_axis_tdata(wide_tdata), .s_axis_tkeep(wide_tkeep), .s_axis_tvalid(cross_tvalid), .s_axis_tready(cross_tready),
    .s_axis_tlast(cross_tlast), .s_axis_tuser(cross_tuser), .overflow(), .s_room(),
    .m_clk(clk), .m_rst(rst),
    .m_axis_tdata(in_tdata), .m_axis_tkeep(in_tkeep), .m_axis_tvalid(in_tvalid), .m_axis_tready(1'b1),
    .m_axis_tlast(in_tlast), .m_axis_tuser(in_tuser), .m_empty(in_empty)
  );

  assign refused = mid_frame_q ? refused_q : !rx_enable;
  assign in_drop = refused || in_tuser[4:0] != '0 || pause;

  always_ff @(posedge clk) begin
    if (in_tvalid) begin
      mid_frame_q <= !in_tlast;
      refused_q   <= refused;
      reason_q    <= refused ? 7'b0100000 : in_tuser[4:0] != '0 ? {2'b00, in_tuser[4:0]} : {pause, 6'd0};
    end
    if (rst) mid_frame_q <= 1'b0;
  end

  // The crossing holds 32 beats and is never stopped, so no tag comes up again while its frame is in there; and a frame of several beats looks its
  // stamp up before its last one. What looks too early has fewer beats and is bad.
  generate
    if (CLOCK) begin : g_clock
      fn_frame_stamps #(.SPACING(SPACING)) i_stamps (
        .line_clk(line_clk), .line_rst(line_rst), .strike(strike), .tag(tag),
        .clk(clk), .rst(rst), .now(now), .latency(latency), .look(in_tvalid), .look_tag(in_tuser[8:5]), .stamp(in_stamp)
      );
      assign m_axis_tuser = out_stamp;
    end else begin : g_no_clock
      assign tag          = '0;
      assign in_stamp     = '0;
      assign m_axis_tuser = '0;

      logic unused;
      assign unused = &{1'b0, strike, now, latency, in_tuser[8:5], out_stamp};
    end
  endgenerate

  // ---------------------------------------------------------------- flow control
  generate
    if (PAUSE) begin : g_pause
      localparam int LEVEL_W = $clog2(BYTES / KEEP_W) + 1;

      logic               is_pause, ended_q;
      logic [15:0]        quanta, level_bytes_q;
      logic [LEVEL_W-1:0] level_q, frame_q, length_q;  // beats in the FIFO; of the frame that comes in; of the one that has

      fn_mac_pause_rx #(.DATA_W(DATA_W)) i_pause (
        .clk(clk), .rst(rst), .tdata(in_tdata), .tvalid(in_tvalid), .tlast(in_tlast), .pause(is_pause), .quanta(quanta)
      );

      assign pause = pause_rx && is_pause && in_tlast;

      always_ff @(posedge clk) begin
        if (in_tvalid && pause && !refused && in_tuser[4:0] == '0) begin
          pause_toggle <= !pause_toggle;
          pause_quanta <= quanta;
        end
        ended_q <= in_tvalid && in_tlast;
        if (in_tvalid) begin
          frame_q  <= in_tlast ? '0 : frame_q + 1'b1;
          length_q <= frame_q + 1'b1;
        end
        level_q <= level_q + (ended_q && !dropped && !fifo_overflow ? length_q : '0) - LEVEL_W'(m_axis_tvalid && m_axis_tready);
        level_bytes_q <= 16'(level_q) * 16'(KEEP_W);
        if (!pause_tx || level_bytes_q <= pause_low) congested <= 1'b0;
        else if (level_bytes_q >= pause_high) congested <= 1'b1;
        if (rst) begin
          pause_toggle <= 1'b0;
          ended_q      <= 1'b0;
          frame_q      <= '0;
          level_q      <= '0;
          congested    <= 1'b0;
        end
      end
    end else begin : g_no_pause
      assign pause        = 1'b0;
      assign pause_toggle = 1'b0;
      assign pause_quanta = '0;
      assign congested    = 1'b0;

      logic unused;
      assign unused = &{1'b0, pause_rx, pause_tx, pause_high, pause_low};
    end
  endgenerate

  fn_axis_fifo #(.DATA_W(DATA_W), .USER_W(STAMP_W), .DEPTH(BYTES / KEEP_W), .FRAMES(BYTES / 64), .FRAME_MODE(1'b1), .DROP_WHEN_FULL(1'b1)) i_fifo (
    .clk(clk), .rst(rst),
    .s_axis_tdata(in_tdata), .s_axis_tkeep(in_tkeep), .s_axis_tvalid(in_tvalid), .s_axis_tlast(in_tlast), .s_axis_tuser(in_stamp),
    .s_axis_drop(in_drop), .s_axis_tready(),  // never stalls
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast), .m_axis_tuser(out_stamp), .dropped(dropped), .overflow(fifo_overflow), .empty(fifo_empty)
  );

  // `dropped` and `overflow` come one clock after tlast, as reason_q does.
  assign rx_bad_fcs   = dropped && reason_q[0];
  assign rx_undersize = dropped && reason_q[1];
  assign rx_oversize  = dropped && reason_q[2];
  assign rx_phy_error = dropped && reason_q[3];
  assign rx_overflow  = fifo_overflow || (dropped && reason_q[4]);
  assign rx_disabled  = dropped && reason_q[5];
  assign rx_pause     = dropped && reason_q[6];

  assign idle = !rst && !busy_s && in_empty && !mid_frame_q && fifo_empty;

endmodule

`default_nettype wire
