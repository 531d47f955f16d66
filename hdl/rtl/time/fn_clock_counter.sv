// The time: nanoseconds as 64 bits with 32 bits of fraction behind them, which grow by `increment` in every clock.
//
// Rate: `increment` is nanoseconds a clock as 8 bits and 32 bits of fraction, in steps of 0.03 parts in a thousand million at 8 ns. A new one
// counts from the next clock on, and nothing is lost in between. `step` adds a signed number to the time, `load` replaces it (and clears the
// fraction); both act in one clock, so nobody ever sees a time that is half old and half new. One of them at a time, a clock or more apart.
//
// The 96-bit sum is cut in two: the fraction and 8 bits of nanoseconds, and a clock later the rest with the carry. `now` is whole in every clock.
// What is loaded is `now` three clocks after `load`; a step shows three clocks after `step`.
`default_nettype none

module fn_clock_counter (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic [39:0] increment,  // per clock, in 2**-32 ns
  input  wire logic        load,       // pulse: the time becomes `value`
  input  wire logic        step,       // pulse: `value`, signed, is added
  input  wire logic [63:0] value,      // ns

  output logic [63:0]      now         // ns
);

  logic [95:0] addend_q;
  logic        clear_low_q, clear_high_q, carry_q;
  logic [39:0] low_q;
  logic [55:0] high_addend_q, high_q;
  logic [7:0]  low_ns_q;
  logic [40:0] low;

  assign low = {1'b0, clear_low_q ? 40'd0 : low_q} + {1'b0, addend_q[39:0]};
  assign now = {high_q, low_ns_q};

  always_ff @(posedge clk) begin
    if (load)      addend_q <= {value, 32'd0};
    else if (step) addend_q <= {value + {56'd0, increment[39:32]}, increment[31:0]};
    else           addend_q <= {56'd0, increment};
    clear_low_q <= load;

    {carry_q, low_q} <= low;
    high_addend_q <= addend_q[95:40];
    clear_high_q  <= clear_low_q;

    high_q   <= (clear_high_q ? 56'd0 : high_q) + high_addend_q + 56'(carry_q);
    low_ns_q <= low_q[39:32];

    if (rst) begin
      addend_q      <= '0;
      clear_low_q   <= 1'b0;
      clear_high_q  <= 1'b0;
      carry_q       <= 1'b0;
      low_q         <= '0;
      high_addend_q <= '0;
      high_q        <= '0;
      low_ns_q      <= '0;
    end
  end

endmodule

`default_nettype wire
