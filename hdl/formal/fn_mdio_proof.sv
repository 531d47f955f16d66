// prove frame | - | induction 3 | 32 ones, then the frame that was asked for, bit by bit as MDC rises, whatever is asked meanwhile; MDIO is driven there and nowhere else, in a read no further than its header, and changes only as MDC falls
// mutant fn_mdio.sv | s/^      if \(mdc\) begin/      if (!mdc) begin/
`default_nettype none

module fn_mdio_proof (
  input wire logic        clk,
  input wire logic        start,
  input wire logic [31:0] frame,
  input wire logic        mdio_i
);

  logic        busy, done, mdc, mdio_o, mdio_oe;
  logic [31:0] seen;

  fn_mdio #(.CLOCK_HZ(6), .MDC_HZ(1)) dut (
    .clk(clk), .start(start), .frame(frame), .busy(busy), .done(done), .seen(seen), .mdc(mdc), .mdio_o(mdio_o), .mdio_oe(mdio_oe), .mdio_i(pin)
  );

  // The pin: the station's where it drives, anybody's elsewhere.
  logic pin;
  assign pin = mdio_oe ? mdio_o : mdio_i;

  // How often MDC has risen in this frame, and the frame.
  logic [6:0]  rises_q = '0;
  logic [31:0] frame_q;
  logic        mdc_q = 1'b0, oe_q = 1'b0, o_q, old_q = 1'b0, read;
  logic [4:0]  index;

  assign read  = frame_q[29];
  assign index = 5'(7'd64 - rises_q);  // of the bit that the next rise takes: 31 first

  always_ff @(posedge clk) begin
    old_q <= 1'b1;
    {mdc_q, oe_q, o_q} <= {mdc, mdio_oe, mdio_o};
    if (!busy && start) begin
      frame_q <= frame;
      rises_q <= '0;
    end else if (mdc && !mdc_q) begin
      rises_q <= rises_q + 1'b1;
    end
  end

  // As MDC rises: of rises 0 to 64 the first is nobody's, 32 are the preamble's, 32 the frame's.
  always_comb begin
    if (mdc && !mdc_q) begin
      assert (busy && rises_q <= 7'd64);
      assert (mdio_oe == (rises_q != '0 && !(read && rises_q >= 7'd47)));
      if (mdio_oe) assert (mdio_o == (rises_q <= 7'd32 || frame_q[index]));
    end
    if (old_q && (mdio_oe != oe_q || (mdio_oe && mdio_o != o_q))) assert (mdc_q && !mdc);
    if (!busy) assert (!mdc && !mdio_oe);
    if (done) assert (!busy && rises_q == 7'd65);
  end

  // Lemmas: where the counters stand to one another, and what is left of the frame.
  (* hierconn, init = 7'd0 *) wire [6:0] \dut.period_q ;
  (* hierconn, init = 2'd0 *) wire [1:0] \dut.count_q , \dut.rose_q ;
  (* hierconn, init = 1'd0 *) wire       \dut.tick_q ;
  (* hierconn *)              wire       \dut.read_q ;
  logic [5:0] gone;  // bits of the frame that were shifted out
  assign gone = rises_q <= 7'd33 ? '0 : 6'(rises_q - 7'd33 - \dut.rose_q [1]);

  always_comb begin
    assert (\dut.tick_q == (\dut.count_q == 2'd2) && \dut.count_q != 2'd3);
    if (!busy) assert (\dut.count_q == '0 && (rises_q == 7'd65 || rises_q == '0) && \dut.rose_q == '0);
    if (\dut.rose_q [0]) assert (mdc && !mdc_q && \dut.count_q == 2'd0);
    if (\dut.rose_q [1]) assert (mdc && mdc_q && \dut.count_q == 2'd1);
    if (mdc && !mdc_q) assert (\dut.rose_q [0]);
    if (!mdc && mdc_q) assert (\dut.count_q == '0);
    if (busy) begin
      assert (\dut.period_q >= 7'd63 && rises_q == \dut.period_q - 7'd63 + (mdc && mdc_q));
      assert (\dut.read_q == read);
      assert (mdio_oe == (\dut.period_q [6] && !(read && \dut.period_q >= 7'd110)));
      if (mdio_oe) assert (mdio_o == (\dut.period_q < 7'd96 || frame_q[5'(7'd127 - \dut.period_q )]));
      assert (((seen ^ (frame_q << gone)) & (32'hFFFF_FFFF << gone)) == '0);
    end
  end

endmodule

`default_nettype wire
