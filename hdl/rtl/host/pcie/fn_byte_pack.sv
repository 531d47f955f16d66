// Packs beats that hold some wanted bytes anywhere (fn_dma_read's) into a contiguous AXI-Stream: byte 0 of a frame in lane 0 of its first
// beat, every beat full but the last. The beats of a frame that ends with s_last are ceil(bytes / 8).
//
// Latency: 1 clock. Throughput: 1 beat a clock in; a frame whose last input beat overflows the output beat needs one clock more.
// Stalls its source when its sink stalls. m_axis_tuser is the first status of the frame that was not 0; valid with tlast.
//
// One rotation does it: input byte `offset` goes to the lane behind the bytes held; what wraps around is held for the next beat.
`default_nettype none

module fn_byte_pack (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        s_valid,
  output logic             s_ready,
  input  wire logic [63:0] s_data,
  input  wire logic [2:0]  s_offset,   // first wanted byte
  input  wire logic [3:0]  s_count,    // wanted bytes, 1 to 8 - offset
  input  wire logic        s_last,
  input  wire logic [3:0]  s_status,

  output logic [63:0]      m_axis_tdata,
  output logic [7:0]       m_axis_tkeep,
  output logic             m_axis_tvalid,
  input  wire logic        m_axis_tready,
  output logic             m_axis_tlast,
  output logic [3:0]       m_axis_tuser,

  output logic             empty       // no bytes held and nothing on the output
);

  logic [2:0]  held_q;        // bytes held, in lanes 0 to held_q - 1
  logic [63:0] held_data_q;
  logic        flush_q;       // the frame's last bytes are held; they go out next
  logic [3:0]  status_q, status;

  logic [2:0]  turn;
  logic [63:0] turned, merged;
  logic [3:0]  total;         // 1 to 15
  logic        advance, take, full;

  assign turn  = held_q - s_offset;
  assign total = {1'b0, held_q} + s_count;
  assign full  = total[3];

  always_comb begin
    case (turn)
      3'd1:    turned = {s_data[55:0], s_data[63:56]};
      3'd2:    turned = {s_data[47:0], s_data[63:48]};
      3'd3:    turned = {s_data[39:0], s_data[63:40]};
      3'd4:    turned = {s_data[31:0], s_data[63:32]};
      3'd5:    turned = {s_data[23:0], s_data[63:24]};
      3'd6:    turned = {s_data[15:0], s_data[63:16]};
      3'd7:    turned = {s_data[7:0],  s_data[63:8]};
      default: turned = s_data;
    endcase
    for (int i = 0; i < 8; i++) merged[8*i+:8] = 3'(i) < held_q ? held_data_q[8*i+:8] : turned[8*i+:8];
  end

  assign advance = m_axis_tready || !m_axis_tvalid;
  assign s_ready = advance && !flush_q;
  assign take    = s_valid && s_ready;
  assign status  = status_q != '0 ? status_q : s_status;
  assign empty   = !m_axis_tvalid && held_q == '0 && !flush_q;

  always_ff @(posedge clk) begin
    if (advance) m_axis_tvalid <= 1'b0;
    if (take) begin
      m_axis_tvalid <= full || s_last;
      m_axis_tdata  <= merged;
      m_axis_tlast  <= s_last && total <= 4'd8;
      m_axis_tkeep  <= full ? 8'hFF : 8'hFF >> (4'd8 - total);
      m_axis_tuser  <= status;
      // Bytes that wrapped around stand in the lanes where they are needed next; if the beat is not full, all are kept.
      held_data_q   <= full ? turned : merged;
      held_q        <= s_last && total <= 4'd8 ? 3'd0 : total[2:0];
      flush_q       <= s_last && total > 4'd8;
      status_q      <= s_last && total <= 4'd8 ? 4'd0 : status;
    end else if (flush_q && advance) begin
      m_axis_tvalid <= 1'b1;
      m_axis_tdata  <= held_data_q;
      m_axis_tlast  <= 1'b1;
      m_axis_tkeep  <= 8'hFF >> (4'd8 - {1'b0, held_q});
      m_axis_tuser  <= status_q;
      held_q        <= '0;
      flush_q       <= 1'b0;
      status_q      <= '0;
    end
    if (rst) begin
      m_axis_tvalid <= 1'b0;
      held_q        <= '0;
      flush_q       <= 1'b0;
      status_q      <= '0;
    end
  end

endmodule

`default_nettype wire
