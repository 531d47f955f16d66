`default_nettype none
`include "fn_regs.svh"

// Adds the Toeplitz hash (Microsoft, "RSS Hashing Functions") to a frame's completion, over IPv4 or IPv6 addresses, with the TCP or
// UDP ports where HashTypes asks for them and there are any (a fragment has none).
//
// The hash is linear: every 32-bit word of the input adds, by XOR, its own function of a 64-bit window of the key, and the window
// moves on by 32 bits a word. So one unit eats the address and port words one a clock as fn_rx_parse finds them, out of a small
// queue in which the completion follows the words of its frame, and the key lies in a memory that is read in step. Addresses and
// ports are kept apart until the completion tells which are wanted.
//
// At most 9 words and the completion, 10 clocks a frame; at 64 bits a clock the shortest frames on the wire (84 bytes with
// preamble and gap) are 10.5 clocks apart. Latency 5 clocks from completion in to completion out when nothing waits. `room` says that a whole
// frame may come; a frame that comes all the same and finds the queue full goes up without a hash. A user of the words can hold a frame's
// end back, and with it all that follows.
module fn_rx_hash #(
  parameter int WORDS = 2                                        // words in a row: 1 or 2
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic                     enable,                       // 0: hash type None and hash 0
  input  logic [6:1]               hash_types,                   // register HashTypes

  // The key; a change takes effect with the next frame.
  input  logic                     key_write,
  input  logic [3:0]               key_index,                    // word 0 to 9
  input  logic [31:0]              key_wdata,
  output logic [31:0]              key_rdata,                    // word key_index, 1 clock later

  input  logic                     s_word_valid,                 // as fn_rx_parse puts them out
  input  logic [WORDS*32-1:0]      s_words,
  input  logic [WORDS-1:0]         s_word_address,
  input  logic [WORDS-1:0]         s_word_ports,

  input  logic                     s_valid,                      // a completion, behind its frame's words and before the next frame's
  input  logic [255:0]             s_completion,

  output logic                     room,

  // The words as they are eaten, for others who want a flow's key.
  output logic                     m_word_valid,
  output logic [31:0]              m_word,
  output logic                     m_word_end,                   // pulse: that was all of a frame; 2 clocks later comes m_valid
  input  logic                     hold,                         // no m_word_end in the next clock

  output logic                     m_valid,                      // pulse
  output logic [255:0]             m_completion,                 // this and what follows stand until the next m_valid
  output logic [31:0]              m_flow_hash,                  // over addresses and ports, whatever hash_types says
  output logic                     m_keyed                       // a TCP or UDP packet, and m_flow_hash is right
);

  localparam int QUEUE = 32;
  localparam int RESERVE = 7;                                    // places that words leave to completions
  localparam int FRAME = 10 + 7;                                 // items of a frame at most, and of the one before on their way here since room was said
  localparam int LENGTH_LSB = `FN_RX_COMPLETION_LENGTH_LSB, NETWORK_LSB = `FN_RX_COMPLETION_NETWORK_LSB, TOP = `FN_RX_COMPLETION_FRAGMENT_LSB;
  localparam int WALK_LSB = `FN_RX_COMPLETION_HEADERS_LSB, WALK_W = `FN_RX_COMPLETION_INNER_VLAN_LSB + 1 - `FN_RX_COMPLETION_HEADERS_LSB;
  localparam int COMPLETION_W = WALK_W + 16 + TOP + 1 - NETWORK_LSB;  // what is not constant at this point: length, words 2 and 3
  localparam int DATA_W = 34 * WORDS > COMPLETION_W + 1 ? 34 * WORDS : COMPLETION_W + 1;
  localparam int KEY_WORDS = `FN_RSS_KEY_COUNT;
  localparam logic [3:0] NET_IPV4 = 4'd1, NET_IPV6 = 4'd2, L4_TCP = 4'd1, L4_UDP = 4'd2;

  // ---------------------------------------------------------------- the queue
  logic [DATA_W:0]     in_data, out_data;
  logic                in_words, in_valid, out_valid, out_ready, queue_ready;
  logic [$clog2(QUEUE):0] level;
  logic                words_fit_q;                              // the level stands behind a subtraction: words see it a clock later, with an item on its way
  logic                lost_q;                                   // words of the frame at hand found no room

  // Completions always find room: words leave it to them.
  assign in_words = s_word_valid && (|s_word_address || |s_word_ports);
  assign in_valid = s_valid || (in_words && words_fit_q);

  always_comb begin
    in_data = '0;
    in_data[COMPLETION_W:0] = {lost_q, s_completion[WALK_LSB +: WALK_W], s_completion[TOP:NETWORK_LSB], s_completion[LENGTH_LSB +: 16]};
    if (!s_valid) in_data[34*WORDS-1:0] = {s_word_ports, s_word_address, s_words};
    in_data[DATA_W] = s_valid;
  end

  always_ff @(posedge clk) begin
    room <= level < ($clog2(QUEUE)+1)'(QUEUE - RESERVE - FRAME);
    words_fit_q <= level < ($clog2(QUEUE)+1)'(QUEUE - RESERVE - 1);
    if (s_valid) lost_q <= in_words;
    else if (in_words && !in_valid) lost_q <= 1'b1;
    if (rst) lost_q <= 1'b0;
  end

  fn_fifo #(.WIDTH(DATA_W + 1), .DEPTH(QUEUE)) i_queue (
    .clk(clk), .rst(rst),
    .s_tdata(in_data), .s_tvalid(in_valid), .s_tready(queue_ready),
    .m_tdata(out_data), .m_tvalid(out_valid), .m_tready(out_ready), .level(level)
  );

`ifndef SYNTHESIS
  always @(posedge clk) if (in_valid && !rst) assert (queue_ready);   // else a completion is lost
`endif

  // ---------------------------------------------------------------- 1: one word a clock out of the queue
  logic [WORDS-1:0]    pending, done_q, done_d;                  // words of the item at hand
  logic                step, step_ports, finish, step_q, step_ports_q, finish_q;
  logic [31:0]         word, word_q;
  logic                lost_frame_q;
  logic [COMPLETION_W-1:0] completion_q;

  always_comb begin
    pending = '0;
    done_d = done_q;
    step = 1'b0;
    step_ports = 1'b0;
    word = '0;
    // Not in two clocks running, so that a completion may stay where it is until its hash is ready.
    finish = out_valid && out_data[DATA_W] && !finish_q && !hold;
    if (out_valid && !out_data[DATA_W]) begin
      pending = (out_data[32*WORDS +: WORDS] | out_data[33*WORDS +: WORDS]) & ~done_q;
      for (int i = WORDS - 1; i >= 0; i--) begin
        if (pending[i]) begin
          step = 1'b1;
          step_ports = out_data[33*WORDS+i];
          word = out_data[32*i +: 32];
          done_d = done_q | (WORDS'(1) << i);
        end
      end
    end
    out_ready = finish || (step && (pending & ~done_d) == '0);
  end

  always_ff @(posedge clk) begin
    done_q <= out_ready ? '0 : done_d;
    step_q <= step;
    step_ports_q <= step_ports;
    finish_q <= finish;
    if (step) word_q <= word;
    if (finish) {lost_frame_q, completion_q} <= out_data[COMPLETION_W:0];
    if (rst) begin
      done_q <= '0;
      step_q <= 1'b0;
      finish_q <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- 2: the key in step with the words
  // key_high_q and key_low_q hold words k and k+1, where k counts the words of the frame, and fetched_q word k+2 as it comes from the
  // memory. While no frame is under way they are fetched again and again, so that a new key is seen; words 0 and 1 also have
  // registers of their own, so that a new frame can begin at once.
  logic [31:0]         key_mem [16];
  logic [15:0]         key_set_q;                                // words written since reset; the others read 0
  logic [31:0]         key_first_q, key_second_q, key_high_q, key_low_q, fetched_q, read_q;
  logic                fetched_set_q, read_set_q;
  logic [3:0]          fetch, k_q;

  assign fetch = step_q ? k_q + 4'd3 : 4'd2;
  assign key_rdata = read_set_q ? read_q : '0;

  always_ff @(posedge clk) begin
    if (key_write && key_index < 4'(KEY_WORDS)) begin
      key_mem[key_index] <= key_wdata;
      key_set_q[key_index] <= 1'b1;
      if (key_index == 4'd0) key_first_q <= key_wdata;
      if (key_index == 4'd1) key_second_q <= key_wdata;
    end
    read_q <= key_mem[key_index];
    read_set_q <= key_set_q[key_index];

    if (step_q || finish_q || k_q == '0) begin
      fetched_q <= key_mem[fetch];
      fetched_set_q <= key_set_q[fetch];
      key_high_q <= step_q ? key_low_q : key_first_q;
      key_low_q <= !step_q ? key_second_q : fetched_set_q ? fetched_q : '0;
    end
    if (step_q) k_q <= k_q + 4'd1;
    if (finish_q) k_q <= '0;
    if (rst) begin
      key_set_q <= '0;
      key_first_q <= '0;
      key_second_q <= '0;
      k_q <= '0;
    end
  end

  // ---------------------------------------------------------------- 2 and 3: the sum
  logic [63:0]         window;
  logic [31:0]         part, part_q, addresses_q, ports_q;
  logic                step2_q, step2_ports_q, finish2_q;

  assign window = {key_high_q, key_low_q};

  always_comb begin
    part = '0;
    for (int b = 0; b < 32; b++) part = part ^ (window[63-b -: 32] & {32{word_q[31-b]}});
  end

  always_ff @(posedge clk) begin
    step2_q <= step_q;
    step2_ports_q <= step_ports_q;
    finish2_q <= finish_q;
    if (step_q) part_q <= part;
    if (step2_q) begin
      if (step2_ports_q) ports_q <= part_q;
      else addresses_q <= addresses_q ^ part_q;
    end
    if (finish2_q) addresses_q <= '0;
    if (rst) begin
      step2_q <= 1'b0;
      finish2_q <= 1'b0;
      addresses_q <= '0;
    end
  end

  // ---------------------------------------------------------------- the completion
  logic [255:0]        completion;
  logic [31:0]         hash;
  logic [2:0]          hash_type, hash_type_q;
  logic                ports, ports_wanted_q;
  logic [3:0]          network, transport;

  assign network = completion_q[19:16];
  assign transport = completion_q[23:20];

  always_comb begin
    hash_type = 3'd0;
    ports = 1'b0;
    if (enable && !lost_frame_q) begin
      if (network == NET_IPV4) begin
        ports = (transport == L4_TCP && hash_types[2]) || (transport == L4_UDP && hash_types[3]);
        hash_type = ports ? (transport == L4_TCP ? 3'd2 : 3'd3) : hash_types[1] ? 3'd1 : 3'd0;
      end else if (network == NET_IPV6) begin
        ports = (transport == L4_TCP && hash_types[5]) || (transport == L4_UDP && hash_types[6]);
        hash_type = ports ? (transport == L4_TCP ? 3'd5 : 3'd6) : hash_types[4] ? 3'd4 : 3'd0;
      end
    end
    hash = hash_type_q == '0 ? '0 : ports_wanted_q ? addresses_q ^ ports_q : addresses_q;

    completion = '0;
    completion[LENGTH_LSB +: 16] = completion_q[15:0];
    completion[TOP:NETWORK_LSB] = completion_q[16 +: TOP+1-NETWORK_LSB];
    completion[WALK_LSB +: WALK_W] = completion_q[COMPLETION_W-1 -: WALK_W];
    completion[`FN_RX_COMPLETION_HASH] = hash;
    completion[`FN_RX_COMPLETION_HASH_TYPE] = {1'b0, hash_type_q};
  end

  always_ff @(posedge clk) begin
    m_valid <= finish2_q && !rst;
    if (finish_q) {ports_wanted_q, hash_type_q} <= {ports, hash_type};
    if (finish2_q) begin
      m_completion <= completion;
      m_flow_hash <= addresses_q ^ ports_q;
      m_keyed <= !lost_frame_q && (transport == L4_TCP || transport == L4_UDP);
    end
  end

  assign m_word_valid = step_q;
  assign m_word = word_q;
  assign m_word_end = finish_q;

endmodule

`default_nettype wire
