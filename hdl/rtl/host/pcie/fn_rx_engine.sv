// Writes received frames to the buffers of the receive queues: the frame's bytes, then its completion entry.
//
// A frame is begun only when its queue has a buffer and room for the entry; queues that do take turns. One that is longer than its buffer is
// dropped whole; its entry says BufferTooSmall and the buffer is used up. While a frame is written the next one is chosen, and while its entry
// is written the next one's buffer and metadata are looked up and its write is asked for.
//
// Latency: 5 clocks from a frame in the buffer to the write request. Throughput: 1 beat a clock; no clock is lost between a frame, its entry
// and the next frame.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_engine #(
  parameter int RX_QUEUES = 1,                                   // 1 to 16
  parameter int TAG_W     = 2,
  parameter int FIRST_TAG = 1,                                   // of queue 0's entries; frames have tag 0
  parameter int QUEUE_W   = RX_QUEUES > 1 ? $clog2(RX_QUEUES) : 1
) (
  input  wire logic                     clk,
  input  wire logic                     rst,

  // fn_rx_buffer
  input  wire logic [RX_QUEUES-1:0]     waiting,
  output logic [QUEUE_W-1:0]            frame_queue,
  output logic                          take,
  input  wire logic [255:0]             metadata,
  output logic                          read,
  input  wire logic                     read_ready,
  output logic [12:0]                   read_beats,
  output logic                          read_skip,
  input  wire logic [63:0]              s_axis_tdata,
  input  wire logic                     s_axis_tvalid,
  output logic                          s_axis_tready,
  input  wire logic                     s_axis_tlast,

  // fn_rx_queue
  input  wire logic [RX_QUEUES-1:0]     queue_ready,      // there are a buffer and room for an entry
  input  wire logic [64*RX_QUEUES-1:0]  buffer_address,
  input  wire logic [16*RX_QUEUES-1:0]  buffer_length,
  input  wire logic [16*RX_QUEUES-1:0]  buffer_position,
  input  wire logic [64*RX_QUEUES-1:0]  entry_address,
  input  wire logic [RX_QUEUES-1:0]     entry_phase,
  output logic [RX_QUEUES-1:0]          begin_frame,      // pulse: both are taken

  output logic                          w_valid,
  input  wire logic                     w_ready,
  output logic [63:0]                   w_address,
  output logic [15:0]                   w_length,
  output logic [TAG_W-1:0]              w_tag,
  output logic [63:0]                   w_axis_tdata,
  output logic                          w_axis_tvalid,
  input  wire logic                     w_axis_tready,
  output logic                          w_axis_tlast,

  output logic                          idle
);

  // ---------------------------------------------------------------- the next frame
  //   PICK  choose its queue          BEGIN  look up the queue's buffer and entry, and the metadata
  //   FIT   is the buffer large enough?       ASK  for the frame's write and its bytes, then the entry's write
  typedef enum logic [1:0] { PICK, BEGIN, FIT, ASK } state_t;
  state_t state_q;

  logic [RX_QUEUES-1:0] able;
  logic [QUEUE_W-1:0]   pick;
  logic                 found, begins, fits_q, phase, phase_q;
  logic [63:0]          address, address_q, entry, entry_address_q;
  logic [15:0]          length, length_q, position, position_q, bytes;
  logic                 frame_asked_q, bytes_asked_q, entry_asked_q, entry_loaded_q, load, done;

  assign able  = waiting & queue_ready;
  assign bytes = metadata[`FN_RX_COMPLETION_LENGTH];

  always_comb begin
    found = able != '0;
    pick  = '0;
    for (int i = RX_QUEUES - 1; i >= 0; i--) if (able[i]) pick = QUEUE_W'(i);
    // The first behind the queue that had its turn goes before.
    for (int i = RX_QUEUES - 1; i >= 0; i--) if (able[i] && QUEUE_W'(i) > frame_queue) pick = QUEUE_W'(i);
    address  = '0;
    length   = '0;
    position = '0;
    entry    = '0;
    phase    = 1'b0;
    begins   = 1'b0;
    for (int i = 0; i < RX_QUEUES; i++) begin
      if (frame_queue == QUEUE_W'(i)) begin
        address  = buffer_address[64*i+:64];
        length   = buffer_length[16*i+:16];
        position = buffer_position[16*i+:16];
        entry    = entry_address[64*i+:64];
        phase    = entry_phase[i];
        begins   = state_q == BEGIN && queue_ready[i];  // it may have been disabled since
      end
      begin_frame[i] = state_q == BEGIN && frame_queue == QUEUE_W'(i) && queue_ready[i];
    end
  end
  assign take = begins;

  assign w_valid    = state_q == ASK && !entry_asked_q;
  assign w_address  = frame_asked_q ? entry_address_q : address_q;
  assign w_length   = frame_asked_q ? 16'd32 : bytes;
  assign w_tag      = frame_asked_q ? TAG_W'(FIRST_TAG) + TAG_W'(frame_queue) : '0;
  assign read       = state_q == ASK && !bytes_asked_q;
  assign read_beats = 13'((17'(bytes) + 17'd7) >> 3);
  assign read_skip  = !fits_q;
  assign done       = bytes_asked_q && entry_asked_q && (entry_loaded_q || load);

  always_ff @(posedge clk) begin
    case (state_q)
      PICK: if (found) begin
        frame_queue <= pick;
        state_q     <= BEGIN;
      end
      BEGIN: begin
        address_q       <= address;
        length_q        <= length;
        position_q      <= position;
        entry_address_q <= entry;
        phase_q         <= phase;
        state_q         <= begins ? FIT : PICK;
      end
      FIT: begin
        fits_q         <= bytes <= length_q;
        frame_asked_q  <= bytes > length_q;
        bytes_asked_q  <= 1'b0;
        entry_asked_q  <= 1'b0;
        state_q        <= ASK;
      end
      default: begin
        if (w_valid && w_ready) begin
          frame_asked_q <= 1'b1;
          entry_asked_q <= frame_asked_q;
        end
        if (read && read_ready) bytes_asked_q <= 1'b1;
        if (done) state_q <= PICK;
      end
    endcase
    if (rst) begin
      state_q     <= PICK;
      frame_queue <= '0;
    end
  end

  // ---------------------------------------------------------------- what is written: a frame's beats, then its entry's four, and so on
  logic         entry_valid_q;
  logic [1:0]   entry_left_q;
  logic [255:0] entry_q, completion;

  always_comb begin
    completion = metadata;
    completion[`FN_RX_COMPLETION_RING_POSITION] = position_q;
    completion[`FN_RX_COMPLETION_STATUS]        = fits_q ? `FN_STATUS_OK : `FN_STATUS_BUFFER_TOO_SMALL;
    completion[`FN_RX_COMPLETION_PHASE]         = phase_q;
  end

  assign load          = fits_q ? s_axis_tvalid && s_axis_tready && s_axis_tlast : state_q == ASK && !entry_loaded_q && !entry_valid_q;
  assign w_axis_tdata  = entry_valid_q ? entry_q[63:0] : s_axis_tdata;
  assign w_axis_tvalid = entry_valid_q || s_axis_tvalid;
  assign w_axis_tlast  = entry_valid_q ? entry_left_q == '0 : s_axis_tlast;
  assign s_axis_tready = !entry_valid_q && w_axis_tready;

  always_ff @(posedge clk) begin
    if (entry_valid_q && w_axis_tready) begin
      entry_q       <= {64'd0, entry_q[255:64]};
      entry_left_q  <= entry_left_q - 2'd1;
      entry_valid_q <= entry_left_q != '0;
    end
    if (state_q == FIT) entry_loaded_q <= 1'b0;
    if (load) begin
      entry_q        <= completion;
      entry_left_q   <= 2'd3;
      entry_valid_q  <= 1'b1;
      entry_loaded_q <= 1'b1;
    end
    if (rst) entry_valid_q <= 1'b0;
  end

  assign idle = state_q == PICK && !found && !entry_valid_q;

`ifndef SYNTHESIS
  initial if (RX_QUEUES < 1 || RX_QUEUES > 16) $fatal(1, "fn_rx_engine: RX_QUEUES must be 1 to 16");
`endif

endmodule

`default_nettype wire
