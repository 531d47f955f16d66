// prove ring  | WORDS=4,SIZE=2 | induction 12 | an entry is begun only where the driver has taken the one before: begun, done and consumed never pass one another; each has its own place in the ring
// mutant fn_completion_ring.sv | s/<= mask;/<= mask + 16'd1;/
// prove phase | WORDS=8,SIZE=3 | induction 12 | the same with long entries; the phase turns with every pass of the ring, and only then
// mutant fn_completion_ring.sv | s/assign phase   = !next_q\[size\];/assign phase = !next_q[0];/
// The driver takes entries, never more than were done. An entry is begun only with room, and done only when begun.
`default_nettype none

module fn_completion_ring_proof #(
  parameter int WORDS = 4,
  parameter int SIZE  = 2  // log2 of the ring's entries
) (
  input wire logic       clk,
  input wire logic       start,
  input wire logic [1:0] takes,  // entries that the driver takes
  input wire logic       take,
  input wire logic       done
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic [15:0] consumer_q, producer;
  logic [63:0] address;
  logic        room, phase, quiet;

  fn_completion_ring #(.WORDS(WORDS)) dut (
    .clk(clk), .rst(rst), .start(start), .base(64'd0), .size(SIZE[3:0]), .consumer(consumer_q), .producer(producer),
    .room(room), .address(address), .phase(phase), .take(take), .done(done), .quiet(quiet)
  );

  // Counted apart from the module: entries begun and not done, done and not taken; the place of the next one and its pass.
  logic [SIZE:0]   begun_q, waiting_q;
  logic [SIZE-1:0] place_q;
  logic            pass_q;
  always_comb begin
    if (take) assume (room);
    if (done) assume (begun_q != '0);
    assume (takes <= waiting_q);
  end

  always_ff @(posedge clk) begin
    consumer_q <= consumer_q + takes;
    begun_q    <= begun_q + take - done;
    waiting_q  <= waiting_q + done - takes;
    if (take) {pass_q, place_q} <= {pass_q, place_q} + 1'b1;
    if (rst || start) begin
      consumer_q <= '0;
      begun_q    <= '0;
      waiting_q  <= '0;
      place_q    <= '0;
      pass_q     <= 1'b0;
    end
  end

  (* hierconn *) wire [15:0] \dut.next_q ;
  logic [15:0] written, owed;
  assign written = producer - consumer_q;
  assign owed    = \dut.next_q - producer;

  always_comb if (!rst) begin
    assert (begun_q + waiting_q <= (1 << SIZE));
    assert (room == (begun_q + waiting_q < (1 << SIZE)));
    assert (written == 16'(waiting_q) && owed == 16'(begun_q));
    assert (quiet == (begun_q == '0));
    assert (\dut.next_q [SIZE:0] == {pass_q, place_q});
    assert (address == 64'(place_q) * (WORDS * 4));
    assert (phase == !pass_q);
  end

endmodule

`default_nettype wire
