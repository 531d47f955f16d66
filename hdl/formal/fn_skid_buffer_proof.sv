// prove order-8  | DATA_W=8,USER_W=1  | pdr | stream protocol on the output; no beat lost, repeated or reordered; at most 2 inside
// mutant fn_skid_buffer.sv | s/skid_valid_q \|\| s_axis_tvalid;/s_axis_tvalid;/
// prove order-32 | DATA_W=32,USER_W=3 | pdr | the same at 32 bits
// mutant fn_skid_buffer.sv | s/if \(m_axis_tready \|\| !out_valid_q\)/if (m_axis_tready || !skid_valid_q)/
// prove open     | DATA_W=8,USER_W=1  | pdr | one beat a clock: after a clock with a ready sink the source is not stalled
// mutant fn_skid_buffer.sv | s/assign s_axis_tready = !skid_valid_q;/assign s_axis_tready = !skid_valid_q \&\& !out_valid_q;/
`default_nettype none

module fn_skid_buffer_proof #(
  parameter int DATA_W = 8,
  parameter int USER_W = 1
) (
  input wire logic                clk,
  input wire logic                mark,
  input wire logic [DATA_W-1:0]   s_tdata,
  input wire logic [DATA_W/8-1:0] s_tkeep,
  input wire logic                s_tvalid,
  input wire logic                s_tlast,
  input wire logic [USER_W-1:0]   s_tuser,
  input wire logic                m_tready
);

  logic started_q = 1'b0, rst, ready_q;
  always_ff @(posedge clk) begin
    started_q <= 1'b1;
    ready_q   <= started_q && m_tready;
  end
  assign rst = !started_q;

  logic                s_tready, m_tvalid, m_tlast;
  logic [DATA_W-1:0]   m_tdata;
  logic [DATA_W/8-1:0] m_tkeep;
  logic [USER_W-1:0]   m_tuser;

  fn_skid_buffer #(.DATA_W(DATA_W), .USER_W(USER_W)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tuser(m_tuser)
  );

  fn_axis_properties #(.DATA_W(DATA_W), .USER_W(USER_W), .ASSUME(1'b1)) i_source (
    .clk(clk), .rst(rst), .tdata(s_tdata), .tkeep(s_tkeep), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser(s_tuser));
  fn_axis_properties #(.DATA_W(DATA_W), .USER_W(USER_W)) i_sink (
    .clk(clk), .rst(rst), .tdata(m_tdata), .tkeep(m_tkeep), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast), .tuser(m_tuser));

  fn_order_properties #(.WIDTH(DATA_W + DATA_W / 8 + 1 + USER_W), .ROOM(2)) i_order (
    .clk(clk), .rst(rst), .mark(mark),
    .in(s_tvalid && s_tready), .in_record({s_tdata, s_tkeep, s_tlast, s_tuser}),
    .out(m_tvalid && m_tready), .out_record({m_tdata, m_tkeep, m_tlast, m_tuser})
  );

  always_comb if (!rst && ready_q) assert (s_tready);

endmodule

`default_nettype wire
