// The card on USB: the offload core (fn_nic) behind packets on a byte pipe (fn_usb_host) and an FTDI FIFO chip (fn_usb_ft245, fn_usb_ft600).
//
// ft_ pins are those of the chip in 245 synchronous FIFO mode, GMII is IEEE 802.3 clause 35. Both sides stall without loss;
// only a receive FIFO that is full drops frames, whole and counted (fn_nic).
`default_nettype none
`include "fn_regs.svh"

module fn_nic_usb #(
  parameter int          DATA_W      = 8,              // of the core: 8, 32 or 64
  parameter int          BUFFER      = 4096,           // bytes of the transmit buffer, a power of two
  parameter int          PACKETS     = 32,             // packets in it, a power of two
  parameter bit          BUFFER_REGISTER = 1'b1,       // flip-flops behind its memory, for a quicker clock
  parameter int          CLOCK_HZ    = 125000000,
  parameter logic [47:0] MAC_ADDRESS = 48'h02005E100001,
  parameter logic [31:0] BOARD_ID    = 32'd0,
  parameter bit          TX_SEGMENT  = 1'b1,           // what fn_nic has, and its stores
  parameter bit          TX_VLAN     = 1'b1,
  parameter bit          RX_CLASSIFY = 1'b1,
  parameter bit          RX_VLAN     = 1'b1,
  parameter int          RX_FLOWS    = 256,
  parameter int          RX_COALESCE = 4,
  parameter bit          CLOCK       = 1'b1,
  parameter bit          RMON        = 1'b1,
  parameter bit          PAUSE       = 1'b1,
  parameter bit          MDIO        = 1'b1,
  parameter int          MDC_HZ      = 2500000,
  parameter logic [4:0]  PHY_ADDRESS = 5'd0,
  parameter logic [3:0]  SPEEDS      = 4'b0111,
  parameter int          TX_BYTES    = 4096,
  parameter int          RX_BYTES    = 4096,
  parameter int          RX_FRAMES   = 128,
  parameter int          MAC_RX_BYTES = 8192,
  parameter int          MAC_TX_BYTES = 4096,
  parameter bit          MAC_TX_WHOLE = 1'b1,
  parameter int          LINE_NS     = 8,
  parameter int          CHIP_BYTES  = 1,              // the chip: 1 is an FT232H or FT2232H, 2 an FT600, 4 an FT601
  parameter bit          PIN_REGISTERS = 1'b1          // FT232H: 0, the registers of its pins are the board's (fn_usb_ft245_bus)
) (
  input  wire logic       clk,
  input  wire logic       rst,

  input  wire logic       ft_clkout,
  input  wire logic       ft_rxf_n,
  input  wire logic       ft_txe_n,
  output logic            ft_rd_n,
  output logic            ft_wr_n,
  output logic            ft_oe_n,
  output logic            ft_siwu_n,
  input  wire logic [8*CHIP_BYTES-1:0] ft_data_in,
  input  wire logic [CHIP_BYTES-1:0]   ft_be_in,       // FT600 and FT601
  output logic [8*CHIP_BYTES-1:0]      ft_data_out,
  output logic [CHIP_BYTES-1:0]        ft_be_out,
  output logic            ft_data_drive,

  input  wire logic       gmii_rx_clk,
  input  wire logic       gmii_rx_ce,
  input  wire logic       gmii_tx_clk,
  input  wire logic       gmii_tx_ce,
  input  wire logic [7:0] gmii_rxd,
  input  wire logic       gmii_rx_dv,
  input  wire logic       gmii_rx_er,
  output logic [7:0]      gmii_txd,
  output logic            gmii_tx_en,
  output logic            gmii_tx_er,
  input  wire logic       link_up,
  output logic [1:0]      link_speed,                  // for fn_rgmii and fn_rmii
  output logic            mdc,
  output logic            mdio_o,
  output logic            mdio_oe,
  input  wire logic       mdio_i,

  output logic            clock_pulse,                 // block Clock's pulses

  output logic            idle                         // nothing is in flight, in the core or on the host's side
);

  logic                pipe_rst, core_rst, wire_busy, core_idle, host_idle, chip_idle;
  logic [7:0]          in_tdata, out_tdata, status_tdata;
  logic                in_tvalid, in_tready, out_tvalid, out_tready;
  logic [DATA_W-1:0]   tx_tdata, rx_tdata;
  logic [DATA_W/8-1:0] tx_tkeep, rx_tkeep;
  logic                tx_tvalid, tx_tready, tx_tlast, tx_tabort, rx_tvalid, rx_tready, rx_tlast, status_tvalid, status_tready;
  logic [191:0]        tx_tuser;
  logic [255:0]        rx_tuser;
  logic [63:0]         status_tuser;
  logic                reg_write, reg_read, reg_ack;
  logic [15:0]         reg_address;
  logic [31:0]         reg_wdata, reg_rdata;

  generate
    if (CHIP_BYTES == 1) begin : g_ft232h
      fn_usb_ft245 #(.PIN_REGISTERS(PIN_REGISTERS)) u_chip (
        .clk(clk), .rst(rst), .clk_rst(pipe_rst),
        .m_axis_tdata(in_tdata), .m_axis_tkeep(), .m_axis_tvalid(in_tvalid), .m_axis_tready(in_tready),
        .s_axis_tdata(out_tdata), .s_axis_tvalid(out_tvalid), .s_axis_tlast(1'b0), .s_axis_tready(out_tready),
        .ft_clkout(ft_clkout), .ft_rxf_n(ft_rxf_n), .ft_txe_n(ft_txe_n), .ft_rd_n(ft_rd_n), .ft_wr_n(ft_wr_n), .ft_oe_n(ft_oe_n), .ft_siwu_n(ft_siwu_n),
        .ft_data_in(ft_data_in), .ft_be_in(ft_be_in), .ft_data_out(ft_data_out), .ft_data_drive(ft_data_drive), .idle(chip_idle)
      );

      assign ft_be_out = 1'b1;
    end else begin : g_ft600
      fn_usb_ft600 #(.BYTES(CHIP_BYTES)) u_chip (
        .clk(clk), .rst(rst), .clk_rst(pipe_rst),
        .m_axis_tdata(in_tdata), .m_axis_tvalid(in_tvalid), .m_axis_tready(in_tready),
        .s_axis_tdata(out_tdata), .s_axis_tvalid(out_tvalid), .s_axis_tready(out_tready),
        .ft_clkout(ft_clkout), .ft_rxf_n(ft_rxf_n), .ft_txe_n(ft_txe_n), .ft_rd_n(ft_rd_n), .ft_wr_n(ft_wr_n), .ft_oe_n(ft_oe_n),
        .ft_data_in(ft_data_in), .ft_be_in(ft_be_in), .ft_data_out(ft_data_out), .ft_be_out(ft_be_out), .ft_data_drive(ft_data_drive), .idle(chip_idle)
      );

      assign ft_siwu_n = 1'b1;  // reserved there
    end
  endgenerate

  fn_usb_host #(.DATA_W(DATA_W), .BUFFER(BUFFER), .PACKETS(PACKETS), .REGISTER(BUFFER_REGISTER)) u_host (
    .clk(clk), .rst(rst || pipe_rst), .core_rst(core_rst),
    .s_pipe_tdata(in_tdata), .s_pipe_tvalid(in_tvalid), .s_pipe_tready(in_tready),
    .m_pipe_tdata(out_tdata), .m_pipe_tvalid(out_tvalid), .m_pipe_tready(out_tready),
    .core_tx_tdata(tx_tdata), .core_tx_tkeep(tx_tkeep), .core_tx_tvalid(tx_tvalid), .core_tx_tready(tx_tready), .core_tx_tlast(tx_tlast),
    .core_tx_tuser(tx_tuser), .core_tx_tabort(tx_tabort), .core_tx_status_tdata(status_tdata), .core_tx_status_tuser(status_tuser),
    .core_tx_status_tvalid(status_tvalid), .core_tx_status_tready(status_tready),
    .core_rx_tdata(rx_tdata), .core_rx_tkeep(rx_tkeep), .core_rx_tvalid(rx_tvalid), .core_rx_tready(rx_tready), .core_rx_tlast(rx_tlast),
    .core_rx_tuser(rx_tuser), .core_reg_write(reg_write), .core_reg_read(reg_read), .core_reg_address(reg_address),
    .core_reg_wdata(reg_wdata), .core_reg_rdata(reg_rdata), .core_reg_ack(reg_ack), .wire_busy(wire_busy), .idle(host_idle)
  );

  fn_nic #(
    .DATA_W(DATA_W), .CLOCK_HZ(CLOCK_HZ), .MAC_ADDRESS(MAC_ADDRESS), .BOARD_ID(BOARD_ID), .HOST_BLOCK(`FN_USB),
    .TX_SEGMENT(TX_SEGMENT), .TX_VLAN(TX_VLAN), .RX_CLASSIFY(RX_CLASSIFY), .RX_VLAN(RX_VLAN), .RX_FLOWS(RX_FLOWS), .RX_COALESCE(RX_COALESCE),
    .CLOCK(CLOCK), .RMON(RMON), .PAUSE(PAUSE), .MDIO(MDIO), .MDC_HZ(MDC_HZ), .PHY_ADDRESS(PHY_ADDRESS), .SPEEDS(SPEEDS),
    .TX_BYTES(TX_BYTES), .RX_BYTES(RX_BYTES), .RX_FRAMES(RX_FRAMES), .MAC_RX_BYTES(MAC_RX_BYTES), .MAC_TX_BYTES(MAC_TX_BYTES),
    .MAC_TX_WHOLE(MAC_TX_WHOLE), .LINE_NS(LINE_NS)
  ) u_nic (
    .clk(clk), .rst(core_rst),
    .s_axis_tx_tdata(tx_tdata), .s_axis_tx_tkeep(tx_tkeep), .s_axis_tx_tvalid(tx_tvalid), .s_axis_tx_tlast(tx_tlast),
    .s_axis_tx_tready(tx_tready), .s_axis_tx_tuser(tx_tuser), .s_axis_tx_tabort(tx_tabort), .m_tx_status_tdata(status_tdata),
    .m_tx_status_tuser(status_tuser), .m_tx_status_tvalid(status_tvalid), .m_tx_status_tready(status_tready),
    .m_axis_rx_tdata(rx_tdata), .m_axis_rx_tkeep(rx_tkeep), .m_axis_rx_tvalid(rx_tvalid), .m_axis_rx_tlast(rx_tlast),
    .m_axis_rx_tready(rx_tready), .m_axis_rx_tuser(rx_tuser),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(reg_rdata), .reg_ack(reg_ack),
    .gmii_rx_clk(gmii_rx_clk), .gmii_rx_ce(gmii_rx_ce), .gmii_tx_clk(gmii_tx_clk), .gmii_tx_ce(gmii_tx_ce), .gmii_rxd(gmii_rxd),
    .gmii_rx_dv(gmii_rx_dv), .gmii_rx_er(gmii_rx_er), .gmii_txd(gmii_txd), .gmii_tx_en(gmii_tx_en), .gmii_tx_er(gmii_tx_er),
    .link_up(link_up), .link_speed(link_speed), .mdc(mdc), .mdio_o(mdio_o), .mdio_oe(mdio_oe), .mdio_i(mdio_i), .host_dropped(1'b0), .now(), .launch_lead(), .launch_horizon(), .clock_pulse(clock_pulse), .idle(core_idle)
  );

  // Control.Reset waits for silence on the wire.
  fn_sync u_wire_busy (.clk(clk), .d(gmii_tx_en), .q(wire_busy));

  assign idle = chip_idle && host_idle && core_idle && !pipe_rst;

endmodule

`default_nettype wire
