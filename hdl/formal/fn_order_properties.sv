// What goes in comes out: every record once, in order, unchanged, none invented, and never more than ROOM inside.
// `mark` is free: the engine chooses any one record, whose way through is followed.
`default_nettype none

module fn_order_properties #(
  parameter int WIDTH = 8,
  parameter int ROOM  = 4  // records that the module can hold
) (
  input wire logic             clk,
  input wire logic             rst,
  input wire logic             mark,
  input wire logic             in,
  input wire logic [WIDTH-1:0] in_record,
  input wire logic             out,
  input wire logic [WIDTH-1:0] out_record
);

  localparam int LEVEL_W = $clog2(ROOM + 2);

  logic [LEVEL_W-1:0] level_q, ahead_q;
  logic               marked_q;
  logic [WIDTH-1:0]   record_q;

  always_ff @(posedge clk) begin
    level_q <= level_q + LEVEL_W'(in) - LEVEL_W'(out);
    if (!marked_q) begin
      marked_q <= in && mark;
      record_q <= in_record;
      ahead_q  <= level_q - LEVEL_W'(out);
    end else if (out) begin
      marked_q <= ahead_q != '0;
      ahead_q  <= ahead_q - 1'b1;
    end
    if (rst) begin
      level_q  <= '0;
      marked_q <= 1'b0;
    end
  end

  always_comb if (!rst) begin
    assert (level_q <= LEVEL_W'(ROOM));
    if (out) assert (level_q != '0);
    if (out && marked_q && ahead_q == '0) assert (out_record == record_q);
  end

endmodule

`default_nettype wire
