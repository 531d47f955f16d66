// Writes received frames to the buffers of the receive queues: the frame's bytes, then its completion entry.
//
// A frame is begun only when its queue has a buffer and room for the entry. One that is longer than its buffer is dropped whole; its entry
// says BufferTooSmall and the buffer is used up.
//
// Latency: 2 clocks to the write request. Throughput: 1 beat a clock, 4 clocks between frames besides what fn_dma_write needs for headers.
`default_nettype none
`include "fn_regs.svh"

module fn_rx_engine #(
  parameter int RX_QUEUES = 1  // 1 to 16
) (
  input  wire logic                     clk,
  input  wire logic                     rst,

  // A stream of whole frames for each queue; tuser is RxCompletion, stable over a frame.
  input  wire logic [64*RX_QUEUES-1:0]  s_axis_tdata,
  input  wire logic [RX_QUEUES-1:0]     s_axis_tvalid,
  output logic [RX_QUEUES-1:0]          s_axis_tready,
  input  wire logic [RX_QUEUES-1:0]     s_axis_tlast,
  input  wire logic [256*RX_QUEUES-1:0] s_axis_tuser,

  input  wire logic [RX_QUEUES-1:0]     queue_ready,
  input  wire logic [64*RX_QUEUES-1:0]  buffer_address,
  input  wire logic [16*RX_QUEUES-1:0]  buffer_length,
  input  wire logic [16*RX_QUEUES-1:0]  buffer_position,
  output logic [RX_QUEUES-1:0]          buffer_take,
  output logic [RX_QUEUES-1:0]          busy,
  output logic [255:0]                  entry,
  output logic [RX_QUEUES-1:0]          entry_valid,
  input  wire logic [RX_QUEUES-1:0]     entry_ready,

  output logic                          w_valid,
  input  wire logic                     w_ready,
  output logic [63:0]                   w_address,
  output logic [15:0]                   w_length,
  output logic [63:0]                   w_axis_tdata,
  output logic                          w_axis_tvalid,
  input  wire logic                     w_axis_tready,
  output logic                          w_axis_tlast,

  output logic                          idle
);

  localparam int QUEUE_W = RX_QUEUES > 1 ? $clog2(RX_QUEUES) : 1;

  typedef enum logic [2:0] { PICK, CHECK, ASK, WRITE, DROP, COMPLETE } state_t;
  state_t state_q;

  logic [QUEUE_W-1:0] queue_q, pick;
  logic               found, fits;
  logic [255:0]       user, user_q;
  logic [63:0]        address, data;
  logic [15:0]        length_q, length, position, position_q;
  logic               valid, last;

  always_comb begin
    found = 1'b0;
    pick  = '0;
    if (state_q == PICK) begin
      for (int i = RX_QUEUES - 1; i >= 0; i--) if (s_axis_tvalid[i] && queue_ready[i]) begin found = 1'b1; pick = QUEUE_W'(i); end
      // The first behind the queue that had its turn goes before.
      for (int i = RX_QUEUES - 1; i >= 0; i--) if (s_axis_tvalid[i] && queue_ready[i] && QUEUE_W'(i) > queue_q) pick = QUEUE_W'(i);
    end
    user     = '0;
    address  = '0;
    length   = '0;
    position = '0;
    data     = '0;
    valid    = 1'b0;
    last     = 1'b0;
    for (int i = 0; i < RX_QUEUES; i++) begin
      if (found && pick == QUEUE_W'(i)) begin
        user     = s_axis_tuser[256*i+:256];
        address  = buffer_address[64*i+:64];
        length   = buffer_length[16*i+:16];
        position = buffer_position[16*i+:16];
      end
      if (queue_q == QUEUE_W'(i)) begin
        data  = s_axis_tdata[64*i+:64];
        valid = s_axis_tvalid[i];
        last  = s_axis_tlast[i];
      end
      buffer_take[i]   = found && pick == QUEUE_W'(i);
      busy[i]          = state_q != PICK && queue_q == QUEUE_W'(i);
      entry_valid[i]   = state_q == COMPLETE && queue_q == QUEUE_W'(i);
      s_axis_tready[i] = ((state_q == WRITE && w_axis_tready) || state_q == DROP) && queue_q == QUEUE_W'(i);
    end
  end

  assign fits          = w_length <= length_q;
  assign w_length      = user_q[`FN_RX_COMPLETION_LENGTH];
  assign w_valid       = state_q == ASK;
  assign w_axis_tdata  = data;
  assign w_axis_tvalid = state_q == WRITE && valid;
  assign w_axis_tlast  = last;
  assign idle          = state_q == PICK && !found;

  always_comb begin
    entry = user_q;
    entry[`FN_RX_COMPLETION_RING_POSITION] = position_q;
    entry[`FN_RX_COMPLETION_STATUS]        = fits ? `FN_STATUS_OK : `FN_STATUS_BUFFER_TOO_SMALL;
  end

  always_ff @(posedge clk) begin
    case (state_q)
      PICK: if (found) begin
        queue_q    <= pick;
        user_q     <= user;
        w_address  <= address;
        length_q   <= length;
        position_q <= position;
        state_q    <= CHECK;
      end
      CHECK: state_q <= fits ? ASK : DROP;
      ASK:   if (w_ready) state_q <= WRITE;
      WRITE: if (valid && w_axis_tready && last) state_q <= COMPLETE;
      DROP:  if (valid && last) state_q <= COMPLETE;
      COMPLETE: if (|(entry_valid & entry_ready)) state_q <= PICK;
      default: state_q <= PICK;
    endcase
    if (rst) begin
      state_q <= PICK;
      queue_q <= '0;
    end
  end

`ifndef SYNTHESIS
  initial if (RX_QUEUES < 1 || RX_QUEUES > 16) $fatal(1, "fn_rx_engine: RX_QUEUES must be 1 to 16");
`endif

endmodule

`default_nettype wire
