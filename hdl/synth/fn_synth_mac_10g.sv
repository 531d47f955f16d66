`default_nettype none

// Both halves of the 10G MAC at the XGMII, without FIFOs, as the peer is.
module fn_synth_mac_10g (
  input  wire logic clk,
  input  wire logic rst,
  input  wire logic tx_enable,
  input  wire logic [63:0] tx_s_axis_tdata,
  input  wire logic [7:0] tx_s_axis_tkeep,
  input  wire logic tx_s_axis_tvalid,
  output logic tx_s_axis_tready,
  input  wire logic tx_s_axis_tlast,
  input  wire logic tx_local_fault,
  input  wire logic tx_remote_fault,
  output logic [63:0] tx_xgmii_txd,
  output logic [7:0] tx_xgmii_txc,
  output logic tx_strike,
  output logic tx_sent,
  output logic tx_underrun,
  input  wire logic [63:0] rx_xgmii_rxd,
  input  wire logic [7:0] rx_xgmii_rxc,
  output logic [63:0] rx_m_axis_tdata,
  output logic [7:0] rx_m_axis_tkeep,
  output logic rx_m_axis_tvalid,
  output logic rx_m_axis_tlast,
  output logic [3:0] rx_m_axis_tuser,
  output logic rx_local_fault,
  output logic rx_remote_fault,
  output logic rx_strike,
  output logic rx_busy
);

  fn_mac_xgmii_tx i_tx (
    .clk(clk), .rst(rst), .enable(tx_enable), .s_axis_tdata(tx_s_axis_tdata), .s_axis_tkeep(tx_s_axis_tkeep),
    .s_axis_tvalid(tx_s_axis_tvalid), .s_axis_tready(tx_s_axis_tready), .s_axis_tlast(tx_s_axis_tlast), .local_fault(tx_local_fault),
    .remote_fault(tx_remote_fault), .xgmii_txd(tx_xgmii_txd), .xgmii_txc(tx_xgmii_txc), .strike(tx_strike), .sent(tx_sent),
    .underrun(tx_underrun)
  );

  fn_mac_xgmii_rx i_rx (
    .clk(clk), .rst(rst), .xgmii_rxd(rx_xgmii_rxd), .xgmii_rxc(rx_xgmii_rxc), .m_axis_tdata(rx_m_axis_tdata),
    .m_axis_tkeep(rx_m_axis_tkeep), .m_axis_tvalid(rx_m_axis_tvalid), .m_axis_tlast(rx_m_axis_tlast), .m_axis_tuser(rx_m_axis_tuser),
    .local_fault(rx_local_fault), .remote_fault(rx_remote_fault), .strike(rx_strike), .busy(rx_busy)
  );

endmodule

`default_nettype wire
