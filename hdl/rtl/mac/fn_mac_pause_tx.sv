// Flow control in front of a MAC's transmitter, at the line's clock (IEEE 802.3 annex 31B): holds frames while the other side has asked for a
// pause, and asks for one itself.
//
// Held: from `pause_toggle` on, for pause_quanta * 512 bit times, frames do not begin; one that has begun, or that the MAC has already been offered, is
// finished. A new request replaces the old one; 0 ends the pause. PAUSE frames of our own are not held.
// Asking: while `congested`, a PAUSE frame with `quanta` goes out at once and again after half of that time; when it ends, one with 0.
//
// Latency: none for frames. Throughput: one beat a clock, with one clock between frames, which the MAC's gap hides.
`default_nettype none

module fn_mac_pause_tx #(
  parameter int LINE_W = 8  // bits: 8, 16, 32 or 64
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic                ce,            // LINE_W bit times pass in this clock

  input  wire logic [LINE_W-1:0]   s_axis_tdata,
  input  wire logic [LINE_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic                s_hold,        // the frame there may not begin yet
  output logic                     s_strike,      // `strike` and `sent` of those frames alone
  output logic                     s_sent,

  output logic [LINE_W-1:0]        m_axis_tdata,
  output logic [LINE_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  input  wire logic                strike,        // pulse: a start delimiter, while the frame's first beat is on m_axis
  input  wire logic                sent,          // pulse: a frame has left; behind its last beat on m_axis, and before that of the next but one

  // At the core's clock. pause_quanta stands still from a change of pause_toggle to the next.
  input  wire logic                core_clk,
  input  wire logic                core_rst,
  input  wire logic                pause_toggle,  // changes: a PAUSE frame came
  input  wire logic [15:0]         pause_quanta,
  input  wire logic                congested,
  input  wire logic [15:0]         quanta,
  input  wire logic [47:0]         station,       // first octet in [47:40]
  output logic                     tx_pause,      // pulse: a PAUSE frame goes out
  output logic                     tx_paused      // frames are held
);

  localparam int LANES   = LINE_W / 8;
  localparam int BYTES   = 18;
  localparam int BEATS   = (BYTES + LANES - 1) / LANES;
  localparam int BEAT_W  = $clog2(BEATS + 1);
  localparam int TICKS   = 512 / LINE_W;  // clocks with ce in a quantum
  localparam int TICK_W  = $clog2(TICKS);
  localparam logic [LANES-1:0] LAST_KEEP = LANES'((1 << (BYTES - (BEATS - 1) * LANES)) - 1);

  logic              toggle_s, toggle_q, congested_s, paused, sent_toggle, sent_s, sent_seen_q;
  logic [TICK_W-1:0] tick_q;
  logic              quantum_q;  // pulse
  logic [15:0]       pause_q, refresh_q;

  fn_sync #(.WIDTH(1)) i_toggle_sync (.clk(clk), .d(pause_toggle), .q(toggle_s));
  fn_sync #(.WIDTH(1)) i_congested_sync (.clk(clk), .d(congested), .q(congested_s));

  // ---------------------------------------------------------------- held
  always_ff @(posedge clk) begin
    quantum_q <= ce && tick_q == '0;
    if (ce) tick_q <= tick_q == '0 ? TICK_W'(TICKS - 1) : tick_q - 1'b1;
    toggle_q <= toggle_s;
    if (toggle_q != toggle_s) begin
      pause_q   <= pause_quanta;
      tick_q    <= TICK_W'(TICKS - 1);
      quantum_q <= 1'b0;
    end else if (quantum_q && pause_q != '0) begin
      pause_q <= pause_q - 1'b1;
    end
    paused <= pause_q != '0;
    if (rst) begin
      tick_q   <= '0;
      toggle_q <= 1'b0;
      pause_q  <= '0;
      paused   <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- asking
  typedef enum logic [1:0] {CHOOSE, PASS, OWN} state_t;
  state_t state_q;

  logic [8*LANES*BEATS-1:0] frame;
  logic [LINE_W-1:0]        own_q;
  logic [BEAT_W-1:0]        beat_q;                     // the one behind own_q
  logic                     own_last_q, asked_q, want_q, xoff_q, eligible, own_turn, pass, ended;
  logic [1:0]               own_ended_q, leaving_q;  // the last two frames that ended on m_axis, the later in [0]: whether they were our own; how many of them have not left

  // First on the line is lowest. The MAC pads it.
  assign frame = (8*LANES*BEATS)'({
    xoff_q ? {quanta[7:0], quanta[15:8]} : 16'd0, 8'h01, 8'h00, 8'h08, 8'h88,
    station[7:0], station[15:8], station[23:16], station[31:24], station[39:32], station[47:40],
    8'h01, 8'h00, 8'h00, 8'hC2, 8'h80, 8'h01});

  // Frames of both kinds take turns.
  assign eligible      = s_axis_tvalid && !s_hold && !paused;
  assign own_turn      = want_q && (congested_s || asked_q) && !(own_ended_q[0] && eligible);
  assign pass          = state_q == PASS || (state_q == CHOOSE && !own_turn && eligible);
  assign m_axis_tvalid = state_q == OWN || (pass && s_axis_tvalid);
  assign m_axis_tdata  = state_q == OWN ? own_q : s_axis_tdata;
  assign m_axis_tlast  = state_q == OWN ? own_last_q : s_axis_tlast;
  assign m_axis_tkeep  = state_q != OWN ? s_axis_tkeep : own_last_q ? LAST_KEEP : '1;
  assign s_axis_tready = pass && m_axis_tready;
  assign s_strike      = strike && state_q != OWN;
  assign s_sent        = sent && !own_ended_q[leaving_q[1]];
  assign ended         = m_axis_tvalid && m_axis_tready && m_axis_tlast;

  always_ff @(posedge clk) begin
    if (quantum_q && refresh_q != '0) refresh_q <= refresh_q - 1'b1;
    want_q <= congested_s ? !asked_q || refresh_q == '0 : asked_q;
    case (state_q)
      CHOOSE: begin
        if (own_turn) begin
          want_q      <= 1'b0;
          xoff_q      <= congested_s;
          asked_q     <= congested_s;
          refresh_q   <= {1'b0, quanta[15:1]};
          sent_toggle <= !sent_toggle;
          own_q       <= frame[LINE_W-1:0];
          beat_q      <= BEAT_W'(1);
          own_last_q  <= 1'b0;
          state_q     <= OWN;
        end else if (pass) begin
          state_q <= PASS;
        end
      end
      PASS: ;
      default: if (m_axis_tready) begin
        own_q      <= frame[LINE_W*beat_q +: LINE_W];
        own_last_q <= beat_q == BEAT_W'(BEATS - 1);
        beat_q     <= beat_q + 1'b1;
      end
    endcase
    if (ended) begin
      own_ended_q <= {own_ended_q[0], state_q == OWN};
      state_q     <= CHOOSE;
    end
    leaving_q <= leaving_q + 2'(ended) - 2'(sent);
    if (rst) begin
      asked_q      <= 1'b0;
      want_q       <= 1'b0;
      xoff_q       <= 1'b0;
      refresh_q    <= '0;
      sent_toggle  <= 1'b0;
      own_ended_q  <= '0;
      leaving_q    <= '0;
      state_q      <= CHOOSE;
    end
  end

  // ---------------------------------------------------------------- what the core hears of it
  fn_sync #(.WIDTH(1)) i_paused_sync (.clk(core_clk), .d(paused), .q(tx_paused));
  fn_sync #(.WIDTH(1)) i_sent_sync (.clk(core_clk), .d(sent_toggle), .q(sent_s));

  always_ff @(posedge core_clk) begin
    sent_seen_q <= sent_s;
    tx_pause    <= sent_s != sent_seen_q;
    if (core_rst) begin
      sent_seen_q <= 1'b0;
      tx_pause    <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  initial if (LINE_W != 8 && LINE_W != 16 && LINE_W != 32 && LINE_W != 64) $fatal(1, "fn_mac_pause_tx: LINE_W must be 8, 16, 32 or 64");
  always @(posedge clk) if (!rst) assert (!(ended && leaving_q == 2'd2 && !sent) && !(sent && leaving_q == 2'd0));
`endif

endmodule

`default_nettype wire
