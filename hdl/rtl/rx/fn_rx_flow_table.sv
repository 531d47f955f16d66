`default_nettype none
`include "fn_regs.svh"

// Looks received TCP and UDP packets up among the flows that the driver has written down: block FlowTable of docs/registers.md.
//
// The key comes as the words that fn_rx_hash eats (addresses, then ports), and with it the Toeplitz hash over them. The hash names four slots,
// which are read and compared as a whole, one a clock; the table is one memory for each word of the key, all read at once, so that what a
// lookup sees of a slot is of one moment. Writing a word of a key empties its slot, writing the action fills it: a lookup meets the old entry, none
// (also in the very clock of a write), or the new one, and nothing ever waits for a write. Each slot counts the frames that met its entry since its key was written.
//
// Latency 7 clocks from s_valid to m_valid. Behind s_end `busy` is 1 for six clocks, in which no
// other may come; so lookups can follow each other every 7 clocks. Registers answer after 3 clocks, later at a lookup's
// end, Matches after 4 to 8; what is written to the table
// right after a reset waits until it is cleared, a clock a slot.
module fn_rx_flow_table #(
  parameter int SLOTS = 256                                      // a power of two, 16 to 4096
) (
  input  logic         clk,
  input  logic         rst,

  input  logic         reg_write,
  input  logic         reg_read,
  input  logic [15:0]  reg_address,
  input  logic [31:0]  reg_wdata,
  output logic [31:0]  reg_rdata,                                // 0 but in the clock of reg_ack
  output logic         reg_ack,
  input  logic [15:0]  next_block,                               // register NextBlock

  input  logic         s_word_valid,                             // a word of the frame's key
  input  logic [31:0]  s_word,
  input  logic         s_end,                                    // pulse: it was the last; the next word is another frame's
  output logic         busy,

  input  logic         s_valid,                                  // pulse, 2 clocks behind s_end: the frame's hash
  input  logic [31:0]  s_hash,                                   // this and what follows stand until the next s_valid
  input  logic         s_keyed,                                  // a TCP or UDP packet, all words there
  input  logic         s_udp,
  input  logic         s_ipv6,

  output logic         m_valid,                                  // pulse
  output logic         m_matched,
  output logic [31:0]  m_action                                  // register Action of the entry; 0 without a match
);

  localparam logic [15:0] BLOCK = `FN_FLOW_TABLE, KEY = `FN_FLOW_TABLE_KEY, KEY_END = `FN_FLOW_TABLE_KEY + 16'd4 * `FN_FLOW_TABLE_KEY_COUNT;
  localparam int WORDS = `FN_FLOW_TABLE_KEY_COUNT;
  localparam int SLOT_W = $clog2(SLOTS);
  localparam int UDP = `FN_FLOW_TABLE_ACTION_UDP_LSB, IPV6 = `FN_FLOW_TABLE_ACTION_IPV6_LSB, VALID = `FN_FLOW_TABLE_ACTION_VALID_LSB;
  localparam logic [7:0] CHOICES = 8'd4;
  localparam logic [2:0] BUSY = 3'd6;                            // clocks

  // Counting reads a slot's count and writes it back, in the four clocks of `counts`; otherwise the slot that the host has chosen is read.
  logic              counts, counting_q, add_q, count_q, matches_fresh_q;
  logic [31:0]       matches_read_q, matches_q, matches_sum_q;

  // ---------------------------------------------------------------- registers
  logic              pending_q, write_q, may, grant, in_key_q, in_action_q, in_matches_q, key_write, action_write, collides, ends;
  logic [15:0]       address_q, slot_q;
  logic [31:0]       wdata_q, rdata;
  logic [SLOT_W:0]   clear_q;                                    // after reset every slot is emptied, one a clock
  logic              cleared, slot_there_q;
  logic [SLOT_W-1:0] slot;
  logic [3:0]        key_index;

  assign cleared = clear_q[SLOT_W];
  // What may be is done in the next clock; a key is not written at a lookup's end, until its slot has been counted.
  assign may = pending_q && (write_q ? (cleared || !(in_key_q || in_action_q)) && !(in_key_q && ends) : !in_matches_q || matches_fresh_q);
  assign key_write = grant && write_q && in_key_q && slot_there_q;
  assign action_write = grant && write_q && in_action_q && slot_there_q;
  assign key_index = 4'((address_q - KEY) >> 2);
  assign slot = slot_q[SLOT_W-1:0];

  always_comb begin
    case (address_q)
      `FN_FLOW_TABLE_BLOCK_HEADER: rdata = {`FN_FLOW_TABLE_BLOCK_VERSION, `FN_FLOW_TABLE_BLOCK_TYPE};
      `FN_FLOW_TABLE_NEXT_BLOCK:   rdata = {16'd0, next_block};
      `FN_FLOW_TABLE_SIZE:         rdata = {8'd0, CHOICES, 16'(SLOTS)};
      `FN_FLOW_TABLE_SLOT:         rdata = {16'd0, slot_q};
      `FN_FLOW_TABLE_MATCHES:      rdata = matches_q;
      default:                     rdata = '0;
    endcase
  end

  always_ff @(posedge clk) begin
    if (!cleared) clear_q <= clear_q + 1'b1;
    if (reg_write || reg_read) begin
      pending_q <= reg_address[15:8] == BLOCK[15:8];
      write_q <= reg_write;
      address_q <= reg_address;
      in_key_q <= reg_address >= KEY && reg_address < KEY_END;
      in_action_q <= reg_address == `FN_FLOW_TABLE_ACTION;
      in_matches_q <= reg_address == `FN_FLOW_TABLE_MATCHES;
      wdata_q <= reg_wdata;
    end else if (may) begin
      pending_q <= 1'b0;
    end
    grant <= may;
    if (grant && write_q && address_q == `FN_FLOW_TABLE_SLOT) begin
      slot_q <= wdata_q[15:0];
      slot_there_q <= wdata_q[15:0] < 16'(SLOTS);
    end
    reg_ack <= grant;
    reg_rdata <= grant && !write_q ? rdata : '0;
    if (rst) begin
      clear_q <= '0;
      pending_q <= 1'b0;
      grant <= 1'b0;
      slot_q <= '0;
      slot_there_q <= 1'b1;
      reg_ack <= 1'b0;
      reg_rdata <= '0;
    end
  end

  // ---------------------------------------------------------------- the key of the frame at hand, and of the one that is looked up
  logic [32*WORDS-1:0] words_q, key_q;                           // the last word lowest; short keys begin with zeros
  logic [2:0]          busy_q;

  assign busy = busy_q != '0;

  always_ff @(posedge clk) begin
    if (s_word_valid) words_q <= {words_q[32*(WORDS-1)-1:0], s_word};
    if (s_end) begin
      key_q <= words_q;
      words_q <= '0;
      busy_q <= BUSY;
    end else if (busy) begin
      busy_q <= busy_q - 3'd1;
    end
    if (rst) begin
      words_q <= '0;
      busy_q <= '0;
    end
  end

  // ---------------------------------------------------------------- the lookup: read, compare, judge; four slots behind one another
  logic [1:0]        choice_q;
  logic              read, read_q, last_q, read2_q, last2_q, compared_q, compared_last_q;
  logic [SLOT_W-1:0] candidate, candidate_q, candidate2_q, candidate3_q, hit_slot_q;
  (* no_rw_check *) logic [31:0] action_mem [SLOTS];
  logic [31:0]       action_q, action2_q, action3_q;
  logic [2*WORDS-1:0] equal, equal_q;                            // halves of words
  logic              spoilt_q, spoilt2_q, kind_q;

  assign read = s_valid || choice_q != '0;
  assign candidate = choice_q == 2'd0 ? SLOT_W'(s_hash) : choice_q == 2'd1 ? SLOT_W'({s_hash[7:0], s_hash[31:8]})
                   : choice_q == 2'd2 ? SLOT_W'({s_hash[15:0], s_hash[31:16]}) : SLOT_W'({s_hash[23:0], s_hash[31:24]});

  // What is read of a slot in the clock in which it is written is nobody's: the memories may give anything.
  assign collides = (key_write || action_write) && slot == candidate;

  generate
    for (genvar i = 0; i < WORDS; i++) begin : g_word
      (* no_rw_check *) logic [31:0] mem [SLOTS];
      logic [31:0] word_q, word2_q;
      always_ff @(posedge clk) begin
        if (key_write && key_index == 4'(i)) mem[slot] <= wdata_q;
        if (read) word_q <= mem[candidate];
        if (read_q) word2_q <= word_q;
      end
      assign equal[2*i +: 2] = {word2_q[31:16] == key_q[32*(WORDS-1-i)+16 +: 16], word2_q[15:0] == key_q[32*(WORDS-1-i) +: 16]};
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (!cleared) action_mem[clear_q[SLOT_W-1:0]] <= '0;
    else if (key_write) action_mem[slot] <= '0;
    else if (action_write) action_mem[slot] <= wdata_q;
    if (read) action_q <= action_mem[candidate];
  end

  always_ff @(posedge clk) begin
    choice_q <= read ? choice_q + 2'd1 : '0;
    read_q <= read;
    last_q <= choice_q == 2'd3;
    read2_q <= read_q;
    last2_q <= last_q;
    compared_q <= read2_q;
    compared_last_q <= last2_q;
    spoilt_q <= collides;
    if (read_q) begin
      action2_q <= action_q;
      spoilt2_q <= spoilt_q;
    end
    if (read2_q) begin
      equal_q <= equal;
      kind_q <= s_keyed && cleared && !spoilt2_q && action2_q[VALID] && action2_q[UDP] == s_udp && action2_q[IPV6] == s_ipv6;
      action3_q <= action2_q;
    end
    candidate_q <= candidate;
    candidate2_q <= candidate_q;
    candidate3_q <= candidate2_q;
    if (s_valid) begin
      m_matched <= 1'b0;
      m_action <= '0;
    end else if (compared_q && kind_q && (&equal_q)) begin
      m_matched <= 1'b1;
      m_action <= action3_q;
      hit_slot_q <= candidate3_q;
    end
    m_valid <= compared_last_q;
    if (rst) begin
      choice_q <= '0;
      read_q <= 1'b0;
      last_q <= 1'b0;
      read2_q <= 1'b0;
      last2_q <= 1'b0;
      compared_q <= 1'b0;
      compared_last_q <= 1'b0;
      m_valid <= 1'b0;
      m_matched <= 1'b0;
      m_action <= '0;
    end
  end

  // ---------------------------------------------------------------- frames that met each entry
  (* no_rw_check *) logic [31:0] matches_mem [SLOTS];
  logic [SLOT_W-1:0] matches_slot;

  assign counts = (m_valid && m_matched) || counting_q || add_q || count_q;
  assign ends = compared_last_q || m_valid || counting_q || add_q;
  assign matches_slot = counts ? hit_slot_q : slot;

  always_ff @(posedge clk) begin
    counting_q <= m_valid && m_matched && !rst;
    add_q <= counting_q && !rst;
    count_q <= add_q && !rst;
    matches_fresh_q <= pending_q && !counts;
    matches_read_q <= matches_mem[matches_slot];
    matches_q <= matches_read_q;
    matches_sum_q <= matches_q + 32'd1;
    if (!cleared) matches_mem[clear_q[SLOT_W-1:0]] <= '0;
    else if (key_write) matches_mem[slot] <= '0;
    else if (count_q) matches_mem[hit_slot_q] <= matches_sum_q;
  end

`ifndef SYNTHESIS
  initial if (SLOTS < 16 || SLOTS > 4096 || (SLOTS & (SLOTS - 1)) != 0) $fatal(1, "fn_rx_flow_table: SLOTS must be a power of two, 16 to 4096");
  always @(posedge clk) if (!rst) assert (!(s_end && busy));
`endif

endmodule

`default_nettype wire
