// prove beat  | FRAME_MODE=0 | pdr clocks | any two clocks: stream protocol on both sides; no beat lost, repeated or reordered; only one bit of what crosses changes at a time
// mutant fn_axis_async_fifo.sv | s/assign full          = to_gray\(wr_q\) ==/assign full = to_gray(wr_q + 1'b1) !=/
// prove frame | FRAME_MODE=1 | pdr clocks | the same; frames come out whole and unpaused; only one longer than the FIFO is dropped, whole
// mutant fn_axis_async_fifo.sv | s/if \(s_axis_tlast \|\| !FRAME_MODE\) begin/if (1'b1) begin/
// prove gray  | FRAME_MODE=0 | pdr clocks | the same; with a counter that crosses in binary it fails
// mutant fn_axis_async_fifo.sv | s/rd_gray_q <= to_gray\(rd_d\);/rd_gray_q <= rd_d;/
`default_nettype none

module fn_axis_async_fifo_proof #(
  parameter int DEPTH      = 4,
  parameter bit FRAME_MODE = 1'b0
) (
  input wire logic       s_clk,
  input wire logic       m_clk,
  input wire logic [3:0] chosen,
  input wire logic       s_bit,
  input wire logic       s_tvalid,
  input wire logic       s_tlast,
  input wire logic       s_tuser,
  input wire logic       m_tready
);

  // Both resets for at least 4 clocks of each side.
  logic [2:0] s_count_q = '0, m_count_q = '0;
  logic       rst;
  always_ff @(posedge s_clk) if (!s_count_q[2]) s_count_q <= s_count_q + 1'b1;
  always_ff @(posedge m_clk) if (!m_count_q[2]) m_count_q <= m_count_q + 1'b1;
  assign rst = !(s_count_q[2] && m_count_q[2]);

  logic [7:0] s_tdata, m_tdata;
  logic       s_tready, m_tvalid, m_tlast, m_tuser, m_tkeep, overflow, m_empty;
  assign s_tdata = {7'd0, s_bit};  // the FIFO does not look at data: one bit of it stands for all

  fn_axis_async_fifo #(.DATA_W(8), .USER_W(1), .DEPTH(DEPTH), .FRAME_MODE(FRAME_MODE)) dut (
    .s_clk(s_clk), .s_rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(1'b1), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .overflow(overflow),
    .m_clk(m_clk), .m_rst(rst),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tuser(m_tuser),
    .m_empty(m_empty)
  );

  fn_axis_properties #(.ASSUME(1'b1)) i_source (
    .clk(s_clk), .rst(rst), .tdata(s_tdata), .tkeep(1'b1), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser(s_tuser));
  fn_axis_properties i_sink (
    .clk(m_clk), .rst(rst), .tdata(m_tdata), .tkeep(m_tkeep), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast), .tuser(m_tuser));

  (* hierconn *) wire [$clog2(DEPTH):0] \dut.units_gray_q , \dut.rd_gray_q , \dut.wr_q , \dut.commit_q , \dut.rd_q , \dut.started_q , \dut.units_q ;

  // Beats are numbered on both sides, and the chosen one compared; more numbers than beats can be inside, stored or on their way in.
  logic [3:0] in_q, start_q, before_q, in, start;  // of the next beat; of its frame's first; of the frame's before
  logic [3:0] out_q, number_q;
  logic [2:0] record_q, gray_q;
  logic [2:0] read_gray_q;
  logic       inside_q, ended_q, long_q, take, counts;

  // A frame that was dropped gives its numbers back.
  assign in     = overflow ? before_q : in_q;
  assign start  = overflow ? before_q : start_q;
  assign take   = s_tvalid && s_tready;
  assign counts = take && in - start <= DEPTH;

  always_ff @(posedge s_clk) begin
    in_q    <= in + counts;
    start_q <= start;
    if (counts && in == number_q) record_q <= {s_tuser, s_tlast, s_bit};
    ended_q <= take && s_tlast;
    if (take && (s_tlast || !FRAME_MODE)) begin
      before_q <= start;
      start_q  <= in + counts;
      long_q   <= in - start >= DEPTH;
    end
    gray_q <= \dut.units_gray_q ;
    if (rst) begin
      in_q     <= '0;
      start_q  <= '0;
      ended_q  <= 1'b0;
      number_q <= chosen;
    end
  end

  always_ff @(posedge m_clk) begin
    out_q       <= rst ? '0 : out_q + (m_tvalid && m_tready);
    inside_q    <= !rst && (m_tvalid && m_tready ? !m_tlast : inside_q);
    read_gray_q <= \dut.rd_gray_q ;
  end

  logic [2:0] forward, backward;
  assign forward  = gray_q ^ \dut.units_gray_q ;
  assign backward = read_gray_q ^ \dut.rd_gray_q ;

  logic [3:0] whole;  // beats of whole frames, or simply beats, inside
  assign whole = start - out_q;

  always_comb if (!rst) begin
    assert (whole <= DEPTH + 1);
    if (m_tvalid) assert (whole != '0);
    if (m_tvalid && out_q == number_q) assert ({m_tuser, m_tlast, m_tdata[0]} == record_q);
    if (FRAME_MODE && inside_q) assert (m_tvalid);
    if (overflow) assert (FRAME_MODE && ended_q);
    if (FRAME_MODE && ended_q) assert (overflow == long_q);
    assert ((forward & (forward - 1'b1)) == '0);
    assert ((backward & (backward - 1'b1)) == '0);
    if (m_empty) assert (!m_tvalid);
  end

endmodule

`default_nettype wire
