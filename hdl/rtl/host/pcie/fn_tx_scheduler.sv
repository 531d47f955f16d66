// Chooses the transmit queue whose packet is read next.
//
// 1. A queue counts when it has a packet, is not on hold (its packet's time is far ahead) and its pace allows one (fn_tx_pacer). So a queue
//    that waits for its time never holds up another.
// 2. Of these only those of the highest priority.
// 3. Among them by weight, in bytes: a deficit round robin that charges a packet after it was chosen, so that no length has to be known
//    before. Each queue has credit. Those with credit left take turns, packet by packet; a packet takes its bytes off its queue's credit,
//    which may fall below zero. When nobody who could send has credit left, each queue of that priority without any gets weight * 64 bytes,
//    over and over (from the 33rd time on weight * 1024, so that the debt of a 64 KB packet is paid in a hundred clocks). Who has something to
//    send all the time gets bytes in proportion to its weight, and nobody on its level starves.
//
// Latency: 2 clocks from a packet (or `look`) to `found`. After `take`, `look` must be 0 for a clock.
`default_nettype none

module fn_tx_scheduler #(
  parameter int TX_QUEUES = 1,                                 // 1 to 16
  parameter int QUEUE_W   = TX_QUEUES > 1 ? $clog2(TX_QUEUES) : 1
) (
  input  wire logic                    clk,
  input  wire logic                    rst,

  input  wire logic [TX_QUEUES-1:0]    valid,      // a packet waits, and will until it is taken
  input  wire logic [TX_QUEUES-1:0]    hold,
  input  wire logic [3*TX_QUEUES-1:0]  level,      // priority; 7 goes first
  input  wire logic [8*TX_QUEUES-1:0]  weight,     // 0 counts as 1
  input  wire logic [20*TX_QUEUES-1:0] rate,       // fn_tx_pacer's
  input  wire logic [12*TX_QUEUES-1:0] burst,

  input  wire logic                    look,       // what the queues show are packets that may be taken
  output logic                         found,
  output logic [QUEUE_W-1:0]           pick,
  input  wire logic                    take,       // with found: this one
  input  wire logic [19:0]             length,     // bytes of the packet taken

  output logic                         idle        // every bucket is full
);

  // ---------------------------------------------------------------- who may send, and who of them has the highest priority
  logic [TX_QUEUES-1:0] ready, full, eligible, first, candidates_q;
  logic [7:0]           levels;
  logic [2:0]           top, top_q;

  assign idle     = &full;
  assign eligible = valid & ready & ~hold;

  always_comb begin
    levels = '0;
    for (int i = 0; i < TX_QUEUES; i++) if (eligible[i]) levels[level[3*i+:3]] = 1'b1;
    top = '0;
    for (int l = 1; l < 8; l++) if (levels[l]) top = 3'(l);
    for (int i = 0; i < TX_QUEUES; i++) first[i] = eligible[i] && level[3*i+:3] == top;
  end

  always_ff @(posedge clk) begin
    candidates_q <= look && !take ? first : '0;
    top_q        <= top;
    if (rst) candidates_q <= '0;
  end

  // ---------------------------------------------------------------- whose turn it is among them
  logic [TX_QUEUES-1:0] solvent, turn;
  logic [QUEUE_W-1:0]   next, last_q;
  logic                 refill, taken_q;
  logic [19:0]          length_q;
  logic [5:0]           refills_q;   // in a row; 32: they are large now

  assign turn   = candidates_q & solvent;
  assign refill = candidates_q != '0 && turn == '0 && !take;

  always_comb begin
    next = '0;
    for (int i = TX_QUEUES - 1; i >= 0; i--) if (turn[i]) next = QUEUE_W'(i);
    // The first behind the queue that had its turn goes before.
    for (int i = TX_QUEUES - 1; i >= 0; i--) if (turn[i] && QUEUE_W'(i) > last_q) next = QUEUE_W'(i);
  end

  always_ff @(posedge clk) begin
    found     <= turn != '0 && look && !take;
    pick      <= next;
    taken_q   <= take;
    refills_q <= !refill ? '0 : refills_q + {5'd0, !refills_q[5]};
    if (take) begin
      last_q   <= pick;
      length_q <= length;
    end
    if (rst) begin
      found     <= 1'b0;
      taken_q   <= 1'b0;
      last_q    <= '0;
      refills_q <= '0;
    end
  end

  generate
    for (genvar i = 0; i < TX_QUEUES; i++) begin : g_queue
      fn_tx_pacer u_pacer (
        .clk(clk), .rst(rst), .rate(rate[20*i+:20]), .burst(burst[12*i+:12]), .charge(take && pick == QUEUE_W'(i)), .length(length),
        .ready(ready[i]), .full(full[i])
      );

      if (TX_QUEUES == 1) begin : g_alone
        assign solvent[i] = 1'b1;
        logic unused;
        assign unused = &{1'b0, weight, taken_q, top_q, length_q, refills_q};
      end else begin : g_credit
        logic signed [20:0] credit_q;  // bytes; from -2^20 to the largest share
        logic [13:0]        share;
        logic               mine, below;

        assign share      = {weight[8*i+:8] == '0 ? 8'd1 : weight[8*i+:8], 6'd0};
        assign mine       = taken_q && last_q == QUEUE_W'(i);
        assign below      = credit_q <= 0;
        assign solvent[i] = !below;

        always_ff @(posedge clk) begin
          if (mine) credit_q <= credit_q - {1'b0, length_q};
          else if (refill && below && level[3*i+:3] == top_q) credit_q <= credit_q + (refills_q[5] ? {3'd0, share, 4'd0} : {7'd0, share});
          if (rst) credit_q <= '0;
        end
      end
    end
  endgenerate

`ifndef SYNTHESIS
  initial if (TX_QUEUES < 1 || TX_QUEUES > 16) $fatal(1, "fn_tx_scheduler: TX_QUEUES must be 1 to 16");
`endif

endmodule

`default_nettype wire
