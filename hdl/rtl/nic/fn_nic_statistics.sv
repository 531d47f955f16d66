`default_nettype none
`include "fn_regs.svh"

// The 64-bit statistics counters, those of fn_nic_rmon apart, in one memory.
//
// An event adds to a small register of its counter; a scan, one counter a clock and only while something waits, moves these
// to the memory. A full turn takes as many clocks as there are counters, so a counter may be hit in every clock and never
// misses one; byte counters hold sixteen frames of 64 KB while they wait.
//
// A read (pulse) takes what waits with it, up to the events of the second clock behind it. Latency of a read 6 clocks; one read at a time.
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

  // The scan: 0, a counter is chosen; 1, its memory word and what waits for it are fetched; 2, the memory's late output gets a clock of its own;
  // 3, the sum is written back. The scan comes to a counter once a turn; but around a read it must not meet the same word on its way.
  logic [INDEX_W-1:0] scan_q, index1_q, index2_q, index3_q;
  logic [INDEX_W-1:0] index;
  logic [COUNT-1:0] at_q;                                        // fetched now: index1_q, a bit for each counter
  logic             some_q, scan, fetch1_q, fetch2_q, fetch3_q, reading, near_read;
  logic [4:0]       reads_q;                                     // a read since its clock
  logic [19:0]      amount, amount2_q, amount3_q;
  (* no_rw_check *) logic [63:0] mem [2**INDEX_W];
  logic [63:0]      word2_q, word3_q, sum;
  logic [2**INDEX_W-1:0] set_q;                                  // words written since reset; the others are 0
  logic             word_set2_q;

  assign reading = reads_q[1];
  assign near_read = read || reads_q[0] || reads_q[2] || reads_q[3];
  assign scan = some_q && !reading && !(near_read && scan_q == read_index);
  assign index = reading ? read_index : scan_q;
  assign sum = word3_q + 64'(amount3_q);

  always_comb begin
    amount = '0;
    for (int i = 0; i < COUNT; i++) begin
      if (i == `FN_STAT_RX_BYTES) amount = amount | (rx_bytes_q & {20{at_q[i]}});
      else if (i == `FN_STAT_TX_BYTES) amount = amount | (tx_bytes_q & {20{at_q[i]}});
      else amount[WAIT_W-1:0] = amount[WAIT_W-1:0] | (waiting_q[WAIT_W*i +: WAIT_W] & {WAIT_W{at_q[i]}});
    end
  end

  always_ff @(posedge clk) begin
    if (|hit || fetch1_q) begin
      for (int i = 0; i < COUNT; i++) begin
        waiting_q[WAIT_W*i +: WAIT_W] <= (at_q[i] ? '0 : waiting_q[WAIT_W*i +: WAIT_W]) + WAIT_W'(hit[i]);
        busy_q[i] <= (busy_q[i] && !at_q[i]) || hit[i];
      end
      rx_bytes_q <= (at_q[`FN_STAT_RX_BYTES] ? '0 : rx_bytes_q) + (hit[`FN_STAT_RX_BYTES] ? 20'(rx_bytes) : '0);
      tx_bytes_q <= (at_q[`FN_STAT_TX_BYTES] ? '0 : tx_bytes_q) + (hit[`FN_STAT_TX_BYTES] ? 20'(tx_bytes) : '0);
    end

    some_q <= |busy_q;
    if (scan) scan_q <= scan_q == INDEX_W'(COUNT - 1) ? '0 : scan_q + 1'b1;
    reads_q <= {reads_q[3:0], read};
    fetch1_q <= reading || scan;
    index1_q <= index;
    for (int i = 0; i < COUNT; i++) at_q[i] <= (reading || scan) && index == INDEX_W'(i);

    fetch2_q <= fetch1_q;
    if (fetch1_q) begin
      index2_q <= index1_q;
      amount2_q <= amount;
      word2_q <= mem[index1_q];
      word_set2_q <= set_q[index1_q];
    end

    fetch3_q <= fetch2_q;
    index3_q <= index2_q;
    amount3_q <= amount2_q;
    word3_q <= word2_q;
    if (!word_set2_q) word3_q <= '0;

    if (fetch3_q) begin
      mem[index3_q] <= sum;
      set_q[index3_q] <= 1'b1;
      read_value <= sum;
    end
    read_valid <= reads_q[4];

    if (rst) begin
      waiting_q <= '0;
      rx_bytes_q <= '0;
      tx_bytes_q <= '0;
      busy_q <= '0;
      some_q <= 1'b0;
      scan_q <= '0;
      set_q <= '0;
      reads_q <= '0;
      fetch1_q <= 1'b0;
      at_q <= '0;
      fetch2_q <= 1'b0;
      fetch3_q <= 1'b0;
      read_valid <= 1'b0;
    end
  end

endmodule

`default_nettype wire
