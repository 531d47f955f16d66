// What the tests must have seen of fn_dma_write. How points are written and checked: docs/verification.md.
`default_nettype none

module fn_dma_write_cover (
  input wire logic        clk,
  input wire logic        rst,
  input wire logic [2:0]  cfg_max_payload,
  input wire logic        enable,
  input wire logic        s_valid,
  input wire logic        s_ready,
  input wire logic [63:0] s_address,
  input wire logic [15:0] s_length,
  input wire logic        cut,
  input wire logic        last_cut,
  input wire logic        begins_q,
  input wire logic [8:0]  chunk,
  input wire logic [3:0]  tail_be,
  input wire logic [6:0]  dws,
  input wire logic [63:0] address_q,
  input wire logic        next_valid_q,
  input wire logic        quiet,
  input wire logic        finish,
  input wire logic        step,
  input wire logic        held_q,
  input wire logic        m_axis_tvalid,
  input wire logic        m_axis_tready
);

  logic [16:0] end_in_page;
  assign end_in_page = {5'd0, s_address[11:0]} + {1'b0, s_length};

  always @(posedge clk) if (!rst) begin
    crosses_4_kb:     cover (s_valid && s_ready && end_in_page > 17'd4096);
    cut_at_128:       cover (cut && !last_cut && cfg_max_payload == 3'd0 && chunk == 9'd128);
    cut_at_256:       cover (cut && !last_cut && cfg_max_payload != 3'd0 && chunk == 9'd256);
    cut_short_first:  cover (cut && begins_q && !last_cut && chunk < 9'd128);
    several_tlps:     cover (cut && last_cut && !begins_q);
    below_4_gb:       cover (cut && address_q[63:32] == '0);
    above_4_gb:       cover (cut && address_q[63:32] != '0);
    one_dword:        cover (cut && dws == 7'd1);
    tail_of_1:        cover (cut && tail_be == 4'b0001);
    tail_of_2:        cover (cut && tail_be == 4'b0011);
    tail_of_3:        cover (cut && tail_be == 4'b0111);
    tail_of_4:        cover (cut && last_cut && tail_be == 4'b1111);
    no_clock_between: cover (step && finish && next_valid_q && enable);
    half_a_beat_held: cover (step && finish && held_q);
    link_stalls:      cover (m_axis_tvalid && !m_axis_tready);
    may_not_begin:    cover (quiet && next_valid_q && !enable);
  end

endmodule

bind fn_dma_write fn_dma_write_cover i_cover (.*);

`default_nettype wire
