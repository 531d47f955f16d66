`default_nettype none
`include "fn_regs.svh"

// Walks the headers of a frame as it streams by: Ethernet, up to two 802.1Q or 802.1ad tags, ARP, IPv4 with options, IPv6 with
// up to DEPTH extension headers, TCP, UDP, ICMP.
//
// The frame comes as 32-bit words (fn_rx_align), every header field inside one word, and one step of a small state machine
// eats one word; a beat of 64 bits takes two steps in a chain. Each word goes on, one clock later, with what it turned out to
// be: part of the IPv4 header, an address, the ports, or bytes that the transport checksum covers. The checksum and hash units
// live on that stream and know no protocol but their own. With a frame's last word comes its completion.
//
// What is not believed is left Unknown, never guessed: an IP packet whose total length exceeds the frame or is too small for
// its header, IPv4 with IHL < 5, a version that is not the EtherType's. Transport is Unknown in fragments (no part of one can
// be verified alone), behind extension headers that the walk does not know, that end outside the packet, lie too deep or are a
// routing header with segments left (its checksum is over another destination, RFC 8200 §8.1), where the packet is too
// short for the transport header, and when that begins beyond byte 255. An atomic fragment (RFC 6946) is a whole packet. Field Headers
// says which of these it was.
//
// Latency 2 clocks from the beat; one beat a clock; watches a stream that never waits.
module fn_rx_parse #(
  parameter int DATA_W = 64,                                     // 8, 16, 32 or 64
  parameter int DEPTH  = 4,                                      // IPv6 extension headers, 1 to 7
  parameter int WORDS  = DATA_W < 32 ? 1 : DATA_W / 32           // derived; leave alone
) (
  input  logic                     clk,
  input  logic                     rst,

  input  logic [DATA_W-1:0]        s_axis_tdata,
  input  logic [DATA_W/8-1:0]      s_axis_tkeep,
  input  logic                     s_axis_tvalid,
  input  logic                     s_axis_tlast,

  // Slot i of the word row in [32*i +: 32], first byte on top; slot WORDS is the half word that may end a frame.
  output logic                     m_word_valid,
  output logic                     m_word_last,
  output logic [(WORDS+1)*32-1:0]  m_words,
  output logic [WORDS-1:0]         m_word_header,                // the word is part of an IPv4 header
  output logic [WORDS-1:0]         m_word_address,               // ... of an IPv4 or IPv6 address
  output logic [WORDS-1:0]         m_word_ports,                 // ... the first word of what IP carries
  output logic [(WORDS+1)*4-1:0]   m_word_payload,               // by byte, bit 4*i+3 first: carried by IP, so part of the transport checksum

  // With m_word_valid && m_word_last. The completion has no checksum verdicts and no hash yet.
  output logic [255:0]             m_completion,
  output logic [15:0]              m_payload_length,             // bytes carried by IP from the transport header on
  output logic                     m_udp_no_checksum,            // UDP: the field is 0
  output logic                     m_udp_bad_length              // UDP: its length is not that of the IP payload
);

  localparam logic [15:0] TYPE_IPV4 = 16'h0800, TYPE_ARP = 16'h0806, TYPE_VLAN = 16'h8100, TYPE_QINQ = 16'h88A8, TYPE_IPV6 = 16'h86DD;
  localparam logic [7:0]  PROTO_HOP = 8'd0, PROTO_ICMP = 8'd1, PROTO_TCP = 8'd6, PROTO_UDP = 8'd17, PROTO_ROUTING = 8'd43,
                          PROTO_FRAGMENT = 8'd44, PROTO_ICMPV6 = 8'd58, PROTO_DESTINATION = 8'd60;
  localparam logic [1:0]  NET_NONE = 2'd0, NET_IPV4 = 2'd1, NET_IPV6 = 2'd2, NET_ARP = 2'd3;
  localparam logic [1:0]  L4_NONE = 2'd0, L4_TCP = 2'd1, L4_UDP = 2'd2, L4_ICMP = 2'd3;
  localparam logic [1:0]  ALL_KNOWN = 2'd0, OTHER_NETWORK = 2'd1, MALFORMED = 2'd2, TOO_DEEP = 2'd3;
  localparam logic [16:0] ARP_LENGTH = 17'd28;                   // RFC 826 with Ethernet and IPv4 addresses
  localparam logic [6:0]  LAST_START = 7'd64;                    // word 64 is bytes 254 .. 257: the last offset that fits 8 bits

  localparam logic [2:0] ETHERNET  = 3'd0,                       // addresses, then the EtherType
                         TAG       = 3'd1,                       // TCI and the EtherType behind it
                         IPV4      = 3'd2,
                         IPV6      = 3'd3,
                         EXTENSION = 3'd4,
                         PAYLOAD   = 3'd5,                       // transport header and data
                         REST      = 3'd6;                       // nothing more to be found

  logic                    w_valid, w_last;
  logic [(WORDS+1)*32-1:0] w_words;
  logic [(WORDS+1)*4-1:0]  w_bytes;

  fn_rx_align #(.DATA_W(DATA_W)) i_align (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast),
    .m_valid(w_valid), .m_last(w_last), .m_words(w_words), .m_bytes(w_bytes)
  );

  // Where the walk stands.
  logic        first_q;                                          // the next word row opens a frame
  logic [2:0]  state_q, state_d;
  logic [6:0]  position_q, position_d;                           // number of the word at hand, stops at 127
  logic [3:0]  index_q, index_d;                                 // number of the word in its header, stops at 15
  logic [8:0]  more_q, more_d;                                   // words of this header behind this one
  logic [16:0] left_q, left_d;                                   // bytes of the IP (or ARP) packet from this word on, once known
  logic [2:0]  depth_q, depth_d;                                 // extension headers entered
  logic [7:0]  protocol_q, protocol_d;                           // what comes next, then what this is
  logic        whole_q, whole_d;                                 // still a packet whose transport can be told
  logic        asked_q, asked_d;                                 // the EtherType is one that the walk knows
  logic        broken_q, broken_d;                               // a header behind the network's is not all there, or not where it may be
  logic        deep_q, deep_d;                                   // the walk ended before the headers did

  // What was found.
  logic [1:0]  tags_q, tags_d;
  logic        has_vlan_q, has_vlan_d;
  logic [15:0] vlan_q, vlan_d;
  logic [1:0]  network_q, network_d;
  logic [1:0]  transport_q, transport_d;
  logic        fragment_q, fragment_d;
  logic [6:0]  start_q, start_d;                                 // word in which the transport header begins
  logic [15:0] carried_q, carried_d;                             // bytes carried by IP
  logic [15:0] length_q, length_d;                               // bytes of the frame so far
  logic        no_checksum_q, no_checksum_d, bad_length_q, bad_length_d;

  logic [WORDS-1:0]       header_d, address_d, ports_d;
  logic [(WORDS+1)*4-1:0] payload_d;

  // One step's view.
  logic [31:0] word;
  logic [3:0]  counted;                                          // bytes that are there and belong to the packet
  logic        is_header, is_address, is_ports;
  logic        typed;                                            // the word ends with an EtherType
  logic        enter;                                            // the word ends a header and protocol_d says what begins behind it

  always_comb begin
    state_d = state_q;          position_d = position_q;    index_d = index_q;        more_d = more_q;
    left_d = left_q;            depth_d = depth_q;          protocol_d = protocol_q;  whole_d = whole_q;
    tags_d = tags_q;            has_vlan_d = has_vlan_q;    vlan_d = vlan_q;          network_d = network_q;
    transport_d = transport_q;  fragment_d = fragment_q;    start_d = start_q;        carried_d = carried_q;
    asked_d = asked_q;          broken_d = broken_q;        deep_d = deep_q;
    no_checksum_d = no_checksum_q;
    bad_length_d = bad_length_q;
    length_d = length_q;
    header_d = '0;
    address_d = '0;
    ports_d = '0;
    payload_d = '0;
    word = '0;
    counted = '0;
    enter = 1'b0;
    typed = 1'b0;
    is_header = 1'b0;
    is_address = 1'b0;
    is_ports = 1'b0;

    if (w_valid) begin
      if (first_q) begin
        state_d = ETHERNET;
        position_d = '0;
        left_d = '0;
        depth_d = '0;
        whole_d = 1'b1;
        asked_d = 1'b0;
        broken_d = 1'b0;
        deep_d = 1'b0;
        tags_d = '0;
        has_vlan_d = 1'b0;
        vlan_d = '0;
        network_d = NET_NONE;
        transport_d = L4_NONE;
        fragment_d = 1'b0;
        length_d = -16'd2;                                       // the padding in front is counted, too
      end

      for (int i = 0; i <= WORDS; i++) begin
        word = w_words[32*i +: 32];
        counted[3] = w_bytes[4*i+3] && left_d != '0;
        counted[2] = w_bytes[4*i+2] && left_d[16:1] != '0;
        counted[1] = w_bytes[4*i+1] && (left_d[16:2] != '0 || left_d[1:0] == 2'd3);
        counted[0] = w_bytes[4*i]   && left_d[16:2] != '0;
        left_d = left_d - (counted[0] ? 17'd4 : counted[1] ? 17'd3 : counted[2] ? 17'd2 : counted[3] ? 17'd1 : 17'd0);
        for (int b = 0; b < 4; b++) length_d = length_d + 16'(w_bytes[4*i+b]);
        if (state_d == PAYLOAD) payload_d[4*i +: 4] = counted;

        is_header = 1'b0;
        is_address = 1'b0;
        is_ports = 1'b0;

        // Only a whole word is read as a header; slot WORDS never is one.
        if (i < WORDS && w_bytes[4*i]) begin
          enter = 1'b0;
          typed = 1'b0;

          case (state_d)
            ETHERNET: typed = position_d == 7'd3;

            TAG: begin
              if (!has_vlan_d) vlan_d = word[31:16];
              has_vlan_d = 1'b1;
              typed = 1'b1;
            end

            IPV4: begin                                          // RFC 791 §3.1
              is_header = 1'b1;
              is_address = index_d == 4'd3 || index_d == 4'd4;
              if (index_d == 4'd0) begin
                left_d = {1'b0, word[15:0]} - 17'd4;
                more_d = {5'd0, word[27:24]} - 9'd1;
                if (word[31:28] != 4'd4 || word[27:24] < 4'd5 || word[15:0] < 16'd20) state_d = REST;
              end else begin
                if (index_d == 4'd1) fragment_d = word[13:0] != '0;
                if (index_d == 4'd2) protocol_d = word[23:16];
                more_d = more_d - 9'd1;
                if (!counted[0]) state_d = REST;
                else if (more_d == '0) begin
                  network_d = NET_IPV4;
                  whole_d = !fragment_d;
                  enter = 1'b1;
                end
              end
              index_d = index_d + 4'd1;
            end

            IPV6: begin                                          // RFC 8200 §3
              is_address = index_d[3:1] != '0;
              if (index_d == 4'd0 && word[31:28] != 4'd6) state_d = REST;
              if (index_d == 4'd1) begin
                left_d = {1'b0, word[31:16]} + 17'd32;
                protocol_d = word[15:8];
              end
              if (index_d == 4'd9) begin
                network_d = NET_IPV6;
                enter = 1'b1;
              end
              index_d = index_d + 4'd1;
            end

            EXTENSION: begin                                     // RFC 8200 §4
              if (!counted[0] || (index_d == '0 && left_d[16:2] == '0)) begin
                whole_d = 1'b0;                                  // even the shortest has 8 bytes
                broken_d = 1'b1;
              end else if (index_d == '0) begin
                more_d = {word[23:16], 1'b1};
                if (protocol_d == PROTO_FRAGMENT) begin
                  more_d = 9'd1;
                  fragment_d = word[15:3] != '0 || word[0];
                end
                if (fragment_d || (protocol_d == PROTO_ROUTING && word[7:0] != '0)) whole_d = 1'b0;
                protocol_d = word[31:24];
              end else begin
                more_d = more_d - 9'd1;
                enter = more_d == '0;
              end
              index_d = 4'd1;
              if (!whole_d) state_d = REST;
            end

            PAYLOAD: begin
              is_ports = index_d == 4'd0;
              if (index_d == 4'd1) begin
                bad_length_d = word[31:16] != carried_d;
                no_checksum_d = word[15:0] == '0;
              end
              if (index_d != 4'd2) index_d = index_d + 4'd1;
            end

            default: ;
          endcase

          if (position_d != '1) position_d = position_d + 7'd1;

          if (typed) begin
            index_d = '0;
            asked_d = word[15:0] == TYPE_IPV4 || word[15:0] == TYPE_IPV6 || word[15:0] == TYPE_ARP;
            case (word[15:0])
              TYPE_IPV4: state_d = IPV4;
              TYPE_IPV6: state_d = IPV6;
              TYPE_ARP: begin
                state_d = REST;
                network_d = NET_ARP;
                left_d = ARP_LENGTH;
              end
              TYPE_VLAN, TYPE_QINQ: begin
                state_d = tags_d == 2'd2 ? REST : TAG;
                if (tags_d != 2'd2) tags_d = tags_d + 2'd1;
              end
              default: state_d = REST;
            endcase
          end

          if (enter) begin
            index_d = '0;
            state_d = PAYLOAD;
            start_d = position_d;
            carried_d = left_d[15:0];
            case (protocol_d)
              PROTO_TCP:    transport_d = L4_TCP;
              PROTO_UDP:    transport_d = L4_UDP;
              PROTO_ICMP:   if (network_d == NET_IPV4) transport_d = L4_ICMP;
              PROTO_ICMPV6: if (network_d == NET_IPV6) transport_d = L4_ICMP;
              PROTO_HOP, PROTO_ROUTING, PROTO_FRAGMENT, PROTO_DESTINATION:
                // Hop-by-hop options stand first or not at all (RFC 8200 §4.1).
                if (network_d == NET_IPV6) begin
                  broken_d = protocol_d == PROTO_HOP && depth_d != '0;
                  deep_d = !broken_d && depth_d == 3'(DEPTH);
                  if (!broken_d && !deep_d) begin
                    state_d = EXTENSION;
                    depth_d = depth_d + 3'd1;
                  end
                end
              default: ;
            endcase
            if (whole_d && transport_d != L4_NONE) begin
              broken_d = left_d < (transport_d == L4_TCP ? 17'd20 : 17'd8);
              deep_d = !broken_d && position_d > LAST_START;
            end
            if (!whole_d || broken_d || deep_d) transport_d = L4_NONE;
            if (state_d == PAYLOAD && transport_d == L4_NONE) state_d = REST;
          end
        end

        // By shift, as slot WORDS has no bit.
        header_d = header_d | (WORDS'(is_header) << i);
        address_d = address_d | (WORDS'(is_address) << i);
        ports_d = ports_d | (WORDS'(is_ports) << i);
      end
    end
  end

  always_ff @(posedge clk) begin
    m_word_valid <= w_valid && !rst;
    if (w_valid) begin
      first_q <= w_last;
      state_q <= state_d;         position_q <= position_d;   index_q <= index_d;        more_q <= more_d;
      left_q <= left_d;           depth_q <= depth_d;         protocol_q <= protocol_d;  whole_q <= whole_d;
      tags_q <= tags_d;           has_vlan_q <= has_vlan_d;   vlan_q <= vlan_d;          network_q <= network_d;
      transport_q <= transport_d; fragment_q <= fragment_d;   start_q <= start_d;        carried_q <= carried_d;
      asked_q <= asked_d;         broken_q <= broken_d;       deep_q <= deep_d;
      no_checksum_q <= no_checksum_d;
      bad_length_q <= bad_length_d;
      length_q <= length_d;
      m_word_last <= w_last;
      m_words <= w_words;
      m_word_header <= header_d;
      m_word_address <= address_d;
      m_word_ports <= ports_d;
      m_word_payload <= payload_d;
    end
    if (rst) first_q <= 1'b1;
  end

  // The registers are the completion's fields in the clock that shows the last word. A packet that the frame did not hold
  // in full (left_q) is not believed.
  logic believed, carries;
  assign believed = network_q != NET_NONE && left_q == '0;
  assign carries = believed && transport_q != L4_NONE;

  always_comb begin
    m_completion = '0;
    if (m_word_valid && m_word_last) begin
      m_completion[`FN_RX_COMPLETION_LENGTH] = length_q;
      m_completion[`FN_RX_COMPLETION_VLAN_TAG] = vlan_q;
      m_completion[`FN_RX_COMPLETION_HAS_VLAN] = has_vlan_q;
      m_completion[`FN_RX_COMPLETION_INNER_VLAN] = tags_q == 2'd2;
      // A frame that ends inside an extension header leaves the walk there.
      m_completion[`FN_RX_COMPLETION_HEADERS] = !asked_q ? OTHER_NETWORK : !believed || broken_q || state_q == EXTENSION ? MALFORMED
                                              : deep_q ? TOO_DEEP : ALL_KNOWN;
      if (believed) begin
        m_completion[`FN_RX_COMPLETION_NETWORK] = {2'b00, network_q};
        m_completion[`FN_RX_COMPLETION_NETWORK_OFFSET] = 8'd14 + {4'd0, tags_q, 2'b00};
        m_completion[`FN_RX_COMPLETION_FRAGMENT] = fragment_q;
      end
      if (carries) begin
        m_completion[`FN_RX_COMPLETION_TRANSPORT] = {2'b00, transport_q};
        m_completion[`FN_RX_COMPLETION_TRANSPORT_OFFSET] = {start_q[5:0], 2'b00} - 8'd2;   // 64 wraps to 254
      end
    end
  end

  assign m_payload_length = carried_q;
  assign m_udp_no_checksum = no_checksum_q;
  assign m_udp_bad_length = bad_length_q;

endmodule

`default_nettype wire
