`default_nettype none

// Takes the outermost tag (802.1Q or 802.1ad: bytes 12 to 15) out of a frame where s_axis_strip says so; what lies behind moves up by four
// bytes. Frames must be 18 bytes or longer, as they are behind a MAC. s_axis_strip, and whatever else goes beside the frame, must stand until
// m_axis_tlast is taken: the frame's last beat may leave after the source's was taken.
//
// Latency none, but for the bytes that wait for their neighbours: a beat comes and goes in the same clock. Throughput 1 beat a clock; at 64 bits a
// stripped frame whose last beat held more than four bytes takes one clock more than it had beats, which is no more than it takes on the wire.
// A sink that is not ready stalls the source.
module fn_rx_vlan #(
  parameter int DATA_W = 64                                      // 8, 16, 32 or 64
) (
  input  logic                 clk,
  input  logic                 rst,

  input  logic [DATA_W-1:0]    s_axis_tdata,
  input  logic [DATA_W/8-1:0]  s_axis_tkeep,
  input  logic                 s_axis_tvalid,
  output logic                 s_axis_tready,
  input  logic                 s_axis_tlast,
  input  logic                 s_axis_strip,

  output logic [DATA_W-1:0]    m_axis_tdata,
  output logic [DATA_W/8-1:0]  m_axis_tkeep,
  output logic                 m_axis_tvalid,
  input  logic                 m_axis_tready,
  output logic                 m_axis_tlast
);

  localparam int BYTES = DATA_W / 8;
  localparam int FIRST = 12 / BYTES;                             // the beat with the tag's first byte
  localparam int BEHIND = 16 / BYTES;                            // the first beat of what lies behind the tag
  localparam int COUNT_W = $clog2(BEHIND + 1);

  logic [COUNT_W-1:0] beat_q;                                    // number of the beat at hand, stops at BEHIND
  logic               take;

  assign take = s_axis_tvalid && s_axis_tready;

  always_ff @(posedge clk) begin
    if (take) beat_q <= s_axis_tlast ? '0 : beat_q == COUNT_W'(BEHIND) ? beat_q : beat_q + 1'b1;
    if (rst) beat_q <= '0;
  end

  generate
    if (DATA_W <= 32) begin : g_whole
      // The tag is whole beats, which are left out.
      logic skip, in_tag_q;
      assign skip = s_axis_strip && in_tag_q;
      assign s_axis_tready = m_axis_tready || skip;
      assign m_axis_tvalid = s_axis_tvalid && !skip;
      assign m_axis_tdata = s_axis_tdata;
      assign m_axis_tkeep = s_axis_tkeep;
      assign m_axis_tlast = s_axis_tlast;

      always_ff @(posedge clk) begin
        if (take) in_tag_q <= !s_axis_tlast && beat_q >= COUNT_W'(FIRST - 1) && beat_q < COUNT_W'(BEHIND - 1);
        if (rst) in_tag_q <= 1'b0;
      end
    end else begin : g_half
      // The tag is the upper half of beat 1. From there on a beat goes out as the half that waits and the half that comes.
      localparam int HALF = DATA_W / 2;
      logic [HALF-1:0]    hold_q;
      logic [BYTES/2-1:0] hold_keep_q;
      logic               rest_q, join_halves, gather, spills;

      assign gather = s_axis_strip && beat_q == COUNT_W'(FIRST);
      assign join_halves = s_axis_strip && beat_q == COUNT_W'(BEHIND);
      assign spills = s_axis_tkeep[BYTES/2];                     // the last beat's upper half follows by itself

      always_comb begin
        s_axis_tready = (m_axis_tready || gather) && !rest_q;
        m_axis_tvalid = (s_axis_tvalid && !gather) || rest_q;
        m_axis_tdata = s_axis_tdata;
        m_axis_tkeep = s_axis_tkeep;
        m_axis_tlast = s_axis_tlast;
        if (rest_q) begin
          m_axis_tdata = {{HALF{1'b0}}, hold_q};
          m_axis_tkeep = {{(BYTES/2){1'b0}}, hold_keep_q};
          m_axis_tlast = 1'b1;
        end else if (join_halves) begin
          m_axis_tdata = {s_axis_tdata[HALF-1:0], hold_q};
          m_axis_tkeep = {s_axis_tkeep[BYTES/2-1:0], {(BYTES/2){1'b1}}};
          m_axis_tlast = s_axis_tlast && !spills;
        end
      end

      always_ff @(posedge clk) begin
        if (take && s_axis_strip) begin
          hold_q <= gather ? s_axis_tdata[HALF-1:0] : s_axis_tdata[DATA_W-1:HALF];
          hold_keep_q <= s_axis_tkeep[BYTES-1:BYTES/2];
        end
        if (take && join_halves && s_axis_tlast && spills) rest_q <= 1'b1;
        else if (m_axis_tready) rest_q <= 1'b0;
        if (rst) rest_q <= 1'b0;
      end
    end
  endgenerate

`ifndef SYNTHESIS
  initial if (DATA_W != 8 && DATA_W != 16 && DATA_W != 32 && DATA_W != 64) $fatal(1, "fn_rx_vlan: DATA_W must be 8, 16, 32 or 64");
`endif

endmodule

`default_nettype wire
