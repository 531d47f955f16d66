// What the tests must have seen of fn_usb_ft245_bus. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_usb_ft245_bus_cover (
  input wire logic       clk,
  input wire logic       rst,
  input wire logic [1:0] state_q,
  input wire logic [1:0] state_d,
  input wire logic       can_read,
  input wire logic       can_write,
  input wire logic       read_last_q,
  input wire logic       burst_over,
  input wire logic       has_q,
  input wire logic       m_room,
  input wire logic       m_tvalid,
  input wire logic       go_q,
  input wire logic       wr_q,
  input wire logic       owed_q,
  input wire logic       wanted,
  input wire logic       ft_txe_n,
  input wire logic       takes_q,
  input wire logic       s_tvalid,
  input wire logic       s_tready
);

  localparam logic [1:0] IDLE = 2'd0, READ = 2'd2, WRITE = 2'd3;

  logic read_ends, write_ends;
  assign read_ends  = state_q == READ && state_d == IDLE;
  assign write_ends = state_q == WRITE && state_d == IDLE;

  always @(posedge clk) if (!rst) begin
    read_turn:         cover (state_q == IDLE && can_read && can_write && !read_last_q);
    write_turn:        cover (state_q == IDLE && can_read && can_write && read_last_q);
    read_to_the_end:   cover (read_ends && !has_q);
    read_gives_way:    cover (read_ends && has_q && can_write && burst_over);
    full_gives_way:    cover (read_ends && has_q && can_write && !burst_over && !m_room);
    read_while_full:   cover (state_q == READ && !m_room && has_q && !can_write);
    word_behind_full:  cover (m_tvalid && !m_room);
    write_to_the_end:  cover (write_ends && !wanted);
    write_gives_way:   cover (state_q == WRITE && go_q && takes_q && wanted && burst_over && can_read);
    word_refused:      cover (wr_q && ft_txe_n);
    refused_word_owed: cover (state_q == IDLE && owed_q);
    read_while_owed:   cover (state_q == READ && owed_q);
    owed_word_first:   cover (state_q == WRITE && owed_q && !ft_txe_n);
    source_waits:      cover (s_tvalid && !s_tready);
  end

endmodule

bind fn_usb_ft245_bus fn_usb_ft245_bus_cover i_cover (.*);

`default_nettype wire
