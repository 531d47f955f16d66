// Times of received frames: each start delimiter on the line gets a tag that travels with its frame, and in the core's clock the tag gives the time.
//
//   strike ─▶ tag ···· with the frame through the MAC's crossing ····▶ look_tag ─┐
//      └────▶ fn_timestamp_capture ─▶ eight stamps, one a tag ───────────────────┴─▶ stamp
//
// A start delimiter within SPACING clocks of another one gets no stamp (only stumps of frames follow one another like that), so stamps cross one by
// one however the line behaves; frames of the shortest legal length are always stamped. A frame that is dropped leaves its stamp unused.
// A tag comes up again eight stamps later: the way from strike to look must be shorter than 8 * SPACING clocks of the line, and is at least as long as
// the way of the stamp if frames have several beats. Latency: 1 clock from look to stamp.
`default_nettype none

module fn_frame_stamps #(
  parameter int SPACING = 32  // clocks of the line; 4 clocks of clk or more
) (
  input  wire logic        line_clk,
  input  wire logic        line_rst,
  input  wire logic        strike,    // pulse: a start delimiter; before its frame's first beat
  output logic [3:0]       tag,       // of the frame on the line, from the clock behind its strike to the next one's

  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic [63:0] now,       // ns
  input  wire logic [15:0] latency,   // ns, signed
  input  wire logic        look,      // a beat of a frame
  input  wire logic [3:0]  look_tag,
  output logic [63:0]      stamp      // ns, of the last look's tag, until the next look; 0: none
);

  localparam int AGE_W = $clog2(SPACING + 1);

  logic [AGE_W-1:0] age_q;    // clocks since the last start delimiter
  logic             apart;
  logic [2:0]       number_q, stored_q;
  logic [63:0]      stamps [8];
  logic [63:0]      captured, stamp_q;
  logic             captured_valid, known_q;

  assign apart = age_q == AGE_W'(SPACING);

  always_ff @(posedge line_clk) begin
    if (!apart) age_q <= age_q + 1'b1;
    if (strike) begin
      age_q    <= '0;
      tag      <= {apart, number_q};
      number_q <= number_q + 3'(apart);
    end
    if (line_rst) begin
      age_q    <= AGE_W'(SPACING);
      tag      <= '0;
      number_q <= '0;
    end
  end

  fn_timestamp_capture i_capture (
    .event_clk(line_clk), .event_rst(line_rst), .strike(strike && apart),
    .clk(clk), .rst(rst), .now(now), .latency(latency), .stamp_valid(captured_valid), .stamp(captured)
  );

  always_ff @(posedge clk) begin
    if (captured_valid) begin
      stamps[stored_q] <= captured;
      stored_q         <= stored_q + 1'b1;
    end
    if (look) begin
      stamp_q <= stamps[look_tag[2:0]];
      known_q <= look_tag[3];
    end
    if (rst) stored_q <= '0;
  end

  assign stamp = known_q ? stamp_q : '0;

`ifndef SYNTHESIS
  initial if (SPACING < 4) $fatal(1, "fn_frame_stamps: stamps could be lost");
`endif

endmodule

`default_nettype wire
