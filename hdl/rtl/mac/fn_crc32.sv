// The Ethernet frame check sequence (IEEE 802.3 clause 3.2.9): CRC-32 over a stream of bytes, least significant bit first.
//
// Latency: 1 clock from data to crc. Throughput: 1 beat a clock. Never stalls. Idle (en = 0) it does not toggle.
//
// One byte step is linear: crc' = (crc >> 8) ^ XOR over the set bits i of (crc ^ byte)[7:0] of TERM(i), where TERM(i) is what the
// reflected polynomial 0xEDB88320 leaves of bit i after 8 - i shifts. The terms are literals, so every bit of crc' is a fixed XOR of
// input bits.
`default_nettype none

module fn_crc32 #(
  parameter int DATA_W = 8  // bits, a multiple of 8
) (
  input  wire logic                clk,
  input  wire logic                en,    // take data
  input  wire logic                first, // with en: this beat opens the frame
  input  wire logic [DATA_W-1:0]   data,
  input  wire logic [DATA_W/8-1:0] keep,  // which bytes count, from lane 0 on
  output logic [31:0]              fcs,   // the check sequence of what was taken so far; [7:0] goes on the wire first
  output logic                     good   // what was taken so far ended in its own check sequence
);

  logic [31:0] crc_q, crc_d;

  function automatic logic [31:0] step(input logic [31:0] crc, input logic [7:0] value);
    logic [7:0] x;
    x = crc[7:0] ^ value;
    step = {8'd0, crc[31:8]}
         ^ ({32{x[0]}} & 32'h77073096) ^ ({32{x[1]}} & 32'hEE0E612C)
         ^ ({32{x[2]}} & 32'h076DC419) ^ ({32{x[3]}} & 32'h0EDB8832)
         ^ ({32{x[4]}} & 32'h1DB71064) ^ ({32{x[5]}} & 32'h3B6E20C8)
         ^ ({32{x[6]}} & 32'h76DC4190) ^ ({32{x[7]}} & 32'hEDB88320);
  endfunction

  always_comb begin
    crc_d = crc_q;
    if (en) begin
      if (first) crc_d = '1;
      for (int i = 0; i < DATA_W / 8; i++) begin
        if (keep[i]) crc_d = step(crc_d, data[i*8 +: 8]);
      end
    end
  end

  always_ff @(posedge clk) crc_q <= crc_d;

  assign fcs  = ~crc_q;
  // The register's value behind any frame that carries its right check sequence.
  assign good = crc_q == 32'hDEBB20E3;

`ifndef SYNTHESIS
  initial if (DATA_W % 8 != 0 || DATA_W < 8) $fatal(1, "fn_crc32: DATA_W must be a multiple of 8");
`endif

endmodule

`default_nettype wire
