// Synchronous AXI-Stream FIFO in block RAM (registered read), by beat or by whole frame.
//
// Latency: 2 clocks from the last needed beat in to the first beat out, with REGISTER 3. Throughput: 1 beat a clock on both sides at once.
//
// FRAME_MODE = 1: a frame shows on the output only once all of it is stored, and then never has to wait for its source.
//   - s_axis_tuser is sampled once, with tlast, and stands unchanged over all beats of that frame on the output. So a verdict that is
//     known only at a frame's end travels in front of it.
//   - s_axis_drop, sampled with tlast, takes the whole frame back: `dropped` pulses one clock.
//   - A frame that finds no room is dropped whole: `overflow` pulses one clock (with s_axis_drop set, `dropped` does instead). With
//     DROP_WHEN_FULL = 1 the source is never stalled (tready is always 1), so this happens whenever beats or frame slots run out; with
//     DROP_WHEN_FULL = 0 the source is stalled, and only a frame longer than the whole FIFO is dropped.
//     Both pulses come in the clock after the dropped frame's tlast was taken.
// FRAME_MODE = 0: a plain FIFO. tuser is stored with every beat, s_axis_drop must be 0, and a full FIFO stalls its source.
`default_nettype none

module fn_axis_fifo #(
  parameter int DATA_W         = 64,   // bits, a multiple of 8; DATA_W / 8 a power of two
  parameter int USER_W         = 1,    // bits, 1 or more
  parameter int DEPTH          = 512,  // beats, a power of two, 4 or more
  parameter int FRAMES         = 32,   // frames held at once in FRAME_MODE, a power of two, 2 or more
  parameter bit FRAME_MODE     = 1'b1,
  parameter bit DROP_WHEN_FULL = 1'b0, // only with FRAME_MODE
  parameter bit REGISTER       = 1'b0  // flip-flops behind the memory: a block memory's output comes late in its clock
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [USER_W-1:0]   s_axis_tuser,
  input  wire logic                s_axis_drop,

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [USER_W-1:0]        m_axis_tuser,

  output logic                     dropped,   // pulse: a frame was dropped because s_axis_drop asked for it
  output logic                     overflow,  // pulse: a frame was dropped for want of room
  output logic                     empty      // nothing stored, nothing on the output, no frame half written
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int COUNT_W = KEEP_W > 1 ? $clog2(KEEP_W) : 1;  // tkeep is kept as the index of its last byte
  localparam int ADDR_W  = $clog2(DEPTH);
  localparam int SLOT_W  = $clog2(FRAMES);
  localparam int BEAT_W  = DATA_W + COUNT_W + 1 + (FRAME_MODE ? 0 : USER_W);

  // No beat is written where one is read: that is so only where there is none, or no room.
  (* no_rw_check *) logic [BEAT_W-1:0] mem [DEPTH];

  // Pointers carry one bit more than the address, so that full and empty differ.
  logic [ADDR_W:0]   wr_q, commit_q, rd_q;
  logic              dropping_q;     // the rest of the current input frame is thrown away
  logic              read_valid_q, out_valid;
  logic [BEAT_W-1:0] read_q, out;

  logic              full, take, take_back, lost, keep_frame, rd_en, read_ready;
  logic [ADDR_W:0]   wr_next;
  logic [COUNT_W-1:0] s_count;
  logic [BEAT_W-1:0]  s_beat;

  // wr_q == {~rd_q[ADDR_W], rd_q[ADDR_W-1:0]}, in a flip-flop of its own: the whole source waits for it.
  assign take       = s_axis_tvalid && s_axis_tready;
  assign take_back  = FRAME_MODE && take && s_axis_tlast && !keep_frame;

  always_ff @(posedge clk) begin
    if (take_back) full <= full && wr_q == commit_q && !rd_en;
    else           full <= (full || (take && !lost && wr_next == {~rd_q[ADDR_W], rd_q[ADDR_W-1:0]})) && !rd_en;
    if (rst) full <= 1'b0;
  end

  assign wr_next    = wr_q + 1'b1;
  assign keep_frame = take && s_axis_tlast && !lost && !s_axis_drop;

  always_comb begin
    s_count = '0;
    for (int i = 1; i < KEEP_W; i++) begin
      if (s_axis_tkeep[i]) s_count = COUNT_W'(i);
    end
  end

  // ---------------------------------------------------------------- what differs between the modes: tuser, and who waits
  generate
    if (FRAME_MODE) begin : g_frame
      logic [USER_W-1:0] slot_mem [FRAMES];
      logic [SLOT_W:0]   slot_wr_q, slot_rd_q;
      logic [USER_W-1:0] slot_q;
      logic              slots_full, started_q, show;

      assign slots_full    = slot_wr_q == {~slot_rd_q[SLOT_W], slot_rd_q[SLOT_W-1:0]};
      assign s_beat        = {s_axis_tlast, s_count, s_axis_tdata};
      assign s_axis_tready = DROP_WHEN_FULL || dropping_q || !(full || slots_full);
      assign lost          = dropping_q || full || slots_full;
      assign m_axis_tuser  = slot_q;
      assign show          = REGISTER ? read_valid_q && read_ready : rd_en;

      always_ff @(posedge clk) begin
        if (keep_frame) begin
          slot_mem[slot_wr_q[SLOT_W-1:0]] <= s_axis_tuser;
          slot_wr_q <= slot_wr_q + 1'b1;
        end
        // The beat about to be shown opens a frame if the one shown before it closed one.
        if (show && (!started_q || m_axis_tlast)) begin
          slot_q    <= slot_mem[slot_rd_q[SLOT_W-1:0]];
          slot_rd_q <= slot_rd_q + 1'b1;
          started_q <= 1'b1;
        end
        if (rst) begin
          slot_wr_q <= '0;
          slot_rd_q <= '0;
          started_q <= 1'b0;
        end
      end
    end else begin : g_beat
      assign s_beat        = {s_axis_tuser, s_axis_tlast, s_count, s_axis_tdata};
      assign s_axis_tready = !full;
      assign lost          = 1'b0;
      assign m_axis_tuser  = out[BEAT_W-1-:USER_W];
    end
  endgenerate

  // ---------------------------------------------------------------- write side
  always_ff @(posedge clk) begin
    dropped  <= 1'b0;
    overflow <= 1'b0;
    if (take) begin
      if (!lost) mem[wr_q[ADDR_W-1:0]] <= s_beat;
      if (!FRAME_MODE) begin
        wr_q     <= wr_q + 1'b1;
        commit_q <= wr_q + 1'b1;
      end else if (!s_axis_tlast) begin
        if (lost) dropping_q <= 1'b1;
        else      wr_q       <= wr_q + 1'b1;
      end else begin
        dropping_q <= 1'b0;
        if (keep_frame) begin
          wr_q     <= wr_q + 1'b1;
          commit_q <= wr_q + 1'b1;
        end else begin
          wr_q     <= commit_q;
          dropped  <= s_axis_drop;
          overflow <= !s_axis_drop;
        end
      end
    end else if (FRAME_MODE && full && commit_q == rd_q) begin
      // The frame in progress fills the whole memory and nothing can drain: it will never fit.
      dropping_q <= 1'b1;
    end
    if (rst) begin
      wr_q       <= '0;
      commit_q   <= '0;
      dropping_q <= 1'b0;
      dropped    <= 1'b0;
      overflow   <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- read side
  assign rd_en = rd_q != commit_q && (read_ready || !read_valid_q);

  always_ff @(posedge clk) begin
    if (read_ready || !read_valid_q) read_valid_q <= rd_en;
    if (rd_en) begin
      read_q <= mem[rd_q[ADDR_W-1:0]];
      rd_q   <= rd_q + 1'b1;
    end
    if (rst) begin
      rd_q         <= '0;
      read_valid_q <= 1'b0;
    end
  end

  generate
    if (REGISTER) begin : g_register
      logic              out_valid_q;
      logic [BEAT_W-1:0] out_q;

      assign read_ready = m_axis_tready || !out_valid_q;
      assign out_valid  = out_valid_q;
      assign out        = out_q;

      always_ff @(posedge clk) begin
        if (read_ready) begin
          out_valid_q <= read_valid_q;
          out_q       <= read_q;
        end
        if (rst) out_valid_q <= 1'b0;
      end
    end else begin : g_direct
      assign read_ready = m_axis_tready;
      assign out_valid  = read_valid_q;
      assign out        = read_q;
    end
  endgenerate

  assign m_axis_tvalid = out_valid;
  assign m_axis_tdata  = out[DATA_W-1:0];
  assign m_axis_tlast  = out[DATA_W+COUNT_W];
  generate
    for (genvar i = 0; i < KEEP_W; i++) begin : g_keep
      if (i == 0) begin : g_always
        assign m_axis_tkeep[i] = 1'b1;
      end else begin : g_some
        assign m_axis_tkeep[i] = !m_axis_tlast || out[DATA_W+:COUNT_W] >= COUNT_W'(i);
      end
    end
  endgenerate

  assign empty = wr_q == rd_q && !read_valid_q && !out_valid && !dropping_q;

`ifndef SYNTHESIS
  initial begin
    if (DATA_W % 8 != 0 || (KEEP_W & (KEEP_W - 1)) != 0 || USER_W < 1) $fatal(1, "fn_axis_fifo: illegal width");
    if (DEPTH < 4 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "fn_axis_fifo: DEPTH must be a power of two, 4 or more");
    if (FRAMES < 2 || (FRAMES & (FRAMES - 1)) != 0) $fatal(1, "fn_axis_fifo: FRAMES must be a power of two, 2 or more");
    if (DROP_WHEN_FULL && !FRAME_MODE) $fatal(1, "fn_axis_fifo: DROP_WHEN_FULL needs FRAME_MODE");
  end
`endif

endmodule

`default_nettype wire
