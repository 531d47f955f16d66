// Knows a PAUSE frame (IEEE 802.3 annex 31B: to 01-80-C2-00-00-01, type 8808, opcode 1) in passing. Latency: `pause` and `quanta` stand from the
// clock behind the frame's 18th byte to the next frame's first beat. Looks at one beat a clock and stalls nobody.
`default_nettype none

module fn_mac_pause_rx #(
  parameter int DATA_W = 64  // bits, 8 times a power of two, 128 at most
) (
  input  wire logic              clk,
  input  wire logic              rst,
  input  wire logic [DATA_W-1:0] tdata,
  input  wire logic              tvalid,
  input  wire logic              tlast,
  output logic                   pause,   // with tlast of a frame of 60 bytes or more: it is a PAUSE frame
  output logic [15:0]            quanta   // of 512 bit times
);

  localparam int LANES  = DATA_W / 8;
  localparam int BYTES  = 18;
  localparam int BEATS  = (BYTES + LANES - 1) / LANES;
  localparam int BEAT_W = $clog2(BEATS + 1);
  localparam logic [8*16-1:0] HEADER = {  // byte 15 first; bytes 6 to 11 are the sender's address
    8'h01, 8'h00, 8'h08, 8'h88, 48'd0, 8'h01, 8'h00, 8'h00, 8'hC2, 8'h80, 8'h01};

  logic [BEAT_W-1:0] beat_q;
  logic              match_q, match;

  always_comb begin
    match = match_q || beat_q == '0;
    for (int i = 0; i < 16; i++) begin
      if ((i < 6 || i > 11) && beat_q == BEAT_W'(i / LANES) && tdata[8*(i%LANES) +: 8] != HEADER[8*i +: 8]) match = 1'b0;
    end
  end

  always_ff @(posedge clk) begin
    if (tvalid) begin
      match_q <= match;
      if (beat_q == BEAT_W'(16 / LANES)) quanta[15:8] <= tdata[8*(16%LANES) +: 8];
      if (beat_q == BEAT_W'(17 / LANES)) quanta[7:0] <= tdata[8*(17%LANES) +: 8];
      if (tlast) beat_q <= '0;
      else if (beat_q != BEAT_W'(BEATS)) beat_q <= beat_q + 1'b1;
    end
    if (rst) beat_q <= '0;
  end

  assign pause = match_q && beat_q == BEAT_W'(BEATS);

endmodule

`default_nettype wire
