// One receive queue: its registers, a supply of free buffers fetched ahead, and the places of its completion entries. fn_rx_engine, which all
// receive queues share, takes a buffer and an entry's place together, and writes the frame and then the entry.
//
// With no buffer, or the completion ring full, the engine finds the queue not ready and its frames wait in fn_rx_buffer; those that find no
// room there are counted here (register Dropped).
`default_nettype none
`include "fn_regs.svh"

module fn_rx_queue (
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

  output logic              ready,            // there is a buffer and room for a completion entry
  output logic [63:0]       buffer_address,
  output logic [15:0]       buffer_length,
  output logic [15:0]       buffer_position,  // of its descriptor in the ring
  output logic [63:0]       entry_address,
  output logic              entry_phase,
  input  wire logic         begin_frame,      // pulse: both are taken
  input  wire logic         entry_done,       // pulse: the link has an entry
  input  wire logic         dropped,          // pulse: a frame for this queue found no room

  input  wire logic         msi_enabled,
  output logic              irq,
  input  wire logic         irq_taken,
  output logic [4:0]        msi_vector,

  output logic              idle
);

  logic         start, run, active, quiet, fetch_active, caught_up, fetch_idle, ring_quiet, room, irq_idle;
  logic [31:0]  queue_rdata, dropped_rdata, dropped_q;
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

  logic [127:0] unit;
  logic         unit_valid;

  fn_ring_fetch u_fetch (
    .clk(clk), .rst(rst), .enable(run), .base(ring_base), .size(ring_size), .producer(producer), .consumer(consumer), .error(error),
    .active(fetch_active), .caught_up(caught_up), .idle(fetch_idle),
    .req_valid(fetch_valid), .req_ready(fetch_ready), .req_address(fetch_address), .req_length(fetch_length),
    .s_data(fetched_data), .s_valid(fetched_valid), .s_last(fetched_last), .s_status(fetched_status),
    .m_unit(unit), .m_valid(unit_valid), .m_ready(begin_frame)
  );

  assign buffer_address = {unit[63:2], 2'b00};
  assign buffer_length  = unit[`FN_RX_DESCRIPTOR_LENGTH];
  assign ready          = run && unit_valid && room;

  always_ff @(posedge clk) begin
    if (begin_frame) buffer_position <= buffer_position + 16'd1;
    if (rst || start) buffer_position <= '0;
  end

  fn_completion_ring #(.WORDS(8)) u_completions (
    .clk(clk), .rst(rst), .start(start), .base(completion_base), .size(completion_size), .consumer(completion_consumer),
    .producer(completion_producer), .room(room), .address(entry_address), .phase(entry_phase), .take(begin_frame), .done(entry_done),
    .quiet(ring_quiet)
  );

  fn_interrupt_moderation u_moderation (
    .clk(clk), .rst(rst), .arm(arm), .disarm(disarm), .armed(armed), .waiting(completion_producer - completion_consumer),
    .packets(packets), .moderation(moderation), .msi_enabled(msi_enabled), .irq(irq), .irq_taken(irq_taken), .idle(irq_idle)
  );

  always_ff @(posedge clk) begin
    if (dropped) dropped_q <= dropped_q + 32'd1;
    dropped_rdata <= reg_read && {9'd0, reg_address} == `FN_RX_QUEUE_DROPPED ? dropped_q : '0;
    if (rst) begin
      dropped_q     <= '0;
      dropped_rdata <= '0;
    end
  end
  assign reg_rdata = queue_rdata | dropped_rdata;

  assign quiet = !fetch_active && ring_quiet;
  assign idle  = fetch_idle && ring_quiet && irq_idle && active == run && !start;

  logic unused;
  assign unused = &{1'b0, caught_up, unit};

endmodule

`default_nettype wire
