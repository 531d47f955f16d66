// What the tests must have seen of fn_tx_scheduler. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_tx_scheduler_cover #(
  parameter int TX_QUEUES = 1
) (
  input wire logic                 clk,
  input wire logic                 rst,
  input wire logic [TX_QUEUES-1:0] valid,
  input wire logic [TX_QUEUES-1:0] ready,
  input wire logic [TX_QUEUES-1:0] hold,
  input wire logic [TX_QUEUES-1:0] eligible,
  input wire logic [TX_QUEUES-1:0] first,
  input wire logic [TX_QUEUES-1:0] candidates_q,
  input wire logic [TX_QUEUES-1:0] turn,
  input wire logic [TX_QUEUES-1:0] full,
  input wire logic                 refill,
  input wire logic [5:0]           refills_q,
  input wire logic                 take,
  input wire logic                 look
);

  always @(posedge clk) if (!rst) begin
    taken:             cover (take);
    held:              cover (look && (valid & hold) != '0);
    held_lets_pass:    cover (look && (valid & hold) != '0 && eligible != '0);
    pace_runs:         cover (!(&full));
    paced:             cover (look && (valid & ~ready) != '0);
    paced_lets_pass:   cover (look && (valid & ~ready) != '0 && eligible != '0);
    refilled:          cover (refill);
    refilled_largely:  cover (refill && refills_q[5]);
    several_compete:   cover (look && (first & (first - 1'b1)) != '0);
    all_compete:       cover (look && (&first));
    priority_first:    cover (look && (eligible & ~first) != '0);
    without_credit:    cover (take && (candidates_q & ~turn) != '0);
  end

endmodule

bind fn_tx_scheduler fn_tx_scheduler_cover #(.TX_QUEUES(TX_QUEUES)) i_cover (.*);

`default_nettype wire
