// prove ring | SIZE=4 | induction 8 | the fetcher never passes the producer, never reads across the ring's end or 128 bytes, never loses a unit; room reserved + free = DEPTH
// mutant fn_ring_fetch.sv | s/if \(wanted < \{12'd0, burst\}\) burst = wanted\[3:0\];/if (wanted == '0) burst = '0;/
// prove room | SIZE=3 | induction 8 | the same in the smallest ring; a unit's room comes back when it is taken and never otherwise
// mutant fn_ring_fetch.sv | s/\+ \(pop \? COUNT_W'\(1\) : '0\);/+ (m_ready ? COUNT_W'(1) : '0);/
// prove stop | SIZE=4 | induction 8 | after a stop nothing is out and nothing is left in the FIFO when `active` falls
// mutant fn_ring_fetch.sv | s/assign flush = !enable && !req_valid && reads_q == '0;/assign flush = !enable \&\& !req_valid;/
// The memory answers each read with two beats a unit, in any rhythm, with or without an error. The driver adds units while there is room.
`default_nettype none

module fn_ring_fetch_proof #(
  parameter int SIZE  = 4,  // log2 of the ring's units
  parameter int DEPTH = 8
) (
  input wire logic       clk,
  input wire logic       enable,
  input wire logic [1:0] adds,       // units that the driver adds
  input wire logic       req_ready,
  input wire logic       s_valid,
  input wire logic       s_last,
  input wire logic       s_failed,
  input wire logic       m_ready
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic [15:0]  consumer, producer_q, ahead;
  logic [7:0]   error;
  logic         active, caught_up, idle, req_valid, m_valid;
  logic [63:0]  req_address;
  logic [12:0]  req_length;
  logic [127:0] m_unit;

  fn_ring_fetch #(.DEPTH(DEPTH)) dut (
    .clk(clk), .rst(rst), .enable(enable), .base(64'd0), .size(SIZE[3:0]), .producer(producer_q), .consumer(consumer), .error(error),
    .active(active), .caught_up(caught_up), .idle(idle), .req_valid(req_valid), .req_ready(req_ready), .req_address(req_address),
    .req_length(req_length), .s_data('0), .s_valid(s_valid), .s_last(s_last), .s_status({3'd0, s_failed}),
    .m_unit(m_unit), .m_valid(m_valid), .m_ready(m_ready)
  );

  (* hierconn *) wire [15:0] \dut.asked_q ;
  (* hierconn *) wire [3:0]  \dut.free_q , \dut.level ;
  (* hierconn *) wire [3:0]  \dut.reads_q ;
  (* hierconn *) wire        \dut.u_fifo.some_q , \dut.push , \dut.fifo_ready , \dut.flush , \dut.half_q ;

  // The driver starts a queue with its producer at 0 and then keeps it within a ring of what was fetched.
  assign ahead = producer_q - consumer;
  always_ff @(posedge clk) begin
    if (rst || !active) producer_q <= '0;
    else producer_q <= producer_q + adds;
  end
  always_comb if (active) assume (ahead + adds <= (16'd1 << SIZE));

  // The memory: beats and reads that it owes. A read's last beat is its last, and each has two at least.
  logic [5:0] beats_q;
  logic [3:0] reads_q;
  logic       asked;
  assign asked = req_valid && req_ready;
  always_ff @(posedge clk) begin
    beats_q <= beats_q + (asked ? {1'b0, req_length[7:3]} : 6'd0) - s_valid;
    reads_q <= reads_q + asked - (s_valid && s_last);
    if (rst) begin
      beats_q <= '0;
      reads_q <= '0;
    end
  end
  always_comb begin
    if (s_valid) assume (beats_q != '0);
    if (s_valid && s_last) assume (beats_q[0]);
    if (s_valid && s_last) assume (reads_q == 4'd1 ? beats_q == 6'd1 : beats_q > 6'd1);
    if (s_valid && !s_last) assume ({beats_q[5:1], 1'b0} >= {1'b0, reads_q, 1'b0});
    if (s_valid && reads_q == 4'd1) assume (s_last == (beats_q == 6'd1));
  end

  logic [5:0]  arriving;  // units that were asked for and are not here
  logic        failed_q;  // an error came: units are thrown away, and their room with them, until the stop
  assign arriving = (beats_q + (req_valid ? {1'b0, req_length[7:3]} : 6'd0) + 6'd1) >> 1;
  always_ff @(posedge clk) failed_q <= !rst && !\dut.flush && (failed_q || (s_valid && s_failed));

  logic [15:0] reserved;
  assign reserved = \dut.asked_q - consumer;

  always_comb if (!rst) begin
    // Consumer, asked and producer keep their order around the ring.
    if (active) begin
      assert (ahead <= (16'd1 << SIZE));
      assert (reserved <= ahead);
      assert (failed_q ? reserved >= {10'd0, arriving} : reserved == {10'd0, arriving});
    end
    if (req_valid) begin
      assert (req_length != '0 && req_length <= 13'd128 && req_length[3:0] == '0);
      assert ({6'd0, req_address[6:0]} + req_length <= 13'd128);
      assert (req_address + {51'd0, req_length} <= (64'd16 << SIZE));
    end
    // Room.
    assert (\dut.level <= DEPTH && \dut.u_fifo.some_q == (\dut.level != '0));
    if (\dut.push && !\dut.flush ) assert (\dut.fifo_ready );
    if (failed_q) assert ({2'd0, \dut.free_q } + {2'd0, \dut.level } + {5'd0, m_valid} + arriving <= DEPTH);
    else assert ({2'd0, \dut.free_q } + {2'd0, \dut.level } + {5'd0, m_valid} + arriving == DEPTH);
    // What is out.
    assert (\dut.reads_q == reads_q);
    assert ((reads_q == '0) == (beats_q == '0) && beats_q + 6'd1 >= {1'b0, reads_q, 1'b0});
    assert (beats_q <= 2 * DEPTH);
    assert (failed_q == (error != '0));
    if (active) assert (\dut.half_q == beats_q[0]);
    if (!active) assert (beats_q == '0 && !req_valid && !m_valid && \dut.level == '0 && !failed_q);
    if (caught_up) assert (!m_valid && \dut.level == '0);
  end

endmodule

`default_nettype wire
