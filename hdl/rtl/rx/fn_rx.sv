`default_nettype none
`include "fn_regs.svh"

// The receive path of the core: from the MAC's frames to the host's, each with its completion (format RxCompletion) as tuser.
//
//   s_axis ─┬─▶ frame FIFO ──────────────────────┬─▶ fn_rx_vlan ─▶ m_axis
//           ├─▶ fn_rx_inspect ─▶ fn_rx_classify ─┴─▶ completions ─▶ m_axis_tuser
//           └─────────────────────────┘
//
// A frame leaves the FIFO when its completion is known, some 24 clocks behind its last beat: to the host, or nowhere if it is dropped. One beat
// a clock, and one clock between frames, of which the wire has more. When the host does not keep up, the FIFO here fills and then s_axis is stalled; the MAC drops whole frames then. s_axis is also stalled
// between frames that come closer than on a wire (10 clocks from begin to begin). Frames must be 60 bytes or longer, as they are behind a MAC.
module fn_rx #(
  parameter int DATA_W   = 64,                                   // 8, 32 or 64
  parameter int BYTES    = 4096,                                 // of the frame FIFO, a power of two, 2048 or more
  parameter int FRAMES   = 128,                                  // frames in it, a power of two, 4 or more
  parameter bit RX_CLASSIFY = 1'b1,                              // hash, filter, flows and queues; 0: every frame goes up, to queue 0
  parameter bit RX_VLAN  = 1'b1,                                 // tags can be taken out; only with RX_CLASSIFY
  parameter int RX_FLOWS = 256,                                  // slots of the flow table, a power of two, 16 to 4096; 0: none
  parameter bit CLOCK    = 1'b1                                  // frames have time stamps
) (
  input  logic                clk,
  input  logic                rst,
  input  logic                checksum_enable,                   // 0: verdicts are Unknown
  input  logic                hash_enable,                       // 0: hash type None and hash 0
  input  logic                strip_enable,                      // tags are taken out
  input  logic [47:0]         station,                           // this station's address, first octet on top

  input  logic [6:1]          hash_types,
  input  logic                key_write,
  input  logic [3:0]          key_index,
  input  logic [31:0]         key_wdata,
  output logic [31:0]         key_rdata,                         // word key_index, 1 clock later

  input  logic                reg_write,                         // blocks Filter and FlowTable, and the queues of block Rss
  input  logic                reg_read,
  input  logic [15:0]         reg_address,
  input  logic [31:0]         reg_wdata,
  output logic [31:0]         reg_rdata,
  output logic                reg_ack,
  input  logic [15:0]         next_block,                        // behind those

  input  logic [DATA_W-1:0]   s_axis_tdata,
  input  logic [DATA_W/8-1:0] s_axis_tkeep,
  input  logic                s_axis_tvalid,
  output logic                s_axis_tready,
  input  logic                s_axis_tlast,
  input  logic [63:0]         s_axis_tuser,                      // time stamp in nanoseconds, stable over a frame

  output logic [DATA_W-1:0]   m_axis_tdata,
  output logic [DATA_W/8-1:0] m_axis_tkeep,
  output logic                m_axis_tvalid,
  input  logic                m_axis_tready,
  output logic                m_axis_tlast,
  output logic [255:0]        m_axis_tuser,                      // RxCompletion; RingPosition, Status and Phase are 0

  output logic                count_filtered,                    // pulses
  output logic                count_flow_dropped,
  output logic                idle                               // no frame in here
);

  localparam int KEEP_W = DATA_W / 8;
  localparam int FIRST = `FN_RX_COMPLETION_LENGTH_LSB, LAST = `FN_RX_COMPLETION_FLOW_ID_LSB + 15;  // completion bits that are not constant
  localparam int COMPLETION_W = 1 + LAST - FIRST + 1;            // and whether to drop the frame
  localparam int STAMPS = 8;                                     // frames between their end and their completion

  // ---------------------------------------------------------------- what the frame is
  logic         frame_valid, frame_ready, admit, in_frame_q, inspect_room, filter_ready, frame_room, take;
  logic         word_valid, word_end, hold, inspected_valid, keyed, found_valid, drop;
  logic [31:0]  word, flow_hash;
  logic [255:0] inspected, found;

  // Only between frames: what has begun goes on.
  assign admit = in_frame_q || (inspect_room && filter_ready && frame_room);
  assign frame_valid = s_axis_tvalid && admit;
  assign s_axis_tready = frame_ready && admit;
  assign take = frame_valid && frame_ready;

  always_ff @(posedge clk) begin
    if (take) in_frame_q <= !s_axis_tlast;
    if (rst) in_frame_q <= 1'b0;
  end

  fn_rx_inspect #(.DATA_W(DATA_W), .HASH(RX_CLASSIFY)) i_inspect (
    .clk(clk), .rst(rst), .checksum_enable(checksum_enable), .hash_enable(hash_enable),
    .hash_types(hash_types), .key_write(key_write), .key_index(key_index), .key_wdata(key_wdata), .key_rdata(key_rdata),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(take), .s_axis_tlast(s_axis_tlast),
    .room(inspect_room), .m_word_valid(word_valid), .m_word(word), .m_word_end(word_end), .hold(hold),
    .m_valid(inspected_valid), .m_completion(inspected), .m_flow_hash(flow_hash), .m_keyed(keyed)
  );

  generate
    if (RX_CLASSIFY) begin : g_classify
      fn_rx_classify #(.DATA_W(DATA_W), .FLOWS(RX_FLOWS)) i_classify (
        .clk(clk), .rst(rst), .strip_enable(strip_enable && RX_VLAN), .station(station),
        .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(reg_rdata), .reg_ack(reg_ack),
        .next_block(next_block),
        .s_axis_tdata(s_axis_tdata), .s_axis_tvalid(take), .s_axis_tlast(s_axis_tlast), .ready(filter_ready),
        .s_word_valid(word_valid), .s_word(word), .s_word_end(word_end), .hold(hold),
        .s_valid(inspected_valid), .s_completion(inspected), .s_flow_hash(flow_hash), .s_keyed(keyed),
        .m_valid(found_valid), .m_completion(found), .m_drop(drop),
        .count_filtered(count_filtered), .count_flow_dropped(count_flow_dropped)
      );
    end else begin : g_no_classify
      assign reg_rdata          = '0;
      assign reg_ack            = 1'b0;
      assign filter_ready       = 1'b1;
      assign hold               = 1'b0;
      assign found_valid        = inspected_valid;
      assign drop               = 1'b0;
      assign count_filtered     = 1'b0;
      assign count_flow_dropped = 1'b0;
      assign found              = inspected;

      logic unused;
      assign unused = &{1'b0, strip_enable, word_valid, word, word_end, flow_hash, keyed, station, reg_write, reg_read, reg_address, reg_wdata, next_block};
    end
  endgenerate

  // ---------------------------------------------------------------- the frame and what it is meet again
  logic                    completion_valid, completion_there, completion_ready, over_q, completion_room, stored_valid, stored_ready, stored_last, fifo_valid, fifo_ready, fifo_last, fifo_empty;
  logic                    dropped, strip_ready;
  logic [COMPLETION_W-1:0] completion;
  logic [DATA_W-1:0]       stored_data, fifo_data;
  logic [KEEP_W-1:0]       stored_keep, fifo_keep;

  fn_axis_fifo #(.DATA_W(DATA_W), .USER_W(1), .DEPTH(BYTES / KEEP_W), .FRAME_MODE(1'b0)) i_frames (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(frame_valid), .s_axis_tready(frame_ready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tuser(1'b0), .s_axis_drop(1'b0),
    .m_axis_tdata(stored_data), .m_axis_tkeep(stored_keep), .m_axis_tvalid(stored_valid), .m_axis_tready(stored_ready), .m_axis_tlast(stored_last),
    .empty(fifo_empty), .m_axis_tuser(), .dropped(), .overflow()  // it stalls instead
  );

  // A block memory's output comes late in its clock: flip-flops stand behind it.
  assign stored_ready = fifo_ready || !fifo_valid;

  always_ff @(posedge clk) begin
    if (stored_ready) begin
      fifo_valid <= stored_valid;
      {fifo_last, fifo_keep, fifo_data} <= {stored_last, stored_keep, stored_data};
    end
    if (rst) fifo_valid <= 1'b0;
  end

  logic [63:0] stamp;
  logic        stamp_valid, stamp_room;

  // The stamp waits until the frame's completion is known. Frames begin 10 clocks apart and inspect_room admits no more than two that wait.
  generate
    if (CLOCK) begin : g_clock
      fn_fifo #(.WIDTH(64), .DEPTH(STAMPS)) i_stamps (
        .clk(clk), .rst(rst),
        .s_tdata(s_axis_tuser), .s_tvalid(take && s_axis_tlast), .s_tready(stamp_room),
        .m_tdata(stamp), .m_tvalid(stamp_valid), .m_tready(found_valid), .level()
      );
    end else begin : g_no_clock
      assign stamp       = '0;
      assign stamp_valid = 1'b1;
      assign stamp_room  = 1'b1;

      logic unused;
      assign unused = &{1'b0, s_axis_tuser};
    end
  endgenerate

  // Every completion belongs to a frame in the FIFO. Where that can hold more frames of 60 bytes than there are places, frames are counted.
  generate
    if (FRAMES * 60 < BYTES) begin : g_few
      logic [$clog2(FRAMES):0] frames_q;

      assign frame_room = !frames_q[$clog2(FRAMES)];

      always_ff @(posedge clk) begin
        frames_q <= frames_q + ($clog2(FRAMES)+1)'(take && !in_frame_q) - ($clog2(FRAMES)+1)'(over_q);
        if (rst) frames_q <= '0;
      end
    end else begin : g_many
      assign frame_room = 1'b1;
    end
  endgenerate

  fn_fifo #(.WIDTH(COMPLETION_W), .DEPTH(FRAMES), .REGISTER(FRAMES > 16)) i_completions (  // a few stand in flip-flops themselves
    .clk(clk), .rst(rst),
    .s_tdata({drop, found[`FN_RX_COMPLETION_FLOW_ID], stamp, found[`FN_RX_COMPLETION_TIMESTAMP_LOW_LSB-1:FIRST]}), .s_tvalid(found_valid),
    .s_tready(completion_room),
    .m_tdata(completion), .m_tvalid(completion_valid), .m_tready(over_q),
    .level()
  );

`ifndef SYNTHESIS
  always @(posedge clk) if (found_valid && !rst) assert (completion_room && stamp_valid);
  always @(posedge clk) if (take && s_axis_tlast && !rst) assert (stamp_room);
`endif

  always_comb begin
    m_axis_tuser = '0;
    m_axis_tuser[LAST:FIRST] = completion[LAST-FIRST:0];
  end

  assign dropped = completion[COMPLETION_W-1];
  assign fifo_ready = completion_there && (dropped || strip_ready);

  generate
    if (RX_VLAN && RX_CLASSIFY) begin : g_strip
      fn_rx_vlan #(.DATA_W(DATA_W)) i_strip (
        .clk(clk), .rst(rst),
        .s_axis_tdata(fifo_data), .s_axis_tkeep(fifo_keep), .s_axis_tvalid(fifo_valid && completion_there && !dropped),
        .s_axis_tready(strip_ready), .s_axis_tlast(fifo_last), .s_axis_strip(m_axis_tuser[`FN_RX_COMPLETION_VLAN_STRIPPED]),
        .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
        .m_axis_tlast(m_axis_tlast)
      );
    end else begin : g_whole
      assign m_axis_tdata = fifo_data;
      assign m_axis_tkeep = fifo_keep;
      assign m_axis_tvalid = fifo_valid && completion_there && !dropped;
      assign m_axis_tlast = fifo_last;
      assign strip_ready = m_axis_tready;
    end
  endgenerate

  assign completion_ready = dropped ? fifo_valid && fifo_last : m_axis_tvalid && m_axis_tready && m_axis_tlast;
  assign completion_there = completion_valid && !over_q;

  // A frame's completion goes in the clock behind its end, so that the host's readiness need not come through to it.
  always_ff @(posedge clk) over_q <= completion_there && completion_ready && !rst;

  assign idle = fifo_empty && !fifo_valid && !m_axis_tvalid;

endmodule

`default_nettype wire
