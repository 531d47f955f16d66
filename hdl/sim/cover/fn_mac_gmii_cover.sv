// What the tests must have seen of fn_mac_gmii. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_mac_gmii_cover (
  input wire logic        clk,
  input wire logic        rst,
  input wire logic        rx_enable,
  input wire logic        tx_enable,
  input wire logic        rx_bad_fcs,
  input wire logic        rx_phy_error,
  input wire logic        rx_undersize,
  input wire logic        rx_oversize,
  input wire logic        rx_overflow,
  input wire logic        rx_disabled,
  input wire logic        rx_pause,
  input wire logic        tx_pause,
  input wire logic        tx_paused,
  input wire logic        congested,
  input wire logic        tx_release,
  input wire logic        tx_stamp_valid,
  input wire logic        s_axis_tvalid,
  input wire logic        s_axis_tready,
  input wire logic        m_axis_tvalid,
  input wire logic        m_axis_tready,
  input wire logic        m_axis_tlast,
  input wire logic        gmii_tx_en,
  input wire logic        gmii_rx_dv
);

  logic received;
  assign received = m_axis_tvalid && m_axis_tready && m_axis_tlast;

  always @(posedge clk) if (!rst) begin
    received_good:     cover (received);
    bad_fcs:           cover (rx_bad_fcs);
    phy_error:         cover (rx_phy_error);
    undersize:         cover (rx_undersize);
    oversize:          cover (rx_oversize);
    overflow:          cover (rx_overflow);
    received_disabled: cover (rx_disabled && !rx_enable);
    both_ways:         cover (gmii_tx_en && gmii_rx_dv);
    core_stalls:       cover (m_axis_tvalid && !m_axis_tready);
    transmitter_full:  cover (s_axis_tvalid && !s_axis_tready);
    waits_for_enable:  cover (s_axis_tvalid && !tx_enable);
    release_comes:     cover (tx_release);
    stamp_comes:       cover (tx_stamp_valid);
    pause_comes:       cover (rx_pause);
    pause_goes:        cover (tx_pause);
    paused_with_frame: cover (tx_paused && s_axis_tvalid);
    sends_while_asking: cover (congested && gmii_tx_en);
  end

endmodule

bind fn_mac_gmii fn_mac_gmii_cover i_cover (.*);

`default_nettype wire
