`default_nettype none

// Both halves of the 1G MAC at the GMII, without FIFOs, as the peer is.
module fn_synth_mac_1g (
  input  wire logic clk,
  input  wire logic rst,
  input  wire logic tx_ce,
  input  wire logic tx_enable,
  input  wire logic [7:0] tx_s_axis_tdata,
  input  wire logic tx_s_axis_tvalid,
  output logic tx_s_axis_tready,
  input  wire logic tx_s_axis_tlast,
  output logic [7:0] tx_gmii_txd,
  output logic tx_gmii_tx_en,
  output logic tx_gmii_tx_er,
  output logic tx_strike,
  output logic tx_sent,
  output logic tx_underrun,
  input  wire logic rx_ce,
  input  wire logic [7:0] rx_gmii_rxd,
  input  wire logic rx_gmii_rx_dv,
  input  wire logic rx_gmii_rx_er,
  output logic [7:0] rx_m_axis_tdata,
  output logic rx_m_axis_tvalid,
  output logic rx_m_axis_tlast,
  output logic [3:0] rx_m_axis_tuser,
  output logic rx_strike,
  output logic rx_busy
);

  fn_mac_gmii_tx i_tx (
    .clk(clk), .rst(rst), .ce(tx_ce), .enable(tx_enable), .s_axis_tdata(tx_s_axis_tdata), .s_axis_tvalid(tx_s_axis_tvalid),
    .s_axis_tready(tx_s_axis_tready), .s_axis_tlast(tx_s_axis_tlast), .gmii_txd(tx_gmii_txd), .gmii_tx_en(tx_gmii_tx_en),
    .gmii_tx_er(tx_gmii_tx_er), .strike(tx_strike), .sent(tx_sent), .underrun(tx_underrun)
  );

  fn_mac_gmii_rx i_rx (
    .clk(clk), .rst(rst), .ce(rx_ce), .gmii_rxd(rx_gmii_rxd), .gmii_rx_dv(rx_gmii_rx_dv), .gmii_rx_er(rx_gmii_rx_er),
    .m_axis_tdata(rx_m_axis_tdata), .m_axis_tvalid(rx_m_axis_tvalid), .m_axis_tlast(rx_m_axis_tlast), .m_axis_tuser(rx_m_axis_tuser),
    .strike(rx_strike), .busy(rx_busy)
  );

endmodule

`default_nettype wire
