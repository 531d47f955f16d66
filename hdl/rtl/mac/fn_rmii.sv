// RMII for 10 and 100 Mb/s (RMII Consortium specification, revision 1.2) in front of a GMII MAC: 2 bits at the 50 MHz reference clock; a byte in
// every fourth clock, at 10 Mb/s in every fortieth. It has no TX_ER: a spoiled frame is one that ends without its check sequence.
// Latency: receive 2 samples, transmit 1 clock to the first di-bit. Throughput: wire speed.
`default_nettype none

module fn_rmii (
  input  wire logic       ref_clk,
  input  wire logic       speed_100,  // 1: 100 Mb/s, 0: 10 Mb/s; of any clock, changed while the link is down
  input  wire logic [1:0] rmii_rxd,
  input  wire logic       rmii_crs_dv,
  input  wire logic       rmii_rx_er,
  output logic [1:0]      rmii_txd,
  output logic            rmii_tx_en,

  output logic            gmii_rx_clk,
  output logic            gmii_rx_ce,
  output logic [7:0]      gmii_rxd,
  output logic            gmii_rx_dv,
  output logic            gmii_rx_er,
  output logic            gmii_tx_clk,
  output logic            gmii_tx_ce,
  input  wire logic [7:0] gmii_txd,
  input  wire logic       gmii_tx_en
);

  logic       fast, tick_q;
  logic [3:0] divide_q;
  logic [1:0] dibit_q;

  assign gmii_rx_clk = ref_clk;
  assign gmii_tx_clk = ref_clk;

  fn_sync #(.WIDTH(1)) i_speed_sync (.clk(ref_clk), .d(speed_100), .q(fast));

  initial begin
    divide_q = '0;
    dibit_q  = '0;
  end

  // One of ten clocks at 10 Mb/s. Any of the ten will do for sampling (section 5.3.2).
  always_ff @(posedge ref_clk) begin
    divide_q <= divide_q == 4'd9 ? '0 : divide_q + 1'b1;
    tick_q   <= fast || divide_q == 4'd0;
  end

  fn_rmii_rx i_rx (
    .clk(ref_clk), .tick(tick_q), .rmii_rxd(rmii_rxd), .rmii_crs_dv(rmii_crs_dv), .rmii_rx_er(rmii_rx_er),
    .gmii_rx_ce(gmii_rx_ce), .gmii_rxd(gmii_rxd), .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er)
  );

  assign gmii_tx_ce = tick_q && dibit_q == 2'd3;

  always_ff @(posedge ref_clk) begin
    if (tick_q) begin
      dibit_q    <= dibit_q + 1'b1;
      rmii_txd   <= gmii_txd[2*dibit_q +: 2] & {2{gmii_tx_en}};  // 00 outside frames (section 5.5.1)
      rmii_tx_en <= gmii_tx_en;
    end
  end

endmodule

`default_nettype wire
