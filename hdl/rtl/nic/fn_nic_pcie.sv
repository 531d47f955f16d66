// The card on PCI Express: the offload core (fn_nic) behind queues in host memory (fn_pcie_host).
//
// TLP streams and cfg_ pins are those of the 7-series integrated block (PG054, 64 bits), GMII is IEEE 802.3 clause 35. Frames and TLPs wait,
// and are not lost, when either side stalls; only a receive FIFO that is full drops frames, whole and counted (fn_nic).
`default_nettype none
`include "fn_regs.svh"

module fn_nic_pcie #(
  parameter int          TX_QUEUES   = 1,              // 1 to 16
  parameter int          RX_QUEUES   = 1,              // 1, 2, 4, 8 or 16
  parameter int          READ_TAGS   = 8,              // 2, 4, 8 or 16
  parameter int          RX_BEATS    = 2048,           // of 8 bytes, that wait for each receive queue's buffers (fn_rx_buffer): two of the longest coalesced frames
  parameter int          CLOCK_HZ    = 125000000,
  parameter logic [47:0] MAC_ADDRESS = 48'h02005E100001,
  parameter logic [31:0] BOARD_ID    = 32'd0,
  parameter bit          MDIO        = 1'b1,
  parameter int          MDC_HZ      = 2500000,
  parameter logic [4:0]  PHY_ADDRESS = 5'd0
) (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic [63:0] s_axis_rx_tdata,
  input  wire logic [7:0]  s_axis_rx_tkeep,
  input  wire logic        s_axis_rx_tvalid,
  output logic             s_axis_rx_tready,
  input  wire logic        s_axis_rx_tlast,
  input  wire logic [21:0] s_axis_rx_tuser,
  output logic [63:0]      m_axis_tx_tdata,
  output logic [7:0]       m_axis_tx_tkeep,
  output logic             m_axis_tx_tvalid,
  input  wire logic        m_axis_tx_tready,
  output logic             m_axis_tx_tlast,
  output logic [3:0]       m_axis_tx_tuser,

  input  wire logic [15:0] cfg_completer_id,         // bus, device, function
  input  wire logic [2:0]  cfg_max_payload,          // as in Device Control; up to 256 bytes are used
  input  wire logic [2:0]  cfg_max_read_request,     // as in Device Control; up to 512 bytes are used
  input  wire logic        cfg_bus_master_enable,
  output logic             cfg_interrupt,
  input  wire logic        cfg_interrupt_rdy,
  output logic [7:0]       cfg_interrupt_di,
  input  wire logic        cfg_interrupt_msienable,
  input  wire logic [2:0]  cfg_interrupt_mmenable,

  input  wire logic        gmii_rx_clk,
  input  wire logic        gmii_tx_clk,
  input  wire logic [7:0]  gmii_rxd,
  input  wire logic        gmii_rx_dv,
  input  wire logic        gmii_rx_er,
  output logic [7:0]       gmii_txd,
  output logic             gmii_tx_en,
  output logic             gmii_tx_er,
  input  wire logic        link_up,
  output logic             mdc,
  output logic             mdio_o,
  output logic             mdio_oe,
  input  wire logic        mdio_i,

  output logic             clock_pulse,              // block Clock's pulses

  output logic             idle                      // nothing is in flight, in the core or on the host's side
);

  logic         core_rst, core_idle, host_idle, wire_busy;
  logic [63:0]  tx_tdata, rx_tdata;
  logic [7:0]   tx_tkeep, rx_tkeep, status_tdata;
  logic         tx_tvalid, tx_tready, tx_tlast, tx_tabort, rx_tvalid, rx_tready, rx_tlast, status_tvalid, status_tready;
  logic [191:0] tx_tuser;
  logic [255:0] rx_tuser;
  logic         rx_dropped;
  logic [63:0]  status_tuser, now;
  logic [23:0]  launch_lead;
  logic [31:0]  launch_horizon;
  logic         reg_write, reg_read, reg_ack;
  logic [15:0]  reg_address;
  logic [31:0]  reg_wdata, reg_rdata;

  fn_pcie_host #(.TX_QUEUES(TX_QUEUES), .RX_QUEUES(RX_QUEUES), .READ_TAGS(READ_TAGS), .RX_BEATS(RX_BEATS)) u_host (
    .clk(clk), .rst(rst), .core_rst(core_rst), .wire_busy(wire_busy),
    .s_axis_rx_tdata(s_axis_rx_tdata), .s_axis_rx_tkeep(s_axis_rx_tkeep), .s_axis_rx_tvalid(s_axis_rx_tvalid),
    .s_axis_rx_tready(s_axis_rx_tready), .s_axis_rx_tlast(s_axis_rx_tlast), .s_axis_rx_tuser(s_axis_rx_tuser),
    .m_axis_tx_tdata(m_axis_tx_tdata), .m_axis_tx_tkeep(m_axis_tx_tkeep), .m_axis_tx_tvalid(m_axis_tx_tvalid),
    .m_axis_tx_tready(m_axis_tx_tready), .m_axis_tx_tlast(m_axis_tx_tlast), .m_axis_tx_tuser(m_axis_tx_tuser),
    .cfg_completer_id(cfg_completer_id), .cfg_max_payload(cfg_max_payload), .cfg_max_read_request(cfg_max_read_request),
    .cfg_bus_master_enable(cfg_bus_master_enable), .cfg_interrupt(cfg_interrupt), .cfg_interrupt_rdy(cfg_interrupt_rdy),
    .cfg_interrupt_di(cfg_interrupt_di), .cfg_interrupt_msienable(cfg_interrupt_msienable),
    .cfg_interrupt_mmenable(cfg_interrupt_mmenable),
    .core_tx_tdata(tx_tdata), .core_tx_tkeep(tx_tkeep), .core_tx_tvalid(tx_tvalid), .core_tx_tready(tx_tready), .core_tx_tlast(tx_tlast),
    .core_tx_tuser(tx_tuser), .core_tx_tabort(tx_tabort), .core_tx_status_tdata(status_tdata), .core_tx_status_tuser(status_tuser), .core_tx_status_tvalid(status_tvalid),
    .core_tx_status_tready(status_tready), .core_rx_tdata(rx_tdata), .core_rx_tkeep(rx_tkeep), .core_rx_tvalid(rx_tvalid),
    .core_rx_tready(rx_tready), .core_rx_tlast(rx_tlast), .core_rx_tuser(rx_tuser),
    .rx_dropped(rx_dropped),
    .now(now), .launch_lead(launch_lead), .launch_horizon(launch_horizon), .core_reg_write(reg_write), .core_reg_read(reg_read), .core_reg_address(reg_address), .core_reg_wdata(reg_wdata),
    .core_reg_rdata(reg_rdata), .core_reg_ack(reg_ack), .idle(host_idle)
  );

  fn_nic #(
    .DATA_W(64), .CLOCK_HZ(CLOCK_HZ), .MAC_ADDRESS(MAC_ADDRESS), .BOARD_ID(BOARD_ID), .HOST_BLOCK(`FN_PCIE), .RX_COALESCE_LIMIT(RX_BEATS * 4),
    .MDIO(MDIO), .MDC_HZ(MDC_HZ), .PHY_ADDRESS(PHY_ADDRESS), .SPEEDS(4'b0100)  // GMII: a gigabit and nothing else
  ) u_nic (
    .clk(clk), .rst(core_rst),
    .s_axis_tx_tdata(tx_tdata), .s_axis_tx_tkeep(tx_tkeep), .s_axis_tx_tvalid(tx_tvalid), .s_axis_tx_tlast(tx_tlast),
    .s_axis_tx_tready(tx_tready), .s_axis_tx_tuser(tx_tuser), .s_axis_tx_tabort(tx_tabort), .m_tx_status_tdata(status_tdata), .m_tx_status_tuser(status_tuser),
    .m_tx_status_tvalid(status_tvalid), .m_tx_status_tready(status_tready), .m_axis_rx_tdata(rx_tdata), .m_axis_rx_tkeep(rx_tkeep),
    .m_axis_rx_tvalid(rx_tvalid), .m_axis_rx_tlast(rx_tlast), .m_axis_rx_tready(rx_tready), .m_axis_rx_tuser(rx_tuser),
    .host_dropped(rx_dropped),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(reg_rdata),
    .reg_ack(reg_ack), .gmii_rx_clk(gmii_rx_clk), .gmii_rx_ce(1'b1), .gmii_tx_clk(gmii_tx_clk), .gmii_tx_ce(1'b1), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv),
    .gmii_rx_er(gmii_rx_er), .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er), .link_up(link_up), .link_speed(),
    .mdc(mdc), .mdio_o(mdio_o), .mdio_oe(mdio_oe), .mdio_i(mdio_i), .now(now), .launch_lead(launch_lead),
    .launch_horizon(launch_horizon), .clock_pulse(clock_pulse),
    .idle(core_idle)
  );

  // Control.Reset waits for silence on the wire.
  fn_sync u_wire_busy (.clk(clk), .d(gmii_tx_en), .q(wire_busy));

  assign idle = host_idle && core_idle;

endmodule

`default_nettype wire
