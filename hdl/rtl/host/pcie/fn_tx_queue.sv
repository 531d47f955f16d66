// One transmit queue: its registers, the fetching and checking of its descriptors, and its completions.
//
// Good packets go to fn_tx_payload, which all transmit queues share; it answers with one status for each, in order. Completions are
// written in ring order. Packets in flight: up to PACKETS. A failed descriptor fetch halts the queue with Status.Error; packets fetched
// whole before it are still sent and completed.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_queue #(
  parameter int PACKETS = 32  // packets between fetching and completion, a power of two
) (
  input  wire logic         clk,
  input  wire logic         rst,

  input  wire logic         reg_write,
  input  wire logic         reg_read,
  input  wire logic [6:0]   reg_address,
  input  wire logic [31:0]  reg_wdata,
  output logic [31:0]       reg_rdata,

  output logic              fetch_valid,
  input  wire logic         fetch_ready,
  output logic [63:0]       fetch_address,
  output logic [12:0]       fetch_length,
  input  wire logic [63:0]  fetched_data,
  input  wire logic         fetched_valid,
  input  wire logic         fetched_last,
  input  wire logic [3:0]   fetched_status,

  output logic [127:0]      m_axis_tdata,     // TxSlice
  output logic              m_axis_tvalid,
  input  wire logic         m_axis_tready,
  output logic              m_axis_tlast,
  output logic [191:0]      m_axis_tuser,     // TxHeader, and above it the launch time
  input  wire logic [7:0]   s_status,
  input  wire logic [63:0]  s_timestamp,
  input  wire logic         s_status_valid,   // always taken

  output logic              completion_valid,
  input  wire logic         completion_ready, // it is taken, to be written
  output logic [63:0]       completion_address,
  output logic [127:0]      completion_data,
  input  wire logic         completion_done,

  input  wire logic         msi_enabled,
  output logic              irq,
  input  wire logic         irq_taken,
  output logic [4:0]        msi_vector,

  output logic [2:0]        level,            // for fn_tx_scheduler
  output logic [7:0]        weight,
  output logic [19:0]       rate,
  output logic [11:0]       burst,

  output logic              idle
);

  logic [31:0]  queue_rdata, schedule_rdata;
  logic         start, run, active, quiet, fetch_active, caught_up, fetch_idle, parse_idle, ring_quiet, room, irq_idle;
  logic [63:0]  ring_base, completion_base;
  logic [3:0]   ring_size, completion_size;
  logic [15:0]  producer, consumer, completion_consumer, completion_producer, moderation;
  logic [7:0]   error, packets;
  logic         arm, disarm, armed;

  fn_queue_regs u_regs (
    .clk(clk), .rst(rst), .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata),
    .reg_rdata(queue_rdata), .start(start), .run(run), .active(active), .quiet(quiet), .ring_base(ring_base), .ring_size(ring_size), .producer(producer),
    .consumer(consumer), .error(error), .completion_base(completion_base), .completion_size(completion_size),
    .completion_consumer(completion_consumer), .completion_producer(completion_producer), .arm(arm), .disarm(disarm), .armed(armed),
    .msi_vector(msi_vector), .packets(packets), .moderation(moderation)
  );

  fn_tx_queue_schedule u_schedule (
    .clk(clk), .rst(rst), .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata),
    .reg_rdata(schedule_rdata), .level(level), .weight(weight), .rate(rate), .burst(burst)
  );
  assign reg_rdata = queue_rdata | schedule_rdata;

  logic [127:0] unit;
  logic         unit_valid, unit_ready;

  fn_ring_fetch u_fetch (
    .clk(clk), .rst(rst), .enable(run), .base(ring_base), .size(ring_size), .producer(producer), .consumer(consumer), .error(error),
    .active(fetch_active), .caught_up(caught_up), .idle(fetch_idle),
    .req_valid(fetch_valid), .req_ready(fetch_ready), .req_address(fetch_address), .req_length(fetch_length),
    .s_data(fetched_data), .s_valid(fetched_valid), .s_last(fetched_last), .s_status(fetched_status),
    .m_unit(unit), .m_valid(unit_valid), .m_ready(unit_ready)
  );

  logic [15:0]  position;
  logic [7:0]   verdict, status;
  logic [63:0]  timestamp;
  logic         packet_valid, packet_ready, status_valid, status_ready, status_room;
  logic [$clog2(2*PACKETS):0] statuses;

  fn_tx_parse #(.PACKETS(PACKETS)) u_parse (
    .clk(clk), .rst(rst || start), .s_unit(unit), .s_valid(unit_valid), .s_ready(unit_ready), .s_short(caught_up), .flush(!run),
    .m_axis_tdata(m_axis_tdata), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready), .m_axis_tlast(m_axis_tlast),
    .m_axis_tuser(m_axis_tuser), .m_packet_position(position), .m_packet_status(verdict), .m_packet_valid(packet_valid),
    .m_packet_ready(packet_ready), .idle(parse_idle)
  );

  // Room for every packet that can be in flight, so that a queue whose completion ring is full never holds up another's statuses.
  fn_fifo #(.WIDTH(72), .DEPTH(2 * PACKETS)) u_statuses (
    .clk(clk), .rst(rst), .s_tdata({s_timestamp, s_status}), .s_tvalid(s_status_valid), .s_tready(status_room),
    .m_tdata({timestamp, status}), .m_tvalid(status_valid), .m_tready(status_ready), .level(statuses)
  );

  logic         entry_valid, good, phase;

  assign good         = verdict == `FN_STATUS_OK;
  assign entry_valid  = packet_valid && (!good || status_valid);
  // A driver that stops a queue need not read its entries: those without room are dropped then.
  assign packet_ready = entry_valid && (completion_ready || (!room && !run));
  assign status_ready = packet_ready && good;

  assign completion_valid = entry_valid && room;
  always_comb begin
    completion_data = '0;
    completion_data[`FN_TX_COMPLETION_RING_POSITION] = position;
    completion_data[`FN_TX_COMPLETION_STATUS]        = good ? status : verdict;
    completion_data[`FN_TX_COMPLETION_PHASE]         = phase;
    if (good) {completion_data[`FN_TX_COMPLETION_TIMESTAMP_HIGH], completion_data[`FN_TX_COMPLETION_TIMESTAMP_LOW]} = timestamp;
  end

  fn_completion_ring #(.WORDS(4)) u_completions (
    .clk(clk), .rst(rst), .start(start), .base(completion_base), .size(completion_size), .consumer(completion_consumer),
    .producer(completion_producer), .room(room), .address(completion_address), .phase(phase), .take(completion_ready),
    .done(completion_done), .quiet(ring_quiet)
  );

  fn_interrupt_moderation u_moderation (
    .clk(clk), .rst(rst), .arm(arm), .disarm(disarm), .armed(armed), .waiting(completion_producer - completion_consumer),
    .packets(packets), .moderation(moderation), .msi_enabled(msi_enabled), .irq(irq), .irq_taken(irq_taken), .idle(irq_idle)
  );

  assign quiet = !fetch_active && parse_idle && ring_quiet;
  // A halted queue may keep the first units of a packet for ever; nothing moves until the driver acts.
  assign idle  = fetch_idle && (parse_idle || (error != '0 && !packet_valid)) && ring_quiet && irq_idle && active == run && !start;

`ifndef SYNTHESIS
  always @(posedge clk) if (!rst && s_status_valid) assert (status_room) else $error("fn_tx_queue: a status was lost");
`endif

  logic unused;
  assign unused = &{1'b0, statuses, status_room};

endmodule

`default_nettype wire
