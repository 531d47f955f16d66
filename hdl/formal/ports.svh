// The stream protocol at the ports of modules whose own proofs do not state it. No module of its own: `prove` puts fn_axis_properties at each port of the
// module that the proof names, as an assumption where beats come in and as an assertion where they go out, and the lines below `mutant` behind them,
// inside the module: what else is assumed, and ports that are arrays. `prove` tells of ports that are neither here nor in a proof of their own.

// prove fn_byte_pack | - | pdr | stream protocol, for any bytes of a beat wanted
// mutant fn_byte_pack.sv | s/if \(advance\) m_axis_tvalid <= 1'b0;/m_axis_tvalid <= 1'b0;/
always_comb if (!rst && s_valid) assume (s_count != 0 && s_count <= 4'd8 - {1'b0, s_offset});

// prove fn_completion_writer | TX_QUEUES=2 | pdr | stream protocol
// mutant fn_completion_writer.sv | s/LOW:     if \(w_axis_tready\) state_q/LOW:     state_q/

// prove fn_dma_read_request | - | pdr | stream protocol
// mutant fn_dma_read_request.sv | s/HEADER0: if \(m_axis_tready\) state_q/HEADER0: state_q/
logic [15:0] id_q;
always_ff @(posedge clk) id_q <= cfg_completer_id;
always_comb if (!rst) assume (cfg_completer_id == id_q);

// prove fn_dma_write | - | pdr | stream protocol
// mutant fn_dma_write.sv | s/HEADER0: if \(m_axis_tready\) begin/HEADER0: begin/
logic [15:0] id_q;
always_ff @(posedge clk) id_q <= cfg_completer_id;
always_comb if (!rst) assume (cfg_completer_id == id_q);

// prove fn_dma_write_arbiter | - | pdr | stream protocol
// mutant fn_dma_write_arbiter.sv | s/if \(pop\) owner_q <= owed_q\[1\] \? second_q : pick;/if (push) owner_q <= pick;/
for (genvar i = 0; i < 2; i++) begin : g_port
  fn_axis_properties #(.DATA_W(64), .ASSUME(1'b1)) i_port (.clk(clk), .rst(rst), .tvalid(s_axis_tvalid[i]), .tready(s_axis_tready[i]), .tlast(s_axis_tlast[i]),
    .tdata(s_axis_tdata[64*i +: 64]), .tkeep(8'hFF), .tuser(1'b0));
end

// prove fn_pcie_bar | - | pdr | stream protocol
// mutant fn_pcie_bar.sv | s/HEADER: if \(m_axis_tready\) state_q/HEADER: state_q/
logic [15:0] id_q;
always_ff @(posedge clk) id_q <= cfg_completer_id;
always_comb if (!rst) assume (cfg_completer_id == id_q);

// prove fn_pcie_rx_demux | REQUEST_DEPTH=4 | pdr | stream protocol
// mutant fn_pcie_rx_demux.sv | s/\.m_tready\(m_axis_req_tready\)/.m_tready(1'b1)/

// prove fn_pcie_tx_arbiter | - | pdr | stream protocol
// mutant fn_pcie_tx_arbiter.sv | s/: !inside_q && !m_axis_tvalid;/: !inside_q;/
for (genvar i = 0; i < 3; i++) begin : g_port
  fn_axis_properties #(.DATA_W(64), .ASSUME(1'b1)) i_port (.clk(clk), .rst(rst), .tvalid(s_axis_tvalid[i]), .tready(s_axis_tready[i]), .tlast(s_axis_tlast[i]),
    .tdata(s_axis_tdata[64*i +: 64]), .tkeep(s_axis_tkeep[8*i +: 8]), .tuser(1'b0));
end

// prove fn_rx_engine | RX_QUEUES=2 | pdr | stream protocol: entries never come into frames
// mutant fn_rx_engine.sv | s/\(entry_loaded_q \|\| load\);/1'b1;/
logic owed_q;  // a frame's bytes were asked for and have not all come
always_ff @(posedge clk) begin
  if (read && read_ready && !read_skip) owed_q <= 1'b1;
  else if (s_axis_tvalid && s_axis_tready && s_axis_tlast) owed_q <= 1'b0;
  if (rst) owed_q <= 1'b0;
end
always_comb if (!rst && s_axis_tvalid) assume (owed_q);

// prove fn_tx_payload | DEPTH=4,FRAMES=2 | pdr | stream protocol
// mutant fn_tx_payload.sv | s/assign payload_ready = m_axis_tready && frame_valid/assign payload_ready = frame_valid/
always_comb if (!rst && beat_valid) assume (beat_count != 0 && beat_count <= 4'd8 - {1'b0, beat_offset});

// prove fn_usb_answers | CREDIT_DELAY=4 | pdr | stream protocol, but when the core is reset and the packet is broken off
// mutant fn_usb_answers.sv | s/if \(step && \(&index_q\)\)/if (\&index_q)/
always_comb if (!rst) assume (!core_rst);

// prove fn_usb_deframe | - | pdr | stream protocol
// mutant fn_usb_deframe.sv | s/assign s_tready    = !m_tvalid \|\| m_tready;/assign s_tready = 1'b1;/

// prove fn_usb_requests | - | pdr | stream protocol
// mutant fn_usb_requests.sv | s/if \(m_value_tready\) m_value_tvalid <= 1'b0;/m_value_tvalid <= 1'b0;/

// prove fn_usb_tx | - | pdr | stream protocol of frames and of statuses; a frame's header stands. What comes with an abort may change
// mutant fn_usb_tx.sv | s/BYTES:        part_ready = m_axis_tready && room;/BYTES: part_ready = room;/
// free i_buffer
fn_axis_properties #(.USER_W(2), .ASSUME(1'b1)) i_parts (.clk(clk), .rst(rst), .tdata(part), .tkeep(1'b1), .tvalid(part_valid), .tready(part_ready),
  .tlast(part_last), .tuser({last, first}));
fn_axis_properties #(.USER_W(192), .USER_STABLE(1'b1)) i_frames (.clk(clk), .rst(rst), .tdata(m_axis_tdata & {8{state_q != ABORT}}), .tkeep(1'b1),
  .tvalid(m_axis_tvalid), .tready(m_axis_tready), .tlast(m_axis_tlast), .tuser(m_axis_tuser));

// prove fn_rx_coalesce_pack | DATA_W=32 | pdr | stream protocol; a frame's completion stands
// mutant fn_rx_coalesce_pack.sv | s/if \(advance\) m_axis_tvalid <= 1'b0;/m_axis_tvalid <= 1'b0;/
logic inside_q;
always_ff @(posedge clk) if (rst) inside_q <= 1'b0; else if (s_valid && s_ready) inside_q <= !s_last;
always_comb if (!rst && s_valid) assume (s_from < s_to && s_to <= COUNT_W'(DATA_W / 8) && s_first == !inside_q);
fn_axis_properties #(.DATA_W(DATA_W), .USER_W(256), .USER_STABLE(1'b1)) i_frames (.clk(clk), .rst(rst), .tdata(m_axis_tdata), .tkeep(m_axis_tkeep),
  .tvalid(m_axis_tvalid), .tready(m_axis_tready), .tlast(m_axis_tlast), .tuser(m_axis_tuser));

// prove fn_tx_hold | DATA_W=8 | pdr | stream protocol; a frame's header stands
// mutant fn_tx_hold.sv | s/assign s_axis_tready = passes \? m_axis_tready :/assign s_axis_tready = passes ? 1'b1 :/
fn_axis_properties #(.DATA_W(DATA_W), .USER_W(192), .ASSUME(1'b1), .USER_STABLE(1'b1)) i_source (.clk(clk), .rst(rst), .tdata(s_axis_tdata),
  .tkeep(s_axis_tkeep), .tvalid(s_axis_tvalid), .tready(s_axis_tready), .tlast(s_axis_tlast), .tuser(s_axis_tuser));
fn_axis_properties #(.DATA_W(DATA_W), .USER_W(160), .USER_STABLE(1'b1)) i_frames (.clk(clk), .rst(rst), .tdata(m_axis_tdata),
  .tkeep(m_axis_tkeep), .tvalid(m_axis_tvalid), .tready(m_axis_tready), .tlast(m_axis_tlast), .tuser(m_axis_tuser));
logic ready_q;
always_ff @(posedge clk) ready_q <= m_owed_ready && !m_owed_valid && !rst;
always_comb if (!rst && ready_q) assume (m_owed_ready);

// prove fn_tx_launch | DATA_W=8,DEPTH=4 | pdr | stream protocol
// mutant fn_tx_launch.sv | s/if \(s_axis_tvalid && s_axis_tready\) first_q <= s_axis_tlast;/first_q <= s_axis_tlast;/
always_comb if (!rst && stamp_taken) assume (stamps_q != 0);

// prove fn_tx_stamp | DEPTH=4 | pdr | stream protocol of statuses
// mutant fn_tx_stamp.sv | s/assign m_status_tuser  = waits \? oldest : '0;/assign m_status_tuser = known ? oldest : '0;/
logic       offered_q;
logic [1:0] owed_q;
always_ff @(posedge clk) begin
  offered_q <= s_owed_valid && !s_owed_ready && !rst;
  owed_q    <= {s_owed_refused, s_owed_stamp};
end
always_comb if (!rst && offered_q) assume (s_owed_valid && {s_owed_refused, s_owed_stamp} == owed_q);

// prove fn_tx_sum | DATA_W=16,DEPTH=256 | pdr | stream protocol
// mutant fn_tx_sum.sv | s/if \(move\) begin/begin/

// prove fn_mac_gmii_rx | - | pdr | each carrier event gives one frame, and no beat comes outside of one
// mutant fn_mac_gmii_rx.sv | s/^    m_axis_tlast  <= 1'b0;//
logic begins, due_q;
assign begins = ce && state_q == IDLE && dv_q;
always_ff @(posedge clk) begin
  if (begins) due_q <= 1'b1;
  else if (m_axis_tvalid && m_axis_tlast) due_q <= 1'b0;
  if (rst) due_q <= 1'b0;
end
always_comb if (!rst) begin
  if (m_axis_tvalid) assert (due_q);
  if (begins || !busy) assert (!due_q || (m_axis_tvalid && m_axis_tlast));
end

// prove fn_mac_xgmii_rx | - | pdr | each start gives one frame, no beat comes outside of one, and tkeep is legal
// mutant fn_mac_xgmii_rx.sv | s/if \(!held_valid_q\) out_keep_q <= 8'h01;/if (!held_valid_q) out_last_q <= 1'b0;/
logic [2:0] due_q;
always_ff @(posedge clk) due_q <= rst ? '0 : due_q + 3'(start_q) - 3'(m_axis_tvalid && m_axis_tlast);
always_comb if (!rst) begin
  if (m_axis_tvalid) assert (due_q != '0);
  if (!busy) assert (due_q == '0);
end

// prove fn_tx_segment | DATA_W=16 | pdr | stream protocol
// mutant fn_tx_segment.sv | s/assign out_ready = !m_axis_tvalid \|\| m_axis_tready;/assign out_ready = 1'b1;/
