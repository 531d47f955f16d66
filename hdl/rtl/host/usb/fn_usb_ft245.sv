// The pins of an FTDI FIFO chip in 245 synchronous FIFO mode (fn_usb_ft245_bus), and a stream of words each way at clk. With words of one
// byte: FT232H and FT2232H (DS_FT232H §4.4, AN_130). fn_usb_ft600 makes of it an FT600 or FT601.
//
// The chip's CLKOUT clocks its pins; it runs only while the host has switched the mode on, and all waits until it does. SIWU# is pulsed when
// nothing was sent for FLUSH clocks, so that no short packet waits in the chip for its latency timer.
//
// WHOLE: words to the host go in runs that end with s_axis_tlast and none of which begins before it is whole, so that WR# stays low for all of it.
//
// Throughput: 1 word a clock of the chip, less what changes of direction take. A chip that is not ready stalls s_axis; when m_axis stalls, words
// wait in the chip.
`default_nettype none

module fn_usb_ft245 #(
  parameter int BYTES         = 1,    // of a word: 1, 2 or 4
  parameter int BURST         = 512,  // words, a power of two
  parameter int FLUSH         = 64,   // clocks of the chip, a power of two
  parameter int DEPTH         = 32,   // words between the clocks, each way, a power of two, 8 or more
  parameter bit WHOLE         = 1'b0, // a run must be shorter than DEPTH
  parameter bit PIN_REGISTERS = 1'b1  // 0: the registers of the outputs are the board's, in its pads; what they take is what leaves here
) (
  input  wire logic               clk,
  input  wire logic               rst,
  output logic                    clk_rst,        // the pipe is in reset

  output logic [8*BYTES-1:0]      m_axis_tdata,   // from the host
  output logic [BYTES-1:0]        m_axis_tkeep,
  output logic                    m_axis_tvalid,
  input  wire logic               m_axis_tready,
  input  wire logic [8*BYTES-1:0] s_axis_tdata,   // to the host
  input  wire logic               s_axis_tvalid,
  input  wire logic               s_axis_tlast,   // with WHOLE
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
  output logic                    ft_data_drive,  // enables the FPGA's drivers of the bus

  output logic                    idle            // no byte in here, and none in the chip that waits to be sent
);

  localparam int W = 8 * BYTES, FLUSH_W = $clog2(FLUSH), PULSE = 16;

  logic ft_rst, ft_rst_again;

  fn_mac_reset u_reset (.clk(clk), .rst(rst), .clk_rst(clk_rst), .tx_clk(ft_clkout), .tx_rst(ft_rst), .rx_clk(ft_clkout), .rx_rst(ft_rst_again));

  // ---------------------------------------------------------------- between the clocks
  logic [W-1:0]     in_data, out_data;
  logic [BYTES-1:0] in_keep;
  logic             in_valid, in_room, in_empty, out_valid, out_ready, out_empty, out_stored;

  fn_axis_async_fifo #(.DATA_W(W), .USER_W(1), .DEPTH(DEPTH), .ROOM(4)) u_in (
    .s_clk(ft_clkout), .s_rst(ft_rst),
    .s_axis_tdata(in_data), .s_axis_tkeep(in_keep), .s_axis_tvalid(in_valid), .s_axis_tready(), .s_axis_tlast(1'b0), .s_axis_tuser(1'b0),
    .overflow(), .s_room(in_room),
    .m_clk(clk), .m_rst(clk_rst),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready), .m_axis_tlast(),
    .m_axis_tuser(), .m_empty(in_empty)
  );

  fn_axis_async_fifo #(.DATA_W(W), .USER_W(1), .DEPTH(DEPTH), .FRAME_MODE(WHOLE)) u_out (
    .s_clk(clk), .s_rst(clk_rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep({BYTES{1'b1}}), .s_axis_tvalid(s_axis_tvalid && !clk_rst), .s_axis_tready(out_stored),
    .s_axis_tlast(WHOLE && s_axis_tlast), .s_axis_tuser(1'b0), .overflow(), .s_room(),
    .m_clk(ft_clkout), .m_rst(ft_rst),
    .m_axis_tdata(out_data), .m_axis_tkeep(), .m_axis_tvalid(out_valid), .m_axis_tready(out_ready), .m_axis_tlast(), .m_axis_tuser(), .m_empty(out_empty)
  );

  assign s_axis_tready = out_stored && !clk_rst;

  // ---------------------------------------------------------------- the bus
  logic sent, sending, bus_idle;

  fn_usb_ft245_bus #(.BYTES(BYTES), .BURST(BURST), .PIN_REGISTERS(PIN_REGISTERS)) u_bus (
    .clk(ft_clkout), .rst(ft_rst),
    .m_tdata(in_data), .m_tkeep(in_keep), .m_tvalid(in_valid), .m_room(in_room), .s_tdata(out_data), .s_tvalid(out_valid), .s_tready(out_ready),
    .sent(sent), .sending(sending), .idle(bus_idle),
    .ft_rxf_n(ft_rxf_n), .ft_txe_n(ft_txe_n), .ft_rd_n(ft_rd_n), .ft_wr_n(ft_wr_n), .ft_oe_n(ft_oe_n),
    .ft_data_in(ft_data_in), .ft_be_in(ft_be_in), .ft_data_out(ft_data_out), .ft_data_drive(ft_data_drive)
  );

  // ---------------------------------------------------------------- what was sent must not wait in the chip: SIWU#
  logic [FLUSH_W-1:0] quiet_q;
  logic [4:0]         pulse_q;
  logic               unflushed_q, siwu_q;

  always_ff @(posedge ft_clkout) begin
    if (sent) begin
      unflushed_q <= 1'b1;
      quiet_q     <= '0;
    end else if (unflushed_q && !sending && out_empty) begin
      quiet_q <= quiet_q + 1'b1;
      if (&quiet_q) begin
        unflushed_q <= 1'b0;
        pulse_q     <= 5'(PULSE);
      end
    end
    if (pulse_q != '0) pulse_q <= pulse_q - 1'b1;
    siwu_q <= pulse_q != '0;
    if (ft_rst) begin
      unflushed_q <= 1'b0;
      pulse_q     <= '0;
      quiet_q     <= '0;
    end
  end

  assign ft_siwu_n = PIN_REGISTERS ? !siwu_q : pulse_q == '0;

  // ---------------------------------------------------------------- idle, with the clocks that a byte takes from one side to the other
  logic       ft_idle_q, ft_idle;
  logic [4:0] settled_q;

  always_ff @(posedge ft_clkout) ft_idle_q <= bus_idle && out_empty && !unflushed_q && pulse_q == '0;
  fn_sync u_idle (.clk(clk), .d(ft_idle_q), .q(ft_idle));

  always_ff @(posedge clk) begin
    if (clk_rst || !ft_idle || !in_empty || s_axis_tvalid) settled_q <= '0;
    else if (!(&settled_q)) settled_q <= settled_q + 1'b1;
  end

  assign idle = &settled_q;

  logic unused;
  assign unused = &{1'b0, ft_rst_again};

endmodule

`default_nettype wire
