// Two receive queues of 16 beats each. The engine chooses one queue, and in it one frame, which is followed to the output. The source says
// in a frame's metadata how many beats it has; the reader takes frames as fn_rx_engine does: it takes one, then reads it or throws it away.
//
// prove frames | - | induction 1 abc | each queue's frames come out or not at all, in order, once, each with its own metadata and in as many beats as it came in, within its queue's part; a frame is dropped only where its own queue has no room for it, whole, and counted; nothing stops the source
// mutant fn_rx_buffer.sv | s/dropping_q <= !in_last_q && !stored;/dropping_q <= 1'b0;/
`default_nettype none
`include "fn_regs.svh"

module fn_rx_buffer_proof #(
  parameter int DEPTH = 16
) (
  input wire logic       clk,
  input wire logic       mark,
  input wire logic       s_tdata,  // one bit of a beat's 64
  input wire logic       s_tvalid,
  input wire logic       s_tlast,
  input wire logic       s_queue,
  input wire logic       s_tag,
  input wire logic [4:0] s_beats,
  input wire logic       takes,
  input wire logic       take_queue,
  input wire logic       reads,
  input wire logic       skip,
  input wire logic       m_tready
);

  localparam int SLOTS = DEPTH / 8;

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic         s_tready, m_tvalid, m_tlast, read_ready, idle, take, read;
  logic [1:0]   waiting, dropped;
  logic [63:0]  m_tdata;
  logic [255:0] s_tuser, metadata;
  always_comb begin
    s_tuser = '0;
    s_tuser[`FN_RX_COMPLETION_LENGTH] = {11'd0, s_beats};
    s_tuser[`FN_RX_COMPLETION_QUEUE_LSB] = s_queue;
    s_tuser[255] = s_tag;
  end

  // The reader.
  logic taken_q, reader_q;
  assign take = takes && !taken_q && waiting[take_queue];
  assign read = reads && taken_q;
  always_ff @(posedge clk) begin
    if (take) reader_q <= take_queue;
    taken_q <= !rst && (take || (taken_q && !(read && read_ready)));
  end
  logic [12:0] beats;
  assign beats = metadata[`FN_RX_COMPLETION_LENGTH] & 13'h1F;

  fn_rx_buffer #(.RX_QUEUES(2), .DEPTH(DEPTH)) dut (
    .clk(clk), .rst(rst), .s_axis_tdata({63'd0, s_tdata}), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .dropped(dropped), .waiting(waiting), .take_queue(take_queue), .take(take), .metadata(metadata),
    .read(read), .read_ready(read_ready), .read_queue(reader_q), .read_beats(beats), .read_skip(skip),
    .m_axis_tdata(m_tdata), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .idle(idle)
  );

  fn_axis_properties #(.DATA_W(8)) i_sink (
    .clk(clk), .rst(rst), .tdata({7'd0, m_tdata[0]}), .tkeep('1), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast), .tuser(1'b0));

  // What came in a clock ago, since the module registers it first. A frame has the beats and the queue that it says.
  logic       in_q, last_q, queue_q, tag_q, ended_q, ended_queue_q, rest_queue_q, rest_tag_q;
  logic [4:0] beats_q, place_q, rest_beats_q;
  always_ff @(posedge clk) begin
    in_q <= s_tvalid && !rst;
    {last_q, queue_q, tag_q, beats_q} <= {s_tlast, s_queue, s_tag, s_beats};
    ended_q       <= in_q && last_q && !rst;
    ended_queue_q <= queue_q;
    if (in_q) begin
      place_q <= last_q ? '0 : place_q + 1'b1;
      {rest_beats_q, rest_queue_q, rest_tag_q} <= {beats_q, queue_q, tag_q};
    end
    if (rst) place_q <= '0;
  end
  always_comb if (!rst && in_q) begin
    assume (beats_q != '0 && last_q == (place_q + 1'b1 == beats_q));
    if (place_q != '0) assume ({beats_q, queue_q, tag_q} == {rest_beats_q, rest_queue_q, rest_tag_q});
  end

  // ---------------------------------------------------------------- the chosen queue
  (* anyconst *) logic which;
  logic       mine, stored, taking, out, begins;
  logic [1:0] untaken_q, untaken;        // frames stored and not taken
  logic [1:0] reading_q;                 // frames, of whatever queue, that were asked for and are not all out
  logic       held_q, held_mine_q;       // the last of them, while its beats may still be in the memory
  logic [4:0] held_beats_q, out_place_q;
  logic [5:0] inside_q;                  // beats of the chosen queue that may be in the memory
  logic       fits_q;
  assign mine    = in_q && queue_q == which;
  assign stored  = ended_q && ended_queue_q == which && !dropped[which];
  assign untaken = untaken_q + 2'(stored);
  assign taking  = take && take_queue == which;
  assign begins  = read && read_ready && !skip;
  assign out     = m_tvalid && m_tready;

  logic [4:0] rest_end_q;                // beats of the frame that has just ended
  logic freed;
  assign freed = held_q && (begins || (out && m_tlast && reading_q == 2'd1));
  always_ff @(posedge clk) begin
    rest_end_q <= beats_q;
    untaken_q  <= untaken - 2'(taking);
    reading_q <= reading_q + 2'(begins) - 2'(out && m_tlast);
    if (out) out_place_q <= m_tlast ? '0 : out_place_q + 1'b1;
    held_q <= begins || (held_q && !freed);
    if (begins) {held_mine_q, held_beats_q} <= {reader_q == which, beats[4:0]};
    inside_q <= inside_q + (stored ? 6'(rest_end_q) : '0) - (freed && held_mine_q ? 6'(held_beats_q) : '0)
                - (read && read_ready && skip && reader_q == which ? 6'(beats) : '0);
    if (mine && place_q == '0) fits_q <= inside_q + (stored ? 6'(rest_end_q) : '0) + 6'(beats_q) <= DEPTH && untaken < SLOTS;
    if (rst) begin
      untaken_q   <= '0;
      reading_q   <= '0;
      out_place_q <= '0;
      held_q      <= 1'b0;
      inside_q    <= '0;
    end
  end

  // ---------------------------------------------------------------- the chosen frame
  typedef enum logic [2:0] { NONE, FILLING, ENDED, STORED, TAKEN, READING } state_t;
  state_t     state_q;
  logic [4:0] length_q;
  logic       mark_tag_q;
  logic [1:0] ahead_q, ahead, before_q;
  assign ahead = state_q == ENDED ? untaken_q : ahead_q;
  always_ff @(posedge clk) begin
    ahead_q <= ahead - 2'(taking);
    case (state_q)
      NONE: if (mine && mark) begin
        {length_q, mark_tag_q} <= {beats_q, tag_q};
        state_q <= last_q ? ENDED : FILLING;
      end
      FILLING: if (in_q && last_q) state_q <= ENDED;
      ENDED, STORED: begin
        state_q <= taking && ahead == '0 ? TAKEN : STORED;
        if (state_q == ENDED && !stored) state_q <= NONE;
      end
      TAKEN: if (read && read_ready) begin
        state_q  <= skip ? NONE : READING;
        before_q <= reading_q - 2'(out && m_tlast);
      end
      default: if (out && m_tlast) begin
        if (before_q == '0) state_q <= NONE;
        before_q <= before_q - 1'b1;
      end
    endcase
    if (rst) state_q <= NONE;
  end

  always_comb if (!rst) begin
    assert (s_tready);
    // Drops: only at a frame's end, only where it found no room in its own part.
    for (int i = 0; i < 2; i++) if (dropped[i]) assert (ended_q && ended_queue_q == 1'(i));
    if (dropped[which]) assert (!fits_q);
    // What waits, and nothing else.
    assert (waiting[which] == (untaken != '0) && untaken <= SLOTS);
    if (m_tvalid) assert (reading_q != '0);
    // The frame of the chosen frame.
    if (state_q == TAKEN)
      assert (beats == length_q && metadata[255] == mark_tag_q && metadata[`FN_RX_COMPLETION_QUEUE_LSB] == which && reader_q == which);
    if (state_q == READING && m_tvalid && before_q == '0) begin
      assert (m_tlast == (out_place_q + 1'b1 == length_q));
    end
  end

  // ---------------------------------------------------------------- lemmas: the module's pointers say the same
  (* hierconn *) wire         \dut.in_valid_q , \dut.in_last_q , \dut.inside_q , \dut.dropping_q , \dut.active_q , \dut.out_queue_q ;
  (* hierconn *) wire [255:0] \dut.in_user_q , \dut.slots[0] , \dut.slots[1] , \dut.slots[2] , \dut.slots[3] ;
  (* hierconn *) wire [9:0]   \dut.commit_q , \dut.free_q ;
  (* hierconn *) wire [3:0]   \dut.slot_wr_q , \dut.slot_rd_q ;
  (* hierconn *) wire [4:0]   \dut.write_q , \dut.out_q ;
  (* hierconn *) wire [12:0]  \dut.left_q ;
  logic [27:0]  slots;  // {beats, queue, tag} each
  assign slots[6:0] = {\dut.slots[0] [20:16], \dut.slots[0] [`FN_RX_COMPLETION_QUEUE_LSB], \dut.slots[0] [255]};
  assign slots[13:7] = {\dut.slots[1] [20:16], \dut.slots[1] [`FN_RX_COMPLETION_QUEUE_LSB], \dut.slots[1] [255]};
  assign slots[20:14] = {\dut.slots[2] [20:16], \dut.slots[2] [`FN_RX_COMPLETION_QUEUE_LSB], \dut.slots[2] [255]};
  assign slots[27:21] = {\dut.slots[3] [20:16], \dut.slots[3] [`FN_RX_COMPLETION_QUEUE_LSB], \dut.slots[3] [255]};
  logic [4:0] commit, free, used;
  logic [1:0] slot_rd, count;
  logic [6:0] slot0, slot1, marked;  // the oldest not taken, the one behind it, the chosen frame's
  logic [6:0] in_slots, in_taken, in_active, in_held;
  assign commit    = \dut.commit_q [5*which +: 5];
  assign free      = \dut.free_q [5*which +: 5];
  assign used      = commit - free;
  assign slot_rd   = \dut.slot_rd_q [2*which +: 2];
  assign count     = \dut.slot_wr_q [2*which +: 2] - slot_rd;
  assign slot0     = slots[7*{which, slot_rd[0]} +: 7];
  assign slot1     = slots[7*{which, !slot_rd[0]} +: 7];
  assign marked    = ahead[0] ? slot1 : slot0;
  assign in_slots  = (count != '0 ? 7'(slot0[6:2]) : '0) + (count == 2'd2 ? 7'(slot1[6:2]) : '0);
  assign in_taken  = taken_q && reader_q == which ? 7'(beats) : '0;
  assign in_active = \dut.active_q && \dut.out_queue_q == which ? 7'(held_beats_q) : '0;
  assign in_held   = held_q && held_mine_q ? 7'(held_beats_q) : '0;
  logic last_waits;
  assign last_waits = m_tvalid && m_tlast;

  always_comb if (!rst) begin
    assert (\dut.in_valid_q == in_q);
    if (in_q) assert (\dut.in_last_q == last_q && \dut.in_user_q [20:16] == beats_q && \dut.in_user_q [255] == tag_q &&
                      \dut.in_user_q [`FN_RX_COMPLETION_QUEUE_LSB] == queue_q);
    assert (count == untaken && count <= 2'd2);
    if (count != '0) assert (slot0[6:2] <= 5'(DEPTH) && slot0[1] == which);
    if (count == 2'd2) assert (slot1[6:2] <= 5'(DEPTH) && slot1[1] == which);
    for (int q = 0; q < 2; q++) begin
      for (int k = 0; k < 2; k++)
        if (2'(\dut.slot_wr_q [2*q +: 2] - \dut.slot_rd_q [2*q +: 2]) > 2'(k)) assert (slots[7*{1'(q), \dut.slot_rd_q [2*q] ^ 1'(k)}+2 +: 5] != '0);
      assert (2'(\dut.slot_wr_q [2*q +: 2] - \dut.slot_rd_q [2*q +: 2]) <= 2'd2);
    end
    if (taken_q) assert (beats != '0);
    if (taken_q && reader_q == which) assert (beats <= DEPTH && metadata[`FN_RX_COMPLETION_QUEUE_LSB] == which);
    assert (used <= 5'(DEPTH) && 7'(used) == in_slots + in_taken + in_active);
    assert (7'(inside_q) + (stored ? 7'(rest_end_q) : '0) == in_slots + in_taken + in_held && in_held <= DEPTH);
    // In.
    assert (\dut.inside_q == (place_q != '0));
    if (\dut.dropping_q ) assert (place_q != '0);
    if (place_q != '0) assert (place_q < rest_beats_q);
    if (place_q != '0 && rest_queue_q == which && !\dut.dropping_q ) assert (\dut.write_q == commit + place_q && 6'(used) + 6'(place_q) <= DEPTH && count < 2'd2);
    if (place_q != '0 && rest_queue_q == which && fits_q) assert (!\dut.dropping_q && 6'(used) + 6'(rest_beats_q) <= DEPTH && count < 2'd2);
    if (ended_q && ended_queue_q == which && !dropped[which]) assert (rest_end_q != '0);
    // Out.
    assert (reading_q == 2'(\dut.active_q ) + 2'(last_waits) && held_q == (reading_q != '0));
    if (\dut.active_q ) assert (held_mine_q == (\dut.out_queue_q == which) && \dut.left_q != '0 && \dut.left_q <= 13'(held_beats_q));
    if (\dut.active_q && \dut.out_queue_q == which) assert (5'(\dut.out_q - free) == held_beats_q - 5'(\dut.left_q ));
    if (m_tvalid && !m_tlast) assert (\dut.active_q && out_place_q + 1'b1 == held_beats_q - 5'(\dut.left_q ));
    if (last_waits && \dut.active_q ) assert (\dut.left_q == 13'(held_beats_q));
    if (last_waits && !\dut.active_q ) assert (out_place_q + 1'b1 == held_beats_q);
    if (!m_tvalid && \dut.active_q ) assert (out_place_q == held_beats_q - 5'(\dut.left_q ));
    if (reading_q == '0) assert (out_place_q == '0);
    // The chosen frame.
    assert (state_q <= READING);
    if (state_q == FILLING) assert (place_q != '0 && rest_queue_q == which && rest_beats_q == length_q && rest_tag_q == mark_tag_q);
    if (state_q == ENDED) assert (ended_q && ended_queue_q == which);
    if (state_q == STORED || (state_q == ENDED && stored)) assert (ahead < count && marked == {length_q, which, mark_tag_q});
    if (state_q == TAKEN) assert (taken_q);
    if (state_q == READING) begin
      assert (before_q <= 2'd1);
      if (before_q == 2'd1) assert (last_waits);
      if (last_waits == before_q[0]) begin
        assert (\dut.active_q && \dut.out_queue_q == which && held_beats_q == length_q);
      end
    end
  end

endmodule

`default_nettype wire
