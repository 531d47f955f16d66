// prove never-again | - | pdr | a tag that timed out, whose completion may still come, is never taken again, however long it runs; a slot without another is given up; slots are taken only when free
// mutant fn_dma_read.sv | s/\*GEN_W\+:GEN_W\] <= next_generation;/*GEN_W+:GEN_W] <= head_generation;/
// prove order       | - | pdr | slots taken and slots in the order of retirement are as many and the same; only a finished read is retired; what times out is told once
// mutant fn_dma_read.sv | s/dead_q\[head\]       <= &lost_q\[32'\(head\)\*GENS\+:GENS\];/dead_q[head] <= |lost_q[32'(head)*GENS+:GENS];/
// The table of slots for any length of run; in the places of the stations around it stand ones that do what they may. fn_dma_read_tags_proof has the true ones.
`default_nettype none

module fn_dma_read_slots_proof (
  input wire logic        clk,
  input wire logic [31:0] read_timeout,
  input wire logic        enable
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic timed_out, quiet, failed;

  fn_dma_read #(.READ_TAGS(2), .CLIENT_W(1)) dut (
    .clk(clk), .rst(rst), .rst_tags(rst), .cfg_completer_id(16'd0), .cfg_max_read_request(3'd0), .read_timeout(read_timeout), .enable(enable),
    .s_valid(1'b0), .s_ready(), .s_address('0), .s_length('0), .s_client(1'b0), .s_last(1'b0),
    .m_valid(), .m_ready(1'b0), .m_data(), .m_offset(), .m_count(), .m_last(), .m_client(), .m_status(),
    .m_axis_tdata(), .m_axis_tkeep(), .m_axis_tvalid(), .m_axis_tready(1'b0), .m_axis_tlast(),
    .s_axis_cpl_tdata('0), .s_axis_cpl_half(1'b0), .s_axis_cpl_tvalid(1'b0), .s_axis_cpl_tlast(1'b0),
    .sent(), .failed(failed), .timed_out(timed_out), .unexpected(), .quiet(quiet), .idle()
  );

  (* hierconn *) wire        \dut.take , \dut.slot_void , \dut.slot , \dut.release_head , \dut.head , \dut.expired , \dut.look_q ;
  (* hierconn *) wire [1:0]  \dut.busy_q , \dut.waiting_q , \dut.order_wr_q , \dut.order_rd_q , \dut.dead_q ;
  (* hierconn *) wire [7:0]  \dut.generation_q ;
  (* hierconn *) wire [31:0] \dut.lost_q ;

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

    // Lemmas.
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

module fn_dma_read_request #(
  parameter int SLOTS    = 8,
  parameter int CLIENT_W = 2
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic [15:0]         cfg_completer_id,
  input  wire logic [2:0]          cfg_max_read_request,
  input  wire logic                enable,
  input  wire logic                s_valid,
  output logic                     s_ready,
  input  wire logic [63:0]         s_address,
  input  wire logic [12:0]         s_length,
  input  wire logic [CLIENT_W-1:0] s_client,
  input  wire logic                s_last,
  input  wire logic                slot_free,
  input  wire logic                slot_void,
  input  wire logic [4:0]          slot_tag,
  output logic                     take,
  output logic [6:0]               take_address,
  output logic [9:0]               take_length,
  output logic [CLIENT_W-1:0]      take_client,
  output logic                     take_last,
  output logic [63:0]              m_axis_tdata,
  output logic [7:0]               m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic                     sent,
  output logic                     idle
);
  (* anyseq *) logic takes, sends;
  logic sending_q;  // the TLP of the slot taken last
  assign take = takes && slot_free && enable && !sending_q;
  assign sent = sends && sending_q;
  always_ff @(posedge clk) begin
    if (take && !slot_void) sending_q <= 1'b1;
    else if (sent) sending_q <= 1'b0;
    if (rst) sending_q <= 1'b0;
  end
  assign {s_ready, take_address, take_length, take_client, take_last, m_axis_tdata, m_axis_tkeep, m_axis_tvalid, m_axis_tlast, idle} = '0;
endmodule

module fn_dma_read_receive #(
  parameter int SLOTS = 8
) (
  input  wire logic                clk,
  input  wire logic                rst,
  input  wire logic [15:0]         cfg_completer_id,
  input  wire logic [63:0]         s_axis_tdata,
  input  wire logic                s_axis_half,
  input  wire logic                s_axis_tvalid,
  input  wire logic                s_axis_tlast,
  output logic [$clog2(SLOTS)-1:0] slot,
  output logic                     slot_busy,
  input  wire logic                slot_waiting,
  input  wire logic [4:0]          slot_tag,
  input  wire logic [6:0]          slot_address,
  input  wire logic [9:0]          slot_length,
  input  wire logic [7:0]          slot_received,
  output logic                     update,
  output logic [7:0]               update_received,
  output logic                     update_done,
  output logic                     update_error,
  output logic                     update_poisoned,
  output logic                     unexpected,
  output logic [1:0]               write,
  output logic [$clog2(SLOTS)+5:0] write_row0,
  output logic [$clog2(SLOTS)+5:0] write_row1,
  output logic [31:0]              write_data0,
  output logic [31:0]              write_data1
);
  // A completion is taken only under the tag of a read that is out, and keeps it from timing out.
  (* anyseq *) logic [$clog2(SLOTS)-1:0] any_slot;
  (* anyseq *) logic busy, good, done, error, poisoned;
  assign slot            = any_slot;
  assign slot_busy       = busy || update;
  assign update          = good && slot_waiting;
  assign update_done     = done;
  assign update_error    = error;
  assign update_poisoned = poisoned;
  assign {update_received, unexpected, write, write_row0, write_row1, write_data0, write_data1} = '0;
endmodule

module fn_dma_read_retire #(
  parameter int SLOTS    = 8,
  parameter int CLIENT_W = 2
) (
  input  wire logic                     clk,
  input  wire logic                     rst,
  input  wire logic                     head_done,
  input  wire logic [$clog2(SLOTS)-1:0] head,
  input  wire logic [1:0]               head_offset,
  input  wire logic [9:0]               head_length,
  input  wire logic [CLIENT_W-1:0]      head_client,
  input  wire logic                     head_last,
  input  wire logic [3:0]               head_status,
  output logic                          head_release,
  output logic                          read,
  output logic [$clog2(SLOTS)+5:0]      read_row,
  input  wire logic [63:0]              read_data,
  output logic                          m_valid,
  input  wire logic                     m_ready,
  output logic [63:0]                   m_data,
  output logic [2:0]                    m_offset,
  output logic [3:0]                    m_count,
  output logic                          m_last,
  output logic [CLIENT_W-1:0]           m_client,
  output logic [3:0]                    m_status,
  output logic                          idle
);
  (* anyseq *) logic releases;
  assign head_release = releases && head_done;
  assign {read, read_row, m_valid, m_data, m_offset, m_count, m_last, m_client, m_status, idle} = '0;
endmodule

`default_nettype wire
