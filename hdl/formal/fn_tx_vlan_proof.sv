// prove bytes-16 | DATA_W=16 | pdr | a frame leaves with all its bytes in their order, the tag behind its addresses where it wants one, and nothing else; stream protocol
// mutant fn_tx_vlan.sv | s/at_q < AT_W'\(TAG_AT \+ TAG_BEATS - 1\)/at_q <= AT_W'(TAG_AT + TAG_BEATS - 1)/
// prove bytes-32 | DATA_W=32 | pdr | the same at 32 bits
// mutant fn_tx_vlan.sv | s/s_axis_tready = out_ready && !inserting;/s_axis_tready = out_ready;/
// prove bytes-64 | DATA_W=64 | pdr | the same at 64 bits, where the rest of a frame is turned by half a beat
// mutant fn_tx_vlan.sv | s/flush_q <= !flush_q && shifts && s_axis_tlast && s_axis_tkeep\[KEEP_W-TAG\];/flush_q <= !flush_q \&\& shifts \&\& s_axis_tlast \&\& s_axis_tkeep[KEEP_W-1];/
`default_nettype none

module fn_tx_vlan_proof #(
  parameter int DATA_W = 64
) (
  input wire logic                clk,
  input wire logic                mark,
  input wire logic [2:0]          lane,
  input wire logic [DATA_W-1:0]   s_tdata,
  input wire logic [DATA_W/8-1:0] s_tkeep,
  input wire logic                s_tvalid,
  input wire logic                s_tlast,
  input wire logic                s_tinsert,
  input wire logic [15:0]         s_ttag,
  input wire logic                m_tready
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic                s_tready, m_tvalid, m_tlast, m_tinsert, count_tag;
  logic [15:0]         m_ttag;
  logic [DATA_W-1:0]   m_tdata;
  logic [DATA_W/8-1:0] m_tkeep;

  // What the frame wants goes along with it, so that the output can be judged by it.
  fn_tx_vlan #(.DATA_W(DATA_W), .USER_W(17)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast),
    .s_axis_tuser({s_tinsert, s_ttag}), .s_axis_tinsert(s_tinsert), .s_axis_ttag(s_ttag),
    .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast),
    .m_axis_tuser({m_tinsert, m_ttag}), .count_tag(count_tag)
  );

  fn_axis_properties #(.DATA_W(DATA_W), .USER_W(17), .ASSUME(1'b1), .USER_STABLE(1'b1)) i_source (
    .clk(clk), .rst(rst), .tdata(s_tdata), .tkeep(s_tkeep), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser({s_tinsert, s_ttag}));
  fn_axis_properties #(.DATA_W(DATA_W), .USER_W(17), .USER_STABLE(1'b1)) i_sink (
    .clk(clk), .rst(rst), .tdata(m_tdata), .tkeep(m_tkeep), .tvalid(m_tvalid), .tready(m_tready), .tlast(m_tlast), .tuser({m_tinsert, m_ttag}));

  logic [5:0] in_place, out_place, in_end;
  logic       in_far, out_far;
  logic [1:0] inside;  // frames that are all in and not all out
  fn_byte_properties #(.DATA_W(DATA_W)) i_bytes (
    .clk(clk), .rst(rst), .mark(mark), .lane(lane), .moved(s_tinsert && (in_far || in_place + 6'(lane) >= 6'd12) ? 6'd4 : 6'd0),
    .grown(s_tinsert ? 6'd4 : 6'd0),
    .in(s_tvalid && s_tready), .in_data(s_tdata), .in_keep(s_tkeep), .in_last(s_tlast),
    .out(m_tvalid && m_tready), .out_data(m_tdata), .out_keep(m_tkeep), .out_last(m_tlast),
    .in_place(in_place), .in_far(in_far), .in_end(in_end), .out_place(out_place), .out_far(out_far), .inside(inside)
  );

  // Lemmas for the narrow widths: how far the module is in a frame.
  (* hierconn *) wire [4:0] \dut.at_q ;
  logic [5:0] loaded;
  assign loaded = 6'(\dut.at_q ) * 6'(DATA_W / 8);
  generate
    if (DATA_W <= 32) begin : g_beats
      always_comb if (!rst) begin
        assert (loaded <= 6'd16 && inside == (\dut.at_q == '0 && m_tvalid ? 2'd1 : 2'd0));
        if (\dut.at_q == '0 ) assert (in_place == '0 && !in_far && (!m_tvalid || m_tlast));
        else begin
          assert (!m_tvalid || !m_tlast);
          if (loaded <= 6'd12) assert (in_place == loaded && !in_far);
          else if (loaded < 6'd16) assert (in_place == 6'd12 || in_place == loaded);
          else assert (in_far || in_place >= 6'd12);
          if (loaded < 6'd16) assert (out_place + (m_tvalid ? 6'(DATA_W / 8) : 6'd0) == loaded && !out_far);
          if (m_tvalid && loaded > 6'd12) assert (out_place + 6'(DATA_W / 8) - in_place == (m_tinsert ? (loaded < 6'd16 ? loaded - 6'd12 : 6'd4) : 6'd0));
          if (s_tvalid && m_tvalid) assert ({s_tinsert, s_ttag} == {m_tinsert, m_ttag});
        end
      end
    end
  endgenerate

  // A frame with a tag has 13 bytes or more.
  always_comb if (!rst && s_tvalid && s_tlast && s_tinsert) assume (in_far || in_end > 6'd12);

  logic [31:0] tag;
  assign tag = {m_ttag[7:0], m_ttag[15:8], 8'h00, 8'h81};
  always_comb if (!rst && m_tvalid && m_tinsert && !out_far) begin
    for (int i = 0; i < DATA_W / 8; i++) begin
      for (int t = 0; t < 4; t++) if (out_place + 6'(i) == 6'(12 + t)) assert (m_tkeep[i] && m_tdata[8*i +: 8] == tag[8*t +: 8]);
    end
  end

endmodule

`default_nettype wire
