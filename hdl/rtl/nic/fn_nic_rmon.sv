`default_nettype none
`include "fn_regs.svh"

// The statistics of RFC 2819 (etherStats) and RFC 3635, both ways: octets, packets by kind of address and by size. They are the last counters of
// block Statistics, from rx_octets on.
//
// Watches the MAC's streams. A frame is three additions in one memory, a clock each, first the received ones; those that wait stand in FIFOs. A sent frame
// can be as short as two beats, but then the MAC's own FIFO is soon full: no more can wait than fit there, and the FIFO here has room for them.
// Lengths are those on the wire: with check sequence, and sent frames padded.
//
// A read takes 4 clocks, and up to 3 more while a frame is counted, however many wait. A frame counts at the latest when the FIFOs in front of it are empty.
module fn_nic_rmon #(
  parameter int DATA_W = 64,                                     // 8, 16, 32 or 64
  parameter int FRAMES = 256                                     // frames in the MAC's transmit FIFO at most, a power of two
) (
  input  logic                clk,
  input  logic                rst,

  input  logic [DATA_W-1:0]   rx_tdata,
  input  logic [DATA_W/8-1:0] rx_tkeep,
  input  logic                rx_tvalid,                         // a beat passes
  input  logic                rx_tlast,
  input  logic [DATA_W-1:0]   tx_tdata,
  input  logic [DATA_W/8-1:0] tx_tkeep,
  input  logic                tx_tvalid,
  input  logic                tx_tlast,

  input  logic                read,                              // pulse
  input  logic [4:0]          read_index,                        // from rx_octets; held until read_valid
  output logic                read_valid,                        // pulse
  output logic [63:0]         read_value
);

  localparam int SHORTEST = 60, FCS = 4;
  localparam logic [4:0] PER_WAY = 5'(`FN_STAT_TX_OCTETS - `FN_STAT_RX_OCTETS);

  // ---------------------------------------------------------------- frames that wait: broadcast, multicast, length
  logic        rx_valid, tx_valid, rx_multicast, tx_multicast, rx_broadcast, tx_broadcast, rx_waits, tx_waits, rx_take, tx_take, take;
  logic [15:0] rx_length, tx_length;
  logic [17:0] rx_frame, tx_frame, frame;

  fn_frame_summary #(.DATA_W(DATA_W)) i_rx_summary (
    .clk(clk), .rst(rst), .tdata(rx_tdata), .tkeep(rx_tkeep), .tvalid(rx_tvalid), .tlast(rx_tlast),
    .valid(rx_valid), .length(rx_length), .multicast(rx_multicast), .broadcast(rx_broadcast)
  );

  fn_frame_summary #(.DATA_W(DATA_W)) i_tx_summary (
    .clk(clk), .rst(rst), .tdata(tx_tdata), .tkeep(tx_tkeep), .tvalid(tx_tvalid), .tlast(tx_tlast),
    .valid(tx_valid), .length(tx_length), .multicast(tx_multicast), .broadcast(tx_broadcast)
  );

  fn_fifo #(.WIDTH(18), .DEPTH(16)) i_rx_frames (
    .clk(clk), .rst(rst), .s_tdata({rx_broadcast, rx_multicast, rx_length}), .s_tvalid(rx_valid), .s_tready(),
    .m_tdata(rx_frame), .m_tvalid(rx_waits), .m_tready(rx_take), .level()
  );

  fn_fifo #(.WIDTH(18), .DEPTH(FRAMES), .REGISTER(1'b1)) i_tx_frames (
    .clk(clk), .rst(rst), .s_tdata({tx_broadcast, tx_multicast, tx_length}), .s_tvalid(tx_valid), .s_tready(),
    .m_tdata(tx_frame), .m_tvalid(tx_waits), .m_tready(tx_take), .level()
  );

  // ---------------------------------------------------------------- a frame's three counters, one a clock; or a read
  // REST: nothing, or a frame or read is taken; OCTETS, KIND, SIZE: the counter of that name is fetched; ANSWER: one is fetched to be read.
  typedef enum logic [2:0] {REST, OCTETS, KIND, SIZE, ANSWER} state_t;
  state_t state_q;

  logic        sent_q, multicast_q, broadcast_q, reading_q, fetch, fetch_q, answer_q;
  logic        free_q, short_q;
  logic [15:0] length_q, octets, octets_q;
  logic [4:0]  at_q, index_q, first;                             // the counter that is fetched in this clock, and in the one before
  logic [2:0]  size;
  logic [15:0] amount_q;
  logic [63:0] mem [32];
  logic [63:0] word_q, sum;
  logic [31:0] set_q;                                            // words written since reset; the others are 0
  logic        word_set_q;

  assign take    = free_q;
  assign rx_take = take && rx_waits;
  assign tx_take = take && !rx_waits && tx_waits;
  assign frame   = rx_waits ? rx_frame : tx_frame;
  assign octets  = (short_q ? 16'(SHORTEST) : length_q) + 16'(FCS);
  assign first   = sent_q ? PER_WAY : 5'd0;

  always_comb begin
    size = 3'd5;
    if (octets_q <= 16'd64)        size = 3'd0;
    else if (octets_q <= 16'd127)  size = 3'd1;
    else if (octets_q <= 16'd255)  size = 3'd2;
    else if (octets_q <= 16'd511)  size = 3'd3;
    else if (octets_q <= 16'd1023) size = 3'd4;
  end

  assign fetch = state_q != REST;
  assign sum   = (word_set_q ? word_q : '0) + 64'(amount_q);

  always_ff @(posedge clk) begin
    free_q <= 1'b0;
    case (state_q)
      OCTETS: begin
        state_q <= KIND;
        at_q    <= first + (broadcast_q ? 5'd3 : multicast_q ? 5'd2 : 5'd1);
      end
      KIND: begin
        state_q <= SIZE;
        at_q    <= first + 5'd4 + 5'(size);
        free_q  <= !read && !reading_q;                          // a read waits for one frame, not for all that wait
      end
      default: begin
        at_q <= rx_take ? 5'd0 : tx_take ? PER_WAY : read_index;
        if (rx_take || tx_take) begin
          state_q <= OCTETS;
        end else if (state_q == REST && reading_q) begin
          state_q <= ANSWER;                                     // not from SIZE: its sum is not written yet
        end else begin
          state_q <= REST;
          free_q  <= !read && (!reading_q || state_q == ANSWER);
        end
      end
    endcase
    if (take) begin
      {broadcast_q, multicast_q, length_q} <= frame;
      sent_q  <= !rx_waits;
      short_q <= !rx_waits && tx_frame[15:0] < 16'(SHORTEST);
    end

    octets_q <= octets;
    fetch_q <= fetch;
    answer_q <= state_q == ANSWER;
    if (fetch) begin
      index_q    <= at_q;
      amount_q   <= state_q == ANSWER ? '0 : state_q == OCTETS ? octets : 16'd1;
      word_q     <= mem[at_q];
      word_set_q <= set_q[at_q];
    end
    if (fetch_q) begin
      mem[index_q]   <= sum;
      set_q[index_q] <= 1'b1;
    end

    if (read) reading_q <= 1'b1;
    else if (state_q == ANSWER) reading_q <= 1'b0;
    if (answer_q) read_value <= sum;
    read_valid <= answer_q;

    if (rst) begin
      free_q     <= 1'b0;
      state_q    <= REST;
      fetch_q    <= 1'b0;
      answer_q   <= 1'b0;
      reading_q  <= 1'b0;
      read_valid <= 1'b0;
      set_q      <= '0;
    end
  end

endmodule

`default_nettype wire
