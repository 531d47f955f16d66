// fn_mac_gmii behind one of the PHY interfaces, chosen by PHY: 0 MII, 1 RMII, 2 RGMII. Pins of the others stand still.
`default_nettype none

module fn_phy_bench #(
  parameter int DATA_W = 8,
  parameter int PHY    = 0
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
  output logic                     idle,

  input  wire logic [1:0]          speed,
  input  wire logic                rx_pin_clk,  // MII RX_CLK, RMII REF_CLK, RGMII RXC
  input  wire logic [3:0]          rx_pins,
  input  wire logic                rx_valid,    // RX_DV, CRS_DV, RX_CTL
  input  wire logic                rx_error,
  input  wire logic                tx_pin_clk,  // MII TX_CLK, RGMII's 125 MHz
  output logic                     txc,         // RGMII
  output logic [3:0]               tx_pins,
  output logic                     tx_valid,    // TX_EN, TX_CTL
  output logic                     tx_error,
  output logic                     inband_link_up,
  output logic [1:0]               inband_speed,
  output logic                     inband_full_duplex
);

  logic       gmii_rx_clk, gmii_rx_ce, gmii_rx_dv, gmii_rx_er, gmii_tx_clk, gmii_tx_ce, gmii_tx_en, gmii_tx_er;
  logic [7:0] gmii_rxd, gmii_txd;

  generate
    if (PHY == 0) begin : g_mii
      fn_mii i_phy (
        .mii_rx_clk(rx_pin_clk), .mii_rxd(rx_pins), .mii_rx_dv(rx_valid), .mii_rx_er(rx_error),
        .mii_tx_clk(tx_pin_clk), .mii_txd(tx_pins), .mii_tx_en(tx_valid), .mii_tx_er(tx_error), .*);
    end else if (PHY == 1) begin : g_rmii
      fn_rmii i_phy (
        .ref_clk(rx_pin_clk), .speed_100(speed[0]), .rmii_rxd(rx_pins[1:0]), .rmii_crs_dv(rx_valid), .rmii_rx_er(rx_error),
        .rmii_txd(tx_pins[1:0]), .rmii_tx_en(tx_valid), .*);
      assign tx_pins[3:2] = 2'b00;
      assign tx_error     = 1'b0;
    end else begin : g_rgmii
      fn_rgmii i_phy (
        .tx_clk(tx_pin_clk), .tx_clk_90(tx_pin_clk), .rgmii_rxc(rx_pin_clk), .rgmii_rxd(rx_pins), .rgmii_rx_ctl(rx_valid),
        .rgmii_txc(txc), .rgmii_txd(tx_pins), .rgmii_tx_ctl(tx_valid), .*);
      assign tx_error = 1'b0;
    end
    if (PHY != 2) begin : g_no_inband
      assign {txc, inband_link_up, inband_speed, inband_full_duplex} = '0;
    end
  endgenerate

  fn_mac_gmii #(.DATA_W(DATA_W), .PAUSE(1'b0), .CLOCK(1'b0)) i_mac (
    .*, .pause_rx(1'b0), .pause_tx(1'b0), .pause_quanta(16'd0), .pause_high(16'd0), .pause_low(16'd0), .station(48'd0), .rx_pause(), .tx_pause(),
    .tx_paused(), .s_axis_tuser(2'b00), .m_axis_tuser(), .now(64'd0), .rx_latency(16'd0), .tx_latency(16'd0), .tx_release(1'b0), .tx_stamp_valid(), .tx_stamp()
  );

endmodule

`default_nettype wire
