`default_nettype none

// Digilent Nexys Video (XC7A200T) as a gigabit network card on USB: the board's own FT2232H (FIFO, "DPTI") and its PHY (Realtek RTL8211E, RGMII).
//
//   FT2232H ── fn_nic_usb (64 bits at 62.5 MHz) ── fn_rgmii ── RTL8211E
//
// TXC leaves a quarter of a cycle behind the data; RXC is taken to come delayed by the PHY. Link and speed come from its registers (MDIO).
module fn_nexys_video (
  input  wire logic       clk100,
  input  wire logic       cpu_reset_n,
  output logic [1:0]      user_led,      // 0: idle, 1: at 1 Gb/s

  input  wire logic       ft_clkout,
  input  wire logic       ft_rxf_n,
  input  wire logic       ft_txe_n,
  output logic            ft_rd_n,
  output logic            ft_wr_n,
  output logic            ft_oe_n,
  output logic            ft_siwu_n,
  inout  wire logic [7:0] ft_data,

  output logic            eth_rst_n,
  input  wire logic       eth_rxc,
  input  wire logic [3:0] eth_rxd,
  input  wire logic       eth_rx_ctl,
  output logic            eth_txc,
  output logic [3:0]      eth_txd,
  output logic            eth_tx_ctl,
  output logic            eth_mdc,
  inout  wire logic       eth_mdio
);

  // ---------------------------------------------------------------- clocks: 125 MHz twice for the line, 62.5 MHz for the core
  logic        clk, tx_clk, tx_clk_90, rxc, ft_clk, feedback, core_out, line_out, line_out_90, locked, rst_q;
  logic [15:0] wait_q;

  MMCME2_BASE #(
    .CLKIN1_PERIOD(10.0), .CLKFBOUT_MULT_F(10.0), .DIVCLK_DIVIDE(1),
    .CLKOUT0_DIVIDE_F(16.0), .CLKOUT1_DIVIDE(8), .CLKOUT2_DIVIDE(8), .CLKOUT2_PHASE(90.0)
  ) i_mmcm (
    .CLKIN1(clk100), .CLKFBIN(feedback), .CLKFBOUT(feedback), .CLKOUT0(core_out), .CLKOUT1(line_out), .CLKOUT2(line_out_90), .LOCKED(locked),
    .PWRDWN(1'b0), .RST(1'b0)
  );

  BUFG i_core_clock (.I(core_out), .O(clk));
  BUFG i_line_clock (.I(line_out), .O(tx_clk));
  BUFG i_line_clock_90 (.I(line_out_90), .O(tx_clk_90));
  BUFG i_rx_clock (.I(eth_rxc), .O(rxc));
  BUFG i_chip_clock (.I(ft_clkout), .O(ft_clk));

  initial begin
    rst_q  = 1'b1;
    wait_q = '0;
  end

  always_ff @(posedge clk) begin
    if (!(&wait_q)) wait_q <= wait_q + 1'b1;
    rst_q <= !(&wait_q);
    if (!locked || !cpu_reset_n) wait_q <= '0;
  end

  assign eth_rst_n = wait_q[15];

  // ---------------------------------------------------------------- the FT2232H's bus
  logic [7:0] ft_data_in, ft_data_out;
  logic       ft_data_drive;

  generate
    for (genvar i = 0; i < 8; i++) begin : g_bus
      IOBUF i_pin (.IO(ft_data[i]), .I(ft_data_out[i]), .O(ft_data_in[i]), .T(!ft_data_drive));
    end
  endgenerate

  // ---------------------------------------------------------------- the card
  logic       rx_clk, rx_ce, rx_dv, rx_er, line_clk, tx_ce, tx_en, tx_er, mdio_in, mdio_out, mdio_drive, idle;
  logic [1:0] speed;
  logic [7:0] rxd, txd;

  fn_rgmii #(.TARGET(56'("XILINX7"))) i_rgmii (
    .tx_clk(tx_clk), .tx_clk_90(tx_clk_90), .speed(speed), .inband_link_up(), .inband_speed(), .inband_full_duplex(),
    .rgmii_rxc(rxc), .rgmii_rxd(eth_rxd), .rgmii_rx_ctl(eth_rx_ctl), .rgmii_txc(eth_txc), .rgmii_txd(eth_txd), .rgmii_tx_ctl(eth_tx_ctl),
    .gmii_rx_clk(rx_clk), .gmii_rx_ce(rx_ce), .gmii_rxd(rxd), .gmii_rx_dv(rx_dv), .gmii_rx_er(rx_er),
    .gmii_tx_clk(line_clk), .gmii_tx_ce(tx_ce), .gmii_txd(txd), .gmii_tx_en(tx_en), .gmii_tx_er(tx_er)
  );

  IOBUF i_mdio (.IO(eth_mdio), .I(mdio_out), .O(mdio_in), .T(!mdio_drive));

  fn_nic_usb #(.DATA_W(64), .CLOCK_HZ(62500000), .BOARD_ID(32'hA720_0001), .BUFFER(16384), .PACKETS(64), .MAC_RX_BYTES(65536), .PHY_ADDRESS(5'd1)) i_nic (
    .clk(clk), .rst(rst_q),
    .ft_clkout(ft_clk), .ft_rxf_n(ft_rxf_n), .ft_txe_n(ft_txe_n), .ft_rd_n(ft_rd_n), .ft_wr_n(ft_wr_n), .ft_oe_n(ft_oe_n),
    .ft_siwu_n(ft_siwu_n), .ft_data_in(ft_data_in), .ft_be_in(1'b1), .ft_data_out(ft_data_out), .ft_be_out(), .ft_data_drive(ft_data_drive),
    .gmii_rx_clk(rx_clk), .gmii_rx_ce(rx_ce), .gmii_tx_clk(line_clk), .gmii_tx_ce(tx_ce), .gmii_rxd(rxd), .gmii_rx_dv(rx_dv),
    .gmii_rx_er(rx_er), .gmii_txd(txd), .gmii_tx_en(tx_en), .gmii_tx_er(tx_er), .link_up(eth_rst_n), .link_speed(speed),
    .mdc(eth_mdc), .mdio_o(mdio_out), .mdio_oe(mdio_drive), .mdio_i(mdio_in), .clock_pulse(), .idle(idle)
  );

  assign user_led = {speed[1], idle};

endmodule

`default_nettype wire
