// The PCI Express side of the card: everything between the TLP streams of a 7-series integrated block (PG054, 64 bits) and the core's
// streams and register bus. BAR 0: 64 KB; the lowest 4 KB are the core's registers, the rest is here (docs/registers.md).
//
//   s_axis_rx ─▶ demux ─┬─ requests ──▶ BAR completer ──▶ registers
//                       └─ completions ─▶ fn_dma_read ─▶ descriptors ─▶ fn_tx_queue, fn_rx_queue
//                                               └──────▶ payload ─────▶ fn_tx_payload ─▶ core
//   m_axis_tx ◀─ arbiter ◀─ BAR completions, reads, fn_dma_write ◀─┬─ fn_rx_engine ◀─ fn_rx_buffer ◀─ core
//                                                                  └─ fn_completion_writer
//
// Order: a frame's payload, then its completion entry, both through fn_dma_write; cfg_interrupt only after the link took the entry.
// A queue that waits (no buffer, completion ring full) holds up only its own frames.
`default_nettype none
`include "fn_regs.svh"

module fn_pcie_host #(
  parameter int TX_QUEUES = 1,  // 1 to 16
  parameter int RX_QUEUES = 1,  // 1, 2, 4, 8 or 16
  parameter int READ_TAGS = 8,  // 2, 4, 8 or 16
  parameter int RX_BEATS  = 512 // of 8 bytes, that wait for each receive queue's buffers: a power of two, more than the longest frame has
) (
  input  wire logic         clk,
  input  wire logic         rst,
  output logic              core_rst,          // rst, and while Control.Reset is at work
  input  wire logic         wire_busy,         // a frame is on its way out at the PHY: a reset waits

  input  wire logic [63:0]  s_axis_rx_tdata,
  input  wire logic [7:0]   s_axis_rx_tkeep,
  input  wire logic         s_axis_rx_tvalid,
  output logic              s_axis_rx_tready,
  input  wire logic         s_axis_rx_tlast,
  input  wire logic [21:0]  s_axis_rx_tuser,
  output logic [63:0]       m_axis_tx_tdata,
  output logic [7:0]        m_axis_tx_tkeep,
  output logic              m_axis_tx_tvalid,
  input  wire logic         m_axis_tx_tready,
  output logic              m_axis_tx_tlast,
  output logic [3:0]        m_axis_tx_tuser,

  input  wire logic [15:0]  cfg_completer_id,
  input  wire logic [2:0]   cfg_max_payload,
  input  wire logic [2:0]   cfg_max_read_request,
  input  wire logic         cfg_bus_master_enable,
  output logic              cfg_interrupt,
  input  wire logic         cfg_interrupt_rdy,
  output logic [7:0]        cfg_interrupt_di,
  input  wire logic         cfg_interrupt_msienable,
  input  wire logic [2:0]   cfg_interrupt_mmenable,

  output logic [63:0]       core_tx_tdata,
  output logic [7:0]        core_tx_tkeep,
  output logic              core_tx_tvalid,
  input  wire logic         core_tx_tready,
  output logic              core_tx_tlast,
  output logic [191:0]      core_tx_tuser,
  output logic              core_tx_tabort,
  input  wire logic [7:0]   core_tx_status_tdata,
  input  wire logic [63:0]  core_tx_status_tuser,
  input  wire logic         core_tx_status_tvalid,
  output logic              core_tx_status_tready,
  input  wire logic [63:0]  core_rx_tdata,
  input  wire logic [7:0]   core_rx_tkeep,
  input  wire logic         core_rx_tvalid,
  output logic              core_rx_tready,
  input  wire logic         core_rx_tlast,
  input  wire logic [255:0] core_rx_tuser,
  output logic              rx_dropped,        // pulse: a receive queue had no room for a frame

  input  wire logic [63:0]  now,                       // ns, and what a launch time is seen against (fn_launch_window)
  input  wire logic [23:0]  launch_lead,
  input  wire logic [31:0]  launch_horizon,

  output logic              core_reg_write,
  output logic              core_reg_read,
  output logic [15:0]       core_reg_address,
  output logic [31:0]       core_reg_wdata,
  input  wire logic [31:0]  core_reg_rdata,
  input  wire logic         core_reg_ack,

  output logic              idle
);

  localparam int QUEUES   = TX_QUEUES + RX_QUEUES;
  localparam int CLIENTS  = 1 + QUEUES;       // readers: 0 payload, then transmit queues, then receive queues
  localparam int CLIENT_W = $clog2(CLIENTS);

  logic soft_rst, stopping, dma_enable;
  assign core_rst   = rst || soft_rst;
  assign dma_enable = cfg_bus_master_enable && !stopping;

  // ---------------------------------------------------------------- from the root
  logic [63:0] cpl_tdata, req_tdata;
  logic        cpl_half, cpl_tvalid, cpl_tlast, req_half, req_tvalid, req_tready, req_tlast, req_hit, demux_empty;

  fn_pcie_rx_demux u_demux (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_rx_tdata), .s_axis_tkeep(s_axis_rx_tkeep), .s_axis_tvalid(s_axis_rx_tvalid), .s_axis_tready(s_axis_rx_tready),
    .s_axis_tlast(s_axis_rx_tlast), .s_axis_bar_hit(s_axis_rx_tuser[2]),
    .m_axis_cpl_tdata(cpl_tdata), .m_axis_cpl_half(cpl_half), .m_axis_cpl_tvalid(cpl_tvalid), .m_axis_cpl_tlast(cpl_tlast),
    .m_axis_req_tdata(req_tdata), .m_axis_req_half(req_half), .m_axis_req_tvalid(req_tvalid), .m_axis_req_tready(req_tready),
    .m_axis_req_tlast(req_tlast), .m_axis_req_bar_hit(req_hit), .empty(demux_empty)
  );

  // ---------------------------------------------------------------- to the root: 0 BAR completions, 1 reads, 2 writes
  logic [191:0] tx_tdata;
  logic [23:0]  tx_tkeep;
  logic [2:0]   tx_tvalid, tx_tready, tx_tlast;
  logic         arbiter_idle;

  fn_pcie_tx_arbiter u_arbiter (
    .clk(clk), .rst(rst),
    .s_axis_tdata(tx_tdata), .s_axis_tkeep(tx_tkeep), .s_axis_tvalid(tx_tvalid), .s_axis_tready(tx_tready), .s_axis_tlast(tx_tlast),
    .m_axis_tdata(m_axis_tx_tdata), .m_axis_tkeep(m_axis_tx_tkeep), .m_axis_tvalid(m_axis_tx_tvalid), .m_axis_tready(m_axis_tx_tready),
    .m_axis_tlast(m_axis_tx_tlast), .idle(arbiter_idle)
  );
  assign m_axis_tx_tuser = 4'b0000;  // no discontinue, no streaming, no error forwarding, no digest

  // ---------------------------------------------------------------- registers
  logic        reg_write, reg_read, reg_ack, host_ack_q, malformed, bar_idle, core_space;
  logic [15:0] reg_address;
  logic [31:0] reg_wdata, host_rdata, pcie_rdata;
  logic        pcie_space;

  fn_pcie_bar u_bar (
    .clk(clk), .rst(rst), .cfg_completer_id(cfg_completer_id),
    .s_axis_tdata(req_tdata), .s_axis_half(req_half), .s_axis_tvalid(req_tvalid), .s_axis_tready(req_tready), .s_axis_tlast(req_tlast),
    .s_axis_bar_hit(req_hit),
    .m_axis_tdata(tx_tdata[63:0]), .m_axis_tkeep(tx_tkeep[7:0]), .m_axis_tvalid(tx_tvalid[0]), .m_axis_tready(tx_tready[0]),
    .m_axis_tlast(tx_tlast[0]),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata),
    .reg_rdata(core_space ? core_reg_rdata : host_rdata), .reg_ack(reg_ack), .malformed(malformed), .idle(bar_idle)
  );

  assign core_space       = reg_address[15:12] == 4'h0;
  assign pcie_space       = {reg_address[15:12], 12'd0} == `FN_PCIE;
  assign core_reg_write   = reg_write && core_space;
  assign core_reg_read    = reg_read && core_space;
  assign core_reg_address = reg_address;
  assign core_reg_wdata   = reg_wdata;
  assign reg_ack          = core_space ? core_reg_ack : host_ack_q;

  always_ff @(posedge clk) host_ack_q <= !rst && (reg_write || reg_read);

  logic        dma_quiet, read_quiet, write_quiet, read_sent, read_failed, read_timed_out, read_unexpected, write_sent, interrupt_sent;
  logic [31:0] read_timeout;

  assign dma_quiet = read_quiet && write_quiet && !cfg_interrupt;

  fn_pcie_regs #(.TX_QUEUES(TX_QUEUES), .RX_QUEUES(RX_QUEUES), .READ_TAGS(READ_TAGS)) u_regs (
    .clk(clk), .rst(rst),
    .reg_write(reg_write && pcie_space), .reg_read(reg_read && pcie_space), .reg_address(reg_address[11:0]), .reg_wdata(reg_wdata),
    .reg_rdata(pcie_rdata), .quiet(dma_quiet), .wire_busy(wire_busy), .stopping(stopping), .soft_rst(soft_rst), .read_timeout(read_timeout),
    .count_read_error(read_failed), .count_read_timeout(read_timed_out), .count_unexpected(read_unexpected), .count_malformed(malformed),
    .count_read(read_sent), .count_write(write_sent), .count_interrupt(interrupt_sent)
  );

  // ---------------------------------------------------------------- reading host memory
  logic [CLIENTS-1:0]    fetch_valid, fetch_ready, fetch_last;
  logic [64*CLIENTS-1:0] fetch_address;
  logic [13*CLIENTS-1:0] fetch_length;
  logic                  read_valid, read_ready, read_last, read_idle;
  logic [63:0]           read_address;
  logic [12:0]           read_length;
  logic [CLIENT_W-1:0]   read_client, beat_client;
  logic                  beat_valid, beat_ready, beat_last, payload_ready;
  logic [63:0]           beat_data;
  logic [2:0]            beat_offset;
  logic [3:0]            beat_count, beat_status;

  fn_dma_read_arbiter #(.CLIENTS(CLIENTS)) u_read_arbiter (
    .clk(clk), .rst(core_rst),
    .s_valid(fetch_valid), .s_ready(fetch_ready), .s_address(fetch_address), .s_length(fetch_length), .s_last(fetch_last),
    .m_valid(read_valid), .m_ready(read_ready), .m_address(read_address), .m_length(read_length), .m_client(read_client), .m_last(read_last)
  );

  fn_dma_read #(.READ_TAGS(READ_TAGS), .CLIENT_W(CLIENT_W)) u_read (
    .clk(clk), .rst(core_rst), .rst_tags(rst), .cfg_completer_id(cfg_completer_id), .cfg_max_read_request(cfg_max_read_request),
    .read_timeout(read_timeout), .enable(dma_enable),
    .s_valid(read_valid), .s_ready(read_ready), .s_address(read_address), .s_length(read_length), .s_client(read_client), .s_last(read_last),
    .m_valid(beat_valid), .m_ready(beat_ready), .m_data(beat_data), .m_offset(beat_offset), .m_count(beat_count), .m_last(beat_last),
    .m_client(beat_client), .m_status(beat_status),
    .m_axis_tdata(tx_tdata[127:64]), .m_axis_tkeep(tx_tkeep[15:8]), .m_axis_tvalid(tx_tvalid[1]), .m_axis_tready(tx_tready[1]),
    .m_axis_tlast(tx_tlast[1]),
    .s_axis_cpl_tdata(cpl_tdata), .s_axis_cpl_half(cpl_half), .s_axis_cpl_tvalid(cpl_tvalid), .s_axis_cpl_tlast(cpl_tlast),
    .sent(read_sent), .failed(read_failed), .timed_out(read_timed_out), .unexpected(read_unexpected), .quiet(read_quiet), .idle(read_idle)
  );

  // Every reader has reserved room for what it asked, so none holds up the others; fn_byte_pack pauses a clock at a frame's end.
  assign beat_ready = beat_client != '0 || payload_ready;

  // ---------------------------------------------------------------- writing host memory: 0 received frames and entries, 1 transmit entries
  localparam int TAG_W = $clog2(QUEUES + 1);  // 0: a frame; else an entry, of transmit queue TAG - 1, and on with the receive queues
  logic [1:0]   w_valid, w_ready, w_axis_tvalid, w_axis_tready, w_axis_tlast;
  logic [2*TAG_W-1:0] w_tag;
  logic [TAG_W-1:0] write_tag, done_tag;
  logic [127:0] w_address, w_axis_tdata;
  logic [31:0]  w_length;
  logic         write_valid, write_ready, write_axis_tvalid, write_axis_tready, write_axis_tlast, write_done, write_idle;
  logic [63:0]  write_address, write_axis_tdata;
  logic [15:0]  write_length;

  fn_dma_write_arbiter #(.TAG_W(TAG_W)) u_write_arbiter (
    .clk(clk), .rst(core_rst),
    .s_valid(w_valid), .s_ready(w_ready), .s_address(w_address), .s_length(w_length), .s_tag(w_tag), .s_axis_tdata(w_axis_tdata),
    .s_axis_tvalid(w_axis_tvalid), .s_axis_tready(w_axis_tready), .s_axis_tlast(w_axis_tlast),
    .m_valid(write_valid), .m_ready(write_ready), .m_address(write_address), .m_length(write_length), .m_tag(write_tag),
    .m_axis_tdata(write_axis_tdata), .m_axis_tvalid(write_axis_tvalid), .m_axis_tready(write_axis_tready), .m_axis_tlast(write_axis_tlast)
  );

  fn_dma_write #(.TAG_W(TAG_W)) u_write (
    .clk(clk), .rst(core_rst), .cfg_max_payload(cfg_max_payload), .cfg_completer_id(cfg_completer_id), .enable(dma_enable),
    .s_valid(write_valid), .s_ready(write_ready), .s_address(write_address), .s_length(write_length), .s_tag(write_tag),
    .s_axis_tdata(write_axis_tdata), .s_axis_tvalid(write_axis_tvalid), .s_axis_tready(write_axis_tready), .s_axis_tlast(write_axis_tlast),
    .m_axis_tdata(tx_tdata[191:128]), .m_axis_tkeep(tx_tkeep[23:16]), .m_axis_tvalid(tx_tvalid[2]), .m_axis_tready(tx_tready[2]),
    .m_axis_tlast(tx_tlast[2]), .done(write_done), .done_tag(done_tag), .sent(write_sent), .quiet(write_quiet), .idle(write_idle)
  );

  // ---------------------------------------------------------------- completion rings and interrupts
  logic [TX_QUEUES-1:0]     tx_entry_valid;
  logic [64*TX_QUEUES-1:0]  tx_entry_address;
  logic [128*TX_QUEUES-1:0] tx_entry_data;
  logic [TX_QUEUES-1:0]     tx_entry_ready;
  logic [QUEUES-1:0]        entry_done, irq, irq_taken, queue_idle;
  logic [5*QUEUES-1:0]      msi_vector;
  logic                     entries_idle;

  fn_completion_writer #(.TX_QUEUES(TX_QUEUES), .TAG_W(TAG_W), .FIRST_TAG(1)) u_completions (
    .clk(clk), .rst(core_rst), .valid(tx_entry_valid), .address(tx_entry_address), .data(tx_entry_data), .ready(tx_entry_ready),
    .w_valid(w_valid[1]), .w_ready(w_ready[1]), .w_address(w_address[127:64]), .w_length(w_length[31:16]), .w_tag(w_tag[2*TAG_W-1:TAG_W]),
    .w_axis_tdata(w_axis_tdata[127:64]), .w_axis_tvalid(w_axis_tvalid[1]), .w_axis_tready(w_axis_tready[1]),
    .w_axis_tlast(w_axis_tlast[1]), .idle(entries_idle)
  );

  always_comb for (int i = 0; i < QUEUES; i++) entry_done[i] = write_done && done_tag == TAG_W'(i + 1);

  fn_pcie_interrupt #(.QUEUES(QUEUES)) u_interrupt (
    .clk(clk), .rst(core_rst), .request(irq), .taken(irq_taken), .msi_vector(msi_vector), .hold(stopping),
    .cfg_interrupt(cfg_interrupt), .cfg_interrupt_rdy(cfg_interrupt_rdy), .cfg_interrupt_di(cfg_interrupt_di),
    .cfg_interrupt_mmenable(cfg_interrupt_mmenable), .sent(interrupt_sent)
  );

  // ---------------------------------------------------------------- transmit
  logic [32*QUEUES-1:0]     queue_rdata;
  logic [128*TX_QUEUES-1:0] slice_tdata;
  logic [192*TX_QUEUES-1:0] slice_tuser;
  logic [TX_QUEUES-1:0]     slice_tvalid, slice_tready, slice_tlast, status_valid;
  logic [7:0]               status;
  logic [63:0]              timestamp;
  logic                     payload_idle;
  logic [3*TX_QUEUES-1:0]   level;
  logic [8*TX_QUEUES-1:0]   weight;
  logic [20*TX_QUEUES-1:0]  rate;
  logic [12*TX_QUEUES-1:0]  burst;
  logic [TX_QUEUES-1:0]     hold;

  generate
    for (genvar i = 0; i < TX_QUEUES; i++) begin : g_tx
      logic here;

      // A queue whose packet's launch time is still far away steps back behind the others. One queue alone can wait at the core's gate.
      if (TX_QUEUES > 1) begin : g_hold
        logic timed, settled, past, near_by, too_far;

        assign timed   = slice_tvalid[i] && slice_tuser[192*i+`FN_TX_HEADER_LAUNCH];
        assign hold[i] = timed && !(settled && (past || near_by || too_far));

        fn_launch_window u_window (
          .clk(clk), .rst(core_rst), .now(now), .lead(launch_lead), .horizon(launch_horizon),
          .ask(timed && !(slice_tready[i] && slice_tlast[i])), .launch_time(slice_tuser[192*i+128+:64]),
          .settled(settled), .past(past), .near_by(near_by), .too_far(too_far)
        );
      end else begin : g_no_hold
        assign hold[i] = 1'b0;

        logic unused;
        assign unused = &{1'b0, now, launch_lead, launch_horizon};
      end

      assign here = reg_address[15:7] == 9'((`FN_TX_QUEUE + 16'(i) * `FN_TX_QUEUE_STRIDE) >> 7);

      fn_tx_queue u_queue (
        .clk(clk), .rst(core_rst), .reg_write(reg_write && here), .reg_read(reg_read && here), .reg_address(reg_address[6:0]),
        .reg_wdata(reg_wdata), .reg_rdata(queue_rdata[32*i+:32]),
        .fetch_valid(fetch_valid[1+i]), .fetch_ready(fetch_ready[1+i]), .fetch_address(fetch_address[64*(1+i)+:64]),
        .fetch_length(fetch_length[13*(1+i)+:13]),
        .fetched_data(beat_data), .fetched_valid(beat_valid && beat_client == CLIENT_W'(1 + i)), .fetched_last(beat_last),
        .fetched_status(beat_status),
        .m_axis_tdata(slice_tdata[128*i+:128]), .m_axis_tvalid(slice_tvalid[i]), .m_axis_tready(slice_tready[i]),
        .m_axis_tlast(slice_tlast[i]), .m_axis_tuser(slice_tuser[192*i+:192]), .s_status(status), .s_timestamp(timestamp), .s_status_valid(status_valid[i]),
        .completion_valid(tx_entry_valid[i]), .completion_ready(tx_entry_ready[i]), .completion_address(tx_entry_address[64*i+:64]),
        .completion_data(tx_entry_data[128*i+:128]), .completion_done(entry_done[i]),
        .msi_enabled(cfg_interrupt_msienable), .irq(irq[i]), .irq_taken(irq_taken[i]), .msi_vector(msi_vector[5*i+:5]),
        .level(level[3*i+:3]), .weight(weight[8*i+:8]), .rate(rate[20*i+:20]), .burst(burst[12*i+:12]), .idle(queue_idle[i])
      );
      assign fetch_last[1+i] = 1'b1;
    end
  endgenerate

  fn_tx_payload #(.TX_QUEUES(TX_QUEUES)) u_tx_payload (
    .clk(clk), .rst(core_rst), .s_axis_tdata(slice_tdata), .s_axis_tvalid(slice_tvalid), .s_axis_tready(slice_tready),
    .s_axis_tlast(slice_tlast), .s_axis_tuser(slice_tuser), .m_status(status), .m_timestamp(timestamp), .m_status_valid(status_valid),
    .hold(hold), .level(level), .weight(weight), .rate(rate), .burst(burst),
    .read_valid(fetch_valid[0]), .read_ready(fetch_ready[0]), .read_address(fetch_address[63:0]), .read_length(fetch_length[12:0]),
    .read_last(fetch_last[0]), .beat_valid(beat_valid && beat_client == '0), .beat_ready(payload_ready), .beat_data(beat_data),
    .beat_offset(beat_offset), .beat_count(beat_count), .beat_last(beat_last), .beat_status(beat_status),
    .m_axis_tdata(core_tx_tdata), .m_axis_tkeep(core_tx_tkeep), .m_axis_tvalid(core_tx_tvalid), .m_axis_tready(core_tx_tready),
    .m_axis_tlast(core_tx_tlast), .m_axis_tuser(core_tx_tuser), .m_axis_tabort(core_tx_tabort), .s_status_tdata(core_tx_status_tdata), .s_status_tuser(core_tx_status_tuser),
    .s_status_tvalid(core_tx_status_tvalid), .s_status_tready(core_tx_status_tready), .idle(payload_idle)
  );

  // ---------------------------------------------------------------- receive
  localparam int RX_QUEUE_W = RX_QUEUES > 1 ? $clog2(RX_QUEUES) : 1;
  logic [64*RX_QUEUES-1:0]  buffer_address, entry_address;
  logic [16*RX_QUEUES-1:0]  buffer_length, buffer_position;
  logic [RX_QUEUES-1:0]     frame_waiting, queue_ready, entry_phase, begin_frame, queue_dropped;
  logic [RX_QUEUE_W-1:0]    rx_queue;
  logic [255:0]             metadata;
  logic [63:0]              frame_tdata;
  logic [12:0]              read_beats;
  logic                     frame_take, frame_read, frame_read_ready, frame_skip, frame_tvalid, frame_tready, frame_tlast, buffer_idle, engine_idle;

  fn_rx_buffer #(.RX_QUEUES(RX_QUEUES), .DEPTH(RX_BEATS)) u_rx_buffer (
    .clk(clk), .rst(core_rst), .s_axis_tdata(core_rx_tdata), .s_axis_tvalid(core_rx_tvalid), .s_axis_tready(core_rx_tready),
    .s_axis_tlast(core_rx_tlast), .s_axis_tuser(core_rx_tuser), .dropped(queue_dropped),
    .waiting(frame_waiting), .take_queue(rx_queue), .take(frame_take), .metadata(metadata),
    .read(frame_read), .read_ready(frame_read_ready), .read_queue(rx_queue), .read_beats(read_beats), .read_skip(frame_skip),
    .m_axis_tdata(frame_tdata), .m_axis_tvalid(frame_tvalid), .m_axis_tready(frame_tready), .m_axis_tlast(frame_tlast), .idle(buffer_idle)
  );
  assign rx_dropped = |queue_dropped;

  fn_rx_engine #(.RX_QUEUES(RX_QUEUES), .TAG_W(TAG_W), .FIRST_TAG(1 + TX_QUEUES)) u_rx_engine (
    .clk(clk), .rst(core_rst), .waiting(frame_waiting), .frame_queue(rx_queue), .take(frame_take), .metadata(metadata),
    .read(frame_read), .read_ready(frame_read_ready), .read_beats(read_beats), .read_skip(frame_skip),
    .s_axis_tdata(frame_tdata), .s_axis_tvalid(frame_tvalid), .s_axis_tready(frame_tready), .s_axis_tlast(frame_tlast),
    .queue_ready(queue_ready), .buffer_address(buffer_address), .buffer_length(buffer_length), .buffer_position(buffer_position),
    .entry_address(entry_address), .entry_phase(entry_phase), .begin_frame(begin_frame),
    .w_valid(w_valid[0]), .w_ready(w_ready[0]), .w_address(w_address[63:0]), .w_length(w_length[15:0]), .w_tag(w_tag[TAG_W-1:0]),
    .w_axis_tdata(w_axis_tdata[63:0]), .w_axis_tvalid(w_axis_tvalid[0]), .w_axis_tready(w_axis_tready[0]),
    .w_axis_tlast(w_axis_tlast[0]), .idle(engine_idle)
  );

  generate
    for (genvar i = 0; i < RX_QUEUES; i++) begin : g_rx
      localparam int Q = TX_QUEUES + i;
      logic here;
      assign here = reg_address[15:7] == 9'((`FN_RX_QUEUE + 16'(i) * `FN_RX_QUEUE_STRIDE) >> 7);

      fn_rx_queue u_queue (
        .clk(clk), .rst(core_rst), .reg_write(reg_write && here), .reg_read(reg_read && here), .reg_address(reg_address[6:0]),
        .reg_wdata(reg_wdata), .reg_rdata(queue_rdata[32*Q+:32]),
        .fetch_valid(fetch_valid[1+Q]), .fetch_ready(fetch_ready[1+Q]), .fetch_address(fetch_address[64*(1+Q)+:64]),
        .fetch_length(fetch_length[13*(1+Q)+:13]),
        .fetched_data(beat_data), .fetched_valid(beat_valid && beat_client == CLIENT_W'(1 + Q)), .fetched_last(beat_last),
        .fetched_status(beat_status),
        .ready(queue_ready[i]), .buffer_address(buffer_address[64*i+:64]), .buffer_length(buffer_length[16*i+:16]),
        .buffer_position(buffer_position[16*i+:16]), .entry_address(entry_address[64*i+:64]), .entry_phase(entry_phase[i]),
        .begin_frame(begin_frame[i]), .entry_done(entry_done[Q]), .dropped(queue_dropped[i]),
        .msi_enabled(cfg_interrupt_msienable), .irq(irq[Q]), .irq_taken(irq_taken[Q]), .msi_vector(msi_vector[5*Q+:5]),
        .idle(queue_idle[Q])
      );
      assign fetch_last[1+Q] = 1'b1;
    end
  endgenerate

  // Each block's rdata is 0 unless it was read.
  always_comb begin
    host_rdata = pcie_rdata;
    for (int i = 0; i < QUEUES; i++) host_rdata = host_rdata | queue_rdata[32*i+:32];
  end

  assign idle = demux_empty && bar_idle && arbiter_idle && !stopping && !core_rst && read_idle && write_idle && !cfg_interrupt
             && w_valid == '0 && (&queue_idle) && payload_idle && engine_idle && buffer_idle && entries_idle;

`ifndef SYNTHESIS
  initial if (TX_QUEUES < 1 || TX_QUEUES > 16 || RX_QUEUES < 1 || RX_QUEUES > 16 || (RX_QUEUES & (RX_QUEUES - 1)) != 0)
    $fatal(1, "fn_pcie_host: illegal number of queues");
`endif

  logic unused;
  assign unused = &{1'b0, s_axis_rx_tuser, core_rx_tkeep};

endmodule

`default_nettype wire
