// Receive coalescing: looks at the headers of each frame as it streams by. Could it be part of a larger one, and whose headers does it repeat?
//
// The headers of each frame are stored in a slot, beat by beat, and compared with those in all other slots: every byte has to be the same but for those in
// which segments of one stream differ: IPv4 total length, identification and header checksum, IPv6 payload length, TCP sequence number, flags
// and checksum. Some fields are caught on their way. Which slots still mean anything is fn_rx_coalesce_contexts' to know.
//
//   a TCP segment   both checksums good, whole, no IPv4 options, no IPv6 extension headers, bytes of payload, no padding, ACK and none of
//                   SYN, RST, URG, CWR: it may join others (m_joins); without PSH and FIN it may begin (m_begins)
//   other TCP       ends what is open of its flow (m_tcp)
//   no telling      fragments and what the parser gave up on may be of any flow (m_unknown)
//
// Watches a stream that it does not stall. Latency: 2 clocks from a frame's last beat to m_valid. One beat a clock; frames have 60 bytes or more.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_coalesce_match #(
  parameter int DATA_W = 64,  // bits: 8, 16, 32 or 64
  parameter int SLOTS  = 4    // 4 to 16
) (
  input  wire logic                     clk,
  input  wire logic                     rst,

  input  wire logic [DATA_W-1:0]        s_axis_tdata,
  input  wire logic                     s_axis_tvalid,  // and taken
  input  wire logic                     s_axis_tlast,
  input  wire logic [255:0]             s_axis_tuser,   // RxCompletion
  input  wire logic [$clog2(SLOTS)-1:0] s_slot,         // where this frame's headers go

  output logic                          m_valid,        // pulse, with all below
  output logic                          m_joins,
  output logic                          m_begins,
  output logic                          m_tcp,
  output logic                          m_unknown,
  output logic [SLOTS-1:0]              m_equal,        // slots whose headers this frame repeats
  output logic [6:0]                    m_header,       // bytes, Ethernet to TCP
  output logic [10:0]                   m_payload,      // bytes
  output logic [31:0]                   m_sequence,
  output logic [15:0]                   m_identification,
  output logic                          m_counted,      // IPv4 identifications count up: Don't Fragment is not set (RFC 6864 §4.1)
  output logic                          m_echo,         // ECE
  output logic [1:0]                    m_endings,      // PSH, FIN
  output logic [15:0]                   m_checksum,     // of the IPv4 header
  output logic [31:0]                   m_ports
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int LANE_W  = $clog2(KEEP_W);
  localparam int TEMPLATE = 128;                       // bytes: the longest headers of a segment that may join have 122
  localparam int ADDR_W  = 7 - LANE_W;
  localparam int PLACE_W = 9;                          // where a beat lies, as seen from a header's first byte
  localparam int NETWORK = 12, TRANSPORT = 14, TCP = 20;  // bytes of the headers that are caught, without options
  localparam logic [3:0] IPV4 = 4'd1, ARP = 4'd3, L4_TCP = 4'd1, L4_NONE = 4'd0;
  localparam logic [1:0] GOOD = 2'd1;
  localparam logic [7:0] MUST = 8'h10, MUST_NOT = 8'hA6;  // ACK; CWR, URG, RST, SYN

  // ---------------------------------------------------------------- where in the frame this beat lies
  logic [7:0]         at_q;                            // its first byte; stays at TEMPLATE
  logic [PLACE_W-1:0] in_network, in_transport;        // of its lane 0
  logic [5:0]         tcp_words_q;                     // of this frame's TCP header
  logic               is_ipv4;
  logic [KEEP_W-1:0]  compare;                         // bytes that must be the same

  assign is_ipv4 = s_axis_tuser[`FN_RX_COMPLETION_NETWORK] == IPV4;

  // Every header begins at 2 modulo 4 (fn_rx_align): with four lanes or more that is known of the place without looking.
  logic [PLACE_W-1:0] network_place, transport_place;
  assign network_place   = {1'b0, at_q} - {1'b0, s_axis_tuser[`FN_RX_COMPLETION_NETWORK_OFFSET]};
  assign transport_place = {1'b0, at_q} - {1'b0, s_axis_tuser[`FN_RX_COMPLETION_TRANSPORT_OFFSET]};

  generate
    if (KEEP_W >= 4) begin : g_words
      assign in_network   = {network_place[PLACE_W-1:2], 2'd2};
      assign in_transport = {transport_place[PLACE_W-1:2], 2'd2};
    end else begin : g_bytes
      assign in_network   = network_place;
      assign in_transport = transport_place;
    end
  endgenerate

  logic [PLACE_W-2:0] network_half;                    // which pair of bytes
  logic [PLACE_W-1:0] transport_byte;
  always_comb begin
    for (int j = 0; j < KEEP_W; j++) begin
      network_half   = (PLACE_W - 1)'((in_network + PLACE_W'(j)) >> 1);
      transport_byte = in_transport + PLACE_W'(j);
      // Before the options, or within them; a place before the header is a large number.
      compare[j] = transport_byte[PLACE_W-1] || transport_byte < PLACE_W'(TCP) || transport_byte < {1'b0, tcp_words_q, 2'd0};
      if (network_half == 8'd2 || (is_ipv4 && (network_half == 8'd1 || network_half == 8'd5))) compare[j] = 1'b0;
      if (transport_byte[PLACE_W-1:2] == 7'd1 || transport_byte == 9'd13 || transport_byte[PLACE_W-1:1] == 8'd8) compare[j] = 1'b0;
    end
  end

  // ---------------------------------------------------------------- fields, caught as they come by; byte n in [8*n +: 8]
  logic [NETWORK*8-1:0]   network_q;
  logic [TRANSPORT*8-1:0] transport_q;

  always_ff @(posedge clk) begin
    if (s_axis_tvalid) begin
      at_q <= s_axis_tlast ? '0 : (at_q[7] ? at_q : at_q + 8'(KEEP_W));
      if (!at_q[7]) begin
        for (int j = 0; j < KEEP_W; j++) begin
          for (int f = 0; f < NETWORK; f++)   if (in_network   == PLACE_W'(f - j)) network_q[8*f +: 8]   <= s_axis_tdata[8*j +: 8];
          for (int f = 0; f < TRANSPORT; f++) if (in_transport == PLACE_W'(f - j)) transport_q[8*f +: 8] <= s_axis_tdata[8*j +: 8];
          if (in_transport == PLACE_W'(12 - j)) tcp_words_q <= {2'd0, s_axis_tdata[8*j+4 +: 4]};
        end
      end
    end
    if (rst) at_q <= '0;
  end

  // ---------------------------------------------------------------- the slots, and the comparison: one clock behind
  logic [DATA_W-1:0] beat_q;
  logic [KEEP_W-1:0] compare_q;
  logic              valid_q, first_q, last_q, in_template_q;
  logic [255:0]      user_q;
  logic [SLOTS-1:0]  equal_q, equal;

  always_ff @(posedge clk) begin
    valid_q <= s_axis_tvalid && !rst;
    if (s_axis_tvalid) begin
      beat_q        <= s_axis_tdata;
      compare_q     <= compare;
      first_q       <= at_q == '0;
      last_q        <= s_axis_tlast;
      in_template_q <= !at_q[7];
      user_q        <= s_axis_tuser;
    end
    if (valid_q) equal_q <= equal;
  end

  generate
    for (genvar i = 0; i < SLOTS; i++) begin : g_slot
      logic [DATA_W-1:0] template [2**ADDR_W];
      logic [DATA_W-1:0] template_q;
      logic              same;

      always_ff @(posedge clk) begin
        if (s_axis_tvalid) begin
          if (!at_q[7] && s_slot == ($clog2(SLOTS))'(i)) template[at_q[6:LANE_W]] <= s_axis_tdata;
          template_q <= template[at_q[6:LANE_W]];
        end
      end

      always_comb begin
        same = 1'b1;
        for (int j = 0; j < KEEP_W; j++) if (compare_q[j] && template_q[8*j +: 8] != beat_q[8*j +: 8]) same = 1'b0;
      end
      assign equal[i] = (first_q || equal_q[i]) && (same || !in_template_q);
    end
  endgenerate

  // ---------------------------------------------------------------- the verdict
  logic [15:0] length, packet;                         // bytes of the frame, and from the network header on
  logic [7:0]  network, transport, header, flags;
  logic [15:0] told;                                   // what the network header says the packet has
  logic        six, sound;

  assign length    = user_q[`FN_RX_COMPLETION_LENGTH];
  assign network   = user_q[`FN_RX_COMPLETION_NETWORK_OFFSET];
  assign transport = user_q[`FN_RX_COMPLETION_TRANSPORT_OFFSET];
  assign header    = transport + {tcp_words_q, 2'd0};
  assign packet    = length - {8'd0, network};
  assign six       = user_q[`FN_RX_COMPLETION_NETWORK] != IPV4;
  assign told      = six ? {network_q[8*4 +: 8], network_q[8*5 +: 8]} + 16'd40 : {network_q[8*2 +: 8], network_q[8*3 +: 8]};
  assign flags     = transport_q[8*13 +: 8];
  assign sound     = user_q[`FN_RX_COMPLETION_TRANSPORT] == L4_TCP && user_q[`FN_RX_COMPLETION_TRANSPORT_CHECKSUM] == GOOD
                  && (six || user_q[`FN_RX_COMPLETION_NETWORK_CHECKSUM] == GOOD) && (flags & (MUST | MUST_NOT)) == MUST
                  && transport - network == (six ? 8'd40 : 8'd20) && told == packet && length > {8'd0, header} && tcp_words_q >= 6'd5;

  always_ff @(posedge clk) begin
    m_valid <= valid_q && last_q && !rst;
    if (valid_q && last_q) begin
      m_joins          <= sound;
      m_begins         <= sound && (flags & 8'h09) == '0;
      m_tcp            <= user_q[`FN_RX_COMPLETION_TRANSPORT] == L4_TCP;
      m_unknown        <= user_q[`FN_RX_COMPLETION_FRAGMENT]
                       || (user_q[`FN_RX_COMPLETION_TRANSPORT] == L4_NONE && user_q[`FN_RX_COMPLETION_NETWORK] != ARP);
      m_equal          <= equal;
      m_header         <= header[6:0];
      m_payload        <= 11'(length - {8'd0, header});
      m_sequence       <= {transport_q[8*4 +: 8], transport_q[8*5 +: 8], transport_q[8*6 +: 8], transport_q[8*7 +: 8]};
      m_identification <= {network_q[8*4 +: 8], network_q[8*5 +: 8]};
      m_counted        <= !six && !network_q[8*6+6];
      m_echo           <= flags[6];
      m_endings        <= {flags[3], flags[0]};
      m_checksum       <= {network_q[8*10 +: 8], network_q[8*11 +: 8]};
      m_ports          <= transport_q[31:0];
    end
  end

  logic unused;
  assign unused = &{1'b0, user_q, network_q, transport_q, header[7], network_place[1:0], transport_place[1:0]};

`ifndef SYNTHESIS
  initial if (DATA_W != 8 && DATA_W != 16 && DATA_W != 32 && DATA_W != 64) $fatal(1, "fn_rx_coalesce_match: DATA_W must be 8, 16, 32 or 64");
  initial if (SLOTS < 4 || SLOTS > 16 || TEMPLATE != 128) $fatal(1, "fn_rx_coalesce_match: illegal SLOTS");
`endif

endmodule

`default_nettype wire
