// prove tags | - | search 24 | two tags: a slot is taken only when free and never under a tag that timed out; slots taken and slots in the order of retirement are as many; only a finished read is retired
// mutant fn_dma_read.sv | s/if \(!busy_q\[i\] && /if (!waiting_q[i] \&\& /
`default_nettype none

module fn_dma_read_tags_proof (
  input wire logic        clk,
  input wire logic [2:0]  max_read_request,
  input wire logic [31:0] read_timeout,
  input wire logic        enable,
  input wire logic        s_valid,
  input wire logic [63:0] s_address,
  input wire logic [12:0] s_length,
  input wire logic        s_last,
  input wire logic        m_ready,
  input wire logic        tlp_ready,
  input wire logic [63:0] cpl_tdata,
  input wire logic        cpl_half,
  input wire logic        cpl_tvalid,
  input wire logic        cpl_tlast
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic [63:0] tlp_tdata;
  logic        s_ready, tlp_tvalid, tlp_tlast, timed_out, quiet;

  fn_dma_read #(.READ_TAGS(2), .CLIENT_W(1)) dut (
    .clk(clk), .rst(rst), .rst_tags(rst), .cfg_completer_id(16'd0), .cfg_max_read_request(max_read_request), .read_timeout(read_timeout), .enable(enable),
    .s_valid(s_valid), .s_ready(s_ready), .s_address(s_address), .s_length(s_length), .s_client(1'b0), .s_last(s_last),
    .m_valid(), .m_ready(m_ready), .m_data(), .m_offset(), .m_count(), .m_last(), .m_client(), .m_status(),
    .m_axis_tdata(tlp_tdata), .m_axis_tkeep(), .m_axis_tvalid(tlp_tvalid), .m_axis_tready(tlp_ready), .m_axis_tlast(tlp_tlast),
    .s_axis_cpl_tdata(cpl_tdata), .s_axis_cpl_half(cpl_half), .s_axis_cpl_tvalid(cpl_tvalid), .s_axis_cpl_tlast(cpl_tlast),
    .sent(), .failed(), .timed_out(timed_out), .unexpected(), .quiet(quiet), .idle()
  );

  always_comb if (s_valid) assume (s_length != '0 && s_length <= 13'd4096);

  (* hierconn *) wire        \dut.take , \dut.slot_void , \dut.slot , \dut.release_head , \dut.head , \dut.expired , \dut.look_q ;
  (* hierconn *) wire [1:0]  \dut.busy_q , \dut.waiting_q , \dut.order_wr_q , \dut.order_rd_q ;
  (* hierconn *) wire [7:0]  \dut.generation_q ;
  (* hierconn *) wire [31:0] \dut.lost_q ;

  // Tags of both slots, as they go on the link: {generation, slot}. `taken` is the tag of a read that is begun now.
  logic [4:0]  tag0, tag1, taken, expired_tag;
  logic [31:0] dead_q;  // tags that timed out
  assign tag0        = {\dut.generation_q [3:0], 1'b0};
  assign tag1        = {\dut.generation_q [7:4], 1'b1};
  assign taken       = \dut.slot ? tag1 : tag0;
  assign expired_tag = \dut.look_q ? tag1 : tag0;
  always_ff @(posedge clk) begin
    if (\dut.expired ) dead_q[expired_tag] <= 1'b1;
    if (rst) dead_q <= '0;
  end

  logic [1:0] held;
  assign held = \dut.order_wr_q - \dut.order_rd_q ;

  always_comb if (!rst) begin
    assert ((\dut.waiting_q & ~\dut.busy_q ) == '0);
    assert (held == {1'b0, \dut.busy_q [0]} + {1'b0, \dut.busy_q [1]});
    if (\dut.take ) assert (!\dut.busy_q [\dut.slot ]);
    if (\dut.take && !\dut.slot_void ) assert (!dead_q[taken]);
    if (\dut.release_head ) assert (\dut.busy_q [\dut.head ] && !\dut.waiting_q [\dut.head ]);
    if (quiet) assert (\dut.waiting_q == '0);
  end

endmodule

`default_nettype wire
