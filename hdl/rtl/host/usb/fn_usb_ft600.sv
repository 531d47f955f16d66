// The pins of an FT600 (16 bits) or FT601 (32 bits) in 245 synchronous FIFO mode with one channel (DS_FT600Q-FT601Q), and a pipe of bytes each way at clk.
//
// The bus is the FT232H's but for its width, byte enables and times: fn_usb_ft245. The chip wants its inputs held 4.8 ns behind CLK, so all outputs leave
// on the falling edge, half a clock before it looks; inputs are registered on the rising edge first. 16 or 32 bits at 100 MHz.
//
// To the host go whole words only, with all byte enables: between packets a word is filled up with flags (docs/usb.md), of which any number may stand there.
// They go in runs of RUN words, or what there is when nothing has come for 32 clocks, because the chip may make a USB packet of what it has when WR# rises.
// From the host a word may be part full: byte enables count from lane 0.
//
// Throughput: 1 byte a clock of clk each way. A chip that is not ready stalls s_axis; when m_axis stalls, words wait in the chip.
`default_nettype none

module fn_usb_ft600 #(
  parameter int BYTES = 2,    // of a word: 2 (FT600) or 4 (FT601)
  parameter int RUN   = 128,  // words, a power of two
  parameter int DEPTH = 512   // words between the clocks, each way, a power of two, twice RUN or more
) (
  input  wire logic               clk,
  input  wire logic               rst,
  output logic                    clk_rst,        // the pipe is in reset

  output logic [7:0]              m_axis_tdata,   // from the host
  output logic                    m_axis_tvalid,
  input  wire logic               m_axis_tready,
  input  wire logic [7:0]         s_axis_tdata,   // to the host
  input  wire logic               s_axis_tvalid,
  output logic                    s_axis_tready,

  input  wire logic               ft_clkout,
  input  wire logic               ft_rxf_n,
  input  wire logic               ft_txe_n,
  output logic                    ft_rd_n,
  output logic                    ft_wr_n,
  output logic                    ft_oe_n,
  input  wire logic [8*BYTES-1:0] ft_data_in,
  input  wire logic [BYTES-1:0]   ft_be_in,
  output logic [8*BYTES-1:0]      ft_data_out,
  output logic [BYTES-1:0]        ft_be_out,
  output logic                    ft_data_drive,  // enables the FPGA's drivers of data and byte enables

  output logic                    idle            // no byte in here, and none in the chip that waits to be sent
);

  localparam int W = 8 * BYTES, INDEX_W = $clog2(BYTES) + 1, RUN_W = $clog2(RUN);
  localparam logic [7:0] FLAG = 8'h7E;

  // ---------------------------------------------------------------- bytes to words
  logic [W-1:0]       word_q;
  logic [INDEX_W-1:0] index_q, base;
  logic [RUN_W-1:0]   run_q;
  logic [4:0]         quiet_q;
  logic               flag_q, quiet, full, take, fill, word_valid, word_ready, word_last, moved;

  assign quiet         = &quiet_q;
  assign full          = index_q == INDEX_W'(BYTES);
  assign word_valid    = full && (s_axis_tvalid || quiet);  // the last word stays until it is known whether it ends the run
  assign word_last     = quiet || &run_q;
  assign moved         = word_valid && word_ready;
  assign s_axis_tready = (!full || word_ready) && !clk_rst;
  assign take          = s_axis_tvalid && s_axis_tready;
  assign fill          = quiet && !take && !full && index_q != '0 && flag_q;
  assign base          = moved ? '0 : index_q;

  always_ff @(posedge clk) begin
    index_q <= base + INDEX_W'(take || fill);
    for (int i = 0; i < BYTES; i++) if ((take || fill) && base == INDEX_W'(i)) word_q[8*i +: 8] <= take ? s_axis_tdata : FLAG;
    if (take) flag_q <= s_axis_tdata == FLAG;
    if (moved) run_q <= word_last ? '0 : run_q + 1'b1;
    if (take) quiet_q <= '0;
    else if (!quiet) quiet_q <= quiet_q + 1'b1;
    if (clk_rst) begin
      index_q <= '0;
      run_q   <= '0;
      quiet_q <= '0;
    end
  end

  // ---------------------------------------------------------------- words to bytes
  logic [W-1:0]     in_data;
  logic [BYTES-1:0] in_keep;
  logic             in_valid, in_ready;

  fn_axis_width #(.S_DATA_W(W), .M_DATA_W(8), .USER_W(1)) u_bytes (
    .clk(clk), .rst(clk_rst),
    .s_axis_tdata(in_data), .s_axis_tkeep(in_keep), .s_axis_tvalid(in_valid && in_keep[0]), .s_axis_tready(in_ready), .s_axis_tlast(1'b0), .s_axis_tuser(1'b0),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready), .m_axis_tlast(), .m_axis_tuser()
  );

  // ---------------------------------------------------------------- the pins
  logic             rxf_n_q, txe_n_q, rd_n, wr_n, oe_n, drive, bus_idle;
  logic [W-1:0]     data_q, data_out;
  logic [BYTES-1:0] be_q;
  logic             rd_q, wr_q, oe_q;  // strobes; all off as the FPGA wakes up, before there is a clock

  always_ff @(posedge ft_clkout) begin
    rxf_n_q <= ft_rxf_n;
    txe_n_q <= ft_txe_n;
    data_q  <= ft_data_in;
    be_q    <= ft_be_in;
  end

  always_ff @(negedge ft_clkout) begin
    rd_q          <= !rd_n;
    wr_q          <= !wr_n;
    oe_q          <= !oe_n;
    ft_data_out   <= data_out;
    ft_data_drive <= drive;
  end

  assign ft_rd_n   = !rd_q;
  assign ft_wr_n   = !wr_q;
  assign ft_oe_n   = !oe_q;
  assign ft_be_out = '1;

  fn_usb_ft245 #(.BYTES(BYTES), .DEPTH(DEPTH), .WHOLE(1'b1), .PIN_REGISTERS(1'b0)) u_chip (
    .clk(clk), .rst(rst), .clk_rst(clk_rst),
    .m_axis_tdata(in_data), .m_axis_tkeep(in_keep), .m_axis_tvalid(in_valid), .m_axis_tready(in_ready),
    .s_axis_tdata(word_q), .s_axis_tvalid(word_valid), .s_axis_tlast(word_last), .s_axis_tready(word_ready),
    .ft_clkout(ft_clkout), .ft_rxf_n(rxf_n_q), .ft_txe_n(txe_n_q), .ft_rd_n(rd_n), .ft_wr_n(wr_n), .ft_oe_n(oe_n), .ft_siwu_n(),
    .ft_data_in(data_q), .ft_be_in(be_q), .ft_data_out(data_out), .ft_data_drive(drive), .idle(bus_idle)
  );

  assign idle = bus_idle && index_q == '0 && !m_axis_tvalid;

`ifndef SYNTHESIS
  initial if ((BYTES != 2 && BYTES != 4) || RUN < 2 || (RUN & (RUN - 1)) != 0 || DEPTH < 2 * RUN) $fatal(1, "fn_usb_ft600: illegal parameter");
`endif

endmodule

`default_nettype wire
