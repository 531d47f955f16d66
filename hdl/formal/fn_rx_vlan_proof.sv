// prove bytes-32 | DATA_W=32 | pdr | where told, a frame leaves without its bytes 12 to 15; else with all; in their order and nothing else
// mutant fn_rx_vlan.sv | s/beat_q < COUNT_W'\(BEHIND - 1\)/beat_q <= COUNT_W'(BEHIND - 1)/
// prove bytes-64 | DATA_W=64 | pdr | the same at 64 bits, where the halves of beats are joined anew
// mutant fn_rx_vlan.sv | s/if \(take && join_halves && s_axis_tlast && spills\)/if (take \&\& join_halves \&\& spills)/
`default_nettype none

module fn_rx_vlan_proof #(
  parameter int DATA_W = 64
) (
  input wire logic                clk,
  input wire logic                mark,
  input wire logic [2:0]          lane,
  input wire logic [DATA_W-1:0]   s_tdata,
  input wire logic [DATA_W/8-1:0] s_tkeep,
  input wire logic                s_tvalid,
  input wire logic                s_tlast,
  input wire logic                s_strip,
  input wire logic                m_tready
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic                s_tready, m_tvalid, m_tlast;
  logic [DATA_W-1:0]   m_tdata;
  logic [DATA_W/8-1:0] m_tkeep;

  fn_rx_vlan #(.DATA_W(DATA_W)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_strip(s_strip),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast)
  );

  fn_axis_properties #(.DATA_W(DATA_W), .ASSUME(1'b1)) i_source (
    .clk(clk), .rst(rst), .tdata(s_tdata), .tkeep(s_tkeep), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser(1'b0));
  fn_axis_properties #(.DATA_W(DATA_W)) i_sink (
    .clk(clk), .rst(rst), .tdata(m_tdata), .tkeep(m_tkeep), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast), .tuser(1'b0));

  logic [5:0] in_place, out_place, in_end, at;
  logic       in_far, out_far, beyond;
  logic [1:0] inside;
  assign at     = in_place + 6'(lane);
  assign beyond = in_far || at >= 6'd16;
  fn_byte_properties #(.DATA_W(DATA_W)) i_bytes (
    .clk(clk), .rst(rst), .mark(mark), .lane(lane), .moved(s_strip && beyond ? -6'd4 : 6'd0), .grown(s_strip ? -6'd4 : 6'd0),
    .in(s_tvalid && s_tready), .in_data(s_tdata), .in_keep(s_tkeep), .in_last(s_tlast),
    .out(m_tvalid && m_tready), .out_data(m_tdata), .out_keep(m_tkeep), .out_last(m_tlast),
    .in_place(in_place), .in_far(in_far), .in_end(in_end), .out_place(out_place), .out_far(out_far), .inside(inside)
  );

  // Frames have 18 bytes or more. A byte of the tag is not to be followed. s_strip stands until the frame has left.
  logic under_way_q, strip_q;
  always_ff @(posedge clk) begin
    strip_q <= s_strip;
    under_way_q <= !rst && (s_tvalid || (under_way_q && !(m_tvalid && m_tready && m_tlast)));
    if (m_tvalid && m_tready && m_tlast) under_way_q <= 1'b0;
  end
  always_comb if (!rst) begin
    if (s_tvalid && s_tlast) assume (in_far || in_end >= 6'd18);
    if (s_strip && !beyond && at >= 6'd12) assume (!mark);
    if (under_way_q) assume (s_strip == strip_q);
  end

endmodule

`default_nettype wire
