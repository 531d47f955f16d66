// Block Coalesce of docs/registers.md, and the microsecond.
//
// Answers for the addresses of its block with a one-clock reg_ack, 1 clock after the request; reg_ack and reg_rdata are 0 at all other times.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_coalesce_registers #(
  parameter int          CONTEXTS   = 2,
  parameter int          LIMIT      = 65535,
  parameter int          CLOCK_HZ   = 125000000,
  parameter logic [15:0] NEXT_BLOCK = 16'd0
) (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        reg_write,
  input  wire logic        reg_read,
  input  wire logic [15:0] reg_address,
  input  wire logic [31:0] reg_wdata,
  output logic [31:0]      reg_rdata,
  output logic             reg_ack,

  output logic             enable,
  output logic [11:0]      timeout,  // microseconds
  output logic [11:0]      quiet,
  output logic [15:0]      limit,    // bytes
  output logic             tick      // pulse each microsecond
);

  localparam int MICROSECOND = CLOCK_HZ < 1000000 ? 1 : CLOCK_HZ / 1000000;  // clocks
  localparam int COUNT_W = $clog2(MICROSECOND + 1);
  localparam logic [15:0] BLOCK = `FN_COALESCE;

  logic [COUNT_W-1:0] count_q;
  logic [31:0]        rdata;
  logic               mine;

  assign mine = (reg_write || reg_read) && reg_address[15:8] == BLOCK[15:8];

  always_comb begin
    rdata = '0;
    case (reg_address)
      `FN_COALESCE_BLOCK_HEADER:   rdata = {`FN_COALESCE_BLOCK_VERSION, `FN_COALESCE_BLOCK_TYPE};
      `FN_COALESCE_NEXT_BLOCK:     rdata = {16'd0, NEXT_BLOCK};
      `FN_COALESCE_SIZES:          rdata = {16'(CONTEXTS), 16'(LIMIT)};
      `FN_COALESCE_CONTROL:        rdata = {31'd0, enable};
      `FN_COALESCE_TIMEOUT:        rdata = {4'd0, quiet, 4'd0, timeout};
      `FN_COALESCE_MAXIMUM_LENGTH: rdata = {16'd0, limit};
      default: ;
    endcase
  end

  always_ff @(posedge clk) begin
    reg_ack   <= mine;
    reg_rdata <= mine && reg_read ? rdata : '0;
    if (mine && reg_write) begin
      case (reg_address)
        `FN_COALESCE_CONTROL:        enable <= reg_wdata[0];
        `FN_COALESCE_TIMEOUT:        {quiet, timeout} <= {reg_wdata[27:16], reg_wdata[11:0]};
        `FN_COALESCE_MAXIMUM_LENGTH: limit <= {1'b0, reg_wdata[15:0]} > 17'(LIMIT) ? 16'(LIMIT) : reg_wdata[15:0];
        default: ;
      endcase
    end
    tick    <= count_q == COUNT_W'(MICROSECOND - 1);
    count_q <= count_q == COUNT_W'(MICROSECOND - 1) ? '0 : count_q + 1'b1;
    if (rst) begin
      reg_ack   <= 1'b0;
      reg_rdata <= '0;
      enable    <= 1'b0;
      timeout   <= 12'd100;
      quiet     <= 12'd20;
      limit     <= 16'(LIMIT);
      count_q   <= '0;
      tick      <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, reg_wdata[31:28]};

endmodule

`default_nettype wire
