// prove bucket | - | induction 3 | the bucket never holds more than its burst and a clock's worth, never owes more than a longest packet, and never runs over; who is ready owes nothing
// mutant fn_tx_pacer.sv | s/tokens_q \+ \(filled \? 38.d0 : /tokens_q + (full ? 38'd0 : /
`default_nettype none

module fn_tx_pacer_proof (
  input wire logic        clk,
  input wire logic [19:0] rate,
  input wire logic [11:0] burst,
  input wire logic        asks,
  input wire logic [19:0] length
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  // A packet leaves only when the bucket allows it, and the next one not before that shows (fn_tx_scheduler). Registers stand still.
  logic        ready, full, charge, charge1_q, charge2_q;
  logic [19:0] rate_q;
  logic [11:0] burst_q;
  assign charge = asks && ready && !charge1_q && !charge2_q;
  always_ff @(posedge clk) begin
    charge1_q <= charge && !rst;
    charge2_q <= charge1_q && !rst;
    rate_q    <= rate;
    burst_q   <= burst;
  end
  always_comb if (!rst) assume (rate == rate_q && burst == burst_q);

  fn_tx_pacer dut (.clk(clk), .rst(rst), .rate(rate), .burst(burst), .charge(charge), .length(length), .ready(ready), .full(full));

  (* hierconn *) wire [37:0] \dut.tokens_q ;
  (* hierconn *) wire        \dut.charge_q ;
  logic signed [39:0] tokens, top;
  assign tokens = {{2{\dut.tokens_q [37]}}, \dut.tokens_q };
  assign top    = $signed({6'd0, burst, 22'd0}) + $signed({20'd0, rate});

  always_comb if (!rst) begin
    assert (tokens < top || (tokens == '0 && top >= '0));
    assert (tokens >= -(40'sd1 << 36));
    if (rate != '0 && ready && !charge1_q && !charge2_q) assert (tokens >= '0);
    // Lemma: what is charged was ready.
    if (\dut.charge_q ) assert (tokens >= '0 && charge1_q);
  end

endmodule

`default_nettype wire
