// Room that is told in advance: what comes while it is told finds a place. No module of its own: `prove` puts the lines inside the module that the proof names.

// prove fn_tx_judge | DATA_W=8 | pdr | every status finds room in the queue when no beat is taken without `room`
// mutant fn_tx_judge.sv | s/room <= !\(level\[5\] \|\| \(&level\[4:2\]\)\);/room <= !(level[5] || (\&level[4:0]));/
fn_axis_properties #(.ASSUME(1'b0)) i_statuses_out (.clk(clk), .rst(rst), .tdata(m_status_tdata), .tkeep(1'b1), .tvalid(m_status_tvalid), .tready(m_status_tready),
  .tlast(1'b1), .tuser(1'b0));
always_comb if (!rst) begin
  if (s_valid) assume (room);
  if (status_valid) assert (!level[5]);
end

// prove fn_rx | DATA_W=64,BYTES=256,FRAMES=4,RX_VLAN=0,CLOCK=0 | pdr | where completions have fewer places than frames of 60 bytes have room, each finds one, and no place is lost
// mutant fn_rx.sv | s/\(take && !in_frame_q\) - (.*)'\(over_q\);/(take \&\& !in_frame_q) - \1'(over_q \&\& !dropped);/
// free i_inspect
// free g_classify.i_classify
// free i_frames
logic [3:0] unknown_q, stored_q;  // frames that came whole: whose completion has not; that are still in the FIFO
always_ff @(posedge clk) begin
  unknown_q <= unknown_q + 4'(take && s_axis_tlast) - 4'(found_valid);
  stored_q  <= stored_q + 4'(take && s_axis_tlast) - 4'(stored_valid && stored_ready && stored_last);
  if (rst) {unknown_q, stored_q} <= '0;
end
fn_axis_properties #(.DATA_W(DATA_W), .ASSUME(1'b1)) i_stored (.clk(clk), .rst(rst), .tdata(stored_data), .tkeep(stored_keep), .tvalid(stored_valid),
  .tready(stored_ready), .tlast(stored_last), .tuser(1'b0));
always_comb if (!rst) begin
  if (found_valid) assume (unknown_q != '0);                   // fn_rx_inspect, fn_rx_classify: one for each frame
  if (stored_valid) assume (stored_q != '0 || !stored_last);   // fn_axis_fifo
  if (found_valid) assert (completion_room);
  assert (32'(g_few.frames_q) <= FRAMES);
  if (stored_q == '0 && !in_frame_q && !fifo_valid && !over_q) assert (g_few.frames_q == '0);
end
