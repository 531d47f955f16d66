// An input pin's registers at both clock edges: q_rise is what stood on the pin at a rising edge of clk, q_fall at the falling edge behind it;
// both change at the next rising edge.
`default_nettype none

module fn_iddr #(
  parameter logic [55:0] TARGET = 56'("SIM")  // "ECP5", "XILINX7": the vendor's cell; "SIM": for simulation
) (
  input  wire logic clk,
  input  wire logic d,
  output logic      q_rise,
  output logic      q_fall
);

  generate
    if (TARGET == 56'("ECP5")) begin : g_ecp5
      IDDRX1F i_ddr (.SCLK(clk), .RST(1'b0), .D(d), .Q0(q_rise), .Q1(q_fall));
    end else if (TARGET == 56'("XILINX7")) begin : g_xilinx7
      IDDR #(.DDR_CLK_EDGE("SAME_EDGE_PIPELINED"), .INIT_Q1(1'b0), .INIT_Q2(1'b0), .SRTYPE("SYNC")) i_ddr (
        .C(clk), .CE(1'b1), .R(1'b0), .S(1'b0), .D(d), .Q1(q_rise), .Q2(q_fall));
    end else begin : g_sim
      logic at_rise_q, at_fall_q;
      always_ff @(posedge clk) begin
        at_rise_q <= d;
        q_rise    <= at_rise_q;
        q_fall    <= at_fall_q;
      end
      always_ff @(negedge clk) at_fall_q <= d;
    end
  endgenerate

endmodule

`default_nettype wire
