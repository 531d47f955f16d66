// The 10G Ethernet MAC with its FIFOs: frames of DATA_W-wide beats at `clk` on one side, XGMII (64 bits, IEEE 802.3 clause 46) on the other, each half
// at its own clock of 156.25 MHz. Any of the three clocks may be the same. clk * DATA_W must not be slower than what the line brings by more than 1 %;
// if it is, frames are lost and counted in rx_overflow.
//
// All else is as in fn_mac_gmii: buffers, flow control, reset; and time: a start delimiter is stamped a fixed number of clocks late, which the
// latencies take off again (fn_nic_xgmii).
// A fault on the link (clause 46.3.4) holds frames back.
//
//   s_axis ─▶ fn_mac_tx_buffer ─▶ fn_mac_pause_tx ─▶ fn_mac_xgmii_tx ─▶ XGMII
//   m_axis ◀─ fn_mac_rx_buffer ◀─ fn_mac_xgmii_rx ◀─ XGMII
`default_nettype none

module fn_mac_xgmii #(
  parameter int DATA_W   = 64,    // bits: 64, 32 ...
  parameter int TX_BYTES = 4096,  // transmit FIFO, a power of two, more than one frame
  parameter bit TX_WHOLE = 1'b1,  // a frame begins once it is stored whole; 0: the source never pauses inside one and outruns the line, so a few beats will do
  parameter int RX_BYTES = 16384, // receive FIFO, a power of two, more than one frame
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

  input  wire logic                xgmii_rx_clk,
  input  wire logic [63:0]         xgmii_rxd,
  input  wire logic [7:0]          xgmii_rxc,
  input  wire logic                xgmii_tx_clk,
  output logic [63:0]              xgmii_txd,
  output logic [7:0]               xgmii_txc,
  output logic                     link_fault,      // the link has a fault: no frames leave; at xgmii_rx_clk

  output logic                     idle  // no frame in a FIFO, on the XGMII or half taken
);

  localparam int MAX_FRAME = 1518;

  logic core_rst, tx_rst, rx_rst;

  fn_mac_reset i_reset (.clk(clk), .rst(rst), .clk_rst(core_rst), .tx_clk(xgmii_tx_clk), .tx_rst(tx_rst), .rx_clk(xgmii_rx_clk), .rx_rst(rx_rst));

  // ---------------------------------------------------------------- transmit
  logic [63:0] tx_tdata, line_tdata;
  logic [7:0]  tx_tkeep, line_tkeep;
  logic        tx_tvalid, tx_tready, tx_tlast, tx_enable_s, tx_hold, tx_strike, tx_sent, tx_idle;
  logic        line_tvalid, line_tready, line_tlast, line_strike, line_sent, pause_toggle, congested;
  logic        local_fault, remote_fault, local_fault_s, remote_fault_s;
  logic [15:0] quanta_received;

  fn_mac_tx_buffer #(.DATA_W(DATA_W), .LINE_W(64), .BYTES(TX_BYTES), .WHOLE(TX_WHOLE), .CLOCK(CLOCK)) i_tx_buffer (
    .clk(clk), .rst(core_rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tuser(s_axis_tuser), .release_frame(tx_release), .now(now), .latency(tx_latency),
    .stamp_valid(tx_stamp_valid), .stamp(tx_stamp), .idle(tx_idle),
    .line_clk(xgmii_tx_clk), .line_rst(tx_rst),
    .m_axis_tdata(tx_tdata), .m_axis_tkeep(tx_tkeep), .m_axis_tvalid(tx_tvalid), .m_axis_tready(tx_tready), .m_axis_tlast(tx_tlast),
    .hold(tx_hold), .strike(tx_strike), .sent(tx_sent)
  );

  fn_sync #(.WIDTH(1)) i_tx_enable_sync (.clk(xgmii_tx_clk), .d(tx_enable), .q(tx_enable_s));

  generate
    if (PAUSE) begin : g_pause
      fn_mac_pause_tx #(.LINE_W(64)) i_pause (
        .clk(xgmii_tx_clk), .rst(tx_rst), .ce(1'b1),
        .s_axis_tdata(tx_tdata), .s_axis_tkeep(tx_tkeep), .s_axis_tvalid(tx_tvalid), .s_axis_tready(tx_tready), .s_axis_tlast(tx_tlast),
        .s_hold(tx_hold), .s_strike(tx_strike), .s_sent(tx_sent),
        .m_axis_tdata(line_tdata), .m_axis_tkeep(line_tkeep), .m_axis_tvalid(line_tvalid), .m_axis_tready(line_tready), .m_axis_tlast(line_tlast),
        .strike(line_strike), .sent(line_sent),
        .core_clk(clk), .core_rst(core_rst), .pause_toggle(pause_toggle), .pause_quanta(quanta_received), .congested(congested),
        .quanta(pause_quanta), .station(station), .tx_pause(tx_pause), .tx_paused(tx_paused)
      );
    end else begin : g_no_pause
      assign {line_tdata, line_tkeep, line_tvalid, line_tlast, tx_tready} = {tx_tdata, tx_tkeep, tx_tvalid, tx_tlast, line_tready};
      assign {tx_strike, tx_sent, tx_pause, tx_paused} = {line_strike, line_sent, 2'b00};

      logic unused;
      assign unused = &{1'b0, pause_toggle, quanta_received, congested, pause_quanta, station};
    end
  endgenerate

  fn_sync #(.WIDTH(1)) i_local_sync (.clk(xgmii_tx_clk), .d(local_fault), .q(local_fault_s));
  fn_sync #(.WIDTH(1)) i_remote_sync (.clk(xgmii_tx_clk), .d(remote_fault), .q(remote_fault_s));

  fn_mac_xgmii_tx i_tx (
    .clk(xgmii_tx_clk), .rst(tx_rst), .enable(tx_enable_s && (PAUSE || !tx_hold)),  // fn_mac_pause_tx has seen to it
    .s_axis_tdata(line_tdata), .s_axis_tkeep(line_tkeep), .s_axis_tvalid(line_tvalid), .s_axis_tready(line_tready), .s_axis_tlast(line_tlast),
    .local_fault(local_fault_s), .remote_fault(remote_fault_s), .xgmii_txd(xgmii_txd), .xgmii_txc(xgmii_txc), .strike(line_strike),
    .sent(line_sent), .underrun()  // the FIFO holds whole frames
  );

  // ---------------------------------------------------------------- receive
  logic [63:0] rx_tdata;
  logic [7:0]  rx_tkeep;
  logic [3:0]  rx_tuser;
  logic        rx_tvalid, rx_tlast, rx_strike, rx_busy, rx_idle;

  fn_mac_xgmii_rx #(.MAX_FRAME(MAX_FRAME)) i_rx (
    .clk(xgmii_rx_clk), .rst(rx_rst), .xgmii_rxd(xgmii_rxd), .xgmii_rxc(xgmii_rxc),
    .m_axis_tdata(rx_tdata), .m_axis_tkeep(rx_tkeep), .m_axis_tvalid(rx_tvalid), .m_axis_tlast(rx_tlast), .m_axis_tuser(rx_tuser),
    .local_fault(local_fault), .remote_fault(remote_fault), .strike(rx_strike), .busy(rx_busy)
  );

  assign link_fault = local_fault || remote_fault;

  fn_mac_rx_buffer #(.DATA_W(DATA_W), .LINE_W(64), .BYTES(RX_BYTES), .PAUSE(PAUSE), .CLOCK(CLOCK), .SPACING(8)) i_rx_buffer (
    .line_clk(xgmii_rx_clk), .line_rst(rx_rst),
    .s_axis_tdata(rx_tdata), .s_axis_tkeep(rx_tkeep), .s_axis_tvalid(rx_tvalid), .s_axis_tlast(rx_tlast), .s_axis_tuser(rx_tuser),
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
  initial if ((TX_WHOLE && TX_BYTES <= MAX_FRAME) || RX_BYTES <= MAX_FRAME) $fatal(1, "fn_mac_xgmii: illegal FIFO size");
`endif

endmodule

`default_nettype wire
