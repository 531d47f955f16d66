// What the tests must have seen of fn_rx_inspect's completions. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_inspect_cover #(
  parameter int DATA_W = 64
) (
  input wire logic         clk,
  input wire logic         rst,
  input wire logic         checksum_enable,
  input wire logic         hash_enable,
  input wire logic         room,
  input wire logic         m_valid,
  input wire logic [255:0] m_completion,
  input wire logic         m_keyed
);

  localparam logic [1:0] UNKNOWN = 2'd0, GOOD = 2'd1, BAD = 2'd2;
  localparam logic [3:0] IPV4 = 4'd1, IPV6 = 4'd2, TCP = 4'd1, UDP = 4'd2;

  logic       four, six, has_tcp, has_udp;
  logic [1:0] header, verdict;
  logic [3:0] hash;
  assign four    = m_valid && m_completion[`FN_RX_COMPLETION_NETWORK] == IPV4;
  assign six     = m_valid && m_completion[`FN_RX_COMPLETION_NETWORK] == IPV6;
  assign has_tcp = m_completion[`FN_RX_COMPLETION_TRANSPORT] == TCP;
  assign has_udp = m_completion[`FN_RX_COMPLETION_TRANSPORT] == UDP;
  assign header  = m_completion[`FN_RX_COMPLETION_NETWORK_CHECKSUM];
  assign verdict = m_completion[`FN_RX_COMPLETION_TRANSPORT_CHECKSUM];
  assign hash    = m_completion[`FN_RX_COMPLETION_HASH_TYPE];

  always @(posedge clk) if (!rst) begin
    ipv4_header_good:    cover (four && header == GOOD);
    ipv4_header_bad:     cover (four && header == BAD);
    tcp_ipv4_good:       cover (four && has_tcp && verdict == GOOD);
    tcp_ipv4_bad:        cover (four && has_tcp && verdict == BAD);
    udp_ipv4_good:       cover (four && has_udp && verdict == GOOD);
    udp_ipv4_bad:        cover (four && has_udp && verdict == BAD);
    udp_ipv4_unknown:    cover (four && has_udp && verdict == UNKNOWN && checksum_enable);
    tcp_ipv6_good:       cover (six && has_tcp && verdict == GOOD);
    tcp_ipv6_bad:        cover (six && has_tcp && verdict == BAD);
    udp_ipv6_good:       cover (six && has_udp && verdict == GOOD);
    udp_ipv6_bad:        cover (six && has_udp && verdict == BAD);
    hash_ipv4:           cover (m_valid && hash == 4'd1);
    hash_tcp_ipv4:       cover (m_valid && hash == 4'd2);
    hash_udp_ipv4:       cover (m_valid && hash == 4'd3);
    hash_ipv6:           cover (m_valid && hash == 4'd4);
    hash_tcp_ipv6:       cover (m_valid && hash == 4'd5);
    hash_udp_ipv6:       cover (m_valid && hash == 4'd6);
    no_hash:             cover (m_valid && hash == '0 && hash_enable);
    no_key:              cover (m_valid && !m_keyed);
  end

  generate
    if (DATA_W == 64) begin : g_wide  // elsewhere no frames are so short that they come too fast
      always @(posedge clk) if (!rst) begin
        hash_has_no_room: cover (!room);
      end
    end
  endgenerate

endmodule

bind fn_rx_inspect fn_rx_inspect_cover #(.DATA_W(DATA_W)) i_cover (.*);

`default_nettype wire
