`default_nettype none
`include "fn_regs.svh"

// The transmit path of the core: from the host's frames and what is owed to them to the MAC's.
//
//   s_axis ─▶ fn_tx_hold ─▶ fn_tx_segment ─▶ fn_tx_checksum ─▶ fn_tx_vlan ─▶ fn_tx_launch ─▶ m_axis
//                  └─ owed ─▶ fn_tx_stamp ◀─ statuses ┘                            └─▶ release
//                     m_status ◀─┘   └── stamps of the MAC
//
// One frame after the other with its TxHeader as tuser; one status for each, in order. A frame with s_axis_tabort is forgotten (its status is Ok
// and nobody reads it). One beat a clock. Stalls its source when the MAC or the status stream stalls for too long. A stage that is not built in
// is not there at all, and what it would do is refused as Unsupported.
module fn_tx #(
  parameter int DATA_W     = 64,                                 // 8, 32 or 64
  parameter bit TX_SEGMENT = 1'b1,                               // fn_tx_segment is there
  parameter bit TX_VLAN    = 1'b1,                               // fn_tx_vlan is there
  parameter int BYTES      = 4096,                               // of the store, a power of two, 2048 or more
  parameter bit CLOCK      = 1'b1                                // launch times and stamps; without them nobody looks at what asks for them
) (
  input  logic                clk,
  input  logic                rst,

  input  logic [DATA_W-1:0]   s_axis_tdata,
  input  logic [DATA_W/8-1:0] s_axis_tkeep,
  input  logic                s_axis_tvalid,
  output logic                s_axis_tready,
  input  logic                s_axis_tlast,
  input  logic [191:0]        s_axis_tuser,                      // TxHeader, and above it the launch time in nanoseconds
  input  logic                s_axis_tabort,                     // to tlast: this beat and those behind it are rubbish, forget the frame

  output logic [7:0]          m_status_tdata,                    // format Status
  output logic [63:0]         m_status_tuser,                    // timestamp in nanoseconds; 0: none
  output logic                m_status_tvalid,
  input  logic                m_status_tready,

  output logic [DATA_W-1:0]   m_axis_tdata,
  output logic [DATA_W/8-1:0] m_axis_tkeep,
  output logic                m_axis_tvalid,
  input  logic                m_axis_tready,
  output logic                m_axis_tlast,
  output logic [1:0]          m_axis_tuser,                      // wait for a release; stamp

  input  logic [63:0]         now,                               // ns
  input  logic [15:0]         launch_latency,                    // ns
  input  logic [23:0]         launch_lead,                       // ns
  input  logic [31:0]         launch_horizon,                    // ns
  output logic                release_frame,                     // pulse, to the MAC
  input  logic                stamp_valid,                       // pulse, from the MAC
  input  logic [63:0]         stamp,                             // ns

  output logic                count_frame,                       // pulse: a frame went to the MAC ...
  output logic [15:0]         count_bytes,                       // ... with this many bytes on the wire, padding included, check sequence not
  output logic                count_checksum,                    // pulse, with count_frame: a checksum was inserted
  output logic                count_refused,                     // pulse: a frame was refused
  output logic                count_cut,                         // pulse: a frame was cut into segments ...
  output logic                count_segment,                     // pulse: ... each of these
  output logic                count_tag,                         // pulse: a tag was inserted
  output logic                count_late,                        // pulse: a frame's launch time had passed

  output logic                idle                               // no frame and no status in here, none half taken
);

  localparam int KEEP_W = DATA_W / 8;

  // Behind the gate a frame carries its TxHeader, and above it the low half of its launch time; towards the MAC what of it the last stage needs.
  localparam int USER_W = 160;
  localparam int TIME_W = 34;

  // ---------------------------------------------------------------- hold until the launch time is near
  logic [DATA_W-1:0] held_tdata;
  logic [KEEP_W-1:0] held_tkeep;
  logic              held_tvalid, held_tready, held_tlast, held_tabort, hold_idle, launch_idle, status_idle, sum_refused, late_refused;
  logic [USER_W-1:0] held_tuser;

  // ---------------------------------------------------------------- cut
  // That a frame begins enables registers of a whole request, and the sink's room is asked for by everything in front: both from flip-flops.
  logic [DATA_W-1:0]              cut_tdata;
  logic [KEEP_W-1:0]              cut_tkeep;
  logic                           cut_tvalid, cut_tready, cut_tlast, cut_tabort, cut_tmore, cut_idle;
  logic [7:0]                     cut_tstatus;
  logic [USER_W-1:0]              cut_tuser;

  generate
    if (TX_SEGMENT) begin : g_segment
      logic [DATA_W-1:0] asked_tdata;
      logic [KEEP_W-1:0] asked_tkeep;
      logic              asked_tvalid, asked_tready, asked_tlast, asked_tabort, segment_idle;
      logic [USER_W-1:0] asked_tuser;

      fn_skid_buffer #(.DATA_W(DATA_W), .USER_W(1 + USER_W)) i_slice (
        .clk(clk), .rst(rst),
        .s_axis_tdata(held_tdata), .s_axis_tkeep(held_tkeep), .s_axis_tvalid(held_tvalid), .s_axis_tready(held_tready),
        .s_axis_tlast(held_tlast), .s_axis_tuser({held_tabort, held_tuser}),
        .m_axis_tdata(asked_tdata), .m_axis_tkeep(asked_tkeep), .m_axis_tvalid(asked_tvalid), .m_axis_tready(asked_tready),
        .m_axis_tlast(asked_tlast), .m_axis_tuser({asked_tabort, asked_tuser})
      );

      assign cut_idle = segment_idle && !asked_tvalid;

      fn_tx_segment #(.DATA_W(DATA_W), .USER_W(USER_W)) i_segment (
        .clk(clk), .rst(rst),
        .s_axis_tdata(asked_tdata), .s_axis_tkeep(asked_tkeep), .s_axis_tvalid(asked_tvalid), .s_axis_tready(asked_tready),
        .s_axis_tlast(asked_tlast), .s_axis_tuser(asked_tuser), .s_axis_tabort(asked_tabort),
        .m_axis_tdata(cut_tdata), .m_axis_tkeep(cut_tkeep), .m_axis_tvalid(cut_tvalid), .m_axis_tready(cut_tready),
        .m_axis_tlast(cut_tlast), .m_axis_tuser(cut_tuser), .m_axis_tabort(cut_tabort), .m_axis_tstatus(cut_tstatus),
        .m_axis_tmore(cut_tmore), .count_cut(count_cut), .count_segment(count_segment), .idle(segment_idle)
      );
    end else begin : g_no_segment
      assign cut_tdata     = held_tdata;
      assign cut_tkeep     = held_tkeep;
      assign cut_tvalid    = held_tvalid;
      assign held_tready   = cut_tready;
      assign cut_tlast     = held_tlast;
      assign cut_tuser     = held_tuser;
      assign cut_tabort    = held_tabort;
      assign cut_tstatus   = `FN_STATUS_OK;
      assign cut_tmore     = 1'b0;
      assign cut_idle      = 1'b1;
      assign count_cut     = 1'b0;
      assign count_segment = 1'b0;
    end
  endgenerate

  // ---------------------------------------------------------------- sum, judge, store
  logic [DATA_W-1:0] sum_tdata;
  logic [KEEP_W-1:0] sum_tkeep;
  logic              sum_tvalid, sum_tready, sum_tlast, sum_tvlan, sum_idle;
  logic [15:0]       sum_tag;
  logic [TIME_W-1:0] sum_ttime;
  logic [7:0]        status_tdata;
  logic              status_tvalid, status_tready;

  fn_tx_checksum #(.DATA_W(DATA_W), .DEPTH(BYTES), .META_W(16 + TIME_W), .VLAN(TX_VLAN)) i_checksum (
    .clk(clk), .rst(rst),
    .s_axis_tdata(cut_tdata), .s_axis_tkeep(cut_tkeep), .s_axis_tvalid(cut_tvalid), .s_axis_tready(cut_tready), .s_axis_tlast(cut_tlast),
    .s_axis_tuser(cut_tuser[`FN_TX_HEADER_WIDTH-1:0]),
    .s_axis_tmeta({cut_tuser[USER_W-1:128], cut_tuser[`FN_TX_HEADER_LAUNCH], cut_tuser[`FN_TX_HEADER_TIMESTAMP], cut_tuser[`FN_TX_HEADER_VLAN_TAG]}),
    .s_axis_tabort(cut_tabort), .s_axis_tstatus(cut_tstatus), .s_axis_tmore(cut_tmore),
    .m_status_tdata(status_tdata), .m_status_tvalid(status_tvalid), .m_status_tready(status_tready),
    .m_axis_tdata(sum_tdata), .m_axis_tkeep(sum_tkeep), .m_axis_tvalid(sum_tvalid), .m_axis_tready(sum_tready), .m_axis_tlast(sum_tlast),
    .m_axis_tmeta({sum_ttime, sum_tag}), .m_axis_tvlan(sum_tvlan),
    .count_frame(count_frame), .count_bytes(count_bytes), .count_checksum(count_checksum), .count_refused(sum_refused),
    .idle(sum_idle)
  );

  // ---------------------------------------------------------------- tag
  logic [DATA_W-1:0] done_tdata;
  logic [KEEP_W-1:0] done_tkeep;
  logic              done_tvalid, done_tready, done_tlast;
  logic [TIME_W-1:0] done_ttime;

  generate
    if (TX_VLAN) begin : g_vlan
      fn_tx_vlan #(.DATA_W(DATA_W), .USER_W(TIME_W)) i_vlan (
        .clk(clk), .rst(rst),
        .s_axis_tdata(sum_tdata), .s_axis_tkeep(sum_tkeep), .s_axis_tvalid(sum_tvalid), .s_axis_tready(sum_tready), .s_axis_tlast(sum_tlast),
        .s_axis_tuser(sum_ttime), .s_axis_tinsert(sum_tvlan), .s_axis_ttag(sum_tag),
        .m_axis_tdata(done_tdata), .m_axis_tkeep(done_tkeep), .m_axis_tvalid(done_tvalid), .m_axis_tready(done_tready),
        .m_axis_tlast(done_tlast), .m_axis_tuser(done_ttime), .count_tag(count_tag)
      );
    end else begin : g_no_vlan
      assign done_tdata  = sum_tdata;
      assign done_tkeep  = sum_tkeep;
      assign done_tvalid = sum_tvalid;
      assign sum_tready  = done_tready;
      assign done_tlast  = sum_tlast;
      assign done_ttime  = sum_ttime;
      assign count_tag   = 1'b0;

      logic unused_tag;
      assign unused_tag = &{1'b0, sum_tvlan, sum_tag};
    end
  endgenerate

  // ---------------------------------------------------------------- launch at the moment, stamp, tell
  generate
    if (CLOCK) begin : g_clock
      logic [DATA_W-1:0] sliced_tdata;
      logic [KEEP_W-1:0] sliced_tkeep;
      logic              sliced_tvalid, sliced_tready, sliced_tlast;
      logic [TIME_W-1:0] sliced_ttime;
      logic owed_refused, owed_stamp, owed_valid, owed_ready, next_refused, next_stamp, next_valid, next_ready, stamp_taken, launches_idle;

      fn_tx_hold #(.DATA_W(DATA_W)) i_hold (
        .clk(clk), .rst(rst), .now(now), .lead(launch_lead), .horizon(launch_horizon),
        .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready),
        .s_axis_tlast(s_axis_tlast), .s_axis_tuser(s_axis_tuser), .s_axis_tabort(s_axis_tabort),
        .m_axis_tdata(held_tdata), .m_axis_tkeep(held_tkeep), .m_axis_tvalid(held_tvalid), .m_axis_tready(held_tready),
        .m_axis_tlast(held_tlast), .m_axis_tuser(held_tuser), .m_axis_tabort(held_tabort),
        .m_owed_refused(owed_refused), .m_owed_stamp(owed_stamp), .m_owed_valid(owed_valid), .m_owed_ready(owed_ready),
        .count_late(count_late), .idle(hold_idle)
      );

      fn_fifo #(.WIDTH(2), .DEPTH(64)) i_owed (
        .clk(clk), .rst(rst), .s_tdata({owed_refused, owed_stamp}), .s_tvalid(owed_valid), .s_tready(owed_ready),
        .m_tdata({next_refused, next_stamp}), .m_tvalid(next_valid), .m_tready(next_ready), .level()
      );

      fn_tx_stamp i_stamp (
        .clk(clk), .rst(rst),
        .s_owed_refused(next_refused), .s_owed_stamp(next_stamp), .s_owed_valid(next_valid), .s_owed_ready(next_ready),
        .s_status_tdata(status_tdata), .s_status_tvalid(status_tvalid), .s_status_tready(status_tready),
        .stamp_valid(stamp_valid), .stamp(stamp), .stamp_taken(stamp_taken),
        .m_status_tdata(m_status_tdata), .m_status_tuser(m_status_tuser), .m_status_tvalid(m_status_tvalid), .m_status_tready(m_status_tready)
      );

      // The MAC's room is not to be known through all stages in one clock.
      fn_skid_buffer #(.DATA_W(DATA_W), .USER_W(TIME_W)) i_slice (
        .clk(clk), .rst(rst),
        .s_axis_tdata(done_tdata), .s_axis_tkeep(done_tkeep), .s_axis_tvalid(done_tvalid), .s_axis_tready(done_tready),
        .s_axis_tlast(done_tlast), .s_axis_tuser(done_ttime),
        .m_axis_tdata(sliced_tdata), .m_axis_tkeep(sliced_tkeep), .m_axis_tvalid(sliced_tvalid), .m_axis_tready(sliced_tready),
        .m_axis_tlast(sliced_tlast), .m_axis_tuser(sliced_ttime)
      );

      fn_tx_launch #(.DATA_W(DATA_W)) i_launch (
        .clk(clk), .rst(rst), .now(now[31:0]), .latency(launch_latency),
        .s_axis_tdata(sliced_tdata), .s_axis_tkeep(sliced_tkeep), .s_axis_tvalid(sliced_tvalid), .s_axis_tready(sliced_tready),
        .s_axis_tlast(sliced_tlast), .s_axis_tuser(sliced_ttime),
        .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
        .m_axis_tlast(m_axis_tlast), .m_axis_tuser(m_axis_tuser), .release_frame(release_frame),
        .stamp_taken(stamp_taken), .idle(launches_idle)
      );

      assign launch_idle  = launches_idle && !sliced_tvalid;
      assign status_idle  = !next_valid && !owed_valid;
      assign late_refused = m_status_tvalid && m_status_tready && next_refused;
    end else begin : g_no_clock
      assign held_tdata      = s_axis_tdata;
      assign held_tkeep      = s_axis_tkeep;
      assign held_tvalid     = s_axis_tvalid;
      assign s_axis_tready   = held_tready;
      assign held_tlast      = s_axis_tlast;
      assign held_tuser      = {32'd0, s_axis_tuser[127:0]};
      assign held_tabort     = s_axis_tabort;
      assign hold_idle       = 1'b1;
      assign m_status_tdata  = status_tdata;
      assign m_status_tuser  = '0;
      assign m_status_tvalid = status_tvalid;
      assign status_tready   = m_status_tready;
      assign m_axis_tdata    = done_tdata;
      assign m_axis_tkeep    = done_tkeep;
      assign m_axis_tvalid   = done_tvalid;
      assign done_tready     = m_axis_tready;
      assign m_axis_tlast    = done_tlast;
      assign m_axis_tuser    = '0;
      assign release_frame   = 1'b0;
      assign launch_idle     = 1'b1;
      assign status_idle     = 1'b1;
      assign count_late      = 1'b0;
      assign late_refused    = 1'b0;

      logic unused;
      assign unused = &{1'b0, s_axis_tuser[191:128], done_ttime, now, launch_latency, launch_lead, launch_horizon, stamp_valid, stamp};
    end
  endgenerate

  assign count_refused = sum_refused || late_refused;
  assign idle = hold_idle && cut_idle && sum_idle && launch_idle && status_idle && !done_tvalid && !m_axis_tvalid;

endmodule

`default_nettype wire
