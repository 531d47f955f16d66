// prove step-8  | DATA_W=8  | pdr | a byte moves the register as the bit-serial CRC-32 of IEEE 802.3 does; fcs is its complement
// mutant fn_crc32.sv | s/h76DC4190/h76DC4191/
// prove step-32 | DATA_W=32 | pdr sweep | the same at 32 bits, for every number of bytes
// mutant fn_crc32.sv | s/if \(keep\[i\]\) crc_d/if (keep[i] || i == 2) crc_d/
// prove step-64 | DATA_W=64 | pdr sweep | the same at 64 bits
// mutant fn_crc32.sv | s/if \(first\) crc_d = '1;/if (first) crc_d = '1 << 1;/
// The definition: one shift register, one bit a step, least significant bit of a byte first. Any start is proved, so every frame is.
`default_nettype none

module fn_crc32_proof #(
  parameter int DATA_W = 8
) (
  input wire logic                clk,
  input wire logic                en,
  input wire logic                first,
  input wire logic [DATA_W-1:0]   data,
  input wire logic [DATA_W/8-1:0] keep
);

  logic [31:0] fcs;
  logic        good;

  fn_crc32 #(.DATA_W(DATA_W)) dut (.clk(clk), .en(en), .first(first), .data(data), .keep(keep), .fcs(fcs), .good(good));

  (* hierconn *) wire [31:0] \dut.crc_q ;

  function automatic logic [31:0] serial(input logic [31:0] crc, input logic value);
    serial = {1'b0, crc[31:1]} ^ (crc[0] ^ value ? 32'hEDB88320 : 32'd0);
  endfunction

  (* hierconn *) wire [31:0] \dut.crc_d ;

  logic [31:0] expected;
  always_comb begin
    expected = \dut.crc_q ;
    if (en && first) expected = 32'hFFFFFFFF;
    for (int i = 0; i < DATA_W; i++) if (en && keep[i/8]) expected = serial(expected, data[i]);
  end

  logic        started_q = 1'b0;
  logic [31:0] next_q;
  always_ff @(posedge clk) begin
    started_q <= 1'b1;
    next_q    <= \dut.crc_d ;
  end

  always_comb begin
    assert (\dut.crc_d == expected);
    if (started_q) assert (\dut.crc_q == next_q);
    assert (fcs == ~\dut.crc_q );
    assert (good == (\dut.crc_q == 32'hDEBB20E3));
  end

endmodule

`default_nettype wire
