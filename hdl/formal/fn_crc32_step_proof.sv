// prove bytes-8 | BYTES=8 | pdr bdd | the table of rows is the bit-serial CRC-32 of IEEE 802.3 over 8 bytes
// mutant fn_crc32_step.sv | s/64'h826880EFA40DA72D/64'h826880EFA40DA72C/
// prove bytes-4 | BYTES=4 | pdr bdd | the same over 4 bytes
// mutant fn_crc32_step.sv | s/32'h826880EF, 32'hC35CC098/32'h826880EF, 32'hC35CC09A/
// prove bytes-2 | BYTES=2 | pdr bdd | the same over 2 bytes
// mutant fn_crc32_step.sv | s/r \+ W < 32 \?/r + W < 31 ?/
// prove bytes-1 | BYTES=1 | pdr bdd | the same over 1 byte
// mutant fn_crc32_step.sv | s/8'h82, 8'hC3/8'h83, 8'hC3/
`default_nettype none

module fn_crc32_step_proof #(
  parameter int BYTES = 8
) (
  input wire logic               clk,
  input wire logic [31:0]        crc,
  input wire logic [8*BYTES-1:0] data
);

  logic [31:0] next, expected;

  fn_crc32_step #(.BYTES(BYTES)) dut (.crc(crc), .data(data), .next(next));

  always_comb begin
    expected = crc;
    for (int i = 0; i < 8 * BYTES; i++) expected = {1'b0, expected[31:1]} ^ (expected[0] ^ data[i] ? 32'hEDB88320 : 32'd0);
  end

  logic started_q = 1'b0;
  always_ff @(posedge clk) started_q <= 1'b1;

  always_comb if (started_q) assert (next == expected);

endmodule

`default_nettype wire
