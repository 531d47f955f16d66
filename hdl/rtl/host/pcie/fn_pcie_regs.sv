// The Pcie register block, and the card's reset.
//
// Reset: Control.Reset stops new TLPs and interrupts; once no read is out, no TLP half sent, and the wire has been silent for 256 clocks,
// everything but the BAR and this state machine is held in reset for 64 clocks. The silence is longer than a whole frame takes from
// fn_tx_payload to the MAC, so that what the core has taken is sent and no frame is cut. Reads end at the latest by their timeout and
// the core holds few frames, so a reset always ends.
//
// Latency: 1 clock from reg_read to reg_rdata, which is 0 at all other times.
`default_nettype none
`include "fn_regs.svh"

module fn_pcie_regs #(
  parameter int TX_QUEUES = 1,
  parameter int RX_QUEUES = 1,
  parameter int READ_TAGS = 8
) (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        reg_write,        // this block's
  input  wire logic        reg_read,
  input  wire logic [11:0] reg_address,
  input  wire logic [31:0] reg_wdata,
  output logic [31:0]      reg_rdata,

  input  wire logic        quiet,            // no read out, no TLP or interrupt half sent
  input  wire logic        wire_busy,        // a frame is on its way out at the PHY
  output logic             stopping,         // begin no TLP and no interrupt
  output logic             soft_rst,

  output logic [31:0]      read_timeout,
  input  wire logic        count_read_error,
  input  wire logic        count_read_timeout,
  input  wire logic        count_unexpected,
  input  wire logic        count_malformed,
  input  wire logic        count_read,
  input  wire logic        count_write,
  input  wire logic        count_interrupt
);

  localparam logic [31:0] READ_TIMEOUT = 32'd6250000;  // 50 ms at 125 MHz

  typedef enum logic [1:0] { RUN, DRAIN, HOLD } state_t;
  state_t state_q;

  logic [5:0]  hold_q;
  logic [7:0]  silence_q;
  logic [31:0] read_errors_q, read_timeouts_q, unexpected_q, malformed_q, reads_q, writes_q, interrupts_q;
  logic [31:0] value;

  assign stopping = state_q != RUN;

  always_ff @(posedge clk) begin
    soft_rst <= state_q == HOLD;
    case (state_q)
      RUN: begin
        hold_q    <= '0;
        silence_q <= '0;
        if (reg_write && {4'h1, reg_address} == `FN_PCIE_CONTROL && reg_wdata[`FN_PCIE_CONTROL_RESET_LSB]) state_q <= DRAIN;
      end
      DRAIN: begin
        silence_q <= quiet && !wire_busy ? silence_q + 8'd1 : '0;
        if (&silence_q) state_q <= HOLD;
      end
      default: begin
        hold_q <= hold_q + 6'd1;
        if (&hold_q) state_q <= RUN;
      end
    endcase
    if (rst) begin
      state_q  <= RUN;
      soft_rst <= 1'b1;  // for one clock more than rst, as everything behind it
    end
  end

  always_ff @(posedge clk) begin
    if (reg_write && {4'h1, reg_address} == `FN_PCIE_READ_TIMEOUT) read_timeout <= reg_wdata;
    if (count_read_error)   read_errors_q   <= read_errors_q + 32'd1;
    if (count_read_timeout) read_timeouts_q <= read_timeouts_q + 32'd1;
    if (count_unexpected)   unexpected_q    <= unexpected_q + 32'd1;
    if (count_malformed)    malformed_q     <= malformed_q + 32'd1;
    if (count_read)         reads_q         <= reads_q + 32'd1;
    if (count_write)        writes_q        <= writes_q + 32'd1;
    if (count_interrupt)    interrupts_q    <= interrupts_q + 32'd1;
    if (rst || soft_rst) begin
      read_timeout    <= READ_TIMEOUT;
      read_errors_q   <= '0;
      read_timeouts_q <= '0;
      unexpected_q    <= '0;
      malformed_q     <= '0;
      reads_q         <= '0;
      writes_q        <= '0;
      interrupts_q    <= '0;
    end
  end

  always_comb begin
    value = '0;
    case ({4'h1, reg_address})
      `FN_PCIE_BLOCK_HEADER:           value = {`FN_PCIE_BLOCK_VERSION, `FN_PCIE_BLOCK_TYPE};
      `FN_PCIE_QUEUES:                 value = {8'd0, 8'(READ_TAGS), 8'(RX_QUEUES), 8'(TX_QUEUES)};
      `FN_PCIE_CONTROL:                value = {31'd0, state_q != RUN || soft_rst};
      `FN_PCIE_READ_TIMEOUT:           value = read_timeout;
      `FN_PCIE_READ_ERRORS:            value = read_errors_q;
      `FN_PCIE_READ_TIMEOUTS:          value = read_timeouts_q;
      `FN_PCIE_UNEXPECTED_COMPLETIONS: value = unexpected_q;
      `FN_PCIE_MALFORMED_REQUESTS:     value = malformed_q;
      `FN_PCIE_READ_REQUESTS:          value = reads_q;
      `FN_PCIE_WRITE_REQUESTS:         value = writes_q;
      `FN_PCIE_INTERRUPTS:             value = interrupts_q;
      default: ;
    endcase
  end

  always_ff @(posedge clk) reg_rdata <= reg_read ? value : '0;

endmodule

`default_nettype wire
