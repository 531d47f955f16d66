// Transmit half of the Ethernet MAC at the XGMII (IEEE 802.3 clause 46), 64 bits of two columns: start in lane 0 or 4, preamble, padding to 60
// bytes, frame check sequence, terminate in any lane, and gaps that average 12 bytes, terminate included, by a deficit idle count of 0 to 3
// (clause 46.3.1.4).
//
// Latency: 8 clocks from a beat to the pins, the preamble one before. Throughput: wire speed; while frames wait, no byte more than the gap stands
// between them. A frame's beats must come without a pause once it has begun; where one is missing, a beat of error characters
// stands in its place, and `underrun` pulses.
// A fault on the link (clause 46.3.4): no frame begins; a local fault is answered with remote fault, a remote one with idle.
//
// The check sequence: fn_crc32_step over whole beats, and over the last one in steps of 4, 2 and 1 bytes, each a stage.
//
//   front (1) ─▶ crc (2) ─▶ 4 bytes (3) ─▶ 2 (4) ─▶ 1 (5) ─▶ turned to its lanes (6) ─▶ put together (7) ─▶ moved by 4 lanes (8)
`default_nettype none

module fn_mac_xgmii_tx (
  input  wire logic        clk,  // 156.25 MHz
  input  wire logic        rst,
  input  wire logic        enable,  // frames may begin; one that has begun is finished

  input  wire logic [63:0] s_axis_tdata,
  input  wire logic [7:0]  s_axis_tkeep,
  input  wire logic        s_axis_tvalid,
  output logic             s_axis_tready,
  input  wire logic        s_axis_tlast,

  input  wire logic        local_fault,
  input  wire logic        remote_fault,
  output logic [63:0]      xgmii_txd,
  output logic [7:0]       xgmii_txc,

  output logic             strike,   // pulse: the start delimiter will be on the pins in 8 clocks, and the frame's first beat is still on the stream
  output logic             sent,     // pulse: a frame is on the pins
  output logic             underrun  // pulse: a frame was spoiled for want of a beat
);

  localparam logic [7:0] IDLE_CHAR = 8'h07, START_CHAR = 8'hFB, TERMINATE_CHAR = 8'hFD, ERROR_CHAR = 8'hFE, SEQUENCE_CHAR = 8'h9C;
  localparam logic [31:0] REMOTE_FAULT = {8'h02, 8'h00, 8'h00, SEQUENCE_CHAR};
  localparam int STAGES = 7;

  // What a beat is on its way through the stages. REST holds what of check sequence and terminate did not fit behind the last bytes.
  localparam logic [1:0] QUIET = 2'd0, START = 2'd1, DATA = 2'd2, REST = 2'd3;

  typedef enum logic [2:0] {S_IDLE, S_DATA, S_PAD, S_REST, S_GAP} state_t;
  state_t state_q;

  // ---------------------------------------------------------------- front: what each beat will be
  logic [3:0]  beat_q;                       // beats of the frame so far, up to 8; in the eighth byte 60 comes
  logic [1:0]  deficit_q, gap_q, gap;        // gap: beats of idle behind the one with terminate; known in the clock behind the last beat
  logic        offset_q;                     // the next frame starts in lane 4
  logic [3:0]  s_count, count;               // bytes in the beat
  logic [2:0]  deficit_sum, lanes;
  logic [1:0]  gap_left;
  logic        ends, overflows;              // the frame ends in this beat; check sequence and terminate do not fit behind it
  logic [63:0] s_masked;

  // Stage i's part of a vector of w bits a stage is [w*i-1 -: w].
  logic [2*STAGES-1:0]  kind_q;
  logic [STAGES:1]      last_q, error_q, offset_pipe_q, sent_pipe_q;
  logic [4*STAGES-5:0]  count_q;
  logic [64*STAGES-65:0] data_q;

  always_comb begin
    s_count  = '0;
    s_masked = '0;
    for (int i = 0; i < 8; i++) begin
      if (s_axis_tkeep[i]) begin
        s_count = 4'(i + 1);
        s_masked[8*i +: 8] = s_axis_tdata[8*i +: 8];
      end
    end
    // Up to byte 60 all beats are whole, with zeros.
    count = state_q == S_PAD ? 4'd0 : s_count;
    if (beat_q < 4'd7) count = 4'd8;
    else if (beat_q == 4'd7 && count < 4'd4) count = 4'd4;
    ends      = beat_q >= 4'd7 && (state_q == S_PAD || s_axis_tlast);
    overflows = !beat_q[3] || s_axis_tkeep[3];  // 4 bytes or more: always in the beat in which padding ends
  end

  // The end of the frame lies count % 4 bytes behind a column's start, and so would the next start; the deficit says which way that is made up.
  // Columns from the start of the beat with terminate to the next start: 3, 4, 5 or 6.
  assign deficit_sum = {1'b0, deficit_q} + {1'b0, count_q[1:0]};
  assign lanes       = 3'(offset_q) + 3'(count_q[2] == 1'b0) + 3'(deficit_sum[2]);
  assign gap         = lanes == 3'd0 ? 2'd0 : lanes == 3'd3 ? 2'd2 : 2'd1;
  assign gap_left    = last_q[1] ? gap : gap_q;
  assign s_axis_tready = state_q == S_DATA;

  always_ff @(posedge clk) begin
    strike   <= 1'b0;
    underrun <= 1'b0;
    kind_q[1:0]  <= QUIET;
    last_q[1]  <= 1'b0;
    error_q[1] <= 1'b0;
    sent_pipe_q[1] <= 1'b0;
    case (state_q)
      S_IDLE: begin
        beat_q <= '0;
        if (s_axis_tvalid && enable && !local_fault && !remote_fault) begin
          kind_q[1:0]        <= START;
          offset_pipe_q[1] <= offset_q;
          strike           <= 1'b1;
          state_q          <= S_DATA;
        end
      end
      S_DATA, S_PAD: begin
        kind_q[1:0] <= DATA;
        if (state_q == S_DATA && !s_axis_tvalid) begin
          error_q[1] <= 1'b1;
          underrun   <= 1'b1;
        end else begin
          data_q[63:0]  <= state_q == S_PAD ? '0 : s_masked;
          count_q[3:0] <= count;
          if (!beat_q[3]) beat_q <= beat_q + 1'b1;
          if (state_q == S_DATA && s_axis_tlast) state_q <= S_PAD;
          if (ends) begin
            last_q[1]      <= 1'b1;
            sent_pipe_q[1] <= 1'b1;
            state_q        <= overflows ? S_REST : S_GAP;
          end
        end
      end
      S_REST: begin
        kind_q[1:0] <= REST;
        gap_q       <= gap;
        state_q     <= gap == 2'd0 ? S_IDLE : S_GAP;
      end
      default: begin
        gap_q <= gap_left - 1'b1;
        if (gap_left == 2'd1) state_q <= S_IDLE;
      end
    endcase
    if (last_q[1]) begin
      deficit_q <= deficit_sum[1:0];
      offset_q  <= !lanes[0];
    end
    if (rst) begin
      strike    <= 1'b0;
      underrun  <= 1'b0;
      kind_q[1:0] <= QUIET;
      last_q[1] <= 1'b0;
      sent_pipe_q[1] <= 1'b0;
      offset_pipe_q[1] <= 1'b0;
      deficit_q <= '0;
      offset_q  <= 1'b0;
      state_q   <= S_IDLE;
    end
  end

  // ---------------------------------------------------------------- what the beats carry along
  always_ff @(posedge clk) begin
    for (int i = 2; i <= STAGES; i++) begin
      kind_q[2*i-1 -: 2]  <= kind_q[2*(i-1)-1 -: 2];
      last_q[i]  <= last_q[i-1];
      error_q[i] <= error_q[i-1];
      offset_pipe_q[i] <= offset_pipe_q[i-1];
      sent_pipe_q[i]   <= sent_pipe_q[i-1];
    end
    for (int i = 2; i < STAGES; i++) begin
      if (kind_q[2*(i-1)-1 -: 2] == DATA) begin
        count_q[4*i-1 -: 4] <= count_q[4*(i-1)-1 -: 4];
        data_q[64*i-1 -: 64]  <= data_q[64*(i-1)-1 -: 64];
      end
    end
    sent <= sent_pipe_q[STAGES];
    if (rst) begin
      for (int i = 2; i <= STAGES; i++) begin
        kind_q[2*i-1 -: 2] <= QUIET;
        sent_pipe_q[i] <= 1'b0;
      end
      sent <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- check sequence
  logic [31:0] crc2_q, crc3_q, crc4_q, crc5_q, next8, next4, next2, next1, fcs;
  logic [23:0] tail3_q;
  logic [7:0]  tail4_q;
  logic [31:0] fcs6_q;  // its byte k in the lanes (count + k) % 4 of both columns

  fn_crc32_step #(.BYTES(8)) i_step8 (.crc(crc2_q), .data(data_q[63:0]), .next(next8));
  fn_crc32_step #(.BYTES(4)) i_step4 (.crc(crc2_q), .data(data_q[95:64]), .next(next4));
  fn_crc32_step #(.BYTES(2)) i_step2 (.crc(crc3_q), .data(tail3_q[15:0]), .next(next2));
  fn_crc32_step #(.BYTES(1)) i_step1 (.crc(crc4_q), .data(tail4_q), .next(next1));

  assign fcs = ~crc5_q;

  always_ff @(posedge clk) begin
    if (kind_q[1:0] == START) crc2_q <= '1;
    else if (kind_q[1:0] == DATA && count_q[3] && !error_q[1]) crc2_q <= next8;
    if (last_q[2]) begin
      crc3_q  <= count_q[6] ? next4 : crc2_q;
      tail3_q <= count_q[6] ? data_q[119:96] : data_q[87:64];
    end
    if (last_q[3]) begin
      crc4_q  <= count_q[9] ? next2 : crc3_q;
      tail4_q <= count_q[9] ? tail3_q[23:16] : tail3_q[7:0];
    end
    if (last_q[4]) crc5_q <= count_q[12] ? next1 : crc4_q;
    if (last_q[5]) begin
      case (count_q[17:16])
        2'd0:    fcs6_q <= fcs;
        2'd1:    fcs6_q <= {fcs[23:0], fcs[31:24]};
        2'd2:    fcs6_q <= {fcs[15:0], fcs[31:16]};
        default: fcs6_q <= {fcs[7:0], fcs[31:8]};
      endcase
    end
  end

  // ---------------------------------------------------------------- beats as they stand on the wire, then moved to their lanes
  logic [63:0] beat_d_q;
  logic [7:0]  beat_c_q;
  logic [31:0] before_d_q;
  logic [3:0]  before_c_q;
  logic        before_quiet_q, moved_q, moved, quiet;

  always_ff @(posedge clk) begin
    beat_d_q <= {8{IDLE_CHAR}};
    beat_c_q <= '1;
    case (kind_q[11:10])
      START: begin
        beat_d_q <= {8'hD5, {6{8'h55}}, START_CHAR};
        beat_c_q <= 8'h01;
      end
      DATA: if (error_q[6]) begin
        beat_d_q <= {8{ERROR_CHAR}};
      end else begin
        for (int i = 0; i < 8; i++) begin
          if (4'(i) < count_q[23:20]) begin
            beat_d_q[8*i +: 8] <= data_q[320+8*i +: 8];
            beat_c_q[i]        <= 1'b0;
          end else if (4'(i) < count_q[23:20] + 4'd4) begin
            beat_d_q[8*i +: 8] <= fcs6_q[8*(i%4) +: 8];
            beat_c_q[i]        <= 1'b0;
          end else if (4'(i) == count_q[23:20] + 4'd4) begin
            beat_d_q[8*i +: 8] <= TERMINATE_CHAR;
          end
        end
      end
      REST: for (int i = 0; i < 5; i++) begin
        if (4'(i + 4) < count_q[23:20]) begin
          beat_d_q[8*i +: 8] <= fcs6_q[8*(i%4) +: 8];
          beat_c_q[i]        <= 1'b0;
        end else if (4'(i + 4) == count_q[23:20]) begin
          beat_d_q[8*i +: 8] <= TERMINATE_CHAR;
        end
      end
      default: ;
    endcase
  end

  assign moved = kind_q[13:12] == START ? offset_pipe_q[7] : moved_q;
  assign quiet = kind_q[13:12] == QUIET && before_quiet_q;

  always_ff @(posedge clk) begin
    moved_q        <= moved;
    before_d_q     <= beat_d_q[63:32];
    before_c_q     <= beat_c_q[7:4];
    before_quiet_q <= kind_q[13:12] == QUIET;
    xgmii_txd      <= moved ? {beat_d_q[31:0], before_d_q} : beat_d_q;
    xgmii_txc      <= moved ? {beat_c_q[3:0], before_c_q} : beat_c_q;
    if (quiet && local_fault) begin
      xgmii_txd <= {2{REMOTE_FAULT}};
      xgmii_txc <= 8'h11;
    end
    if (rst) begin
      moved_q   <= 1'b0;
      xgmii_txd <= {8{IDLE_CHAR}};
      xgmii_txc <= '1;
    end
  end

endmodule

`default_nettype wire
