`default_nettype none
`include "fn_regs.svh"

// The offload core (fn_nic_core) behind a 10G MAC (fn_mac_xgmii), for any host and any board; fn_nic with another MAC.
//
//   host streams, register bus ── fn_nic_core ── fn_mac_xgmii ── XGMII
//
// For wire speed clk is 156.25 MHz or more. Status.LinkUp is link_up without a fault on the link.
module fn_nic_xgmii #(
  parameter int          CLOCK_HZ    = 156250000,                // of clk, for the register
  parameter logic [47:0] MAC_ADDRESS = 48'h02005E100001,
  parameter logic [31:0] BOARD_ID    = 32'd0,
  parameter logic [15:0] HOST_BLOCK  = 16'h1000,                 // NextBlock of the last core block; 0: none
  parameter bit          TX_SEGMENT  = 1'b1,                     // TSO and USO
  parameter bit          TX_VLAN     = 1'b1,                     // tag insertion
  parameter bit          RX_CLASSIFY = 1'b1,                     // hash, address filter, flows and queues; 0: every frame goes up, to queue 0
  parameter bit          RX_VLAN     = 1'b1,                     // tags taken out; only with RX_CLASSIFY
  parameter int          RX_FLOWS    = 256,                      // slots of the flow table, a power of two, 16 to 4096; 0: none
  parameter int          RX_COALESCE = 4,                        // frames open for coalescing at once, 2 to 14; 0: no coalescing
  parameter int          RX_COALESCE_BYTES = 65536,              // of its store, a power of two, 8192 or more
  parameter int          RX_COALESCE_LIMIT = 65535,              // bytes of the longest frame that the host interface takes
  parameter bit          CLOCK       = 1'b1,                     // clock, time stamps, launch times
  parameter int          TX_BYTES    = 4096,                     // stores for frames, powers of two of 2048 or more: in the transmit path,
  parameter int          RX_BYTES    = 4096,                     // ... in the receive path,
  parameter int          RX_FRAMES   = 128,                      // ... frames in that, a power of two, 4 or more,
  parameter int          MAC_RX_BYTES = 16384,                   // ... behind the MAC,
  parameter int          MAC_TX_BYTES = 4096,                    // ... in front of it,
  parameter bit          MAC_TX_WHOLE = 1'b1,                    // ... with whole frames; 0: clk is faster than the line's clock, and 256 will do
  parameter bit          RMON        = 1'b1,                     // statistics by address and size
  parameter bit          PAUSE       = 1'b1                      // 802.3x flow control
) (
  input  logic                clk,
  input  logic                rst,

  input  logic [63:0]         s_axis_tx_tdata,
  input  logic [7:0]          s_axis_tx_tkeep,
  input  logic                s_axis_tx_tvalid,
  input  logic                s_axis_tx_tlast,
  output logic                s_axis_tx_tready,
  input  logic [191:0]        s_axis_tx_tuser,                   // TxHeader, and above it the launch time in nanoseconds
  input  logic                s_axis_tx_tabort,                  // to tlast: this beat and those behind it are rubbish, forget the frame

  output logic [7:0]          m_tx_status_tdata,                 // format Status
  output logic [63:0]         m_tx_status_tuser,                 // timestamp in nanoseconds; 0: none
  output logic                m_tx_status_tvalid,
  input  logic                m_tx_status_tready,

  output logic [63:0]         m_axis_rx_tdata,
  output logic [7:0]          m_axis_rx_tkeep,
  output logic                m_axis_rx_tvalid,
  output logic                m_axis_rx_tlast,
  input  logic                m_axis_rx_tready,
  output logic [255:0]        m_axis_rx_tuser,                   // RxCompletion; RingPosition, Status and Phase are 0

  input  logic                reg_write,
  input  logic                reg_read,
  input  logic [15:0]         reg_address,
  input  logic [31:0]         reg_wdata,
  output logic [31:0]         reg_rdata,
  output logic                reg_ack,

  input  logic                host_dropped,                      // pulse: the host interface dropped a received frame, for the counter

  input  logic                xgmii_rx_clk,                      // 156.25 MHz, as xgmii_tx_clk
  input  logic [63:0]         xgmii_rxd,
  input  logic [7:0]          xgmii_rxc,
  input  logic                xgmii_tx_clk,
  output logic [63:0]         xgmii_txd,
  output logic [7:0]          xgmii_txc,
  input  logic                link_up,

  output logic [63:0]         now,                               // ns; for schedulers in front of the core, with what launch times are seen against
  output logic [23:0]         launch_lead,
  output logic [31:0]         launch_horizon,
  output logic                clock_pulse,                       // block Clock's pulses

  output logic                idle                               // nothing is in flight in core or MAC
);

  logic [63:0]         tx_tdata, rx_tdata;
  logic [7:0]          tx_tkeep, rx_tkeep;
  logic                tx_tvalid, tx_tready, tx_tlast, rx_tvalid, rx_tready, rx_tlast, tx_enable, rx_enable, core_idle, mac_idle;
  logic                rx_bad_fcs, rx_phy_error, rx_undersize, rx_oversize, rx_overflow, rx_disabled;

  // The paths of fn_mac_xgmii and fn_tx_launch in nanoseconds: clocks of the line, 6.4 ns each, and of the core; 8 of the line for a received start
  // delimiter, for a sent one -6.4 (it is stamped before it is on the pins), 12 for a launch. Seen from the word that has the start delimiter, and on
  // the way out in the middle between frames that start in lane 0 and in lane 4.
  localparam int CLOCK_NS       = 1000000000 / CLOCK_HZ;
  localparam int RX_LATENCY     = 51 + 2 * CLOCK_NS;
  localparam int TX_LATENCY     = 2 * CLOCK_NS - 41;
  localparam int LAUNCH_LATENCY = 77 + 3 * CLOCK_NS;

  logic [1:0]  tx_tuser;
  logic [63:0] rx_tuser, tx_stamp;
  logic [15:0] rx_latency, tx_latency;
  logic        tx_release, tx_stamp_valid;
  logic        pause_rx, pause_tx, rx_pause, tx_pause, tx_paused, link_fault;
  logic [15:0] pause_quanta, pause_high, pause_low;
  logic [47:0] station;

  fn_nic_core #(
    .DATA_W(64), .CLOCK_HZ(CLOCK_HZ), .MAC_ADDRESS(MAC_ADDRESS), .BOARD_ID(BOARD_ID), .HOST_BLOCK(HOST_BLOCK),
    .TX_SEGMENT(TX_SEGMENT), .TX_VLAN(TX_VLAN), .RX_CLASSIFY(RX_CLASSIFY), .RX_VLAN(RX_VLAN), .RX_FLOWS(RX_FLOWS),
    .RX_COALESCE(RX_COALESCE), .RX_COALESCE_BYTES(RX_COALESCE_BYTES), .RX_COALESCE_LIMIT(RX_COALESCE_LIMIT),
    .TX_BYTES(TX_BYTES), .RX_BYTES(RX_BYTES), .RX_FRAMES(RX_FRAMES),
    .RMON(RMON), .PAUSE(PAUSE), .MAC_RX_BYTES(MAC_RX_BYTES), .CLOCK(CLOCK), .SPEEDS(4'b1000), .RX_LATENCY(RX_LATENCY), .TX_LATENCY(TX_LATENCY), .LAUNCH_LATENCY(LAUNCH_LATENCY)
  ) i_core (
    .clk(clk), .rst(rst),
    .s_axis_tx_tdata(s_axis_tx_tdata), .s_axis_tx_tkeep(s_axis_tx_tkeep), .s_axis_tx_tvalid(s_axis_tx_tvalid),
    .s_axis_tx_tlast(s_axis_tx_tlast), .s_axis_tx_tready(s_axis_tx_tready), .s_axis_tx_tuser(s_axis_tx_tuser),
    .s_axis_tx_tabort(s_axis_tx_tabort), .m_tx_status_tdata(m_tx_status_tdata), .m_tx_status_tuser(m_tx_status_tuser),
    .m_tx_status_tvalid(m_tx_status_tvalid), .m_tx_status_tready(m_tx_status_tready),
    .m_axis_rx_tdata(m_axis_rx_tdata), .m_axis_rx_tkeep(m_axis_rx_tkeep), .m_axis_rx_tvalid(m_axis_rx_tvalid),
    .m_axis_rx_tlast(m_axis_rx_tlast), .m_axis_rx_tready(m_axis_rx_tready), .m_axis_rx_tuser(m_axis_rx_tuser),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(reg_rdata), .reg_ack(reg_ack),
    .m_axis_mac_tdata(tx_tdata), .m_axis_mac_tkeep(tx_tkeep), .m_axis_mac_tvalid(tx_tvalid), .m_axis_mac_tready(tx_tready),
    .m_axis_mac_tlast(tx_tlast), .m_axis_mac_tuser(tx_tuser), .s_axis_mac_tuser(rx_tuser), .now(now), .rx_latency(rx_latency),
    .tx_latency(tx_latency), .tx_release(tx_release), .tx_stamp_valid(tx_stamp_valid), .tx_stamp(tx_stamp), .clock_pulse(clock_pulse),
    .launch_lead(launch_lead), .launch_horizon(launch_horizon),
    .s_axis_mac_tdata(rx_tdata), .s_axis_mac_tkeep(rx_tkeep), .s_axis_mac_tvalid(rx_tvalid),
    .s_axis_mac_tready(rx_tready), .s_axis_mac_tlast(rx_tlast), .tx_enable(tx_enable), .rx_enable(rx_enable),
    .rx_bad_fcs(rx_bad_fcs), .rx_phy_error(rx_phy_error), .rx_undersize(rx_undersize), .rx_oversize(rx_oversize),
    .pause_rx(pause_rx), .pause_tx(pause_tx), .pause_quanta(pause_quanta), .pause_high(pause_high), .pause_low(pause_low), .station(station),
    .rx_pause(rx_pause), .tx_pause(tx_pause), .tx_paused(tx_paused),
    .rx_overflow(rx_overflow), .rx_disabled(rx_disabled), .host_dropped(host_dropped), .link_up(link_up && !link_fault), .link_speed(),
    .mdc(), .mdio_o(), .mdio_oe(), .mdio_i(1'b1), .idle(core_idle)
  );

  fn_mac_xgmii #(.DATA_W(64), .TX_BYTES(MAC_TX_BYTES), .TX_WHOLE(MAC_TX_WHOLE), .RX_BYTES(MAC_RX_BYTES), .PAUSE(PAUSE), .CLOCK(CLOCK)) i_mac (
    .clk(clk), .rst(rst), .tx_enable(tx_enable), .rx_enable(rx_enable),
    .s_axis_tdata(tx_tdata), .s_axis_tkeep(tx_tkeep), .s_axis_tvalid(tx_tvalid), .s_axis_tready(tx_tready), .s_axis_tlast(tx_tlast),
    .s_axis_tuser(tx_tuser), .m_axis_tuser(rx_tuser), .now(now), .rx_latency(rx_latency), .tx_latency(tx_latency), .tx_release(tx_release),
    .tx_stamp_valid(tx_stamp_valid), .tx_stamp(tx_stamp),
    .m_axis_tdata(rx_tdata), .m_axis_tkeep(rx_tkeep), .m_axis_tvalid(rx_tvalid), .m_axis_tready(rx_tready), .m_axis_tlast(rx_tlast),
    .rx_bad_fcs(rx_bad_fcs), .rx_phy_error(rx_phy_error), .rx_undersize(rx_undersize), .rx_oversize(rx_oversize),
    .rx_overflow(rx_overflow), .rx_disabled(rx_disabled),
    .pause_rx(pause_rx), .pause_tx(pause_tx), .pause_quanta(pause_quanta), .pause_high(pause_high), .pause_low(pause_low), .station(station),
    .rx_pause(rx_pause), .tx_pause(tx_pause), .tx_paused(tx_paused),
    .xgmii_rx_clk(xgmii_rx_clk), .xgmii_rxd(xgmii_rxd), .xgmii_rxc(xgmii_rxc),
    .xgmii_tx_clk(xgmii_tx_clk), .xgmii_txd(xgmii_txd), .xgmii_txc(xgmii_txc), .link_fault(link_fault),
    .idle(mac_idle)
  );

  assign idle = core_idle && mac_idle;

endmodule

`default_nettype wire
