// The pins of an FT232H or FT2232H in FT245 synchronous FIFO mode (DS_FT232H §4.4, AN_130), and a pipe of bytes each way at clk.
//
// The chip's CLKOUT (60 MHz) clocks its pins; it runs only while the host has switched the mode on, and all waits until it does. Strobes and
// data are registered here. OE# falls a clock before RD#, and a clock passes before the bus changes hands. Reads and writes take turns of
// at most BURST bytes while both wait. SIWU# is pulsed when nothing was sent for FLUSH clocks, so that no short packet waits in the chip for
// its latency timer.
//
// Throughput: 1 byte a clock of the chip, less 4 clocks for each change of direction. A chip that is not ready stalls s_axis; when m_axis
// stalls, bytes wait in the chip.
`default_nettype none

module fn_usb_ft245 #(
  parameter int BURST = 512,  // bytes, a power of two
  parameter int FLUSH = 64,   // clocks of the chip, a power of two
  parameter int DEPTH = 32    // bytes between the clocks, each way, a power of two
) (
  input  wire logic       clk,
  input  wire logic       rst,
  output logic            clk_rst,        // the pipe is in reset

  output logic [7:0]      m_axis_tdata,   // from the host
  output logic            m_axis_tvalid,
  input  wire logic       m_axis_tready,
  input  wire logic [7:0] s_axis_tdata,   // to the host
  input  wire logic       s_axis_tvalid,
  output logic            s_axis_tready,

  input  wire logic       ft_clkout,
  input  wire logic       ft_rxf_n,
  input  wire logic       ft_txe_n,
  output logic            ft_rd_n,
  output logic            ft_wr_n,
  output logic            ft_oe_n,
  output logic            ft_siwu_n,
  input  wire logic [7:0] ft_data_in,
  output logic [7:0]      ft_data_out,
  output logic            ft_data_drive,  // enables the FPGA's drivers of the bus

  output logic            idle            // no byte in here, and none in the chip that waits to be sent
);

  localparam int BURST_W = $clog2(BURST), FLUSH_W = $clog2(FLUSH), PULSE = 16;

  logic ft_rst, ft_rst_again;

  fn_mac_reset u_reset (.clk(clk), .rst(rst), .clk_rst(clk_rst), .tx_clk(ft_clkout), .tx_rst(ft_rst), .rx_clk(ft_clkout), .rx_rst(ft_rst_again));

  // ---------------------------------------------------------------- between the clocks
  logic [7:0] in_data, out_data;
  logic       in_valid, in_ready, out_valid, out_ready, out_empty, in_empty;

  fn_axis_async_fifo #(.DATA_W(8), .USER_W(1), .DEPTH(DEPTH)) u_in (
    .s_clk(ft_clkout), .s_rst(ft_rst),
    .s_axis_tdata(in_data), .s_axis_tkeep(1'b1), .s_axis_tvalid(in_valid), .s_axis_tready(in_ready), .s_axis_tlast(1'b0), .s_axis_tuser(1'b0), .overflow(),
    .m_clk(clk), .m_rst(clk_rst),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready), .m_axis_tlast(), .m_axis_tuser(), .m_empty(in_empty)
  );

  logic out_stored;

  fn_axis_async_fifo #(.DATA_W(8), .USER_W(1), .DEPTH(DEPTH)) u_out (
    .s_clk(clk), .s_rst(clk_rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(1'b1), .s_axis_tvalid(s_axis_tvalid && !clk_rst), .s_axis_tready(out_stored), .s_axis_tlast(1'b0), .s_axis_tuser(1'b0), .overflow(),
    .m_clk(ft_clkout), .m_rst(ft_rst),
    .m_axis_tdata(out_data), .m_axis_tkeep(), .m_axis_tvalid(out_valid), .m_axis_tready(out_ready), .m_axis_tlast(), .m_axis_tuser(), .m_empty(out_empty)
  );

  assign s_axis_tready = out_stored && !clk_rst;

  // ---------------------------------------------------------------- the chip's clock: who has the bus
  typedef enum logic [2:0] { IDLE, ENABLE, READ, TURN, WRITE } state_t;
  state_t state_q;

  logic [31:0]        slack_q;        // bytes that were read and have not gone on: RD# reacts a clock late
  logic [2:0]         slack_count_q, slack_after;
  logic [BURST_W-1:0] burst_q;
  logic [FLUSH_W-1:0] quiet_q;
  logic [4:0]         pulse_q;
  logic               have_q, unflushed_q, read_last_q;
  logic               rd_q, wr_q, oe_q, siwu_q;  // strobes; all off as the FPGA wakes up, before there is a clock
  logic               got, put, pass, room, can_read, can_write, burst_over, load;

  assign got         = rd_q && !ft_rxf_n;
  assign put         = wr_q && !ft_txe_n;
  assign pass        = slack_count_q != '0 && in_ready;
  assign slack_after = slack_count_q + 3'(got) - 3'(pass);
  assign room        = slack_after <= 3'd2;                 // for what the coming edge reads, and the one behind it
  assign can_read    = !ft_rxf_n && room;
  assign can_write   = (have_q || out_valid) && !ft_txe_n;
  assign burst_over  = &burst_q;
  assign load        = out_valid && (!have_q || put);
  assign out_ready   = !have_q || put;
  assign in_valid    = slack_count_q != '0;
  assign in_data     = slack_q[7:0];
  assign ft_rd_n     = !rd_q;
  assign ft_wr_n     = !wr_q;
  assign ft_oe_n     = !oe_q;
  assign ft_siwu_n   = !siwu_q;

  always_ff @(posedge ft_clkout) begin
    if (got) begin
      // Behind those that stay.
      case (slack_count_q - 3'(pass))
        3'd0:    slack_q <= {slack_q[31:8], ft_data_in};
        3'd1:    slack_q <= {slack_q[31:16], ft_data_in, pass ? slack_q[15:8] : slack_q[7:0]};
        3'd2:    slack_q <= {slack_q[31:24], ft_data_in, pass ? slack_q[23:8] : slack_q[15:0]};
        default: slack_q <= {ft_data_in, pass ? slack_q[31:8] : slack_q[23:0]};
      endcase
    end else if (pass) begin
      slack_q <= {8'd0, slack_q[31:8]};
    end
    slack_count_q <= slack_after;

    if (load) ft_data_out <= out_data;
    have_q  <= load || (have_q && !put);
    wr_q <= 1'b0;
    rd_q <= 1'b0;
    if (state_q == IDLE || state_q == TURN) burst_q <= '0;
    else if ((got || put) && !burst_over) burst_q <= burst_q + 1'b1;

    case (state_q)
      IDLE: begin
        if (can_read && !(can_write && read_last_q)) begin
          state_q <= ENABLE;
          oe_q <= 1'b1;
        end else if (can_write) begin
          state_q       <= WRITE;
          ft_data_drive <= 1'b1;
        end
      end
      ENABLE: begin
        state_q     <= READ;
        rd_q     <= 1'b1;
        read_last_q <= 1'b1;
      end
      READ: begin
        if (ft_rxf_n || !room || (burst_over && can_write)) begin
          state_q <= TURN;
          oe_q <= 1'b0;
        end else begin
          rd_q <= 1'b1;
        end
      end
      TURN: state_q <= IDLE;
      default: begin
        read_last_q <= 1'b0;
        if (ft_txe_n || !(load || (have_q && !put)) || (burst_over && can_read)) begin
          state_q       <= IDLE;
          ft_data_drive <= 1'b0;
        end else begin
          wr_q <= 1'b1;
        end
      end
    endcase

    // What was sent must not wait in the chip: SIWU#.
    if (put) begin
      unflushed_q <= 1'b1;
      quiet_q     <= '0;
    end else if (unflushed_q && !have_q && !out_valid) begin
      quiet_q <= quiet_q + 1'b1;
      if (&quiet_q) begin
        unflushed_q <= 1'b0;
        pulse_q     <= 5'(PULSE);
      end
    end
    if (pulse_q != '0) pulse_q <= pulse_q - 1'b1;
    siwu_q <= pulse_q != '0;

    if (ft_rst) begin
      state_q       <= IDLE;
      slack_count_q <= '0;
      have_q        <= 1'b0;
      unflushed_q   <= 1'b0;
      read_last_q   <= 1'b0;
      pulse_q       <= '0;
      quiet_q       <= '0;
      rd_q       <= 1'b0;
      wr_q       <= 1'b0;
      oe_q       <= 1'b0;
      siwu_q     <= 1'b0;
      ft_data_drive <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- idle, with the clocks that a byte takes from one side to the other
  logic       ft_idle_q, ft_idle;
  logic [4:0] settled_q;

  always_ff @(posedge ft_clkout) ft_idle_q <= state_q == IDLE && slack_count_q == '0 && !have_q && out_empty && !unflushed_q && pulse_q == '0 && ft_rxf_n;
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
