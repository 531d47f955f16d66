// prove frame-8  | KIND=0,WIDTH=8  | pdr | a frame of 60 bytes is taken for a PAUSE frame if its bytes say so (802.3 annex 31B), and else not; its quanta are those of its bytes
// mutant fn_mac_pause_rx.sv | s/match = match_q \|\| beat_q == '0;/match = 1'b1;/
// prove frame-64 | KIND=0,WIDTH=64 | pdr | the same at 64 bits
// mutant fn_mac_pause_rx.sv | s/if \(\(i < 6 \|\| i > 11\)/if ((i < 6 || i > 12)/
// prove held-8   | KIND=1,WIDTH=8,TICKS=64 | induction 4 | no frame begins while bit times of a pause are left, and frames may begin two clocks after; one that has begun is finished; frames pass once, unchanged, in order, none joined to a PAUSE frame
// mutant fn_mac_pause_tx.sv | s/TICK_W'\(TICKS - 1\) : tick_q - 1'b1;/TICK_W'(TICKS - 2) : tick_q - 1'b1;/
// prove held-64  | KIND=1,WIDTH=64,TICKS=8 | induction 4 | the same at 64 bits
// mutant fn_mac_pause_tx.sv | s/assign pass          = state_q == PASS \|\|/assign pass = (state_q == PASS \&\& !paused) ||/
`default_nettype none

module fn_mac_pause_proof #(
  parameter int KIND  = 0,
  parameter int WIDTH = 8,
  parameter int TICKS = 64  // clocks with ce in a quantum of 512 bit times
) (
  input wire logic               clk,
  input wire logic [WIDTH-1:0]   s_tdata,
  input wire logic [WIDTH/8-1:0] s_tkeep,
  input wire logic               s_tvalid,
  input wire logic               s_tlast,
  input wire logic               s_hold,
  input wire logic               m_tready,
  input wire logic               ce,
  input wire logic               asks,       // a PAUSE frame comes
  input wire logic [15:0]        new_quanta,
  input wire logic               congested
);

  localparam int LANES = WIDTH / 8;

  // Long enough for what crosses from clock to clock.
  logic [2:0] started_q = '0;
  logic       rst;
  always_ff @(posedge clk) if (rst) started_q <= started_q + 1'b1;
  assign rst = started_q != 3'd5;

  generate
    if (KIND == 0) begin : g_frame
      logic        pause;
      logic [15:0] quanta;
      fn_mac_pause_rx #(.DATA_W(WIDTH)) dut (
        .clk(clk), .rst(rst), .tdata(s_tdata), .tvalid(s_tvalid), .tlast(s_tlast), .pause(pause), .quanta(quanta));

      // The first 24 bytes of the frame.
      logic [191:0] bytes_q;
      logic [5:0]   at_q;
      always_ff @(posedge clk) begin
        if (s_tvalid) begin
          for (int b = 0; b < 24 / LANES; b++) if (at_q == 6'(b)) bytes_q[WIDTH*b +: WIDTH] <= s_tdata;
          at_q <= s_tlast ? '0 : at_q == 6'd60 / LANES ? at_q : at_q + 1'b1;
        end
        if (rst) at_q <= '0;
      end
      logic is_pause;
      assign is_pause = bytes_q[47:0] == 48'h010000C28001 && bytes_q[127:96] == 32'h01000888;
      always_comb if (!rst && s_tvalid && s_tlast && at_q >= 6'd56 / LANES) begin
        assert (pause == is_pause);
        if (pause) assert (quanta == {bytes_q[135:128], bytes_q[143:136]});
      end

    end else begin : g_held
      logic             toggle_q, s_tready, m_tvalid, m_tlast, paused, strike, sent;
      logic [15:0]      quanta_q;
      logic [WIDTH-1:0] m_tdata;
      logic [LANES-1:0] m_tkeep;
      fn_mac_pause_tx #(.LINE_W(WIDTH)) dut (
        .clk(clk), .rst(rst), .ce(ce),
        .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_hold(s_hold),
        .s_strike(), .s_sent(),
        .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast),
        .strike(1'b0), .sent(1'b0),
        .core_clk(clk), .core_rst(rst), .pause_toggle(toggle_q), .pause_quanta(quanta_q), .congested(congested), .quanta(16'd3), .station(48'h020304050607),
        .tx_pause(), .tx_paused(paused)
      );

      fn_axis_properties #(.DATA_W(WIDTH), .ASSUME(1'b1)) i_source (
        .clk(clk), .rst(rst), .tdata(s_tdata), .tkeep(s_tkeep), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser(1'b0));
      fn_axis_properties #(.DATA_W(WIDTH)) i_sink (
        .clk(clk), .rst(rst), .tdata(m_tdata), .tkeep(m_tkeep), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast), .tuser(1'b0));

      // PAUSE frames come some clocks apart; each with its quanta, which stand until the next.
      logic [2:0] since_q;
      always_ff @(posedge clk) begin
        since_q <= asks ? '0 : since_q == 3'd7 ? since_q : since_q + 1'b1;
        if (asks) begin
          toggle_q <= !toggle_q;
          quanta_q <= new_quanta;
        end
        if (rst) begin
          toggle_q <= 1'b0;
          since_q  <= '0;
        end
      end
      always_comb if (since_q < 3'd4) assume (!asks);
      // Clocks with ce until the pause is over, from the clock in which the request has come to this clock's domain.
      logic [15+$clog2(TICKS):0] left_q;
      logic                      held_q;   // some were left in the clock before
      logic [1:0]                over_q;   // clocks since none are left
      logic [2:0]                seen_q;
      always_ff @(posedge clk) begin
        seen_q <= {seen_q[1:0], toggle_q};
        held_q <= left_q != '0;
        over_q <= left_q != '0 ? '0 : over_q == 2'd3 ? over_q : over_q + 1'b1;
        if (seen_q[2] != seen_q[1]) begin
          left_q <= (16 + $clog2(TICKS))'(quanta_q) << $clog2(TICKS);
          over_q <= '0;
        end else if (ce && left_q != '0) left_q <= left_q - 1'b1;
        if (rst) begin
          seen_q <= '0;
          left_q <= '0;
          held_q <= 1'b0;
          over_q <= 2'd3;
        end
      end

      // Whose frame is on the output: in its first beat, the source's if the source's is taken for it.
      logic inside_q, own_q;
      always_ff @(posedge clk) begin
        if (m_tvalid && m_tready) begin
          inside_q <= !m_tlast;
          own_q    <= !s_tready;
        end
        if (rst) inside_q <= 1'b0;
      end

      localparam logic [1:0] CHOOSE = 2'd0, PASS = 2'd1, OWN = 2'd2;
      (* hierconn *) wire        \dut.paused , \dut.quantum_q , \dut.toggle_q , \dut.toggle_s , \dut.i_toggle_sync.meta_q ;
      (* hierconn *) wire [1:0]  \dut.state_q ;
      (* hierconn *) wire [15:0] \dut.pause_q ;
      (* hierconn *) wire [WIDTH-1:0] \dut.own_q ;
      (* hierconn *) wire [$clog2(TICKS)-1:0] \dut.tick_q ;

      always_comb if (!rst) begin
        // Beats of the source pass as they are. A frame is all the source's or all the MAC's own.
        if (s_tvalid && s_tready) assert (m_tvalid && m_tready && m_tdata == s_tdata && m_tkeep == s_tkeep && m_tlast == s_tlast);
        if (inside_q && m_tvalid && m_tready) assert (own_q == !s_tready);
        if (m_tvalid && m_tready && !s_tready && !inside_q) assert (m_tdata[7:0] == 8'h01);
        // None begins while it is held, and what was begun is not held.
        if (held_q) assert (!(\dut.state_q == CHOOSE && m_tvalid));
        if (inside_q && !own_q && s_tvalid) assert (m_tvalid);
        if (over_q == 2'd3) assert (!\dut.paused );

        // Lemmas.
        assert (\dut.state_q != 2'd3);
        if (\dut.state_q == CHOOSE) assert (!inside_q);
        if (inside_q) assert (own_q == (\dut.state_q == OWN));
        else if (\dut.state_q == OWN) assert (\dut.own_q [7:0] == 8'h01);
        if (\dut.state_q == PASS && m_tvalid) assert (s_tvalid);
        assert ({\dut.toggle_q , \dut.toggle_s , \dut.i_toggle_sync.meta_q } == seen_q);
        if (\dut.pause_q == '0) assert (left_q == '0);
        else assert (left_q == {\dut.pause_q - 16'd1, \dut.tick_q } + 1'b1 - (\dut.quantum_q ? (16 + $clog2(TICKS))'(TICKS) : '0));
        if (\dut.quantum_q && \dut.pause_q != '0) assert (\dut.tick_q == '1);
        if (held_q) assert (\dut.paused );
        if (over_q >= 2'd1) assert (left_q == '0 && \dut.pause_q <= 16'd1);
        if (over_q >= 2'd2) assert (\dut.pause_q == '0);
      end
    end
  endgenerate

endmodule

`default_nettype wire
