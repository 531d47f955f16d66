// Receive coalescing (LRO): consecutive TCP segments of a flow become one large frame, which costs the host as much as one of them. Block Coalesce of
// docs/registers.md; its counterpart in software is stack/FpgaNet.Packets/Devices/ReceiveCoalescer.cs.
//
//   s_axis ─┬─▶ fn_rx_coalesce_store: frames in chains of blocks ──▶ fn_rx_coalesce_read ─▶ fn_rx_coalesce_pack ─▶ m_axis
//           │        ▲ link                     └─▶ fn_rx_coalesce_contexts ─▶ queue ─▲
//           └─▶ fn_rx_coalesce_match ──────────────────┘
//
// A segment joins only when it says nothing new but its bytes: nothing is lost, and the completion's SegmentSize and CoalescedSegments say how to undo it. Frames of one flow
// never overtake one another. A frame that cannot be part of another leaves when it has come whole; bytes are not moved, so closing a large one
// takes no longer than a small one and nothing waits behind it but by the order of the host's stream.
//
// One beat a clock in and out. The source is stalled only when the store has no free block, that is when the host has not kept up for BYTES, and for some clocks
// when frames come closer than 60 bytes apart. Frames have 60 bytes or more. While disabled frames pass, stored whole.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_coalesce #(
  parameter int          DATA_W     = 64,         // bits: 8, 16, 32 or 64
  parameter int          CONTEXTS   = 2,          // frames open at once, 2 to 14
  parameter int          BYTES      = 32768,      // of the store, a power of two, 8192 or more
  parameter int          LIMIT      = 65535,      // bytes of the longest frame that the host interface takes
  parameter int          CLOCK_HZ   = 125000000,
  parameter logic [15:0] NEXT_BLOCK = 16'd0       // of the chain of register blocks
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic                reg_write,
  input  wire logic                reg_read,
  input  wire logic [15:0]         reg_address,
  input  wire logic [31:0]         reg_wdata,
  output logic [31:0]              reg_rdata,
  output logic                     reg_ack,

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [255:0]        s_axis_tuser,  // RxCompletion, stable over a frame

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [255:0]             m_axis_tuser,  // RxCompletion, stable over a frame

  output logic                     count_frame,   // pulse: a frame of several segments was closed
  output logic                     count_join,    // pulse: a segment joined another
  output logic                     idle           // no frame in here
);

  localparam int BLOCKS  = BYTES / 256;
  localparam int BLOCK_W = $clog2(BLOCKS);
  localparam int SLOTS   = CONTEXTS + 2;
  localparam int SLOT_W  = $clog2(SLOTS);
  localparam int BEAT_W  = 8 - $clog2(DATA_W / 8);
  localparam int COUNT_W = $clog2(DATA_W / 8) + 1;
  localparam int KIND_W  = 22;                    // tag that was taken out, queue, flow known
  localparam int INFO_W  = 8 + 16 + 11 + 7 + 2 + 16;

  // ---------------------------------------------------------------- registers
  logic        enable, tick;
  logic [11:0] timeout, quiet;
  logic [15:0] limit;

  fn_rx_coalesce_registers #(.CONTEXTS(CONTEXTS), .LIMIT(LIMIT), .CLOCK_HZ(CLOCK_HZ), .NEXT_BLOCK(NEXT_BLOCK)) i_registers (
    .clk(clk), .rst(rst),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(reg_rdata), .reg_ack(reg_ack),
    .enable(enable), .timeout(timeout), .quiet(quiet), .limit(limit), .tick(tick)
  );

  // ---------------------------------------------------------------- store and look at
  logic               take, undecided_q, decided, store_idle, scarce;
  logic [BLOCK_W-1:0] first, last, first_q, last_q;
  logic [SLOTS-1:0]   open;
  logic [SLOT_W-1:0]  slot_q, next_slot, frame_slot_q;
  logic [15:0]        length_q;
  logic [KIND_W-1:0]  kind_q;

  logic               link_valid, link_ready;
  logic [BLOCK_W-1:0] link_from;
  logic               read, read_user, walk, look, look_first, look_last, release_valid;
  logic [BLOCK_W-1:0] read_block, walk_block, walk_next, look_block, release_block;
  logic [BEAT_W-1:0]  read_beat;
  logic [7:0]         look_bytes;
  logic [DATA_W-1:0]  read_data;
  logic [255:0]       user;

  fn_rx_coalesce_store #(.DATA_W(DATA_W), .BLOCKS(BLOCKS), .USER_W(256)) i_store (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tuser(s_axis_tuser), .hold_last(undecided_q), .frame_first(first), .frame_last(last),
    .link_valid(link_valid), .link_ready(link_ready), .link_from(link_from), .link_to(first_q),
    .read(read), .read_block(read_block), .read_beat(read_beat), .read_data(read_data), .read_user(read_user), .user(user),
    .walk(walk), .walk_block(walk_block), .walk_next(walk_next),
    .look(look), .look_block(look_block), .look_bytes(look_bytes), .look_first(look_first), .look_last(look_last),
    .release_valid(release_valid), .release_block(release_block), .scarce(scarce), .idle(store_idle)
  );

  assign take = s_axis_tvalid && s_axis_tready;

  // The next frame's headers go to a slot that is neither open nor this frame's; there is always one, as there are two more than contexts.
  always_comb begin
    next_slot = '0;
    for (int i = SLOTS - 1; i >= 0; i--) if (!open[i] && slot_q != SLOT_W'(i)) next_slot = SLOT_W'(i);
  end

  always_ff @(posedge clk) begin
    if (decided) undecided_q <= 1'b0;
    if (take && s_axis_tlast) begin
      undecided_q  <= 1'b1;
      slot_q       <= next_slot;
      frame_slot_q <= slot_q;
      first_q      <= first;
      last_q       <= last;
      length_q     <= s_axis_tuser[`FN_RX_COMPLETION_LENGTH];
      kind_q       <= {s_axis_tuser[`FN_RX_COMPLETION_FLOW_MATCHED], s_axis_tuser[`FN_RX_COMPLETION_QUEUE],
                       s_axis_tuser[`FN_RX_COMPLETION_VLAN_STRIPPED], s_axis_tuser[`FN_RX_COMPLETION_VLAN_TAG]};
    end
    if (rst) begin
      undecided_q <= 1'b0;
      slot_q      <= '0;
    end
  end

  logic               found_valid, joins, begins, tcp, unknown, counted, echo;
  logic [SLOTS-1:0]   equal;
  logic [6:0]         header;
  logic [10:0]        payload;
  logic [31:0]        sequence_number, ports;
  logic [15:0]        identification, checksum;
  logic [1:0]         endings;

  fn_rx_coalesce_match #(.DATA_W(DATA_W), .SLOTS(SLOTS)) i_match (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tvalid(take), .s_axis_tlast(s_axis_tlast), .s_axis_tuser(s_axis_tuser), .s_slot(slot_q),
    .m_valid(found_valid), .m_joins(joins), .m_begins(begins), .m_tcp(tcp), .m_unknown(unknown), .m_equal(equal), .m_header(header),
    .m_payload(payload), .m_sequence(sequence_number), .m_identification(identification), .m_counted(counted), .m_echo(echo),
    .m_endings(endings), .m_checksum(checksum), .m_ports(ports)
  );

  // ---------------------------------------------------------------- decide, and queue for the host
  logic               closed_valid, queue_room, queue_valid, queue_ready, read_idle;
  logic [BLOCK_W-1:0] closed_first, queue_first;
  logic [INFO_W-1:0]  closed, queue_info, beat_info;
  logic [BLOCK_W:0]   queue_level;

  fn_rx_coalesce_contexts #(.CONTEXTS(CONTEXTS), .BLOCK_W(BLOCK_W), .KIND_W(KIND_W)) i_contexts (
    .clk(clk), .rst(rst), .enable(enable), .limit(limit), .timeout(timeout), .quiet(quiet), .tick(tick),
    .pressure(scarce && queue_level == '0 && !queue_valid && read_idle),
    .s_valid(found_valid), .s_joins(joins), .s_begins(begins), .s_tcp(tcp), .s_unknown(unknown), .s_equal(equal), .s_header(header),
    .s_payload(payload), .s_sequence(sequence_number), .s_identification(identification), .s_counted(counted), .s_echo(echo),
    .s_endings(endings), .s_checksum(checksum), .s_ports(ports), .s_kind(kind_q), .s_length(length_q),
    .s_first(first_q), .s_last(last_q), .s_slot(frame_slot_q), .decided(decided), .open(open),
    .link_valid(link_valid), .link_ready(link_ready), .link_from(link_from),
    .m_valid(closed_valid), .m_first(closed_first), .m_segments(closed[INFO_W-1 -: 8]), .m_length(closed[36 +: 16]), .m_size(closed[25 +: 11]),
    .m_header(closed[18 +: 7]), .m_endings(closed[16 +: 2]), .m_checksum(closed[15:0]),
    .count_frame(count_frame), .count_join(count_join)
  );

  fn_fifo #(.WIDTH(BLOCK_W + INFO_W), .DEPTH(BLOCKS)) i_queue (
    .clk(clk), .rst(rst),
    .s_tdata({closed_first, closed}), .s_tvalid(closed_valid), .s_tready(queue_room),
    .m_tdata({queue_first, queue_info}), .m_tvalid(queue_valid), .m_tready(queue_ready), .level(queue_level)
  );

  // ---------------------------------------------------------------- and out
  logic               beat_valid, beat_ready, beat_first, beat_last, beat_head, pack_idle;
  logic [BEAT_W-1:0]  beat_number;
  logic [COUNT_W-1:0] beat_from, beat_to;

  fn_rx_coalesce_read #(.DATA_W(DATA_W), .BLOCK_W(BLOCK_W), .INFO_W(INFO_W)) i_read (
    .clk(clk), .rst(rst),
    .s_valid(queue_valid), .s_ready(queue_ready), .s_first(queue_first), .s_segments(queue_info[INFO_W-1 -: 8]), .s_header(queue_info[18 +: 7]),
    .s_info(queue_info), .walk(walk), .walk_block(walk_block), .walk_next(walk_next),
    .look(look), .look_block(look_block), .look_bytes(look_bytes), .look_first(look_first), .look_last(look_last),
    .read(read), .read_user(read_user), .read_block(read_block), .read_beat(read_beat),
    .release_valid(release_valid), .release_block(release_block),
    .m_valid(beat_valid), .m_ready(beat_ready), .m_first(beat_first), .m_last(beat_last), .m_head(beat_head), .m_beat(beat_number),
    .m_from(beat_from), .m_to(beat_to), .m_info(beat_info), .idle(read_idle)
  );

  fn_rx_coalesce_pack #(.DATA_W(DATA_W)) i_pack (
    .clk(clk), .rst(rst),
    .s_valid(beat_valid), .s_ready(beat_ready), .s_data(read_data), .s_first(beat_first), .s_last(beat_last), .s_head(beat_head), .s_beat(beat_number),
    .s_from(beat_from), .s_to(beat_to), .s_user(user), .s_segments(beat_info[INFO_W-1 -: 8]), .s_length(beat_info[36 +: 16]),
    .s_size(beat_info[25 +: 11]), .s_header(beat_info[18 +: 7]), .s_endings(beat_info[16 +: 2]), .s_checksum(beat_info[15:0]),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast), .m_axis_tuser(m_axis_tuser), .idle(pack_idle)
  );

  assign idle = store_idle && !undecided_q && open == '0 && !closed_valid && queue_level == '0 && !queue_valid && read_idle && pack_idle;

`ifndef SYNTHESIS
  initial if (BYTES < 8192 || (BYTES & (BYTES - 1)) != 0) $fatal(1, "fn_rx_coalesce: BYTES must be a power of two, 8192 or more");
  always @(posedge clk) if (!rst && closed_valid) assert (queue_room);
`endif

endmodule

`default_nettype wire
