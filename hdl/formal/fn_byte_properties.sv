// What goes in comes out, by bytes: each byte of a frame in the place where it shall be, and frames of the length that they shall have.
//
// The engine chooses any one byte with `mark`, in lane `lane` of the beat that goes in, and says nothing of it but `moved`: by how many places it comes out
// behind the place where it went in. `grown`, with in_last: by how many bytes the frame comes out longer. Places are counted modulo 64, which is enough, as
// a module that holds fewer bytes cannot take one for another 64 places away; `far` says that a place is 64 or more.
// The output may follow in the same clock.
`default_nettype none

module fn_byte_properties #(
  parameter int DATA_W = 8
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic                mark,
  input  wire logic [2:0]          lane,
  input  wire logic [5:0]          moved,
  input  wire logic [5:0]          grown,
  input  wire logic                in,
  input  wire logic [DATA_W-1:0]   in_data,
  input  wire logic [DATA_W/8-1:0] in_keep,
  input  wire logic                in_last,
  input  wire logic                out,
  input  wire logic [DATA_W-1:0]   out_data,
  input  wire logic [DATA_W/8-1:0] out_keep,
  input  wire logic                out_last,

  output logic [5:0]               in_place,   // of lane 0
  output logic                     in_far,
  output logic [5:0]               in_end,     // behind the last byte of this beat
  output logic [5:0]               out_place,
  output logic                     out_far,
  output logic [1:0]               inside      // frames that are all in and not all out
);

  localparam int KEEP_W = DATA_W / 8;

  // Frames are numbered modulo 4: no module that is looked at so holds parts of more than two.
  logic [1:0]  in_frame_q, out_frame_q;
  logic [5:0]  in_place_q, out_place_q, out_end;
  logic        in_far_q, out_far_q, marked_q, marked;
  logic [7:0]  value_q, value;
  logic [5:0]  place_q, place;
  logic [1:0]  frame_q, frame;
  logic [23:0] lengths_q;
  logic [5:0]  length;  // that the frame at the output shall have
  logic        ended;   // all of it is in

  assign in_place  = in_place_q;
  assign in_far    = in_far_q;
  assign out_place = out_place_q;
  assign out_far   = out_far_q;
  assign inside    = in_frame_q - out_frame_q;

  always_comb begin
    in_end  = in_place_q;
    out_end = out_place_q;
    for (int i = 0; i < KEEP_W; i++) begin
      in_end  = in_end + 6'(in_keep[i]);
      out_end = out_end + 6'(out_keep[i]);
    end
    value = value_q;
    place = place_q;
    frame = frame_q;
    marked = marked_q;
    for (int i = 0; i < KEEP_W; i++) if (!marked_q && in && mark && lane == 3'(i) && in_keep[i]) begin
      marked = 1'b1;
      value  = in_data[8*i +: 8];
      place  = in_place_q + 6'(i) + moved;
      frame  = in_frame_q;
    end
    length = lengths_q[6*out_frame_q +: 6];
    ended  = in_frame_q != out_frame_q;
    if (!ended && in && in_last) begin
      length = in_end + grown;
      ended  = 1'b1;
    end
  end

  always_ff @(posedge clk) begin
    if (in) begin
      in_place_q <= in_last ? '0 : in_end;
      in_far_q   <= !in_last && (in_far_q || in_end < in_place_q);
      if (in_last) begin
        in_frame_q <= in_frame_q + 2'd1;
        lengths_q[6*in_frame_q +: 6] <= in_end + grown;
      end
    end
    if (out) begin
      out_place_q <= out_last ? '0 : out_end;
      out_far_q   <= !out_last && (out_far_q || out_end < out_place_q);
      if (out_last) out_frame_q <= out_frame_q + 2'd1;
    end
    value_q  <= value;
    place_q  <= place;
    frame_q  <= frame;
    marked_q <= marked && !came;
    if (rst) begin
      in_frame_q  <= '0;
      out_frame_q <= '0;
      in_place_q  <= '0;
      out_place_q <= '0;
      in_far_q    <= 1'b0;
      out_far_q   <= 1'b0;
      marked_q    <= 1'b0;
    end
  end

  // The marked byte leaves in this beat.
  logic came, right;
  always_comb begin
    came  = 1'b0;
    right = 1'b1;
    for (int i = 0; i < KEEP_W; i++) begin
      if (out && out_keep[i] && marked && frame == out_frame_q && place == out_place_q + 6'(i)) begin
        came  = 1'b1;
        right = out_data[8*i +: 8] == value;
      end
    end
  end

  always_comb if (!rst) begin
    assert (right);
    // A frame ends when all of it is in, with its length, and the marked byte has come out by then.
    if (out && out_last) assert (ended && out_end == length && !(marked && frame == out_frame_q && !came));
  end

endmodule

`default_nettype wire
