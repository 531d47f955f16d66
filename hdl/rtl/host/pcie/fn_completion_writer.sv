// Writes the completion entries of the transmit queues to host memory, round robin. (fn_rx_engine writes those of the receive queues,
// behind their frames.)
//
// Latency: 2 clocks to the write request. Throughput: an entry every 3 clocks, as far as fn_dma_write takes them.
`default_nettype none

module fn_completion_writer #(
  parameter int TX_QUEUES = 1,
  parameter int TAG_W     = 2,
  parameter int FIRST_TAG = 1                      // of queue 0
) (
  input  wire logic                     clk,
  input  wire logic                     rst,

  input  wire logic [TX_QUEUES-1:0]     valid,     // an entry, and room in the ring for it
  input  wire logic [64*TX_QUEUES-1:0]  address,
  input  wire logic [128*TX_QUEUES-1:0] data,
  output logic [TX_QUEUES-1:0]          ready,

  output logic                          w_valid,   // write request
  input  wire logic                     w_ready,
  output logic [63:0]                   w_address,
  output logic [15:0]                   w_length,
  output logic [TAG_W-1:0]              w_tag,
  output logic [63:0]                   w_axis_tdata,
  output logic                          w_axis_tvalid,
  input  wire logic                     w_axis_tready,
  output logic                          w_axis_tlast,

  output logic                          idle
);

  localparam int QUEUE_W = TX_QUEUES > 1 ? $clog2(TX_QUEUES) : 1;

  typedef enum logic [1:0] { PICK, ASK, LOW, HIGH } state_t;
  state_t state_q;

  logic [QUEUE_W-1:0] last_q, pick;
  logic               found;
  logic [63:0]        pick_address;
  logic [127:0]       pick_data, data_q;

  always_comb begin
    found        = state_q == PICK && valid != '0;
    pick         = '0;
    pick_address = '0;
    pick_data    = '0;
    for (int i = TX_QUEUES - 1; i >= 0; i--) if (valid[i]) pick = QUEUE_W'(i);
    // The first behind the queue that had its turn goes before.
    for (int i = TX_QUEUES - 1; i >= 0; i--) if (valid[i] && QUEUE_W'(i) > last_q) pick = QUEUE_W'(i);
    for (int i = 0; i < TX_QUEUES; i++) begin
      ready[i] = found && pick == QUEUE_W'(i);
      if (ready[i]) begin
        pick_address = address[64*i+:64];
        pick_data    = data[128*i+:128];
      end
    end
  end

  assign w_valid       = state_q == ASK;
  assign w_length      = 16'd16;
  assign w_tag         = TAG_W'(FIRST_TAG) + TAG_W'(last_q);
  assign w_axis_tvalid = state_q == LOW || state_q == HIGH;
  assign w_axis_tdata  = state_q == HIGH ? data_q[127:64] : data_q[63:0];
  assign w_axis_tlast  = state_q == HIGH;
  assign idle          = state_q == PICK && !found;

  always_ff @(posedge clk) begin
    case (state_q)
      PICK: if (found) begin
        last_q    <= pick;
        w_address <= pick_address;
        data_q    <= pick_data;
        state_q   <= ASK;
      end
      ASK:     if (w_ready) state_q <= LOW;
      LOW:     if (w_axis_tready) state_q <= HIGH;
      default: if (w_axis_tready) state_q <= PICK;
    endcase
    if (rst) begin
      state_q <= PICK;
      last_q  <= '0;
    end
  end

endmodule

`default_nettype wire
