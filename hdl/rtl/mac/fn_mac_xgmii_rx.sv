// Receive half of the Ethernet MAC at the XGMII (IEEE 802.3 clause 46), 64 bits of two columns: finds start in lane 0 or 4, the start delimiter and
// terminate in any lane, checks the frame check sequence and strips it; and knows a link fault by its ordered sets (clause 46.3.4).
//
// Latency: 6 clocks from the pins to the same byte on the stream. Throughput: wire speed, with gaps of 5 bytes or more, terminate included
// (clause 46.2.1); in a shorter one a frame may be lost. The stream cannot be stalled: there is no tready, and what follows must take every beat.
// Every start gives exactly one frame on the stream. tuser, valid with tlast, is that of fn_mac_gmii_rx: 0 for a good frame, else
//   tuser[3] phy error: a control character other than terminate in the frame, or no start delimiter
//   tuser[2] oversize: longer than MAX_FRAME and the check sequence; the rest of the frame is not forwarded
//   tuser[1] undersize: shorter than 64 bytes with check sequence
//   tuser[0] bad check sequence
//
// The check sequence is taken over whole beats, the last one filled with zeros; a good frame then leaves one of eight known values, by how
// many zeros there were.
//
//   pins (1) ─▶ to lane 0 (2) ─▶ where it ends (3) ─▶ frame (4) ─▶ (5) ─▶ verdict
`default_nettype none

module fn_mac_xgmii_rx #(
  parameter int MAX_FRAME = 1518  // bytes without check sequence
) (
  input  wire logic        clk,  // 156.25 MHz
  input  wire logic        rst,

  input  wire logic [63:0] xgmii_rxd,
  input  wire logic [7:0]  xgmii_rxc,

  output logic [63:0]      m_axis_tdata,
  output logic [7:0]       m_axis_tkeep,
  output logic             m_axis_tvalid,
  output logic             m_axis_tlast,
  output logic [3:0]       m_axis_tuser,

  output logic             local_fault,
  output logic             remote_fault,
  output logic             strike,  // pulse: a start delimiter was on the pins 7 clocks ago; not before the last beat of the frame before
  output logic             busy     // a frame is on the pins or on its way through
);

  localparam logic [7:0] START_CHAR = 8'hFB, TERMINATE_CHAR = 8'hFD, DELIMITER = 8'hD5;
  // The longest frame with check sequence: so many whole beats and lanes.
  localparam int LIMIT_BEATS = (MAX_FRAME + 4) / 8, LIMIT_LANES = (MAX_FRAME + 4) % 8, SHORT_BEATS = 64 / 8;
  localparam int BEATS_W = $clog2(LIMIT_BEATS + 1);
  localparam logic [3:0] PHY_ERROR = 4'b1000, OVERSIZE = 4'b0100, UNDERSIZE = 4'b0010;

  // What a good frame leaves in the CRC-32 register, and the same after 1 to 7 bytes of zeros.
  localparam logic [8*32-1:0] RESIDUES = {
    32'h94784E13, 32'h1C759789, 32'h19F6EB51, 32'h9ADD2096, 32'h62932081, 32'h4E3D5E5C, 32'h39DD08E2, 32'hDEBB20E3};

  // ---------------------------------------------------------------- to lane 0
  logic [63:0] pins_d_q, lane_d_q;
  logic [7:0]  pins_c_q, lane_c_q;
  logic [31:0] high_d_q;
  logic [3:0]  high_c_q;
  logic        start_0, start_4, start_4_q, moved_q, lane_start_q;

  assign start_0 = pins_c_q[0] && pins_d_q[7:0] == START_CHAR;
  assign start_4 = pins_c_q[4] && pins_d_q[39:32] == START_CHAR;

  always_ff @(posedge clk) begin
    pins_d_q     <= xgmii_rxd;
    pins_c_q     <= xgmii_rxc;
    high_d_q     <= pins_d_q[63:32];
    high_c_q     <= pins_c_q[7:4];
    start_4_q    <= start_4;
    moved_q      <= start_4 || (moved_q && !start_0);
    lane_d_q     <= moved_q && !start_0 ? {pins_d_q[31:0], high_d_q} : pins_d_q;
    lane_c_q     <= moved_q && !start_0 ? {pins_c_q[3:0], high_c_q} : pins_c_q;
    lane_start_q <= start_0 || start_4_q;
    if (rst) begin
      pins_c_q     <= '0;
      start_4_q    <= 1'b0;
      moved_q      <= 1'b0;
      lane_start_q <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- where it ends
  logic [63:0] beat_q;   // without what is no data of the frame
  logic [7:0]  bytes_q;  // which lanes come before the first control character
  logic [2:0]  zeros_q;  // how many do not
  logic        ended_q, clean_q, start_q, delimited_q, ended, clean;
  logic [7:0]  bytes;
  logic [2:0]  zeros;
  logic [63:0] data;

  always_comb begin
    bytes = '1;
    zeros = 3'd0;
    clean = 1'b1;
    data  = lane_d_q;
    for (int i = 7; i >= 0; i--) begin
      if (lane_c_q[i]) begin
        bytes = ~(8'hFF << i);
        zeros = 3'(8 - i);
        clean = lane_d_q[8*i +: 8] == TERMINATE_CHAR;
      end
    end
    for (int i = 0; i < 8; i++) if (!bytes[i]) data[8*i +: 8] = 8'd0;
    ended = lane_c_q != '0;
  end

  always_ff @(posedge clk) begin
    beat_q      <= data;
    bytes_q     <= bytes;
    zeros_q     <= zeros;
    ended_q     <= ended;
    clean_q     <= clean;
    start_q     <= lane_start_q;
    delimited_q <= lane_c_q == 8'h01 && lane_d_q[63:56] == DELIMITER;
    if (rst) start_q <= 1'b0;
  end

  // ---------------------------------------------------------------- the frame
  // REPORT: a start without delimiter is told of, in a clock of its own. SKIP: nothing more comes of this frame.
  typedef enum logic [1:0] {IDLE, DATA, REPORT, SKIP} state_t;
  state_t state_q;

  logic [63:0]         held_q, tail_q, out_d_q;
  logic                held_valid_q, tail_valid_q, out_valid_q, out_last_q, end_q, good_q;
  logic [2:0]          end_zeros_q;
  logic [3:0]          tail_keep_q, tail_user_q, out_user_q, reason;
  logic [7:0]          out_keep_q;
  logic [BEATS_W-1:0]  beats_q;         // of the frame, before this one
  logic                short_q, limit_q, over;  // fewer than SHORT_BEATS before this one; LIMIT_BEATS; this one is too much
  logic [31:0]         crc_q, next;
  logic [2:0]          strike_q;

  fn_crc32_step #(.BYTES(8)) i_step (.crc(crc_q), .data(beat_q), .next(next));

  assign over = limit_q && bytes_q[LIMIT_LANES];

  always_comb begin
    reason = '0;
    if (start_q || !clean_q)                    reason = PHY_ERROR;
    else if (over)    reason = OVERSIZE;
    else if (short_q) reason = UNDERSIZE;
  end

  always_ff @(posedge clk) begin
    out_valid_q  <= 1'b0;
    out_last_q   <= 1'b0;
    out_keep_q   <= '1;
    out_d_q      <= held_q;
    out_user_q   <= reason;
    tail_valid_q <= 1'b0;
    end_q        <= 1'b0;
    if (tail_valid_q) begin
      out_valid_q <= 1'b1;
      out_last_q  <= 1'b1;
      out_d_q     <= tail_q;
      out_keep_q  <= {4'h0, tail_keep_q};
      out_user_q  <= tail_user_q;
    end
    case (state_q)
      DATA: begin
        if (bytes_q[0]) crc_q <= next;
        held_q       <= beat_q;
        held_valid_q <= 1'b1;
        beats_q      <= beats_q + 1'b1;
        short_q      <= short_q && beats_q != BEATS_W'(SHORT_BEATS - 1);
        limit_q      <= beats_q == BEATS_W'(LIMIT_BEATS - 1);
        if (ended_q || start_q) begin
          end_q       <= 1'b1;
          end_zeros_q <= zeros_q;
          state_q     <= IDLE;
          // What lies in the beat is check sequence in its last 4 bytes; a frame of less than that is one beat, and bad.
          if (bytes_q[4] && held_valid_q) begin
            out_valid_q  <= 1'b1;
            tail_valid_q <= 1'b1;
            tail_q       <= beat_q;
            tail_keep_q  <= bytes_q[7:4];
            tail_user_q  <= reason;
          end else begin
            out_valid_q <= 1'b1;
            out_last_q  <= 1'b1;
            out_keep_q  <= {bytes_q[3:0], 4'hF};
            if (!held_valid_q) out_keep_q <= 8'h01;
          end
        end else if (over) begin
          out_valid_q <= 1'b1;
          out_last_q  <= 1'b1;
          state_q     <= SKIP;
        end else begin
          out_valid_q <= held_valid_q;
        end
      end
      REPORT: begin
        out_valid_q <= 1'b1;
        out_last_q  <= 1'b1;
        out_user_q  <= PHY_ERROR;
        state_q     <= ended_q ? IDLE : SKIP;
      end
      SKIP: if (ended_q) state_q <= IDLE;
      default: ;
    endcase
    if (start_q) begin
      crc_q        <= '1;
      beats_q      <= '0;
      short_q      <= 1'b1;
      limit_q      <= 1'b0;
      held_valid_q <= 1'b0;
      state_q      <= delimited_q ? DATA : REPORT;
    end

    // The verdict is known two clocks behind the last beat, and stands until the next.
    if (end_q) good_q <= crc_q == RESIDUES[32*end_zeros_q +: 32];
    strike_q <= {strike_q[1:0], start_q && delimited_q};
    strike   <= strike_q[2];

    if (rst) begin
      out_valid_q  <= 1'b0;
      tail_valid_q <= 1'b0;
      end_q        <= 1'b0;
      strike_q     <= '0;
      strike       <= 1'b0;
      state_q      <= IDLE;
    end
  end

  // ---------------------------------------------------------------- verdict
  logic [3:0] last_user_q;

  always_ff @(posedge clk) begin
    m_axis_tvalid <= out_valid_q;
    m_axis_tlast  <= out_last_q && out_valid_q;
    last_user_q   <= out_user_q;
    if (out_valid_q) begin
      m_axis_tdata <= out_d_q;
      m_axis_tkeep <= out_keep_q;
    end
    if (rst) m_axis_tvalid <= 1'b0;
  end

  assign m_axis_tuser = last_user_q != '0 ? last_user_q : {3'b000, !good_q};
  assign busy = start_0 || start_4 || lane_start_q || start_4_q || start_q || state_q != IDLE || out_valid_q || tail_valid_q || m_axis_tvalid
             || strike_q != '0;

  fn_xgmii_fault i_fault (.clk(clk), .rst(rst), .xgmii_rxd(pins_d_q), .xgmii_rxc(pins_c_q), .local_fault(local_fault), .remote_fault(remote_fault));

`ifndef SYNTHESIS
  initial if (MAX_FRAME < 64) $fatal(1, "fn_mac_xgmii_rx: MAX_FRAME must be 64 or more");
`endif

endmodule

`default_nettype wire
