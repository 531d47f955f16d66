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
  output logic                     m_udp,                        // the transport is UDP, if there is any: sooner known than the completion's
  output logic                     m_udp_no_checksum,            // UDP: the field is 0
  output logic                     m_udp_bad_length              // UDP: its length is not that of the IP payload
);

  localparam logic [15:0] TYPE_IPV4 = 16'h0800, TYPE_ARP = 16'h0806, TYPE_VLAN = 16'h8100, TYPE_QINQ = 16'h88A8, TYPE_IPV6 = 16'h86DD;
  localparam logic [7:0]  PROTO_HOP = 8'd0, PROTO_ICMP = 8'd1, PROTO_TCP = 8'd6, PROTO_UDP = 8'd17, PROTO_ROUTING = 8'd43,
                          PROTO_FRAGMENT = 8'd44, PROTO_ICMPV6 = 8'd58, PROTO_DESTINATION = 8'd60;
  localparam logic [1:0]  NET_NONE = 2'd0, NET_IPV4 = 2'd1, NET_IPV6 = 2'd2, NET_ARP = 2'd3;
  localparam logic [1:0]  L4_NONE = 2'd0, L4_TCP = 2'd1, L4_UDP = 2'd2;  // ICMP 3; as KIND_TCP, KIND_UDP and KIND_ICMP
  localparam logic [1:0]  ALL_KNOWN = 2'd0, OTHER_NETWORK = 2'd1, MALFORMED = 2'd2, TOO_DEEP = 2'd3;
  localparam logic [16:0] ARP_LENGTH = 17'd28;                   // RFC 826 with Ethernet and IPv4 addresses
  localparam logic [6:0]  LAST_START = 7'd64;                    // word 64 is bytes 254 .. 257: the last offset that fits 8 bits

  // The walk's state is one bit of these.
  localparam int ETHERNET  = 0,                                  // addresses, then the EtherType
                 TAG       = 1,                                  // TCI and the EtherType behind it
                 IPV4      = 2,
                 IPV6      = 3,
                 EXTENSION = 4,
                 PAYLOAD   = 5,                                  // transport header and data
                 REST      = 6;                                  // nothing more to be found
  localparam logic [6:0] ONE = 7'd1;

  logic                    w_valid, w_last;
  logic [(WORDS+1)*32-1:0] w_words;
  logic [(WORDS+1)*4-1:0]  w_bytes;

  fn_rx_align #(.DATA_W(DATA_W)) i_align (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast),
    .m_valid(w_valid), .m_last(w_last), .m_words(w_words), .m_bytes(w_bytes)
  );

  // What a protocol number means to the walk. IPv6's extension headers are 4 to 7; there are none in IPv4.
  localparam logic [2:0] KIND_OTHER = 3'd0, KIND_TCP = 3'd1, KIND_UDP = 3'd2, KIND_ICMP = 3'd3,
                         KIND_HOP = 3'd4, KIND_ROUTING = 3'd5, KIND_FRAGMENT = 3'd6, KIND_DESTINATION = 3'd7;

  // Where the walk stands.
  logic        first_q;                                          // the next word row opens a frame
  logic [6:0]  state_q, state_d;
  logic        inside_q;                                         // state_d was EXTENSION, for a frame that ends so
  logic [6:0]  position_q, position_d;                           // number of the word at hand, stops at 127
  logic [3:0]  index_q, index_d;                                 // number of the word in its header, stops at 15
  logic [8:0]  more_q, more_d;                                   // words of this header behind this one
  logic        opens_q, opens_d;                                 // index is 0
  logic        final_q, final_d;                                 // more is 1
  logic [16:0] left_q, left_d;                                   // bytes of the IP (or ARP) packet from this word on, once known
  logic        one_q, one_d, two_q, two_d;                       // ... which are a whole word or more; two words or more
  logic [2:0]  depth_q, depth_d;                                 // extension headers entered
  logic [2:0]  kind_q, kind_d;                                   // what comes next, then what this is
  logic        whole_q, whole_d;                                 // still a packet whose transport can be told
  logic        asked_q, asked_d;                                 // the EtherType is one that the walk knows
  logic        broken_q, broken_d;                               // an extension header is not all there, or not where it may be
  logic        deep_q, deep_d;                                   // the walk ended before the extension headers did

  // What was found.
  logic [1:0]  tags_q, tags_d;
  logic        has_vlan_q, has_vlan_d;
  logic [15:0] vlan_q, vlan_d;
  logic [1:0]  network_q, network_d;
  logic [1:0]  transport_q, transport_d;                         // by its number; whether it is believed, the end tells
  logic        fragment_q, fragment_d;
  logic [6:0]  start_q, start_d;                                 // word in which the transport header begins
  logic [15:0] carried_q, carried_d;                             // bytes carried by IP
  logic        entered_q, entered_d;                             // the row at hand has a header begin behind it
  logic [15:0] length_q, length_d;                               // bytes of the frame so far
  logic        no_checksum_q, no_checksum_d, bad_length_q, bad_length_d;

  logic [WORDS-1:0]       header_d, address_d, ports_d;
  logic [(WORDS+1)*4-1:0] payload_d;

  // One step's view.
  logic [31:0] word;
  logic [6:0]  here;                                             // the state that the word is in
  logic [2:0]  kind, next_kind;                                  // as the headers before this word told; as this one would
  logic        fragmented;
  logic [7:0]  protocol;                                         // where this header has the number of the next
  logic        v4_length, v6_length, arp_length;                 // the word tells the packet's length
  logic        three;                                            // of the packet's words, three or more are left
  logic [3:0]  counted;                                          // bytes that are there and belong to the packet
  logic        is_header, is_address, is_ports;
  logic        typed;                                            // the word ends with an EtherType
  logic        enter;                                            // the word ends a header and kind_d says what begins behind it

  always_comb begin
    state_d = state_q;          position_d = position_q;    index_d = index_q;        more_d = more_q;
    left_d = left_q;            depth_d = depth_q;          kind_d = kind_q;          whole_d = whole_q;
    tags_d = tags_q;            has_vlan_d = has_vlan_q;    vlan_d = vlan_q;          network_d = network_q;
    transport_d = transport_q;  fragment_d = fragment_q;    start_d = start_q;        carried_d = carried_q;
    asked_d = asked_q;          broken_d = broken_q;        deep_d = deep_q;
    no_checksum_d = no_checksum_q;
    bad_length_d = bad_length_q;
    opens_d = opens_q;
    final_d = final_q;
    one_d = one_q;
    two_d = two_q;
    length_d = length_q;
    entered_d = 1'b0;
    header_d = '0;
    address_d = '0;
    ports_d = '0;
    payload_d = '0;
    word = '0;
    here = '0;
    protocol = '0;
    kind = '0;
    next_kind = '0;
    fragmented = 1'b0;
    v4_length = 1'b0;
    v6_length = 1'b0;
    arp_length = 1'b0;
    three = 1'b0;
    counted = '0;
    enter = 1'b0;
    typed = 1'b0;
    is_header = 1'b0;
    is_address = 1'b0;
    is_ports = 1'b0;

    if (w_valid) begin
      if (first_q) begin
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
        here = state_d;
        counted[3] = w_bytes[4*i+3] && (one_d || left_d[1:0] != '0);
        counted[2] = w_bytes[4*i+2] && (one_d || left_d[1]);
        counted[1] = w_bytes[4*i+1] && (one_d || left_d[1:0] == 2'd3);
        counted[0] = w_bytes[4*i]   && one_d;
        protocol = state_d[IPV4] ? word[23:16] : state_d[IPV6] ? word[15:8] : word[31:24];

        kind = kind_d;
        fragmented = fragment_d;
        next_kind = KIND_OTHER;
        case (protocol)
          PROTO_TCP:         next_kind = KIND_TCP;
          PROTO_UDP:         next_kind = KIND_UDP;
          PROTO_ICMP:        if (state_d[IPV4]) next_kind = KIND_ICMP;
          PROTO_ICMPV6:      if (!state_d[IPV4]) next_kind = KIND_ICMP;
          PROTO_HOP:         if (!state_d[IPV4]) next_kind = KIND_HOP;
          PROTO_ROUTING:     if (!state_d[IPV4]) next_kind = KIND_ROUTING;
          PROTO_FRAGMENT:    if (!state_d[IPV4]) next_kind = KIND_FRAGMENT;
          PROTO_DESTINATION: if (!state_d[IPV4]) next_kind = KIND_DESTINATION;
          default: ;
        endcase

        // Asked for no more when this word turns out not to be a header's.
        if (i < WORDS && ((state_d[IPV4] && index_d == 4'd2) || (state_d[IPV6] && index_d == 4'd1) || (state_d[EXTENSION] && opens_d))) kind_d = next_kind;

        v4_length = i < WORDS && state_d[IPV4] && opens_d;
        v6_length = i < WORDS && state_d[IPV6] && index_d == 4'd1;
        for (int b = 0; b < 4; b++) length_d = length_d + 16'(w_bytes[4*i+b]);
        if (state_d[PAYLOAD]) payload_d[4*i +: 4] = counted;

        is_header = 1'b0;
        is_address = 1'b0;
        is_ports = 1'b0;
        enter = 1'b0;
        typed = 1'b0;
        arp_length = 1'b0;

        // Only a whole word is read as a header; slot WORDS never is one.
        if (i < WORDS && w_bytes[4*i]) begin
          case (1'b1)
            here[ETHERNET]: typed = position_d == 7'd3;

            here[TAG]: begin
              if (!has_vlan_d) vlan_d = word[31:16];
              has_vlan_d = 1'b1;
              typed = 1'b1;
            end

            here[IPV4]: begin                                    // RFC 791 §3.1
              is_header = 1'b1;
              is_address = index_d == 4'd3 || index_d == 4'd4;
              if (opens_d) begin
                more_d = {5'd0, word[27:24]} - 9'd1;
                if (word[31:28] != 4'd4 || word[27:24] < 4'd5 || word[15:0] < 16'd20) state_d = ONE << REST;
              end else begin
                if (index_d == 4'd1) fragment_d = word[13:0] != '0;
                if (!counted[0]) state_d = ONE << REST;
                else if (final_d) begin
                  network_d = NET_IPV4;
                  whole_d = !fragment_d;
                  enter = 1'b1;
                end
                more_d = more_d - 9'd1;
              end
              index_d = index_d + 4'd1;
              opens_d = 1'b0;
            end

            here[IPV6]: begin                                    // RFC 8200 §3
              is_address = index_d[3:1] != '0;
              if (opens_d && word[31:28] != 4'd6) state_d = ONE << REST;
              if (index_d == 4'd9) begin
                network_d = NET_IPV6;
                enter = 1'b1;
              end
              index_d = index_d + 4'd1;
              opens_d = 1'b0;
            end

            here[EXTENSION]: begin                               // RFC 8200 §4
              if (!counted[0] || (opens_d && !two_d)) begin
                whole_d = 1'b0;                                  // even the shortest has 8 bytes
                broken_d = 1'b1;
                state_d = ONE << REST;
              end else if (opens_d) begin
                more_d = {word[23:16], 1'b1};
                if (kind == KIND_FRAGMENT) begin
                  more_d = 9'd1;
                  fragment_d = word[15:3] != '0 || word[0];
                end
                if ((kind == KIND_FRAGMENT && (word[15:3] != '0 || word[0])) || (kind == KIND_ROUTING && word[7:0] != '0)) begin
                  whole_d = 1'b0;
                  state_d = ONE << REST;
                end
              end else begin
                enter = final_d;
                more_d = more_d - 9'd1;
              end
              index_d = 4'd1;
              opens_d = 1'b0;
            end

            here[PAYLOAD]: begin
              is_ports = opens_d;
              if (index_d == 4'd1) begin
                bad_length_d = word[31:16] != carried_d;
                no_checksum_d = word[15:0] == '0;
              end
              if (index_d != 4'd2) index_d = index_d + 4'd1;
              opens_d = 1'b0;
            end

            default: ;
          endcase

          if (position_d != '1) position_d = position_d + 7'd1;

          if (typed) begin
            index_d = '0;
            opens_d = 1'b1;
            asked_d = word[15:0] == TYPE_IPV4 || word[15:0] == TYPE_IPV6 || word[15:0] == TYPE_ARP;
            case (word[15:0])
              TYPE_IPV4: state_d = ONE << IPV4;
              TYPE_IPV6: state_d = ONE << IPV6;
              TYPE_ARP: begin
                state_d = ONE << REST;
                network_d = NET_ARP;
                arp_length = 1'b1;
              end
              TYPE_VLAN, TYPE_QINQ: begin
                state_d = tags_d == 2'd2 ? ONE << REST : ONE << TAG;
                if (tags_d != 2'd2) tags_d = tags_d + 2'd1;
              end
              default: state_d = ONE << REST;
            endcase
          end

          if (enter) begin
            index_d = '0;
            opens_d = 1'b1;
            start_d = position_d;
            transport_d = kind[2] || fragmented ? L4_NONE : kind[1:0];
            state_d = kind[1:0] == L4_NONE || fragmented ? ONE << REST : ONE << PAYLOAD;
            if (kind[2]) begin
              // Hop-by-hop options stand first or not at all (RFC 8200 §4.1).
              broken_d = kind == KIND_HOP && depth_d != '0;
              deep_d = !broken_d && depth_d == 3'(DEPTH);
              state_d = broken_d || deep_d ? ONE << REST : ONE << EXTENSION;
              if (!broken_d && !deep_d) depth_d = depth_d + 3'd1;
            end
          end
        end

        // One adder for all: the packet's length in words less this one (IPv4), or with eight of addresses to come (IPv6). Bytes that
        // do not fill a word end the packet or, if some are left, prove it cut off.
        if (!one_d && ((left_d[1:0] == 2'd1 && counted[3]) || (left_d[1:0] == 2'd2 && counted[2]) || counted[1])) left_d[1:0] = 2'd0;
        if (v4_length) left_d[1:0] = word[1:0];
        if (v6_length) left_d[1:0] = word[17:16];
        // Flags beside the adder, not behind it.
        three = left_d[16:4] != '0 || (&left_d[3:2]);
        if (v4_length) {two_d, one_d} = {word[15:4] != '0 || (&word[3:2]), word[15:3] != '0};
        else if (v6_length || arp_length) {two_d, one_d} = 2'b11;
        else if (counted[0]) {two_d, one_d} = {three, two_d};
        left_d[16:2] = (v4_length ? {1'b0, word[15:2]} : v6_length ? {1'b0, word[31:18]} : left_d[16:2])
                       + (v6_length ? 15'd8 : v4_length || counted[0] ? 15'h7FFF : 15'd0);
        if (arp_length) left_d = ARP_LENGTH;
        final_d = more_d == 9'd1;
        if (enter && WORDS > 1) carried_d = left_d[15:0];
        entered_d = entered_d || enter;

        // By shift, as slot WORDS has no bit.
        header_d = header_d | (WORDS'(is_header) << i);
        address_d = address_d | (WORDS'(is_address) << i);
        ports_d = ports_d | (WORDS'(is_ports) << i);
      end
    end
  end

  always_ff @(posedge clk) begin
    m_word_valid <= w_valid && !rst;
    entered_q <= w_valid && entered_d;
    if (DATA_W < 32) final_q <= more_q == 9'd1;                  // whole words are two clocks apart
    else if (w_valid) final_q <= final_d;
    // One word a row: what a header carries is asked for two words later, so it is taken when the adder has been through.
    if (WORDS == 1 ? entered_q : w_valid) carried_q <= WORDS == 1 ? left_q[15:0] : carried_d;
    if (w_valid) begin
      first_q <= w_last;
      position_q <= w_last ? '0 : position_d;
      state_q <= w_last ? ONE << ETHERNET : state_d;
      inside_q <= state_d[EXTENSION];
      index_q <= index_d;        more_q <= more_d;
      opens_q <= opens_d;         one_q <= one_d;             two_q <= two_d;
      left_q <= left_d;           depth_q <= depth_d;         kind_q <= kind_d;          whole_q <= whole_d;
      tags_q <= tags_d;           has_vlan_q <= has_vlan_d;   vlan_q <= vlan_d;          network_q <= network_d;
      transport_q <= transport_d; fragment_q <= fragment_d;   start_q <= start_d;
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
    if (rst) begin
      first_q <= 1'b1;
      position_q <= '0;
      state_q <= ONE << ETHERNET;
    end
  end

  // The registers are the completion's fields in the clock that shows the last word. A packet that the frame did not hold
  // in full (left_q) is not believed, and a transport that is too short or begins too far behind not read.
  logic believed, brief, far, carries;
  assign believed = network_q != NET_NONE && left_q == '0;
  assign brief    = transport_q != L4_NONE && ((WORDS == 1 && entered_q) || carried_q < (transport_q == L4_TCP ? 16'd20 : 16'd8));
  assign far      = transport_q != L4_NONE && start_q > LAST_START;
  assign carries  = believed && transport_q != L4_NONE && !brief && !far;

  always_comb begin
    m_completion = '0;
    if (m_word_valid && m_word_last) begin
      m_completion[`FN_RX_COMPLETION_LENGTH] = length_q;
      m_completion[`FN_RX_COMPLETION_VLAN_TAG] = vlan_q;
      m_completion[`FN_RX_COMPLETION_HAS_VLAN] = has_vlan_q;
      m_completion[`FN_RX_COMPLETION_INNER_VLAN] = tags_q == 2'd2;
      // A frame that ends inside an extension header leaves the walk there.
      m_completion[`FN_RX_COMPLETION_HEADERS] = !asked_q ? OTHER_NETWORK : !believed || broken_q || brief || inside_q ? MALFORMED
                                              : deep_q || far ? TOO_DEEP : ALL_KNOWN;
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
  assign m_udp = transport_q == L4_UDP;
  assign m_udp_no_checksum = no_checksum_q;
  assign m_udp_bad_length = bad_length_q;

endmodule

`default_nettype wire
