// The link fault signalling of an XGMII (IEEE 802.3 clause 46.3.4, figure 46-11): four ordered sets of one fault with fewer than 128 columns
// between each say that it is there; 128 columns without one, that it is gone. Latency: 1 clock from the fourth.
`default_nettype none

module fn_xgmii_fault (
  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic [63:0] xgmii_rxd,
  input  wire logic [7:0]  xgmii_rxc,
  output logic             local_fault,
  output logic             remote_fault
);

  localparam logic [31:0] LOCAL = 32'h0100009C, REMOTE = 32'h0200009C;

  logic       local_0_q, local_4_q, remote_0_q, remote_4_q, any, both, kind, kind_q;
  logic [1:0] seen_q;   // ordered sets of this kind so far, less one
  logic [6:0] since_q;  // columns since the last, by twos

  assign any  = local_0_q || local_4_q || remote_0_q || remote_4_q;
  assign both = (local_0_q && local_4_q) || (remote_0_q && remote_4_q);
  assign kind = remote_0_q || remote_4_q;

  always_ff @(posedge clk) begin
    local_0_q  <= xgmii_rxc[3:0] == 4'h1 && xgmii_rxd[31:0] == LOCAL;
    local_4_q  <= xgmii_rxc[7:4] == 4'h1 && xgmii_rxd[63:32] == LOCAL;
    remote_0_q <= xgmii_rxc[3:0] == 4'h1 && xgmii_rxd[31:0] == REMOTE;
    remote_4_q <= xgmii_rxc[7:4] == 4'h1 && xgmii_rxd[63:32] == REMOTE;
    if (any) begin
      since_q <= '0;
      kind_q  <= kind;
      if (kind != kind_q || since_q[6]) seen_q <= 2'(both);
      else if (seen_q != 2'd3) seen_q <= seen_q == 2'd2 || !both ? seen_q + 1'b1 : seen_q + 2'd2;
      if (kind == kind_q && !since_q[6] && (seen_q == 2'd3 || seen_q == 2'd2 || (seen_q == 2'd1 && both))) begin
        local_fault  <= !kind;
        remote_fault <= kind;
      end
    end else if (since_q[6]) begin
      local_fault  <= 1'b0;
      remote_fault <= 1'b0;
    end else begin
      since_q <= since_q + 1'b1;
    end
    if (rst) begin
      since_q      <= 7'd64;
      seen_q       <= '0;
      local_fault  <= 1'b0;
      remote_fault <= 1'b0;
    end
  end

endmodule

`default_nettype wire
