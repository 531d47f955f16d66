// prove times  | - | induction 6 | one launch after the other: its release comes in the third clock counted from the first that is not before its time, or at most three clocks behind the release before; never earlier, and each once
// mutant fn_tx_launch.sv | s/reached = ahead_q\[31:24\] != '0 \|\| ahead_q\[23:0\] == '0;/reached = ahead_q[31:24] != '0 || ahead_q[23:1] == '0;/
// prove frames | - | induction 6 | frames pass unchanged and whole, none without room for its launch, and no more stamps are owed than DEPTH
// mutant fn_tx_launch.sv | s/\(!stamps_q\[COUNT_W-1\] \|\| !stamp\)/1'b1/
`default_nettype none

module fn_tx_launch_proof #(
  parameter int DEPTH = 4
) (
  input wire logic       clk,
  input wire logic [3:0] step,      // ns that pass in this clock
  input wire logic [7:0] due_near,
  input wire logic       due_past,
  input wire logic [7:0] s_tdata,
  input wire logic       s_tvalid,
  input wire logic       s_tlast,
  input wire logic       s_launch,
  input wire logic       s_stamp,
  input wire logic       m_tready,
  input wire logic       stamp_taken
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  // Time passes. A launch time lies up to 255 ns ahead, or before: fn_tx_hold lets nobody farther.
  logic [31:0] now_q, due;
  always_ff @(posedge clk) now_q <= rst ? '0 : now_q + 32'(step);
  assign due = due_past ? now_q - 32'(due_near) : now_q + 32'(due_near);

  logic                     s_tready, m_tvalid, m_tlast, release_frame, idle;
  logic [1:0]               m_tuser;
  logic [7:0]               m_tdata;

  fn_tx_launch #(.DATA_W(8), .DEPTH(DEPTH)) dut (
    .clk(clk), .rst(rst), .now(now_q), .latency(16'd0),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(1'b1), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast),
    .s_axis_tuser({due, s_launch, s_stamp}),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tuser(m_tuser),
    .release_frame(release_frame), .stamp_taken(stamp_taken), .idle(idle)
  );

  logic first_q, begins;
  assign begins = s_tvalid && s_tready && first_q;
  always_ff @(posedge clk) begin
    if (s_tvalid && s_tready) first_q <= s_tlast;
    if (rst) first_q <= 1'b1;
  end

  // The launch that is first of those to come. That they are in order is for fn_fifo to prove, in whose place stands one that holds anything.
  (* hierconn *) wire [$clog2(DEPTH):0] \dut.stamps_q , \dut.level ;
  (* hierconn *) wire \dut.due_ready , \dut.due_valid , \dut.settled_q , \dut.first_q ;
  (* hierconn *) wire [31:0] \dut.due , \dut.ahead_q ;

  logic [31:0] left, left1_q;
  logic        reached, reached1_q, reached2_q, fresh_q;
  logic [2:0]  late_q;       // clocks for which its time has come
  logic [4:0]  waiting_q;    // launches to come
  assign left    = \dut.due - now_q;
  assign reached = left == '0 || left[31:24] != '0;

  always_ff @(posedge clk) begin
    waiting_q  <= waiting_q + 5'(begins && s_launch) - 5'(release_frame);
    left1_q    <= left;
    reached1_q <= \dut.due_valid && !release_frame && reached;
    reached2_q <= reached1_q && !release_frame;
    fresh_q    <= release_frame;
    late_q     <= \dut.due_valid && !release_frame && reached ? late_q + 1'b1 : '0;
    if (rst) begin
      waiting_q  <= '0;
      reached1_q <= 1'b0;
      reached2_q <= 1'b0;
      late_q     <= '0;
      fresh_q    <= 1'b0;
    end
  end

  // Stamps owed, counted apart. The environment takes only what is owed.
  logic [3:0] owed_q;
  always_ff @(posedge clk) owed_q <= rst ? '0 : owed_q + 4'(begins && s_stamp) - 4'(stamp_taken);
  always_comb if (stamp_taken) assume (owed_q != '0);

  logic       waiting_s_q;
  logic [4:0] s_q;
  always_ff @(posedge clk) begin
    waiting_s_q <= s_tvalid && !s_tready && !rst;
    s_q <= {s_tlast, s_launch, s_stamp, 2'b00};
  end
  always_comb if (waiting_s_q) assume (s_tvalid && {s_tlast, s_launch, s_stamp, 2'b00} == s_q);

  always_comb if (!rst) begin
    if (release_frame) assert (\dut.due_valid && reached2_q);
    assert (late_q <= 3'd2);  // in the third clock it is released: then it is not first any more
    if (m_tvalid) assert (s_tvalid && m_tdata == s_tdata && m_tuser == {s_launch, s_stamp} && m_tlast == s_tlast);
    if (s_tready) assert (m_tready && (m_tvalid || !s_tvalid));
    if (s_tvalid && m_tready && !first_q) assert (s_tready);
    assert (owed_q <= DEPTH);
    if (begins && s_launch) assert (\dut.due_ready );
    if (idle) assert (waiting_q == '0);

    // Lemmas.
    assert (\dut.level <= DEPTH);
    assert (first_q == \dut.first_q && owed_q == 4'(\dut.stamps_q ) && waiting_q == 5'(\dut.level ) + 5'(\dut.due_valid ));
    if (\dut.settled_q ) assert (\dut.due_valid && \dut.ahead_q == left1_q);
  end

endmodule

// In the place of the FIFO of launch times: as many records, of any value; the one on offer stays.
module fn_fifo #(
  parameter int WIDTH = 32,
  parameter int DEPTH = 16
) (
  input  wire logic               clk,
  input  wire logic               rst,
  input  wire logic [WIDTH-1:0]   s_tdata,
  input  wire logic               s_tvalid,
  output logic                    s_tready,
  output logic [WIDTH-1:0]        m_tdata,
  output logic                    m_tvalid,
  input  wire logic               m_tready,
  output logic [$clog2(DEPTH):0]  level
);
  (* anyseq *) logic [WIDTH-1:0] any;
  assign s_tready = level != ($clog2(DEPTH) + 1)'(DEPTH);
  logic read;
  assign read = level != '0 && (m_tready || !m_tvalid);
  always_ff @(posedge clk) begin
    if (m_tready || !m_tvalid) m_tvalid <= read;
    if (read) m_tdata <= any;
    level <= level + ($clog2(DEPTH) + 1)'(s_tvalid && s_tready) - ($clog2(DEPTH) + 1)'(read);
    if (rst) begin
      level    <= '0;
      m_tvalid <= 1'b0;
    end
  end
endmodule

`default_nettype wire
