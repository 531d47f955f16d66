// Reads host memory: cuts requests into read TLPs, keeps up to READ_TAGS of them outstanding, takes their completions in any order and
// cut anywhere legal, and hands out the bytes in the order asked for.
//
// Each outstanding read owns 512 bytes of reorder memory, so completions are never stalled and completion credit is always there.
// A request ends Ok, ReadError (UR, CA or CRS), Poisoned or ReadTimeout; its beats are delivered all the same (see fn_dma_read_retire).
//
// Tags are 5 bits: a generation and the slot. A slot takes its next generation with each read, so that a completion that comes twice does
// not fit the slot's next read. A tag that timed out is lost: its completion may still come, and would be taken for another's. A slot with
// all generations lost is given up; with all slots given up, reads fail at once with ReadTimeout, unsent. Only rst_tags, which is the
// function's own reset, brings tags back.
//
//   s ─▶ fn_dma_read_request ─▶ m_axis (TLPs)        s_axis_cpl ─▶ fn_dma_read_receive ─▶ memory ─▶ fn_dma_read_retire ─▶ m
//                 └────────────────────▶ slot table ◀─────────────────┘ └──────────────────────────────┘
//
// Latency: 2 clocks to the TLP, 4 from the last completion beat to data. Throughput: 1 beat a clock.
`default_nettype none
`include "fn_regs.svh"

module fn_dma_read #(
  parameter int READ_TAGS = 8,  // reads outstanding: 2, 4, 8 or 16
  parameter int CLIENT_W  = 2
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic                rst_tags,
  input  wire logic [15:0]         cfg_completer_id,
  input  wire logic [2:0]          cfg_max_read_request,
  input  wire logic [31:0]         read_timeout,     // clocks
  input  wire logic                enable,           // 0: no new TLP is begun

  input  wire logic                s_valid,
  output logic                     s_ready,
  input  wire logic [63:0]         s_address,
  input  wire logic [12:0]         s_length,         // bytes, 1 to 4096
  input  wire logic [CLIENT_W-1:0] s_client,
  input  wire logic                s_last,

  output logic                     m_valid,
  input  wire logic                m_ready,
  output logic [63:0]              m_data,
  output logic [2:0]               m_offset,
  output logic [3:0]               m_count,
  output logic                     m_last,
  output logic [CLIENT_W-1:0]      m_client,
  output logic [3:0]               m_status,

  output logic [63:0]              m_axis_tdata,
  output logic [7:0]               m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,

  input  wire logic [63:0]         s_axis_cpl_tdata,
  input  wire logic                s_axis_cpl_half,
  input  wire logic                s_axis_cpl_tvalid,
  input  wire logic                s_axis_cpl_tlast,

  output logic                     sent,             // pulses, for counters
  output logic                     failed,
  output logic                     timed_out,
  output logic                     unexpected,
  output logic                     quiet,            // no read is out and no TLP half sent
  output logic                     idle              // and nothing waits to be delivered or sent either
);

  localparam int SLOT_W = $clog2(READ_TAGS);
  localparam int GEN_W  = 5 - SLOT_W;
  localparam int GENS   = 1 << GEN_W;

  // ---------------------------------------------------------------- slot table
  logic [READ_TAGS-1:0] busy_q, waiting_q, dead_q;
  logic [6:0]           address_q  [READ_TAGS];
  logic [9:0]           length_q   [READ_TAGS];
  logic [CLIENT_W-1:0]  client_q   [READ_TAGS];
  logic                 last_q     [READ_TAGS];
  logic [7:0]           received_q [READ_TAGS];
  logic [3:0]           status_q   [READ_TAGS];
  logic [31:0]          stamp_q    [READ_TAGS];
  logic [READ_TAGS*GEN_W-1:0] generation_q;       // GEN_W bits a slot
  logic [31:0]          lost_q;                   // by {slot, generation}: the tag timed out

  // Slots in the order in which they were taken: the order of retirement.
  logic [SLOT_W-1:0]    order_q [READ_TAGS];
  logic [SLOT_W:0]      order_wr_q, order_rd_q;

  logic                 take, take_last, slot_free, slot_void, release_head, head_done;
  logic [SLOT_W-1:0]    slot, head, rx_slot;
  logic [6:0]           take_address;
  logic [9:0]           take_length;
  logic [CLIENT_W-1:0]  take_client;
  logic                 rx_busy, update, update_done, update_error, update_poisoned;
  logic [7:0]           update_received;
  logic                 request_idle, retire_idle;

  assign slot_void = &dead_q;

  always_comb begin
    slot_free = 1'b0;
    slot      = '0;
    for (int i = READ_TAGS - 1; i >= 0; i--) begin
      if (!busy_q[i] && (!dead_q[i] || slot_void)) begin
        slot_free = 1'b1;
        slot      = SLOT_W'(i);
      end
    end
  end

  // The generation behind the head's own that is not lost.
  logic [GEN_W-1:0] head_generation, next_generation, candidate;
  assign head_generation = generation_q[32'(head)*GEN_W+:GEN_W];
  always_comb begin
    next_generation = head_generation;
    candidate       = head_generation;
    for (int i = GENS - 1; i >= 1; i--) begin
      candidate = head_generation + GEN_W'(i);
      if (!lost_q[{head, candidate}]) next_generation = candidate;
    end
  end

  assign head      = order_q[order_rd_q[SLOT_W-1:0]];
  assign head_done = order_wr_q != order_rd_q && !waiting_q[head];

  // ---------------------------------------------------------------- timeout: one slot is looked at each clock
  logic [31:0]       now_q;
  logic [SLOT_W-1:0] look_q, sending_q;
  logic              sending_valid_q, expired;

  assign expired = waiting_q[look_q] && now_q - stamp_q[look_q] >= read_timeout && !(rx_busy && rx_slot == look_q)
                && !(sending_valid_q && sending_q == look_q);

  always_ff @(posedge clk) begin
    if (|waiting_q) begin
      now_q  <= now_q + 1'b1;
      look_q <= look_q + 1'b1;
    end
    if (take && !slot_void) begin
      sending_q       <= slot;
      sending_valid_q <= 1'b1;
    end else if (sent) begin
      stamp_q[sending_q] <= now_q;
      sending_valid_q    <= 1'b0;
    end
    if (rst) begin
      now_q           <= '0;
      look_q          <= '0;
      sending_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk) begin
    failed    <= 1'b0;
    timed_out <= 1'b0;
    if (take) begin
      busy_q[slot]     <= 1'b1;
      waiting_q[slot]  <= !slot_void;
      address_q[slot]  <= take_address;
      length_q[slot]   <= take_length;
      client_q[slot]   <= take_client;
      last_q[slot]     <= take_last;
      received_q[slot] <= '0;
      status_q[slot]   <= slot_void ? 4'(`FN_STATUS_READ_TIMEOUT) : 4'(`FN_STATUS_OK);
      order_q[order_wr_q[SLOT_W-1:0]] <= slot;
      order_wr_q       <= order_wr_q + 1'b1;
    end
    if (update) begin
      received_q[rx_slot] <= update_received;
      if (update_error)         status_q[rx_slot] <= 4'(`FN_STATUS_READ_ERROR);
      else if (update_poisoned) status_q[rx_slot] <= 4'(`FN_STATUS_POISONED);
      if (update_done) begin
        waiting_q[rx_slot] <= 1'b0;
        failed             <= update_error || update_poisoned || status_q[rx_slot] != 4'(`FN_STATUS_OK);
      end
    end
    if (expired) begin
      waiting_q[look_q] <= 1'b0;
      status_q[look_q]  <= 4'(`FN_STATUS_READ_TIMEOUT);
      timed_out         <= 1'b1;
      lost_q[{look_q, generation_q[32'(look_q)*GEN_W+:GEN_W]}] <= 1'b1;
    end
    if (release_head) begin
      busy_q[head]       <= 1'b0;
      dead_q[head]       <= &lost_q[32'(head)*GENS+:GENS];
      generation_q[32'(head)*GEN_W+:GEN_W] <= next_generation;
      order_rd_q         <= order_rd_q + 1'b1;
    end
    if (rst) begin
      busy_q     <= '0;
      waiting_q  <= '0;
      order_wr_q <= '0;
      order_rd_q <= '0;
      failed     <= 1'b0;
      timed_out  <= 1'b0;
    end
    if (rst_tags) begin
      dead_q       <= '0;
      generation_q <= '0;
      lost_q       <= '0;
    end
  end

  assign quiet = !(|waiting_q) && !sending_valid_q;
  assign idle  = !(|busy_q) && request_idle && retire_idle;

  // ---------------------------------------------------------------- the three stations
  fn_dma_read_request #(.SLOTS(READ_TAGS), .CLIENT_W(CLIENT_W)) u_request (
    .clk(clk), .rst(rst), .cfg_completer_id(cfg_completer_id), .cfg_max_read_request(cfg_max_read_request), .enable(enable),
    .s_valid(s_valid), .s_ready(s_ready), .s_address(s_address), .s_length(s_length), .s_client(s_client), .s_last(s_last),
    .slot_free(slot_free), .slot_void(slot_void), .slot_tag({generation_q[32'(slot)*GEN_W+:GEN_W], slot}), .take(take), .take_address(take_address),
    .take_length(take_length), .take_client(take_client), .take_last(take_last),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast), .sent(sent), .idle(request_idle)
  );

  logic [1:0]        write;
  logic [SLOT_W+5:0] write_row0, write_row1, read_row;
  logic [31:0]       write_data0, write_data1;
  logic              read;

  fn_dma_read_receive #(.SLOTS(READ_TAGS)) u_receive (
    .clk(clk), .rst(rst), .cfg_completer_id(cfg_completer_id),
    .s_axis_tdata(s_axis_cpl_tdata), .s_axis_half(s_axis_cpl_half), .s_axis_tvalid(s_axis_cpl_tvalid), .s_axis_tlast(s_axis_cpl_tlast),
    .slot(rx_slot), .slot_busy(rx_busy), .slot_waiting(waiting_q[rx_slot]), .slot_tag({generation_q[32'(rx_slot)*GEN_W+:GEN_W], rx_slot}),
    .slot_address(address_q[rx_slot]), .slot_length(length_q[rx_slot]), .slot_received(received_q[rx_slot]),
    .update(update), .update_received(update_received), .update_done(update_done), .update_error(update_error),
    .update_poisoned(update_poisoned), .unexpected(unexpected),
    .write(write), .write_row0(write_row0), .write_row1(write_row1), .write_data0(write_data0), .write_data1(write_data1)
  );

  fn_dma_read_retire #(.SLOTS(READ_TAGS), .CLIENT_W(CLIENT_W)) u_retire (
    .clk(clk), .rst(rst),
    .head_done(head_done), .head(head), .head_offset(address_q[head][1:0]), .head_length(length_q[head]), .head_client(client_q[head]),
    .head_last(last_q[head]), .head_status(status_q[head]), .head_release(release_head),
    .read(read), .read_row(read_row), .read_data({memory_data1_q, memory_data0_q}),
    .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .m_offset(m_offset), .m_count(m_count), .m_last(m_last),
    .m_client(m_client), .m_status(m_status), .idle(retire_idle)
  );

  // ---------------------------------------------------------------- reorder memory: even and odd DWs of each read
  logic [31:0] memory0 [READ_TAGS * 64];
  logic [31:0] memory1 [READ_TAGS * 64];
  logic [31:0] memory_data0_q, memory_data1_q;

  always_ff @(posedge clk) begin
    if (write[0]) memory0[write_row0] <= write_data0;
    if (write[1]) memory1[write_row1] <= write_data1;
    if (read) begin
      memory_data0_q <= memory0[read_row];
      memory_data1_q <= memory1[read_row];
    end
  end

endmodule

`default_nettype wire
