// What a run of BYTES bytes makes of the CRC-32 register of Ethernet (IEEE 802.3 clause 3.2.9), as 32 fixed XORs of at most 8 * BYTES bits:
// three levels of 4-input tables at 8 bytes. Combinational.
//
// Row r of a table below says which bits of x, the bytes with the register laid over the first four, go into bit r; the rows are in order from
// bit 31 down. They follow from the reflected polynomial 0xEDB88320, a byte at a time as in fn_crc32; the tests compare both with a reference.
`default_nettype none

module fn_crc32_step #(
  parameter int BYTES = 8  // 8, 4, 2 or 1
) (
  input  wire logic [31:0]        crc,
  input  wire logic [8*BYTES-1:0] data,
  output logic [31:0]             next
);

  localparam logic [2047:0] ROWS_8 = {
    64'h826880EFA40DA72D, 64'hC35CC098760B74BB, 64'hE3C6E0A39F081D70, 64'h71E37051CF840EB8,
    64'hBA9938C743CFA071, 64'hDF241C8C05EA7715, 64'h6F920E4602F53B8A, 64'hB5A187CCA5773AE8,
    64'hD8B84309F6B63A59, 64'h6C5C2184FB5B1D2C, 64'hB446902DD9A029BB, 64'hD84BC8F948DDB3F0,
    64'hEE4D649300637ED5, 64'h7726B2498031BF6A, 64'h3B935924C018DFB5, 64'h1DC9AC92600C6FDA,
    64'h8C8C56A6940B90C0, 64'h46462B534A05C860, 64'h232315A9A502E430, 64'h11918AD4D2817218,
    64'h08C8C56A6940B90C, 64'h046462B534A05C86, 64'h805AB1B53E5D896E, 64'hC245D8353B23639A,
    64'h6122EC1A9D91B1CD, 64'h3091760D4EC8D8E6, 64'h9A203BE90369CB5E, 64'h4D101DF481B4E5AF,
    64'h26880EFA40DA72D7, 64'h1344077D206D396B, 64'h09A203BE90369CB5, 64'h04D101DF481B4E5A};
  localparam logic [1023:0] ROWS_4 = {
    32'h826880EF, 32'hC35CC098, 32'hE3C6E0A3, 32'h71E37051, 32'hBA9938C7, 32'hDF241C8C,
    32'h6F920E46, 32'hB5A187CC, 32'hD8B84309, 32'h6C5C2184, 32'hB446902D, 32'hD84BC8F9,
    32'hEE4D6493, 32'h7726B249, 32'h3B935924, 32'h1DC9AC92, 32'h8C8C56A6, 32'h46462B53,
    32'h232315A9, 32'h11918AD4, 32'h08C8C56A, 32'h046462B5, 32'h805AB1B5, 32'hC245D835,
    32'h6122EC1A, 32'h3091760D, 32'h9A203BE9, 32'h4D101DF4, 32'h26880EFA, 32'h1344077D,
    32'h09A203BE, 32'h04D101DF};
  localparam logic [511:0] ROWS_2 = {
    16'h8268, 16'hC35C, 16'hE3C6, 16'h71E3, 16'hBA99, 16'hDF24, 16'h6F92, 16'hB5A1,
    16'hD8B8, 16'h6C5C, 16'hB446, 16'hD84B, 16'hEE4D, 16'h7726, 16'h3B93, 16'h1DC9,
    16'h8C8C, 16'h4646, 16'h2323, 16'h1191, 16'h08C8, 16'h0464, 16'h805A, 16'hC245,
    16'h6122, 16'h3091, 16'h9A20, 16'h4D10, 16'h2688, 16'h1344, 16'h09A2, 16'h04D1};
  localparam logic [255:0] ROWS_1 = {
    8'h82, 8'hC3, 8'hE3, 8'h71, 8'hBA, 8'hDF, 8'h6F, 8'hB5,
    8'hD8, 8'h6C, 8'hB4, 8'hD8, 8'hEE, 8'h77, 8'h3B, 8'h1D,
    8'h8C, 8'h46, 8'h23, 8'h11, 8'h08, 8'h04, 8'h80, 8'hC2,
    8'h61, 8'h30, 8'h9A, 8'h4D, 8'h26, 8'h13, 8'h09, 8'h04};

  localparam int W = 8 * BYTES;
  localparam logic [32*W-1:0] ROWS = BYTES == 8 ? (32*W)'(ROWS_8) : BYTES == 4 ? (32*W)'(ROWS_4) : BYTES == 2 ? (32*W)'(ROWS_2) : (32*W)'(ROWS_1);

  logic [W-1:0] x;

  assign x = data ^ W'(crc);

  // Of a short run the register's upper bits come through, moved down.
  generate
    for (genvar r = 0; r < 32; r++) begin : g_row
      assign next[r] = ^{x & ROWS[r*W +: W], r + W < 32 ? crc[(r + W) % 32] : 1'b0};
    end
  endgenerate

`ifndef SYNTHESIS
  initial if (BYTES != 8 && BYTES != 4 && BYTES != 2 && BYTES != 1) $fatal(1, "fn_crc32_step: BYTES must be 8, 4, 2 or 1");
`endif

endmodule

`default_nettype wire
