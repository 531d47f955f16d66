// Fetches 16-byte units from a descriptor ring ahead of their use: up to 8 units (128 bytes, aligned) a read, several reads outstanding,
// into a FIFO of DEPTH units. Room for a whole read is reserved before it is asked for, so what comes back never waits; and a read is never
// made smaller for want of room, since small ones would each hold a tag for a whole latency.
//
// Latency: a read's. Throughput: half a unit a clock (64-bit beats). When `enable` falls, no more reads are asked for; those that are out
// are awaited and thrown away with what the FIFO holds, then `active` falls. A failed read sets `error` and stops the fetching; units that
// came before it are still handed out.
`default_nettype none
`include "fn_regs.svh"

module fn_ring_fetch #(
  parameter int DEPTH = 32  // units, a power of two, 8 or more
) (
  input  wire logic         clk,
  input  wire logic         rst,

  input  wire logic         enable,
  input  wire logic [63:0]  base,        // aligned to 4096
  input  wire logic [3:0]   size,        // log2 of the ring's units
  input  wire logic [15:0]  producer,
  output logic [15:0]       consumer,    // units fetched
  output logic [7:0]        error,       // format Status; 0: none. Until disabled
  output logic              active,
  output logic              caught_up,   // every unit up to `producer` is fetched and was taken from m
  output logic              idle,        // nothing to do and nothing out

  output logic              req_valid,
  input  wire logic         req_ready,
  output logic [63:0]       req_address,
  output logic [12:0]       req_length,

  // The data of those reads, in order.
  input  wire logic [63:0]  s_data,
  input  wire logic         s_valid,
  input  wire logic         s_last,      // of a read
  input  wire logic [3:0]   s_status,

  output logic [127:0]      m_unit,
  output logic              m_valid,
  input  wire logic         m_ready
);

  localparam int COUNT_W = $clog2(DEPTH) + 1;

  logic [15:0]        asked_q, consumer_q, wanted, mask;
  logic [COUNT_W-1:0] free_q;        // units of the FIFO that no read has reserved
  logic [3:0]         reads_q;       // outstanding
  logic               running_q, half_q, flush, push, pop, fifo_empty, fifo_ready;
  logic [COUNT_W-1:0] level;
  logic [63:0]        low_q;
  logic [3:0]         burst, units_q;
  logic [7:0]         error_q;
  logic               start;

  assign mask   = 16'((17'd1 << size) - 17'd1);
  assign wanted = producer - asked_q;
  // Up to the next 128-byte boundary, up to the producer.
  always_comb begin
    burst = 4'd8 - {1'b0, asked_q[2:0]};
    if (wanted < {12'd0, burst}) burst = wanted[3:0];
  end

  assign start = running_q && enable && error_q == '0 && !req_valid && burst != '0 && free_q >= COUNT_W'(burst) && reads_q != 4'd15;

  assign push  = s_valid && half_q && s_status == '0 && running_q && error_q == '0;
  assign pop   = m_valid && m_ready;
  // Thrown away once nothing is out any more, so that the FIFO is empty before the next start.
  assign flush = !enable && !req_valid && reads_q == '0;

  always_ff @(posedge clk) begin
    if (start) begin
      req_valid   <= 1'b1;
      req_address <= base + {44'd0, asked_q & mask, 4'd0};
      units_q     <= burst;
      asked_q     <= asked_q + {12'd0, burst};
    end else if (req_ready) begin
      req_valid <= 1'b0;
    end
    free_q <= free_q - (start ? COUNT_W'(burst) : '0) + (pop ? COUNT_W'(1) : '0);
    if (s_valid) begin
      half_q <= !half_q;
      low_q  <= s_data;
      if (s_status != '0 && error_q == '0) error_q <= {4'd0, s_status};
    end
    if (push) consumer_q <= consumer_q + 16'd1;
    reads_q <= reads_q + (req_valid && req_ready ? 4'd1 : 4'd0) - (s_valid && s_last ? 4'd1 : 4'd0);
    if (flush) begin
      running_q <= 1'b0;
      free_q    <= COUNT_W'(DEPTH);
      half_q    <= 1'b0;
      error_q   <= '0;
    end else if (enable && !running_q) begin
      running_q  <= 1'b1;
      asked_q    <= '0;
      consumer_q <= '0;
    end
    if (rst) begin
      running_q  <= 1'b0;
      req_valid  <= 1'b0;
      reads_q    <= '0;
      free_q     <= COUNT_W'(DEPTH);
      half_q     <= 1'b0;
      error_q    <= '0;
      asked_q    <= '0;
      consumer_q <= '0;
    end
  end

  assign fifo_empty = level == '0 && !m_valid;
  assign req_length = {5'd0, units_q, 4'd0};
  assign consumer   = consumer_q;
  assign error      = error_q;
  assign active     = running_q;
  assign caught_up  = running_q && consumer_q == producer && fifo_empty;
  assign idle       = !req_valid && reads_q == '0 && enable == running_q && !start;

  fn_fifo #(.WIDTH(128), .DEPTH(DEPTH)) u_fifo (
    .clk(clk), .rst(rst || flush),
    .s_tdata({s_data, low_q}), .s_tvalid(push), .s_tready(fifo_ready),
    .m_tdata(m_unit), .m_tvalid(m_valid), .m_tready(m_ready), .level(level)
  );

`ifndef SYNTHESIS
  initial if (DEPTH < 8 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "fn_ring_fetch: illegal DEPTH");
  always @(posedge clk) if (!rst && push && !flush) assert (fifo_ready) else $error("fn_ring_fetch: a unit was lost");
`endif

  logic unused;
  assign unused = &{1'b0, fifo_ready};

endmodule

`default_nettype wire
