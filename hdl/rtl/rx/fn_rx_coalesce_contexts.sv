// Receive coalescing: which frames are open for further segments, and what becomes of each frame that comes.
//
// A frame that has been looked at (fn_rx_coalesce_match) joins the open frame that it continues: same headers, next sequence number, next
// identification where that counts, no more payload than the first, room below the limit. Else it ends every open frame of its flow (known by its
// ports alone: more is ended than must be, never less), and is opened itself or goes to the host as it is. Nothing of one flow overtakes another.
//
// An open frame is closed when a segment with PSH, with FIN or shorter than the first has joined; no further segment fits; it has been open for `timeout`, or nothing has joined for `quiet`;
// another flow needs its context (the one not used for longest goes); blocks run short (`pressure`); `enable` falls. Closed frames go to
// the queue of frames for the host, one a clock.
//
// A frame is decided 2 clocks behind s_valid when it joins, else 3, and one more for each open frame that it ends. The next s_valid may come when `decided` has pulsed.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_coalesce_contexts #(
  parameter int CONTEXTS = 2,                // frames open at once, 2 to 14
  parameter int SLOTS    = CONTEXTS + 2,     // derived; leave alone
  parameter int BLOCK_W  = 7,                // bits of a block's number
  parameter int KIND_W   = 22                // bits of a completion that segments of one frame share
) (
  input  wire logic                     clk,
  input  wire logic                     rst,

  input  wire logic                     enable,
  input  wire logic [15:0]              limit,          // bytes of the longest frame
  input  wire logic [11:0]              timeout,        // microseconds since a frame was opened
  input  wire logic [11:0]              quiet,          // ... since the last segment joined
  input  wire logic                     tick,           // pulse each microsecond
  input  wire logic                     pressure,

  // A frame: what fn_rx_coalesce_match says, held until it is decided, and where it lies.
  input  wire logic                     s_valid,        // pulse
  input  wire logic                     s_joins,
  input  wire logic                     s_begins,
  input  wire logic                     s_tcp,
  input  wire logic                     s_unknown,
  input  wire logic [SLOTS-1:0]         s_equal,
  input  wire logic [6:0]               s_header,
  input  wire logic [10:0]              s_payload,
  input  wire logic [31:0]              s_sequence,
  input  wire logic [15:0]              s_identification,
  input  wire logic                     s_counted,
  input  wire logic                     s_echo,
  input  wire logic [1:0]               s_endings,
  input  wire logic [15:0]              s_checksum,
  input  wire logic [31:0]              s_ports,
  input  wire logic [KIND_W-1:0]        s_kind,
  input  wire logic [15:0]              s_length,
  input  wire logic [BLOCK_W-1:0]       s_first,
  input  wire logic [BLOCK_W-1:0]       s_last,
  input  wire logic [$clog2(SLOTS)-1:0] s_slot,
  output logic                          decided,        // pulse
  output logic [SLOTS-1:0]              open,           // slots in use

  // A frame joins another: its first block comes behind the other's last.
  output logic                          link_valid,
  input  wire logic                     link_ready,
  output logic [BLOCK_W-1:0]            link_from,

  // Frames for the host, in order. The queue has always room.
  output logic                          m_valid,
  output logic [BLOCK_W-1:0]            m_first,
  output logic [7:0]                    m_segments,
  output logic [15:0]                   m_length,       // bytes of the whole frame
  output logic [10:0]                   m_size,         // bytes of payload in the first segment
  output logic [6:0]                    m_header,       // bytes of headers
  output logic [1:0]                    m_endings,      // PSH, FIN of the last segment
  output logic [15:0]                   m_checksum,     // of the first segment's IPv4 header

  output logic                          count_frame,    // pulse: a frame of several segments was closed
  output logic                          count_join      // pulse: a segment joined
);

  localparam int SLOT_W = $clog2(SLOTS);
  localparam int INFO_W = BLOCK_W + 8 + 16 + 11 + 7 + 2 + 16;
  localparam logic [7:0] MOST_SEGMENTS = 8'd255;       // as many as the completion can count

  enum logic [1:0] {WAIT, CHECK, ACT, SETTLE} state_q;

  logic [SLOTS-1:0]        closing_q, may_join, join_q, same_ports, same_ports_q, expired, full, oldest, sweep;
  logic [SLOTS*SLOTS-1:0]  newer_q;                    // [i*SLOTS + j]: i was used after j
  logic [SLOTS*INFO_W-1:0] info;
  logic [SLOTS*BLOCK_W-1:0] last_block;
  logic [INFO_W-1:0]       swept;
  logic [SLOTS-1:0]        slot_open_q, uses;
  logic                    joins, begins, crowded, closes, single, wants, roomy_q;  // roomy: another segment would fit
  logic [SLOT_W:0]         slots_used;

  assign open   = slot_open_q;
  assign joins  = state_q == ACT && join_q != '0;
  assign closes = |closing_q && (state_q == WAIT || state_q == SETTLE);
  assign wants  = s_begins && enable && roomy_q;
  assign begins = state_q == SETTLE && !closes && wants && !crowded;
  assign single = state_q == SETTLE && !closes && !wants;
  assign decided = (joins && link_ready) || begins || single;
  assign link_valid = joins;

  // The lowest of those that close.
  assign sweep = closes ? closing_q & (~closing_q + SLOTS'(1)) : '0;

  always_comb begin
    oldest  = slot_open_q & ~closing_q;
    link_from = '0;
    swept   = '0;
    for (int i = 0; i < SLOTS; i++) begin
      for (int j = 0; j < SLOTS; j++) if (j != i && slot_open_q[j] && !closing_q[j] && newer_q[i*SLOTS + j]) oldest[i] = 1'b0;
      link_from = link_from | (join_q[i] ? last_block[i*BLOCK_W +: BLOCK_W] : '0);
      swept     = swept | (sweep[i] ? info[i*INFO_W +: INFO_W] : '0);
      uses[i]   = (joins && join_q[i]) || (begins && s_slot == SLOT_W'(i));
    end
    slots_used = '0;
    for (int i = 0; i < SLOTS; i++) slots_used = slots_used + (SLOT_W + 1)'(slot_open_q[i]);
    crowded = slots_used >= (SLOT_W + 1)'(CONTEXTS);
  end

  // ---------------------------------------------------------------- the slots
  generate
    for (genvar i = 0; i < SLOTS; i++) begin : g_slot
      logic [BLOCK_W-1:0] first_q, last_q;
      logic [31:0]        next_q, ports_q;
      logic [15:0]        identification_q, length_q, checksum_q;
      logic [KIND_W-1:0]  kind_q;
      logic [11:0]        age_q, quiet_q;
      logic [10:0]        size_q;
      logic [7:0]         segments_q;
      logic [6:0]         header_q;
      logic [1:0]         endings_q;
      logic               counted_q, echo_q, opens;
      logic [16:0]        longer;

      assign longer = {1'b0, length_q} + 17'(s_payload);
      assign opens  = begins && s_slot == SLOT_W'(i);
      assign may_join[i] = slot_open_q[i] && !closing_q[i] && s_joins && s_equal[i] && s_sequence == next_q && s_payload <= size_q
                        && (!counted_q || s_identification == identification_q) && s_echo == echo_q && s_kind == kind_q
                        && longer <= {1'b0, limit};
      assign same_ports[i] = ports_q == s_ports;
      assign expired[i]    = age_q >= timeout || quiet_q >= quiet;
      assign full[i]       = segments_q == MOST_SEGMENTS - 8'd1 || s_payload < size_q || s_endings != '0 || longer + 17'(size_q) > {1'b0, limit};
      assign info[i*INFO_W +: INFO_W]        = {first_q, segments_q, length_q, size_q, header_q, endings_q, checksum_q};
      assign last_block[i*BLOCK_W +: BLOCK_W] = last_q;

      always_ff @(posedge clk) begin
        if (tick) age_q <= age_q + 12'd1;
        if (tick) quiet_q <= quiet_q + 12'd1;
        if (uses[i]) quiet_q <= '0;
        if (opens) begin
          age_q            <= '0;
          first_q          <= s_first;
          last_q           <= s_last;
          next_q           <= s_sequence + 32'(s_payload);
          identification_q <= s_identification + 16'd1;
          ports_q          <= s_ports;
          kind_q           <= s_kind;
          counted_q        <= s_counted;
          echo_q           <= s_echo;
          size_q           <= s_payload;
          length_q         <= s_length;
          segments_q       <= 8'd1;
          header_q         <= s_header;
          endings_q        <= '0;
          checksum_q       <= s_checksum;
        end else if (joins && join_q[i] && link_ready) begin
          last_q           <= s_last;
          next_q           <= next_q + 32'(s_payload);
          identification_q <= identification_q + 16'd1;
          length_q         <= longer[15:0];
          segments_q       <= segments_q + 8'd1;
          endings_q        <= s_endings;
        end
      end
    end
  endgenerate

  always_ff @(posedge clk) begin
    case (state_q)
      WAIT:  if (s_valid) state_q <= CHECK;
      CHECK: state_q <= ACT;
      ACT:   if (!joins) state_q <= SETTLE;
             else if (link_ready) state_q <= WAIT;
      default: if (decided) state_q <= WAIT;
    endcase
    join_q       <= state_q == CHECK ? may_join : join_q;
    same_ports_q <= same_ports;
    roomy_q      <= {1'b0, s_length} + 17'(s_payload) <= {1'b0, limit};

    for (int i = 0; i < SLOTS; i++) begin
      // What closes an open frame; a join of this very clock goes into it first.
      if (joins && join_q[i] && link_ready && full[i]) closing_q[i] <= 1'b1;
      if (slot_open_q[i] && ((tick && expired[i]) || !enable)) closing_q[i] <= 1'b1;
      if (slot_open_q[i] && state_q == ACT && !joins && (s_unknown || (s_tcp && same_ports_q[i]))) closing_q[i] <= 1'b1;
      if (oldest[i] && closing_q == '0 && (pressure || (state_q == SETTLE && wants && crowded))) closing_q[i] <= 1'b1;
      if (begins && s_slot == SLOT_W'(i)) begin
        slot_open_q[i] <= 1'b1;
        closing_q[i]   <= 1'b0;
      end
      if (sweep[i]) begin
        slot_open_q[i] <= 1'b0;
        closing_q[i]   <= 1'b0;
      end
      for (int j = 0; j < SLOTS; j++) begin
        if (uses[i] && i != j) begin
          newer_q[i*SLOTS + j] <= 1'b1;
          newer_q[j*SLOTS + i] <= 1'b0;
        end
      end
    end

    m_valid     <= closes || single;
    count_frame <= closes && swept[INFO_W-BLOCK_W-1 -: 8] != 8'd1;
    count_join  <= joins && link_ready;
    if (closes)      {m_first, m_segments, m_length, m_size, m_header, m_endings, m_checksum} <= swept;
    else if (single) {m_first, m_segments, m_length, m_size, m_header, m_endings, m_checksum} <= {s_first, 8'd1, s_length, 11'd0, 7'd0, 2'd0, 16'd0};

    if (rst) begin
      state_q     <= WAIT;
      slot_open_q <= '0;
      closing_q   <= '0;
      newer_q     <= '0;
      m_valid     <= 1'b0;
      count_frame <= 1'b0;
      count_join  <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  initial if (CONTEXTS < 2 || CONTEXTS > 14 || SLOTS != CONTEXTS + 2) $fatal(1, "fn_rx_coalesce_contexts: illegal CONTEXTS");
  always @(posedge clk) if (!rst && s_valid) assert (state_q == WAIT);
  always @(posedge clk) if (!rst) assert ((join_q & (join_q - SLOTS'(1))) == '0 || state_q != ACT);
  always @(posedge clk) if (!rst && begins) assert (!slot_open_q[s_slot]);
`endif

endmodule

`default_nettype wire
