// A transmit queue's registers Schedule and Pace. They outlive Control.Enable, and take effect at the next packet.
//
// Latency: 1 clock from reg_read to reg_rdata, which is 0 at all other times.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_queue_schedule (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        reg_write,   // this queue's
  input  wire logic        reg_read,
  input  wire logic [6:0]  reg_address,
  input  wire logic [31:0] reg_wdata,
  output logic [31:0]      reg_rdata,

  output logic [2:0]       level,
  output logic [7:0]       weight,
  output logic [19:0]      rate,
  output logic [11:0]      burst
);

  always_ff @(posedge clk) begin
    if (reg_write && {9'd0, reg_address} == `FN_TX_QUEUE_SCHEDULE) begin
      level  <= reg_wdata[`FN_TX_QUEUE_SCHEDULE_PRIORITY_LSB+:3];
      weight <= reg_wdata[`FN_TX_QUEUE_SCHEDULE_WEIGHT_LSB+:8];
    end
    if (reg_write && {9'd0, reg_address} == `FN_TX_QUEUE_PACE) begin
      rate  <= reg_wdata[`FN_TX_QUEUE_PACE_RATE_LSB+:20];
      burst <= reg_wdata[`FN_TX_QUEUE_PACE_BURST_LSB+:12];
    end
    reg_rdata <= '0;
    if (reg_read && {9'd0, reg_address} == `FN_TX_QUEUE_SCHEDULE) reg_rdata <= {16'd0, weight, 5'd0, level};
    if (reg_read && {9'd0, reg_address} == `FN_TX_QUEUE_PACE)     reg_rdata <= {burst, rate};
    if (rst) begin
      level     <= '0;
      weight    <= 8'd1;
      rate      <= '0;
      burst     <= '0;
      reg_rdata <= '0;
    end
  end

endmodule

`default_nettype wire
