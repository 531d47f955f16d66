// Registers of one queue, transmit or receive (both have the same), and its life: off, running, draining.
//
// Enable 0 → 1 starts the queue (`start` pulses). 1 → 0 drains it: `run` falls at once, `active` when `quiet` says that all in flight is
// finished. Set again meanwhile, Enable takes effect once the drain is over. When the queue goes off, Producer and CompletionConsumer
// return to 0, so that what a driver writes to them before it enables the queue again counts.
//
// Latency: 1 clock from reg_read to reg_rdata, which is 0 at all other times.
`default_nettype none
`include "fn_regs.svh"

module fn_queue_regs (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        reg_write,         // this queue's
  input  wire logic        reg_read,
  input  wire logic [6:0]  reg_address,
  input  wire logic [31:0] reg_wdata,
  output logic [31:0]      reg_rdata,

  output logic             start,
  output logic             run,
  output logic             active,
  input  wire logic        quiet,

  output logic [63:0]      ring_base,
  output logic [3:0]       ring_size,
  output logic [15:0]      producer,
  input  wire logic [15:0] consumer,
  input  wire logic [7:0]  error,

  output logic [63:0]      completion_base,
  output logic [3:0]       completion_size,
  output logic [15:0]      completion_consumer,
  input  wire logic [15:0] completion_producer,
  output logic             arm,               // pulse with the new completion_consumer: Arm was written,
  output logic             disarm,            //   or it was written 0
  input  wire logic        armed,

  output logic [4:0]       msi_vector,
  output logic [7:0]       packets,
  output logic [15:0]      moderation         // clocks x 16
);

  logic enable_q, active_q, draining_q;

  assign start  = enable_q && !active_q;
  assign run    = active_q && enable_q && !draining_q;
  assign active = active_q || enable_q;

  always_ff @(posedge clk) begin
    arm    <= 1'b0;
    disarm <= 1'b0;
    if (start) active_q <= 1'b1;
    if (active_q && !enable_q) draining_q <= 1'b1;
    if (draining_q && quiet) begin
      active_q            <= 1'b0;
      draining_q          <= 1'b0;
      producer            <= '0;
      completion_consumer <= '0;
      disarm              <= 1'b1;
    end
    if (reg_write) begin
      case ({9'd0, reg_address})
        `FN_TX_QUEUE_CONTROL:              enable_q               <= reg_wdata[`FN_TX_QUEUE_CONTROL_ENABLE_LSB];
        `FN_TX_QUEUE_RING_BASE_LOW:        ring_base[31:0]        <= {reg_wdata[31:12], 12'd0};
        `FN_TX_QUEUE_RING_BASE_HIGH:       ring_base[63:32]       <= reg_wdata;
        `FN_TX_QUEUE_RING_SIZE:            ring_size              <= reg_wdata[3:0];
        `FN_TX_QUEUE_PRODUCER:             producer               <= reg_wdata[15:0];
        `FN_TX_QUEUE_COMPLETION_BASE_LOW:  completion_base[31:0]  <= {reg_wdata[31:12], 12'd0};
        `FN_TX_QUEUE_COMPLETION_BASE_HIGH: completion_base[63:32] <= reg_wdata;
        `FN_TX_QUEUE_COMPLETION_SIZE:      completion_size        <= reg_wdata[3:0];
        `FN_TX_QUEUE_COMPLETION_CONSUMER: begin
          completion_consumer <= reg_wdata[15:0];
          arm                 <= reg_wdata[`FN_TX_QUEUE_COMPLETION_CONSUMER_ARM_LSB];
          disarm              <= !reg_wdata[`FN_TX_QUEUE_COMPLETION_CONSUMER_ARM_LSB];
        end
        `FN_TX_QUEUE_INTERRUPT: begin
          msi_vector     <= reg_wdata[`FN_TX_QUEUE_INTERRUPT_VECTOR_LSB+:5];
          packets    <= reg_wdata[`FN_TX_QUEUE_INTERRUPT_PACKETS_LSB+:8];
          moderation <= reg_wdata[`FN_TX_QUEUE_INTERRUPT_TIME_LSB+:16];
        end
        default: ;
      endcase
    end
    if (rst) begin
      enable_q            <= 1'b0;
      active_q            <= 1'b0;
      draining_q          <= 1'b0;
      ring_base           <= '0;
      ring_size           <= '0;
      producer            <= '0;
      completion_base     <= '0;
      completion_size     <= '0;
      completion_consumer <= '0;
      msi_vector              <= '0;
      packets             <= '0;
      moderation          <= '0;
    end
  end

  always_ff @(posedge clk) begin
    reg_rdata <= '0;
    if (reg_read) begin
      case ({9'd0, reg_address})
        `FN_TX_QUEUE_CONTROL:              reg_rdata <= {31'd0, enable_q};
        `FN_TX_QUEUE_STATUS:               reg_rdata <= {16'd0, error, 7'd0, active};
        `FN_TX_QUEUE_RING_BASE_LOW:        reg_rdata <= ring_base[31:0];
        `FN_TX_QUEUE_RING_BASE_HIGH:       reg_rdata <= ring_base[63:32];
        `FN_TX_QUEUE_RING_SIZE:            reg_rdata <= {28'd0, ring_size};
        `FN_TX_QUEUE_PRODUCER:             reg_rdata <= {16'd0, producer};
        `FN_TX_QUEUE_CONSUMER:             reg_rdata <= {16'd0, consumer};
        `FN_TX_QUEUE_COMPLETION_BASE_LOW:  reg_rdata <= completion_base[31:0];
        `FN_TX_QUEUE_COMPLETION_BASE_HIGH: reg_rdata <= completion_base[63:32];
        `FN_TX_QUEUE_COMPLETION_SIZE:      reg_rdata <= {28'd0, completion_size};
        `FN_TX_QUEUE_COMPLETION_CONSUMER:  reg_rdata <= {armed || arm, 15'd0, completion_consumer};
        `FN_TX_QUEUE_COMPLETION_PRODUCER:  reg_rdata <= {16'd0, completion_producer};
        `FN_TX_QUEUE_INTERRUPT:            reg_rdata <= {moderation, packets, 3'd0, msi_vector};
        default: ;
      endcase
    end
    if (rst) reg_rdata <= '0;
  end

endmodule

`default_nettype wire
