// The pins of a FIFO chip, chosen by BYTES: 1 fn_usb_ft245, 2 and 4 fn_usb_ft600; under one set of names, as on fn_nic_usb.
`default_nettype none

module fn_usb_pins_bench #(
  parameter int BYTES = 1
) (
  input  wire logic               clk,
  input  wire logic               rst,
  output logic [7:0]              m_axis_tdata,
  output logic                    m_axis_tvalid,
  input  wire logic               m_axis_tready,
  input  wire logic [7:0]         s_axis_tdata,
  input  wire logic               s_axis_tvalid,
  output logic                    s_axis_tready,
  input  wire logic               ft_clkout,
  input  wire logic               ft_rxf_n,
  input  wire logic               ft_txe_n,
  output logic                    ft_rd_n,
  output logic                    ft_wr_n,
  output logic                    ft_oe_n,
  output logic                    ft_siwu_n,
  input  wire logic [8*BYTES-1:0] ft_data_in,
  input  wire logic [BYTES-1:0]   ft_be_in,
  output logic [8*BYTES-1:0]      ft_data_out,
  output logic [BYTES-1:0]        ft_be_out,
  output logic                    ft_data_drive,
  output logic                    idle
);

  generate
    if (BYTES == 1) begin : g_ft245
      fn_usb_ft245 dut (.*, .clk_rst(), .m_axis_tkeep(), .s_axis_tlast(1'b0));
      assign ft_be_out = 1'b1;
    end else begin : g_ft600
      fn_usb_ft600 #(.BYTES(BYTES)) dut (.*, .clk_rst());
      assign ft_siwu_n = 1'b1;
    end
  endgenerate

endmodule

`default_nettype wire
