// MII for 10 and 100 Mb/s (IEEE 802.3 clause 22) in front of a GMII MAC: 4 bits at the PHY's clocks, 2.5 or 25 MHz, a byte in every second one.
// Latency: receive 1 clock, transmit 1 clock to the first nibble. Throughput: wire speed.
`default_nettype none

module fn_mii (
  input  wire logic       mii_rx_clk,
  input  wire logic [3:0] mii_rxd,
  input  wire logic       mii_rx_dv,
  input  wire logic       mii_rx_er,
  input  wire logic       mii_tx_clk,
  output logic [3:0]      mii_txd,
  output logic            mii_tx_en,
  output logic            mii_tx_er,

  output logic            gmii_rx_clk,
  output logic            gmii_rx_ce,
  output logic [7:0]      gmii_rxd,
  output logic            gmii_rx_dv,
  output logic            gmii_rx_er,
  output logic            gmii_tx_clk,
  output logic            gmii_tx_ce,
  input  wire logic [7:0] gmii_txd,
  input  wire logic       gmii_tx_en,
  input  wire logic       gmii_tx_er
);

  assign gmii_rx_clk = mii_rx_clk;
  assign gmii_tx_clk = mii_tx_clk;

  fn_mii_rx i_rx (
    .clk(mii_rx_clk), .mii_rxd(mii_rxd), .mii_rx_dv(mii_rx_dv), .mii_rx_er(mii_rx_er),
    .gmii_rx_ce(gmii_rx_ce), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er)
  );

  // The low nibble goes first (clause 22.2.3).
  initial gmii_tx_ce = 1'b0;

  always_ff @(posedge mii_tx_clk) begin
    gmii_tx_ce <= !gmii_tx_ce;
    mii_txd    <= gmii_tx_ce ? gmii_txd[7:4] : gmii_txd[3:0];
    mii_tx_en  <= gmii_tx_en;
    mii_tx_er  <= gmii_tx_er;
  end

endmodule

`default_nettype wire
