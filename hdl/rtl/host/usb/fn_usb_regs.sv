// The Usb register block, and the card's reset.
//
// Reset: Control.Reset lets no further frame into the core; once the wire has been silent for 4096 clocks, longer than a whole frame takes
// from the transmit buffer to the MAC, everything but packets and this block is held in reset for 64 clocks.
//
// Latency: 1 clock from reg_read or reg_write to reg_ack and reg_rdata, which are 0 at all other times.
`default_nettype none
`include "fn_regs.svh"

module fn_usb_regs #(
  parameter int BUFFER  = 4096,
  parameter int PACKETS = 32
) (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        reg_write,        // this block's
  input  wire logic        reg_read,
  input  wire logic [11:0] reg_address,
  input  wire logic [31:0] reg_wdata,
  output logic [31:0]      reg_rdata,
  output logic             reg_ack,

  input  wire logic        wire_busy,        // a frame is on its way out at the PHY
  output logic             stopping,         // let no frame into the core
  output logic             core_rst,

  input  wire logic        count_bad,
  input  wire logic        count_refused,
  input  wire logic        count_overrun,
  input  wire logic        count_broken
);

  typedef enum logic [1:0] { RUN, DRAIN, HOLD } state_t;
  state_t state_q;

  logic [5:0]  hold_q;
  logic [11:0] silence_q;
  logic [31:0] bad_q, refused_q, overrun_q, broken_q, value;

  assign stopping = state_q != RUN;

  always_ff @(posedge clk) begin
    core_rst <= state_q == HOLD;
    case (state_q)
      RUN: begin
        hold_q    <= '0;
        silence_q <= '0;
        if (reg_write && {4'h1, reg_address} == `FN_USB_CONTROL && reg_wdata[`FN_USB_CONTROL_RESET_LSB]) state_q <= DRAIN;
      end
      DRAIN: begin
        silence_q <= wire_busy ? '0 : silence_q + 1'b1;
        if (&silence_q) state_q <= HOLD;
      end
      default: begin
        hold_q <= hold_q + 1'b1;
        if (&hold_q) state_q <= RUN;
      end
    endcase
    if (rst) begin
      state_q  <= RUN;
      core_rst <= 1'b1;  // for one clock more than rst
    end
  end

  always_ff @(posedge clk) begin
    if (count_bad)     bad_q     <= bad_q + 1'b1;
    if (count_refused) refused_q <= refused_q + 1'b1;
    if (count_overrun) overrun_q <= overrun_q + 1'b1;
    if (count_broken)  broken_q  <= broken_q + 1'b1;
    if (rst || core_rst) begin
      bad_q     <= '0;
      refused_q <= '0;
      overrun_q <= '0;
      broken_q  <= '0;
    end
  end

  always_comb begin
    value = '0;
    case ({4'h1, reg_address})
      `FN_USB_BLOCK_HEADER:    value = {`FN_USB_BLOCK_VERSION, `FN_USB_BLOCK_TYPE};
      `FN_USB_LIMITS:          value = {8'd0, 8'(PACKETS), 16'(BUFFER)};
      `FN_USB_CONTROL:         value = {31'd0, state_q != RUN || core_rst};
      `FN_USB_BAD_PACKETS:     value = bad_q;
      `FN_USB_REFUSED_PACKETS: value = refused_q;
      `FN_USB_OVERRUN_PACKETS: value = overrun_q;
      `FN_USB_BROKEN_FRAMES:   value = broken_q;
      default: ;
    endcase
  end

  always_ff @(posedge clk) begin
    reg_ack   <= (reg_read || reg_write) && !rst;
    reg_rdata <= reg_read ? value : '0;
  end

  logic unused;  // the bits of the one register that can be written
  assign unused = &{1'b0, reg_wdata[31:1]};

endmodule

`default_nettype wire
