// The USB host interface between a pipe of bytes each way and the core's streams and register bus (docs/usb.md).
//
//   s_pipe ─▶ fn_usb_deframe ─▶ fn_usb_requests ─┬─▶ fn_usb_tx ─▶ core_tx
//                                                └─▶ register bus ─ fn_usb_regs, core
//   m_pipe ◀─ fn_usb_frame ◀─ fn_skid_buffer ◀─ fn_usb_answers ◀─ values, statuses, credit, core_rx
//
// One byte a clock each way. A register access waits for nothing but the accesses before it, and for the host to read their answers.
`default_nettype none
`include "fn_regs.svh"

module fn_usb_host #(
  parameter int DATA_W  = 8,     // of the core: 8, 32 or 64
  parameter int BUFFER  = 4096,  // bytes of the transmit buffer, a power of two
  parameter int PACKETS = 32,    // packets in it, a power of two
  parameter bit REGISTER = 1'b1  // flip-flops behind its memory, for a quicker clock
) (
  input  wire logic                clk,
  input  wire logic                rst,
  output logic                     core_rst,              // for the core: rst, and while Control.Reset asks for it

  input  wire logic [7:0]          s_pipe_tdata,
  input  wire logic                s_pipe_tvalid,
  output logic                     s_pipe_tready,
  output logic [7:0]               m_pipe_tdata,
  output logic                     m_pipe_tvalid,
  input  wire logic                m_pipe_tready,

  output logic [DATA_W-1:0]        core_tx_tdata,
  output logic [DATA_W/8-1:0]      core_tx_tkeep,
  output logic                     core_tx_tvalid,
  input  wire logic                core_tx_tready,
  output logic                     core_tx_tlast,
  output logic [191:0]             core_tx_tuser,
  output logic                     core_tx_tabort,
  input  wire logic [7:0]          core_tx_status_tdata,
  input  wire logic [63:0]         core_tx_status_tuser,
  input  wire logic                core_tx_status_tvalid,
  output logic                     core_tx_status_tready,
  input  wire logic [DATA_W-1:0]   core_rx_tdata,
  input  wire logic [DATA_W/8-1:0] core_rx_tkeep,
  input  wire logic                core_rx_tvalid,
  output logic                     core_rx_tready,
  input  wire logic                core_rx_tlast,
  input  wire logic [255:0]        core_rx_tuser,
  output logic                     core_reg_write,
  output logic                     core_reg_read,
  output logic [15:0]              core_reg_address,
  output logic [31:0]              core_reg_wdata,
  input  wire logic [31:0]         core_reg_rdata,
  input  wire logic                core_reg_ack,

  input  wire logic                wire_busy,             // a frame is on its way out at the PHY
  output logic                     idle
);

  logic        stopping, bad, refused, overrun, broken, tx_idle, answers_idle, frame_idle;
  logic [7:0]  request, part, answer, framed, left_sequence;
  logic        request_valid, request_ready, request_last, request_bad, part_valid, part_last, part_drop, left;
  logic        answer_valid, answer_ready, answer_last, answer_abort, framed_valid, framed_ready, framed_last, framed_abort;
  logic [1:0]  part_user;

  fn_usb_deframe u_deframe (
    .clk(clk), .rst(rst), .s_tdata(s_pipe_tdata), .s_tvalid(s_pipe_tvalid), .s_tready(s_pipe_tready),
    .m_tdata(request), .m_tvalid(request_valid), .m_tready(request_ready), .m_tlast(request_last), .m_tbad(request_bad), .bad(bad)
  );

  // ---------------------------------------------------------------- requests, and the register bus
  logic        reg_write, reg_read, reg_ack, local_ack, is_local, value_valid, value_ready;
  logic [15:0] reg_address;
  logic [31:0] reg_wdata, reg_rdata, local_rdata;
  logic [39:0] value;

  fn_usb_requests u_requests (
    .clk(clk), .rst(rst), .s_tdata(request), .s_tvalid(request_valid), .s_tready(request_ready), .s_tlast(request_last), .s_tbad(request_bad),
    .m_part_tdata(part), .m_part_tvalid(part_valid), .m_part_tlast(part_last), .m_part_tuser(part_user), .m_part_drop(part_drop),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(reg_rdata), .reg_ack(reg_ack),
    .m_value_tdata(value), .m_value_tvalid(value_valid), .m_value_tready(value_ready), .refused(refused)
  );

  assign is_local         = reg_address[15:12] == 4'h1;
  assign core_reg_write   = reg_write && !is_local;
  assign core_reg_read    = reg_read && !is_local;
  assign core_reg_address = reg_address;
  assign core_reg_wdata   = reg_wdata;
  assign reg_ack          = local_ack || core_reg_ack;
  assign reg_rdata        = local_ack ? local_rdata : core_reg_rdata;

  fn_usb_regs #(.BUFFER(BUFFER), .PACKETS(PACKETS)) u_regs (
    .clk(clk), .rst(rst), .reg_write(reg_write && is_local), .reg_read(reg_read && is_local), .reg_address(reg_address[11:0]),
    .reg_wdata(reg_wdata), .reg_rdata(local_rdata), .reg_ack(local_ack), .wire_busy(wire_busy), .stopping(stopping), .core_rst(core_rst),
    .count_bad(bad), .count_refused(refused), .count_overrun(overrun), .count_broken(broken)
  );

  // ---------------------------------------------------------------- transmit
  logic [7:0]   tx_tdata;
  logic         tx_tvalid, tx_tready, tx_tlast, tx_tabort, status_valid, status_ready;
  logic [191:0] tx_tuser;
  logic [79:0]  status;

  fn_usb_tx #(.BUFFER(BUFFER), .PACKETS(PACKETS), .REGISTER(REGISTER)) u_tx (
    .clk(clk), .rst(core_rst), .stopping(stopping),
    .s_part_tdata(part), .s_part_tvalid(part_valid), .s_part_tlast(part_last), .s_part_tuser(part_user), .s_part_drop(part_drop),
    .m_axis_tdata(tx_tdata), .m_axis_tvalid(tx_tvalid), .m_axis_tready(tx_tready), .m_axis_tlast(tx_tlast), .m_axis_tuser(tx_tuser),
    .m_axis_tabort(tx_tabort), .s_status_tdata(core_tx_status_tdata), .s_status_tuser(core_tx_status_tuser),
    .s_status_tvalid(core_tx_status_tvalid), .s_status_tready(core_tx_status_tready),
    .m_status_tdata(status), .m_status_tvalid(status_valid), .m_status_tready(status_ready), .left(left), .left_sequence(left_sequence),
    .overrun(overrun), .broken(broken), .idle(tx_idle)
  );

  fn_axis_width #(.S_DATA_W(8), .M_DATA_W(DATA_W), .USER_W(193)) u_tx_width (
    .clk(clk), .rst(core_rst),
    .s_axis_tdata(tx_tdata), .s_axis_tkeep(1'b1), .s_axis_tvalid(tx_tvalid), .s_axis_tready(tx_tready), .s_axis_tlast(tx_tlast),
    .s_axis_tuser({tx_tabort, tx_tuser}),
    .m_axis_tdata(core_tx_tdata), .m_axis_tkeep(core_tx_tkeep), .m_axis_tvalid(core_tx_tvalid), .m_axis_tready(core_tx_tready),
    .m_axis_tlast(core_tx_tlast), .m_axis_tuser({core_tx_tabort, core_tx_tuser})
  );

  // ---------------------------------------------------------------- receive, and answers
  logic [7:0]   rx_tdata;
  logic         rx_tvalid, rx_tready, rx_tlast;
  logic [255:0] rx_tuser;

  fn_axis_width #(.S_DATA_W(DATA_W), .M_DATA_W(8), .USER_W(256)) u_rx_width (
    .clk(clk), .rst(core_rst),
    .s_axis_tdata(core_rx_tdata), .s_axis_tkeep(core_rx_tkeep), .s_axis_tvalid(core_rx_tvalid), .s_axis_tready(core_rx_tready),
    .s_axis_tlast(core_rx_tlast), .s_axis_tuser(core_rx_tuser),
    .m_axis_tdata(rx_tdata), .m_axis_tkeep(), .m_axis_tvalid(rx_tvalid), .m_axis_tready(rx_tready), .m_axis_tlast(rx_tlast),
    .m_axis_tuser(rx_tuser)
  );

  fn_usb_answers u_answers (
    .clk(clk), .rst(rst), .core_rst(core_rst),
    .s_value_tdata(value), .s_value_tvalid(value_valid), .s_value_tready(value_ready),
    .s_status_tdata(status), .s_status_tvalid(status_valid), .s_status_tready(status_ready), .left(left), .left_sequence(left_sequence),
    .s_axis_rx_tdata(rx_tdata), .s_axis_rx_tvalid(rx_tvalid), .s_axis_rx_tready(rx_tready), .s_axis_rx_tlast(rx_tlast),
    .s_axis_rx_tuser(rx_tuser),
    .m_tdata(answer), .m_tvalid(answer_valid), .m_tready(answer_ready), .m_tlast(answer_last), .m_tabort(answer_abort), .idle(answers_idle)
  );

  // To choose a byte of an answer takes long, and so do its check and its escapes.
  fn_skid_buffer #(.DATA_W(8)) u_slice (
    .clk(clk), .rst(rst),
    .s_axis_tdata(answer), .s_axis_tkeep(1'b1), .s_axis_tvalid(answer_valid), .s_axis_tready(answer_ready), .s_axis_tlast(answer_last),
    .s_axis_tuser(answer_abort),
    .m_axis_tdata(framed), .m_axis_tkeep(), .m_axis_tvalid(framed_valid), .m_axis_tready(framed_ready), .m_axis_tlast(framed_last),
    .m_axis_tuser(framed_abort)
  );

  fn_usb_frame u_frame (
    .clk(clk), .rst(rst), .s_tdata(framed), .s_tvalid(framed_valid), .s_tready(framed_ready), .s_tlast(framed_last), .s_tabort(framed_abort),
    .m_tdata(m_pipe_tdata), .m_tvalid(m_pipe_tvalid), .m_tready(m_pipe_tready), .idle(frame_idle)
  );

  assign idle = tx_idle && answers_idle && !framed_valid && frame_idle && !request_valid && !core_tx_tvalid && !stopping;

endmodule

`default_nettype wire
