`default_nettype none
`include "fn_regs.svh"

// Block Mac of docs/registers.md: flow control. An access is answered after 1 clock; what is not mapped reads 0.
module fn_mac_registers #(
  parameter logic [15:0] NEXT_BLOCK = 16'd0,
  parameter int          RX_BYTES   = 8192                       // the MAC's receive FIFO
) (
  input  logic        clk,
  input  logic        rst,

  input  logic        reg_write,
  input  logic        reg_read,
  input  logic [15:0] reg_address,
  input  logic [31:0] reg_wdata,
  output logic [31:0] reg_rdata,                                 // 0 but in the clock of reg_ack
  output logic        reg_ack,

  output logic        pause_rx,
  output logic        pause_tx,
  output logic [15:0] pause_quanta,
  output logic [15:0] pause_high,
  output logic [15:0] pause_low
);

  logic mine;

  assign mine = (reg_address & 16'hFF00) == `FN_MAC;

  always_ff @(posedge clk) begin
    reg_ack   <= mine && (reg_write || reg_read);
    reg_rdata <= '0;
    if (mine && reg_read) begin
      case (reg_address)
        `FN_MAC_BLOCK_HEADER:     reg_rdata <= {`FN_MAC_BLOCK_VERSION, `FN_MAC_BLOCK_TYPE};
        `FN_MAC_NEXT_BLOCK:       reg_rdata <= {16'd0, NEXT_BLOCK};
        `FN_MAC_CONTROL:          reg_rdata <= {30'd0, pause_tx, pause_rx};
        `FN_MAC_PAUSE_QUANTA:     reg_rdata <= {16'd0, pause_quanta};
        `FN_MAC_PAUSE_WATERMARKS: reg_rdata <= {pause_high, pause_low};
        `FN_MAC_RECEIVE_BYTES:    reg_rdata <= 32'(RX_BYTES);
        default: ;
      endcase
    end
    if (mine && reg_write) begin
      case (reg_address)
        `FN_MAC_CONTROL:          {pause_tx, pause_rx} <= reg_wdata[1:0];
        `FN_MAC_PAUSE_QUANTA:     pause_quanta <= reg_wdata[15:0];
        `FN_MAC_PAUSE_WATERMARKS: {pause_high, pause_low} <= reg_wdata;
        default: ;
      endcase
    end
    if (rst) begin
      reg_ack      <= 1'b0;
      reg_rdata    <= '0;
      pause_rx     <= 1'b0;
      pause_tx     <= 1'b0;
      pause_quanta <= '1;
      pause_high   <= 16'(RX_BYTES * 3 / 8);
      pause_low    <= 16'(RX_BYTES / 8);
    end
  end

endmodule

`default_nettype wire
