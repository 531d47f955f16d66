// Receive coalescing: the memory of frames. Each frame lies in a chain of blocks of 256 bytes; frames that become one are linked into one chain and no byte of them moves.
//
// Write side: takes frames beat by beat into blocks from the list of free ones; its first beat's tuser is kept by its first block. Stalls when no block is
// free, and on a last beat while `hold_last`. Read side: memories with registered reads, each with its enable; blocks come back by `release_valid`.
//
// One beat a clock in, one out. After reset the list takes a clock for each block to fill.
`default_nettype none

module fn_rx_coalesce_store #(
  parameter int DATA_W  = 64,   // bits: 8, 16, 32 or 64
  parameter int BLOCKS  = 128,  // of 256 bytes, a power of two, 32 or more
  parameter int USER_W  = 256,
  parameter int BLOCK_W = $clog2(BLOCKS),              // derived; leave alone
  parameter int BEAT_W  = 8 - $clog2(DATA_W / 8)       // derived: bits of a beat's number in its block
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [USER_W-1:0]   s_axis_tuser,
  input  wire logic                hold_last,
  output logic [BLOCK_W-1:0]       frame_first,    // blocks of the frame whose last beat is taken, in that clock
  output logic [BLOCK_W-1:0]       frame_last,

  input  wire logic                link_valid,
  output logic                     link_ready,
  input  wire logic [BLOCK_W-1:0]  link_from,
  input  wire logic [BLOCK_W-1:0]  link_to,

  input  wire logic                read,           // a beat
  input  wire logic [BLOCK_W-1:0]  read_block,
  input  wire logic [BEAT_W-1:0]   read_beat,
  output logic [DATA_W-1:0]        read_data,
  input  wire logic                read_user,      // the tuser of the frame that begins in read_block
  output logic [USER_W-1:0]        user,
  input  wire logic                walk,           // what comes behind a block
  input  wire logic [BLOCK_W-1:0]  walk_block,
  output logic [BLOCK_W-1:0]       walk_next,
  input  wire logic                look,           // what is in a block
  input  wire logic [BLOCK_W-1:0]  look_block,
  output logic [7:0]               look_bytes,     // bytes in it, less one
  output logic                     look_first,     // a segment begins, ends in it
  output logic                     look_last,
  input  wire logic                release_valid,
  input  wire logic [BLOCK_W-1:0]  release_block,

  output logic                     scarce,         // a longest frame may find too few blocks
  output logic                     idle            // no frame half taken
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int LANE_W  = $clog2(KEEP_W);
  localparam int FEW     = 8;                          // a longest frame has 6

  logic [DATA_W-1:0]  memory [BLOCKS*256/KEEP_W];
  logic [USER_W-1:0]  users [BLOCKS];
  logic [BLOCK_W-1:0] links [BLOCKS];
  logic [9:0]         blocks [BLOCKS];

  // ---------------------------------------------------------------- free blocks
  logic [BLOCK_W:0]   fill_q;                          // blocks put in since reset
  logic               filling, free_valid, free_take, free_room;
  logic [BLOCK_W-1:0] free_block;
  logic [BLOCK_W:0]   free_level;

  assign filling = !fill_q[BLOCK_W];
  assign scarce  = free_level < (BLOCK_W + 1)'(FEW);

  fn_fifo #(.WIDTH(BLOCK_W), .DEPTH(BLOCKS)) i_free (
    .clk(clk), .rst(rst),
    .s_tdata(release_valid ? release_block : fill_q[BLOCK_W-1:0]), .s_tvalid(filling || release_valid), .s_tready(free_room),
    .m_tdata(free_block), .m_tvalid(free_valid), .m_tready(free_take), .level(free_level)
  );

  always_ff @(posedge clk) begin
    if (filling && !release_valid) fill_q <= fill_q + 1'b1;
    if (rst) fill_q <= '0;
  end

  // ---------------------------------------------------------------- writing
  logic               block_valid_q, inside_q, take, block_ends;
  logic [BLOCK_W-1:0] block_q, first_q;
  logic [BEAT_W-1:0]  beat_q;
  logic [7:0]         bytes;                           // less one, with this beat
  logic               opens_q;                         // the block is its frame's first

  assign s_axis_tready = block_valid_q && free_valid && !(s_axis_tlast && hold_last);
  assign take          = s_axis_tvalid && s_axis_tready;
  assign block_ends    = take && (s_axis_tlast || (&beat_q));
  assign free_take     = block_ends || !block_valid_q;
  assign frame_first   = inside_q ? first_q : block_q;
  assign frame_last    = block_q;
  assign link_ready    = !(block_ends && !s_axis_tlast);
  assign idle          = !inside_q;

  always_comb begin
    bytes = 8'(beat_q) << LANE_W;
    for (int i = 1; i < KEEP_W; i++) bytes = bytes + 8'(s_axis_tkeep[i]);
  end

  always_ff @(posedge clk) begin
    if (take) begin
      memory[{block_q, beat_q}] <= s_axis_tdata;
      if (!inside_q) begin
        users[block_q] <= s_axis_tuser;
        first_q        <= block_q;
      end
      inside_q <= !s_axis_tlast;
      beat_q   <= block_ends ? '0 : beat_q + 1'b1;
    end
    if (block_ends) begin
      blocks[block_q] <= {opens_q, s_axis_tlast, bytes};
      opens_q <= s_axis_tlast;
    end
    if (free_take && free_valid) begin
      block_q       <= free_block;
      block_valid_q <= 1'b1;
    end
    if (!link_ready)     links[block_q]   <= free_block;
    else if (link_valid) links[link_from] <= link_to;
    if (rst) begin
      block_valid_q <= 1'b0;
      inside_q      <= 1'b0;
      beat_q        <= '0;
      opens_q       <= 1'b1;
    end
  end

  // ---------------------------------------------------------------- reading
  always_ff @(posedge clk) begin
    if (read)      read_data <= memory[{read_block, read_beat}];
    if (read_user) user      <= users[read_block];
    if (walk)      walk_next <= links[walk_block];
    if (look)      {look_first, look_last, look_bytes} <= blocks[look_block];
  end

`ifndef SYNTHESIS
  initial if (BLOCKS < 32 || (BLOCKS & (BLOCKS - 1)) != 0) $fatal(1, "fn_rx_coalesce_store: BLOCKS must be a power of two, 32 or more");
  always @(posedge clk) if (!rst && (filling || release_valid)) assert (free_room);
`endif

endmodule

`default_nettype wire
