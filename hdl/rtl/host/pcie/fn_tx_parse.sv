// Reads the units of a transmit ring as packets (formats TxHeader, TxLaunch, TxSlice), checks each packet whole, and hands it on.
//
// A good packet appears on m_axis as one frame: a slice a beat, its header and launch time as tuser. Good and bad packets alike leave an entry in m_packet,
// in ring order: where in the ring the packet ended, and what is wrong with it (0: nothing, it goes to the card).
//   BadDescriptor   no slices, a slice of no bytes, or the producer ends inside the packet
//   LengthMismatch  the slices do not add up to the header's Length
// The driver publishes whole packets, so a packet that the producer cuts short will never be completed and is ended at once.
//
// Latency: 1 clock a unit, and 2 behind the packet's last unit. Throughput: 1 unit a clock. Stalls the fetching when its FIFOs are full.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_parse #(
  parameter int PACKETS = 32  // packets between here and their completion, a power of two
) (
  input  wire logic         clk,
  input  wire logic         rst,         // also while the queue is off

  input  wire logic [127:0] s_unit,
  input  wire logic         s_valid,
  output logic              s_ready,
  input  wire logic         s_short,     // the ring has no more units until the producer moves
  input  wire logic         flush,       // the queue is being disabled: take units and drop them

  output logic [127:0]      m_axis_tdata,   // TxSlice
  output logic              m_axis_tvalid,
  input  wire logic         m_axis_tready,
  output logic              m_axis_tlast,
  output logic [191:0]      m_axis_tuser,   // TxHeader, and above it the launch time; 0 if the header has no Launch

  output logic [15:0]       m_packet_position,
  output logic [7:0]        m_packet_status,
  output logic              m_packet_valid,
  input  wire logic         m_packet_ready,

  output logic              idle
);

  logic         launch_q, slices_q;  // inside a packet: the next unit is its TxLaunch, one of its slices
  logic [63:0]  launch_time_q;
  logic [127:0] header_q;
  logic [15:0]  position_q, position;
  logic [3:0]   left_q;
  logic [19:0]  sum_q, sum;
  logic         overflow_q, overflow, empty_q, empty_slice;

  logic         cut, take, ends, slice_ready, packet_ready, slices_empty;
  logic [$clog2(PACKETS):0] packets;
  logic [7:0]   status;
  logic [20:0]  sum_wide;

  assign cut      = (launch_q || slices_q) && s_short && !flush;
  assign s_ready  = packet_ready && slice_ready;
  assign take     = s_valid && s_ready && !flush;
  assign position = position_q + 16'd1;

  assign sum_wide    = {1'b0, sum_q} + {1'b0, s_unit[`FN_TX_SLICE_LENGTH]};
  assign sum         = sum_wide[19:0];
  assign overflow    = overflow_q || sum_wide[20];
  assign empty_slice = empty_q || s_unit[`FN_TX_SLICE_LENGTH] == '0;

  always_comb begin
    status = `FN_STATUS_OK;
    if (cut || !slices_q || empty_slice)                                   status = `FN_STATUS_BAD_DESCRIPTOR;
    else if (overflow || sum != header_q[`FN_TX_HEADER_LENGTH])            status = `FN_STATUS_LENGTH_MISMATCH;
  end

  always_comb begin
    ends = take;
    if (cut)           ends = s_ready;
    else if (slices_q) ends = take && left_q == 4'd1;
    else if (launch_q) ends = take && left_q == '0;
    else               ends = take && s_unit[`FN_TX_HEADER_SLICE_COUNT] == '0 && !s_unit[`FN_TX_HEADER_LAUNCH];
  end

  always_ff @(posedge clk) begin
    if (take) begin
      position_q <= position;
      if (slices_q) begin
        left_q     <= left_q - 4'd1;
        sum_q      <= sum;
        overflow_q <= overflow;
        empty_q    <= empty_slice;
      end else if (launch_q) begin
        launch_time_q <= {s_unit[`FN_TX_LAUNCH_TIME_HIGH], s_unit[`FN_TX_LAUNCH_TIME_LOW]};
        launch_q      <= 1'b0;
        slices_q      <= 1'b1;
      end else begin
        header_q      <= s_unit;
        launch_time_q <= '0;
        launch_q      <= s_unit[`FN_TX_HEADER_LAUNCH];
        slices_q      <= !s_unit[`FN_TX_HEADER_LAUNCH];
        left_q        <= s_unit[`FN_TX_HEADER_SLICE_COUNT];
        sum_q         <= '0;
        overflow_q    <= 1'b0;
        empty_q       <= 1'b0;
      end
    end
    if (ends || (flush && s_ready)) begin
      launch_q <= 1'b0;
      slices_q <= 1'b0;
    end
    if (rst) begin
      launch_q   <= 1'b0;
      slices_q   <= 1'b0;
      position_q <= '0;
    end
  end

  assign idle = !s_valid && !launch_q && !slices_q && slices_empty && packets == '0 && !m_packet_valid;

  // A packet's slices show only once the last is in; a bad packet's are taken back. A cut packet needs a last beat for that.
  logic dropped, too_long;
  logic [15:0] keep;
  fn_axis_fifo #(.DATA_W(128), .USER_W(192), .DEPTH(32), .FRAMES(16), .FRAME_MODE(1'b1)) u_slices (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_unit), .s_axis_tkeep(16'hFFFF), .s_axis_tvalid(((take && slices_q) || cut || (flush && slices_q)) && packet_ready),
    .s_axis_tready(slice_ready), .s_axis_tlast(ends || flush), .s_axis_tuser({launch_time_q, header_q}), .s_axis_drop(status != `FN_STATUS_OK || flush),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(keep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast), .m_axis_tuser(m_axis_tuser), .dropped(dropped), .overflow(too_long), .empty(slices_empty)
  );

  fn_fifo #(.WIDTH(24), .DEPTH(PACKETS)) u_packets (
    .clk(clk), .rst(rst),
    .s_tdata({cut ? position_q : position, status}), .s_tvalid(ends), .s_tready(packet_ready),
    .m_tdata({m_packet_position, m_packet_status}), .m_tvalid(m_packet_valid), .m_tready(m_packet_ready), .level(packets)
  );

  logic unused;
  assign unused = &{1'b0, keep, dropped, too_long};

endmodule

`default_nettype wire
