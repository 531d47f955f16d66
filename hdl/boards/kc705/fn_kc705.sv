`default_nettype none

// Xilinx KC705 (XC7K325T) as a gigabit network card on PCI Express x4, generation 1: the 7-series integrated block and the board's PHY (Marvell
// 88E1111, GMII).
//
//   pcie_7x (Vivado's, 64 bits at 125 MHz) ── fn_nic_pcie ── GMII ── 88E1111
//
// The line's 125 MHz are the board's own, as those of the bus are not good enough for Ethernet (IEEE 802.3 clause 35: 100 ppm). The PHY's
// registers (MDIO) tell of the link; 1000 Mb/s is all that it is let negotiate.
module fn_kc705 (
  input  wire logic       clk200_p,
  input  wire logic       clk200_n,
  output logic [2:0]      user_led,      // 0: idle, 1: PCI Express is up, 2: receiving

  input  wire logic       pcie_rst_n,
  input  wire logic       pcie_clk_p,
  input  wire logic       pcie_clk_n,
  input  wire logic [3:0] pcie_rx_p,
  input  wire logic [3:0] pcie_rx_n,
  output logic [3:0]      pcie_tx_p,
  output logic [3:0]      pcie_tx_n,

  output logic            eth_rst_n,
  input  wire logic       eth_rx_clk,
  input  wire logic [7:0] eth_rxd,
  input  wire logic       eth_rx_dv,
  input  wire logic       eth_rx_er,
  output logic            eth_gtx_clk,
  output logic [7:0]      eth_txd,
  output logic            eth_tx_en,
  output logic            eth_tx_er,
  output logic            eth_mdc,
  inout  wire logic       eth_mdio
);

  // ---------------------------------------------------------------- clocks
  logic clk200, line_out, tx_clk, rx_clk, feedback, locked, pcie_clk;

  IBUFDS i_clk200 (.I(clk200_p), .IB(clk200_n), .O(clk200));
  IBUFDS_GTE2 i_pcie_clk (.I(pcie_clk_p), .IB(pcie_clk_n), .CEB(1'b0), .O(pcie_clk), .ODIV2());

  MMCME2_BASE #(.CLKIN1_PERIOD(5.0), .CLKFBOUT_MULT_F(5.0), .DIVCLK_DIVIDE(1), .CLKOUT0_DIVIDE_F(8.0)) i_mmcm (
    .CLKIN1(clk200), .CLKFBIN(feedback), .CLKFBOUT(feedback), .CLKOUT0(line_out), .LOCKED(locked), .PWRDWN(1'b0), .RST(1'b0)
  );

  BUFG i_line_clock (.I(line_out), .O(tx_clk));
  BUFG i_rx_clock (.I(eth_rx_clk), .O(rx_clk));

  // The PHY's reset: 10 ms (88E1111, at least 10 ms after its supplies).
  logic [20:0] wait_q;

  initial wait_q = '0;
  always_ff @(posedge tx_clk) begin
    if (!(&wait_q)) wait_q <= wait_q + 1'b1;
    if (!locked) wait_q <= '0;
  end

  assign eth_rst_n = &wait_q;

  // ---------------------------------------------------------------- PCI Express
  logic        user_clk, user_rst, user_up, interrupt, interrupt_ready, msi_enable;
  logic [63:0] rx_tdata, tx_tdata;
  logic [7:0]  rx_tkeep, tx_tkeep, interrupt_number, bus;
  logic [4:0]  device;
  logic [2:0]  funct, msi_width;
  logic        rx_tvalid, rx_tready, rx_tlast, tx_tvalid, tx_tready, tx_tlast;
  logic [21:0] rx_tuser;
  logic [3:0]  tx_tuser;
  logic [15:0] command, dcommand;

  pcie_7x_0 i_pcie (
    .pci_exp_txp(pcie_tx_p), .pci_exp_txn(pcie_tx_n), .pci_exp_rxp(pcie_rx_p), .pci_exp_rxn(pcie_rx_n),
    .sys_clk(pcie_clk), .sys_rst_n(pcie_rst_n), .user_clk_out(user_clk), .user_reset_out(user_rst), .user_lnk_up(user_up),
    .s_axis_tx_tdata(tx_tdata), .s_axis_tx_tkeep(tx_tkeep), .s_axis_tx_tvalid(tx_tvalid), .s_axis_tx_tready(tx_tready),
    .s_axis_tx_tlast(tx_tlast), .s_axis_tx_tuser(tx_tuser), .tx_cfg_gnt(1'b1),
    .m_axis_rx_tdata(rx_tdata), .m_axis_rx_tkeep(rx_tkeep), .m_axis_rx_tvalid(rx_tvalid), .m_axis_rx_tready(rx_tready),
    .m_axis_rx_tlast(rx_tlast), .m_axis_rx_tuser(rx_tuser), .rx_np_ok(1'b1), .rx_np_req(1'b1),
    .cfg_bus_number(bus), .cfg_device_number(device), .cfg_function_number(funct), .cfg_command(command), .cfg_dcommand(dcommand),
    .cfg_interrupt(interrupt), .cfg_interrupt_rdy(interrupt_ready), .cfg_interrupt_di(interrupt_number), .cfg_interrupt_assert(1'b0),
    .cfg_interrupt_msienable(msi_enable), .cfg_interrupt_mmenable(msi_width), .cfg_interrupt_stat(1'b0), .cfg_pciecap_interrupt_msgnum(5'd0)
  );

  // ---------------------------------------------------------------- the card
  logic       rx_dv_q, rx_er_q, tx_en, tx_er, mdio_in, mdio_out, mdio_drive, idle;
  logic [7:0] rxd_q, txd;

  // Registers that can lie in the pins' cells, both ways; the clock leaves half a cycle behind the data.
  always_ff @(posedge rx_clk) {rxd_q, rx_dv_q, rx_er_q} <= {eth_rxd, eth_rx_dv, eth_rx_er};
  always_ff @(posedge tx_clk) {eth_txd, eth_tx_en, eth_tx_er} <= {txd, tx_en, tx_er};

  fn_oddr #(.TARGET(56'("XILINX7"))) i_gtx_clk (.clk(tx_clk), .d_rise(1'b0), .d_fall(1'b1), .q(eth_gtx_clk));

  IOBUF i_mdio (.IO(eth_mdio), .I(mdio_out), .O(mdio_in), .T(!mdio_drive));

  // Command: bit 2 is Bus Master Enable. Device Control: 7:5 Max_Payload_Size, 14:12 Max_Read_Request_Size.
  fn_nic_pcie #(.TX_QUEUES(4), .RX_QUEUES(4), .CLOCK_HZ(125000000), .BOARD_ID(32'hC705_0001), .PHY_ADDRESS(5'd7)) i_nic (
    .clk(user_clk), .rst(user_rst || !user_up),
    .s_axis_rx_tdata(rx_tdata), .s_axis_rx_tkeep(rx_tkeep), .s_axis_rx_tvalid(rx_tvalid), .s_axis_rx_tready(rx_tready),
    .s_axis_rx_tlast(rx_tlast), .s_axis_rx_tuser(rx_tuser),
    .m_axis_tx_tdata(tx_tdata), .m_axis_tx_tkeep(tx_tkeep), .m_axis_tx_tvalid(tx_tvalid), .m_axis_tx_tready(tx_tready),
    .m_axis_tx_tlast(tx_tlast), .m_axis_tx_tuser(tx_tuser),
    .cfg_completer_id({bus, device, funct}), .cfg_max_payload(dcommand[7:5]), .cfg_max_read_request(dcommand[14:12]),
    .cfg_bus_master_enable(command[2]), .cfg_interrupt(interrupt), .cfg_interrupt_rdy(interrupt_ready), .cfg_interrupt_di(interrupt_number),
    .cfg_interrupt_msienable(msi_enable), .cfg_interrupt_mmenable(msi_width),
    .gmii_rx_clk(rx_clk), .gmii_tx_clk(tx_clk), .gmii_rxd(rxd_q), .gmii_rx_dv(rx_dv_q), .gmii_rx_er(rx_er_q),
    .gmii_txd(txd), .gmii_tx_en(tx_en), .gmii_tx_er(tx_er), .link_up(eth_rst_n),
    .mdc(eth_mdc), .mdio_o(mdio_out), .mdio_oe(mdio_drive), .mdio_i(mdio_in), .clock_pulse(), .idle(idle)
  );

  assign user_led = {rx_dv_q, user_up, idle};

endmodule

`default_nettype wire
