// The stream protocol of one AXI-Stream port, as assertions of a module's output or as assumptions about its source:
//   - a beat on offer stays, unchanged, until it is taken;
//   - tkeep counts from lane 0 without a gap, is never empty, and is full but for a frame's last beat;
//   - with USER_STABLE, all beats of a frame have the same tuser.
`default_nettype none

module fn_axis_properties #(
  parameter int DATA_W      = 8,
  parameter int USER_W      = 1,
  parameter bit ASSUME      = 1'b0,  // 1: this is the environment's side
  parameter bit USER_STABLE = 1'b0
) (
  input wire logic                clk,
  input wire logic                rst,
  input wire logic [DATA_W-1:0]   tdata,
  input wire logic [DATA_W/8-1:0] tkeep,
  input wire logic                tvalid,
  input wire logic                tready,
  input wire logic                tlast,
  input wire logic [USER_W-1:0]   tuser
);

  localparam int KEEP_W = DATA_W / 8;

  // What a sink must not look at (bytes that do not count) may change.
  logic [DATA_W-1:0] counted;
  always_comb for (int i = 0; i < KEEP_W; i++) counted[8*i +: 8] = tdata[8*i +: 8] & {8{tkeep[i]}};

  logic              waiting_q, inside_q;
  logic [DATA_W-1:0] counted_q;
  logic [KEEP_W-1:0] keep_q;
  logic              last_q;
  logic [USER_W-1:0] user_q;

  always_ff @(posedge clk) begin
    waiting_q <= tvalid && !tready && !rst;
    counted_q <= counted;
    keep_q    <= tkeep;
    last_q    <= tlast;
    if (tvalid) user_q <= tuser;
    if (tvalid && tready) inside_q <= !tlast;
    if (rst) inside_q <= 1'b0;
  end

  logic stays, keep_legal, user_legal;
  assign stays      = !waiting_q || (tvalid && counted == counted_q && tkeep == keep_q && tlast == last_q && tuser == user_q);
  assign keep_legal = !tvalid || (tkeep[0] && (tkeep & (tkeep + 1'b1)) == '0 && (tlast || &tkeep));
  assign user_legal = !USER_STABLE || !tvalid || !inside_q || tuser == user_q;

  generate
    if (ASSUME) begin : g_assume
      always_comb if (!rst) assume (stays && keep_legal && user_legal);
    end else begin : g_assert
      always_comb if (!rst) begin
        assert (stays);
        assert (keep_legal);
        assert (user_legal);
      end
    end
  endgenerate

endmodule

`default_nettype wire
