// What fn_usb_credit_proof.sv relies on, seen from inside: each part leaves the transmit buffer, and fn_usb_tx tells of each that left.

// prove fn_usb_tx | - | pdr | each part that is taken out of the buffer is told, by its own number, once; only the core, owed statuses and `stopping` hold a part back
// mutant fn_usb_tx.sv | s/left   <= take && part_last;/left <= take \&\& final_byte;/
// free i_buffer
fn_axis_properties #(.ASSUME(1'b1)) i_parts (.clk(clk), .rst(rst), .tdata(part), .tkeep(1'b1), .tvalid(part_valid), .tready(part_ready),
  .tlast(part_last), .tuser(1'b0));
// The stream protocol of what goes out is ports.svh's.
fn_axis_properties #(.USER_W(192)) i_frames (.clk(clk), .rst(rst), .tdata(8'd0), .tkeep(1'b1),
  .tvalid(m_axis_tvalid), .tready(1'b1), .tlast(m_axis_tlast), .tuser(192'd0));
logic       inside_q, ended_q, held_q, held;
logic [7:0] number_q;
assign held = part_valid && !part_ready && m_axis_tready && room && !stopping;
always_ff @(posedge clk) begin
  if (take && !inside_q) number_q <= part;
  if (take) inside_q <= !part_last;
  ended_q <= take && part_last && !rst;
  held_q  <= held && !rst;
  if (rst) inside_q <= 1'b0;
end
always_comb if (!rst) begin
  assert (left == ended_q);
  if (left) assert (left_sequence == number_q);
  if (held_q) assert (!held);
end

// prove fn_axis_fifo | DATA_W=8,DEPTH=8,FRAMES=4,DROP_WHEN_FULL=1,REGISTER=1 | induction 1 abc | a source that keeps to the room never finds the FIFO full, whatever is taken back: it holds as many beats and frames as have not been taken out whole
// mutant fn_axis_fifo.sv | s/wr_q     <= commit_q;/wr_q <= wr_q + 1'b1;/
localparam int HELD_W = ADDR_W + 2;
logic [HELD_W-1:0] held_q, front_q, beats_q;  // beats that the source counts; of them those of the frame that comes in, and of the one that goes out
logic [SLOT_W:0]   frames_q, slots;           // whole ones; those of which nothing was read
logic [ADDR_W:0]   stored, whole;
logic              leaves;
assign leaves = m_axis_tvalid && m_axis_tready;
assign slots  = g_frame.slot_wr_q - g_frame.slot_rd_q;
assign stored = wr_q - rd_q;
assign whole  = commit_q - rd_q;
always_ff @(posedge clk) begin
  if (take) front_q <= s_axis_tlast ? '0 : front_q + 1'b1;
  if (leaves) beats_q <= m_axis_tlast ? '0 : beats_q + 1'b1;
  held_q   <= held_q + HELD_W'(take) - (take && s_axis_tlast && s_axis_drop ? front_q + 1'b1 : '0) - (leaves && m_axis_tlast ? beats_q + 1'b1 : '0);
  frames_q <= frames_q + (SLOT_W + 1)'(take && s_axis_tlast && !s_axis_drop) - (SLOT_W + 1)'(leaves && m_axis_tlast);
  if (rst) {held_q, front_q, beats_q, frames_q} <= '0;
end
always_comb if (!rst) begin
  if (s_axis_tvalid) assume (32'(held_q) < DEPTH && 32'(frames_q) < FRAMES);
  assert (!overflow);
  // Lemmas.
  assert (!take || !lost);
  assert (held_q == HELD_W'(stored) + HELD_W'(read_valid_q) + HELD_W'(out_valid) + beats_q && HELD_W'(stored) == HELD_W'(whole) + front_q);
  assert (32'(beats_q) <= DEPTH && 32'(front_q) <= DEPTH && 32'(whole) <= DEPTH);
  assert (full == (stored == (ADDR_W + 1)'(DEPTH)) && 32'(held_q) <= DEPTH && (!dropping_q || 32'(front_q) == DEPTH));
  assert (frames_q == (SLOT_W + 1)'(slots) + (SLOT_W + 1)'(out_valid || beats_q != '0));
  assert ((out_valid || beats_q != '0) == (g_frame.started_q && (out_valid || !m_axis_tlast)));
  if (g_frame.started_q && !read_valid_q) assert (read_q[DATA_W+COUNT_W] == m_axis_tlast);  // it is the beat that was shown last
end
