`default_nettype none
`include "fn_regs.svh"

// The transmit path of the core: from the host's frames and what is owed to them to the MAC's.
//
//   s_axis ─▶ fn_tx_checksum ─▶ m_axis
//                └─▶ m_status
//
// One frame after the other with its TxHeader as tuser; one status for each, in order. A frame with s_axis_tabort is forgotten (its status is Ok
// and nobody reads it). One beat a clock. Stalls its source when the MAC or the status stream stalls for too long.
module fn_tx #(
  parameter int DATA_W = 64                                      // 8, 32 or 64
) (
  input  logic                clk,
  input  logic                rst,

  input  logic [DATA_W-1:0]   s_axis_tdata,
  input  logic [DATA_W/8-1:0] s_axis_tkeep,
  input  logic                s_axis_tvalid,
  output logic                s_axis_tready,
  input  logic                s_axis_tlast,
  input  logic [191:0]        s_axis_tuser,                      // TxHeader, and above it the launch time in nanoseconds
  input  logic                s_axis_tabort,                     // with tlast

  output logic [7:0]          m_status_tdata,                    // format Status
  output logic [63:0]         m_status_tuser,                    // timestamp in nanoseconds; 0: none
  output logic                m_status_tvalid,
  input  logic                m_status_tready,

  output logic [DATA_W-1:0]   m_axis_tdata,
  output logic [DATA_W/8-1:0] m_axis_tkeep,
  output logic                m_axis_tvalid,
  input  logic                m_axis_tready,
  output logic                m_axis_tlast,

  output logic                count_frame,                       // pulse: a frame went to the MAC ...
  output logic [15:0]         count_bytes,                       // ... with this many bytes on the wire, padding included, check sequence not
  output logic                count_checksum,                    // pulse, with count_frame: a checksum was inserted
  output logic                count_refused,                     // pulse: a frame was refused

  output logic                idle                               // no frame and no status in here, none half taken
);

  fn_tx_checksum #(.DATA_W(DATA_W)) i_checksum (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready),
    .s_axis_tlast(s_axis_tlast), .s_axis_tuser(s_axis_tuser[`FN_TX_HEADER_WIDTH-1:0]), .s_axis_tabort(s_axis_tabort),
    .m_status_tdata(m_status_tdata), .m_status_tvalid(m_status_tvalid), .m_status_tready(m_status_tready),
    .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
    .m_axis_tlast(m_axis_tlast),
    .count_frame(count_frame), .count_bytes(count_bytes), .count_checksum(count_checksum), .count_refused(count_refused),
    .idle(idle)
  );

  assign m_status_tuser = '0;

  logic unused;  // launch times, in this version
  assign unused = &{1'b0, s_axis_tuser[191:`FN_TX_HEADER_WIDTH]};

endmodule

`default_nettype wire
