// Holds frames on the line's side of a MAC until the core releases them, one release a frame, in order. A release may come before or after its frame.
//
// Latency: `hold` falls 1 clock of clk and 3 of line_clk behind a release, one less or not of line_clk when the clocks are apart. It is 1 in the clock
// behind `used`, and means the next frame from the clock behind that one on.
`default_nettype none

module fn_frame_release #(
  parameter int COUNT_W = 9  // releases that no frame has used yet: less than 2 to the power of this
) (
  input  wire logic clk,
  input  wire logic rst,
  input  wire logic release_frame,  // pulse

  input  wire logic line_clk,
  input  wire logic line_rst,
  input  wire logic used,           // pulse: a frame that had to wait has begun
  output logic      hold            // the next frame that has to wait must wait
);

  logic [COUNT_W-1:0] released_q, released_d, released_gray_q, released_gray_s, used_q;

  assign released_d = released_q + 1'b1;

  always_ff @(posedge clk) begin
    if (release_frame) begin
      released_q      <= released_d;
      released_gray_q <= released_d ^ (released_d >> 1);
    end
    if (rst) begin
      released_q      <= '0;
      released_gray_q <= '0;
    end
  end

  fn_sync #(.WIDTH(COUNT_W)) i_sync (.clk(line_clk), .d(released_gray_q), .q(released_gray_s));

  always_ff @(posedge line_clk) begin
    if (used) used_q <= used_q + 1'b1;
    hold <= used || (used_q ^ (used_q >> 1)) == released_gray_s;
    if (line_rst) begin
      used_q <= '0;
      hold   <= 1'b1;
    end
  end

endmodule

`default_nettype wire
