// What the tests must have seen of fn_tx_sum. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_tx_sum_cover (
  input wire logic        clk,
  input wire logic        rst,
  input wire logic        s_axis_tvalid,
  input wire logic        s_axis_tlast,
  input wire logic [10:0] s_axis_tstart,
  input wire logic        s_axis_tinsert,
  input wire logic        take,
  input wire logic        store_ready_q,
  input wire logic        requests_ready_q,
  input wire logic        last4_q,
  input wire logic        drop4_q,
  input wire logic        swap4_q,
  input wire logic        zero4_q,
  input wire logic [16:0] fold_q,
  input wire logic        leave,
  input wire logic        head_drop_q,
  input wire logic        due_q,
  input wire logic        m_axis_tvalid,
  input wire logic        m_axis_tready
);

  logic sums;
  assign sums = last4_q && !drop4_q;

  always @(posedge clk) if (!rst) begin
    odd_start:            cover (take && s_axis_tlast && s_axis_tinsert && s_axis_tstart[0]);
    turned:               cover (sums && swap4_q);
    carry_folded:         cover (sums && fold_q[16]);
    zero_to_ones:         cover (sums && (&fold_q[15:0]) && zero4_q);
    zero_kept:            cover (sums && (&fold_q[15:0]) && !zero4_q);
    field_over_two_beats: cover (leave && due_q && !head_drop_q);
    dropped:              cover (leave && head_drop_q);
    store_full:           cover (s_axis_tvalid && !store_ready_q);
    requests_full:        cover (s_axis_tvalid && !requests_ready_q);
    sink_stalls:          cover (m_axis_tvalid && !m_axis_tready);
  end

endmodule

bind fn_tx_sum fn_tx_sum_cover i_cover (.*);

`default_nettype wire
