// Receive coalescing: reads the chains of blocks that the queue names and yields each frame's bytes as beats of which some lanes are wanted: all of the first segment, of
// further ones what lies behind their headers.
//
// While a block is read the next one is looked up, which takes 2 clocks; blocks of fewer beats cost the difference. Latency: 4 clocks from the
// queue to the first beat. One beat a clock; m_ready = 0 stalls it.
`default_nettype none

module fn_rx_coalesce_read #(
  parameter int DATA_W  = 64,                          // bits: 8, 16, 32 or 64
  parameter int BLOCK_W = 7,
  parameter int INFO_W  = 60,                          // bits that go along with a frame
  parameter int BEAT_W  = 8 - $clog2(DATA_W / 8),      // derived; leave alone
  parameter int COUNT_W = $clog2(DATA_W / 8) + 1       // derived: counts bytes of a beat
) (
  input  wire logic               clk,
  input  wire logic               rst,

  input  wire logic               s_valid,             // a frame
  output logic                    s_ready,
  input  wire logic [BLOCK_W-1:0] s_first,
  input  wire logic [7:0]         s_segments,
  input  wire logic [6:0]         s_header,            // bytes in front of further segments' payload
  input  wire logic [INFO_W-1:0]  s_info,

  output logic                    walk,                // fn_rx_coalesce_store's read side
  output logic [BLOCK_W-1:0]      walk_block,
  input  wire logic [BLOCK_W-1:0] walk_next,
  output logic                    look,
  output logic [BLOCK_W-1:0]      look_block,
  input  wire logic [7:0]         look_bytes,
  input  wire logic               look_first,
  input  wire logic               look_last,
  output logic                    read,
  output logic                    read_user,
  output logic [BLOCK_W-1:0]      read_block,
  output logic [BEAT_W-1:0]       read_beat,
  output logic                    release_valid,
  output logic [BLOCK_W-1:0]      release_block,

  output logic                    m_valid,             // a beat, whose data the store shows
  input  wire logic               m_ready,
  output logic                    m_first,             // of the frame
  output logic                    m_last,
  output logic                    m_head,              // in the frame's first block, so that m_beat is the beat's number in the frame
  output logic [BEAT_W-1:0]       m_beat,
  output logic [COUNT_W-1:0]      m_from,              // first wanted lane
  output logic [COUNT_W-1:0]      m_to,                // the lane behind the last wanted one
  output logic [INFO_W-1:0]       m_info,              // of the frame
  output logic                    idle
);

  localparam int KEEP_W = DATA_W / 8;
  localparam int LANE_W = $clog2(KEEP_W);

  // ---------------------------------------------------------------- the next block
  enum logic [1:0] {FRAME, LINK, FOUND} state_q;
  logic               load, more;
  logic [BLOCK_W-1:0] next_block_q;
  logic               next_head_q;
  logic [7:0]         segments_q;                      // of the frame that end in this block or behind it
  logic [6:0]         header_q;
  logic [INFO_W-1:0]  info_q;

  assign more       = !(look_last && segments_q == 8'd1);
  assign s_ready    = state_q == FRAME;
  assign look       = (state_q == FRAME && s_valid) || state_q == LINK;
  assign look_block = state_q == FRAME ? s_first : walk_next;
  assign walk       = load && more;
  assign walk_block = next_block_q;

  // What is looked up in FRAME or LINK stands in the next clock.
  always_ff @(posedge clk) begin
    case (state_q)
      FRAME: if (s_valid) begin
        next_block_q <= s_first;
        next_head_q  <= 1'b1;
        segments_q   <= s_segments;
        header_q     <= s_header;
        info_q       <= s_info;
        state_q      <= FOUND;
      end
      LINK: begin
        next_block_q <= walk_next;
        next_head_q  <= 1'b0;
        state_q      <= FOUND;
      end
      default: if (load) begin
        segments_q <= segments_q - 8'(look_last);
        state_q    <= more ? LINK : FRAME;
      end
    endcase
    if (rst) state_q <= FRAME;
  end

  // ---------------------------------------------------------------- the block being read
  logic               active_q, head_q, ends_q, advance, block_end;
  logic [BLOCK_W-1:0] block_q;
  logic [BEAT_W-1:0]  beat_q, last_beat_q;
  logic [COUNT_W-1:0] from_q, to_q;
  logic [INFO_W-1:0]  block_info_q;
  logic [7:0]         start;

  assign advance   = m_ready || !m_valid;
  assign read      = active_q && advance;
  assign block_end = beat_q == last_beat_q;
  assign load      = state_q == FOUND && (!active_q || (read && block_end));
  assign start     = look_first && !next_head_q ? {1'b0, header_q} : 8'd0;

  assign read_user     = read && head_q && beat_q == '0;
  assign read_block    = block_q;
  assign read_beat     = beat_q;
  assign release_valid = read && block_end;
  assign release_block = block_q;
  assign idle          = state_q == FRAME && !active_q && !m_valid;

  always_ff @(posedge clk) begin
    if (read) begin
      beat_q <= beat_q + 1'b1;
      from_q <= '0;
      if (block_end) active_q <= 1'b0;
    end
    if (load) begin
      active_q     <= 1'b1;
      block_q      <= next_block_q;
      head_q       <= next_head_q;
      ends_q       <= !more;
      beat_q       <= start[7:LANE_W];
      last_beat_q  <= look_bytes[7:LANE_W];
      from_q       <= COUNT_W'(start & 8'(KEEP_W - 1));
      to_q         <= COUNT_W'(look_bytes & 8'(KEEP_W - 1)) + 1'b1;
      block_info_q <= info_q;
    end
    if (advance) begin
      m_valid <= read;
      m_first <= head_q && beat_q == '0;
      m_last  <= ends_q && block_end;
      m_head  <= head_q;
      m_beat  <= beat_q;
      m_from  <= from_q;
      m_to    <= block_end ? to_q : COUNT_W'(KEEP_W);
      m_info  <= block_info_q;
    end
    if (rst) begin
      active_q <= 1'b0;
      m_valid  <= 1'b0;
    end
  end

endmodule

`default_nettype wire
