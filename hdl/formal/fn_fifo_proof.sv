// prove order | WIDTH=8,DEPTH=4 | pdr | no record lost, repeated or reordered; never more than DEPTH + 1 inside; a record on offer stays; level is true
// mutant fn_fifo.sv | s/assign s_tready = !full_q;/assign s_tready = level != 3'd3;/
// prove order-deep | WIDTH=2,DEPTH=8 | pdr | the same, deeper
// mutant fn_fifo.sv | s/assign read = some_q/assign read = level > 4'd1/
// prove order-register | WIDTH=2,DEPTH=4,REGISTER=1 | pdr | the same with flip-flops behind the memory
// mutant fn_fifo.sv | s/assign read_ready = m_tready \|\| !m_tvalid;/assign read_ready = 1'b1;/
// prove order-sparse | WIDTH=2,DEPTH=4,SPARSE=1 | pdr | the same where m_tready decides nothing but m_tvalid
// mutant fn_fifo.sv | s/read_ready && !SPARSE/read_ready/
`default_nettype none

module fn_fifo_proof #(
  parameter int WIDTH = 8,
  parameter int DEPTH = 4,
  parameter bit REGISTER = 1'b0,
  parameter bit SPARSE = 1'b0
) (
  input wire logic             clk,
  input wire logic             mark,
  input wire logic [WIDTH-1:0] s_tdata,
  input wire logic             s_tvalid,
  input wire logic             m_tready
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic                   s_tready, m_tvalid;
  logic [WIDTH-1:0]       m_tdata;
  logic [$clog2(DEPTH):0] level;

  fn_fifo #(.WIDTH(WIDTH), .DEPTH(DEPTH), .REGISTER(REGISTER), .SPARSE(SPARSE)) dut (
    .clk(clk), .rst(rst), .s_tdata(s_tdata), .s_tvalid(s_tvalid), .s_tready(s_tready),
    .m_tdata(m_tdata), .m_tvalid(m_tvalid), .m_tready(m_tready), .level(level)
  );

  fn_order_properties #(.WIDTH(WIDTH), .ROOM(DEPTH + 1 + (REGISTER ? 1 : 0))) i_order (
    .clk(clk), .rst(rst), .mark(mark), .in(s_tvalid && s_tready), .in_record(s_tdata), .out(m_tvalid && m_tready), .out_record(m_tdata)
  );

  fn_axis_properties #(.USER_W(WIDTH)) i_sink (
    .clk(clk), .rst(rst), .tdata(8'd0), .tkeep(1'b1), .tvalid(m_tvalid), .tready(m_tready), .tlast(1'b1), .tuser(m_tdata));

  logic stored_q, left_q;
  logic [$clog2(DEPTH)+1:0] inside_q;
  always_ff @(posedge clk) begin
    stored_q <= level != '0 && !rst;
    left_q   <= m_tvalid && m_tready && !rst;
    inside_q <= rst ? '0 : inside_q + (s_tvalid && s_tready ? 1'b1 : 1'b0) - (m_tvalid && m_tready ? 1'b1 : 1'b0);
  end

  always_comb if (!rst) begin
    if (stored_q && !REGISTER) assert (m_tvalid == !(SPARSE && left_q));
    if (SPARSE && left_q) assert (!m_tvalid);
    if (!REGISTER) assert (inside_q == level + m_tvalid);
    else assert (inside_q >= level + m_tvalid && inside_q <= level + m_tvalid + 1);
    assert (s_tready == (level != DEPTH));
  end

endmodule

`default_nettype wire
