// prove choice  | QUEUES=3 | pdr | one queue at a time is found, one that has a packet, is not held, has its pace's leave and the highest priority of those, and has credit left
// mutant fn_tx_scheduler.sv | s/first\[i\] = eligible\[i\] && level\[3\*i\+:3\] == top;/first[i] = eligible[i];/
// prove share   | QUEUES=2,WAIT=2 | induction 1 abc | nobody starves: who may send all the time, of one priority with the others, sees a bounded number of packets of others pass, whatever their lengths
// mutant fn_tx_scheduler.sv | s/if \(mine\) credit_q/if (mine \&\& i == 0) credit_q/
`default_nettype none

module fn_tx_scheduler_proof #(
  parameter int QUEUES = 2,
  parameter int WAIT   = 0   // packets of others that may pass; 0: not looked at
) (
  input wire logic                clk,
  input wire logic [QUEUES-1:0]   offer,
  input wire logic [QUEUES-1:0]   hold,
  input wire logic [3*QUEUES-1:0] level,
  input wire logic [8*QUEUES-1:0] weight,
  input wire logic                takes,
  input wire logic [5:0]          more,
  input wire logic [19:0]         any_length,
  input wire logic                look
);

  localparam int QUEUE_W = QUEUES > 1 ? $clog2(QUEUES) : 1;

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic               found, take, take_q, idle;
  logic [QUEUE_W-1:0] pick;
  logic [QUEUES-1:0]  valid, valid_q;
  logic [19:0]        length;

  // Of packets between 64 and 127 bytes and of weights of 1, where the number that pass is looked at.
  assign length = WAIT != 0 ? {13'd0, 1'b1, more} : any_length;

  fn_tx_scheduler #(.TX_QUEUES(QUEUES)) dut (
    .clk(clk), .rst(rst), .valid(valid), .hold(WAIT != 0 ? '0 : hold), .level(WAIT != 0 ? '0 : level), .weight(WAIT != 0 ? {QUEUES{8'd1}} : weight),
    .rate('0), .burst('0), .look(WAIT != 0 ? !take_q : look && !take_q), .found(found), .pick(pick), .take(take), .length(length), .idle(idle)
  );

  // A packet waits until it is taken.
  assign valid = valid_q | offer;
  assign take  = found && takes;
  always_ff @(posedge clk) begin
    take_q  <= take;
    valid_q <= valid;
    if (take) valid_q[pick] <= 1'b0;
    if (rst) begin
      take_q  <= 1'b0;
      valid_q <= '0;
    end
  end

  (* hierconn *) wire [QUEUES-1:0]  \dut.candidates_q , \dut.turn ;
  (* hierconn *) wire               \dut.taken_q ;
  (* hierconn *) wire [QUEUE_W-1:0] \dut.last_q ;
  (* hierconn *) wire [5:0]         \dut.refills_q ;
  (* hierconn *) wire [19:0]        \dut.length_q ;
  (* hierconn *) wire signed [20:0] \dut.g_queue[0].g_credit.credit_q , \dut.g_queue[1].g_credit.credit_q ;

  generate
    if (WAIT == 0) begin : g_choice
      // What the choice was made of, two clocks ago.
      logic [QUEUES-1:0] may, may1_q, may2_q;
      always_comb begin
        for (int i = 0; i < QUEUES; i++) begin
          may[i] = valid[i] && !hold[i];
          for (int j = 0; j < QUEUES; j++) if (valid[j] && !hold[j] && level[3*j +: 3] > level[3*i +: 3]) may[i] = 1'b0;
        end
      end
      always_ff @(posedge clk) begin
        may1_q <= look && !take_q && !take ? may : '0;
        may2_q <= may1_q;
        if (rst) begin
          may1_q <= '0;
          may2_q <= '0;
        end
      end
      logic [QUEUES-1:0] turn1_q;
      always_ff @(posedge clk) turn1_q <= \dut.turn ;
      always_comb if (!rst) begin
        if (found) assert (32'(pick) < QUEUES && may2_q[pick] && turn1_q[pick]);
        assert (\dut.candidates_q == may1_q);
      end
    end else begin : g_share
      // Queue 0 has a packet always.
      always_comb assume (offer[0]);
      logic [4:0] passed_q;
      always_ff @(posedge clk) begin
        if (take) passed_q <= pick == '0 ? '0 : passed_q == '1 ? passed_q : passed_q + 1'b1;
        if (rst) passed_q <= '0;
      end
      always_comb if (!rst) assert (passed_q <= 5'(WAIT));

      // Lemmas: what credit a queue has when what it owes is paid. Who has passed owes until both have been given some.
      logic signed [20:0] credit0, credit1;
      assign credit0 = \dut.g_queue[0].g_credit.credit_q - (\dut.taken_q && !\dut.last_q ? {1'b0, \dut.length_q } : '0);
      assign credit1 = \dut.g_queue[1].g_credit.credit_q - (\dut.taken_q && \dut.last_q ? {1'b0, \dut.length_q } : '0);
      always_comb if (!rst) begin
        assert (credit0 >= -126 && credit0 <= 64 && credit1 >= -126 && credit1 <= 64);
        if (\dut.taken_q ) assert (\dut.candidates_q == '0 && !found && \dut.length_q >= 20'd64 && \dut.length_q <= 20'd127);
        assert (take_q == \dut.taken_q && valid_q[1:0] == (valid_q[1:0] & valid));
        if (\dut.candidates_q != '0) assert (\dut.candidates_q [0]);
        // A queue found has credit; it is not the one that went last if the other may.
        if (found) assert (\dut.candidates_q [0] && (pick ? credit1 > 0 : credit0 > 0));
        if (found && pick) assert (\dut.last_q == 1'b0 || credit0 <= 0);
        assert (\dut.refills_q <= 6'd2);
        if (\dut.refills_q == 6'd1) assert (credit0 >= -62);
        if (\dut.refills_q == 6'd2) assert (credit0 >= 2);
        if (passed_q != '0) assert (\dut.last_q == 1'b1 && (credit1 <= 0 || credit0 >= -62));
        if (passed_q == 5'd2) assert (credit0 >= -62 && (credit1 <= 0 || credit0 >= 2));
      end
    end
  endgenerate

endmodule

`default_nettype wire
