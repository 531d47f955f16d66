// The 1G Ethernet MAC with its FIFOs: frames of DATA_W-wide beats at `clk` on one side, GMII on the other, each GMII half at its own
// clock. Any of the three clocks may be the same. clk * DATA_W / 8 must not be slower than the GMII receive clock by more than 1 %;
// if it is, frames are lost and counted in rx_overflow.
//
// Transmit: frames without padding and check sequence, 1 to 1518 bytes. A frame is stored whole before it begins on the wire, so the wire
// never waits for the core. The source is stalled while the FIFO (TX_BYTES) is full. tx_enable = 0 holds frames back; one that has begun
// is finished. Throughput: wire speed at any frame size. Latency: the frame's length in beats and about 14 clocks.
//
// Receive: frames come out whole and verified, with any padding, without check sequence. A bad frame, or one that finds no room in the
// FIFO (RX_BYTES), is dropped whole, and exactly one of the rx_* pulses says why. rx_enable is sampled at a frame's first beat: the frame is taken
// or dropped whole (rx_disabled, whatever else may be wrong with it). The wire is never stalled.
//
//   s_axis ─▶ fn_axis_async_fifo (frames) ─▶ fn_axis_width ─▶ fn_mac_gmii_tx ─▶ GMII
//   m_axis ◀─ fn_axis_fifo (frames, drops) ◀─ fn_axis_async_fifo ◀─ fn_axis_width ◀─ fn_mac_gmii_rx ◀─ GMII
//
// rst resets all three domains; the MAC holds it for 16 clocks more, in which it takes nothing. No GMII clock may be slower than clk / 4.
`default_nettype none

module fn_mac_gmii #(
  parameter int DATA_W   = 64,    // bits: 8, 16, 32, 64 ...
  parameter int TX_BYTES = 4096,  // transmit FIFO, a power of two, more than one frame
  parameter int RX_BYTES = 8192   // receive FIFO, a power of two, more than one frame
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic                tx_enable,
  input  wire logic                rx_enable,

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,

  output logic                     rx_bad_fcs,
  output logic                     rx_phy_error,
  output logic                     rx_undersize,
  output logic                     rx_oversize,
  output logic                     rx_overflow,
  output logic                     rx_disabled,

  input  wire logic                gmii_rx_clk,
  input  wire logic [7:0]          gmii_rxd,
  input  wire logic                gmii_rx_dv,
  input  wire logic                gmii_rx_er,
  input  wire logic                gmii_tx_clk,
  output logic [7:0]               gmii_txd,
  output logic                     gmii_tx_en,
  output logic                     gmii_tx_er,

  output logic                     idle  // no frame in a FIFO, on the GMII or half taken
);

  localparam int KEEP_W    = DATA_W / 8;
  localparam int MAX_FRAME = 1518;
  localparam int COUNT_W   = $clog2(TX_BYTES / KEEP_W) + 2;  // frames under way to the wire, at worst one a beat

  // ---------------------------------------------------------------- reset: long enough for the slowest domain to see it
  logic [4:0] rst_count_q;
  logic       rst_q, tx_rst, rx_rst;

  always_ff @(posedge clk) begin
    if (rst) begin
      rst_count_q <= 5'd16;
      rst_q       <= 1'b1;
    end else if (rst_count_q != 5'd0) begin
      rst_count_q <= rst_count_q - 1'b1;
    end else begin
      rst_q <= 1'b0;
    end
  end

  fn_sync #(.WIDTH(1)) i_tx_rst_sync (.clk(gmii_tx_clk), .d(rst_q), .q(tx_rst));
  fn_sync #(.WIDTH(1)) i_rx_rst_sync (.clk(gmii_rx_clk), .d(rst_q), .q(rx_rst));

  // ---------------------------------------------------------------- transmit
  logic [DATA_W-1:0]  tx_wide_tdata;
  logic [KEEP_W-1:0]  tx_wide_tkeep;
  logic               tx_wide_tvalid, tx_wide_tready, tx_wide_tlast;
  logic [7:0]         tx_tdata;
  logic               tx_tvalid, tx_tready, tx_tlast;
  logic               fifo_tready, tx_fifo_overflow, tx_enable_s, tx_sent;
  logic [COUNT_W-1:0] tx_taken_q, tx_sent_q, tx_sent_d, tx_sent_gray_q, tx_sent_gray_s;
  logic               tx_half_taken_q, take;

  assign s_axis_tready = fifo_tready && !rst_q;
  assign take          = s_axis_tvalid && s_axis_tready;

  fn_axis_async_fifo #(.DATA_W(DATA_W), .USER_W(1), .DEPTH(TX_BYTES / KEEP_W), .FRAME_MODE(1'b1)) i_tx_fifo (
    .s_clk(clk), .s_rst(rst_q),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid && !rst_q), .s_axis_tready(fifo_tready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tuser(1'b0), .overflow(tx_fifo_overflow),
    .m_clk(gmii_tx_clk), .m_rst(tx_rst),
    .m_axis_tdata(tx_wide_tdata), .m_axis_tkeep(tx_wide_tkeep), .m_axis_tvalid(tx_wide_tvalid), .m_axis_tready(tx_wide_tready),
    .m_axis_tlast(tx_wide_tlast),
    .m_axis_tuser(), .m_empty()
  );

  fn_axis_width #(.S_DATA_W(DATA_W), .M_DATA_W(8), .USER_W(1)) i_tx_width (
    .clk(gmii_tx_clk), .rst(tx_rst),
    .s_axis_tdata(tx_wide_tdata), .s_axis_tkeep(tx_wide_tkeep), .s_axis_tvalid(tx_wide_tvalid), .s_axis_tready(tx_wide_tready),
    .s_axis_tlast(tx_wide_tlast), .s_axis_tuser(1'b0),
    .m_axis_tdata(tx_tdata), .m_axis_tvalid(tx_tvalid), .m_axis_tready(tx_tready), .m_axis_tlast(tx_tlast),
    .m_axis_tkeep(), .m_axis_tuser()
  );

  fn_sync #(.WIDTH(1)) i_tx_enable_sync (.clk(gmii_tx_clk), .d(tx_enable), .q(tx_enable_s));

  fn_mac_gmii_tx i_tx (
    .clk(gmii_tx_clk), .rst(tx_rst), .enable(tx_enable_s),
    .s_axis_tdata(tx_tdata), .s_axis_tvalid(tx_tvalid), .s_axis_tready(tx_tready), .s_axis_tlast(tx_tlast),
    .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er), .sent(tx_sent),
    .underrun()  // the FIFO holds whole frames
  );

  // Frames taken against frames sent, for idle.
  assign tx_sent_d = tx_sent_q + 1'b1;

  always_ff @(posedge gmii_tx_clk) begin
    if (tx_sent) begin
      tx_sent_q      <= tx_sent_d;
      tx_sent_gray_q <= tx_sent_d ^ (tx_sent_d >> 1);
    end
    if (tx_rst) begin
      tx_sent_q      <= '0;
      tx_sent_gray_q <= '0;
    end
  end

  fn_sync #(.WIDTH(COUNT_W)) i_tx_sent_sync (.clk(clk), .d(tx_sent_gray_q), .q(tx_sent_gray_s));

  always_ff @(posedge clk) begin
    if (take) tx_half_taken_q <= !s_axis_tlast;
    // A frame longer than the FIFO was counted when its last beat was taken, but will never be sent.
    tx_taken_q <= tx_taken_q + COUNT_W'(take && s_axis_tlast) - COUNT_W'(tx_fifo_overflow);
    if (rst_q) begin
      tx_half_taken_q <= 1'b0;
      tx_taken_q      <= '0;
    end
  end

  // ---------------------------------------------------------------- receive, GMII clock
  logic [7:0]        rx_tdata;
  logic [3:0]        rx_tuser;
  logic              rx_tvalid, rx_tlast, rx_busy, rx_busy_q, rx_busy_s;
  logic [2:0]        rx_linger_q;
  logic [DATA_W-1:0] rx_wide_tdata;
  logic [KEEP_W-1:0] rx_wide_tkeep;
  logic [3:0]        rx_wide_tuser;
  logic              rx_wide_tvalid, rx_wide_tlast;
  logic              cross_tready, cross_tvalid, cross_tlast;
  logic              rx_lost_q, rx_swallow_q;
  logic [4:0]        cross_tuser;

  fn_mac_gmii_rx #(.MAX_FRAME(MAX_FRAME)) i_rx (
    .clk(gmii_rx_clk), .rst(rx_rst), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er),
    .m_axis_tdata(rx_tdata), .m_axis_tvalid(rx_tvalid), .m_axis_tlast(rx_tlast), .m_axis_tuser(rx_tuser), .busy(rx_busy)
  );

  fn_axis_width #(.S_DATA_W(8), .M_DATA_W(DATA_W), .USER_W(4)) i_rx_width (
    .clk(gmii_rx_clk), .rst(rx_rst),
    .s_axis_tdata(rx_tdata), .s_axis_tkeep(1'b1), .s_axis_tvalid(rx_tvalid), .s_axis_tlast(rx_tlast), .s_axis_tuser(rx_tuser),
    .m_axis_tdata(rx_wide_tdata), .m_axis_tkeep(rx_wide_tkeep), .m_axis_tvalid(rx_wide_tvalid), .m_axis_tready(1'b1),
    .m_axis_tlast(rx_wide_tlast), .m_axis_tuser(rx_wide_tuser),
    .s_axis_tready()  // follows m_axis_tready = 1
  );

  // When the crossing has no room, which only a core clock that is too slow can cause, the rest of the frame is thrown away and what
  // was stored of it is closed with an overflow mark as soon as there is room. Frames that come before the mark is out share it.
  logic rx_store;

  assign rx_store     = rx_wide_tvalid && !rx_swallow_q && !rx_lost_q;
  assign cross_tvalid = rx_store || rx_lost_q;
  assign cross_tlast  = rx_wide_tlast || rx_lost_q;
  assign cross_tuser  = rx_lost_q ? 5'b10000 : {1'b0, rx_wide_tuser};

  always_ff @(posedge gmii_rx_clk) begin
    if (rx_wide_tvalid && !(rx_store && cross_tready)) rx_swallow_q <= !rx_wide_tlast;
    if (rx_store && !cross_tready) rx_lost_q <= 1'b1;
    else if (cross_tready) rx_lost_q <= 1'b0;
    if (rx_rst) begin
      rx_lost_q    <= 1'b0;
      rx_swallow_q <= 1'b0;
    end
  end

  // Busy lingers until what the last byte caused is visible in the crossing's counters.
  always_ff @(posedge gmii_rx_clk) begin
    if (rx_busy || rx_wide_tvalid || rx_lost_q) rx_linger_q <= 3'd4;
    else if (rx_linger_q != 3'd0) rx_linger_q <= rx_linger_q - 1'b1;
    rx_busy_q <= rx_busy || rx_linger_q != 3'd0;
    if (rx_rst) rx_linger_q <= 3'd0;
  end

  fn_sync #(.WIDTH(1)) i_rx_busy_sync (.clk(clk), .d(rx_busy_q), .q(rx_busy_s));

  // ---------------------------------------------------------------- receive, core clock
  logic [DATA_W-1:0] in_tdata;
  logic [KEEP_W-1:0] in_tkeep;
  logic [4:0]        in_tuser;
  logic              in_tvalid, in_tlast, in_drop, in_empty;
  logic              rx_fifo_overflow, rx_fifo_empty, rx_dropped;
  logic              rx_mid_frame_q, rx_refused_q, rx_refused;
  logic [5:0]        rx_reason_q;

  fn_axis_async_fifo #(.DATA_W(DATA_W), .USER_W(5), .DEPTH(32), .FRAME_MODE(1'b0)) i_rx_cross (
    .s_clk(gmii_rx_clk), .s_rst(rx_rst),
    .s_axis_tdata(rx_wide_tdata), .s_axis_tkeep(rx_wide_tkeep), .s_axis_tvalid(cross_tvalid),
    .s_axis_tready(cross_tready), .s_axis_tlast(cross_tlast), .s_axis_tuser(cross_tuser),
    .m_clk(clk), .m_rst(rst_q),
    .m_axis_tdata(in_tdata), .m_axis_tkeep(in_tkeep), .m_axis_tvalid(in_tvalid), .m_axis_tready(1'b1),
    .m_axis_tlast(in_tlast), .m_axis_tuser(in_tuser), .m_empty(in_empty),
    .overflow()
  );

  assign rx_refused = rx_mid_frame_q ? rx_refused_q : !rx_enable;
  assign in_drop    = rx_refused || in_tuser != '0;

  always_ff @(posedge clk) begin
    if (in_tvalid) begin
      rx_mid_frame_q <= !in_tlast;
      rx_refused_q   <= rx_refused;
      rx_reason_q    <= rx_refused ? 6'b100000 : {1'b0, in_tuser};
    end
    if (rst_q) rx_mid_frame_q <= 1'b0;
  end

  fn_axis_fifo #(.DATA_W(DATA_W), .USER_W(1), .DEPTH(RX_BYTES / KEEP_W), .FRAMES(RX_BYTES / 64), .FRAME_MODE(1'b1), .DROP_WHEN_FULL(1'b1)) i_rx_fifo (
    .clk(clk), .rst(rst_q),
    .s_axis_tdata(in_tdata), .s_axis_tkeep(in_tkeep), .s_axis_tvalid(in_tvalid), .s_axis_tlast(in_tlast), .s_axis_tuser(1'b0),
    .s_axis_drop(in_drop),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast), .dropped(rx_dropped), .overflow(rx_fifo_overflow), .empty(rx_fifo_empty),
    .s_axis_tready(), .m_axis_tuser()  // never stalls
  );

  // `dropped` and `overflow` come one clock after tlast, as rx_reason_q does.
  assign rx_bad_fcs   = rx_dropped && rx_reason_q[0];
  assign rx_undersize = rx_dropped && rx_reason_q[1];
  assign rx_oversize  = rx_dropped && rx_reason_q[2];
  assign rx_phy_error = rx_dropped && rx_reason_q[3];
  assign rx_overflow  = rx_fifo_overflow || (rx_dropped && rx_reason_q[4]);
  assign rx_disabled  = rx_dropped && rx_reason_q[5];

  assign idle = !rst_q && !tx_half_taken_q && (tx_taken_q ^ (tx_taken_q >> 1)) == tx_sent_gray_s
             && !rx_busy_s && in_empty && !rx_mid_frame_q && rx_fifo_empty;

`ifndef SYNTHESIS
  initial if (TX_BYTES <= MAX_FRAME || RX_BYTES <= MAX_FRAME) $fatal(1, "fn_mac_gmii: illegal FIFO size");
`endif

endmodule

`default_nettype wire
