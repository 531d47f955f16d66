// When one queue interrupts. Armed, it does so as soon as entries wait, and there are `packets` of them or the oldest has waited for
// `moderation`; then it is disarmed. The wait is measured from when the queue is armed or the first entry comes, whichever is later.
//
// Latency: 1 clock. The request stands until it is taken, also when the queue is disarmed meanwhile.
`default_nettype none

module fn_interrupt_moderation (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        arm,          // pulse: (again) from the start
  input  wire logic        disarm,
  output logic             armed,
  input  wire logic [15:0] waiting,      // entries that the host has not taken
  input  wire logic [7:0]  packets,      // 0 counts as 1
  input  wire logic [15:0] moderation,   // clocks x 16
  input  wire logic        msi_enabled,

  output logic             irq,          // until taken
  input  wire logic        irq_taken,
  output logic             idle          // no request, and no timer runs
);

  logic        counting, enough;
  logic [19:0] timer_q;

  assign counting = armed && msi_enabled && waiting != '0;
  assign enough   = waiting >= {8'd0, packets} || timer_q[19:4] >= moderation;
  assign idle     = !counting && !irq && !arm;

  always_ff @(posedge clk) begin
    if (irq_taken) irq <= 1'b0;
    if (counting) timer_q <= timer_q + 20'd1;
    if (counting && enough && !irq) begin
      irq     <= 1'b1;
      armed   <= 1'b0;
      timer_q <= '0;
    end
    if (arm || disarm) begin
      armed   <= arm;
      timer_q <= '0;
    end
    if (rst) begin
      irq     <= 1'b0;
      armed   <= 1'b0;
      timer_q <= '0;
    end
  end

endmodule

`default_nettype wire
