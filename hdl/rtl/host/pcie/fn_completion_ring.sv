// One queue's completion ring: places entries in host memory with their phase, never overruns the ring, and says when to interrupt.
//
// An entry is written by fn_completion_writer in one TLP; it counts (CompletionProducer, interrupts) once the link has taken that TLP's
// last beat. Interrupt: when armed, entries wait, and there are `packets` of them or the oldest has waited for `moderation`. The wait is
// measured from when the queue is armed or the first entry comes, whichever is later. An interrupt disarms.
//
// Throughput: one entry at a time. When the ring is full, it stalls its source until the driver takes entries; while the queue drains
// (discard) it drops entries instead, because a driver that stops a queue need not read them.
`default_nettype none

module fn_completion_ring #(
  parameter int WORDS = 4  // 32-bit words an entry: 4 or 8
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic                start,          // back to position 0

  input  wire logic [63:0]         base,           // aligned to 4096
  input  wire logic [3:0]          size,           // log2 of entries
  input  wire logic [15:0]         consumer,
  output logic [15:0]              producer,
  input  wire logic                discard,

  input  wire logic [WORDS*32-1:0] s_data,         // Phase 0
  input  wire logic                s_valid,
  output logic                     s_ready,

  output logic                     m_valid,        // to fn_completion_writer
  input  wire logic                m_ready,
  output logic [63:0]              m_address,
  output logic [WORDS*32-1:0]      m_data,
  input  wire logic                m_done,         // the link has it

  input  wire logic                arm,
  input  wire logic                disarm,
  output logic                     armed,
  input  wire logic [7:0]          packets,
  input  wire logic [15:0]         moderation,
  input  wire logic                msi_enabled,
  output logic                     irq,      // until taken
  input  wire logic                irq_taken,

  output logic                     quiet,          // no entry on its way
  output logic                     idle            // no interrupt on its way and no timer running either
);

  localparam int SHIFT = $clog2(WORDS * 4);

  typedef enum logic [1:0] { IDLE, ASK, WAIT } state_t;
  state_t state_q;

  logic [WORDS*32-1:0] entry_q;
  logic [15:0]         waiting, mask, index;
  logic                room, counting, enough;
  logic [19:0]         timer_q;

  assign waiting = producer - consumer;
  assign mask    = 16'((17'd1 << size) - 17'd1);
  assign index   = producer & mask;
  assign room    = waiting <= mask;

  assign s_ready   = state_q == IDLE && (room || discard);
  assign m_valid   = state_q == ASK;
  assign m_address = base + (64'(index) << SHIFT);
  // 1 on the first pass, then alternating: the bit of the free-running position above the index.
  assign m_data    = {!producer[size], entry_q[WORDS*32-2:0]};
  assign quiet     = state_q == IDLE && !s_valid;

  always_ff @(posedge clk) begin
    case (state_q)
      IDLE: if (s_valid && s_ready) begin
        entry_q <= s_data;
        if (room) state_q <= ASK;
      end
      ASK: if (m_ready) state_q <= WAIT;
      default: if (m_done) begin
        state_q  <= IDLE;
        producer <= producer + 16'd1;
      end
    endcase
    if (rst || start) begin
      state_q  <= IDLE;
      producer <= '0;
    end
  end

  // ---------------------------------------------------------------- interrupt
  assign counting = armed && msi_enabled && waiting != '0;
  assign enough   = waiting >= {8'd0, packets} || timer_q[19:4] >= moderation;
  assign idle     = quiet && !counting && !irq && !arm;

  always_ff @(posedge clk) begin
    if (irq_taken) irq <= 1'b0;
    if (counting) timer_q <= timer_q + 20'd1;
    if (counting && enough && !irq) begin
      irq <= 1'b1;
      armed     <= 1'b0;
      timer_q   <= '0;
    end
    if (arm || disarm) begin
      armed   <= arm;
      timer_q <= '0;
    end
    if (rst) begin
      irq <= 1'b0;
      armed     <= 1'b0;
      timer_q   <= '0;
    end
  end

`ifndef SYNTHESIS
  initial if (WORDS != 4 && WORDS != 8) $fatal(1, "fn_completion_ring: WORDS must be 4 or 8");
`endif

  logic unused;
  assign unused = entry_q[WORDS*32-1];

endmodule

`default_nettype wire
