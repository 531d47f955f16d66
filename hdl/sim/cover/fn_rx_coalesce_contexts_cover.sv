// What the tests must have seen of fn_rx_coalesce_contexts: what joins, what does not and why, and what ends a frame. How points are written and
// checked: docs/verification.md.
`default_nettype none

module fn_rx_coalesce_contexts_cover #(
  parameter int CONTEXTS = 2,
  parameter int SLOTS    = 4
) (
  input wire logic             clk,
  input wire logic             rst,
  input wire logic             enable,
  input wire logic             tick,
  input wire logic             pressure,
  input wire logic [1:0]       state_q,
  input wire logic             joins,
  input wire logic             begins,
  input wire logic             single,
  input wire logic             closes,
  input wire logic             wants,
  input wire logic             crowded,
  input wire logic             roomy_q,
  input wire logic             link_ready,
  input wire logic [SLOTS-1:0] open,
  input wire logic [SLOTS-1:0] closing_q,
  input wire logic [SLOTS-1:0] join_q,
  input wire logic [SLOTS-1:0] may_join,
  input wire logic [SLOTS-1:0] same_ports_q,
  input wire logic [SLOTS-1:0] expired,
  input wire logic [SLOTS-1:0] full,
  input wire logic [SLOTS-1:0] oldest,
  input wire logic             s_joins,
  input wire logic             s_begins,
  input wire logic             s_tcp,
  input wire logic             s_unknown,
  input wire logic [SLOTS-1:0] s_equal,
  input wire logic             s_counted,
  input wire logic             s_echo,
  input wire logic [1:0]       s_endings,
  input wire logic [7:0]       m_segments,
  input wire logic             m_valid
);

  localparam logic [1:0] CHECK = 2'd1, ACT = 2'd2, SETTLE = 2'd3;

  logic             joined, ends_now, apart;
  logic [SLOTS-1:0] quiet_open;
  assign joined     = joins && link_ready;
  assign ends_now   = joined && (join_q & full) != '0;
  assign apart      = state_q == ACT && !joins;       // the frame joins none
  assign quiet_open = open & ~closing_q;

  always @(posedge clk) if (!rst) begin
    // What happens to a frame.
    begins_frame:      cover (begins);
    joins_frame:       cover (joined);
    stays_single:      cover (single && enable);
    all_contexts_open: cover ($countones(open) == CONTEXTS && joined);
    counted_join:      cover (joined && s_counted);
    uncounted_join:    cover (joined && !s_counted);
    echo_join:         cover (joined && s_echo);

    // Why one does not join.
    other_headers:     cover (state_q == CHECK && s_joins && quiet_open != '0 && s_equal == '0);
    other_place:       cover (state_q == CHECK && s_joins && (quiet_open & s_equal) != '0 && may_join == '0);
    not_fit_to_join:   cover (state_q == CHECK && !s_joins && s_tcp && quiet_open != '0);
    no_room_to_grow:   cover (state_q == SETTLE && s_begins && enable && !roomy_q);

    // What ends an open one.
    ends_by_push:      cover (ends_now && s_endings[1]);
    ends_by_fin:       cover (ends_now && s_endings[0]);
    ends_otherwise:    cover (ends_now && s_endings == '0);  // shorter than those before, or no room for another
    ends_by_time:      cover (tick && (quiet_open & expired) != '0);
    ends_by_its_flow:  cover (apart && s_tcp && (quiet_open & same_ports_q) != '0);
    ends_by_unknown:   cover (apart && s_unknown && quiet_open != '0);
    ends_for_another:  cover (closing_q == '0 && oldest != '0 && state_q == SETTLE && wants && crowded);
    ends_by_disable:   cover (!enable && quiet_open != '0);
    two_end_together:  cover (closes && (closing_q & (closing_q - 1'b1)) != '0);
    leaves_large:      cover (m_valid && m_segments > 8'd2);
    leaves_alone:      cover (m_valid && m_segments == 8'd1 && enable);
    under_pressure:    cover (pressure && oldest != '0);
  end

endmodule

bind fn_rx_coalesce_contexts fn_rx_coalesce_contexts_cover #(.CONTEXTS(CONTEXTS), .SLOTS(SLOTS)) i_cover (.*);

`default_nettype wire
