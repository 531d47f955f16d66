// prove up-16   | S_DATA_W=8,M_DATA_W=16  | pdr | stream protocol; every byte once, in order, with its frame's end; none invented
// mutant fn_axis_width.sv | s/valid_q <= s_axis_tlast \|\| \(&index_q\);/valid_q <= \&index_q;/
// prove up-32   | S_DATA_W=8,M_DATA_W=32  | pdr | the same, four to one
// mutant fn_axis_width.sv | s/index_q <= s_axis_tlast \? '0 : index_q \+ 1'b1;/index_q <= index_q + 1'b1;/
// prove down-16 | S_DATA_W=16,M_DATA_W=8  | pdr | the same, one to two
// mutant fn_axis_width.sv | s/assign m_axis_tlast  = last_q && final_part;/assign m_axis_tlast = last_q;/
// prove down-32 | S_DATA_W=32,M_DATA_W=8  | pdr | the same, one to four
// mutant fn_axis_width.sv | s/assign s_axis_tready = !valid_q \|\| \(m_axis_tready && final_part\);/assign s_axis_tready = !valid_q || final_part;/
// prove down-2  | S_DATA_W=32,M_DATA_W=16 | pdr | the same between beats of several bytes
// mutant fn_axis_width.sv | s/keep_q <= keep_q >> M_KEEP_W;/keep_q <= keep_q >> 1;/
`default_nettype none

module fn_axis_width_proof #(
  parameter int S_DATA_W = 8,
  parameter int M_DATA_W = 16
) (
  input wire logic                  clk,
  input wire logic [$clog2((S_DATA_W>M_DATA_W?S_DATA_W:M_DATA_W)/8+1)-1:0] chosen,
  input wire logic [S_DATA_W/8-1:0] s_bits,
  input wire logic [S_DATA_W/8-1:0] s_tkeep,
  input wire logic                  s_tvalid,
  input wire logic                  s_tlast,
  input wire logic                  s_tuser,
  input wire logic                  m_tready
);

  localparam int S_KEEP_W = S_DATA_W / 8;
  localparam int M_KEEP_W = M_DATA_W / 8;
  localparam int ROOM     = S_KEEP_W > M_KEEP_W ? S_KEEP_W : M_KEEP_W;  // bytes inside
  localparam int NUMBER_W = $clog2(ROOM + 1);

  // The module does not look at data: one bit of a byte stands for all.
  logic [S_DATA_W-1:0] s_tdata;
  always_comb for (int i = 0; i < S_KEEP_W; i++) s_tdata[8*i +: 8] = {7'd0, s_bits[i]};

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic                s_tready, m_tvalid, m_tlast, m_tuser;
  logic [M_DATA_W-1:0] m_tdata;
  logic [M_KEEP_W-1:0] m_tkeep;

  fn_axis_width #(.S_DATA_W(S_DATA_W), .M_DATA_W(M_DATA_W), .USER_W(1)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tuser(m_tuser)
  );

  fn_axis_properties #(.DATA_W(S_DATA_W), .ASSUME(1'b1)) i_source (
    .clk(clk), .rst(rst), .tdata(s_tdata), .tkeep(s_tkeep), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser(s_tuser));
  fn_axis_properties #(.DATA_W(M_DATA_W)) i_sink (
    .clk(clk), .rst(rst), .tdata(m_tdata), .tkeep(m_tkeep), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast), .tuser(m_tuser));

  // Bytes are numbered on both sides; that of the chosen number, any, must be the same. Fewer bytes are inside than there are numbers.
  logic [NUMBER_W-1:0] in_q, out_q, in_d, out_d, number_q;
  logic [2:0] record_q, in_record, out_record;  // tuser, frame's end, byte
  logic       in_chosen, out_chosen;

  always_comb begin
    in_d = in_q;
    in_chosen = 1'b0;
    in_record = '0;
    for (int i = 0; i < S_KEEP_W; i++) begin
      if (s_tvalid && s_tready && s_tkeep[i]) begin
        if (in_d == number_q) begin
          in_chosen = 1'b1;
          in_record[0] = s_tdata[8*i];
          in_record[1] = s_tlast && (i == S_KEEP_W - 1 || !s_tkeep[(i+1)%S_KEEP_W]);
          // Up: a wide beat has the tuser of its last narrow one, so of a frame's end for certain.
          in_record[2] = s_tuser && (S_DATA_W > M_DATA_W || in_record[1]);
        end
        in_d = in_d + 1'b1;
      end
    end
    out_d = out_q;
    out_chosen = 1'b0;
    out_record = '0;
    for (int i = 0; i < M_KEEP_W; i++) begin
      if (m_tvalid && m_tready && m_tkeep[i]) begin
        if (out_d == number_q) begin
          out_chosen = 1'b1;
          out_record[0] = m_tdata[8*i];
          out_record[1] = m_tlast && (i == M_KEEP_W - 1 || !m_tkeep[(i+1)%M_KEEP_W]);
          out_record[2] = m_tuser && (S_DATA_W > M_DATA_W || out_record[1]);
        end
        out_d = out_d + 1'b1;
      end
    end
  end

  always_ff @(posedge clk) begin
    in_q  <= rst ? '0 : in_d;
    out_q <= rst ? '0 : out_d;
    if (rst) number_q <= chosen;
    if (in_chosen) record_q <= in_record;
  end

  logic [NUMBER_W-1:0] inside, leaving;
  assign inside  = in_q - out_q;
  assign leaving = out_d - out_q;

  always_comb if (!rst) begin
    assert (inside <= ROOM);
    assert (leaving <= inside);
    if (out_chosen) assert (out_record == record_q);
  end

endmodule

`default_nettype wire
