`default_nettype none

// Colorlight i5 (LFE5U-25F) as a gigabit network card on USB: the first of its two PHYs (Broadcom B50612D, RGMII), an FT232H module on the
// extension board's headers P3 and P6 (litex-boards: pmode, pmodf).
//
//   FT232H ── fn_nic_usb (32 bits at 62.5 MHz) ── fn_rgmii ── B50612D
//
// USB carries 480 Mb/s at most, so a frame store decides how much of a gigabit burst is kept. The PHY's internal delays of both clocks are
// taken to be on; link and speed come from its registers (MDIO).
module fn_colorlight_i5 (
  input  wire logic       clk25,
  output logic            user_led_n,    // lit: a frame or a request is under way

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

  // ---------------------------------------------------------------- clocks: 125 MHz for the line, 62.5 MHz for the core
  logic        clk, tx_clk, locked, rst_q;
  logic [15:0] wait_q;

  EHXPLLL #(
    .CLKI_DIV(1), .CLKFB_DIV(5), .CLKOP_DIV(5), .CLKOP_CPHASE(4), .CLKOP_ENABLE("ENABLED"), .CLKOS_DIV(10), .CLKOS_CPHASE(9), .CLKOS_ENABLE("ENABLED"),
    .FEEDBK_PATH("CLKOP")
  ) i_pll (
    .CLKI(clk25), .CLKFB(tx_clk), .CLKOP(tx_clk), .CLKOS(clk), .LOCK(locked), .RST(1'b0), .STDBY(1'b0), .ENCLKOP(1'b1), .ENCLKOS(1'b1),
    .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b0), .PHASESTEP(1'b0), .PHASELOADREG(1'b0), .PLLWAKESYNC(1'b0)
  );

  initial begin
    rst_q  = 1'b1;
    wait_q = '0;
  end

  always_ff @(posedge clk) begin
    if (!(&wait_q)) wait_q <= wait_q + 1'b1;
    rst_q <= !(&wait_q);
    if (!locked) wait_q <= '0;
  end

  assign eth_rst_n = wait_q[15];

  // ---------------------------------------------------------------- the FT232H's bus
  // The registers of all outputs stand in the pads, so that the time from CLKOUT to a pin is the data sheet's and not the router's; the strobes wake up high.
  // Inputs are registered behind the pads and pass the delay by which a pad's own register needs no hold time, since the FT232H promises none
  // (DS_FT232H table 4.1); but not TXE#, whose way across the chip to the outputs' registers is longer than that.
  logic [7:0] ft_data_in, ft_data_out, data_pad, data_q, off_q;
  logic       ft_data_drive, rxf_n, txe_n, rd_n, wr_n, oe_n, siwu_n;

  generate
    for (genvar i = 0; i < 8; i++) begin : g_bus
      BB i_pin (.B(ft_data[i]), .I(data_q[i]), .O(data_pad[i]), .T(off_q[i]));
      OFS1P3DX i_out (.SCLK(ft_clkout), .SP(1'b1), .CD(1'b0), .D(ft_data_out[i]), .Q(data_q[i]));
      OFS1P3BX i_off (.SCLK(ft_clkout), .SP(1'b1), .PD(1'b0), .D(!ft_data_drive), .Q(off_q[i]));
      DELAYG #(.DEL_MODE("SCLK_ZEROHOLD")) i_in (.A(data_pad[i]), .Z(ft_data_in[i]));
    end
  endgenerate

  DELAYG #(.DEL_MODE("SCLK_ZEROHOLD")) i_rxf (.A(ft_rxf_n), .Z(rxf_n));
  assign txe_n = ft_txe_n;
  OFS1P3BX i_rd (.SCLK(ft_clkout), .SP(1'b1), .PD(1'b0), .D(rd_n), .Q(ft_rd_n));
  OFS1P3BX i_wr (.SCLK(ft_clkout), .SP(1'b1), .PD(1'b0), .D(wr_n), .Q(ft_wr_n));
  OFS1P3BX i_oe (.SCLK(ft_clkout), .SP(1'b1), .PD(1'b0), .D(oe_n), .Q(ft_oe_n));
  OFS1P3BX i_siwu (.SCLK(ft_clkout), .SP(1'b1), .PD(1'b0), .D(siwu_n), .Q(ft_siwu_n));

  // ---------------------------------------------------------------- the PHY's pins
  // The clock comes to the pads' registers later than the data by its way through the chip: 80 steps of 25 ps make up for it, as LiteEth has them on this
  // board (liteeth/phy/ecp5rgmii.py, rx_delay).
  logic [4:0] eth_late;

  generate
    for (genvar i = 0; i < 5; i++) begin : g_late
      DELAYG #(.DEL_MODE("SCLK_ALIGNED"), .DEL_VALUE(80)) i_in (.A(i == 4 ? eth_rx_ctl : eth_rxd[i % 4]), .Z(eth_late[i]));
    end
  endgenerate

  // ---------------------------------------------------------------- the card
  logic       rx_clk, rx_ce, rx_dv, rx_er, line_clk, tx_ce, tx_en, tx_er, mdio_in, mdio_out, mdio_drive, idle;
  logic [1:0] speed;
  logic [7:0] rxd, txd;

  fn_rgmii #(.TARGET(56'("ECP5"))) i_rgmii (
    .tx_clk(tx_clk), .tx_clk_90(tx_clk), .speed(speed), .inband_link_up(), .inband_speed(), .inband_full_duplex(),
    .rgmii_rxc(eth_rxc), .rgmii_rxd(eth_late[3:0]), .rgmii_rx_ctl(eth_late[4]), .rgmii_txc(eth_txc), .rgmii_txd(eth_txd), .rgmii_tx_ctl(eth_tx_ctl),
    .gmii_rx_clk(rx_clk), .gmii_rx_ce(rx_ce), .gmii_rxd(rxd), .gmii_rx_dv(rx_dv), .gmii_rx_er(rx_er),
    .gmii_tx_clk(line_clk), .gmii_tx_ce(tx_ce), .gmii_txd(txd), .gmii_tx_en(tx_en), .gmii_tx_er(tx_er)
  );

  BB i_mdio (.B(eth_mdio), .I(mdio_out), .O(mdio_in), .T(!mdio_drive));

  fn_nic_usb #(
    .DATA_W(32), .CLOCK_HZ(62500000), .BOARD_ID(32'hEC95_0025), .BUFFER(8192), .PACKETS(64), .RX_FLOWS(64), .RX_COALESCE(0), .MAC_RX_BYTES(16384),
    .PIN_REGISTERS(1'b0)
  ) i_nic (
    .clk(clk), .rst(rst_q),
    .ft_clkout(ft_clkout), .ft_rxf_n(rxf_n), .ft_txe_n(txe_n), .ft_rd_n(rd_n), .ft_wr_n(wr_n), .ft_oe_n(oe_n),
    .ft_siwu_n(siwu_n), .ft_data_in(ft_data_in), .ft_be_in(1'b1), .ft_data_out(ft_data_out), .ft_be_out(), .ft_data_drive(ft_data_drive),
    .gmii_rx_clk(rx_clk), .gmii_rx_ce(rx_ce), .gmii_tx_clk(line_clk), .gmii_tx_ce(tx_ce), .gmii_rxd(rxd), .gmii_rx_dv(rx_dv),
    .gmii_rx_er(rx_er), .gmii_txd(txd), .gmii_tx_en(tx_en), .gmii_tx_er(tx_er), .link_up(eth_rst_n), .link_speed(speed),
    .mdc(eth_mdc), .mdio_o(mdio_out), .mdio_oe(mdio_drive), .mdio_i(mdio_in), .clock_pulse(), .idle(idle)
  );

  assign user_led_n = idle;

endmodule

`default_nettype wire
