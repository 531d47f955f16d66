`default_nettype none
`include "fn_regs.svh"

// Which receive queue a frame goes to by its hash: 128 entries of 8 bits, found by the hash's low bits; frames without a hash go to the
// default queue.
//
// Latency 2 clocks from s_valid to m_queue, which then stands for 2 clocks after the next s_valid. One frame a clock. Registers (DefaultQueue
// and Indirection of block Rss) answer after 3 clocks, or later while frames come one a clock.
module fn_rx_indirection (
  input  logic         clk,
  input  logic         rst,

  input  logic         reg_write,
  input  logic         reg_read,
  input  logic [15:0]  reg_address,
  input  logic [31:0]  reg_wdata,
  output logic [31:0]  reg_rdata,                                // 0 but in the clock of reg_ack
  output logic         reg_ack,

  input  logic         s_valid,                                  // pulse: a frame's hash
  input  logic [6:0]   s_hash,
  input  logic         s_hashed,                                 // there is one

  output logic [3:0]   m_queue                                   // an entry's low bits: no card has more queues
);

  localparam logic [15:0] TABLE = `FN_RSS_INDIRECTION, TABLE_END = `FN_RSS_INDIRECTION + 16'd4 * `FN_RSS_INDIRECTION_COUNT;

  logic [31:0] mem [`FN_RSS_INDIRECTION_COUNT];
  logic [31:0] set_q;                                            // words written since reset; the others are 0
  logic [7:0]  default_q;

  // The register access under way.
  logic        pending_q, write_q, in_table_q;
  logic [4:0]  index_q;
  logic [31:0] wdata_q;
  logic        in_table, is_default;

  // One read of the memory: for a frame, else for a register.
  logic        grant, lookup_q, hashed_q, grant_q, word_set_q;
  logic [1:0]  lane_q;
  logic [4:0]  address;
  logic [31:0] word_q, word;

  assign in_table = reg_address >= TABLE && reg_address < TABLE_END;
  assign is_default = reg_address == `FN_RSS_DEFAULT_QUEUE;
  assign grant = pending_q && !s_valid;
  assign address = s_valid ? s_hash[6:2] : index_q;
  assign word = word_set_q ? word_q : '0;

  always_ff @(posedge clk) begin
    if (reg_write || reg_read) begin
      pending_q <= in_table || is_default;
      write_q <= reg_write;
      in_table_q <= in_table;
      index_q <= 5'((reg_address - TABLE) >> 2);
      wdata_q <= reg_wdata;
    end else if (grant) begin
      pending_q <= 1'b0;
      if (write_q && in_table_q) begin
        mem[index_q] <= wdata_q;
        set_q[index_q] <= 1'b1;
      end
      if (write_q && !in_table_q) default_q <= wdata_q[7:0];
    end

    lookup_q <= s_valid;
    grant_q <= grant;
    if (s_valid || grant) begin
      word_q <= mem[address];
      word_set_q <= set_q[address];
      lane_q <= s_hash[1:0];
      hashed_q <= s_hashed;
    end

    if (lookup_q) m_queue <= hashed_q ? word[8*lane_q +: 4] : default_q[3:0];
    reg_ack <= grant_q;
    reg_rdata <= !grant_q || write_q ? '0 : in_table_q ? word : {24'd0, default_q};

    if (rst) begin
      pending_q <= 1'b0;
      grant_q <= 1'b0;
      lookup_q <= 1'b0;
      reg_ack <= 1'b0;
      reg_rdata <= '0;
      set_q <= '0;
      default_q <= '0;
      m_queue <= '0;
    end
  end

endmodule

`default_nettype wire
