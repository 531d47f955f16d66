// Judges what the host asked for a frame, from its TxHeader (hdl/regs/registers.json) and the beats as they are taken; gives the frame its status
// and counts it.
//
// Every frame taken gives one status, in order: Ok when it is good. An aborted frame (s_abort with s_last) has the status that comes with it. When
// several reasons hold, the first of these is given: Unsupported, Oversize, LengthMismatch, ChecksumRange. Frames with s_more are segments of one
// that the host gave: it has one status, behind the last of them, which is the first that is not Ok.
//
// The verdict stands in the second clock behind the last beat. Never stalls; while `room` is 0, no beat may be taken.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_judge #(
  parameter int DATA_W = 64,   // bits: 8, 16, 32, 64 ...
  parameter bit VLAN   = 1'b0  // tags can be inserted
) (
  input  wire logic                           clk,
  input  wire logic                           rst,

  input  wire logic                           s_valid,         // a beat is taken
  input  wire logic [DATA_W/8-1:0]            s_keep,
  input  wire logic                           s_last,
  input  wire logic [`FN_TX_HEADER_WIDTH-1:0] s_header,        // with s_last, as all that follows
  input  wire logic [16:0]                    s_position,      // of the checksum's field
  input  wire logic                           s_abort,         // drop the frame silently ...
  input  wire logic [7:0]                     s_status,        // ... and give this status
  input  wire logic                           s_more,          // no status yet, another segment of the same frame follows

  output logic                                over,            // this beat lies beyond the longest frame
  output logic                                drop,            // in the second clock behind s_last: refused or aborted

  output logic [7:0]                          m_status_tdata,
  output logic                                m_status_tvalid,
  input  wire logic                           m_status_tready,
  output logic                                room,            // for another status

  output logic                                count_frame,     // pulse: a good frame ...
  output logic [15:0]                         count_bytes,     // ... with this many bytes on the wire, padding included, check sequence not
  output logic                                count_checksum,  // pulse, with count_frame: it gets a checksum
  output logic                                count_refused,   // pulse: a frame was refused

  output logic                                idle             // no status in here, no frame half taken
);

  localparam int KEEP_W    = DATA_W / 8;
  localparam int LANE_W    = $clog2(KEEP_W);
  localparam int MIN_FRAME = 14;
  localparam int MAX_FRAME = 1518;
  localparam int TAG       = 4;
  localparam int PAD_FRAME = 60;               // the MAC pads to this
  localparam int PLACE_W   = 11;               // a byte's place in a frame that is not too long
  localparam int BEAT_W    = PLACE_W - LANE_W;
  localparam int LENGTH_W  = `FN_TX_HEADER_LENGTH_WIDTH;

  // ---------------------------------------------------------------- the last byte's place
  // All beats but the last are whole, so it is the beat's number and a lane, and nothing is added up.
  logic [BEAT_W-1:0]  beat_q;
  logic [PLACE_W-1:0] lane, place;
  logic               over_q;

  always_comb begin
    lane = '0;
    for (int i = 1; i < KEEP_W; i++) if (s_keep[i]) lane = PLACE_W'(i);
  end

  // Whether a place lies before the last byte's. The lane is known late in its clock, and so is kept out of the beats' comparison.
  function automatic logic precedes(input logic [PLACE_W-1:0] position, input logic [BEAT_W-1:0] last_beat, input logic [PLACE_W-1:0] last_lane);
    precedes = position[PLACE_W-1:LANE_W] < last_beat || (position[PLACE_W-1:LANE_W] == last_beat && (position & PLACE_W'(KEEP_W - 1)) < last_lane);
  endfunction

  assign place = (PLACE_W'(beat_q) << LANE_W) | lane;
  assign over  = over_q;

  always_ff @(posedge clk) begin
    if (s_valid) begin
      beat_q <= s_last ? '0 : beat_q + 1'b1;
      over_q <= (over_q || beat_q == BEAT_W'((MAX_FRAME - 1) / KEEP_W)) && !s_last;
    end
    if (rst) begin
      beat_q <= '0;
      over_q <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- verdict
  logic                valid_q, over1_q, long_q, short_q, range_q, insert_q, vlan_q, unsupported_q, abort_q, more_q;
  logic [PLACE_W-1:0]  bytes_q, last_place;
  logic [LENGTH_W-1:0] length_q;
  logic [7:0]          abort_status_q, status, merged, failed_q;  // failed: what the segments before this one of the same frame came to
  logic                valid2_q, abort2_q, more2_q, insert2_q;
  logic [7:0]          status2_q;
  logic [PLACE_W-1:0]  wire_bytes2_q;
  logic                status_valid;
  logic [PLACE_W-1:0]  wire_bytes;

  assign last_place = s_header[`FN_TX_HEADER_INSERT_VLAN] ? PLACE_W'(MAX_FRAME - TAG - 1) : PLACE_W'(MAX_FRAME - 1);
  assign wire_bytes = bytes_q + (vlan_q ? PLACE_W'(TAG) : '0);

  always_comb begin
    status = `FN_STATUS_OK;
    if (unsupported_q) status = `FN_STATUS_UNSUPPORTED;
    else if (over1_q || long_q || short_q) status = `FN_STATUS_OVERSIZE;
    else if (length_q != LENGTH_W'(bytes_q)) status = `FN_STATUS_LENGTH_MISMATCH;
    else if (range_q && insert_q) status = `FN_STATUS_CHECKSUM_RANGE;
    if (abort_q) status = abort_status_q;
  end

  assign merged       = failed_q != `FN_STATUS_OK ? failed_q : status2_q;
  assign status_valid = valid2_q && !more2_q;
  assign drop         = abort2_q || status2_q != `FN_STATUS_OK;

  always_ff @(posedge clk) begin
    valid_q        <= s_valid && s_last;
    over1_q        <= over_q;
    long_q         <= precedes(last_place, beat_q, lane);
    short_q        <= place[PLACE_W-1:4] == '0 && place[3:0] < 4'(MIN_FRAME - 1);
    bytes_q        <= place + 1'b1;
    range_q        <= s_position[16:PLACE_W] != '0 || !precedes(s_position[PLACE_W-1:0], beat_q, lane);
    length_q       <= s_header[`FN_TX_HEADER_LENGTH];
    insert_q       <= s_header[`FN_TX_HEADER_CHECKSUM];
    vlan_q         <= s_header[`FN_TX_HEADER_INSERT_VLAN];
    unsupported_q  <= (s_header[`FN_TX_HEADER_INSERT_VLAN] && !VLAN) || s_header[`FN_TX_HEADER_SEGMENTATION] != '0;
    abort_q        <= s_abort;
    abort_status_q <= s_status;
    more_q         <= s_more;
    valid2_q       <= valid_q;
    status2_q      <= status;
    abort2_q       <= abort_q;
    more2_q        <= more_q;
    insert2_q      <= insert_q;
    wire_bytes2_q  <= wire_bytes;
    if (valid2_q) failed_q <= more2_q ? merged : `FN_STATUS_OK;
    count_frame    <= valid2_q && !drop;
    count_checksum <= valid2_q && !drop && insert2_q;
    count_bytes    <= wire_bytes2_q[PLACE_W-1:6] == '0 && wire_bytes2_q[5:2] != 4'(PAD_FRAME / 4) ? 16'(PAD_FRAME) : 16'(wire_bytes2_q);  // less than 60
    count_refused  <= status_valid && merged != `FN_STATUS_OK;
    if (rst) begin
      valid_q        <= 1'b0;
      valid2_q       <= 1'b0;
      failed_q       <= `FN_STATUS_OK;
      count_frame    <= 1'b0;
      count_checksum <= 1'b0;
      count_refused  <= 1'b0;
    end
  end

  logic unused;  // for other stages, and for the host interface
  assign unused = &{1'b0, s_header[47:0], s_header[`FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE], s_header[95:84], s_header[97], s_header[99], s_header[127:103]};

  // ---------------------------------------------------------------- statuses wait
  // More of them than stamps can be owed (fn_tx_launch), for which statuses wait. Room is known a clock late, while two are on their way to the FIFO and
  // the beats of two clocks may bring others.
  logic [5:0] level;

  fn_fifo #(.WIDTH(8), .DEPTH(32)) i_statuses (
    .clk(clk), .rst(rst), .s_tdata(merged), .s_tvalid(status_valid), .s_tready(),
    .m_tdata(m_status_tdata), .m_tvalid(m_status_tvalid), .m_tready(m_status_tready), .level(level)
  );

  always_ff @(posedge clk) room <= !(level[5] || (&level[4:2]));

  assign idle = beat_q == '0 && !over_q && !valid_q && !valid2_q && level == '0 && !m_status_tvalid;

endmodule

`default_nettype wire
