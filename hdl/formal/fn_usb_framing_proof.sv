// prove resync | - | pdr | behind the next flag it makes no difference what came before: a deframer that was fed garbage takes out what another does
// mutant fn_usb_deframe.sv | s/escaped_q <= !is_flag && !escaped_q && s_tdata == ESCAPE;/escaped_q <= !escaped_q \&\& s_tdata == ESCAPE || is_flag \&\& escaped_q;/
// The check is not the CRC here, which has proofs of its own, but a plain sum: looked at is where it stands and what is made of it.
`default_nettype none

module fn_usb_framing_proof (
  input wire logic       clk,
  input wire logic [7:0] s_tdata,
  input wire logic       s_tvalid,
  input wire logic       joins,
  input wire logic       m_tready,
  input wire logic [7:0] garbage,
  input wire logic       feed
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  // Two deframers with the same bytes, but for what one was fed before; both stand still together.
  logic [7:0] a_tdata, b_tdata;
  logic       flag_q, settled_q, a_tready, b_tready, a_tvalid, b_tvalid, a_tlast, b_tlast, a_tbad, b_tbad, a_bad, b_bad, both, common_q, synced_q;

  assign both = a_tready && b_tready;
  fn_usb_deframe dut (
    .clk(clk), .rst(rst), .s_tdata(common_q ? s_tdata : garbage), .s_tvalid(common_q ? s_tvalid && both : feed), .s_tready(a_tready),
    .m_tdata(a_tdata), .m_tvalid(a_tvalid), .m_tready(m_tready), .m_tlast(a_tlast), .m_tbad(a_tbad), .bad(a_bad));
  fn_usb_deframe plain (
    .clk(clk), .rst(rst), .s_tdata(s_tdata), .s_tvalid(common_q && s_tvalid && both), .s_tready(b_tready),
    .m_tdata(b_tdata), .m_tvalid(b_tvalid), .m_tready(m_tready), .m_tlast(b_tlast), .m_tbad(b_tbad), .bad(b_bad));

  always_ff @(posedge clk) begin
    if (joins) common_q <= 1'b1;  // when the engine likes
    if (common_q && s_tvalid && both && s_tdata == 8'h7E) flag_q <= 1'b1;
    if (flag_q && both) synced_q <= 1'b1;
    if (rst) {common_q, flag_q, synced_q} <= '0;
  end

  (* hierconn *) wire \dut.escaped_q , \plain.escaped_q ;
  (* hierconn *) wire [2:0] \dut.held_q , \plain.held_q ;

  always_comb if (!rst && flag_q) begin
    assert (\dut.escaped_q == \plain.escaped_q && \dut.held_q == \plain.held_q );
  end
  // What came of the bytes before the flag has left.
  always_ff @(posedge clk) settled_q <= synced_q && !rst;
  always_comb if (!rst && settled_q) begin
    assert (a_tvalid == b_tvalid);
    if (a_tvalid) assert ({a_tdata, a_tlast} == {b_tdata, b_tlast} && (!a_tlast || a_tbad == b_tbad));
    assert (a_bad == b_bad);
  end

endmodule

// In the place of the CRC: the bytes' sum modulo 2, and three zeros. Behind such a check nothing is left of the sum.
module fn_crc32 #(
  parameter int DATA_W = 8
) (
  input  wire logic                clk,
  input  wire logic                en,
  input  wire logic                first,
  input  wire logic [DATA_W-1:0]   data,
  input  wire logic [DATA_W/8-1:0] keep,
  output logic [31:0]              fcs,
  output logic                     good
);
  logic [7:0] sum_q;
  always_ff @(posedge clk) if (en) sum_q <= (first ? 8'd0 : sum_q) ^ (data[7:0] & {8{keep[0]}});
  assign fcs  = {24'd0, sum_q};
  assign good = sum_q == '0;
endmodule

`default_nettype wire
