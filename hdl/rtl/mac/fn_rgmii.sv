// RGMII (Reduced Gigabit Media Independent Interface, version 2.0) in front of a GMII MAC, at 10, 100 and 1000 Mb/s: 4 bits at both edges of
// a 125 MHz clock, at the lower speeds a nibble a cycle of a 25 or 2.5 MHz clock.
//
// Transmit runs at tx_clk, 125 MHz at every speed; gmii_tx_ce and the pattern on rgmii_txc make the lower ones of it. Receive runs at the PHY's
// clock. Where the PHY (or the board) delays the clocks itself, tx_clk_90 is tx_clk; else it is tx_clk a quarter of a cycle later, and
// rgmii_rxc comes in delayed (section 3.3, tskew).
// Between frames the PHY tells link, speed and duplex in band (section 3.4.1); a board may wire inband_speed to speed and inband_link_up to the
// card's link_up, if its PHY does so.
// Latency: receive 3 clocks, transmit 2 clocks. Throughput: wire speed.
`default_nettype none

module fn_rgmii #(
  parameter logic [55:0] TARGET = 56'("SIM")  // cells at the pins: "ECP5", "XILINX7", "SIM"
) (
  input  wire logic       tx_clk,
  input  wire logic       tx_clk_90,
  input  wire logic [1:0] speed,  // 2: 1000 Mb/s, 1: 100, 0: 10; of any clock, changed while the link is down
  output logic            inband_link_up,
  output logic [1:0]      inband_speed,
  output logic            inband_full_duplex,

  input  wire logic       rgmii_rxc,
  input  wire logic [3:0] rgmii_rxd,
  input  wire logic       rgmii_rx_ctl,
  output logic            rgmii_txc,
  output logic [3:0]      rgmii_txd,
  output logic            rgmii_tx_ctl,

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

  localparam logic [1:0] GIGABIT = 2'd2, SLOW = 2'd0;

  assign gmii_rx_clk = rgmii_rxc;
  assign gmii_tx_clk = tx_clk;

  // ---------------------------------------------------------------- receive
  logic [4:0] rise, fall;  // control above data
  logic       rx_er, slow_ce, slow_dv, slow_er;
  logic [7:0] slow_rxd;
  logic [1:0] rx_speed;

  generate
    for (genvar i = 0; i < 5; i++) begin : g_rx
      fn_iddr #(.TARGET(TARGET)) i_ddr (.clk(rgmii_rxc), .d(i == 4 ? rgmii_rx_ctl : rgmii_rxd[i % 4]), .q_rise(rise[i]), .q_fall(fall[i]));
    end
  endgenerate

  assign rx_er = rise[4] ^ fall[4];

  fn_sync #(.WIDTH(2)) i_rx_speed_sync (.clk(rgmii_rxc), .d(speed), .q(rx_speed));

  fn_mii_rx i_slow (
    .clk(rgmii_rxc), .mii_rxd(rise[3:0]), .mii_rx_dv(rise[4]), .mii_rx_er(rx_er),
    .gmii_rx_ce(slow_ce), .gmii_rxd(slow_rxd), .gmii_rx_dv(slow_dv), .gmii_rx_er(slow_er)
  );

  always_ff @(posedge rgmii_rxc) begin
    if (rx_speed == GIGABIT) begin
      gmii_rx_ce <= 1'b1;
      gmii_rx_dv <= rise[4];
      gmii_rx_er <= rx_er && rise[4];
      gmii_rxd   <= {fall[3:0], rise[3:0]};
    end else begin
      gmii_rx_ce <= slow_ce;
      gmii_rx_dv <= slow_dv;
      gmii_rx_er <= slow_er;
      gmii_rxd   <= slow_rxd;
    end
    if (!rise[4] && !fall[4]) {inband_full_duplex, inband_speed, inband_link_up} <= rise[3:0];
  end

  // ---------------------------------------------------------------- transmit
  // A nibble lasts `period` clocks at the lower speeds; TXC and the first half of TX_CTL stand for one half of them.
  logic [1:0] tx_speed;
  logic [5:0] clock_q;
  logic       high_nibble_q, gigabit, first_rise, first_fall, final_clock, before_final;
  logic [3:0] nibble;
  logic [4:0] rise_q, fall_q;
  logic       txc_rise_q, txc_fall_q;

  fn_sync #(.WIDTH(2)) i_tx_speed_sync (.clk(tx_clk), .d(speed), .q(tx_speed));

  assign gigabit      = tx_speed == GIGABIT;
  assign final_clock  = clock_q == (tx_speed == SLOW ? 6'd49 : 6'd4);
  assign before_final = clock_q == (tx_speed == SLOW ? 6'd48 : 6'd3);
  assign first_rise   = clock_q < (tx_speed == SLOW ? 6'd25 : 6'd3);
  assign first_fall   = clock_q < (tx_speed == SLOW ? 6'd25 : 6'd2);
  assign nibble       = high_nibble_q ? gmii_txd[7:4] : gmii_txd[3:0];

  initial begin
    clock_q       = '0;
    high_nibble_q = 1'b0;
  end

  always_ff @(posedge tx_clk) begin
    clock_q <= final_clock ? '0 : clock_q + 1'b1;
    if (final_clock) high_nibble_q <= !high_nibble_q;
    gmii_tx_ce <= gigabit || (before_final && high_nibble_q);  // in the byte's final clock
    if (gigabit) begin
      rise_q     <= {gmii_tx_en, gmii_txd[3:0]};
      fall_q     <= {gmii_tx_en ^ gmii_tx_er, gmii_txd[7:4]};
      txc_rise_q <= 1'b1;
      txc_fall_q <= 1'b0;
    end else begin
      rise_q     <= {first_rise ? gmii_tx_en : gmii_tx_en ^ gmii_tx_er, nibble};
      fall_q     <= {first_fall ? gmii_tx_en : gmii_tx_en ^ gmii_tx_er, nibble};
      txc_rise_q <= first_rise;
      txc_fall_q <= first_fall;
    end
  end

  generate
    for (genvar i = 0; i < 4; i++) begin : g_tx
      fn_oddr #(.TARGET(TARGET)) i_ddr (.clk(tx_clk), .d_rise(rise_q[i]), .d_fall(fall_q[i]), .q(rgmii_txd[i]));
    end
  endgenerate

  fn_oddr #(.TARGET(TARGET)) i_ctl (.clk(tx_clk), .d_rise(rise_q[4]), .d_fall(fall_q[4]), .q(rgmii_tx_ctl));
  fn_oddr #(.TARGET(TARGET)) i_txc (.clk(tx_clk_90), .d_rise(txc_rise_q), .d_fall(txc_fall_q), .q(rgmii_txc));

endmodule

`default_nettype wire
