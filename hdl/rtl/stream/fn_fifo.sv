`default_nettype none

// A plain synchronous FIFO in registered-read memory, for records rather than frames: the oldest shows on the output.
//
// Latency 2 clocks from in to out, with REGISTER 3; one record a clock on both sides at once, with SPARSE every second one out. Full: s_tready is 0 and the source waits; a source
// that cannot wait looks at `level` first.
module fn_fifo #(
  parameter int WIDTH = 32,                                      // bits, 1 or more
  parameter int DEPTH = 16,                                      // records, a power of two, 4 or more
  parameter bit REGISTER = 1'b0,                                 // flip-flops behind the memory: a block memory's output comes late in its clock
  parameter bit SPARSE = 1'b0                                    // m_tready decides nothing but m_tvalid: for one that comes late in its clock
) (
  input  logic                     clk,
  input  logic                     rst,

  input  logic [WIDTH-1:0]         s_tdata,
  input  logic                     s_tvalid,
  output logic                     s_tready,

  output logic [WIDTH-1:0]         m_tdata,
  output logic                     m_tvalid,
  input  logic                     m_tready,

  output logic [$clog2(DEPTH):0]   level                         // records in the memory; those behind it, one or two, are not counted
);

  localparam int ADDR_W = $clog2(DEPTH);

  // No record is written where one is read: that is so only where there is none, or no room.
  (* no_rw_check *) logic [WIDTH-1:0] mem [DEPTH];
  logic [ADDR_W-1:0] wr_q, rd_q;
  logic [WIDTH-1:0]  read_q;
  logic              some_q, full_q, read_valid_q, read_ready, write, read;

  assign level = {full_q, wr_q - rd_q};
  assign s_tready = !full_q;
  assign write = s_tvalid && s_tready;
  assign read = some_q && (!read_valid_q || (read_ready && !SPARSE));

  always_ff @(posedge clk) begin
    if (write) begin
      mem[wr_q] <= s_tdata;
      wr_q <= wr_q + 1'b1;
    end
    if (read) begin
      read_q <= mem[rd_q];
      rd_q <= rd_q + 1'b1;
    end
    // Flip-flops of their own: whether there is a record, or no room, is asked for in many places.
    some_q <= write || (some_q && !(read && wr_q == ADDR_W'(rd_q + 1'b1)));
    full_q <= !read && (full_q || (write && rd_q == ADDR_W'(wr_q + 1'b1)));
    if (read_ready || !read_valid_q) read_valid_q <= read;
    if (rst) begin
      wr_q <= '0;
      rd_q <= '0;
      some_q <= 1'b0;
      full_q <= 1'b0;
      read_valid_q <= 1'b0;
    end
  end

  generate
    if (REGISTER) begin : g_register
      assign read_ready = m_tready || !m_tvalid;

      always_ff @(posedge clk) begin
        if (read_ready) begin
          m_tdata  <= read_q;
          m_tvalid <= read_valid_q;
        end
        if (rst) m_tvalid <= 1'b0;
      end
    end else begin : g_direct
      assign read_ready = m_tready;
      assign m_tdata    = read_q;
      assign m_tvalid   = read_valid_q;
    end
  endgenerate

`ifndef SYNTHESIS
  initial if (WIDTH < 1 || DEPTH < 4 || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "fn_fifo: DEPTH must be a power of two, 4 or more");
`endif

endmodule

`default_nettype wire
