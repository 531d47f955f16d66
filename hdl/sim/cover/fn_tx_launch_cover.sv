// What the tests must have seen of fn_tx_launch. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_tx_launch_cover #(
  parameter int DEPTH = 16
) (
  input wire logic                   clk,
  input wire logic                   rst,
  input wire logic                   release_frame,
  input wire logic                   due_valid,
  input wire logic                   due_ready,
  input wire logic                   reached,
  input wire logic                   settled_q,
  input wire logic [31:0]            ahead_q,
  input wire logic                   begins,
  input wire logic                   launch,
  input wire logic                   stamp,
  input wire logic [$clog2(DEPTH):0] level,
  input wire logic [$clog2(DEPTH):0] stamps_q,
  input wire logic                   first_q,
  input wire logic                   s_axis_tvalid
);

  always @(posedge clk) if (!rst) begin
    waits_for_its_time: cover (due_valid && settled_q && !reached);
    time_comes:         cover (due_valid && settled_q && ahead_q == '0);
    time_was_over:      cover (due_valid && settled_q && ahead_q[31]);
    launches_queue:     cover (level != '0 && due_valid);
    stamped:            cover (begins && stamp && !launch);
    stamped_launch:     cover (begins && stamp && launch);
    plain_behind:       cover (begins && !stamp && !launch && due_valid);
    stamps_full:        cover (first_q && s_axis_tvalid && stamp && stamps_q == ($clog2(DEPTH) + 1)'(DEPTH));
    launches_full:      cover (first_q && s_axis_tvalid && launch && !due_ready);
    released:           cover (release_frame);
  end

endmodule

bind fn_tx_launch fn_tx_launch_cover #(.DEPTH(DEPTH)) i_cover (.*);

`default_nettype wire
