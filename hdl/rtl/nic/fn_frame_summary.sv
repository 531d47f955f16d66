`default_nettype none

// What statistics want to know of a frame that passes on a stream: length, and whether it went to a group or to all. Latency: 1 clock from the
// last beat. Looks at one beat a clock and stalls nobody.
module fn_frame_summary #(
  parameter int DATA_W = 64                                      // 8, 16, 32 or 64
) (
  input  logic                clk,
  input  logic                rst,

  input  logic [DATA_W-1:0]   tdata,
  input  logic [DATA_W/8-1:0] tkeep,
  input  logic                tvalid,                            // a beat passes
  input  logic                tlast,

  output logic                valid,                             // pulse
  output logic [15:0]         length,                            // bytes
  output logic                multicast,                         // a group address, not that of all
  output logic                broadcast
);

  localparam int LANES  = DATA_W / 8;
  localparam int BEATS  = (6 + LANES - 1) / LANES;               // that hold the address
  localparam int BEAT_W = $clog2(BEATS + 1);

  logic [BEAT_W-1:0] beat_q;
  logic [15:0]       length_q, count;
  logic              group_q, all_q, group, all_ones;

  always_comb begin
    count = '0;
    for (int i = 0; i < LANES; i++) if (tkeep[i]) count = 16'(i + 1);
    group = beat_q == '0 ? tdata[0] : group_q;
    all_ones = beat_q == '0 || all_q;
    for (int i = 0; i < 6; i++) if (beat_q == BEAT_W'(i / LANES) && tdata[8*(i%LANES) +: 8] != 8'hFF) all_ones = 1'b0;
  end

  always_ff @(posedge clk) begin
    valid <= tvalid && tlast;
    if (tvalid) begin
      group_q  <= group;
      all_q    <= all_ones;
      length_q <= tlast ? '0 : length_q + 16'(LANES);
      beat_q   <= tlast ? '0 : beat_q == BEAT_W'(BEATS) ? beat_q : beat_q + 1'b1;
      if (tlast) begin
        length    <= length_q + count;
        multicast <= group && !all_ones;
        broadcast <= all_ones;
      end
    end
    if (rst) begin
      valid    <= 1'b0;
      length_q <= '0;
      beat_q   <= '0;
    end
  end

endmodule

`default_nettype wire
