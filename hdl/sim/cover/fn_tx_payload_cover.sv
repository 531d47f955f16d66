// What the tests must have seen of fn_tx_payload. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_payload_cover #(
  parameter int TX_QUEUES = 1,
  parameter int CREDIT_W  = 10,
  parameter int QUEUE_W   = 1
) (
  input wire logic                clk,
  input wire logic                rst,
  input wire logic [1:0]          state_q,
  input wire logic                take,
  input wire logic [QUEUE_W-1:0]  pick,
  input wire logic [QUEUE_W-1:0]  queue_q,
  input wire logic                slice_valid,
  input wire logic                slice_last,
  input wire logic [127:0]        slice,
  input wire logic [CREDIT_W-1:0] credit_q,
  input wire logic [6:0]          beats_q,
  input wire logic [2:0]          tail_q,
  input wire logic                ask,
  input wire logic                final_q,
  input wire logic [9:0]          piece_q,
  input wire logic                read_valid,
  input wire logic                read_ready,
  input wire logic                beat_out,
  input wire logic                payload_valid,
  input wire logic [3:0]          payload_status,
  input wire logic                m_axis_tlast,
  input wire logic                m_axis_tready,
  input wire logic [7:0]          m_status,
  input wire logic [3:0]          owed_status,
  input wire logic                s_status_tvalid
);

  localparam logic [1:0] PICK = 2'd0, SLICE = 2'd1, ASK = 2'd3;

  logic first_q;
  always @(posedge clk) begin
    if (state_q == PICK) first_q <= 1'b1;
    else if (state_q == SLICE && slice_valid) first_q <= 1'b0;
    if (!rst) begin
      slice_crosses_4_kb:  cover (state_q == SLICE && slice_valid && {8'd0, slice[11:0]} + slice[`FN_TX_SLICE_LENGTH] > 20'd4096);
      one_slice:           cover (state_q == SLICE && slice_valid && slice_last && first_q);
      several_slices:      cover (state_q == SLICE && slice_valid && slice_last && !first_q);
      slices_share_a_beat: cover (ask && !final_q && (tail_q + piece_q[2:0]) != '0);
      whole_piece:         cover (ask && piece_q == 10'd512);
      credit_stalls:       cover (state_q == ASK && credit_q < CREDIT_W'(beats_q));
      credit_used_up:      cover (credit_q == '0);
      reads_stall:         cover (read_valid && !read_ready);
      core_stalls:         cover (payload_valid && !m_axis_tready);
      aborted:             cover (beat_out && m_axis_tlast && payload_status != '0);
      status_of_read:      cover (s_status_tvalid && owed_status != '0);
      status_of_core:      cover (s_status_tvalid && owed_status == '0 && m_status != '0);
    end
  end

  generate
    if (TX_QUEUES > 1) begin : g_queues
      always @(posedge clk) if (!rst) begin
        queue_changes:       cover (take && pick != queue_q);
      end
    end
  endgenerate

endmodule

bind fn_tx_payload fn_tx_payload_cover #(.TX_QUEUES(TX_QUEUES), .CREDIT_W(CREDIT_W), .QUEUE_W(QUEUE_W)) i_cover (.*);

`default_nettype wire
