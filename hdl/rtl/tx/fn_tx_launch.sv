// The last stage before the MAC: frames pass, and those with a launch time are released on the wire's side of the MAC's FIFO at the right clock, when
// they have long been stored there. So the way from a release to the wire is the same for all sizes.
//
// `release_frame` comes in the third clock counted from the first whose `now` is not before the launch time less `latency`; the MAC adds the rest of
// `latency` (Clock.LaunchLatency). One release for each frame with m_axis_tuser[1], in order. A launch time more than 2**24 ns ahead (which fn_tx_hold lets
// nobody have) or in the past counts as come.
//
// Latency: none. Throughput: 1 beat a clock. Frames stall while DEPTH launches are to come, or as many stamps are owed by the MAC or to fn_tx_stamp.
`default_nettype none

module fn_tx_launch #(
  parameter int DATA_W = 64,  // bits: 8, 32, 64 ...
  parameter int DEPTH  = 16   // a power of two, 4 or more
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic [31:0]         now,            // ns, the low half
  input  wire logic [15:0]         latency,        // ns

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [33:0]         s_axis_tuser,   // launch time's low half; it has one; it is to be stamped. The same in all beats of a frame

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [1:0]               m_axis_tuser,   // wait for a release; stamp
  output logic                     release_frame,  // pulse

  input  wire logic                stamp_taken,    // pulse: a stamp reached its status
  output logic                     idle            // no launch to come
);

  localparam int COUNT_W = $clog2(DEPTH) + 1;

  // ---------------------------------------------------------------- frames
  logic               first_q, open, begins, launch, stamp, due_ready;
  logic [COUNT_W-1:0] stamps_q;  // owed

  assign {launch, stamp} = s_axis_tuser[1:0];
  assign open   = !first_q || ((due_ready || !launch) && (!stamps_q[COUNT_W-1] || !stamp));
  assign begins = s_axis_tvalid && s_axis_tready && first_q;

  assign m_axis_tdata  = s_axis_tdata;
  assign m_axis_tkeep  = s_axis_tkeep;
  assign m_axis_tlast  = s_axis_tlast;
  assign m_axis_tuser  = s_axis_tuser[1:0];
  assign m_axis_tvalid = s_axis_tvalid && open;
  assign s_axis_tready = m_axis_tready && open;

  always_ff @(posedge clk) begin
    if (s_axis_tvalid && s_axis_tready) first_q <= s_axis_tlast;
    stamps_q <= stamps_q + COUNT_W'(begins && stamp) - COUNT_W'(stamp_taken);
    if (rst) begin
      first_q  <= 1'b1;
      stamps_q <= '0;
    end
  end

  // ---------------------------------------------------------------- launches
  logic               due_valid, settled_q, reached;
  logic [31:0]        due, ahead_q;
  logic [$clog2(DEPTH):0] level;

  fn_fifo #(.WIDTH(32), .DEPTH(DEPTH)) i_due (
    .clk(clk), .rst(rst),
    .s_tdata(s_axis_tuser[33:2] - {16'd0, latency}), .s_tvalid(begins && launch), .s_tready(due_ready),
    .m_tdata(due), .m_tvalid(due_valid), .m_tready(release_frame), .level(level)
  );

  assign reached = ahead_q[31:24] != '0 || ahead_q[23:0] == '0;
  assign idle    = level == '0 && !due_valid && !release_frame;

  always_ff @(posedge clk) begin
    release_frame <= due_valid && settled_q && reached && !release_frame;
    settled_q     <= due_valid && !release_frame;
    if (due_valid) ahead_q <= due - now;
    if (rst) begin
      release_frame <= 1'b0;
      settled_q     <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  always @(posedge clk) if (!rst && stamp_taken) assert (stamps_q != '0);
`endif

endmodule

`default_nettype wire
