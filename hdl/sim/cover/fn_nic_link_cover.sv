// What the tests must have seen of fn_nic_link. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_nic_link_cover (
  input wire logic        clk,
  input wire logic        rst,
  input wire logic        follow_q,
  input wire logic        asked_q,
  input wire logic        commanded,
  input wire logic        command,
  input wire logic        done,
  input wire logic        busy,
  input wire logic        answered,
  input wire logic [31:0] seen,
  input wire logic        pin_up,
  input wire logic        phy_up_q,
  input wire logic        link_up,
  input wire logic [1:0]  speed,
  input wire logic        full_duplex,
  input wire logic        half_100_q,
  input wire logic        full_10_q
);

  logic ends;
  assign ends = done && !asked_q;

  always @(posedge clk) if (!rst) begin
    read_answered:   cover (ends && seen[29] && answered);
    read_unanswered: cover (ends && seen[29] && !answered);
    written:         cover (ends && !seen[29]);
    clause_45:       cover (command && !follow_q && seen[31:30] == 2'b00);
    held_off:        cover (follow_q && commanded);
    left_under_way:  cover (!follow_q && asked_q && busy);
    up_1000:         cover (link_up && follow_q && speed == 2'd2);
    up_100:          cover (link_up && follow_q && speed == 2'd1 && full_duplex);
    up_10:           cover (link_up && follow_q && speed == 2'd0 && full_duplex);
    up_10_of_more:   cover (link_up && follow_q && speed == 2'd0 && full_duplex && half_100_q && full_10_q);
    up_100_half:     cover (link_up && follow_q && speed == 2'd1 && !full_duplex);
    up_10_half:      cover (link_up && follow_q && speed == 2'd0 && !full_duplex);
    phy_down:        cover (follow_q && phy_up_q && done && asked_q && answered && !seen[2]);
    phy_pulled:      cover (follow_q && phy_up_q && done && asked_q && !answered);
    pin_down:        cover (follow_q && phy_up_q && !pin_up);
  end

endmodule

bind fn_nic_link fn_nic_link_cover i_cover (.*);

`default_nettype wire
