// The 1G Ethernet MAC with its FIFOs: frames of DATA_W-wide beats at `clk` on one side, GMII on the other, each GMII half at its own
// clock. Any of the three clocks may be the same. clk * DATA_W / 8 must not be slower than the received bytes by more than 1 %; if it is,
// frames are lost and counted in rx_overflow.
//
// Slower interfaces are adapters in front of the GMII (fn_mii, fn_rmii, fn_rgmii): gmii_rx_ce and gmii_tx_ce say in which clocks of the line a
// byte passes; 1 for a real GMII.
//
// Transmit (fn_mac_tx_buffer): frames without padding and check sequence, 1 to 1518 bytes. A frame is stored whole before it begins on the
// wire, so the wire never waits for the core. The source is stalled while the FIFO (TX_BYTES) is full. tx_enable = 0 holds frames back; one
// that has begun is finished. Throughput: wire speed at any frame size. Latency: the frame's length in beats and about 15 clocks.
//
// Receive (fn_mac_rx_buffer): frames come out whole and verified, with any padding, without check sequence. A bad frame, or one that finds
// no room in the FIFO (RX_BYTES), is dropped whole, and exactly one of the rx_* pulses says why. The wire is never stalled.
//
// Time (CLOCK = 1): m_axis_tuser is when the frame's start delimiter was on the receive pins; tx_stamp is when that of a frame with
// s_axis_tuser[0] was on the transmit pins. A frame with s_axis_tuser[1] begins when it is released. With one clock everywhere, the time from
// a start delimiter on the pins to its stamp is 4 clocks for a received frame and 3 for a sent one, and from a release to the start delimiter
// on the pins 12; with clocks apart up to one less.
//
// Flow control (PAUSE = 1, IEEE 802.3 annex 31B): with pause_rx a received PAUSE frame holds the transmitter (fn_mac_pause_tx); with pause_tx the MAC sends
// PAUSE frames while the receive FIFO holds much (fn_mac_rx_buffer).
//
//   s_axis ─▶ fn_mac_tx_buffer ─▶ fn_mac_pause_tx ─▶ fn_mac_gmii_tx ─▶ GMII
//   m_axis ◀─ fn_mac_rx_buffer ◀─ fn_mac_gmii_rx ◀─ GMII
//
// rst resets all three domains; the MAC holds it until the slowest has seen it (fn_mac_reset), and takes nothing till then.
`default_nettype none

module fn_mac_gmii #(
  parameter int DATA_W   = 64,    // bits: 8, 16, 32, 64 ...
  parameter int TX_BYTES = 4096,  // transmit FIFO, a power of two, more than one frame
  parameter bit TX_WHOLE = 1'b1,  // a frame begins once it is stored whole; 0: the source never pauses inside one and outruns the line, so a few beats will do
  parameter int RX_BYTES = 8192,  // receive FIFO, a power of two, more than one frame
  parameter bit PAUSE    = 1'b1,  // flow control
  parameter bit CLOCK    = 1'b1   // stamps and releases
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
  input  wire logic [1:0]          s_axis_tuser,    // wait for a release; stamp. The same in all beats of a frame

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [63:0]              m_axis_tuser,    // ns; 0: no stamp

  input  wire logic [63:0]         now,             // ns
  input  wire logic [15:0]         rx_latency,      // ns, signed
  input  wire logic [15:0]         tx_latency,      // ns, signed
  input  wire logic                tx_release,      // pulse
  output logic                     tx_stamp_valid,  // pulse
  output logic [63:0]              tx_stamp,        // ns, until the next

  output logic                     rx_bad_fcs,
  output logic                     rx_phy_error,
  output logic                     rx_undersize,
  output logic                     rx_oversize,
  output logic                     rx_overflow,
  output logic                     rx_disabled,

  input  wire logic                pause_rx,        // obey PAUSE frames
  input  wire logic                pause_tx,        // send them
  input  wire logic [15:0]         pause_quanta,    // what they ask for, in 512 bit times
  input  wire logic [15:0]         pause_high,      // bytes in the receive FIFO
  input  wire logic [15:0]         pause_low,
  input  wire logic [47:0]         station,         // their sender, first octet in [47:40]
  output logic                     rx_pause,        // pulse: a PAUSE frame came
  output logic                     tx_pause,        // pulse: one goes out
  output logic                     tx_paused,       // the transmitter is held

  input  wire logic                gmii_rx_clk,
  input  wire logic                gmii_rx_ce,
  input  wire logic [7:0]          gmii_rxd,
  input  wire logic                gmii_rx_dv,
  input  wire logic                gmii_rx_er,
  input  wire logic                gmii_tx_clk,
  input  wire logic                gmii_tx_ce,
  output logic [7:0]               gmii_txd,
  output logic                     gmii_tx_en,
  output logic                     gmii_tx_er,

  output logic                     idle  // no frame in a FIFO, on the GMII or half taken
);

  localparam int MAX_FRAME = 1518;

  logic core_rst, tx_rst, rx_rst;

  fn_mac_reset i_reset (.clk(clk), .rst(rst), .clk_rst(core_rst), .tx_clk(gmii_tx_clk), .tx_rst(tx_rst), .rx_clk(gmii_rx_clk), .rx_rst(rx_rst));

  // ---------------------------------------------------------------- transmit
  logic [7:0]  tx_tdata, line_tdata;
  logic        tx_tvalid, tx_tready, tx_tlast, tx_enable_s, tx_hold, tx_strike, tx_sent, tx_idle;
  logic        line_tvalid, line_tready, line_tlast, line_strike, line_sent, pause_toggle, congested;
  logic [15:0] quanta_received;

  fn_mac_tx_buffer #(.DATA_W(DATA_W), .LINE_W(8), .BYTES(TX_BYTES), .WHOLE(TX_WHOLE), .CLOCK(CLOCK)) i_tx_buffer (
    .clk(clk), .rst(core_rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tuser(s_axis_tuser), .release_frame(tx_release), .now(now), .latency(tx_latency),
    .stamp_valid(tx_stamp_valid), .stamp(tx_stamp), .idle(tx_idle),
    .line_clk(gmii_tx_clk), .line_rst(tx_rst),
    .m_axis_tdata(tx_tdata), .m_axis_tkeep(), .m_axis_tvalid(tx_tvalid), .m_axis_tready(tx_tready), .m_axis_tlast(tx_tlast),
    .hold(tx_hold), .strike(tx_strike), .sent(tx_sent)
  );

  fn_sync #(.WIDTH(1)) i_tx_enable_sync (.clk(gmii_tx_clk), .d(tx_enable), .q(tx_enable_s));

  generate
    if (PAUSE) begin : g_pause
      fn_mac_pause_tx #(.LINE_W(8)) i_pause (
        .clk(gmii_tx_clk), .rst(tx_rst), .ce(gmii_tx_ce),
        .s_axis_tdata(tx_tdata), .s_axis_tkeep(1'b1), .s_axis_tvalid(tx_tvalid), .s_axis_tready(tx_tready), .s_axis_tlast(tx_tlast),
        .s_hold(tx_hold), .s_strike(tx_strike), .s_sent(tx_sent),
        .m_axis_tdata(line_tdata), .m_axis_tkeep(), .m_axis_tvalid(line_tvalid), .m_axis_tready(line_tready), .m_axis_tlast(line_tlast),
        .strike(line_strike), .sent(line_sent),
        .core_clk(clk), .core_rst(core_rst), .pause_toggle(pause_toggle), .pause_quanta(quanta_received), .congested(congested),
        .quanta(pause_quanta), .station(station), .tx_pause(tx_pause), .tx_paused(tx_paused)
      );
    end else begin : g_no_pause
      assign {line_tdata, line_tvalid, line_tlast, tx_tready} = {tx_tdata, tx_tvalid, tx_tlast, line_tready};
      assign {tx_strike, tx_sent, tx_pause, tx_paused}        = {line_strike, line_sent, 2'b00};

      logic unused;
      assign unused = &{1'b0, pause_toggle, quanta_received, congested, pause_quanta, station};
    end
  endgenerate

  fn_mac_gmii_tx i_tx (
    .clk(gmii_tx_clk), .rst(tx_rst), .ce(gmii_tx_ce), .enable(tx_enable_s && (PAUSE || !tx_hold)),  // fn_mac_pause_tx has seen to it
    .s_axis_tdata(line_tdata), .s_axis_tvalid(line_tvalid), .s_axis_tready(line_tready), .s_axis_tlast(line_tlast),
    .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er), .strike(line_strike), .sent(line_sent),
    .underrun()  // the FIFO holds whole frames
  );

  // ---------------------------------------------------------------- receive
  logic [7:0] rx_tdata;
  logic [3:0] rx_tuser;
  logic       rx_tvalid, rx_tlast, rx_strike, rx_busy, rx_idle;

  fn_mac_gmii_rx #(.MAX_FRAME(MAX_FRAME)) i_rx (
    .clk(gmii_rx_clk), .rst(rx_rst), .ce(gmii_rx_ce), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er),
    .m_axis_tdata(rx_tdata), .m_axis_tvalid(rx_tvalid), .m_axis_tlast(rx_tlast), .m_axis_tuser(rx_tuser), .strike(rx_strike),
    .busy(rx_busy)
  );

  fn_mac_rx_buffer #(.DATA_W(DATA_W), .LINE_W(8), .BYTES(RX_BYTES), .PAUSE(PAUSE), .CLOCK(CLOCK)) i_rx_buffer (
    .line_clk(gmii_rx_clk), .line_rst(rx_rst),
    .s_axis_tdata(rx_tdata), .s_axis_tkeep(1'b1), .s_axis_tvalid(rx_tvalid), .s_axis_tlast(rx_tlast), .s_axis_tuser(rx_tuser),
    .strike(rx_strike), .busy(rx_busy),
    .clk(clk), .rst(core_rst), .rx_enable(rx_enable), .now(now), .latency(rx_latency),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready), .m_axis_tlast(m_axis_tlast),
    .m_axis_tuser(m_axis_tuser),
    .rx_bad_fcs(rx_bad_fcs), .rx_phy_error(rx_phy_error), .rx_undersize(rx_undersize), .rx_oversize(rx_oversize), .rx_overflow(rx_overflow),
    .rx_disabled(rx_disabled), .pause_rx(pause_rx), .pause_tx(pause_tx), .pause_high(pause_high), .pause_low(pause_low), .rx_pause(rx_pause),
    .pause_toggle(pause_toggle), .pause_quanta(quanta_received), .congested(congested), .idle(rx_idle)
  );

  assign idle = tx_idle && rx_idle;

`ifndef SYNTHESIS
  initial if ((TX_WHOLE && TX_BYTES <= MAX_FRAME) || RX_BYTES <= MAX_FRAME) $fatal(1, "fn_mac_gmii: illegal FIFO size");
`endif

endmodule

`default_nettype wire
