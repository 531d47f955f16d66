// Two flip-flops that bring levels from another clock domain. For one bit, or for bits of which at most one changes at a time
// (Gray code). Latency: 2 clocks, one more when the input changes within the sampling window.
`default_nettype none

module fn_sync #(
  parameter int WIDTH = 1
) (
  input  wire logic             clk,
  input  wire logic [WIDTH-1:0] d,
  output logic [WIDTH-1:0]      q
);

  (* ASYNC_REG = "TRUE" *) logic [WIDTH-1:0] meta_q, stable_q;

  always_ff @(posedge clk) begin
    meta_q   <= d;
    stable_q <= meta_q;
  end

  assign q = stable_q;

endmodule

`default_nettype wire
