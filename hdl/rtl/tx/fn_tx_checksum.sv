// Transmit checksum insertion: takes frames with their TxHeader (hdl/regs/registers.json), judges them, sums each from ChecksumStart to
// its end in ones' complement and writes the result at ChecksumStart + ChecksumOffset, at any alignment. The field's own bytes are part of
// the sum, so the host fills it with the sum of the pseudo header (RFC 1071; RFC 768 for ChecksumZeroAsOnes).
//
// Throughput: 1 beat a clock, back to back: a frame leaves while the next ones are stored (FIFO of 4096 bytes or more).
// Latency: the frame's own length and 7 clocks, since the sum is known only at its end. Stalls its source when its sink or the status
// stream stalls for too long; drops nothing but what it refuses.
//
// Every frame taken gives one status, in order: Ok when it is stored for the MAC; a frame that is refused leaves no trace but its status
// and `count_refused`. An aborted frame (s_axis_tabort with tlast) leaves no trace but the status that came with it. When several
// reasons hold, the first of these is given: Unsupported, Oversize, LengthMismatch, ChecksumRange. Frames with s_axis_tmore are segments
// of one that the host gave: it has one status, behind the last of them, which is the first that is not Ok.
//
// The sum runs over 16-bit words at even places; when ChecksumStart is odd, the two bytes of the result are swapped (RFC 1071 §2B).
`default_nettype none
`include "fn_regs.svh"

module fn_tx_checksum #(
  parameter int DATA_W = 64,    // bits: 8, 16, 32, 64 ...
  parameter int META_W = 1,     // bits that go along with a frame
  parameter int DEPTH  = 4096,  // bytes of frames stored, a power of two, 2048 or more; with 4096 one frame is stored while another leaves
  parameter bit VLAN   = 1'b0   // the next stage inserts tags
) (
  input  wire logic                          clk,
  input  wire logic                          rst,

  input  wire logic [DATA_W-1:0]             s_axis_tdata,
  input  wire logic [DATA_W/8-1:0]           s_axis_tkeep,
  input  wire logic                          s_axis_tvalid,
  output logic                               s_axis_tready,
  input  wire logic                          s_axis_tlast,
  input  wire logic [`FN_TX_HEADER_WIDTH-1:0] s_axis_tuser,   // TxHeader, the same in all beats of a frame
  input  wire logic [META_W-1:0]             s_axis_tmeta,   // with tlast
  input  wire logic                          s_axis_tabort,  // with tlast: drop the frame silently ...
  input  wire logic [7:0]                    s_axis_tstatus, // ... and give this status
  input  wire logic                          s_axis_tmore,   // with tlast: no status yet, another segment of the same frame follows

  output logic [7:0]                         m_status_tdata,
  output logic                               m_status_tvalid,
  input  wire logic                          m_status_tready,

  output logic [DATA_W-1:0]                  m_axis_tdata,
  output logic [DATA_W/8-1:0]                m_axis_tkeep,
  output logic                               m_axis_tvalid,
  input  wire logic                          m_axis_tready,
  output logic                               m_axis_tlast,
  output logic [META_W-1:0]                  m_axis_tmeta,   // the same in all beats of a frame, as is ...
  output logic                               m_axis_tvlan,   // ... that it wants a tag

  output logic                               count_frame,     // pulse: a frame went to the MAC ...
  output logic [15:0]                        count_bytes,     // ... with this many bytes on the wire, padding included, check sequence not
  output logic                               count_checksum,  // pulse, with count_frame: a checksum was inserted
  output logic                               count_refused,   // pulse: a frame was refused

  output logic                               idle             // no frame and no status in here, none half taken
);

  localparam int KEEP_W    = DATA_W / 8;
  localparam int LANE_W    = $clog2(KEEP_W);
  localparam int WORDS     = KEEP_W > 1 ? KEEP_W / 2 : 1;
  localparam int MIN_FRAME = 14;
  localparam int MAX_FRAME = 1518;
  localparam int TAG       = 4;
  localparam int PAD_FRAME = 60;    // the MAC pads to this
  localparam int LENGTH_W  = 11;    // counts to MAX_FRAME and a beat more
  localparam int PARTIAL_W = 16 + $clog2(WORDS + 1);
  localparam int SUM_W     = 26;    // MAX_FRAME / 2 words
  localparam int RESULT_W  = META_W + 2 + LENGTH_W + 16;  // what goes along, tag, insert, position, checksum

  // ---------------------------------------------------------------- stage 0: what the beat is
  logic                 advance;    // all stages move
  logic [LENGTH_W-1:0]  start_q;    // bytes of this frame before this beat; stays at OVER once past MAX_FRAME
  logic                 over_q;     // the frame is longer than MAX_FRAME already
  logic [LENGTH_W-1:0]  s_end;      // bytes up to and with this beat
  logic [LANE_W:0]      s_bytes;
  logic [KEEP_W-1:0]    s_mask;     // bytes that are summed
  logic                 s_over, take;
  logic [16:0]          s_position;
  logic [15:0]          sum_start, s_start, s_lane;
  logic                 s_beyond, s_within;  // this beat lies beyond the one in which the sum starts; is that one

  assign take       = s_axis_tvalid && advance;
  assign sum_start  = s_axis_tuser[`FN_TX_HEADER_CHECKSUM_START];
  assign s_position = {1'b0, sum_start} + {1'b0, s_axis_tuser[`FN_TX_HEADER_CHECKSUM_OFFSET]};
  assign s_end      = start_q + LENGTH_W'(s_bytes);
  assign s_over     = over_q || s_end > LENGTH_W'(MAX_FRAME);

  always_comb begin
    s_bytes = '0;
    for (int i = 0; i < KEEP_W; i++) s_bytes = s_bytes + (LANE_W + 1)'(s_axis_tkeep[i]);
  end

  // Beats start at multiples of their size, so beat and lane compare apart.
  assign s_lane   = sum_start & 16'(KEEP_W - 1);
  assign s_start  = 16'(start_q);
  assign s_beyond = (s_start >> LANE_W) > (sum_start >> LANE_W);
  assign s_within = (s_start >> LANE_W) == (sum_start >> LANE_W);

  generate
    for (genvar i = 0; i < KEEP_W; i++) begin : g_mask
      assign s_mask[i] = s_axis_tuser[`FN_TX_HEADER_CHECKSUM] && s_axis_tkeep[i] && (s_beyond || (s_within && s_lane <= 16'(i)));
    end
  endgenerate

  logic unused;  // for other stages, and for the host interface
  assign unused = &{1'b0, s_axis_tuser[`FN_TX_HEADER_VLAN_TAG], s_axis_tuser[`FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE],
                    s_axis_tuser[95:84], s_axis_tuser[99], s_axis_tuser[127:103]};

  assign s_axis_tready = advance;

  always_ff @(posedge clk) begin
    if (take) begin
      start_q <= s_axis_tlast ? '0 : (s_over ? start_q : s_end);
      over_q  <= s_over && !s_axis_tlast;
    end
    if (rst) begin
      start_q <= '0;
      over_q  <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- stages 1 to 4: mask, add within the beat, add up, fold; judge alongside
  logic                 valid1_q, valid2_q, valid3_q, valid4_q;
  logic                 last1_q, last2_q, last3_q, last4_q;
  logic [KEEP_W-1:0]    keep1_q, keep2_q, keep3_q, keep4_q;
  logic [DATA_W-1:0]    data1_q, data2_q, data3_q, data4_q;
  logic                 over1_q, over2_q, over3_q, over4_q;

  logic [KEEP_W-1:0]    mask1_q;
  logic                 first1_q, first2_q, abort1_q;
  logic [LENGTH_W-1:0]  end1_q;
  logic [16:0]          position1_q;
  logic [`FN_TX_HEADER_LENGTH_WIDTH-1:0] length1_q;
  logic                 insert1_q, zero1_q, odd1_q, vlan1_q, unsupported1_q, more1_q, more2_q, more3_q, more4_q, vlan2_q, vlan3_q, vlan4_q;
  logic [META_W-1:0]    meta1_q, meta2_q, meta3_q, meta4_q;
  logic [7:0]           abort_status1_q;

  logic [PARTIAL_W-1:0] partial, partial2_q;
  logic [7:0]           status, status2_q, status3_q, status4_q;
  logic                 drop2_q, drop3_q, drop4_q;
  logic [LENGTH_W-1:0]  position2_q, position3_q, position4_q;
  logic                 insert2_q, insert3_q, insert4_q, zero2_q, zero3_q, odd2_q, odd3_q;
  logic [SUM_W-1:0]     sum3_q;
  logic [15:0]          checksum, checksum4_q;

  // Bytes at even places of the frame are the high halves of their words.
  generate
    if (KEEP_W == 1) begin : g_byte
      logic [7:0] masked;
      logic       odd_beat1_q;
      always_ff @(posedge clk) if (take) odd_beat1_q <= start_q[0];
      assign masked  = data1_q & {8{mask1_q}};
      assign partial = odd_beat1_q ? {{(PARTIAL_W - 8){1'b0}}, masked} : {{(PARTIAL_W - 16){1'b0}}, masked, 8'd0};
    end else begin : g_words
      always_comb begin
        partial = '0;
        for (int i = 0; i < WORDS; i++) begin
          partial = partial + PARTIAL_W'({data1_q[i*16 +: 8] & {8{mask1_q[i*2]}}, data1_q[i*16+8 +: 8] & {8{mask1_q[i*2+1]}}});
        end
      end
    end
  endgenerate

  always_comb begin
    status = `FN_STATUS_OK;
    if (unsupported1_q) status = `FN_STATUS_UNSUPPORTED;
    else if (over1_q || end1_q < LENGTH_W'(MIN_FRAME) || (vlan1_q && end1_q > LENGTH_W'(MAX_FRAME - TAG))) status = `FN_STATUS_OVERSIZE;
    else if (length1_q != `FN_TX_HEADER_LENGTH_WIDTH'(end1_q)) status = `FN_STATUS_LENGTH_MISMATCH;
    else if (insert1_q && position1_q + 17'd2 > 17'(end1_q)) status = `FN_STATUS_CHECKSUM_RANGE;
    if (abort1_q) status = abort_status1_q;
  end

  // Two folds hold any sum of MAX_FRAME / 2 words: the first leaves at most 17 bits, the second cannot carry again.
  logic [16:0] fold;
  logic [15:0] folded, swapped;

  assign fold    = {1'b0, sum3_q[15:0]} + 17'(sum3_q[SUM_W-1:16]);
  assign folded  = fold[15:0] + 16'(fold[16]);
  assign swapped = odd3_q ? {folded[7:0], folded[15:8]} : folded;
  assign checksum = zero3_q && (&swapped) ? 16'hFFFF : ~swapped;

  always_ff @(posedge clk) begin
    if (advance) begin
      valid1_q <= s_axis_tvalid;
      valid2_q <= valid1_q;
      valid3_q <= valid2_q;
      valid4_q <= valid3_q;
      if (s_axis_tvalid) begin
        last1_q     <= s_axis_tlast;
        keep1_q     <= s_axis_tkeep;
        data1_q     <= s_axis_tdata;
        over1_q     <= s_over;
        mask1_q     <= s_mask;
        first1_q    <= start_q == '0;
        if (s_axis_tlast) begin
          abort1_q       <= s_axis_tabort;
          end1_q         <= s_end;
          position1_q    <= s_position;
          length1_q      <= s_axis_tuser[`FN_TX_HEADER_LENGTH];
          insert1_q      <= s_axis_tuser[`FN_TX_HEADER_CHECKSUM];
          zero1_q        <= s_axis_tuser[`FN_TX_HEADER_CHECKSUM_ZERO_AS_ONES];
          odd1_q         <= sum_start[0];
          vlan1_q        <= s_axis_tuser[`FN_TX_HEADER_INSERT_VLAN];
          unsupported1_q <= (s_axis_tuser[`FN_TX_HEADER_INSERT_VLAN] && !VLAN) || s_axis_tuser[`FN_TX_HEADER_SEGMENTATION] != '0;
          meta1_q         <= s_axis_tmeta;
          abort_status1_q <= s_axis_tstatus;
          more1_q         <= s_axis_tmore;
        end
      end
      if (valid1_q) begin
        last2_q    <= last1_q;
        keep2_q    <= keep1_q;
        data2_q    <= data1_q;
        over2_q    <= over1_q;
        first2_q   <= first1_q;
        partial2_q <= partial;
        if (last1_q) begin
          status2_q   <= status;
          drop2_q     <= abort1_q || status != `FN_STATUS_OK;
          position2_q <= position1_q[LENGTH_W-1:0];
          insert2_q   <= insert1_q;
          zero2_q     <= zero1_q;
          odd2_q      <= odd1_q;
          vlan2_q     <= vlan1_q;
          meta2_q     <= meta1_q;
          more2_q     <= more1_q;
        end
      end
      if (valid2_q) begin
        last3_q     <= last2_q;
        keep3_q     <= keep2_q;
        data3_q     <= data2_q;
        over3_q     <= over2_q;
        sum3_q      <= (first2_q ? '0 : sum3_q) + SUM_W'(partial2_q);
        status3_q   <= status2_q;
        drop3_q     <= drop2_q;
        position3_q <= position2_q;
        insert3_q   <= insert2_q;
        zero3_q     <= zero2_q;
        odd3_q      <= odd2_q;
        vlan3_q     <= vlan2_q;
        meta3_q     <= meta2_q;
        more3_q     <= more2_q;
      end
      if (valid3_q) begin
        last4_q <= last3_q;
        keep4_q <= keep3_q;
        data4_q <= data3_q;
        over4_q <= over3_q;
        if (last3_q) begin
          status4_q   <= status3_q;
          drop4_q     <= drop3_q;
          position4_q <= position3_q;
          insert4_q   <= insert3_q;
          checksum4_q <= checksum;
          vlan4_q     <= vlan3_q;
          meta4_q     <= meta3_q;
          more4_q     <= more3_q;
        end
      end
    end
    if (rst) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
      valid3_q <= 1'b0;
      valid4_q <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- store: the frame with its result, and the status
  logic                store_tvalid, store_tready, status_tvalid, status_tready, store_empty, status_empty;
  logic [DATA_W-1:0]   out_tdata;
  logic [KEEP_W-1:0]   out_tkeep;
  logic                out_tvalid, out_tready, out_tlast;
  logic [RESULT_W-1:0] out_tuser;

  logic [7:0]          failed_q, merged;  // what the segments before this one of the same frame came to

  // Of a frame that is too long only the last beat goes on, to be dropped.
  assign store_tvalid  = valid4_q && status_tready && (last4_q || !over4_q);
  assign status_tvalid = valid4_q && store_tready && last4_q && !more4_q;
  assign advance       = !valid4_q || (store_tready && status_tready);
  assign merged        = failed_q != `FN_STATUS_OK ? failed_q : status4_q;

  always_ff @(posedge clk) begin
    if (valid4_q && advance && last4_q) failed_q <= more4_q ? merged : `FN_STATUS_OK;
    if (rst) failed_q <= `FN_STATUS_OK;
  end

  fn_axis_fifo #(.DATA_W(DATA_W), .USER_W(RESULT_W), .DEPTH(DEPTH / KEEP_W), .FRAMES(DEPTH / 64), .FRAME_MODE(1'b1), .DROP_WHEN_FULL(1'b0)) i_store (
    .clk(clk), .rst(rst),
    .s_axis_tdata(data4_q), .s_axis_tkeep(keep4_q), .s_axis_tvalid(store_tvalid), .s_axis_tready(store_tready), .s_axis_tlast(last4_q),
    .s_axis_tuser({meta4_q, vlan4_q, insert4_q, position4_q, checksum4_q}), .s_axis_drop(drop4_q),
    .m_axis_tdata(out_tdata), .m_axis_tkeep(out_tkeep), .m_axis_tvalid(out_tvalid), .m_axis_tready(out_tready), .m_axis_tlast(out_tlast),
    .m_axis_tuser(out_tuser), .empty(store_empty),
    .dropped(), .overflow()  // MAX_FRAME always fits
  );

  fn_axis_fifo #(.DATA_W(8), .USER_W(1), .DEPTH(16), .FRAME_MODE(1'b0)) i_status (
    .clk(clk), .rst(rst),
    .s_axis_tdata(merged), .s_axis_tkeep(1'b1), .s_axis_tvalid(status_tvalid), .s_axis_tready(status_tready), .s_axis_tlast(1'b1),
    .s_axis_tuser(1'b0), .s_axis_drop(1'b0),
    .m_axis_tdata(m_status_tdata), .m_axis_tvalid(m_status_tvalid), .m_axis_tready(m_status_tready), .empty(status_empty),
    .m_axis_tkeep(), .m_axis_tlast(), .m_axis_tuser(), .dropped(), .overflow()
  );

  always_ff @(posedge clk) begin
    count_refused <= status_tvalid && status_tready && merged != `FN_STATUS_OK;
    if (rst) count_refused <= 1'b0;
  end

  // ---------------------------------------------------------------- patch on the way out
  logic [LENGTH_W-1:0] out_start_q;  // bytes of the frame before this beat
  logic                low_due_q;    // the high byte of the result was the last byte of the beat before
  logic                insert, vlan, low_due, out_here;
  logic [META_W-1:0]   meta;
  logic [LENGTH_W-1:0] wire_bytes;
  logic [LENGTH_W-1:0] position, out_end;
  logic [15:0]         result;
  logic [DATA_W-1:0]   patched;

  assign {meta, vlan, insert, position, result} = out_tuser;
  assign wire_bytes = out_end + (vlan ? LENGTH_W'(TAG) : '0);
  assign out_here = insert && (position >> LANE_W) == (out_start_q >> LANE_W);

  always_comb begin
    patched = out_tdata;
    low_due = low_due_q;
    out_end = out_start_q;
    if (out_tvalid) begin
      for (int i = 0; i < KEEP_W; i++) begin
        if (low_due) patched[i*8 +: 8] = result[7:0];
        low_due = out_here && (position & LENGTH_W'(KEEP_W - 1)) == LENGTH_W'(i);
        if (low_due) patched[i*8 +: 8] = result[15:8];
        out_end = out_end + LENGTH_W'(out_tkeep[i]);
      end
    end
  end

  always_ff @(posedge clk) begin
    count_frame <= 1'b0;
    if (out_tvalid && out_tready) begin
      out_start_q <= out_tlast ? '0 : out_end;
      low_due_q   <= low_due;
      if (out_tlast) begin
        count_frame    <= 1'b1;
        count_checksum <= insert;
        count_bytes    <= wire_bytes < LENGTH_W'(PAD_FRAME) ? 16'(PAD_FRAME) : 16'(wire_bytes);
      end
    end
    if (!(out_tvalid && out_tready && out_tlast)) count_checksum <= 1'b0;
    if (rst) begin
      out_start_q    <= '0;
      low_due_q      <= 1'b0;
      count_frame    <= 1'b0;
      count_checksum <= 1'b0;
    end
  end

  fn_skid_buffer #(.DATA_W(DATA_W), .USER_W(META_W + 1)) i_out (
    .clk(clk), .rst(rst),
    .s_axis_tdata(patched), .s_axis_tkeep(out_tkeep), .s_axis_tvalid(out_tvalid), .s_axis_tready(out_tready), .s_axis_tlast(out_tlast),
    .s_axis_tuser({meta, vlan}),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready), .m_axis_tlast(m_axis_tlast),
    .m_axis_tuser({m_axis_tmeta, m_axis_tvlan})
  );

  assign idle = start_q == '0 && !over_q && !valid1_q && !valid2_q && !valid3_q && !valid4_q && store_empty && status_empty && !m_axis_tvalid;

`ifndef SYNTHESIS
  initial if (DEPTH <= MAX_FRAME || (DEPTH & (DEPTH - 1)) != 0) $fatal(1, "fn_tx_checksum: illegal DEPTH");
`endif

endmodule

`default_nettype wire
