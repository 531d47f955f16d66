// Paces one transmit queue: a bucket of tokens, one a byte, that fills at `rate` up to `burst`. The queue may send while the bucket is not
// below zero; a packet takes its bytes at once, whatever is in the bucket, so that over any time t at most burst + rate * t bytes and one
// packet leave. rate = 0: no pace, always ready.
//
// Latency: `charge` shows in `ready` 2 clocks later.
`default_nettype none

module fn_tx_pacer (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic [19:0] rate,      // bytes a clock, in 65536ths: up to 16
  input  wire logic [11:0] burst,     // bytes, in units of 64
  input  wire logic        charge,    // pulse: a packet leaves
  input  wire logic [19:0] length,    // its bytes

  output logic             ready,
  output logic             full       // the bucket stands still until the next packet
);

  // Bytes with 16 bits of fraction. Never below -2^20 (a longest packet out of an empty bucket), never above burst and 16 bytes.
  logic signed [37:0] tokens_q;
  logic               charge_q, on, filled;
  logic [19:0]        length_q;

  assign on     = rate != '0;
  assign ready  = !on || !tokens_q[37];
  // What is charged for a packet shorter than a clock's worth must not raise a filled bucket.
  assign filled = !tokens_q[37] && tokens_q[36:16] >= {3'd0, burst, 6'd0};
  assign full   = !on || (!charge_q && filled);

  always_ff @(posedge clk) begin
    charge_q <= charge && on;
    if (charge) length_q <= length;
    tokens_q <= tokens_q + (filled ? 38'd0 : {18'd0, rate}) - (charge_q ? {2'd0, length_q, 16'd0} : 38'd0);
    if (rst || !on) begin
      tokens_q <= '0;
      charge_q <= 1'b0;
    end
  end

endmodule

`default_nettype wire
