// prove slots | - | pdr | a tag that timed out, whose completion may still come, is never taken again, however long it runs; a slot without another is given up; slots are taken only when free; those taken and those in the order of retirement are as many; only a finished read is retired
// mutant fn_dma_read.sv | s/\*GEN_W\+:GEN_W\] <= next_generation;/*GEN_W+:GEN_W] <= head_generation;/
// prove completions | - | pdr | a completion is taken to the end under the tag of a read that is out, which does not time out meanwhile, whatever the root sends
// mutant fn_dma_read_receive.sv | s/assign slot_busy = beat_q \|\| count_q == 2'd2;/assign slot_busy = beat_q;/
// The module with all its stations and two tags, for any length of run.
`default_nettype none

module fn_dma_read_proof (
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

  logic quiet;

  always_comb if (s_valid) assume (s_length != '0 && s_length <= 13'd4096);

  fn_dma_read #(.READ_TAGS(2), .CLIENT_W(1)) dut (
    .clk(clk), .rst(rst), .rst_tags(rst), .cfg_completer_id(16'd0), .cfg_max_read_request(max_read_request), .read_timeout(read_timeout), .enable(enable),
    .s_valid(s_valid), .s_ready(), .s_address(s_address), .s_length(s_length), .s_client(1'b0), .s_last(s_last),
    .m_valid(), .m_ready(m_ready), .m_data(), .m_offset(), .m_count(), .m_last(), .m_client(), .m_status(),
    .m_axis_tdata(), .m_axis_tkeep(), .m_axis_tvalid(), .m_axis_tready(tlp_ready), .m_axis_tlast(),
    .s_axis_cpl_tdata(cpl_tdata), .s_axis_cpl_half(cpl_half), .s_axis_cpl_tvalid(cpl_tvalid), .s_axis_cpl_tlast(cpl_tlast),
    .sent(), .failed(), .timed_out(), .unexpected(), .quiet(quiet), .idle()
  );

  (* hierconn *) wire        \dut.take , \dut.slot_void , \dut.slot , \dut.release_head , \dut.head , \dut.expired , \dut.look_q ;
  (* hierconn *) wire [1:0]  \dut.busy_q , \dut.waiting_q , \dut.order_wr_q , \dut.order_rd_q , \dut.dead_q ;
  (* hierconn *) wire [7:0]  \dut.generation_q ;
  (* hierconn *) wire [31:0] \dut.lost_q ;

  (* hierconn *) wire        \dut.update , \dut.rx_slot , \dut.u_receive.accept_q , \dut.u_receive.beat_q , \dut.u_receive.header_q ;
  (* hierconn *) wire [1:0]  \dut.u_receive.count_q ;

  // By {slot, generation}: tags whose read timed out, noted apart.
  logic [31:0] late_q;
  logic [4:0]  taken, expired_tag;
  logic [3:0]  generation0, generation1;
  assign generation0 = \dut.generation_q [3:0];
  assign generation1 = \dut.generation_q [7:4];
  assign taken       = {\dut.slot , \dut.slot ? generation1 : generation0};
  assign expired_tag = {\dut.look_q , \dut.look_q ? generation1 : generation0};
  always_ff @(posedge clk) begin
    if (\dut.expired ) late_q[expired_tag] <= 1'b1;
    if (rst) late_q <= '0;
  end

  logic [1:0] held;
  assign held = \dut.order_wr_q - \dut.order_rd_q ;

  always_comb if (!rst) begin
    assert ((\dut.waiting_q & ~\dut.busy_q ) == '0);
    assert (held == {1'b0, \dut.busy_q [0]} + {1'b0, \dut.busy_q [1]});
    if (\dut.take ) assert (!\dut.busy_q [\dut.slot ]);
    if (\dut.take && !\dut.slot_void ) assert (!late_q[taken]);
    if (\dut.slot_void ) assert (&late_q);
    if (\dut.release_head ) assert (\dut.busy_q [\dut.head ] && !\dut.waiting_q [\dut.head ]);
    if (quiet) assert (\dut.waiting_q == '0);

    if (\dut.update ) assert (\dut.waiting_q [\dut.rx_slot ]);

    // Lemmas.
    if (\dut.u_receive.accept_q && (\dut.u_receive.beat_q ? !\dut.u_receive.header_q : \dut.u_receive.count_q == 2'd2))
      assert (\dut.waiting_q [\dut.rx_slot ]);
    assert (late_q == \dut.lost_q );
    if (\dut.waiting_q [0]) assert (!late_q[{1'b0, generation0}]);
    if (\dut.waiting_q [1]) assert (!late_q[{1'b1, generation1}]);
    if (!\dut.busy_q [0]) assert (\dut.dead_q [0] == &late_q[15:0] && (\dut.dead_q [0] || !late_q[{1'b0, generation0}]));
    if (!\dut.busy_q [1]) assert (\dut.dead_q [1] == &late_q[31:16] && (\dut.dead_q [1] || !late_q[{1'b1, generation1}]));
    if (\dut.dead_q [0]) assert (&late_q[15:0] && !\dut.waiting_q [0]);
    if (\dut.dead_q [1]) assert (&late_q[31:16] && !\dut.waiting_q [1]);
    if (held == 2'd1) assert (\dut.busy_q [\dut.head ]);
  end

endmodule

`default_nettype wire
