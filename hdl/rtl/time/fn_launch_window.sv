// Where a launch time lies, as seen from now: past, within `lead`, farther ahead than `horizon`, or (none of them) between the two.
//
// Latency: 2 clocks; `settled` says that the answer is that of the time asked for. It is anew in every clock. Far is said of no time within `lead`.
`default_nettype none

module fn_launch_window (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic [63:0] now,          // ns
  input  wire logic [23:0] lead,         // ns
  input  wire logic [31:0] horizon,      // ns
  input  wire logic        ask,          // launch_time is valid, and the same as in the clock before if `ask` was 1 there
  input  wire logic [63:0] launch_time,  // ns

  output logic             settled,
  output logic             past,
  output logic             near_by,
  output logic             too_far
);

  logic [63:0] ahead_q;
  logic        asked_q;

  always_ff @(posedge clk) begin
    asked_q <= ask;
    settled <= ask && asked_q;
    if (ask) ahead_q <= launch_time - now;
    if (asked_q) begin
      past    <= ahead_q[63];
      near_by <= ahead_q[63:24] == '0 && ahead_q[23:0] <= lead;
      too_far     <= !ahead_q[63] && (ahead_q[62:32] != '0 || ahead_q[31:0] > horizon) && (ahead_q[62:24] != '0 || ahead_q[23:0] > lead);
    end
    if (rst) begin
      asked_q <= 1'b0;
      settled <= 1'b0;
    end
  end

endmodule

`default_nettype wire
