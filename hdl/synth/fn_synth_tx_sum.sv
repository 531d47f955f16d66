`default_nettype none

// fn_tx_sum as the peer's function: start and field among the first 256 bytes of a frame, no rule for a result of 0, nothing dropped, nothing that
// goes along.
module fn_synth_tx_sum (
  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic [63:0] s_axis_tdata,
  input  wire logic [7:0]  s_axis_tkeep,
  input  wire logic        s_axis_tvalid,
  output logic             s_axis_tready,
  input  wire logic        s_axis_tlast,
  input  wire logic [7:0]  s_axis_tstart,
  input  wire logic        s_axis_tinsert,
  input  wire logic [7:0]  s_axis_tposition,
  output logic [63:0]      m_axis_tdata,
  output logic [7:0]       m_axis_tkeep,
  output logic             m_axis_tvalid,
  input  wire logic        m_axis_tready,
  output logic             m_axis_tlast
);

  fn_tx_sum #(.DATA_W(64), .DEPTH(4096)) i_sum (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tstart({3'd0, s_axis_tstart}), .s_axis_tinsert(s_axis_tinsert),
    .s_axis_tposition({3'd0, s_axis_tposition}), .s_axis_tzero(1'b0), .s_axis_tmeta(1'b0), .s_drop(1'b0),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast), .m_axis_tmeta(), .idle()
  );

endmodule

`default_nettype wire
