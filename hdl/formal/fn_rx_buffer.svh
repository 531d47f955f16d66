// prove fn_rx_buffer | RX_QUEUES=2,DEPTH=16 | induction 1 abc | what was written to a place of a queue's part stands there until its frame was read or thrown away, and comes out when the place is read
// mutant fn_rx_buffer.sv | s/assign stored   = in_valid_q && in_ready && !dropping_q && !full && !slots_full;/assign stored = in_valid_q \&\& in_ready \&\& !dropping_q \&\& !slots_full;/
// Any place; bit 0 stands for all of a beat. What fn_rx_buffer_proof shows of the pointers is assumed: a queue's frames are no more than its part.
(* anyconst *) logic               which;
(* anyconst *) logic [ADDR_W-1:0]  place;
logic             value_q, written_q, shows_q, shown_q, queue_q, writes, reads;
logic [PTR_W-1:0] free, used, filled, gone;
logic [RX_QUEUES*DEPTH-1:0] bits;
for (genvar i = 0; i < RX_QUEUES * DEPTH; i++) begin : g_bits
  assign bits[i] = mem[i][0];
end
assign free   = free_q[32'(which)*PTR_W +: PTR_W];
assign used   = commit_q[32'(which)*PTR_W +: PTR_W] - free;
assign filled = write_q - free;
assign gone   = finish && out_queue_q == which ? after - free : read && read_ready && read_skip && read_queue == which ? PTR_W'(read_beats) : '0;
assign writes = stored && in_queue == which && write[ADDR_W-1:0] == place;
assign reads  = step && out_queue_q == which && out_q[ADDR_W-1:0] == place;
always_ff @(posedge clk) begin
  if (writes) {written_q, value_q} <= {1'b1, in_data_q[0]};
  shows_q <= !rst && (step ? reads && written_q : shows_q);
  if (reads) shown_q <= value_q;
  if (in_valid_q) queue_q <= in_queue;
  if (rst) written_q <= 1'b0;
end
always_comb if (!rst) begin
  assume (used <= PTR_W'(DEPTH) && gone <= used);
  if (inside_q && in_valid_q) assume (in_queue == queue_q);
  if (inside_q && queue_q == which && !dropping_q) assert (filled >= used && filled <= PTR_W'(DEPTH));
  if (written_q) assert (bits[{which, place}] == value_q);
  if (writes) assert (PTR_W'(ADDR_W'(place - free[ADDR_W-1:0])) >= used);  // none that waits is there
  if (shows_q) assert (m_axis_tdata[0] == shown_q);
end
