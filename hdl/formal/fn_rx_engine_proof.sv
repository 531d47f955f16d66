// prove fair | QUEUES=3 | pdr | receive queues: who has a frame, a buffer and room for its entry all the time waits for at most QUEUES - 1 frames of others; one begins at a time, and only one that has all three; who has none of them holds nobody up
// mutant fn_rx_engine.sv | s/if \(able\[i\] && QUEUE_W'\(i\) > frame_queue\)/if (able[i] \&\& QUEUE_W'(i) >= frame_queue)/
`default_nettype none

module fn_rx_engine_proof #(
  parameter int QUEUES = 3
) (
  input wire logic              clk,
  input wire logic [QUEUES-1:0] arrives,
  input wire logic [QUEUES-1:0] queue_ready,
  input wire logic [255:0]      metadata,
  input wire logic [15:0]       room,
  input wire logic              read_ready,
  input wire logic              s_tvalid,
  input wire logic              s_tlast,
  input wire logic              w_ready,
  input wire logic              w_tready
);

  localparam int QUEUE_W = $clog2(QUEUES);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic [QUEUES-1:0]  waiting_q, begins;
  logic [QUEUE_W-1:0] frame_queue;
  logic               take, idle;

  fn_rx_engine #(.RX_QUEUES(QUEUES), .TAG_W(3)) dut (
    .clk(clk), .rst(rst), .waiting(waiting_q), .frame_queue(frame_queue), .take(take), .metadata(metadata), .read(), .read_ready(read_ready), .read_beats(),
    .read_skip(), .s_axis_tdata('0), .s_axis_tvalid(s_tvalid), .s_axis_tready(), .s_axis_tlast(s_tlast),
    .queue_ready(queue_ready), .buffer_address('0), .buffer_length({QUEUES{room}}), .buffer_position('0), .entry_address('0), .entry_phase('0),
    .begin_frame(begins),
    .w_valid(), .w_ready(w_ready), .w_address(), .w_length(), .w_tag(), .w_axis_tdata(), .w_axis_tvalid(), .w_axis_tready(w_tready), .w_axis_tlast(),
    .idle(idle)
  );

  // A frame waits until it is taken; others may wait behind it.
  always_ff @(posedge clk) waiting_q <= rst ? '0 : (waiting_q & ~(take ? QUEUES'(1) << frame_queue : '0)) | arrives;

  (* hierconn *) wire [1:0] \dut.state_q ;
  logic [QUEUES-1:0] able, able_q;
  logic              choosing_q;
  assign able = waiting_q & queue_ready;
  always_ff @(posedge clk) begin
    able_q     <= able;
    choosing_q <= \dut.state_q == 2'd0 && able != '0 && !rst;
  end

  always_comb if (!rst) begin
    assert ((begins & (begins - 1'b1)) == '0 && (begins & ~able) == '0 && take == (begins != '0));
    if (idle) assert (able == '0);
    // One that can begin does so in the next clock, whoever else cannot.
    if (choosing_q && (able_q & ~queue_ready) == '0) assert (begins != '0);
  end

  for (genvar i = 0; i < QUEUES; i++) begin : g_fair
    logic [2:0] passed_q;
    always_ff @(posedge clk) begin
      if (!able[i] || begins[i] || rst) passed_q <= '0;
      else if (begins != '0 && passed_q != '1) passed_q <= passed_q + 1'b1;
    end
    always_comb if (!rst) assert (passed_q <= QUEUES - 1);
  end

endmodule

`default_nettype wire
