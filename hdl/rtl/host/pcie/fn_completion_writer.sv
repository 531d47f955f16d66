// Writes completion entries of all queues to host memory, one at a time, round robin.
//
// Latency: 2 clocks to the write request. Throughput: one entry each time the link has taken the one before.
`default_nettype none

module fn_completion_writer #(
  parameter int TX_QUEUES = 1,  // their entries have 16 bytes
  parameter int RX_QUEUES = 1   // their entries have 32 bytes
) (
  input  wire logic                       clk,
  input  wire logic                       rst,

  input  wire logic [TX_QUEUES-1:0]       tx_valid,
  input  wire logic [64*TX_QUEUES-1:0]    tx_address,
  input  wire logic [128*TX_QUEUES-1:0]   tx_data,
  input  wire logic [RX_QUEUES-1:0]       rx_valid,
  input  wire logic [64*RX_QUEUES-1:0]    rx_address,
  input  wire logic [256*RX_QUEUES-1:0]   rx_data,
  output logic [RX_QUEUES+TX_QUEUES-1:0]  ready,      // transmit queues in the low bits
  output logic [RX_QUEUES+TX_QUEUES-1:0]  done,       // pulse

  output logic                            w_valid,    // write request
  input  wire logic                       w_ready,
  output logic [63:0]                     w_address,
  output logic [15:0]                     w_length,
  output logic [63:0]                     w_axis_tdata,
  output logic                            w_axis_tvalid,
  input  wire logic                       w_axis_tready,
  output logic                            w_axis_tlast,
  input  wire logic                       w_done
);

  localparam int QUEUES = TX_QUEUES + RX_QUEUES;
  localparam int QUEUE_W = $clog2(QUEUES);

  typedef enum logic [1:0] { PICK, ASK, STREAM, WAIT } state_t;
  state_t state_q;

  logic [QUEUE_W-1:0] turn_q;     // who is looked at first
  logic [QUEUE_W-1:0] owner_q, pick;
  logic               found;
  logic [QUEUES-1:0]  valid;
  logic [63:0]        pick_address;
  logic [255:0]       pick_data, data_q;
  logic               long_q, pick_long;
  logic [1:0]         beats_q;    // beats behind this one

  assign valid = {rx_valid, tx_valid};

  always_comb begin
    found        = 1'b0;
    pick         = '0;
    pick_address = '0;
    pick_data    = '0;
    pick_long    = 1'b0;
    if (state_q == PICK) begin
      // The lowest that waits, unless one at or above turn_q does: later hits overwrite earlier ones.
      for (int i = QUEUES - 1; i >= 0; i--) if (valid[i]) begin found = 1'b1; pick = QUEUE_W'(i); end
      for (int i = QUEUES - 1; i >= 0; i--) if (valid[i] && QUEUE_W'(i) >= turn_q) pick = QUEUE_W'(i);
      for (int i = 0; i < TX_QUEUES; i++) begin
        if (found && pick == QUEUE_W'(i)) begin
          pick_address = tx_address[64*i+:64];
          pick_data    = {128'd0, tx_data[128*i+:128]};
        end
      end
      for (int i = 0; i < RX_QUEUES; i++) begin
        if (found && pick == QUEUE_W'(TX_QUEUES + i)) begin
          pick_address = rx_address[64*i+:64];
          pick_data    = rx_data[256*i+:256];
          pick_long    = 1'b1;
        end
      end
    end
    ready = '0;
    if (found) ready[pick] = 1'b1;
    done = '0;
    if (w_done) done[owner_q] = 1'b1;
  end

  assign w_valid       = state_q == ASK;
  assign w_length      = long_q ? 16'd32 : 16'd16;
  assign w_axis_tvalid = state_q == STREAM;
  assign w_axis_tdata  = data_q[63:0];
  assign w_axis_tlast  = beats_q == '0;

  always_ff @(posedge clk) begin
    case (state_q)
      PICK: if (found) begin
        owner_q   <= pick;
        turn_q    <= pick == QUEUE_W'(QUEUES - 1) ? '0 : pick + 1'b1;
        w_address <= pick_address;
        data_q    <= pick_data;
        long_q    <= pick_long;
        beats_q   <= pick_long ? 2'd3 : 2'd1;
        state_q   <= ASK;
      end
      ASK: if (w_ready) state_q <= STREAM;
      STREAM: if (w_axis_tready) begin
        data_q  <= {64'd0, data_q[255:64]};
        beats_q <= beats_q - 2'd1;
        if (w_axis_tlast) state_q <= WAIT;
        // The last stream beat can be the link's last beat.
        if (w_axis_tlast && w_done) state_q <= PICK;
      end
      default: if (w_done) state_q <= PICK;
    endcase
    if (rst) begin
      state_q <= PICK;
      turn_q  <= '0;
    end
  end

endmodule

`default_nettype wire
