// What the tests must have seen of fn_rx_parse. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_parse_cover #(
  parameter int DEPTH = 4,
  parameter int WORDS = 2
) (
  input wire logic                    clk,
  input wire logic                    rst,
  input wire logic                    w_valid,
  input wire logic [(WORDS+1)*32-1:0] w_words,
  input wire logic [(WORDS+1)*4-1:0]  w_bytes,
  input wire logic                    first_q,
  input wire logic [6:0]              state_q,
  input wire logic                    inside_q,
  input wire logic [3:0]              index_q,
  input wire logic [2:0]              kind_q,
  input wire logic [2:0]              depth_q,
  input wire logic                    whole_q,
  input wire logic                    asked_q,
  input wire logic                    broken_q,
  input wire logic                    deep_q,
  input wire logic [1:0]              tags_q,
  input wire logic [1:0]              network_q,
  input wire logic [1:0]              transport_q,
  input wire logic                    fragment_q,
  input wire logic [6:0]              start_q,
  input wire logic [16:0]             left_q,
  input wire logic                    no_checksum_q,
  input wire logic                    bad_length_q,
  input wire logic                    believed,
  input wire logic                    brief,
  input wire logic                    carries,
  input wire logic                    m_word_valid,
  input wire logic                    m_word_last,
  input wire logic [255:0]            m_completion
);

  localparam int         IPV4_HEADER = 2, IPV6_HEADER = 3, EXTENSION = 4;
  localparam logic [1:0] IPV4 = 2'd1, IPV6 = 2'd2, ARP = 2'd3, TCP = 2'd1, UDP = 2'd2, ICMP = 2'd3, NONE = 2'd0;
  localparam logic [1:0] ALL_KNOWN = 2'd0, OTHER_NETWORK = 2'd1, MALFORMED = 2'd2, TOO_DEEP = 2'd3;
  localparam logic [2:0] HOP = 3'd4, FRAGMENT = 3'd6;

  logic       done, four, six, options, opens, fragment_header_q;
  logic [1:0] headers;
  assign done    = m_word_valid && m_word_last;
  assign headers = m_completion[`FN_RX_COMPLETION_HEADERS];
  assign four    = done && believed && network_q == IPV4;
  assign six     = done && believed && network_q == IPV6;
  assign options = start_q > 7'd9 + 7'(tags_q);
  assign opens   = w_valid && !first_q && index_q == '0 && w_bytes[0];  // the row's first word is a header's

  always @(posedge clk) begin
    if (opens && state_q[EXTENSION] && kind_q == FRAGMENT) fragment_header_q <= 1'b1;
    if (done || rst) fragment_header_q <= 1'b0;

    if (!rst) begin
      // What was found.
      ipv4_tcp:               cover (four && transport_q == TCP);
      ipv4_udp:               cover (four && transport_q == UDP);
      ipv4_icmp:              cover (four && transport_q == ICMP);
      ipv4_other:             cover (four && transport_q == NONE && headers == ALL_KNOWN && !fragment_q);
      ipv6_tcp:               cover (six && transport_q == TCP);
      ipv6_udp:               cover (six && transport_q == UDP);
      ipv6_icmp:              cover (six && transport_q == ICMP);
      ipv6_other:             cover (six && transport_q == NONE && headers == ALL_KNOWN && !fragment_q && depth_q == '0);
      arp:                    cover (done && believed && network_q == ARP);
      other_network:          cover (done && headers == OTHER_NETWORK && tags_q != 2'd2);
      ipv4_tagged:            cover (four && tags_q == 2'd1);
      ipv4_two_tags:          cover (four && tags_q == 2'd2);
      ipv6_tagged:            cover (six && tags_q == 2'd1);
      ipv6_two_tags:          cover (six && tags_q == 2'd2);
      arp_tagged:             cover (done && believed && network_q == ARP && tags_q == 2'd1);
      behind_two_tags:        cover (done && headers == OTHER_NETWORK && tags_q == 2'd2);
      ipv4_options:           cover (four && carries && options);
      one_extension:          cover (six && carries && depth_q == 3'd1);
      two_extensions:         cover (six && carries && depth_q == 3'd2);
      all_extensions:         cover (six && carries && depth_q == 3'(DEPTH));
      ipv4_fragment:          cover (four && fragment_q);
      ipv6_fragment:          cover (six && fragment_q);
      atomic_fragment:        cover (six && carries && !fragment_q && fragment_header_q);
      udp_ipv4_no_checksum:   cover (four && transport_q == UDP && no_checksum_q);
      udp_ipv6_no_checksum:   cover (six && transport_q == UDP && no_checksum_q);
      udp_bad_length:         cover (done && carries && transport_q == UDP && bad_length_q);

      // What was not believed.
      ipv4_wrong_version:     cover (opens && state_q[IPV4_HEADER] && w_words[31:28] != 4'd4);
      ipv4_header_too_short:  cover (opens && state_q[IPV4_HEADER] && w_words[31:28] == 4'd4 && w_words[27:24] < 4'd5);
      ipv4_packet_too_short:  cover (opens && state_q[IPV4_HEADER] && w_words[31:24] == 8'h45 && w_words[15:0] < 16'd20);
      ipv6_wrong_version:     cover (opens && state_q[IPV6_HEADER] && w_words[31:28] != 4'd6);
      ipv4_beyond_the_frame:  cover (done && network_q == IPV4 && left_q != '0);
      ipv6_beyond_the_frame:  cover (done && network_q == IPV6 && left_q != '0);
      no_network_header:      cover (done && asked_q && network_q == NONE && headers == MALFORMED);
      transport_cut_short:    cover (done && believed && brief && depth_q == '0 && headers == MALFORMED);
      extension_broken:       cover (six && broken_q && depth_q != '0 && kind_q != HOP);
      hop_by_hop_not_first:   cover (six && broken_q && depth_q != '0 && kind_q == HOP);
      ends_in_extension:      cover (done && inside_q);
      routing_segments_left:  cover (six && !whole_q && !fragment_q && !broken_q);
      too_many_extensions:    cover (six && headers == TOO_DEEP && depth_q == 3'(DEPTH));
      transport_too_far:      cover (six && headers == TOO_DEEP && start_q > 7'd64);
    end
  end

endmodule

bind fn_rx_parse fn_rx_parse_cover #(.DEPTH(DEPTH), .WORDS(WORDS)) i_cover (.*);

`default_nettype wire
