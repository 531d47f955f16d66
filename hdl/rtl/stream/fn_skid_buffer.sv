// Register slice for AXI-Stream: cuts every combinational path between its two sides, tready included.
//
// Latency: 1 clock. Throughput: 1 beat a clock. Holds at most 2 beats; it stalls its source when its sink stalls and loses nothing.
// tuser is carried beat by beat.
//
//   s ──┬────────────▶ output register ──▶ m
//       └─▶ skid ─────▲     the skid holds the one beat that arrives in the clock in which the sink stalls
`default_nettype none

module fn_skid_buffer #(
  parameter int DATA_W = 64,  // bits, a multiple of 8
  parameter int USER_W = 1    // bits, 1 or more; tie to 0 and leave open when there is none
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [USER_W-1:0]   s_axis_tuser,

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [USER_W-1:0]        m_axis_tuser
);

  localparam int BEAT_W = DATA_W + DATA_W / 8 + 1 + USER_W;

  logic [BEAT_W-1:0] s_beat, out_q, skid_q;
  logic              out_valid_q, skid_valid_q;

  assign s_beat        = {s_axis_tuser, s_axis_tlast, s_axis_tkeep, s_axis_tdata};
  assign s_axis_tready = !skid_valid_q;
  assign m_axis_tvalid = out_valid_q;
  assign {m_axis_tuser, m_axis_tlast, m_axis_tkeep, m_axis_tdata} = out_q;

  always_ff @(posedge clk) begin
    if (m_axis_tready || !out_valid_q) begin
      // The output register is free: refill it from the skid first, so that order is kept.
      out_valid_q  <= skid_valid_q || s_axis_tvalid;
      skid_valid_q <= 1'b0;
      if (skid_valid_q) begin
        out_q <= skid_q;
      end else if (s_axis_tvalid) begin
        out_q <= s_beat;
      end
    end else if (s_axis_tvalid && s_axis_tready) begin
      skid_q       <= s_beat;
      skid_valid_q <= 1'b1;
    end
    if (rst) begin
      out_valid_q  <= 1'b0;
      skid_valid_q <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  initial if (DATA_W % 8 != 0 || DATA_W < 8 || USER_W < 1) $fatal(1, "fn_skid_buffer: illegal parameter");
`endif

endmodule

`default_nettype wire
