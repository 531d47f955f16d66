// One receive queue: its registers, a supply of free buffers fetched ahead, and its completions. fn_rx_engine, which all receive queues
// share, takes a buffer, writes the frame, and gives back the completion entry.
//
// With no buffer, or the completion ring full, the engine finds the queue not ready and its frames wait.
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

  output logic              ready,            // there is a buffer and room for a completion
  output logic [63:0]       buffer_address,
  output logic [15:0]       buffer_length,
  output logic [15:0]       buffer_position,  // of its descriptor in the ring
  input  wire logic         buffer_take,
  input  wire logic         busy,             // the engine works on a frame for this queue
  input  wire logic [255:0] entry,            // RxCompletion, Phase 0
  input  wire logic         entry_valid,
  output logic              entry_ready,

  output logic              completion_valid,
  input  wire logic         completion_ready,
  output logic [63:0]       completion_address,
  output logic [255:0]      completion_data,
  input  wire logic         completion_done,

  input  wire logic         msi_enabled,
  output logic              irq,
  input  wire logic         irq_taken,
  output logic [4:0]        msi_vector,

  output logic              idle
);

  logic         start, run, active, quiet, fetch_active, caught_up, fetch_idle, ring_quiet, ring_idle;
  logic [63:0]  ring_base, completion_base;
  logic [3:0]   ring_size, completion_size;
  logic [15:0]  producer, consumer, completion_consumer, completion_producer, moderation;
  logic [7:0]   error, packets;
  logic         arm, disarm, armed;

  fn_queue_regs u_regs (
    .clk(clk), .rst(rst), .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(reg_rdata),
    .start(start), .run(run), .active(active), .quiet(quiet), .ring_base(ring_base), .ring_size(ring_size), .producer(producer),
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
    .m_unit(unit), .m_valid(unit_valid), .m_ready(buffer_take)
  );

  assign buffer_address = {unit[63:2], 2'b00};
  assign buffer_length  = unit[`FN_RX_DESCRIPTOR_LENGTH];
  assign ready          = run && unit_valid && entry_ready;

  always_ff @(posedge clk) begin
    if (buffer_take) buffer_position <= buffer_position + 16'd1;
    if (rst || start) buffer_position <= '0;
  end

  fn_completion_ring #(.WORDS(8)) u_completions (
    .clk(clk), .rst(rst), .start(start), .base(completion_base), .size(completion_size), .consumer(completion_consumer),
    .producer(completion_producer), .discard(!run), .s_data(entry), .s_valid(entry_valid), .s_ready(entry_ready),
    .m_valid(completion_valid), .m_ready(completion_ready), .m_address(completion_address), .m_data(completion_data),
    .m_done(completion_done), .arm(arm), .disarm(disarm), .armed(armed), .packets(packets), .moderation(moderation),
    .msi_enabled(msi_enabled), .irq(irq), .irq_taken(irq_taken), .quiet(ring_quiet), .idle(ring_idle)
  );

  assign quiet = !fetch_active && !busy && ring_quiet;
  assign idle  = fetch_idle && !busy && ring_idle && active == run && !start;

  logic unused;
  assign unused = &{1'b0, caught_up, unit};

endmodule

`default_nettype wire
