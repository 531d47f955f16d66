`default_nettype none

// What the card finds out about a received frame: watches the frame go by and gives its completion (format RxCompletion).
//
//   s_axis ─▶ fn_rx_parse ─▶ fn_rx_checksum ─▶ fn_rx_hash ─▶ m_completion
//                  └─ words with what they are ─────┘
//
// Completions come in the frames' order, one for each, 12 clocks behind a frame's last beat when frames have room between them. One
// beat a clock; never stalls anyone, but a frame that begins while `room` is 0 may go up without a hash. Frames must be longer than 16 bytes,
// as they are behind a MAC.
module fn_rx_inspect #(
  parameter int DATA_W = 64,                                     // 8, 16, 32 or 64
  parameter bit HASH   = 1'b1                                    // 0: no hash, and no words
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic                     checksum_enable,              // 0: verdicts are Unknown
  input  logic                     hash_enable,                  // 0: hash type None and hash 0

  input  logic [6:1]               hash_types,
  input  logic                     key_write,
  input  logic [3:0]               key_index,
  input  logic [31:0]              key_wdata,
  output logic [31:0]              key_rdata,                    // word key_index, 1 clock later

  input  logic [DATA_W-1:0]        s_axis_tdata,
  input  logic [DATA_W/8-1:0]      s_axis_tkeep,
  input  logic                     s_axis_tvalid,
  input  logic                     s_axis_tlast,

  output logic                     room,

  output logic                     m_word_valid,                 // the flow's key, as fn_rx_hash gives it out
  output logic [31:0]              m_word,
  output logic                     m_word_end,
  input  logic                     hold,

  output logic                     m_valid,                      // pulse
  output logic [255:0]             m_completion,                 // this and what follows stand until the next m_valid
  output logic [31:0]              m_flow_hash,
  output logic                     m_keyed
);

  localparam int WORDS = DATA_W < 32 ? 1 : DATA_W / 32;

  logic                    word_valid, word_last;
  logic [(WORDS+1)*32-1:0] words;
  logic [WORDS-1:0]        word_header, word_address, word_ports;
  logic [(WORDS+1)*4-1:0]  word_payload;
  logic [255:0]            parsed, verified;
  logic [15:0]             payload_length;
  logic                    udp, udp_no_checksum, udp_bad_length, verified_valid;

  fn_rx_parse #(.DATA_W(DATA_W)) i_parse (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast),
    .m_word_valid(word_valid), .m_word_last(word_last), .m_words(words),
    .m_word_header(word_header), .m_word_address(word_address), .m_word_ports(word_ports), .m_word_payload(word_payload),
    .m_completion(parsed), .m_payload_length(payload_length),
    .m_udp(udp), .m_udp_no_checksum(udp_no_checksum), .m_udp_bad_length(udp_bad_length)
  );

  fn_rx_checksum #(.WORDS(WORDS)) i_checksum (
    .clk(clk), .rst(rst), .enable(checksum_enable),
    .s_word_valid(word_valid), .s_word_last(word_last), .s_words(words),
    .s_word_header(word_header), .s_word_address(word_address), .s_word_payload(word_payload),
    .s_completion(parsed), .s_payload_length(payload_length),
    .s_udp(udp), .s_udp_no_checksum(udp_no_checksum), .s_udp_bad_length(udp_bad_length),
    .m_valid(verified_valid), .m_completion(verified)
  );

  // In wide rows the next frame's addresses may follow close behind a frame's end; the hash wants them behind its completion.
  localparam int ROW_W = 34 * WORDS;
  logic             hash_valid;
  logic [ROW_W-1:0] row, hash_row;

  assign row = {word_ports, word_address, words[WORDS*32-1:0]};

  generate
    if (WORDS > 1) begin : g_behind
      logic             valid1_q, valid2_q;
      logic [ROW_W-1:0] row1_q, row2_q;

      always_ff @(posedge clk) begin
        valid1_q <= word_valid && !rst;
        valid2_q <= valid1_q && !rst;
        if (word_valid) row1_q <= row;
        if (valid1_q) row2_q <= row1_q;
      end

      assign hash_valid = valid2_q;
      assign hash_row   = row2_q;
    end else begin : g_beside
      assign hash_valid = word_valid;
      assign hash_row   = row;
    end
  endgenerate

  generate
    if (HASH) begin : g_hash
      fn_rx_hash #(.WORDS(WORDS)) i_hash (
        .clk(clk), .rst(rst), .enable(hash_enable), .hash_types(hash_types),
        .key_write(key_write), .key_index(key_index), .key_wdata(key_wdata), .key_rdata(key_rdata),
        .s_word_valid(hash_valid), .s_words(hash_row[0 +: WORDS*32]), .s_word_address(hash_row[32*WORDS +: WORDS]),
        .s_word_ports(hash_row[33*WORDS +: WORDS]),
        .s_valid(verified_valid), .s_completion(verified),
        .room(room), .m_word_valid(m_word_valid), .m_word(m_word), .m_word_end(m_word_end), .hold(hold),
        .m_valid(m_valid), .m_completion(m_completion), .m_flow_hash(m_flow_hash), .m_keyed(m_keyed)
      );
    end else begin : g_no_hash
      assign key_rdata    = '0;
      assign room         = 1'b1;
      assign m_word_valid = 1'b0;
      assign m_word       = '0;
      assign m_word_end   = 1'b0;
      assign m_valid      = verified_valid;
      assign m_completion = verified;
      assign m_flow_hash  = '0;
      assign m_keyed      = 1'b0;

      logic unused;
      assign unused = &{1'b0, hash_enable, hash_types, key_write, key_index, key_wdata, hash_valid, hash_row, hold};
    end
  endgenerate

endmodule

`default_nettype wire
