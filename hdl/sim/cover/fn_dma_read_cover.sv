// What the tests must have seen of fn_dma_read. How points are written and checked: docs/verification.md.
`default_nettype none
`include "fn_regs.svh"

module fn_dma_read_cover #(
  parameter int READ_TAGS = 8,
  parameter int SLOT_W    = 3
) (
  input wire logic                 clk,
  input wire logic                 rst,
  input wire logic [2:0]           cfg_max_read_request,
  input wire logic                 s_valid,
  input wire logic                 s_ready,
  input wire logic [63:0]          s_address,
  input wire logic [12:0]          s_length,
  input wire logic                 enable,
  input wire logic                 take,
  input wire logic [9:0]           take_length,
  input wire logic                 slot_free,
  input wire logic                 slot_void,
  input wire logic [READ_TAGS-1:0] busy_q,
  input wire logic [READ_TAGS-1:0] dead_q,
  input wire logic                 update,
  input wire logic                 update_done,
  input wire logic                 update_error,
  input wire logic                 update_poisoned,
  input wire logic [SLOT_W-1:0]    rx_slot,
  input wire logic [SLOT_W-1:0]    head,
  input wire logic                 head_done,
  input wire logic                 expired,
  input wire logic                 unexpected,
  input wire logic                 m_valid,
  input wire logic                 m_ready,
  input wire logic [3:0]           m_status,
  input wire logic [63:0]          m_axis_tdata,
  input wire logic                 m_axis_tvalid,
  input wire logic                 m_axis_tready,
  input wire logic                 m_axis_tlast
);

  logic        asked, header;
  logic [3:0]  first_be, last_be;
  logic [12:0] in_page;
  assign asked    = s_valid && s_ready;
  assign in_page  = {1'b0, s_address[11:0]};
  assign header   = m_axis_tvalid && m_axis_tready && !m_axis_tlast;
  assign first_be = m_axis_tdata[35:32];
  assign last_be  = m_axis_tdata[39:36];

  always @(posedge clk) if (!rst) begin
    // Requests.
    ends_at_4_kb:       cover (asked && in_page + s_length == 13'd4096);
    cut_at_128:         cover (take && cfg_max_read_request == 3'd0 && take_length == 10'd128);
    cut_at_256:         cover (take && cfg_max_read_request == 3'd1 && take_length == 10'd256);
    cut_at_512:         cover (take && cfg_max_read_request >= 3'd2 && take_length == 10'd512);
    below_4_gb:         cover (header && !m_axis_tdata[29]);
    above_4_gb:         cover (header && m_axis_tdata[29]);
    one_dword:          cover (header && m_axis_tdata[9:0] == 10'd1);
    first_byte_1:       cover (header && first_be == 4'hE);
    first_byte_2:       cover (header && first_be == 4'hC);
    first_byte_3:       cover (header && first_be == 4'h8);
    last_byte_0:        cover (header && last_be == 4'h1);
    last_byte_1:        cover (header && last_be == 4'h3);
    last_byte_2:        cover (header && last_be == 4'h7);
    holes_in_one:       cover (header && last_be == '0 && first_be == 4'h6);
    link_stalls:        cover (m_axis_tvalid && !m_axis_tready);
    tags_exhausted:     cover (enable && !slot_free && (&busy_q));
    may_not_begin:      cover (slot_free && busy_q == '0 && !enable);

    // Completions.
    whole_at_once:      cover (update && update_done && !update_error);
    in_parts:           cover (update && !update_done);
    out_of_order:       cover (update && update_done && rx_slot != head && busy_q[head]);
    refused_by_host:    cover (update && update_error);
    poisoned:           cover (update && update_poisoned);
    nobody_asked:       cover (unexpected);
    timed_out:          cover (expired);
    slot_given_up:      cover (dead_q != '0);
    all_given_up:       cover (take && slot_void);

    // What comes of them.
    delivered:          cover (m_valid && m_ready && m_status == 4'(`FN_STATUS_OK));
    delivered_error:    cover (m_valid && m_ready && m_status == 4'(`FN_STATUS_READ_ERROR));
    delivered_poisoned: cover (m_valid && m_ready && m_status == 4'(`FN_STATUS_POISONED));
    delivered_late:     cover (m_valid && m_ready && m_status == 4'(`FN_STATUS_READ_TIMEOUT));
    taker_stalls:       cover (m_valid && !m_ready);
    done_and_waits:     cover (head_done && m_valid && !m_ready);
  end

endmodule

bind fn_dma_read fn_dma_read_cover #(.READ_TAGS(READ_TAGS), .SLOT_W(SLOT_W)) i_cover (.*);

`default_nettype wire
