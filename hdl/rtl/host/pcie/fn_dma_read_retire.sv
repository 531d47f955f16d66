// Reads finished reads out of the reorder memory, oldest first, as beats of up to 8 wanted bytes.
//
// A beat says which of its bytes are wanted (offset, count); only the first beat of a read can have an offset (0 to 3). A read that failed
// still yields all its beats, so that who counts bytes stays in step; their contents are then meaningless and m_status says why.
//
// Latency: 2 clocks from a read's completion to its first beat. Throughput: 1 beat a clock, from one read to the next too.
// m_ready = 0 stalls it; other reads' completions are still received.
`default_nettype none

module fn_dma_read_retire #(
  parameter int SLOTS    = 8,
  parameter int CLIENT_W = 2
) (
  input  wire logic                     clk,
  input  wire logic                     rst,

  // The oldest read: known while head_valid, finished when head_done. `release` frees its slot.
  input  wire logic                     head_done,
  input  wire logic [$clog2(SLOTS)-1:0] head,
  input  wire logic [1:0]               head_offset,
  input  wire logic [9:0]               head_length,   // bytes
  input  wire logic [CLIENT_W-1:0]      head_client,
  input  wire logic                     head_last,
  input  wire logic [3:0]               head_status,
  output logic                          head_release,

  output logic                          read,
  output logic [$clog2(SLOTS)+5:0]      read_row,
  input  wire logic [63:0]              read_data,     // one clock after `read`, stands until the next

  output logic                          m_valid,
  input  wire logic                     m_ready,
  output logic [63:0]                   m_data,
  output logic [2:0]                    m_offset,      // first wanted byte
  output logic [3:0]                    m_count,       // wanted bytes, 1 to 8
  output logic                          m_last,        // the last beat of a read asked for with s_last
  output logic [CLIENT_W-1:0]           m_client,
  output logic [3:0]                    m_status,      // format Status, of this beat's read

  output logic                          idle
);

  logic        active_q, step, last_row;
  logic [5:0]  row_q;
  logic [9:0]  left_q;       // wanted bytes not yet asked of the memory
  logic [9:0]  left;
  logic [2:0]  offset;
  logic [3:0]  room, count;

  // The head stands until it is released, so only row and remaining bytes are state.
  assign left     = active_q ? left_q : head_length;
  assign offset   = active_q ? 3'd0 : {1'b0, head_offset};
  assign room     = 4'd8 - {1'b0, offset};
  assign last_row = left <= {6'd0, room};
  assign count    = last_row ? left[3:0] : room;
  assign step     = head_done && (m_ready || !m_valid);

  assign read         = step;
  assign read_row     = {head, active_q ? row_q : 6'd0};
  assign head_release = step && last_row;
  assign m_data       = read_data;
  assign idle         = !m_valid && !head_done;

  always_ff @(posedge clk) begin
    if (m_ready || !m_valid) m_valid <= step;
    if (step) begin
      active_q <= !last_row;
      row_q    <= active_q ? row_q + 6'd1 : 6'd1;
      left_q   <= left - {6'd0, count};
      m_offset <= offset;
      m_count  <= count;
      m_last   <= head_last && last_row;
      m_client <= head_client;
      m_status <= head_status;
    end
    if (rst) begin
      m_valid  <= 1'b0;
      active_q <= 1'b0;
    end
  end

endmodule

`default_nettype wire
