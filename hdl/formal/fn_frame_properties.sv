// What comes out is what went in, by whole frames: the beats of the frames that were not forgotten, with their ends, in order, each once,
// and none before all of its frame is in. `forget` says, in the clock after a frame's end went in, that the frame was dropped.
//
// The engine chooses any one beat with `mark`. The beats that must come out before it are counted: those of stored frames and those
// before it in its own. As ends are compared with the rest, no frame is cut short, made longer or joined to another.
`default_nettype none

module fn_frame_properties #(
  parameter int WIDTH = 8,
  parameter int ROOM  = 5  // beats stored at most
) (
  input wire logic             clk,
  input wire logic             rst,
  input wire logic             mark,
  input wire logic             in,
  input wire logic [WIDTH-1:0] in_record,
  input wire logic             in_last,
  input wire logic             forget,
  input wire logic             out,
  input wire logic [WIDTH-1:0] out_record,
  input wire logic             out_last,

  output logic [$clog2(ROOM+2)-1:0] stored,  // beats of whole frames inside
  output logic [$clog2(ROOM+2)-1:0] partial  // beats of the frame that comes in, up to ROOM + 1
);

  localparam int LEVEL_W = $clog2(ROOM + 2);

  // The marked beat: none; its frame still comes in; has just ended, and is stored or forgotten now; is stored.
  localparam logic [1:0] NONE = 2'd0, FILLING = 2'd1, ENDED = 2'd2, STORED = 2'd3;

  logic [1:0]         state_q;
  logic [LEVEL_W-1:0] place_q, length_q;  // beats of the frame that comes in, before this one; of the one that has just ended
  logic [LEVEL_W-1:0] level_q, ahead_q;   // beats stored; those before the marked one
  logic               ended_q, long_q;
  logic [WIDTH:0]     record_q;

  assign partial = place_q;
  assign stored  = level_q + (ended_q && !forget ? length_q : '0);

  always_ff @(posedge clk) begin
    ended_q <= in && in_last;
    level_q <= stored - LEVEL_W'(out);
    if (in) begin
      place_q  <= in_last ? '0 : (place_q > LEVEL_W'(ROOM) ? place_q : place_q + 1'b1);
      length_q <= place_q + 1'b1;
      long_q   <= place_q >= LEVEL_W'(ROOM);
    end
    if (out) ahead_q <= ahead_q - 1'b1;
    case (state_q)
      NONE: if (in && mark) begin
        ahead_q  <= stored - LEVEL_W'(out) + place_q;
        record_q <= {in_last, in_record};
        if (place_q < LEVEL_W'(ROOM)) state_q <= in_last ? ENDED : FILLING;
      end
      FILLING: if (in && in_last) state_q <= ENDED;
      ENDED:   state_q <= forget ? NONE : STORED;
      default: if (out && ahead_q == '0) state_q <= NONE;
    endcase
    if (rst) begin
      ended_q  <= 1'b0;
      place_q  <= '0;
      level_q  <= '0;
      state_q  <= NONE;
    end
  end

  always_comb if (!rst) begin
    assert (level_q <= LEVEL_W'(ROOM));
    if (out) assert (level_q != '0);
    if (ended_q && long_q) assert (forget);
    if (out && state_q == STORED && ahead_q == '0) assert ({out_last, out_record} == record_q);
  end

endmodule

`default_nettype wire
