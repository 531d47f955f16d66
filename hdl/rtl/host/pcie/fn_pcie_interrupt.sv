// Sends the queues' interrupts as MSI through the integrated block's handshake (PG054): cfg_interrupt stands with the msi_vector in
// cfg_interrupt_di until cfg_interrupt_rdy. Round robin. A msi_vector beyond those that the host enabled keeps only its enabled bits
// (PCI 3.0 §6.8.1.4: the function may change as many low bits as Multiple Message Enable says).
//
// Latency: 1 clock. Throughput: one interrupt each handshake and a clock. What waits stays with its queue.
`default_nettype none

module fn_pcie_interrupt #(
  parameter int QUEUES = 2  // 2 or more
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic [QUEUES-1:0]   request,
  output logic [QUEUES-1:0]        taken,     // pulse
  input  wire logic [5*QUEUES-1:0] msi_vector,
  input  wire logic                hold,      // begin no more

  output logic                     cfg_interrupt,
  input  wire logic                cfg_interrupt_rdy,
  output logic [7:0]               cfg_interrupt_di,
  input  wire logic [2:0]          cfg_interrupt_mmenable,

  output logic                     sent       // pulse
);

  localparam int QUEUE_W = $clog2(QUEUES);

  logic [QUEUE_W-1:0] last_q, pick;
  logic [4:0]         chosen, mask;
  logic               begins;

  assign begins = |request && !cfg_interrupt && !hold && taken == '0;
  assign mask   = 5'((6'd1 << cfg_interrupt_mmenable) - 6'd1);

  always_comb begin
    pick   = '0;
    chosen = '0;
    for (int i = QUEUES - 1; i >= 0; i--) if (request[i]) pick = QUEUE_W'(i);
    for (int i = QUEUES - 1; i >= 0; i--) if (request[i] && QUEUE_W'(i) > last_q) pick = QUEUE_W'(i);
    for (int i = 0; i < QUEUES; i++) if (pick == QUEUE_W'(i)) chosen = msi_vector[5*i+:5];
  end

  assign sent = cfg_interrupt && cfg_interrupt_rdy;

  always_ff @(posedge clk) begin
    taken <= '0;
    if (sent) cfg_interrupt <= 1'b0;
    if (begins) begin
      cfg_interrupt    <= 1'b1;
      cfg_interrupt_di <= {3'd0, chosen & mask};
      last_q           <= pick;
      taken[pick]      <= 1'b1;
    end
    if (rst) begin
      cfg_interrupt    <= 1'b0;
      cfg_interrupt_di <= '0;
      last_q           <= '0;
      taken            <= '0;
    end
  end

endmodule

`default_nettype wire
