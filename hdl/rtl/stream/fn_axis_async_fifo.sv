// AXI-Stream FIFO between two clocks, in block RAM (registered read), by beat or by whole frame. Only Gray-coded counters that step by
// one cross, each through two flip-flops, so the clocks may have any ratio and phase, and may be one and the same.
//
// Latency: 1 s_clk and 3 to 4 m_clk from the last needed beat in to the first beat out, two more in FRAME_MODE. Throughput: 1 beat a clock on
// each side; in FRAME_MODE the output pauses for a clock between frames.
// A full FIFO stalls its source, or tells it in time: s_room was true a clock ago if ROOM beats had room. tuser is carried beat by beat.
//
// FRAME_MODE = 1: a frame shows on the output only once all of it is stored, so the output never pauses inside a frame that its sink
// takes at full rate, however slow s_clk is. What crosses forward is then the count of frames and not the write pointer, which
// would jump. A frame longer than the whole FIFO is dropped whole: `overflow` pulses in s_clk when its tlast has been taken.
//
// Both resets must be asserted together, for at least 4 clocks of the slower domain.
`default_nettype none

module fn_axis_async_fifo #(
  parameter int DATA_W     = 64,  // bits, a multiple of 8
  parameter int USER_W     = 1,   // bits, 1 or more
  parameter int DEPTH      = 32,  // beats, a power of two, 4 or more
  parameter bit FRAME_MODE = 1'b0,
  parameter int ROOM       = 4    // beats, at most DEPTH
) (
  input  wire logic                s_clk,
  input  wire logic                s_rst,
  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [USER_W-1:0]   s_axis_tuser,
  output logic                     overflow,
  output logic                     s_room,  // a clock late

  input  wire logic                m_clk,
  input  wire logic                m_rst,
  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [USER_W-1:0]        m_axis_tuser,
  output logic                     m_empty  // as far as m_clk can see: nothing to read and nothing on the output
);

  localparam int ADDR_W = $clog2(DEPTH);
  localparam int BEAT_W = DATA_W + DATA_W / 8 + 1 + USER_W;

  function automatic logic [ADDR_W:0] to_gray(input logic [ADDR_W:0] binary);
    to_gray = binary ^ (binary >> 1);
  endfunction

  function automatic logic [ADDR_W:0] to_binary(input logic [ADDR_W:0] gray);
    to_binary = gray;
    for (int i = ADDR_W - 1; i >= 0; i--) to_binary[i] = to_binary[i+1] ^ gray[i];
  endfunction

  logic [BEAT_W-1:0] mem [DEPTH];

  // ---------------------------------------------------------------- write side
  // A unit is what becomes visible at once: a frame or a beat. Counters carry one bit more than an address needs.
  logic [ADDR_W:0] wr_q, commit_q, units_q, units_d, units_gray_q;
  logic [ADDR_W:0] rd_gray_q, rd_gray_s;
  logic [ADDR_W:0] turn_ahead, wr_next;
  logic            dropping_q, full, frame_fills, take;

  fn_sync #(.WIDTH(ADDR_W + 1)) i_rd_sync (.clk(s_clk), .d(rd_gray_q), .q(rd_gray_s));

  // In Gray code "a whole turn ahead" differs in exactly the two highest bits.
  assign turn_ahead = {~rd_gray_s[ADDR_W:ADDR_W-1], rd_gray_s[ADDR_W-2:0]};
  assign wr_next    = wr_q + 1'b1;

  generate
    if (FRAME_MODE) begin : g_full
      // The whole source waits for it, and a large memory: a flip-flop says so. It learns a clock later that the reader went on.
      always_ff @(posedge s_clk) begin
        full <= to_gray(wr_q) == turn_ahead || (take && to_gray(wr_next) == turn_ahead);
        if (s_rst) full <= 1'b0;
      end
    end else begin : g_full_now
      assign full = to_gray(wr_q) == turn_ahead;
    end
  endgenerate

  assign frame_fills   = wr_q == {~commit_q[ADDR_W], commit_q[ADDR_W-1:0]};
  assign s_axis_tready = dropping_q || !full;
  assign take          = s_axis_tvalid && s_axis_tready;
  assign units_d       = units_q + 1'b1;

  logic [ADDR_W:0] used;
  assign used = wr_q - to_binary(rd_gray_s);

  always_ff @(posedge s_clk) begin
    s_room   <= used <= (ADDR_W+1)'(DEPTH - ROOM);
    overflow <= 1'b0;
    if (take && !dropping_q) begin
      mem[wr_q[ADDR_W-1:0]] <= {s_axis_tuser, s_axis_tlast, s_axis_tkeep, s_axis_tdata};
      wr_q <= wr_next;
      if (s_axis_tlast || !FRAME_MODE) begin
        commit_q     <= wr_next;
        units_q      <= units_d;
        units_gray_q <= to_gray(units_d);
      end
    end else if (take && s_axis_tlast) begin
      dropping_q <= 1'b0;
      overflow   <= 1'b1;
    end else if (FRAME_MODE && frame_fills) begin
      wr_q       <= commit_q;
      dropping_q <= 1'b1;
    end
    if (s_rst) begin
      wr_q         <= '0;
      commit_q     <= '0;
      units_q      <= '0;
      units_gray_q <= '0;
      dropping_q   <= 1'b0;
      overflow     <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- read side
  logic [ADDR_W:0]   rd_q, rd_at, started_q, started_gray_q, units_gray_s;
  logic [BEAT_W-1:0] mem_q, out;
  logic              available, begin_unit, rd_en;

  fn_sync #(.WIDTH(ADDR_W + 1)) i_units_sync (.clk(m_clk), .d(units_gray_q), .q(units_gray_s));

  assign available = started_gray_q != units_gray_s;

  always_ff @(posedge m_clk) begin
    if (rd_en) begin
      mem_q <= mem[rd_at[ADDR_W-1:0]];
      rd_q  <= rd_at + 1'b1;
    end
    if (begin_unit) begin
      started_q      <= started_q + 1'b1;
      started_gray_q <= to_gray(started_q + 1'b1);
    end
    if (m_rst) begin
      rd_q           <= '0;
      started_q      <= '0;
      started_gray_q <= '0;
    end
  end

  generate
    if (FRAME_MODE) begin : g_frame
      // The memory's output is late in its clock, so nothing but flip-flops stands behind it, and whether its beat is a frame's last shows only in `out`: until then
      // the beats behind it are read too. Behind a last beat they are forgotten, and read again when their frame is begun.
      logic              available_q, running_q, out_valid_q, out_ready, moves, ends;
      logic [BEAT_W-1:0] out_q;
      logic [ADDR_W:0]   freed_q;

      assign out_ready  = m_axis_tready || !out_valid_q;
      assign ends       = running_q && out_valid_q && m_axis_tlast;
      assign moves      = running_q && out_ready && !ends;
      assign begin_unit = available_q && (!running_q || ends) && out_ready;
      assign rd_en      = begin_unit || (running_q && out_ready);
      assign rd_at      = running_q && !ends ? rd_q : freed_q;

      always_ff @(posedge m_clk) begin
        available_q <= available && !begin_unit;  // of a frame just begun it is known a clock later
        if (out_ready) out_valid_q <= moves;
        if (begin_unit || ends) running_q <= begin_unit;
        if (moves) begin
          out_q     <= mem_q;
          freed_q   <= freed_q + 1'b1;
          rd_gray_q <= to_gray(freed_q + 1'b1);
        end
        if (m_rst) begin
          out_valid_q <= 1'b0;
          available_q <= 1'b0;
          running_q   <= 1'b0;
          freed_q     <= '0;
          rd_gray_q   <= '0;
        end
      end

      assign m_axis_tvalid = out_valid_q;
      assign out           = out_q;
      assign m_empty       = !available && !running_q && !out_valid_q;
    end else begin : g_beat
      logic mem_valid_q, mem_ready;

      assign mem_ready  = m_axis_tready || !mem_valid_q;
      assign begin_unit = available && mem_ready;
      assign rd_en      = begin_unit;
      assign rd_at      = rd_q;

      always_ff @(posedge m_clk) begin
        if (mem_ready) mem_valid_q <= rd_en;
        if (rd_en) rd_gray_q <= to_gray(rd_q + 1'b1);
        if (m_rst) begin
          mem_valid_q <= 1'b0;
          rd_gray_q   <= '0;
        end
      end

      assign m_axis_tvalid = mem_valid_q;
      assign out           = mem_q;
      assign m_empty       = !available && !mem_valid_q;
    end
  endgenerate

  assign {m_axis_tuser, m_axis_tlast, m_axis_tkeep, m_axis_tdata} = out;

`ifndef SYNTHESIS
  initial if (DATA_W % 8 != 0 || USER_W < 1 || DEPTH < 4 || (DEPTH & (DEPTH - 1)) != 0 || ROOM < 1 || ROOM > DEPTH) $fatal(1, "fn_axis_async_fifo: illegal parameter");
`endif

endmodule

`default_nettype wire
