// prove credit | - | induction 3 | credit, beats asked for and beats stored are the payload FIFO's room, always: credit never runs below zero or over, and no beat comes without room
// mutant fn_tx_payload.sv | s/beats_q <= 7'\(reach >> 3\) - \{6'd0, tail_q != '0\};/beats_q <= 7'(reach >> 3);/
// prove beats  | - | induction 3 | what is asked for of a frame is what it has in beats: its bytes by eight, rounded up, however it is cut into slices and pieces; no read crosses 512 bytes
// mutant fn_tx_payload.sv | s/assign reach = \{8'd0, tail_q\} \+/assign reach = {8'd0, tail_q \& 3'd6} +/
`default_nettype none
`include "fn_regs.svh"

module fn_tx_payload_proof #(
  parameter int DEPTH = 128
) (
  input wire logic         clk,
  input wire logic [127:0] slice,
  input wire logic         slice_valid,
  input wire logic         slice_last,
  input wire logic         read_ready,
  input wire logic         m_tready
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic        read_valid, read_last, s_tready, m_tvalid;
  logic [63:0] read_address;
  logic [12:0] read_length;

  fn_tx_payload #(.TX_QUEUES(1), .DEPTH(DEPTH), .FRAMES(4)) dut (
    .clk(clk), .rst(rst), .s_axis_tdata(slice), .s_axis_tvalid(slice_valid), .s_axis_tready(s_tready), .s_axis_tlast(slice_last), .s_axis_tuser('0),
    .m_status(), .m_timestamp(), .m_status_valid(), .hold('0), .level('0), .weight('0), .rate('0), .burst('0),
    .read_valid(read_valid), .read_ready(read_ready), .read_address(read_address), .read_length(read_length), .read_last(read_last),
    .beat_valid(1'b0), .beat_ready(), .beat_data('0), .beat_offset('0), .beat_count('0), .beat_last('0), .beat_status('0),
    .m_axis_tdata(), .m_axis_tkeep(), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(), .m_axis_tuser(), .m_axis_tabort(),
    .s_status_tdata('0), .s_status_tuser('0), .s_status_tvalid(1'b0), .s_status_tready(), .idle()
  );

  // fn_tx_parse lets no empty slice pass.
  always_comb if (slice_valid) assume (slice[`FN_TX_SLICE_LENGTH] != '0);

  (* hierconn *) wire                   \dut.packed_valid , \dut.packed_ready , \dut.ask , \dut.final_q ;
  (* hierconn *) wire [$clog2(DEPTH):0] \dut.credit_q ;
  (* hierconn *) wire [7:0]             \dut.u_payload.level_q ;
  (* hierconn *) wire [6:0]             \dut.beats_q ;
  (* hierconn *) wire [2:0]             \dut.tail_q ;
  (* hierconn *) wire [1:0]             \dut.state_q ;
  (* hierconn *) wire [9:0]             \dut.piece_q ;
  (* hierconn *) wire [19:0]            \dut.left_q ;
  (* hierconn *) wire [63:0]            \dut.address_q ;
  localparam logic [1:0] PICK = 2'd0, SLICE = 2'd1, PIECE = 2'd2, ASK = 2'd3;

  // Beats that were asked for and have not come. None comes that was not asked for.
  logic [8:0]  owed_q;
  logic [22:0] bytes_q;  // of this frame, asked for so far
  logic [19:0] beats_q;
  always_comb if (owed_q == '0) assume (!\dut.packed_valid );
  always_ff @(posedge clk) begin
    owed_q <= owed_q + (\dut.ask ? 9'(\dut.beats_q ) : '0) - 9'(\dut.packed_valid && \dut.packed_ready );
    if (\dut.state_q == PICK) begin
      bytes_q <= '0;
      beats_q <= '0;
    end else if (\dut.ask ) begin
      bytes_q <= bytes_q + 23'(read_length);
      beats_q <= beats_q + 20'(\dut.beats_q );
    end
    if (rst) begin
      owed_q  <= '0;
      bytes_q <= '0;
      beats_q <= '0;
    end
  end

  logic [12:0] room;
  assign room = 13'd512 - {4'd0, \dut.address_q [8:0]};

  always_comb if (!rst) begin
    assert (\dut.credit_q <= DEPTH && owed_q <= DEPTH && \dut.u_payload.level_q <= DEPTH);
    assert (9'(\dut.credit_q ) + owed_q + 9'(\dut.u_payload.level_q ) == 9'(DEPTH));
    if (\dut.packed_valid ) assert (\dut.packed_ready );
    if (read_valid) assert (read_length != '0 && read_length <= room);
    if (\dut.state_q != PICK) assert (\dut.tail_q == bytes_q[2:0] && beats_q == 20'((bytes_q + 23'd7) >> 3));

    // Lemmas.
    if (\dut.state_q == PIECE) assert (\dut.left_q != '0);
    if (\dut.state_q == ASK) begin
      assert (\dut.piece_q != '0 && 13'(\dut.piece_q ) <= room && {10'd0, \dut.piece_q } <= \dut.left_q );
      assert (11'(\dut.beats_q ) == ((11'(\dut.tail_q ) + 11'(\dut.piece_q ) + 11'd7) >> 3) - 11'(\dut.tail_q != '0));
    end
  end

endmodule

// In the places of the stations around it: they do what they like, and the FIFO counts.
module fn_tx_scheduler #(
  parameter int TX_QUEUES = 1,
  parameter int QUEUE_W   = 1
) (
  input  wire logic                    clk,
  input  wire logic                    rst,
  input  wire logic [TX_QUEUES-1:0]    valid,
  input  wire logic [TX_QUEUES-1:0]    hold,
  input  wire logic [3*TX_QUEUES-1:0]  level,
  input  wire logic [8*TX_QUEUES-1:0]  weight,
  input  wire logic [20*TX_QUEUES-1:0] rate,
  input  wire logic [12*TX_QUEUES-1:0] burst,
  input  wire logic                    look,
  output logic                         found,
  output logic [QUEUE_W-1:0]           pick,
  input  wire logic                    take,
  input  wire logic [19:0]             length,
  output logic                         idle
);
  (* anyseq *) logic any;
  assign {found, pick, idle} = {any, {QUEUE_W{1'b0}}, 1'b1};
endmodule

module fn_byte_pack (
  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic        s_valid,
  output logic             s_ready,
  input  wire logic [63:0] s_data,
  input  wire logic [2:0]  s_offset,
  input  wire logic [3:0]  s_count,
  input  wire logic        s_last,
  input  wire logic [3:0]  s_status,
  output logic [63:0]      m_axis_tdata,
  output logic [7:0]       m_axis_tkeep,
  output logic             m_axis_tvalid,
  input  wire logic        m_axis_tready,
  output logic             m_axis_tlast,
  output logic [3:0]       m_axis_tuser,
  output logic             empty
);
  (* anyseq *) logic any, last;
  assign {m_axis_tdata, m_axis_tkeep, m_axis_tuser, s_ready, empty} = '0;
  assign m_axis_tvalid = any;
  assign m_axis_tlast  = last;
endmodule

module fn_axis_fifo #(
  parameter int DATA_W         = 64,
  parameter int USER_W         = 1,
  parameter int DEPTH          = 512,
  parameter int FRAMES         = 32,
  parameter bit FRAME_MODE     = 1'b1,
  parameter bit DROP_WHEN_FULL = 1'b0
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [USER_W-1:0]   s_axis_tuser,
  input  wire logic                s_axis_drop,
  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [USER_W-1:0]        m_axis_tuser,
  output logic                     dropped,
  output logic                     overflow,
  output logic                     empty
);
  (* anyseq *) logic last;
  logic [7:0] level_q;
  assign s_axis_tready = level_q < 8'(DEPTH);
  assign m_axis_tvalid = level_q != '0;
  assign m_axis_tlast  = last;
  assign {m_axis_tdata, m_axis_tkeep, m_axis_tuser, dropped, overflow, empty} = '0;
  always_ff @(posedge clk) level_q <= rst ? '0 : level_q + 8'(s_axis_tvalid && s_axis_tready) - 8'(m_axis_tvalid && m_axis_tready);
endmodule

`default_nettype wire
