// Spreads received frames over the receive queues: by the low bits of the hash, to queue 0 those without one.
//
// With one queue the stream passes straight through, and a queue that is not ready stalls it. With more, each queue has a FIFO of its own,
// so that one that is not ready does not stall the others; a frame that finds its FIFO full is dropped whole.
//
// Latency: none with one queue, else a frame. Throughput: 1 beat a clock.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_steer #(
  parameter int RX_QUEUES = 1,   // 1, 2, 4, 8 or 16
  parameter int DEPTH     = 512  // beats a queue's FIFO holds, a power of two
) (
  input  wire logic                   clk,
  input  wire logic                   rst,

  input  wire logic [63:0]            s_axis_tdata,
  input  wire logic [7:0]             s_axis_tkeep,
  input  wire logic                   s_axis_tvalid,
  output logic                        s_axis_tready,
  input  wire logic                   s_axis_tlast,
  input  wire logic [255:0]           s_axis_tuser,   // RxCompletion, stable over a frame

  output logic [64*RX_QUEUES-1:0]     m_axis_tdata,
  output logic [RX_QUEUES-1:0]        m_axis_tvalid,
  input  wire logic [RX_QUEUES-1:0]   m_axis_tready,
  output logic [RX_QUEUES-1:0]        m_axis_tlast,
  output logic [256*RX_QUEUES-1:0]    m_axis_tuser,

  output logic                        empty
);

  generate
    if (RX_QUEUES == 1) begin : g_one
      assign m_axis_tdata  = s_axis_tdata;
      assign m_axis_tvalid = s_axis_tvalid;
      assign s_axis_tready = m_axis_tready;
      assign m_axis_tlast  = s_axis_tlast;
      assign m_axis_tuser  = s_axis_tuser;
      assign empty         = 1'b1;

      logic unused;
      assign unused = &{1'b0, clk, rst, s_axis_tkeep};
    end else begin : g_many
      localparam int QUEUE_W = $clog2(RX_QUEUES);
      logic [QUEUE_W-1:0]   queue;
      logic [RX_QUEUES-1:0] fifo_empty;

      assign queue = s_axis_tuser[`FN_RX_COMPLETION_HASH_TYPE] == '0 ? '0 : s_axis_tuser[`FN_RX_COMPLETION_HASH_LSB+:QUEUE_W];
      assign s_axis_tready = 1'b1;
      assign empty         = &fifo_empty;

      for (genvar i = 0; i < RX_QUEUES; i++) begin : g_queue
        logic       ready, dropped, overflow;
        logic [7:0] keep;
        fn_axis_fifo #(.DATA_W(64), .USER_W(256), .DEPTH(DEPTH), .FRAMES(32), .FRAME_MODE(1'b1), .DROP_WHEN_FULL(1'b1)) u_frames (
          .clk(clk), .rst(rst), .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep),
          .s_axis_tvalid(s_axis_tvalid && queue == QUEUE_W'(i)), .s_axis_tready(ready), .s_axis_tlast(s_axis_tlast),
          .s_axis_tuser(s_axis_tuser), .s_axis_drop(1'b0), .m_axis_tdata(m_axis_tdata[64*i+:64]), .m_axis_tkeep(keep),
          .m_axis_tvalid(m_axis_tvalid[i]), .m_axis_tready(m_axis_tready[i]), .m_axis_tlast(m_axis_tlast[i]),
          .m_axis_tuser(m_axis_tuser[256*i+:256]), .dropped(dropped), .overflow(overflow), .empty(fifo_empty[i])
        );
        logic unused;
        assign unused = &{1'b0, ready, dropped, overflow, keep};
      end
    end
  endgenerate

endmodule

`default_nettype wire
