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
// Latency 3 clocks from a frame's last word to its completion; one word row a clock. A completion is kept in one place while
// it is worked on, so frames must be longer than 16 bytes; the MAC lets none under 60 pass.
module fn_rx_checksum #(
  parameter int WORDS = 2                                        // words in a row: 1, or DATA_W / 32
) (
  input  logic                     clk,
  input  logic                     rst,
  input  logic                     enable,                       // 0: both verdicts are Unknown

  input  logic                     s_word_valid,                 // as fn_rx_parse puts them out
  input  logic                     s_word_first,
  input  logic                     s_word_last,
  input  logic [(WORDS+1)*32-1:0]  s_words,
  input  logic [WORDS-1:0]         s_word_header,
  input  logic [WORDS-1:0]         s_word_address,
  input  logic [(WORDS+1)*4-1:0]   s_word_payload,
  input  logic [255:0]             s_completion,
  input  logic [15:0]              s_payload_length,
  input  logic                     s_udp_no_checksum,
  input  logic                     s_udp_bad_length,

  output logic                     m_valid,                      // pulse
  output logic [255:0]             m_completion
);

  localparam logic [3:0] NET_IPV4 = 4'd1, L4_TCP = 4'd1, L4_UDP = 4'd2;
  localparam logic [1:0] UNKNOWN = 2'd0, GOOD = 2'd1, BAD = 2'd2;

  // 1: one row's sums.
  logic [19:0]  row, header_row, row_q, header_row_q;
  logic [31:0]  masked;
  logic [WORDS:0] address;                                       // slot WORDS never holds one
  logic         valid1_q, first1_q, last1_q, last2_q;

  assign address = {1'b0, s_word_address};

  always_comb begin
    row = '0;
    header_row = '0;
    masked = '0;
    if (s_word_valid) begin
      for (int i = 0; i <= WORDS; i++) begin
        for (int b = 0; b < 4; b++) masked[8*b +: 8] = s_words[32*i+8*b +: 8] & {8{s_word_payload[4*i+b] || address[i]}};
        row = row + 20'(masked[31:16]) + 20'(masked[15:0]);
      end
      for (int i = 0; i < WORDS; i++) begin
        masked = s_words[32*i +: 32] & {32{s_word_header[i]}};
        header_row = header_row + 20'(masked[31:16]) + 20'(masked[15:0]);
      end
    end
  end

  // 2: the frame's sums. No carry is lost: a packet of 65535 bytes sums to less than 2^31, a header to less than 2^21.
  logic [31:0]  sum_q;
  logic [20:0]  header_sum_q;

  // 3: folded, the pseudo-header's length and protocol with it.
  logic [17:0]  fold_q;
  logic [16:0]  header_fold_q;

  logic [255:0] completion_q;
  logic [16:0]  pseudo_q;
  logic         judge_header_q, judge_q, bad_q;

  always_ff @(posedge clk) begin
    valid1_q <= s_word_valid && !rst;
    if (s_word_valid) begin
      first1_q <= s_word_first;
      last1_q <= s_word_last;
      row_q <= row;
      header_row_q <= header_row;
    end
    if (s_word_valid && s_word_last) begin
      completion_q <= s_completion;
      judge_header_q <= enable && s_completion[`FN_RX_COMPLETION_NETWORK] == NET_IPV4;
      judge_q <= enable && s_completion[`FN_RX_COMPLETION_TRANSPORT] == L4_TCP;
      bad_q <= 1'b0;
      pseudo_q <= {1'b0, s_payload_length} + 17'd6;
      if (s_completion[`FN_RX_COMPLETION_TRANSPORT] == L4_UDP) begin
        pseudo_q <= {1'b0, s_payload_length} + 17'd17;
        judge_q <= enable && !s_udp_bad_length && !(s_udp_no_checksum && s_completion[`FN_RX_COMPLETION_NETWORK] == NET_IPV4);
        bad_q <= s_udp_no_checksum;
      end
    end

    if (valid1_q) begin
      sum_q <= (first1_q ? '0 : sum_q) + 32'(row_q);
      header_sum_q <= (first1_q ? '0 : header_sum_q) + 21'(header_row_q);
    end
    last2_q <= valid1_q && last1_q && !rst;

    if (last2_q) begin
      fold_q <= 18'(sum_q[31:16]) + 18'(sum_q[15:0]) + 18'(pseudo_q);
      header_fold_q <= 17'(header_sum_q[20:16]) + 17'(header_sum_q[15:0]);
    end
    m_valid <= last2_q && !rst;
  end

  // A multiple of 0xFFFF below 2^18 has bits above 15 and bits 15:0 that add up to 0xFFFF, and nothing else but 0 has.
  logic right, header_right;
  assign right = 17'(fold_q[17:16]) + 17'(fold_q[15:0]) == 17'h0FFFF;
  assign header_right = 17'(header_fold_q[16]) + 17'(header_fold_q[15:0]) == 17'h0FFFF;

  always_comb begin
    m_completion = completion_q;
    m_completion[`FN_RX_COMPLETION_NETWORK_CHECKSUM] = !judge_header_q ? UNKNOWN : header_right ? GOOD : BAD;
    m_completion[`FN_RX_COMPLETION_TRANSPORT_CHECKSUM] = !judge_q ? UNKNOWN : right && !bad_q ? GOOD : BAD;
  end

endmodule

`default_nettype wire
