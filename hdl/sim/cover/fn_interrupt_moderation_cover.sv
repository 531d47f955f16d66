// What the tests must have seen of fn_interrupt_moderation. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_interrupt_moderation_cover (
  input wire logic        clk,
  input wire logic        rst,
  input wire logic        arm,
  input wire logic        disarm,
  input wire logic        armed,
  input wire logic [15:0] waiting,
  input wire logic [7:0]  packets,
  input wire logic [15:0] moderation,
  input wire logic [19:0] timer_q,
  input wire logic        counting,
  input wire logic        enough,
  input wire logic        msi_enabled,
  input wire logic        irq
);

  logic fires, many;
  assign fires = counting && enough && !irq;
  assign many  = waiting >= {8'd0, packets};

  always @(posedge clk) if (!rst) begin
    fires_at_once:        cover (fires && timer_q == '0 && waiting == 16'd1);
    fires_by_packets:     cover (fires && many && packets > 8'd1 && timer_q[19:4] < moderation);
    fires_by_time:        cover (fires && !many && timer_q[19:4] >= moderation && moderation != '0);
    waits:                cover (counting && !enough);
    armed_anew:           cover (arm && armed && timer_q != '0);
    armed_with_waiting:   cover (arm && waiting != '0);
    disarmed_in_time:     cover (disarm && !arm && counting && timer_q != '0);
    without_msi:          cover (armed && waiting != '0 && !msi_enabled);
  end

endmodule

bind fn_interrupt_moderation fn_interrupt_moderation_cover i_cover (.*);

`default_nettype wire
