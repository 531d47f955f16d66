// prove beat | DATA_W=8,FRAME_MODE=0,DROP_WHEN_FULL=0 | pdr | stream protocol; no beat lost, repeated or reordered, never more than DEPTH + 1 inside
// mutant fn_axis_fifo.sv | s/assign rd_en = rd_q != commit_q && \(read_ready \|\| !read_valid_q\);/assign rd_en = rd_q != commit_q \&\& (read_ready || !read_valid_q || m_axis_tlast);/
// prove frame-stall | DATA_W=8,FRAME_MODE=1,DROP_WHEN_FULL=0 | pdr | frames come out whole, in order, once, unpaused; only what is told to drop or is longer than the FIFO is dropped
// mutant fn_axis_fifo.sv | s/else if \(FRAME_MODE && full && commit_q == rd_q\)/else if (FRAME_MODE \&\& full)/
// prove frame-drop | DATA_W=8,FRAME_MODE=1,DROP_WHEN_FULL=1,REGISTER=1 | pdr | the same where the source is never stalled and flip-flops stand behind the memory: what finds no room is dropped whole and leaves nothing behind
// mutant fn_axis_fifo.sv | s/if \(lost\) dropping_q <= 1'b1;/if (full) dropping_q <= 1'b1;/
// prove user-stall | DATA_W=8,FRAME_MODE=1,DROP_WHEN_FULL=0,USERS=1 | pdr | every frame has the tuser of its own end, over all its beats
// mutant fn_axis_fifo.sv | s/if \(show && \(!started_q \|\| m_axis_tlast\)\) begin/if (show \&\& (!started_q || m_axis_tlast || s_axis_drop)) begin/
// prove user-drop | DATA_W=8,FRAME_MODE=1,DROP_WHEN_FULL=1,REGISTER=1,USERS=1 | pdr | the same there
// mutant fn_axis_fifo.sv | s/assign lost          = dropping_q \|\| full \|\| slots_full;/assign lost = dropping_q || full;/
`default_nettype none

module fn_axis_fifo_proof #(
  parameter int DATA_W         = 8,
  parameter int DEPTH          = 4,
  parameter int FRAMES         = 2,
  parameter bit FRAME_MODE     = 1'b1,
  parameter bit DROP_WHEN_FULL = 1'b0,
  parameter bit REGISTER       = 1'b0,
  parameter bit USERS          = 1'b0  // prove what holds of tuser, and only that
) (
  input wire logic                clk,
  input wire logic                mark,
  input wire logic                s_tdata,  // one bit of a beat's, which stands for all
  input wire logic [DATA_W/8-1:0] s_tkeep,
  input wire logic                s_tvalid,
  input wire logic                s_tlast,
  input wire logic                s_tuser,
  input wire logic                s_drop,
  input wire logic                m_tready
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic                s_tready, m_tvalid, m_tlast, m_tuser, dropped, overflow, empty;
  logic [DATA_W-1:0]   m_tdata;
  logic [DATA_W/8-1:0] m_tkeep;

  fn_axis_fifo #(.DATA_W(DATA_W), .USER_W(1), .DEPTH(DEPTH), .FRAMES(FRAMES), .FRAME_MODE(FRAME_MODE), .DROP_WHEN_FULL(DROP_WHEN_FULL), .REGISTER(REGISTER)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(DATA_W'(s_tdata)), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast),
    .s_axis_tuser(s_tuser), .s_axis_drop(s_drop),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast),
    .m_axis_tuser(m_tuser), .dropped(dropped), .overflow(overflow), .empty(empty)
  );

  fn_axis_properties #(.DATA_W(DATA_W), .ASSUME(1'b1)) i_source (
    .clk(clk), .rst(rst), .tdata(DATA_W'(s_tdata)), .tkeep(s_tkeep), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser(s_tuser));
  fn_axis_properties #(.DATA_W(DATA_W), .USER_STABLE(USERS)) i_sink (
    .clk(clk), .rst(rst), .tdata(DATA_W'(m_tdata[0])), .tkeep(m_tkeep), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast),
    .tuser(m_tuser && (USERS || !FRAME_MODE)));

  // Inside the module: hierconn joins these to its wires of the same name.
  (* hierconn *) wire [$clog2(DEPTH):0] \dut.wr_q , \dut.commit_q , \dut.rd_q ;
  (* hierconn *) wire \dut.dropping_q , \dut.full , \dut.read_valid_q ;

  localparam int ADDR_W = $clog2(DEPTH), ROOM = DEPTH + 1 + REGISTER;
  always_comb if (!rst) assert (\dut.full == (\dut.wr_q == {~\dut.rd_q [ADDR_W], \dut.rd_q [ADDR_W-1:0]}));

  generate
    if (!FRAME_MODE) begin : g_beat
      always_comb assume (!s_drop);
      always_comb if (!rst) assert (!dropped && !overflow);

      fn_order_properties #(.WIDTH(DATA_W / 8 + 3), .ROOM(ROOM)) i_order (
        .clk(clk), .rst(rst), .mark(mark),
        .in(s_tvalid && s_tready), .in_record({s_tdata, s_tkeep, s_tlast, s_tuser}),
        .out(m_tvalid && m_tready), .out_record({m_tdata[0], m_tkeep, m_tlast, m_tuser})
      );
    end else if (USERS) begin : g_user
      logic ended_q, user_q;
      always_ff @(posedge clk) begin
        ended_q <= s_tvalid && s_tready && s_tlast && !rst;
        user_q  <= s_tuser;
      end

      fn_order_properties #(.WIDTH(1), .ROOM(FRAMES + 1 + REGISTER)) i_order (
        .clk(clk), .rst(rst), .mark(mark),
        .in(ended_q && !dropped && !overflow), .in_record(user_q), .out(m_tvalid && m_tready && m_tlast), .out_record(m_tuser)
      );

    end else begin : g_frame
      logic [$clog2(ROOM+2)-1:0] stored, partial;

      fn_frame_properties #(.WIDTH(DATA_W / 8 + 1), .ROOM(ROOM)) i_frames (
        .clk(clk), .rst(rst), .mark(mark),
        .in(s_tvalid && s_tready), .in_record({s_tdata, s_tkeep}), .in_last(s_tlast), .forget(dropped || overflow),
        .out(m_tvalid && m_tready), .out_record({m_tdata[0], m_tkeep}), .out_last(m_tlast),
        .stored(stored), .partial(partial)
      );

      // Lemmas: the module's pointers say the same. They spare the engine to find that out.
      always_comb if (!rst) begin
        assert (\dut.commit_q - \dut.rd_q + \dut.read_valid_q + (REGISTER && m_tvalid) == stored);
        if (!\dut.dropping_q ) assert (\dut.wr_q - \dut.commit_q == partial);
      end

      // What is dropped, and why: the pulses come in the clock after the frame's end.
      logic                   ended_q, told_q, long_q, was_long_q, inside_q;
      logic [$clog2(DEPTH):0] beats_q;  // of the frame that comes in, up to DEPTH
      always_ff @(posedge clk) begin
        ended_q    <= s_tvalid && s_tready && s_tlast && !rst;
        told_q     <= s_drop;
        was_long_q <= beats_q == DEPTH;
        if (s_tvalid && s_tready) beats_q <= s_tlast ? '0 : beats_q == DEPTH ? beats_q : beats_q + 1'b1;
        if (m_tvalid && m_tready) inside_q <= !m_tlast;
        if (rst) beats_q <= '0;
        if (rst) inside_q <= 1'b0;
      end

      always_comb if (!rst) begin
        assert (!(dropped && overflow));
        if (dropped || overflow) assert (ended_q);
        if (ended_q && told_q) assert (dropped);
        if (ended_q && !told_q) assert (!dropped);
        if (DROP_WHEN_FULL) assert (s_tready);
        else if (overflow) assert (was_long_q);
        if (ended_q && was_long_q) assert (dropped || overflow);
        // A frame that was begun does not wait for its source.
        if (inside_q) assert (m_tvalid);
      end
    end
  endgenerate

endmodule

`default_nettype wire
