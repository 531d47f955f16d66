`default_nettype none

// Lattice iCE40HX-8K breakout board (ICE40HX8K-B-EVN) as a 100 Mb/s network card on USB: an FT232H module and a LAN8720 module on header J2.
//
//   FT232H ── fn_nic_usb (8 bits) ── fn_rmii ── LAN8720
//
// Three clocks: the core's from the board's 12 MHz by the PLL, the FT232H's 60 MHz and the PHY's 50 MHz. What does not fit is left out:
// segmentation, tags, classification and time. Checksums are computed and verified in both directions.
// Link and speed come from the PHY's registers (MDIO).
module fn_ice40hx8k_b_evn (
  input  wire logic       clk_12mhz,
  output logic [7:0]      led,           // 0: idle, 1: host present, 2: frame received, 3: frame sent

  input  wire logic       ft_clkout,
  input  wire logic       ft_rxf_n,
  input  wire logic       ft_txe_n,
  output logic            ft_rd_n,
  output logic            ft_wr_n,
  output logic            ft_oe_n,
  output logic            ft_siwu_n,
  inout  wire logic [7:0] ft_data,

  input  wire logic       rmii_ref_clk,  // 50 MHz, from the module
  input  wire logic [1:0] rmii_rxd,
  input  wire logic       rmii_crs_dv,
  output logic [1:0]      rmii_txd,
  output logic            rmii_tx_en,
  output logic            rmii_mdc,
  inout  wire logic       rmii_mdio
);

  localparam int CLOCK_HZ = 30000000;    // 12 MHz * 80 / 32

  // ---------------------------------------------------------------- clock and reset
  logic       clk, locked, rst_q;
  logic [7:0] wait_q;

  SB_PLL40_CORE #(.FEEDBACK_PATH("SIMPLE"), .DIVR(4'd0), .DIVF(7'd79), .DIVQ(3'd5), .FILTER_RANGE(3'd1)) i_pll (
    .REFERENCECLK(clk_12mhz), .PLLOUTGLOBAL(clk), .LOCK(locked), .RESETB(1'b1), .BYPASS(1'b0)
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

  // ---------------------------------------------------------------- the FT232H's bus
  // The registers of all outputs stand in the pads, so that the time from CLKOUT to a pin is the data sheet's and not the router's. They hold 0 before
  // there is a clock: the strobes' invert it. Inputs are registered behind the pads and not in them: the pads' own registers want data held 2.4 ns behind
  // the clock (DS1040, tH), and the FT232H promises 0 (DS_FT232H table 4.1). Look-up tables on the way make up for it: three, of which nextpnr puts the last
  // into the register's own cell; two for TXE#, which has its own to pass.
  localparam logic [5:0] REGISTERED_INVERTED = 6'b0111_01, REGISTERED_WITH_ENABLE = 6'b1101_01;

  logic [7:0] ft_data_in, ft_data_out;
  logic       ft_data_drive, rxf_n, txe_n, rd_n, wr_n, oe_n, siwu_n;
  logic [9:0] at_pad, halfway, late;
  logic [8:0] later;

  generate
    for (genvar i = 0; i < 8; i++) begin : g_bus
      SB_IO #(.PIN_TYPE(REGISTERED_WITH_ENABLE)) i_pin (
        .PACKAGE_PIN(ft_data[i]), .OUTPUT_CLK(ft_clkout), .OUTPUT_ENABLE(ft_data_drive), .D_OUT_0(ft_data_out[i]), .D_IN_0(at_pad[i])
      );
    end
    for (genvar i = 0; i < 10; i++) begin : g_late
      (* keep *) SB_LUT4 #(.LUT_INIT(16'hAAAA)) i_first (.I0(at_pad[i]), .I1(1'b0), .I2(1'b0), .I3(1'b0), .O(halfway[i]));
      (* keep *) SB_LUT4 #(.LUT_INIT(16'hAAAA)) i_second (.I0(halfway[i]), .I1(1'b0), .I2(1'b0), .I3(1'b0), .O(late[i]));
    end
    for (genvar i = 0; i < 9; i++) begin : g_later
      (* keep *) SB_LUT4 #(.LUT_INIT(16'hAAAA)) i_third (.I0(late[i]), .I1(1'b0), .I2(1'b0), .I3(1'b0), .O(later[i]));
    end
  endgenerate

  assign at_pad[9:8] = {ft_txe_n, ft_rxf_n};
  assign {rxf_n, ft_data_in} = later;
  assign txe_n = late[9];

  SB_IO #(.PIN_TYPE(REGISTERED_INVERTED)) i_rd (.PACKAGE_PIN(ft_rd_n), .OUTPUT_CLK(ft_clkout), .D_OUT_0(!rd_n));
  SB_IO #(.PIN_TYPE(REGISTERED_INVERTED)) i_wr (.PACKAGE_PIN(ft_wr_n), .OUTPUT_CLK(ft_clkout), .D_OUT_0(!wr_n));
  SB_IO #(.PIN_TYPE(REGISTERED_INVERTED)) i_oe (.PACKAGE_PIN(ft_oe_n), .OUTPUT_CLK(ft_clkout), .D_OUT_0(!oe_n));
  SB_IO #(.PIN_TYPE(REGISTERED_INVERTED)) i_siwu (.PACKAGE_PIN(ft_siwu_n), .OUTPUT_CLK(ft_clkout), .D_OUT_0(!siwu_n));

  // ---------------------------------------------------------------- the card
  logic       rx_clk, rx_ce, rx_dv, rx_er, tx_clk, tx_ce, tx_en, tx_er, idle, mdio_in, mdio_out, mdio_drive;
  logic [1:0] speed;
  logic [7:0] rxd, txd;

  fn_rmii i_rmii (
    .ref_clk(rmii_ref_clk), .speed_100(speed[0]), .rmii_rxd(rmii_rxd), .rmii_crs_dv(rmii_crs_dv), .rmii_rx_er(1'b0),
    .rmii_txd(rmii_txd), .rmii_tx_en(rmii_tx_en),
    .gmii_rx_clk(rx_clk), .gmii_rx_ce(rx_ce), .gmii_rxd(rxd), .gmii_rx_dv(rx_dv), .gmii_rx_er(rx_er),
    .gmii_tx_clk(tx_clk), .gmii_tx_ce(tx_ce), .gmii_txd(txd), .gmii_tx_en(tx_en)
  );

  SB_IO #(.PIN_TYPE(6'b1010_01), .PULLUP(1'b1)) i_mdio (.PACKAGE_PIN(rmii_mdio), .OUTPUT_ENABLE(mdio_drive), .D_OUT_0(mdio_out), .D_IN_0(mdio_in));

  // 32 blocks of memory: a longest frame in each store, and no store where the source cannot pause.
  fn_nic_usb #(
    .DATA_W(8), .CLOCK_HZ(CLOCK_HZ), .BOARD_ID(32'h1CE4_0008), .LINE_NS(20), .BUFFER(2048), .PACKETS(32), .BUFFER_REGISTER(1'b0),
    .TX_SEGMENT(1'b0), .TX_VLAN(1'b0), .RX_CLASSIFY(1'b0), .RX_VLAN(1'b0), .RX_FLOWS(0), .RX_COALESCE(0), .CLOCK(1'b0), .RMON(1'b0), .PAUSE(1'b0),
    .TX_BYTES(2048), .RX_BYTES(2048), .RX_FRAMES(4), .MAC_RX_BYTES(2048), .MAC_TX_BYTES(32), .MAC_TX_WHOLE(1'b0), .PIN_REGISTERS(1'b0),
    .SPEEDS(4'b0011), .PHY_ADDRESS(5'd1)
  ) i_nic (
    .clk(clk), .rst(rst_q),
    .ft_clkout(ft_clkout), .ft_rxf_n(rxf_n), .ft_txe_n(txe_n), .ft_rd_n(rd_n), .ft_wr_n(wr_n), .ft_oe_n(oe_n),
    .ft_siwu_n(siwu_n), .ft_data_in(ft_data_in), .ft_be_in(1'b1), .ft_data_out(ft_data_out), .ft_be_out(), .ft_data_drive(ft_data_drive),
    .gmii_rx_clk(rx_clk), .gmii_rx_ce(rx_ce), .gmii_tx_clk(tx_clk), .gmii_tx_ce(tx_ce), .gmii_rxd(rxd), .gmii_rx_dv(rx_dv),
    .gmii_rx_er(rx_er), .gmii_txd(txd), .gmii_tx_en(tx_en), .gmii_tx_er(tx_er), .link_up(1'b1), .link_speed(speed),
    .mdc(rmii_mdc), .mdio_o(mdio_out), .mdio_oe(mdio_drive), .mdio_i(mdio_in), .clock_pulse(), .idle(idle)
  );

  // ---------------------------------------------------------------- lights
  logic ft_alive_q, rx_dv_q, tx_en_q;

  initial ft_alive_q = 1'b0;
  always_ff @(posedge ft_clkout) ft_alive_q <= 1'b1;
  always_ff @(posedge rx_clk) begin
    rx_dv_q <= rx_dv;
    tx_en_q <= tx_en;
  end

  assign led = {4'd0, tx_en_q, rx_dv_q, ft_alive_q, idle};

  logic unused;  // RMII has no TX_ER
  assign unused = &{1'b0, tx_er};

endmodule

`default_nettype wire
