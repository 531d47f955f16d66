// Positions of one queue's completion ring: where the next entry goes and with which phase, how many the link has taken, and whether there
// is room. The ring is never overrun: an entry may be begun only while there is room, and each that was begun is done one day.
//
// Latency: 1 clock. Several entries may be begun and not done; they are done in the order in which they were begun.
`default_nettype none

module fn_completion_ring #(
  parameter int WORDS = 4  // 32-bit words an entry: 4 or 8
) (
  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic        start,     // back to position 0

  input  wire logic [63:0] base,      // aligned to 4096
  input  wire logic [3:0]  size,      // log2 of entries
  input  wire logic [15:0] consumer,
  output logic [15:0]      producer,  // entries that the link has taken

  output logic             room,
  output logic [63:0]      address,   // of the next entry
  output logic             phase,
  input  wire logic        take,      // it is begun
  input  wire logic        done,      // the oldest that was begun was taken by the link

  output logic             quiet      // none is begun and not done
);

  localparam int SHIFT = $clog2(WORDS * 4);

  logic [15:0] next_q, mask, index;

  assign mask    = 16'((17'd1 << size) - 17'd1);
  assign room    = 16'(next_q - consumer) <= mask;
  assign index   = next_q & mask;
  assign address = base + (64'(index) << SHIFT);
  // 1 on the first pass, then alternating: the bit of the free-running position above the index.
  assign phase   = !next_q[size];
  assign quiet   = next_q == producer;

  always_ff @(posedge clk) begin
    if (take) next_q   <= next_q + 16'd1;
    if (done) producer <= producer + 16'd1;
    if (rst || start) begin
      next_q   <= '0;
      producer <= '0;
    end
  end

`ifndef SYNTHESIS
  initial if (WORDS != 4 && WORDS != 8) $fatal(1, "fn_completion_ring: WORDS must be 4 or 8");
  always @(posedge clk) if (!rst && !start) begin
    if (take) assert (room) else $error("fn_completion_ring: an entry without room");
    if (done) assert (!quiet) else $error("fn_completion_ring: an entry done that was not begun");
  end
`endif

endmodule

`default_nettype wire
