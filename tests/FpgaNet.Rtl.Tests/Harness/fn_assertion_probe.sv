// Proves that a failed assertion of a module under test reaches the test: value must not be 4 at a rising clock.
`default_nettype none

module fn_assertion_probe (
  input  wire logic       clk,
  input  wire logic [2:0] value,
  output logic [2:0]      last
);

  always_ff @(posedge clk) begin
    last <= value;
    assert (value != 3'd4);
  end

endmodule

`default_nettype wire
