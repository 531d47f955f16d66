// Synchronous FIFO for commands and descriptors: one word an entry, registered read.
//
// Latency: 2 clocks from the first word in to valid out. Throughput: 1 word a clock on both sides at once. Full: it stalls its source.
// It holds DEPTH words behind the one that stands on the output.
`default_nettype none

module fn_pcie_fifo #(
  parameter int WIDTH = 32,  // bits, 1 or more
  parameter int DEPTH = 16   // words, a power of two, 2 or more
) (
  input  wire logic             clk,
  input  wire logic             rst,    // also empties the FIFO; may be pulsed for that

  input  wire logic [WIDTH-1:0] s_data,
  input  wire logic             s_valid,
  output logic                  s_ready,

  output logic [WIDTH-1:0]      m_data,
  output logic                  m_valid,
  input  wire logic             m_ready,

  output logic                  empty   // nothing stored and nothing on the output
);

  localparam int ADDR_W = $clog2(DEPTH);

  logic [WIDTH-1:0] mem [DEPTH];
  logic [ADDR_W:0]  wr_q, rd_q;      // one bit more than the address: full and empty differ
  logic             rd_en;

  assign s_ready = wr_q != {~rd_q[ADDR_W], rd_q[ADDR_W-1:0]};
  assign rd_en   = wr_q != rd_q && (m_ready || !m_valid);
  assign empty   = wr_q == rd_q && !m_valid;

  always_ff @(posedge clk) begin
    if (s_valid && s_ready) begin
      mem[wr_q[ADDR_W-1:0]] <= s_data;
      wr_q <= wr_q + 1'b1;
    end
    if (m_ready || !m_valid) m_valid <= rd_en;
    if (rd_en) begin
      m_data <= mem[rd_q[ADDR_W-1:0]];
      rd_q   <= rd_q + 1'b1;
    end
    if (rst) begin
      wr_q    <= '0;
      rd_q    <= '0;
      m_valid <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  initial if (WIDTH < 1 || DEPTH < 2 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "fn_pcie_fifo: illegal parameter");
`endif

endmodule

`default_nettype wire
