// Stamps events of another clock domain: each strike in event_clk gives one stamp in clk, in order.
//
// A toggle crosses, and the clock is read when it arrives: two edges of clk behind the edge of event_clk that ends the strike, or less by up to one
// period of clk, when the domains are apart. `latency` is subtracted, so a stamp is the time of the strike's cause to one period of clk.
// Latency: 1 clock behind that reading. Strikes that follow one another within 4 clocks of clk may be lost.
`default_nettype none

module fn_timestamp_capture (
  input  wire logic        event_clk,
  input  wire logic        event_rst,    // together with rst, for at least 4 clocks of the slower domain
  input  wire logic        strike,       // pulse, event_clk

  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic [63:0] now,          // ns
  input  wire logic [15:0] latency,      // ns, signed
  output logic             stamp_valid,  // pulse
  output logic [63:0]      stamp         // ns, until the next
);

  logic toggle_q, toggle_s, seen_q;

  always_ff @(posedge event_clk) begin
    if (strike) toggle_q <= !toggle_q;
    if (event_rst) toggle_q <= 1'b0;
  end

  fn_sync #(.WIDTH(1)) i_sync (.clk(clk), .d(toggle_q), .q(toggle_s));

  always_ff @(posedge clk) begin
    seen_q      <= toggle_s;
    stamp_valid <= !rst && toggle_s != seen_q;
    if (toggle_s != seen_q) stamp <= now - {{48{latency[15]}}, latency};
  end

endmodule

`default_nettype wire
