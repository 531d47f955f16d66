`default_nettype none
`include "fn_regs.svh"

// Adds the checksum verdicts to a frame's completion.
//
// Sums the words that fn_rx_parse marks: the IPv4 header by itself; addresses and everything that IP carries, with the length
// and protocol of the pseudo-header, for TCP and UDP (RFC 791, 9293 §3.1, 768, 8200 §8.1). A right sum is 0xFFFF (RFC 1071).
// Whatever lies behind the IP packet (Ethernet padding) is not marked and so never enters.
//
// TransportChecksum stays Unknown where Transport is Unknown or ICMP, where UDP over IPv4 carries no checksum, and where the
// UDP length is not that of the IP payload. UDP over IPv6 without a checksum is Bad (RFC 8200 §8.1).
//
// Latency 5 clocks from a frame's last word to its completion; one word row a clock. Frames must be longer than 16 bytes; the MAC lets none under
// 60 pass. No look-up table is spent on masks: registers that are reset do it.
module fn_rx_checksum #(
  parameter int WORDS = 2                                        // words in a row: 1, or DATA_W / 32
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic                     enable,                       // 0: both verdicts are Unknown

  input  logic                     s_word_valid,                 // as fn_rx_parse puts them out
  input  logic                     s_word_last,
  input  logic [(WORDS+1)*32-1:0]  s_words,
  input  logic [WORDS-1:0]         s_word_header,
  input  logic [WORDS-1:0]         s_word_address,
  input  logic [(WORDS+1)*4-1:0]   s_word_payload,
  input  logic [255:0]             s_completion,
  input  logic [15:0]              s_payload_length,
  input  logic                     s_udp,                        // stands in the pseudo-header; nobody asks where there is no transport
  input  logic                     s_udp_no_checksum,
  input  logic                     s_udp_bad_length,

  output logic                     m_valid,                      // pulse
  output logic [255:0]             m_completion
);

  localparam logic [3:0] NET_IPV4 = 4'd1, L4_TCP = 4'd1, L4_UDP = 4'd2;
  localparam logic [1:0] UNKNOWN = 2'd0, GOOD = 2'd1, BAD = 2'd2;

  // 1: bytes that nobody sums are 0. A word counts in the sum of the transport, of the IPv4 header, or, an address, of both.
  logic [WORDS*32-1:0] words_q;
  logic [15:0]         tail_q;                                   // the half word that may end a frame
  logic [WORDS-1:0]    transport1_q, header1_q;
  logic                valid1_q, last1_q, valid2_q, last2_q, valid3_q, last3_q, last4_q;

  // 2: the halves of each word added up, kept for the sums that it belongs to.
  logic [WORDS*17-1:0] halves, transport_halves_q, header_halves_q;

  // 3: one row's sums.
  logic [19:0]         row, row_q, header_row, header_row_q;

  // 4: the frame's sums. No carry is lost: a packet of 65535 bytes sums to less than 2^31, a header to less than 2^21.
  logic [31:0]         sum, sum_q, total_q;
  logic [20:0]         header_sum, header_sum_q, header_total_q;

  // 5: folded, with the pseudo-header's length and protocol and the half word behind the last row.
  logic [17:0]         fold_q;
  logic [16:0]         header_fold_q;

  // What is known with the last word waits for the sums in two places, so that a frame of three rows does not push the one before it out.
  logic [255:0]        completion1_q, completion_q;
  logic [16:0]         pseudo1_q;
  logic [17:0]         pseudo_q;
  logic                judge_header1_q, judge1_q, bad1_q, judge_header_q, judge_q, bad_q;

  assign sum        = sum_q + 32'(row_q);
  assign header_sum = header_sum_q + 21'(header_row_q);

  always_comb begin
    row        = '0;
    header_row = '0;
    for (int i = 0; i < WORDS; i++) begin
      halves[17*i +: 17] = 17'(words_q[32*i+16 +: 16]) + 17'(words_q[32*i +: 16]);
      row        = row + 20'(transport_halves_q[17*i +: 17]);
      header_row = header_row + 20'(header_halves_q[17*i +: 17]);
    end
  end

  always_ff @(posedge clk) begin
    valid1_q <= s_word_valid && !rst;
    valid2_q <= valid1_q && !rst;
    valid3_q <= valid2_q && !rst;
    if (s_word_valid) begin
      last1_q   <= s_word_last;
      header1_q <= s_word_header;
      for (int i = 0; i < WORDS; i++) begin
        transport1_q[i] <= s_word_payload[4*i +: 4] != '0 || s_word_address[i];
        for (int b = 0; b < 4; b++) begin
          words_q[32*i+8*b +: 8] <= s_words[32*i+8*b +: 8];
          if (!(s_word_payload[4*i+b] || s_word_address[i] || s_word_header[i])) words_q[32*i+8*b +: 8] <= '0;
        end
      end
    end
    if (s_word_valid && s_word_last) begin
      tail_q <= s_words[32*WORDS+16 +: 16];
      if (!s_word_payload[4*WORDS+3]) tail_q[15:8] <= '0;
      if (!s_word_payload[4*WORDS+2]) tail_q[7:0] <= '0;
      completion1_q   <= s_completion;
      judge_header1_q <= enable && s_completion[`FN_RX_COMPLETION_NETWORK] == NET_IPV4;
      judge1_q        <= enable && s_completion[`FN_RX_COMPLETION_TRANSPORT] == L4_TCP;
      bad1_q          <= 1'b0;
      pseudo1_q       <= {1'b0, s_payload_length} + (s_udp ? 17'd17 : 17'd6);
      if (s_completion[`FN_RX_COMPLETION_TRANSPORT] == L4_UDP) begin
        judge1_q <= enable && !s_udp_bad_length && !(s_udp_no_checksum && s_completion[`FN_RX_COMPLETION_NETWORK] == NET_IPV4);
        bad1_q   <= s_udp_no_checksum;
      end
    end

    if (valid1_q) begin
      last2_q <= last1_q;
      for (int i = 0; i < WORDS; i++) begin
        transport_halves_q[17*i +: 17] <= halves[17*i +: 17];
        header_halves_q[17*i +: 17]    <= halves[17*i +: 17];
        if (!transport1_q[i]) transport_halves_q[17*i +: 17] <= '0;
        if (!header1_q[i]) header_halves_q[17*i +: 17] <= '0;
      end
    end
    if (valid1_q && last1_q) pseudo_q <= 18'(pseudo1_q) + 18'(tail_q);

    if (valid2_q) begin
      last3_q      <= last2_q;
      row_q        <= row;
      header_row_q <= header_row;
    end

    if (valid3_q) begin
      sum_q        <= sum;
      header_sum_q <= header_sum;
    end
    if (rst || (valid3_q && last3_q)) begin
      sum_q        <= '0;
      header_sum_q <= '0;
    end
    if (valid3_q && last3_q) begin
      total_q        <= sum;
      header_total_q <= header_sum;
      completion_q   <= completion1_q;
      judge_header_q <= judge_header1_q;
      judge_q        <= judge1_q;
      bad_q          <= bad1_q;
    end
    last4_q <= valid3_q && last3_q && !rst;

    if (last4_q) begin
      fold_q        <= 18'(total_q[31:16]) + 18'(total_q[15:0]) + pseudo_q;
      header_fold_q <= 17'(header_total_q[20:16]) + 17'(header_total_q[15:0]);
    end
    m_valid <= last4_q && !rst;
  end

  // A right sum is a multiple of 0xFFFF and not 0, so here one of 0x0FFFF, 0x1FFFE and 0x2FFFD, and 0x3FFFC for what four words can come to.
  logic right, header_right;
  assign right = (&fold_q[15:2]) && fold_q[1:0] == ~fold_q[17:16];
  assign header_right = (&header_fold_q[15:1]) && header_fold_q[0] != header_fold_q[16];

  always_comb begin
    m_completion = completion_q;
    m_completion[`FN_RX_COMPLETION_NETWORK_CHECKSUM] = !judge_header_q ? UNKNOWN : header_right ? GOOD : BAD;
    m_completion[`FN_RX_COMPLETION_TRANSPORT_CHECKSUM] = !judge_q ? UNKNOWN : right && !bad_q ? GOOD : BAD;
  end

endmodule

`default_nettype wire
