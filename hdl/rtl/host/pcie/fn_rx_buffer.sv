// Received frames wait here for host memory, each receive queue's in a part of the memory of its own: a queue whose host gives it no buffers
// fills only its own part, and stops no other.
//
// Frames are of the queue that their completion names (modulo the queues that exist). A frame that finds no room in its part is dropped
// whole. With one queue there is nobody to protect: then the source is stalled instead, and only a frame longer than the memory is dropped.
// One memory for all, since one frame is written at a time and one read; a frame's metadata lies beside it, in a memory that is read first.
//
// Latency: the frame's; 2 clocks from `read` to its first beat. Throughput: 1 beat a clock in and out; a frame is asked for when the one
// before has been read.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_buffer #(
  parameter int RX_QUEUES = 1,                                  // 1, 2, 4, 8 or 16
  parameter int DEPTH     = 512,                                // beats a queue holds, a power of two, 32 or more
  parameter int QUEUE_W   = RX_QUEUES > 1 ? $clog2(RX_QUEUES) : 1
) (
  input  wire logic                 clk,
  input  wire logic                 rst,

  input  wire logic [63:0]          s_axis_tdata,
  input  wire logic                 s_axis_tvalid,
  output logic                      s_axis_tready,
  input  wire logic                 s_axis_tlast,
  input  wire logic [255:0]         s_axis_tuser,    // RxCompletion, stable over a frame
  output logic [RX_QUEUES-1:0]      dropped,         // pulse

  output logic [RX_QUEUES-1:0]      waiting,         // a whole frame that was not taken yet
  input  wire logic [QUEUE_W-1:0]   take_queue,
  input  wire logic                 take,            // its oldest: its metadata stands from the next clock on, until the next take
  output logic [255:0]              metadata,

  // Then its bytes, in the order in which the frames were taken: read out, or thrown away.
  input  wire logic                 read,
  output logic                      read_ready,
  input  wire logic [QUEUE_W-1:0]   read_queue,
  input  wire logic [12:0]          read_beats,
  input  wire logic                 read_skip,
  output logic [63:0]               m_axis_tdata,
  output logic                      m_axis_tvalid,
  input  wire logic                 m_axis_tready,
  output logic                      m_axis_tlast,

  output logic                      idle             // nothing moves: what is here waits to be taken
);

  localparam int ADDR_W = $clog2(DEPTH);
  localparam int SLOTS  = DEPTH / 8;                             // a frame has 60 bytes or more
  localparam int SLOT_W = $clog2(SLOTS);
  localparam int PTR_W  = ADDR_W + 1;                            // one bit more than the address, so that full and empty differ
  localparam int POS_W  = SLOT_W + 1;
  localparam int MEM_W  = ADDR_W + $clog2(RX_QUEUES);
  localparam int META_W = SLOT_W + $clog2(RX_QUEUES);
  localparam bit STALL  = RX_QUEUES == 1;

  logic [63:0]  mem   [RX_QUEUES * DEPTH];
  logic [255:0] slots [RX_QUEUES * SLOTS];

  logic [PTR_W*RX_QUEUES-1:0] commit_q, free_q;                  // each queue's end of whole frames, and begin of what is not read
  logic [POS_W*RX_QUEUES-1:0] slot_wr_q, slot_rd_q;

  // ---------------------------------------------------------------- in
  logic               in_valid_q, in_last_q, in_ready, inside_q, dropping_q, full, slots_full, stored, ends, good;
  logic [63:0]        in_data_q;
  logic [255:0]       in_user_q;
  logic [QUEUE_W-1:0] in_queue;
  logic [PTR_W-1:0]   write_q, write, commit, limit;
  logic [POS_W-1:0]   slot_wr, slot_limit;

  assign s_axis_tready = in_ready || !in_valid_q;

  always_ff @(posedge clk) begin
    if (s_axis_tready) begin
      in_valid_q <= s_axis_tvalid;
      in_data_q  <= s_axis_tdata;
      in_last_q  <= s_axis_tlast;
      in_user_q  <= s_axis_tuser;
    end
    if (rst) in_valid_q <= 1'b0;
  end

  always_comb begin
    in_queue = '0;
    if (RX_QUEUES > 1) in_queue = in_user_q[`FN_RX_COMPLETION_QUEUE_LSB+:QUEUE_W];
    commit     = commit_q[32'(in_queue)*PTR_W+:PTR_W];
    limit      = free_q[32'(in_queue)*PTR_W+:PTR_W];
    slot_wr    = slot_wr_q[32'(in_queue)*POS_W+:POS_W];
    slot_limit = slot_rd_q[32'(in_queue)*POS_W+:POS_W];
    write      = inside_q ? write_q : commit;
    full       = write == {~limit[ADDR_W], limit[ADDR_W-1:0]};
    slots_full = slot_wr == {~slot_limit[SLOT_W], slot_limit[SLOT_W-1:0]};
  end

  assign in_ready = !STALL || dropping_q || !(full || slots_full);
  assign stored   = in_valid_q && in_ready && !dropping_q && !full && !slots_full;
  assign ends     = in_valid_q && in_ready && in_last_q;
  assign good     = ends && stored;

  always_ff @(posedge clk) begin
    dropped <= '0;
    if (in_valid_q && in_ready) begin
      inside_q   <= !in_last_q;
      write_q    <= write + 1'b1;
      dropping_q <= !in_last_q && !stored;
    end else if (in_valid_q && full && commit == limit) begin
      dropping_q <= 1'b1;  // the frame in progress fills the whole memory: it will never fit
    end
    if (stored) mem[MEM_W'({in_queue, write[ADDR_W-1:0]})] <= in_data_q;
    if (ends && !good) dropped[in_queue] <= 1'b1;
    if (good) begin
      slots[META_W'({in_queue, slot_wr[SLOT_W-1:0]})] <= in_user_q;
      commit_q[32'(in_queue)*PTR_W+:PTR_W]     <= write + 1'b1;
      slot_wr_q[32'(in_queue)*POS_W+:POS_W]    <= slot_wr + 1'b1;
    end
    if (rst) begin
      inside_q   <= 1'b0;
      dropping_q <= 1'b0;
      dropped    <= '0;
      commit_q   <= '0;
      slot_wr_q  <= '0;
    end
  end

  // ---------------------------------------------------------------- metadata
  logic [POS_W-1:0] slot_rd;
  assign slot_rd = slot_rd_q[32'(take_queue)*POS_W+:POS_W];
  always_comb for (int i = 0; i < RX_QUEUES; i++) waiting[i] = slot_wr_q[POS_W*i+:POS_W] != slot_rd_q[POS_W*i+:POS_W];

  always_ff @(posedge clk) begin
    if (take) begin
      metadata <= slots[META_W'({take_queue, slot_rd[SLOT_W-1:0]})];
      slot_rd_q[32'(take_queue)*POS_W+:POS_W] <= slot_rd + 1'b1;
    end
    if (rst) slot_rd_q <= '0;
  end

  // ---------------------------------------------------------------- out
  logic               active_q, step, finish, start, last_q;
  logic [QUEUE_W-1:0] out_queue_q;
  logic [PTR_W-1:0]   out_q, begin_at, after;
  logic [12:0]        left_q;

  assign step       = active_q && (m_axis_tready || !m_axis_tvalid);
  assign finish     = step && left_q == 13'd1;
  assign after      = out_q + 1'b1;
  assign read_ready = !active_q;
  assign start      = read && read_ready && !read_skip;
  assign begin_at   = free_q[32'(read_queue)*PTR_W+:PTR_W];
  assign m_axis_tlast = last_q;

  always_ff @(posedge clk) begin
    if (m_axis_tready || !m_axis_tvalid) m_axis_tvalid <= step;
    if (step) begin
      m_axis_tdata <= mem[MEM_W'({out_queue_q, out_q[ADDR_W-1:0]})];
      last_q       <= finish;
      out_q        <= after;
      left_q       <= left_q - 13'd1;
    end
    if (finish) begin
      active_q <= 1'b0;
      free_q[32'(out_queue_q)*PTR_W+:PTR_W] <= after;
    end
    if (start) begin
      active_q    <= 1'b1;
      out_queue_q <= read_queue;
      out_q       <= begin_at;
      left_q      <= read_beats;
    end
    if (read && read_ready && read_skip) free_q[32'(read_queue)*PTR_W+:PTR_W] <= begin_at + PTR_W'(read_beats);
    if (rst) begin
      active_q      <= 1'b0;
      m_axis_tvalid <= 1'b0;
      free_q        <= '0;
    end
  end

  assign idle = !in_valid_q && !inside_q && !active_q && !m_axis_tvalid;

`ifndef SYNTHESIS
  initial if (DEPTH < 32 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "fn_rx_buffer: DEPTH must be a power of two, 32 or more");
`endif

endmodule

`default_nettype wire
