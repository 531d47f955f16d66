// The station's end of a PHY's management interface (IEEE 802.3 clause 22.2.4.5), one frame at a time: a preamble of 32 ones, then the 32 bits of `frame`,
// ST OP PHYAD REGAD TA DATA, bit 31 first. Frames of clause 45 have the same shape and differ in ST and OP alone.
//
//   mdc      ‾\_/‾\_/‾\_ ...            stands low between frames
//   mdio_o   ─X───X───X─                changes as MDC falls; the PHY takes it as MDC rises
//   mdio_i    ──X───X───X               the PHY changes it up to 300 ns behind MDC's rise (22.3.4); taken at the next rise
//
// In a read (OP[1]) the pin is let go behind REGAD. `seen` is what was on the pin from the first to the last of the 32 bits, and in it bit 16 is 1 when no PHY
// pulled the turnaround low. A frame takes 65 periods of MDC, the first of them with the pin let go.
// There is no reset: a PHY would count the bits of a frame that was cut short.
`default_nettype none

module fn_mdio #(
  parameter int CLOCK_HZ = 125000000,  // of clk
  parameter int MDC_HZ   = 2500000     // at most so fast, less than CLOCK_HZ / 4: 22.2.2.11 has 400 ns; a PHY may promise more
) (
  input  wire logic        clk,

  input  wire logic        start,      // taken while not busy
  input  wire logic [31:0] frame,
  output logic             busy,
  output logic             done,       // pulse, as busy ends
  output logic [31:0]      seen,       // until the next start

  output logic             mdc,
  output logic             mdio_o,
  output logic             mdio_oe,
  input  wire logic        mdio_i
);

  localparam int HALF = (CLOCK_HZ + 2 * MDC_HZ - 1) / (2 * MDC_HZ);  // clocks in half a period
  localparam int COUNT_W = $clog2(HALF);
  localparam logic [4:0] TURNAROUND = 5'd14;                         // the first bit of a frame that is not the station's in a read

  // Periods: 0 nothing to do, 63 the pin let go, 64 to 95 preamble, 96 to 127 the frame.
  logic [6:0]         period_q, period_next;
  logic [COUNT_W-1:0] count_q;
  logic               tick_q, read_q, pin;
  logic [1:0]         rose_q;                                       // what `pin` has now was there as MDC rose

  initial {period_q, count_q, tick_q, rose_q, done, mdc, mdio_oe} = '0;

  fn_sync #(.WIDTH(1)) i_sync (.clk(clk), .d(mdio_i), .q(pin));

  assign busy        = period_q != '0;
  assign period_next = period_q + 1'b1;

  always_ff @(posedge clk) begin
    count_q <= !busy || tick_q ? '0 : count_q + 1'b1;
    tick_q  <= busy && !tick_q && count_q == COUNT_W'(HALF - 2);
    done    <= 1'b0;
    rose_q  <= {rose_q[0], tick_q && !mdc};
    if (rose_q[1] && period_q[6] && period_q[5]) seen <= {seen[30:0], pin};

    if (!busy) begin
      if (start) begin
        period_q <= 7'd63;
        seen     <= frame;
        read_q   <= frame[29];
      end
    end else if (tick_q) begin
      mdc <= !mdc;
      if (mdc) begin
        period_q <= period_next;
        done     <= period_next == '0;
        mdio_o   <= !period_next[5] || seen[31];
        mdio_oe  <= period_next[6] && !(read_q && period_next[5] && period_next[4:0] >= TURNAROUND);
      end
    end
  end

`ifndef SYNTHESIS
  initial if (HALF < 3) $fatal(1, "fn_mdio: CLOCK_HZ must be more than 4 * MDC_HZ");
`endif

endmodule

`default_nettype wire
