// Transmit checksum insertion: takes frames with their TxHeader (hdl/regs/registers.json), judges them (fn_tx_judge), sums each from ChecksumStart to
// its end in ones' complement and writes the result at ChecksumStart + ChecksumOffset, at any alignment (fn_tx_sum). The field's own bytes are part of
// the sum, so the host fills it with the sum of the pseudo header.
//
// Throughput: 1 beat a clock, back to back: a frame leaves while the next ones are stored (FIFO of 4096 bytes or more).
// Latency: the frame's own length and 10 clocks. Stalls its source when its sink or the status stream stalls for too long; drops nothing but what it
// refuses.
//
// Every frame taken gives one status, in order: Ok when it is stored for the MAC; a frame that is refused leaves no trace but its status
// and `count_refused`. An aborted frame (s_axis_tabort with tlast) leaves no trace but the status that came with it.
//
//   s ─┬─▶ fn_tx_sum ──────▶ m
//      └─▶ fn_tx_judge ──▶ m_status
//             drop ──▲
`default_nettype none
`include "fn_regs.svh"

module fn_tx_checksum #(
  parameter int DATA_W = 64,    // bits: 8, 16, 32 or 64
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

  output logic                               count_frame,     // pulse: a frame is stored for the MAC ...
  output logic [15:0]                        count_bytes,     // ... with this many bytes on the wire, padding included, check sequence not
  output logic                               count_checksum,  // pulse, with count_frame: it gets a checksum
  output logic                               count_refused,   // pulse: a frame was refused

  output logic                               idle             // no frame and no status in here, none half taken
);

  logic        sum_ready, room, take, over, drop, sum_idle, judge_idle, insert_vlan;
  logic [16:0] position_q;

  assign s_axis_tready = sum_ready && room;
  assign take          = s_axis_tvalid && s_axis_tready;
  assign insert_vlan   = s_axis_tuser[`FN_TX_HEADER_INSERT_VLAN];

  // Of the field: known from the beat before the last. A frame of one beat has none, and is too short anyway.
  always_ff @(posedge clk) begin
    if (take) position_q <= {1'b0, s_axis_tuser[`FN_TX_HEADER_CHECKSUM_START]} + {1'b0, s_axis_tuser[`FN_TX_HEADER_CHECKSUM_OFFSET]};
  end

  fn_tx_judge #(.DATA_W(DATA_W), .VLAN(VLAN)) i_judge (
    .clk(clk), .rst(rst),
    .s_valid(take), .s_keep(s_axis_tkeep), .s_last(s_axis_tlast), .s_header(s_axis_tuser), .s_position(position_q),
    .s_abort(s_axis_tabort), .s_status(s_axis_tstatus), .s_more(s_axis_tmore), .over(over), .drop(drop),
    .m_status_tdata(m_status_tdata), .m_status_tvalid(m_status_tvalid), .m_status_tready(m_status_tready), .room(room),
    .count_frame(count_frame), .count_bytes(count_bytes), .count_checksum(count_checksum), .count_refused(count_refused), .idle(judge_idle)
  );

  // Of a frame that is too long only the last beat goes on, to be dropped. What lies beyond the first 2048 bytes is refused, so 11 bits are enough.
  fn_tx_sum #(.DATA_W(DATA_W), .META_W(META_W + 1), .DEPTH(DEPTH)) i_sum (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid && room && (s_axis_tlast || !over)),
    .s_axis_tready(sum_ready), .s_axis_tlast(s_axis_tlast), .s_axis_tstart(s_axis_tuser[`FN_TX_HEADER_CHECKSUM_START_LSB +: 11]),
    .s_axis_tinsert(s_axis_tuser[`FN_TX_HEADER_CHECKSUM]), .s_axis_tposition(position_q[10:0]),
    .s_axis_tzero(s_axis_tuser[`FN_TX_HEADER_CHECKSUM_ZERO_AS_ONES]), .s_axis_tmeta({s_axis_tmeta, insert_vlan}), .s_drop(drop),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast), .m_axis_tmeta({m_axis_tmeta, m_axis_tvlan}), .idle(sum_idle)
  );

  assign idle = sum_idle && judge_idle;

endmodule

`default_nettype wire
