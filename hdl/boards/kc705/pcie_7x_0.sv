`default_nettype none

// The ports of Vivado's pcie_7x_0 (PG054) that fn_kc705 uses, for Yosys: a box without contents. Vivado makes the real one (build.tcl).
(* blackbox *)
module pcie_7x_0 (
  output logic [3:0]       pci_exp_txp,
  output logic [3:0]       pci_exp_txn,
  input  wire logic [3:0]  pci_exp_rxp,
  input  wire logic [3:0]  pci_exp_rxn,
  input  wire logic        sys_clk,
  input  wire logic        sys_rst_n,
  output logic             user_clk_out,
  output logic             user_reset_out,
  output logic             user_lnk_up,
  input  wire logic [63:0] s_axis_tx_tdata,
  input  wire logic [7:0]  s_axis_tx_tkeep,
  input  wire logic        s_axis_tx_tvalid,
  output logic             s_axis_tx_tready,
  input  wire logic        s_axis_tx_tlast,
  input  wire logic [3:0]  s_axis_tx_tuser,
  input  wire logic        tx_cfg_gnt,
  output logic [63:0]      m_axis_rx_tdata,
  output logic [7:0]       m_axis_rx_tkeep,
  output logic             m_axis_rx_tvalid,
  input  wire logic        m_axis_rx_tready,
  output logic             m_axis_rx_tlast,
  output logic [21:0]      m_axis_rx_tuser,
  input  wire logic        rx_np_ok,
  input  wire logic        rx_np_req,
  output logic [7:0]       cfg_bus_number,
  output logic [4:0]       cfg_device_number,
  output logic [2:0]       cfg_function_number,
  output logic [15:0]      cfg_command,
  output logic [15:0]      cfg_dcommand,
  input  wire logic        cfg_interrupt,
  output logic             cfg_interrupt_rdy,
  input  wire logic [7:0]  cfg_interrupt_di,
  input  wire logic        cfg_interrupt_assert,
  output logic             cfg_interrupt_msienable,
  output logic [2:0]       cfg_interrupt_mmenable,
  input  wire logic        cfg_interrupt_stat,
  input  wire logic [4:0]  cfg_pciecap_interrupt_msgnum
);
endmodule

`default_nettype wire
