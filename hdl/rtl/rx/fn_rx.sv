`default_nettype none
`include "fn_regs.svh"

// The receive path of the core: from the MAC's frames to the host's, each with its completion (format RxCompletion) as tuser.
//
//   s_axis ─┬─▶ frame FIFO ───▶ m_axis
//           └─▶ fn_rx_inspect ─▶ completions ─▶ m_axis_tuser
//
// A frame is shown when its completion is known, 12 clocks behind its last beat in the FIFO. One beat a clock. When the host does not keep
// up, the FIFO here fills and then s_axis is stalled; the MAC drops whole frames then. Frames must be longer than 16 bytes, as they are behind a MAC.
module fn_rx #(
  parameter int DATA_W = 64,                                     // 8, 32 or 64
  parameter int BYTES  = 4096,                                   // of the frame FIFO: two of the longest frames
  parameter bit CLOCK  = 1'b1                                    // frames have time stamps
) (
  input  logic                clk,
  input  logic                rst,
  input  logic                checksum_enable,                   // 0: verdicts are Unknown
  input  logic                hash_enable,                       // 0: hash type None and hash 0

  input  logic [6:1]          hash_types,
  input  logic                key_write,
  input  logic [3:0]          key_index,
  input  logic [31:0]         key_wdata,
  output logic [31:0]         key_rdata,                         // word key_index, 1 clock later

  input  logic [DATA_W-1:0]   s_axis_tdata,
  input  logic [DATA_W/8-1:0] s_axis_tkeep,
  input  logic                s_axis_tvalid,
  output logic                s_axis_tready,
  input  logic                s_axis_tlast,
  input  logic [63:0]         s_axis_tuser,                      // time stamp in nanoseconds, stable over a frame

  output logic [DATA_W-1:0]   m_axis_tdata,
  output logic [DATA_W/8-1:0] m_axis_tkeep,
  output logic                m_axis_tvalid,
  input  logic                m_axis_tready,
  output logic                m_axis_tlast,
  output logic [255:0]        m_axis_tuser,                      // RxCompletion; RingPosition, Status and Phase are 0

  output logic                idle                               // no frame in here
);

  localparam int KEEP_W = DATA_W / 8;
  localparam int COMPLETIONS = 128;                              // more than BYTES hold frames of 60
  localparam int FIRST = `FN_RX_COMPLETION_LENGTH_LSB, LAST = `FN_RX_COMPLETION_TIMESTAMP_HIGH_LSB + 31;  // completion bits that are not constant

  logic                found_valid, completion_valid, completion_ready, completion_room, fifo_valid, fifo_empty;
  logic [255:0]        found;
  logic [LAST-FIRST:0] completion;
  logic [63:0]         stamp;
  logic                stamp_valid, stamp_room;

  fn_rx_inspect #(.DATA_W(DATA_W)) i_inspect (
    .clk(clk), .rst(rst), .checksum_enable(checksum_enable), .hash_enable(hash_enable),
    .hash_types(hash_types), .key_write(key_write), .key_index(key_index), .key_wdata(key_wdata), .key_rdata(key_rdata),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid && s_axis_tready), .s_axis_tlast(s_axis_tlast),
    .m_valid(found_valid), .m_completion(found)
  );

  fn_axis_fifo #(.DATA_W(DATA_W), .USER_W(1), .DEPTH(BYTES / KEEP_W), .FRAME_MODE(1'b0)) i_frames (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tuser(1'b0), .s_axis_drop(1'b0),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(fifo_valid),
    .m_axis_tready(m_axis_tready && completion_valid), .m_axis_tlast(m_axis_tlast), .empty(fifo_empty),
    .m_axis_tuser(), .dropped(), .overflow()  // it stalls instead
  );

  // The stamp waits until the frame's completion is known; at most 12 clocks, in which two frames of 60 bytes end.
  generate
    if (CLOCK) begin : g_clock
      fn_fifo #(.WIDTH(64), .DEPTH(4)) i_stamps (
        .clk(clk), .rst(rst),
        .s_tdata(s_axis_tuser), .s_tvalid(s_axis_tvalid && s_axis_tready && s_axis_tlast), .s_tready(stamp_room),
        .m_tdata(stamp), .m_tvalid(stamp_valid), .m_tready(found_valid), .level()
      );
    end else begin : g_no_clock
      assign stamp       = '0;
      assign stamp_valid = 1'b1;
      assign stamp_room  = 1'b1;

      logic unused;
      assign unused = &{1'b0, s_axis_tuser};
    end
  endgenerate

  // Every completion belongs to a frame in the FIFO, and frames have 60 bytes or more, so there is always room.
  fn_fifo #(.WIDTH(LAST - FIRST + 1), .DEPTH(COMPLETIONS)) i_completions (
    .clk(clk), .rst(rst),
    .s_tdata({stamp, found[`FN_RX_COMPLETION_TIMESTAMP_LOW_LSB-1:FIRST]}), .s_tvalid(found_valid), .s_tready(completion_room),
    .m_tdata(completion), .m_tvalid(completion_valid), .m_tready(completion_ready),
    .level()
  );

`ifndef SYNTHESIS
  always @(posedge clk) if (found_valid && !rst) assert (completion_room && stamp_valid);
  always @(posedge clk) if (s_axis_tvalid && s_axis_tready && s_axis_tlast && !rst) assert (stamp_room);
`endif

  assign m_axis_tvalid = fifo_valid && completion_valid;
  assign completion_ready = m_axis_tvalid && m_axis_tready && m_axis_tlast;
  assign idle = fifo_empty;

  always_comb begin
    m_axis_tuser = '0;
    m_axis_tuser[LAST:FIRST] = completion;
  end

endmodule

`default_nettype wire
