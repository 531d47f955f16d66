// Pulses at given times: the first rises when the clock reaches `start_time`, the others `period` ns apart, each `width` ns long. With a start at a
// full second and a period of 1 000 000 000 this is a pulse per second.
//
// The pin rises in the first clock whose `now` is not before the pulse's time, at most one clock later when the clock's period is no whole
// number of nanoseconds. Errors do not add up. Whoever sets or steps the clock starts the pulses anew: edges that a jump passed over are
// made up for with short pulses until the time is reached again. A width that is not shorter than the period cannot be kept: the pin falls for some clocks.
`default_nettype none

module fn_clock_pulse (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic [63:0] now,         // ns
  input  wire logic [8:0]  two_clocks,  // ns that pass in them, rounded down
  input  wire logic        start,       // pulse
  input  wire logic        stop,        // pulse: the pin falls
  input  wire logic [63:0] start_time,  // ns, read with `start`
  input  wire logic [31:0] period,      // ns, more than four clocks
  input  wire logic [31:0] width,       // ns, more than four clocks

  output logic             running,
  output logic             pulse
);

  // The time of the last rise or the next one, and of the next edge of either kind. Both are early by the two clocks from a comparison to the pin.
  logic [63:0] rise_q, edge_q, next_edge;
  logic [31:0] span_q;  // to the next edge; due_q is not looked at in the clock behind an edge
  logic        due_q, settled_q;

  assign next_edge = rise_q + {32'd0, span_q};

  always_ff @(posedge clk) begin
    due_q     <= now >= edge_q;
    span_q    <= pulse ? period : width;
    settled_q <= 1'b1;
    if (start) begin
      rise_q    <= start_time - {55'd0, two_clocks};
      edge_q    <= start_time - {55'd0, two_clocks};
      running   <= 1'b1;
      pulse     <= 1'b0;
      settled_q <= 1'b0;
    end else if (running && due_q && settled_q) begin
      pulse     <= !pulse;
      edge_q    <= next_edge;
      if (pulse) rise_q <= next_edge;
      settled_q <= 1'b0;
    end
    if (rst || stop) begin
      running <= 1'b0;
      pulse   <= 1'b0;
    end
  end

endmodule

`default_nettype wire
