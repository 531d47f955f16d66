`default_nettype none

// Colorlight i5 (LFE5U-25F) as a gigabit network card on USB: the first of its two PHYs (Broadcom B50612D, RGMII), an FT232H module on the
// extension board's headers P3 and P6 (litex-boards: pmode, pmodf).
//
//   FT232H ── fn_nic_usb (32 bits at 62.5 MHz) ── fn_rgmii ── B50612D
//
// USB carries 480 Mb/s at most, so a frame store decides how much of a gigabit burst is kept. The PHY's internal delays of both clocks are
// taken to be on; link and speed come from its in-band status.
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
  output logic            eth_tx_ctl
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
  logic [7:0] ft_data_in, ft_data_out;
  logic       ft_data_drive;

  generate
    for (genvar i = 0; i < 8; i++) begin : g_bus
      BB i_pin (.B(ft_data[i]), .I(ft_data_out[i]), .O(ft_data_in[i]), .T(!ft_data_drive));
    end
  endgenerate

  // ---------------------------------------------------------------- the card
  logic       rx_clk, rx_ce, rx_dv, rx_er, line_clk, tx_ce, tx_en, tx_er, link_up, idle;
  logic [1:0] speed;
  logic [7:0] rxd, txd;

  fn_rgmii #(.TARGET(56'("ECP5"))) i_rgmii (
    .tx_clk(tx_clk), .tx_clk_90(tx_clk), .speed(speed), .inband_link_up(link_up), .inband_speed(speed), .inband_full_duplex(),
    .rgmii_rxc(eth_rxc), .rgmii_rxd(eth_rxd), .rgmii_rx_ctl(eth_rx_ctl), .rgmii_txc(eth_txc), .rgmii_txd(eth_txd), .rgmii_tx_ctl(eth_tx_ctl),
    .gmii_rx_clk(rx_clk), .gmii_rx_ce(rx_ce), .gmii_rxd(rxd), .gmii_rx_dv(rx_dv), .gmii_rx_er(rx_er),
    .gmii_tx_clk(line_clk), .gmii_tx_ce(tx_ce), .gmii_txd(txd), .gmii_tx_en(tx_en), .gmii_tx_er(tx_er)
  );

  fn_nic_usb #(
    .DATA_W(32), .CLOCK_HZ(62500000), .BOARD_ID(32'hEC95_0025), .BUFFER(8192), .PACKETS(64), .RX_FLOWS(64), .RX_COALESCE(0), .MAC_RX_BYTES(16384)
  ) i_nic (
    .clk(clk), .rst(rst_q),
    .ft_clkout(ft_clkout), .ft_rxf_n(ft_rxf_n), .ft_txe_n(ft_txe_n), .ft_rd_n(ft_rd_n), .ft_wr_n(ft_wr_n), .ft_oe_n(ft_oe_n),
    .ft_siwu_n(ft_siwu_n), .ft_data_in(ft_data_in), .ft_be_in(1'b1), .ft_data_out(ft_data_out), .ft_be_out(), .ft_data_drive(ft_data_drive),
    .gmii_rx_clk(rx_clk), .gmii_rx_ce(rx_ce), .gmii_tx_clk(line_clk), .gmii_tx_ce(tx_ce), .gmii_rxd(rxd), .gmii_rx_dv(rx_dv),
    .gmii_rx_er(rx_er), .gmii_txd(txd), .gmii_tx_en(tx_en), .gmii_tx_er(tx_er), .link_up(link_up), .clock_pulse(), .idle(idle)
  );

  assign user_led_n = idle;

endmodule

`default_nettype wire
