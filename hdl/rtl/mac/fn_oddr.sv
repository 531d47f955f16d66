// An output pin's register at both clock edges: d_rise is on the pin from a rising edge of clk to the falling one, d_fall from there to
// the next rising one; both are taken at the rising edge before.
`default_nettype none

module fn_oddr #(
  parameter logic [55:0] TARGET = 56'("SIM")  // "ECP5", "XILINX7": the vendor's cell; "SIM": for simulation
) (
  input  wire logic clk,
  input  wire logic d_rise,
  input  wire logic d_fall,
  output logic      q
);

  generate
    if (TARGET == 56'("ECP5")) begin : g_ecp5
      ODDRX1F i_ddr (.SCLK(clk), .RST(1'b0), .D0(d_rise), .D1(d_fall), .Q(q));
    end else if (TARGET == 56'("XILINX7")) begin : g_xilinx7
      ODDR #(.DDR_CLK_EDGE("SAME_EDGE"), .INIT(1'b0), .SRTYPE("SYNC")) i_ddr (
        .C(clk), .CE(1'b1), .R(1'b0), .S(1'b0), .D1(d_rise), .D2(d_fall), .Q(q));
    end else begin : g_sim
      logic rise_q, fall_q;
      always_ff @(posedge clk) {rise_q, fall_q} <= {d_rise, d_fall};
      assign q = clk ? rise_q : fall_q;
    end
  endgenerate

endmodule

`default_nettype wire
