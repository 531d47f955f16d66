`default_nettype none

// A plain synchronous FIFO in registered-read memory, for records rather than frames: the oldest shows on the output.
//
// Latency 2 clocks from in to out; one record a clock on both sides at once. Full: s_tready is 0 and the source waits; a source
// that cannot wait looks at `level` first.
module fn_fifo #(
  parameter int WIDTH = 32,                                      // bits, 1 or more
  parameter int DEPTH = 16                                       // records, a power of two, 4 or more
) (
  input  logic                     clk,
  input  logic                     rst,

  input  logic [WIDTH-1:0]         s_tdata,
  input  logic                     s_tvalid,
  output logic                     s_tready,

  output logic [WIDTH-1:0]         m_tdata,
  output logic                     m_tvalid,
  input  logic                     m_tready,

  output logic [$clog2(DEPTH):0]   level                         // records in the memory; the one on the output is not counted
);

  localparam int ADDR_W = $clog2(DEPTH);

  logic [WIDTH-1:0] mem [DEPTH];
  logic [ADDR_W:0]  wr_q, rd_q;
  logic             read;

  assign level = wr_q - rd_q;
  assign s_tready = !level[ADDR_W];
  assign read = wr_q != rd_q && (m_tready || !m_tvalid);

  always_ff @(posedge clk) begin
    if (s_tvalid && s_tready) begin
      mem[wr_q[ADDR_W-1:0]] <= s_tdata;
      wr_q <= wr_q + 1'b1;
    end
    if (read) begin
      m_tdata <= mem[rd_q[ADDR_W-1:0]];
      rd_q <= rd_q + 1'b1;
    end
    if (m_tready || !m_tvalid) m_tvalid <= read;
    if (rst) begin
      wr_q <= '0;
      rd_q <= '0;
      m_tvalid <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  initial if (WIDTH < 1 || DEPTH < 4 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "fn_fifo: DEPTH must be a power of two, 4 or more");
`endif

endmodule

`default_nettype wire
