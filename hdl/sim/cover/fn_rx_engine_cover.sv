// What the tests must have seen of fn_rx_engine. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_rx_engine_cover #(
  parameter int RX_QUEUES = 1
) (
  input wire logic                 clk,
  input wire logic                 rst,
  input wire logic [1:0]           state_q,
  input wire logic                 begins,
  input wire logic [15:0]          bytes,
  input wire logic [15:0]          length_q,
  input wire logic [RX_QUEUES-1:0] waiting,
  input wire logic [RX_QUEUES-1:0] queue_ready,
  input wire logic [RX_QUEUES-1:0] able,
  input wire logic                 phase,
  input wire logic                 w_valid,
  input wire logic                 w_ready
);

  localparam logic [1:0] PICK = 2'd0, BEGIN = 2'd1, FIT = 2'd2;

  always @(posedge clk) if (!rst) begin
    fits:               cover (state_q == FIT && bytes < length_q);
    fits_exactly:       cover (state_q == FIT && bytes == length_q);
    too_small_a_buffer: cover (state_q == FIT && bytes > length_q);
    no_buffer:          cover (state_q == PICK && (waiting & ~queue_ready) != '0);
    disabled_meanwhile: cover (state_q == BEGIN && !begins);
    first_pass:         cover (begins && phase);
    second_pass:        cover (begins && !phase);
    writer_busy:        cover (w_valid && !w_ready);
  end

  generate
    if (RX_QUEUES > 1) begin : g_queues
      always @(posedge clk) if (!rst) begin
        several_able:   cover (state_q == PICK && (able & (able - 1'b1)) != '0);
        one_held_up:    cover (state_q == PICK && able != '0 && (waiting & ~queue_ready) != '0);
      end
    end
  endgenerate

endmodule

bind fn_rx_engine fn_rx_engine_cover #(.RX_QUEUES(RX_QUEUES)) i_cover (.*);

`default_nettype wire
