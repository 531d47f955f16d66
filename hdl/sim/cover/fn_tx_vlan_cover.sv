// What the tests must have seen of fn_tx_vlan. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_tx_vlan_cover #(
  parameter int DATA_W = 64
) (
  input wire logic                clk,
  input wire logic                rst,
  input wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input wire logic                s_axis_tvalid,
  input wire logic                s_axis_tready,
  input wire logic                s_axis_tlast,
  input wire logic                s_axis_tinsert,
  input wire logic                m_axis_tvalid,
  input wire logic                m_axis_tready
);

  logic ends, inserted_q;
  assign ends = s_axis_tvalid && s_axis_tready && s_axis_tlast;

  always @(posedge clk) begin
    if (ends || rst) inserted_q <= s_axis_tinsert && !rst;
    if (!rst) begin
      with_tag:         cover (ends && s_axis_tinsert);
      without_tag:      cover (ends && !s_axis_tinsert);
      tag_behind_tag:   cover (ends && s_axis_tinsert && inserted_q);
      stall_in_a_frame: cover (m_axis_tvalid && !m_axis_tready && s_axis_tvalid && s_axis_tinsert);
    end
  end

  generate
    if (DATA_W == 64) begin : g_lanes
      always @(posedge clk) if (!rst) begin
        a_beat_more:    cover (ends && s_axis_tinsert && s_axis_tkeep[4]);
        no_beat_more:   cover (ends && s_axis_tinsert && !s_axis_tkeep[4]);
      end
    end
  endgenerate

endmodule

bind fn_tx_vlan fn_tx_vlan_cover #(.DATA_W(DATA_W)) i_cover (.*);

`default_nettype wire
