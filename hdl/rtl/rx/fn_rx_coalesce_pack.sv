// Receive coalescing: makes frames of the beats that fn_rx_coalesce_read yields. Wanted lanes are turned to lie behind one another, and the headers of a frame of several
// segments are brought up to date: IPv4 total length and header checksum (RFC 1624), IPv6 payload length, PSH and FIN of the last segment. The
// completion gets length, count and size of the segments. The TCP checksum field stays the first segment's: the verdict speaks for all of them.
//
// One rotation turns the lanes: the first wanted one goes behind the bytes held, and what wraps around is held for the next beat. Latency: 1 clock.
// One beat a clock; a frame whose last input beat overflows the output beat needs one clock more. Stalls its source when its sink stalls.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_coalesce_pack #(
  parameter int DATA_W  = 64,                          // bits: 8, 16, 32 or 64
  parameter int BEAT_W  = 8 - $clog2(DATA_W / 8),      // derived; leave alone
  parameter int COUNT_W = $clog2(DATA_W / 8) + 1       // derived: counts bytes of a beat
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic                s_valid,
  output logic                     s_ready,
  input  wire logic [DATA_W-1:0]   s_data,
  input  wire logic                s_first,
  input  wire logic                s_last,
  input  wire logic                s_head,
  input  wire logic [BEAT_W-1:0]   s_beat,
  input  wire logic [COUNT_W-1:0]  s_from,
  input  wire logic [COUNT_W-1:0]  s_to,
  input  wire logic [255:0]        s_user,             // RxCompletion of the first segment
  input  wire logic [7:0]          s_segments,         // all that follow: of the whole frame, as fn_rx_coalesce_contexts has them
  input  wire logic [15:0]         s_length,
  input  wire logic [10:0]         s_size,
  input  wire logic [6:0]          s_header,
  input  wire logic [1:0]          s_endings,
  input  wire logic [15:0]         s_checksum,

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [255:0]             m_axis_tuser,
  output logic                     idle
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int LANE_W  = $clog2(KEEP_W);
  localparam int TURN_W  = LANE_W > 0 ? LANE_W : 1;
  localparam int PLACE_W = 9;
  localparam logic [3:0] IPV4 = 4'd1;

  // ---------------------------------------------------------------- the headers' new fields: known a few clocks behind the frame's first beat, long before theirs
  logic [7:0]  network, transport;
  logic        several, is_ipv4;
  logic [15:0] length_q, old_q, checksum_q;
  logic [17:0] sum_q;
  logic [16:0] fold;

  assign several   = s_segments > 8'd1;
  assign network   = s_user[`FN_RX_COMPLETION_NETWORK_OFFSET];
  assign transport = s_user[`FN_RX_COMPLETION_TRANSPORT_OFFSET];
  assign is_ipv4   = s_user[`FN_RX_COMPLETION_NETWORK] == IPV4;
  assign fold      = {1'b0, sum_q[15:0]} + 17'(sum_q[17:16]);

  always_ff @(posedge clk) begin
    if (s_valid && several) begin
      length_q   <= s_length - {8'd0, network} - (is_ipv4 ? 16'd0 : 16'd40);
      old_q      <= 16'(s_header) + 16'(s_size) - {8'd0, network};
      sum_q      <= 18'(16'(~s_checksum)) + 18'(16'(~old_q)) + 18'(length_q);
      checksum_q <= ~(fold[15:0] + 16'(fold[16]));
    end
  end

  logic [PLACE_W-1:0] network_place, transport_place, in_network, in_transport;  // of lane 0
  assign network_place   = {1'b0, 8'(s_beat) << LANE_W} - {1'b0, network};
  assign transport_place = {1'b0, 8'(s_beat) << LANE_W} - {1'b0, transport};

  // Every header begins at 2 modulo 4 (fn_rx_align).
  generate
    if (KEEP_W >= 4) begin : g_words
      assign in_network   = {network_place[PLACE_W-1:2], 2'd2};
      assign in_transport = {transport_place[PLACE_W-1:2], 2'd2};
    end else begin : g_bytes
      assign in_network   = network_place;
      assign in_transport = transport_place;
    end
  endgenerate

  logic [DATA_W-1:0]  data;
  logic [PLACE_W-1:0] at;
  always_comb begin
    data = s_data;
    for (int j = 0; j < KEEP_W; j++) begin
      at = in_network + PLACE_W'(j);
      if (several && s_head) begin
        if (at == (is_ipv4 ? 9'd2 : 9'd4)) data[8*j +: 8] = length_q[15:8];
        if (at == (is_ipv4 ? 9'd3 : 9'd5)) data[8*j +: 8] = length_q[7:0];
        if (is_ipv4 && at == 9'd10) data[8*j +: 8] = checksum_q[15:8];
        if (is_ipv4 && at == 9'd11) data[8*j +: 8] = checksum_q[7:0];
        if (in_transport == 9'(13 - j)) data[8*j +: 8] = s_data[8*j +: 8] | {4'd0, s_endings[1], 2'd0, s_endings[0]};
      end
    end
  end

  // ---------------------------------------------------------------- lanes
  logic [DATA_W-1:0]  held_q, turned, merged;
  logic [COUNT_W-1:0] held_count_q, rest;
  logic [COUNT_W:0]   total;
  logic [TURN_W-1:0]  turn;
  logic               flush_q, advance, take, full, ends;

  assign advance = m_axis_tready || !m_axis_tvalid;
  assign s_ready = advance && !flush_q;
  assign take    = s_valid && s_ready;
  assign turn    = TURN_W'(held_count_q - s_from);
  assign total   = {1'b0, held_count_q} + {1'b0, s_to} - {1'b0, s_from};
  assign full    = total >= (COUNT_W + 1)'(KEEP_W);
  assign ends    = s_last && total <= (COUNT_W + 1)'(KEEP_W);
  assign rest    = COUNT_W'(full ? total - (COUNT_W + 1)'(KEEP_W) : total);
  assign idle    = !m_axis_tvalid && held_count_q == '0 && !flush_q;

  always_comb begin
    turned = data;
    for (int i = 0; i < LANE_W; i++) if (turn[i]) turned = DATA_W'({turned, turned} >> (DATA_W - (8 << i)));
    for (int j = 0; j < KEEP_W; j++) merged[8*j +: 8] = COUNT_W'(j) < held_count_q ? held_q[8*j +: 8] : turned[8*j +: 8];
  end

  always_ff @(posedge clk) begin
    if (advance) m_axis_tvalid <= 1'b0;
    if (take) begin
      m_axis_tvalid <= full || s_last;
      m_axis_tdata  <= merged;
      m_axis_tlast  <= ends;
      for (int j = 0; j < KEEP_W; j++) m_axis_tkeep[j] <= total > (COUNT_W + 1)'(j);
      held_q        <= full ? turned : merged;
      held_count_q  <= ends ? '0 : rest;
      flush_q       <= s_last && !ends;
      if (s_first) begin
        m_axis_tuser <= s_user;
        if (several) begin
          m_axis_tuser[`FN_RX_COMPLETION_LENGTH]             <= s_length;
          m_axis_tuser[`FN_RX_COMPLETION_COALESCED_SEGMENTS] <= s_segments;
          m_axis_tuser[`FN_RX_COMPLETION_SEGMENT_SIZE]       <= 16'(s_size);
        end
      end
    end else if (flush_q && advance) begin
      m_axis_tvalid <= 1'b1;
      m_axis_tdata  <= held_q;
      m_axis_tlast  <= 1'b1;
      for (int j = 0; j < KEEP_W; j++) m_axis_tkeep[j] <= held_count_q > COUNT_W'(j);
      held_count_q  <= '0;
      flush_q       <= 1'b0;
    end
    if (rst) begin
      m_axis_tvalid <= 1'b0;
      held_count_q  <= '0;
      flush_q       <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, network_place[1:0], transport_place[1:0], turn};

`ifndef SYNTHESIS
  initial if (DATA_W != 8 && DATA_W != 16 && DATA_W != 32 && DATA_W != 64) $fatal(1, "fn_rx_coalesce_pack: DATA_W must be 8, 16, 32 or 64");
`endif

endmodule

`default_nettype wire
