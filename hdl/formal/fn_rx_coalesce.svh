// Receive coalescing, station by station, each seen from inside (docs/verification.md). What is asked of the neighbours is assumed, with the neighbour that gives it named; the
// assumptions without a name are not proved: the same headers have the same ports, s_slot is not open, blocks are linked as they were taken.

// prove fn_rx_coalesce_contexts | BLOCK_W=2,KIND_W=1 | induction 1 abc | each frame joins one other, is opened or goes as it is, once; what is open of a flow is closed before anything of it that does not join goes by; a frame joins only its own flow's, at its end, with the next sequence number; a closed frame is told with its own blocks, bytes and segments; contexts are no more than there are and a decision always comes
// mutant fn_rx_coalesce_contexts.sv | s/\(s_unknown \|\| \(s_tcp && same_ports_q\[i\]\)\)\)/s_unknown)/
localparam int FIELDS_W = 8 + SLOTS + 7 + 11 + 32 + 16 + 4 + 16 + 32 + KIND_W + 16 + 2*BLOCK_W + SLOT_W;
logic                asked_q;  // a frame waits to be decided: what is said of it stands
logic [FIELDS_W-1:0] fields, fields_q;
logic [3:0]          clocks_q; // since it was asked, but for those in which a link had to wait
assign fields = FIELDS_W'({s_joins, s_begins, s_tcp, s_unknown, s_equal, s_header, s_payload, s_sequence, s_identification, s_counted, s_echo, s_endings,
                           s_checksum, s_ports, s_kind, s_length, s_first, s_last, s_slot});
always_ff @(posedge clk) begin
  asked_q  <= !rst && (s_valid || (asked_q && !decided));
  fields_q <= fields;
  clocks_q <= s_valid ? '0 : clocks_q + 4'(!(joins && !link_ready));
end
logic [SLOTS-1:0] slots_equal;
always_comb for (int i = 0; i < SLOTS; i++) slots_equal[i] = same_ports[i];
always_comb if (!rst) begin
  if (asked_q) assume (!s_valid && fields == fields_q);
  if (s_valid || asked_q) begin
    assume (!s_begins || s_joins);
    assume (!s_joins || s_tcp);                                  // fn_rx_coalesce_match
    assume (32'(s_slot) < SLOTS && !open[s_slot]);               // fn_rx_coalesce
    assume (!s_joins || (s_equal & open & ~slots_equal) == '0);  // the same headers are the same ports
  end
end

// What is said of a chosen slot's frame, noted apart.
(* anyconst *) logic [SLOT_W-1:0] which;
logic               open_q, told_q, alone_q, echo;
logic [BLOCK_W-1:0] first_q, last_q, single_q;
logic [31:0]        ports_q, sequence_q;
logic [15:0]        length_q, single_length_q;
logic [7:0]         segments_q;
logic [10:0]        size_q;
logic               into, out;
assign into = joins && link_ready && join_q[which];
assign out  = sweep[which];
always_ff @(posedge clk) begin
  if (begins && s_slot == which) begin
    {open_q, first_q, last_q, ports_q, sequence_q, length_q, segments_q, size_q} <=
      {1'b1, s_first, s_last, s_ports, s_sequence + 32'(s_payload), s_length, 8'd1, s_payload};
  end else if (into) begin
    {last_q, sequence_q, length_q, segments_q} <= {s_last, sequence_q + 32'(s_payload), length_q + 16'(s_payload), segments_q + 8'd1};
  end else if (out) open_q <= 1'b0;
  told_q  <= out && !rst;
  alone_q <= single && !rst;
  {single_q, single_length_q} <= {s_first, s_length};
  if (rst) open_q <= 1'b0;
end

logic [SLOTS*32-1:0] ports, sequences;
for (genvar i = 0; i < SLOTS; i++) begin : g_ports
  assign ports[32*i +: 32]     = g_slot[i].ports_q;
  assign sequences[32*i +: 32] = g_slot[i].next_q;
end
always_comb if (!rst) begin
  assume (32'(which) < SLOTS);
  // Decisions: one of three, of a frame that was asked about, within a bound.
  assert (3'(joins && link_ready) + 3'(begins) + 3'(single) == 3'(decided));
  if (decided) assert (asked_q);
  if (asked_q) assert (clocks_q <= 4'd3 + 4'(2 * CONTEXTS));
  assert (slots_used <= (SLOT_W + 1)'(CONTEXTS));
  // A flow has one open frame; what does not join finds none, and what may be of any flow finds none at all.
  for (int i = 0; i < SLOTS; i++) begin
    for (int j = 0; j < i; j++) if (open[i] && open[j]) assert (ports[32*i +: 32] != ports[32*j +: 32]);
    if ((begins || single) && s_tcp && open[i]) assert (ports[32*i +: 32] != s_ports);
  end
  if (single && s_unknown) assert (open == '0);
  // Joining.
  if (joins) assert ((join_q & (join_q - 1'b1)) == '0 && (join_q & ~open) == '0);
  if (into) assert (open_q && s_ports == ports_q && s_sequence == sequence_q && s_payload <= size_q && link_from == last_q);
  // What leaves: the chosen slot's frame, or one that goes as it is, and nothing else.
  assert (open_q == open[which]);
  if (out) assert (open_q && !into);
  if (told_q) assert (m_valid && m_first == first_q && m_segments == segments_q && m_length == length_q && m_size == size_q);
  if (alone_q) assert (m_valid && m_first == single_q && m_segments == 8'd1 && m_length == single_length_q);
  if (told_q) assert (!alone_q);
  // Lemmas.
  assert (asked_q == (state_q != WAIT) && (closing_q & ~open) == '0);
  if (state_q == CHECK) assert (clocks_q == '0);
  if (state_q == ACT) assert (clocks_q == 4'd1 && (join_q & ~(s_equal & open)) == '0 && (join_q == '0 || s_joins));
  if (state_q == SETTLE) assert (clocks_q <= 4'd2 + 4'(2 * (CONTEXTS - 32'(slots_used))) + 4'(closing_q != '0));
  for (int i = 0; i < SLOTS; i++) begin
    if (state_q == ACT && open[i]) assert (same_ports_q[i] == same_ports[i]);
    if (state_q == SETTLE && open[i] && (s_unknown || (s_tcp && same_ports[i]))) assert (closing_q[i]);
    for (int j = 0; j < i; j++) if (open[i] && open[j]) assert (newer_q[i*SLOTS + j] != newer_q[j*SLOTS + i]);
  end
  if (open_q) begin
    assert (info[32'(which)*INFO_W +: INFO_W] == {first_q, segments_q, length_q, size_q, info[32'(which)*INFO_W +: 25]});
    assert (last_block[32'(which)*BLOCK_W +: BLOCK_W] == last_q && ports[32*32'(which) +: 32] == ports_q && sequences[32*32'(which) +: 32] == sequence_q);
  end
  if (state_q == ACT && join_q[which]) assert (open_q && s_sequence == sequence_q && s_payload <= size_q);
end

// prove fn_rx_coalesce_store | BLOCKS=4,USER_W=1,DATA_W=64 | pdr | each block is in one place: free, being written, or a frame's; none is lost, given twice or written while a frame has it
// mutant fn_rx_coalesce_store.sv | s/assign free_take     = block_ends \|\| !block_valid_q;/assign free_take = take || !block_valid_q;/
logic [BLOCKS-1:0]  owned_q, here;  // blocks that frames have; the one that is written
logic [BLOCK_W+1:0] owned;
assign here = block_valid_q ? BLOCKS'(1) << block_q : '0;
always_comb begin
  owned = '0;
  for (int i = 0; i < BLOCKS; i++) owned = owned + (BLOCK_W + 2)'(owned_q[i]);
end
always_ff @(posedge clk) begin
  if (block_ends) owned_q[block_q] <= 1'b1;
  if (release_valid) owned_q[release_block] <= 1'b0;
  if (rst) owned_q <= '0;
end
always_comb if (!rst) begin
  if (release_valid) assume (owned_q[release_block]);
  if (take) assert (block_valid_q);
  assert ((owned_q & here) == '0);
  if (free_valid) assert (!owned_q[free_block] && !here[free_block]);
  if (filling || release_valid) assert (free_room);
  assert ((BLOCK_W + 2)'(fill_q) == owned + (BLOCK_W + 2)'(block_valid_q) + (BLOCK_W + 2)'(free_level) + (BLOCK_W + 2)'(free_valid));
end

// prove fn_rx_coalesce_read | DATA_W=64,BLOCK_W=2,INFO_W=2 | pdr | each block that is looked up is read and given back, once, in order; each frame comes out whole, once, in order, with what was said of it
// mutant fn_rx_coalesce_read.sv | s/assign release_valid = read && block_end;/assign release_valid = active_q \&\& block_end;/
(* anyseq *) logic mark_block, mark_frame;
logic              inside_q;
fn_order_properties #(.WIDTH(BLOCK_W), .ROOM(2)) i_blocks (.clk(clk), .rst(rst), .mark(mark_block), .in(look), .in_record(look_block),
  .out(release_valid), .out_record(release_block));
fn_order_properties #(.WIDTH(INFO_W), .ROOM(3)) i_frames (.clk(clk), .rst(rst), .mark(mark_frame), .in(s_valid && s_ready), .in_record(s_info),
  .out(m_valid && m_ready && m_last), .out_record(m_info));
always_ff @(posedge clk) begin
  if (m_valid && m_ready) inside_q <= !m_last;
  if (rst) inside_q <= 1'b0;
end
always_comb if (!rst && m_valid) assert (m_first == !inside_q);
