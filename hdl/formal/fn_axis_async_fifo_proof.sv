// Two clocks that tick as they like: in a step either ticks, or both, or none. What crosses is seen as metastability would let it: each bit that changed
// in the step before a tick is seen as it was or as it is.
//
// prove beat  | FRAME_MODE=0 | induction 1 abc clocks | stream protocol; no beat lost, repeated or reordered, never more than DEPTH + 1 inside; whoever heeds s_room finds room; one bit crosses at a time
// mutant fn_axis_async_fifo.sv | s/assign turn_ahead = \{~rd_gray_s\[ADDR_W:ADDR_W-1\], /assign turn_ahead = {~rd_gray_s[ADDR_W], rd_gray_s[ADDR_W-1], /
// prove frame | FRAME_MODE=1 | induction 1 abc clocks | frames come out whole, in order, once, unpaused; only what is longer than the FIFO is dropped, whole; one bit crosses at a time
// mutant fn_axis_async_fifo.sv | s/if \(s_axis_tlast \|\| !FRAME_MODE\) begin/if (1'b1) begin/
`default_nettype none

module fn_axis_async_fifo_proof #(
  parameter int DATA_W     = 8,
  parameter int DEPTH      = 4,
  parameter int ROOM       = 2,
  parameter bit FRAME_MODE = 1'b0
) (
  input wire logic              step,    // the steps themselves
  input wire logic              s_clk,
  input wire logic              m_clk,
  input wire logic              s_holds,  // its reset
  input wire logic              m_holds,
  input wire logic              mark,
  input wire logic [DATA_W-1:0] s_tdata,
  input wire logic              s_tvalid,
  input wire logic              s_tlast,
  input wire logic              s_tuser,
  input wire logic              m_tready
);

  localparam int ADDR_W = $clog2(DEPTH);

  always_comb assume (step);

  // Both resets together for four clocks of the slower domain, in each of which both tick; then each ends when it likes.
  logic [2:0] rounds_q = '0;
  logic       s_ticked_q = 1'b0, m_ticked_q = 1'b0, s_rst_q = 1'b1, m_rst_q = 1'b1;
  always_ff @(posedge step) if (!rounds_q[2]) begin
    s_ticked_q <= s_ticked_q || s_clk;
    m_ticked_q <= m_ticked_q || m_clk;
    if ((s_ticked_q || s_clk) && (m_ticked_q || m_clk)) begin
      rounds_q   <= rounds_q + 1'b1;
      s_ticked_q <= 1'b0;
      m_ticked_q <= 1'b0;
    end
  end
  always_ff @(posedge s_clk) if (rounds_q[2] && !s_holds) s_rst_q <= 1'b0;
  always_ff @(posedge m_clk) if (rounds_q[2] && !m_holds) m_rst_q <= 1'b0;

  logic              s_tready, s_room, overflow, m_tvalid, m_tlast, m_tuser, m_empty, in, out;
  logic [DATA_W-1:0] m_tdata;

  fn_axis_async_fifo #(.DATA_W(DATA_W), .USER_W(1), .DEPTH(DEPTH), .FRAME_MODE(FRAME_MODE), .ROOM(ROOM)) dut (
    .s_clk(s_clk), .s_rst(s_rst_q), .s_axis_tdata(s_tdata), .s_axis_tkeep('1), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast),
    .s_axis_tuser(s_tuser), .overflow(overflow), .s_room(s_room),
    .m_clk(m_clk), .m_rst(m_rst_q), .m_axis_tdata(m_tdata), .m_axis_tkeep(), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast),
    .m_axis_tuser(m_tuser), .m_empty(m_empty)
  );
  assign in  = s_clk && !s_rst_q && s_tvalid && s_tready;
  assign out = m_clk && !m_rst_q && m_tvalid && m_tready;

  fn_axis_properties #(.DATA_W(DATA_W), .ASSUME(1'b1)) i_source (
    .clk(s_clk), .rst(s_rst_q), .tdata(s_tdata), .tkeep('1), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser(s_tuser));
  fn_axis_properties #(.DATA_W(DATA_W)) i_sink (
    .clk(m_clk), .rst(m_rst_q), .tdata(m_tdata), .tkeep('1), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast), .tuser(m_tuser));

  (* hierconn *) wire [ADDR_W:0] \dut.wr_q , \dut.commit_q , \dut.rd_q , \dut.units_q , \dut.started_q , \dut.units_gray_q , \dut.rd_gray_q , \dut.started_gray_q ;
  (* hierconn *) wire [ADDR_W:0] \dut.i_rd_sync.was_q , \dut.i_rd_sync.meta_q , \dut.i_rd_sync.stable_q ;
  (* hierconn *) wire [ADDR_W:0] \dut.i_units_sync.was_q , \dut.i_units_sync.meta_q , \dut.i_units_sync.stable_q ;
  (* hierconn *) wire \dut.dropping_q , \dut.full , \dut.g_frame.running_q , \dut.g_frame.available_q ;
  (* hierconn *) wire [ADDR_W:0] \dut.g_frame.freed_q ;
  (* hierconn *) wire [DATA_W+2:0] \dut.mem_q ;
  (* hierconn *) wire [DATA_W+2:0] \dut.mem[0] , \dut.mem[1] , \dut.mem[2] , \dut.mem[3] ;

  function automatic logic [ADDR_W:0] to_gray(input logic [ADDR_W:0] binary);
    to_gray = binary ^ (binary >> 1);
  endfunction
  function automatic logic [ADDR_W:0] to_binary(input logic [ADDR_W:0] gray);
    to_binary = gray;
    for (int i = ADDR_W - 1; i >= 0; i--) to_binary[i] = to_binary[i+1] ^ gray[i];
  endfunction

  // What the memory holds: beats as {data, tuser} and {tlast}.
  logic [DEPTH*(DATA_W+1)-1:0] beats;
  logic [DEPTH-1:0]            ends;
  assign beats = {\dut.mem[3] [DATA_W-1:0], \dut.mem[3] [DATA_W+2], \dut.mem[2] [DATA_W-1:0], \dut.mem[2] [DATA_W+2],
                  \dut.mem[1] [DATA_W-1:0], \dut.mem[1] [DATA_W+2], \dut.mem[0] [DATA_W-1:0], \dut.mem[0] [DATA_W+2]};
  assign ends  = {\dut.mem[3] [DATA_W+1], \dut.mem[2] [DATA_W+1], \dut.mem[1] [DATA_W+1], \dut.mem[0] [DATA_W+1]};

  // Where the marked beat was put.
  logic [ADDR_W:0] at_q, place;
  logic            marks;
  always_ff @(posedge s_clk) begin
    if (in && marks) at_q <= place;
  end

  // One bit at a time crosses.
  logic [ADDR_W:0] forward, back;
  assign forward = \dut.units_gray_q ^ \dut.i_units_sync.was_q ;
  assign back    = \dut.rd_gray_q ^ \dut.i_rd_sync.was_q ;

  // How far what the other side has seen is behind: each station of a synchroniser at most as far as the one before it.
  logic [ADDR_W:0] read, read1, read2, read3, units, units1, units2, units3, stored;
  assign read   = FRAME_MODE ? \dut.g_frame.freed_q : \dut.rd_q ;
  assign read1  = to_binary(\dut.i_rd_sync.was_q );
  assign read2  = to_binary(\dut.i_rd_sync.meta_q );
  assign read3  = to_binary(\dut.i_rd_sync.stable_q );
  assign units  = \dut.units_q ;
  assign units1 = to_binary(\dut.i_units_sync.was_q );
  assign units2 = to_binary(\dut.i_units_sync.meta_q );
  assign units3 = to_binary(\dut.i_units_sync.stable_q );
  assign stored = \dut.wr_q - read;

  always_comb if (rounds_q[2]) begin
    assert ((forward & (forward - 1'b1)) == '0);
    assert ((back & (back - 1'b1)) == '0);

    // Lemmas.
    assert (rounds_q == 3'd4);
    if (s_rst_q) assert (read == '0 && \dut.started_q == '0 && !m_tvalid && {read1, read2, read3} == '0);
    assert (to_gray(read) == \dut.rd_gray_q && to_gray(units) == \dut.units_gray_q && to_gray(\dut.started_q ) == \dut.started_gray_q );
    assert (stored <= (ADDR_W+1)'(DEPTH));
    assert (read - read1 <= (ADDR_W+1)'(DEPTH) && read - read2 <= (ADDR_W+1)'(DEPTH) && read - read3 <= (ADDR_W+1)'(DEPTH));
    assert (read - read1 <= read - read2 && read - read2 <= read - read3 && read - read3 <= (ADDR_W+1)'(DEPTH) - stored);
    if (FRAME_MODE && \dut.g_frame.available_q ) assert (units3 != \dut.started_q );
    assert (units - units1 <= units - units2 && units - units2 <= units - units3 && units - units3 <= units - \dut.started_q );
  end

  // Lemmas: how far the resets have come.
  always_comb begin
    if (s_rst_q && (rounds_q != '0 || s_ticked_q))
      assert ({\dut.wr_q , \dut.commit_q , \dut.units_q , \dut.units_gray_q , \dut.dropping_q , overflow} == '0);
    if (m_rst_q && (rounds_q != '0 || m_ticked_q))
      assert ({read, \dut.started_q , \dut.rd_gray_q , \dut.started_gray_q , m_tvalid} == '0);
    if (!rounds_q[2]) begin
      assert (s_rst_q && m_rst_q && !(s_ticked_q && m_ticked_q));
      if (rounds_q >= 3'd2 || (rounds_q == 3'd1 && (s_ticked_q || m_ticked_q))) assert ({\dut.i_rd_sync.was_q , \dut.i_units_sync.was_q } == '0);
      if (rounds_q >= 3'd3 || (rounds_q == 3'd2 && s_ticked_q)) assert (\dut.i_rd_sync.meta_q == '0);
      if (rounds_q >= 3'd3 || (rounds_q == 3'd2 && m_ticked_q)) assert (\dut.i_units_sync.meta_q == '0);
      if (rounds_q == 3'd3 && s_ticked_q) assert (\dut.i_rd_sync.stable_q == '0);
      if (rounds_q == 3'd3 && m_ticked_q) assert (\dut.i_units_sync.stable_q == '0);
    end
  end

  generate
    if (!FRAME_MODE) begin : g_beat
      (* hierconn *) wire \i_order.marked_q ;
      (* hierconn *) wire [DATA_W+1:0] \i_order.record_q ;
      (* hierconn *) wire [$clog2(DEPTH+3)-1:0] \i_order.level_q , \i_order.ahead_q ;
      assign place = \dut.wr_q ;
      assign marks = mark && !\i_order.marked_q ;

      fn_order_properties #(.WIDTH(DATA_W + 2), .ROOM(DEPTH + 1)) i_order (
        .clk(step), .rst(s_rst_q), .mark(mark), .in(in), .in_record({s_tdata, s_tlast, s_tuser}), .out(out), .out_record({m_tdata, m_tlast, m_tuser}));

      always_comb if (!s_rst_q) begin
        assert (!overflow);
        if (s_room) assert (stored <= (ADDR_W+1)'(DEPTH - ROOM + 1));
        if (m_empty) assert (!m_tvalid);
        // Lemmas.
        assert (\dut.wr_q == units && \dut.commit_q == units && \dut.started_q == read);
        assert (\i_order.level_q == stored + m_tvalid);
        if (\i_order.marked_q ) begin
          assert (\i_order.ahead_q < \i_order.level_q && at_q == (ADDR_W+1)'(read + \i_order.ahead_q - m_tvalid));
          if (!m_tvalid || \i_order.ahead_q != '0)
            assert (\i_order.record_q == {beats[(DATA_W+1)*at_q[ADDR_W-1:0]+1+:DATA_W], ends[at_q[ADDR_W-1:0]], beats[(DATA_W+1)*at_q[ADDR_W-1:0]]});
          else assert (\i_order.record_q == {m_tdata, m_tlast, m_tuser});
        end
      end
    end else begin : g_frame
      logic [$clog2(DEPTH+3)-1:0] stored, partial;
      localparam logic [1:0] NONE = 2'd0, FILLING = 2'd1, ENDED = 2'd2;
      (* hierconn *) wire \i_frames.ended_q ;
      (* hierconn *) wire [1:0] \i_frames.state_q ;
      (* hierconn *) wire [DATA_W+1:0] \i_frames.record_q ;
      (* hierconn *) wire [$clog2(DEPTH+3)-1:0] \i_frames.ahead_q ;
      assign place = \dut.commit_q + (ADDR_W+1)'(partial);
      assign marks = mark && \i_frames.state_q == 2'd0;

      // Frames whose end is in the memory; an end in a frame that still comes in.
      logic [ADDR_W:0] whole;
      logic            early, reading;
      assign reading = \dut.g_frame.running_q && !(m_tvalid && m_tlast);
      always_comb begin
        whole = '0;
        early = 1'b0;
        for (int i = 0; i < DEPTH; i++) if (!\dut.dropping_q && (ADDR_W+1)'(i) < partial && ends[(\dut.commit_q + (ADDR_W+1)'(i)) & (ADDR_W+1)'(DEPTH-1)]) early = 1'b1;
        for (int i = 0; i < DEPTH; i++) if ((ADDR_W+1)'(i) < \dut.commit_q - read) whole = whole + (ADDR_W+1)'(ends[(read + (ADDR_W+1)'(i)) & (ADDR_W+1)'(DEPTH-1)]);
      end

      fn_frame_properties #(.WIDTH(DATA_W + 1), .ROOM(DEPTH + 1)) i_frames (
        .clk(step), .rst(s_rst_q), .mark(mark), .in(in), .in_record({s_tdata, s_tuser}), .in_last(s_tlast), .forget(overflow),
        .out(out), .out_record({m_tdata, m_tuser}), .out_last(m_tlast), .stored(stored), .partial(partial)
      );

      // What is dropped: what is longer than the FIFO.
      logic                   ended_q, was_long_q, inside_q;
      logic [$clog2(DEPTH):0] beats_q;  // of the frame that comes in, up to DEPTH
      always_ff @(posedge s_clk) begin
        ended_q    <= in && s_tlast;
        was_long_q <= beats_q == DEPTH;
        if (in) beats_q <= s_tlast ? '0 : beats_q == DEPTH ? beats_q : beats_q + 1'b1;
        if (s_rst_q) beats_q <= '0;
      end
      always_ff @(posedge m_clk) begin
        if (out) inside_q <= !m_tlast;
        if (m_rst_q) inside_q <= 1'b0;
      end

      always_comb begin
        if (s_rst_q && (rounds_q != '0 || s_ticked_q)) assert (!ended_q && beats_q == '0);
        if ((m_rst_q && (rounds_q != '0 || m_ticked_q)) || (s_rst_q && rounds_q[2])) assert (!inside_q && !\dut.g_frame.running_q && !\dut.g_frame.available_q );
      end
      always_comb if (!s_rst_q) begin
        assert (overflow == (ended_q && was_long_q));
        if (inside_q) assert (m_tvalid);

        // Lemmas.
        assert (\dut.commit_q - read <= (ADDR_W+1)'(\dut.wr_q - read));
        assert (\dut.commit_q - read + m_tvalid == stored);
        if (\dut.dropping_q ) assert (\dut.wr_q == \dut.commit_q && partial > (ADDR_W+1)'(DEPTH - 1));
        else assert (\dut.wr_q - \dut.commit_q == partial && partial <= (ADDR_W+1)'(DEPTH));
        assert (beats_q == (partial > (ADDR_W+1)'(DEPTH) ? (ADDR_W+1)'(DEPTH) : partial));
        assert (units - \dut.started_q <= (ADDR_W+1)'(DEPTH));
        assert (\dut.g_frame.running_q || !m_tvalid || m_tlast);
        if (!\dut.dropping_q && \dut.wr_q - read3 == (ADDR_W+1)'(DEPTH)) assert (\dut.full );
        if (reading)
          assert (\dut.rd_q == read + 1'b1 && {\dut.mem_q [DATA_W+1], \dut.mem_q [DATA_W-1:0], \dut.mem_q [DATA_W+2]} ==
                  {ends[read[ADDR_W-1:0]], beats[(DATA_W+1)*read[ADDR_W-1:0]+:DATA_W+1]});
        assert (whole == units - \dut.started_q + (ADDR_W+1)'(reading));
        if (\dut.commit_q != read) assert (ends[(\dut.commit_q - 1'b1) & (ADDR_W+1)'(DEPTH-1)]);
        if (\i_frames.state_q != NONE && !(\i_frames.state_q == ENDED && overflow)) begin
          assert (at_q == (ADDR_W+1)'(read + \i_frames.ahead_q - m_tvalid));
          if (\i_frames.state_q == FILLING) assert ((ADDR_W+1)'(\i_frames.ahead_q - stored) < partial);
          else assert (\i_frames.ahead_q < stored);
          if (!(\dut.dropping_q && \i_frames.state_q == FILLING)) begin
            if (m_tvalid && \i_frames.ahead_q == '0) assert (\i_frames.record_q == {m_tlast, m_tdata, m_tuser});
            else assert (\i_frames.record_q == {ends[at_q[ADDR_W-1:0]], beats[(DATA_W+1)*at_q[ADDR_W-1:0]+:DATA_W+1]});
          end
        end
        if (\i_frames.state_q == ENDED) assert (\i_frames.ended_q && ended_q && (overflow || !m_tvalid || \i_frames.ahead_q != '0));
        assert (!early);
      end
    end
  endgenerate

endmodule

// In the place of the synchroniser: a bit that changed in the step before is seen as it was or as it is.
module fn_sync #(
  parameter int WIDTH = 1
) (
  input  wire logic             clk,
  input  wire logic [WIDTH-1:0] d,
  output logic [WIDTH-1:0]      q
);
  (* anyseq *) logic [WIDTH-1:0] late;
  logic [WIDTH-1:0] was_q, meta_q, stable_q;
  always_ff @($global_clock) was_q <= d;
  always_ff @(posedge clk) begin
    meta_q   <= (was_q & late) | (d & ~late);
    stable_q <= meta_q;
  end
  assign q = stable_q;
endmodule

`default_nettype wire
