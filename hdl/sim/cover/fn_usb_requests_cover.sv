// What the tests must have seen of fn_usb_requests. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_usb_requests_cover (
  input wire logic        clk,
  input wire logic        rst,
  input wire logic        decide,
  input wire logic        decide_q,
  input wire logic        bad_q,
  input wire logic [7:0]  type_q,
  input wire logic [3:0]  length_q,
  input wire logic [47:0] bytes_q,
  input wire logic        busy_q,
  input wire logic        writing_q,
  input wire logic        reg_ack,
  input wire logic [5:0]  watchdog_q,
  input wire logic        s_tvalid,
  input wire logic        m_value_tvalid
);

  localparam logic [7:0] READ = 8'(`FN_USB_PACKET_READ), WRITE = 8'(`FN_USB_PACKET_WRITE);

  logic judge;
  assign judge = decide && !bad_q;

  always @(posedge clk) if (!rst) begin
    read:            cover (judge && type_q == READ && length_q == 4'd4 && bytes_q[33:32] == '0);
    write:           cover (judge && type_q == WRITE && length_q == 4'd8 && bytes_q[1:0] == '0);
    unaligned_read:  cover (judge && type_q == READ && length_q == 4'd4 && bytes_q[33:32] != '0);
    unaligned_write: cover (judge && type_q == WRITE && length_q == 4'd8 && bytes_q[1:0] != '0);
    wrong_length:    cover (judge && (type_q == READ || type_q == WRITE) && length_q != 4'd4 && length_q != 4'd8);
    unknown_type:    cover (judge && type_q != READ && type_q != WRITE);
    was_bad:         cover (decide && bad_q);
    never_answered:  cover (busy_q && !writing_q && (&watchdog_q) && !reg_ack);
    answer_waits:    cover (decide_q && m_value_tvalid);
    source_waits:    cover (busy_q && s_tvalid);
  end

endmodule

bind fn_usb_requests fn_usb_requests_cover i_cover (.*);

`default_nettype wire
