// Reads the payload of the transmit queues' packets and feeds it to the core as frames; fn_tx_scheduler says whose packet comes next.
//
// Reads run ahead of the frames that are being sent: as many as the payload FIFO has room for, over packet boundaries, so that the latency
// of host memory does not limit the rate. Room is reserved in beats before a read is asked for; a failed read delivers its beats too, so
// the count always fits. A frame that could not be read whole has tabort from its first bad beat to its end, as the core may have sent segments of the good
// ones by then, and the read's status instead of the core's.
//
// A packet is chosen when its reads are asked for, so at most DEPTH beats of others are before one of higher priority.
//
// Latency: a read's. Throughput: 1 beat a clock. When the core stalls, the reserved room runs out and no more reads are asked for.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_payload #(
  parameter int TX_QUEUES = 1,    // 1 to 16
  parameter int DEPTH     = 512,  // beats of 8 bytes in the payload FIFO, a power of two, 128 or more
  parameter int FRAMES    = 64    // frames whose status the core still owes, a power of two
) (
  input  wire logic                     clk,
  input  wire logic                     rst,

  input  wire logic [128*TX_QUEUES-1:0] s_axis_tdata,    // TxSlice
  input  wire logic [TX_QUEUES-1:0]     s_axis_tvalid,
  output logic [TX_QUEUES-1:0]          s_axis_tready,
  input  wire logic [TX_QUEUES-1:0]     s_axis_tlast,
  input  wire logic [192*TX_QUEUES-1:0] s_axis_tuser,    // TxHeader, and above it the launch time
  output logic [7:0]                    m_status,        // of that queue's next packet
  output logic [63:0]                   m_timestamp,
  output logic [TX_QUEUES-1:0]          m_status_valid,

  input  wire logic [TX_QUEUES-1:0]     hold,            // fn_tx_scheduler's
  input  wire logic [3*TX_QUEUES-1:0]   level,
  input  wire logic [8*TX_QUEUES-1:0]   weight,
  input  wire logic [20*TX_QUEUES-1:0]  rate,
  input  wire logic [12*TX_QUEUES-1:0]  burst,

  output logic                          read_valid,
  input  wire logic                     read_ready,
  output logic [63:0]                   read_address,
  output logic [12:0]                   read_length,
  output logic                          read_last,       // of a packet
  input  wire logic                     beat_valid,
  output logic                          beat_ready,
  input  wire logic [63:0]              beat_data,
  input  wire logic [2:0]               beat_offset,
  input  wire logic [3:0]               beat_count,
  input  wire logic                     beat_last,
  input  wire logic [3:0]               beat_status,

  output logic [63:0]                   m_axis_tdata,
  output logic [7:0]                    m_axis_tkeep,
  output logic                          m_axis_tvalid,
  input  wire logic                     m_axis_tready,
  output logic                          m_axis_tlast,
  output logic [191:0]                  m_axis_tuser,
  output logic                          m_axis_tabort,
  input  wire logic [7:0]               s_status_tdata,
  input  wire logic [63:0]              s_status_tuser,  // timestamp
  input  wire logic                     s_status_tvalid,
  output logic                          s_status_tready,

  output logic                          idle
);
  localparam int QUEUE_W  = TX_QUEUES > 1 ? $clog2(TX_QUEUES) : 1;
  localparam int CREDIT_W = $clog2(DEPTH) + 1;

  // ---------------------------------------------------------------- ask: a packet, its slices, their pieces of up to 512 bytes
  typedef enum logic [1:0] { PICK, SLICE, PIECE, ASK } state_t;
  state_t state_q;

  logic [QUEUE_W-1:0]  queue_q, pick;
  logic                found, take, frame_room, paces_idle;
  logic [191:0]        header;
  logic [127:0]        slice;
  logic                slice_valid, slice_last;
  logic [63:0]         address_q;
  logic [19:0]         left_q;
  logic                last_q, final_q;
  logic [9:0]          piece_q, room, piece;
  logic [6:0]          beats_q;
  logic [2:0]          tail_q;      // bytes in the frame's last beat so far
  logic [10:0]         reach;
  logic [CREDIT_W-1:0] credit_q;
  logic                ask, beat_out;

  // Behind a packet's last slice the queue shows its next packet: that one is chosen while the last reads are asked for.
  fn_tx_scheduler #(.TX_QUEUES(TX_QUEUES)) u_scheduler (
    .clk(clk), .rst(rst), .valid(s_axis_tvalid), .hold(hold), .level(level), .weight(weight), .rate(rate), .burst(burst),
    .look(state_q == PICK || (state_q != SLICE && last_q)), .found(found), .pick(pick), .take(take),
    .length(header[`FN_TX_HEADER_LENGTH]), .idle(paces_idle)
  );

  assign take = state_q == PICK && found && frame_room;

  always_comb begin
    header      = '0;
    slice       = '0;
    slice_valid = 1'b0;
    slice_last  = 1'b0;
    for (int i = 0; i < TX_QUEUES; i++) begin
      if (pick == QUEUE_W'(i)) header = s_axis_tuser[192*i+:192];
      if (queue_q == QUEUE_W'(i)) begin
        slice       = s_axis_tdata[128*i+:128];
        slice_valid = s_axis_tvalid[i];
        slice_last  = s_axis_tlast[i];
      end
      s_axis_tready[i] = state_q == SLICE && queue_q == QUEUE_W'(i);
    end
  end

  assign room  = 10'd512 - {1'b0, address_q[8:0]};
  assign piece = left_q < {10'd0, room} ? left_q[9:0] : room;
  assign reach = {8'd0, tail_q} + {1'b0, piece} + 11'd7;

  assign read_valid   = state_q == ASK && credit_q >= CREDIT_W'(beats_q);
  assign read_address = address_q;
  assign read_length  = {3'd0, piece_q};
  assign read_last    = final_q;
  assign ask          = read_valid && read_ready;

  always_ff @(posedge clk) begin
    case (state_q)
      PICK: if (take) begin
        queue_q <= pick;
        tail_q  <= '0;
        state_q <= SLICE;
      end
      SLICE: if (slice_valid) begin
        address_q <= slice[63:0];
        left_q    <= slice[`FN_TX_SLICE_LENGTH];
        last_q    <= slice_last;
        state_q   <= PIECE;
      end
      PIECE: begin
        piece_q <= piece;
        final_q <= last_q && left_q == {10'd0, piece};
        // Beats that the frame gains: ceil((tail + piece) / 8), less the one that the tail already has.
        beats_q <= 7'(reach >> 3) - {6'd0, tail_q != '0};
        state_q <= ASK;
      end
      default: if (ask) begin
        address_q <= address_q + {54'd0, piece_q};
        left_q    <= left_q - {10'd0, piece_q};
        tail_q    <= tail_q + piece_q[2:0];
        state_q   <= final_q ? PICK : left_q == {10'd0, piece_q} ? SLICE : PIECE;
      end
    endcase
    credit_q <= credit_q - (ask ? CREDIT_W'(beats_q) : '0) + (beat_out ? CREDIT_W'(1) : '0);
    if (rst) begin
      state_q  <= PICK;
      queue_q  <= '0;
      credit_q <= CREDIT_W'(DEPTH);
    end
  end

  // ---------------------------------------------------------------- payload: realigned, stored, sent
  logic [63:0] packed_data;
  logic [7:0]  packed_keep;
  logic        packed_valid, packed_ready, packed_last, pack_empty, payload_empty, dropped, overflow;
  logic [3:0]  packed_status, payload_status;
  logic        payload_valid, payload_ready;

  fn_byte_pack u_pack (
    .clk(clk), .rst(rst), .s_valid(beat_valid), .s_ready(beat_ready), .s_data(beat_data), .s_offset(beat_offset), .s_count(beat_count),
    .s_last(beat_last), .s_status(beat_status), .m_axis_tdata(packed_data), .m_axis_tkeep(packed_keep), .m_axis_tvalid(packed_valid),
    .m_axis_tready(packed_ready), .m_axis_tlast(packed_last), .m_axis_tuser(packed_status), .empty(pack_empty)
  );

  fn_axis_fifo #(.DATA_W(64), .USER_W(4), .DEPTH(DEPTH), .FRAME_MODE(1'b0)) u_payload (
    .clk(clk), .rst(rst), .s_axis_tdata(packed_data), .s_axis_tkeep(packed_keep), .s_axis_tvalid(packed_valid),
    .s_axis_tready(packed_ready), .s_axis_tlast(packed_last), .s_axis_tuser(packed_status), .s_axis_drop(1'b0),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(payload_valid), .m_axis_tready(payload_ready),
    .m_axis_tlast(m_axis_tlast), .m_axis_tuser(payload_status), .dropped(dropped), .overflow(overflow), .empty(payload_empty)
  );

  logic               frame_valid, owed_ready, owed_valid;
  logic [$clog2(FRAMES):0] frames, owed;
  logic [QUEUE_W-1:0] frame_queue, owed_queue;
  logic [3:0]         owed_status;

  fn_fifo #(.WIDTH(192 + QUEUE_W), .DEPTH(FRAMES)) u_frames (
    .clk(clk), .rst(rst), .s_tdata({pick, header}), .s_tvalid(take), .s_tready(frame_room),
    .m_tdata({frame_queue, m_axis_tuser}), .m_tvalid(frame_valid), .m_tready(beat_out && m_axis_tlast), .level(frames)
  );

  assign m_axis_tvalid = payload_valid && frame_valid && owed_ready;
  assign payload_ready = m_axis_tready && frame_valid && owed_ready;
  assign beat_out      = m_axis_tvalid && m_axis_tready;
  assign m_axis_tabort = payload_status != '0;

  // ---------------------------------------------------------------- statuses: the core owes one for each frame it took, in order
  fn_fifo #(.WIDTH(4 + QUEUE_W), .DEPTH(FRAMES)) u_owed (
    .clk(clk), .rst(rst), .s_tdata({frame_queue, payload_status}), .s_tvalid(beat_out && m_axis_tlast), .s_tready(owed_ready),
    .m_tdata({owed_queue, owed_status}), .m_tvalid(owed_valid), .m_tready(s_status_tvalid), .level(owed)
  );

  assign s_status_tready = owed_valid;
  assign m_status        = owed_status != '0 ? {4'd0, owed_status} : s_status_tdata;
  assign m_timestamp     = s_status_tuser;
  always_comb begin
    m_status_valid = '0;
    for (int i = 0; i < TX_QUEUES; i++) m_status_valid[i] = s_status_tvalid && owed_valid && owed_queue == QUEUE_W'(i);
  end

  assign idle = state_q == PICK && s_axis_tvalid == '0 && paces_idle && pack_empty && payload_empty && frames == '0 && !frame_valid && owed == '0 && !owed_valid;

`ifndef SYNTHESIS
  initial if (TX_QUEUES < 1 || TX_QUEUES > 16 || DEPTH < 128) $fatal(1, "fn_tx_payload: illegal parameter");
  always @(posedge clk) if (!rst && packed_valid) assert (packed_ready) else $error("fn_tx_payload: no room for a beat");
`endif

  logic unused;
  assign unused = &{1'b0, dropped, overflow, slice};

endmodule

`default_nettype wire
