`default_nettype none
`include "fn_regs.svh"

// The 64-bit statistics counters, those of fn_nic_rmon apart, in one memory.
//
// An event adds to a small register of its counter; a scan, one counter a clock and only while something waits, moves these
// to the memory. A full turn takes as many clocks as there are counters, so a counter may be hit in every clock and never
// misses one; byte counters hold sixteen frames of 64 KB while they wait.
//
// A read (pulse) takes what waits with it, so the answer is exact. Latency of a read 4 clocks; one read at a time.
module fn_nic_statistics (
  input  logic                        clk,
  input  logic                        rst,

  input  logic [`FN_STAT_RX_OCTETS-1:0] hit,                       // pulses; for the byte counters with the bytes
  input  logic [15:0]                 rx_bytes,
  input  logic [15:0]                 tx_bytes,

  input  logic                        read,                      // pulse
  input  logic [$clog2(`FN_STAT_RX_OCTETS)-1:0] read_index,                // held until read_valid
  output logic                        read_valid,                // pulse
  output logic [63:0]                 read_value
);

  localparam int COUNT   = `FN_STAT_RX_OCTETS;
  localparam int INDEX_W = $clog2(COUNT);
  localparam int WAIT_W  = 6;                                    // a full turn, stretched by reads

  // What waits for the scan.
  logic [WAIT_W*COUNT-1:0] waiting_q;
  logic [19:0]      rx_bytes_q, tx_bytes_q;
  logic [COUNT-1:0] busy_q;                                      // counters with something waiting

  // The scan: a counter's memory word and what waits for it are fetched together, and written back as a sum in the next clock. The
  // scan never meets a word that is still on its way; around a read it rests for a clock on both sides.
  logic [INDEX_W-1:0] scan_q, index, index_q;
  logic             fetch, reading, read_q, fetch_q, reading_q;
  logic [19:0]      amount, amount_q;
  logic [63:0]      mem [2**INDEX_W];
  logic [63:0]      word_q, sum;
  logic [2**INDEX_W-1:0] set_q;                                      // words written since reset; the others are 0
  logic             word_set_q;

  assign reading = read_q;
  assign index = reading ? read_index : scan_q;
  assign fetch = reading || (|busy_q && !read && !reading_q);
  assign sum = (word_set_q ? word_q : '0) + 64'(amount_q);

  always_comb begin
    amount = '0;
    if (fetch) begin
      for (int i = 0; i < COUNT; i++) if (index == INDEX_W'(i)) amount = 20'(waiting_q[WAIT_W*i +: WAIT_W]);
      if (index == INDEX_W'(`FN_STAT_RX_BYTES)) amount = rx_bytes_q;
      if (index == INDEX_W'(`FN_STAT_TX_BYTES)) amount = tx_bytes_q;
    end
  end

  always_ff @(posedge clk) begin
    if (|hit || fetch) begin
      for (int i = 0; i < COUNT; i++) begin
        waiting_q[WAIT_W*i +: WAIT_W] <= (fetch && index == INDEX_W'(i) ? '0 : waiting_q[WAIT_W*i +: WAIT_W]) + WAIT_W'(hit[i]);
        busy_q[i] <= (busy_q[i] && !(fetch && index == INDEX_W'(i))) || hit[i];
      end
      rx_bytes_q <= (fetch && index == INDEX_W'(`FN_STAT_RX_BYTES) ? '0 : rx_bytes_q) + (hit[`FN_STAT_RX_BYTES] ? 20'(rx_bytes) : '0);
      tx_bytes_q <= (fetch && index == INDEX_W'(`FN_STAT_TX_BYTES) ? '0 : tx_bytes_q) + (hit[`FN_STAT_TX_BYTES] ? 20'(tx_bytes) : '0);
    end
    if (fetch && !reading) scan_q <= scan_q == INDEX_W'(COUNT - 1) ? '0 : scan_q + 1'b1;

    read_q <= read;
    fetch_q <= fetch;
    reading_q <= reading;
    if (fetch) begin
      index_q <= index;
      amount_q <= amount;
      word_q <= mem[index];
      word_set_q <= set_q[index];
    end
    if (fetch_q) begin
      mem[index_q] <= sum;
      set_q[index_q] <= 1'b1;
      read_value <= sum;
    end
    read_valid <= reading_q;

    if (rst) begin
      waiting_q <= '0;
      rx_bytes_q <= '0;
      tx_bytes_q <= '0;
      busy_q <= '0;
      scan_q <= '0;
      set_q <= '0;
      read_q <= 1'b0;
      fetch_q <= 1'b0;
      reading_q <= 1'b0;
      read_valid <= 1'b0;
    end
  end

endmodule

`default_nettype wire
