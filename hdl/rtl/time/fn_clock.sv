// The card's clock with its registers (block Clock of docs/registers.md): 64-bit nanoseconds, adjustable in rate and phase, and a pulse output.
//
// Answers for the addresses of its block with a one-clock reg_ack, 2 clocks after the request; reg_ack and reg_rdata are 0 at all other times.
// Time starts at 0 after reset and runs at the nominal rate of CLOCK_HZ. A read of both halves is one moment: the low half latches the high one.
`default_nettype none
`include "fn_regs.svh"

module fn_clock #(
  parameter int          CLOCK_HZ       = 125000000,  // of clk, 4 MHz and more
  parameter logic [15:0] NEXT_BLOCK     = 16'd0,      // of the chain of blocks
  parameter int          RX_LATENCY     = 0,          // ns, reset values of the latency registers
  parameter int          TX_LATENCY     = 0,
  parameter int          LAUNCH_LATENCY = 0,
  parameter int          LAUNCH_LEAD    = 20000       // ns, reset value
) (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        reg_write,
  input  wire logic        reg_read,
  input  wire logic [15:0] reg_address,
  input  wire logic [31:0] reg_wdata,
  output logic [31:0]      reg_rdata,
  output logic             reg_ack,

  output logic [63:0]      now,             // ns
  output logic             pulse,

  output logic [15:0]      rx_latency,      // ns, signed
  output logic [15:0]      tx_latency,      // ns, signed
  output logic [15:0]      launch_latency,  // ns
  output logic [23:0]      launch_lead,     // ns
  output logic [31:0]      launch_horizon   // ns
);

  localparam logic [39:0] NOMINAL = 40'((64'd1000000000 << 32) / 64'(CLOCK_HZ));

  logic [63:0] value_q;
  logic [31:0] fraction_q, high_q, period_q, width_q, rdata;
  logic [39:0] increment_q;
  logic [3:0]  command_q;  // in the order of the register's bits
  logic        write_q, read_q, running;
  logic [15:0] address_q;
  logic [31:0] wdata_q;

  fn_clock_counter i_counter (
    .clk(clk), .rst(rst), .increment(increment_q), .value(value_q), .now(now),
    .load(command_q[`FN_CLOCK_COMMAND_SET_LSB]), .step(command_q[`FN_CLOCK_COMMAND_STEP_LSB])
  );

  fn_clock_pulse i_pulse (
    .clk(clk), .rst(rst), .now(now), .two_clocks(increment_q[39:31]), .start(command_q[`FN_CLOCK_COMMAND_START_PULSE_LSB]),
    .stop(command_q[`FN_CLOCK_COMMAND_STOP_PULSE_LSB] || command_q[`FN_CLOCK_COMMAND_SET_LSB] || command_q[`FN_CLOCK_COMMAND_STEP_LSB]),
    .start_time(value_q), .period(period_q), .width(width_q), .running(running), .pulse(pulse)
  );

  always_comb begin
    rdata = '0;
    case (address_q)
      `FN_CLOCK_BLOCK_HEADER:          rdata = {`FN_CLOCK_BLOCK_VERSION, `FN_CLOCK_BLOCK_TYPE};
      `FN_CLOCK_NEXT_BLOCK:            rdata = {16'd0, NEXT_BLOCK};
      `FN_CLOCK_TIME_LOW:              rdata = now[31:0];
      `FN_CLOCK_TIME_HIGH:             rdata = high_q;
      `FN_CLOCK_VALUE_LOW:             rdata = value_q[31:0];
      `FN_CLOCK_VALUE_HIGH:            rdata = value_q[63:32];
      `FN_CLOCK_STATUS:                rdata = {31'd0, running};
      `FN_CLOCK_INCREMENT_FRACTION:    rdata = fraction_q;
      `FN_CLOCK_INCREMENT_NANOSECONDS: rdata = {24'd0, increment_q[39:32]};
      `FN_CLOCK_PULSE_PERIOD:          rdata = period_q;
      `FN_CLOCK_PULSE_WIDTH:           rdata = width_q;
      `FN_CLOCK_RECEIVE_LATENCY:       rdata = {16'd0, rx_latency};
      `FN_CLOCK_TRANSMIT_LATENCY:      rdata = {16'd0, tx_latency};
      `FN_CLOCK_LAUNCH_LATENCY:        rdata = {16'd0, launch_latency};
      `FN_CLOCK_LAUNCH_LEAD:           rdata = {8'd0, launch_lead};
      `FN_CLOCK_LAUNCH_HORIZON:        rdata = launch_horizon;
      default: ;
    endcase
  end

  always_ff @(posedge clk) begin
    write_q <= reg_write && (reg_address & 16'hFF00) == `FN_CLOCK;
    read_q  <= reg_read && (reg_address & 16'hFF00) == `FN_CLOCK;
    if (reg_write || reg_read) begin
      address_q <= reg_address;
      wdata_q   <= reg_wdata;
    end

    reg_ack   <= write_q || read_q;
    reg_rdata <= read_q ? rdata : '0;
    command_q <= '0;
    if (read_q && address_q == `FN_CLOCK_TIME_LOW) high_q <= now[63:32];
    if (write_q) begin
      case (address_q)
        `FN_CLOCK_VALUE_LOW:             value_q[31:0] <= wdata_q;
        `FN_CLOCK_VALUE_HIGH:            value_q[63:32] <= wdata_q;
        `FN_CLOCK_COMMAND:               command_q <= wdata_q[3:0];
        `FN_CLOCK_INCREMENT_FRACTION:    fraction_q <= wdata_q;
        `FN_CLOCK_INCREMENT_NANOSECONDS: increment_q <= {wdata_q[7:0], fraction_q};
        `FN_CLOCK_PULSE_PERIOD:          period_q <= wdata_q;
        `FN_CLOCK_PULSE_WIDTH:           width_q <= wdata_q;
        `FN_CLOCK_RECEIVE_LATENCY:       rx_latency <= wdata_q[15:0];
        `FN_CLOCK_TRANSMIT_LATENCY:      tx_latency <= wdata_q[15:0];
        `FN_CLOCK_LAUNCH_LATENCY:        launch_latency <= wdata_q[15:0];
        `FN_CLOCK_LAUNCH_LEAD:           launch_lead <= wdata_q[23:0];
        `FN_CLOCK_LAUNCH_HORIZON:        launch_horizon <= wdata_q;
        default: ;
      endcase
    end
    if (rst) begin
      write_q        <= 1'b0;
      read_q         <= 1'b0;
      reg_ack        <= 1'b0;
      reg_rdata      <= '0;
      command_q      <= '0;
      value_q        <= '0;
      high_q         <= '0;
      fraction_q     <= NOMINAL[31:0];
      increment_q    <= NOMINAL;
      period_q       <= 32'd1000000000;
      width_q        <= 32'd100000000;
      rx_latency     <= 16'(RX_LATENCY);
      tx_latency     <= 16'(TX_LATENCY);
      launch_latency <= 16'(LAUNCH_LATENCY);
      launch_lead    <= 24'(LAUNCH_LEAD);
      launch_horizon <= 32'd500000000;
    end
  end

`ifndef SYNTHESIS
  initial if (CLOCK_HZ < 4000000) $fatal(1, "fn_clock: a clock cycle must be shorter than 256 ns");
`endif

endmodule

`default_nettype wire
