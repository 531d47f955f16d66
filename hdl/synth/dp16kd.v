// What hdl/synth/equivalent takes a block memory of ECP5 to be: something that reads and writes, of which it knows nothing, and a register behind it
// that is used where REGMODE says OUTREG. The register loads while OCE is 1, whatever CE is. A word of 36 bits is B's, the half at A too: its clock and
// its enable. So it is in Lattice's simulation model of the like block of MachXO2, DP8KC. RST, which would reset both, the pass does not touch.
`default_nettype none

module DP16KD (
  input  wire CLKA, CEA, OCEA, WEA, RSTA, CSA2, CSA1, CSA0,
  input  wire ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
  input  wire DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0,
  output wire DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0,
  input  wire CLKB, CEB, OCEB, WEB, RSTB, CSB2, CSB1, CSB0,
  input  wire ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
  input  wire DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0,
  output wire DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0
);
  parameter DATA_WIDTH_A = 18;
  parameter CLKAMUX   = "CLKA";
  parameter CLKBMUX   = "CLKB";
  parameter REGMODE_A = "NOREG";
  parameter REGMODE_B = "NOREG";

  wire [17:0] read_a, read_b;
  reg  [17:0] a_q, b_q;
  wire        clock_a = CLKA ^ (CLKAMUX == "INV");
  wire        clock_b = CLKB ^ (CLKBMUX == "INV");
  wire        half_clock, half_enable;

  fn_dp16kd_core core (
    .clock_a(clock_a), .clock_b(clock_b), .control_a({CEA, WEA, RSTA, CSA2, CSA1, CSA0}), .control_b({CEB, WEB, RSTB, CSB2, CSB1, CSB0}),
    .address_a({ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0}),
    .address_b({ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0}),
    .write_a({DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0}),
    .write_b({DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0}),
    .read_a(read_a), .read_b(read_b)
  );

  generate
    if (DATA_WIDTH_A == 36) begin : g_one_word
      assign half_clock  = clock_b;
      assign half_enable = OCEB;
    end else begin : g_two_ports
      assign half_clock  = clock_a;
      assign half_enable = OCEA;
    end
  endgenerate

  always @(posedge half_clock) if (half_enable) a_q <= read_a;
  always @(posedge clock_b) if (OCEB) b_q <= read_b;

  assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0} =
    REGMODE_A == "OUTREG" ? a_q : read_a;
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0} =
    REGMODE_B == "OUTREG" ? b_q : read_b;
endmodule

`default_nettype wire
