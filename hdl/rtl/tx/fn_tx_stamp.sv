// Puts together what became of each frame: its status from the transmit path, and the time stamp that the MAC gives when the frame leaves, if one
// was asked for. Statuses stay in order: one that waits for its stamp holds up those behind it.
//
// s_owed has an entry for each frame, made at its end by fn_tx_hold; so it is there before the status. A status Ok with `stamp` takes the next stamp: the MAC
// stamps those frames and no others. Throughput: 1 status a clock.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_stamp #(
  parameter int DEPTH = 16  // stamps that can be owed, a power of two; fn_tx_launch lets no more be
) (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic        s_owed_refused,
  input  wire logic        s_owed_stamp,
  input  wire logic        s_owed_valid,
  output logic             s_owed_ready,

  input  wire logic [7:0]  s_status_tdata,
  input  wire logic        s_status_tvalid,
  output logic             s_status_tready,

  input  wire logic        stamp_valid,      // pulse, from the MAC
  input  wire logic [63:0] stamp,
  output logic             stamp_taken,      // pulse

  output logic [7:0]       m_status_tdata,   // format Status
  output logic [63:0]      m_status_tuser,   // ns; 0: no stamp
  output logic             m_status_tvalid,
  input  wire logic        m_status_tready
);

  logic [63:0] oldest;
  logic        waits, known, room, moves;

  fn_fifo #(.WIDTH(64), .DEPTH(DEPTH)) i_stamps (
    .clk(clk), .rst(rst),
    .s_tdata(stamp), .s_tvalid(stamp_valid), .s_tready(room),
    .m_tdata(oldest), .m_tvalid(known), .m_tready(stamp_taken),
    .level()
  );

  assign waits           = s_owed_stamp && s_status_tdata == `FN_STATUS_OK;
  assign m_status_tdata  = s_owed_refused ? `FN_STATUS_LAUNCH_TOO_FAR : s_status_tdata;
  assign m_status_tuser  = waits ? oldest : '0;
  assign m_status_tvalid = s_status_tvalid && s_owed_valid && (known || !waits);
  assign moves           = m_status_tvalid && m_status_tready;
  assign s_status_tready = moves;
  assign s_owed_ready    = moves;
  assign stamp_taken     = moves && waits;

`ifndef SYNTHESIS
  always @(posedge clk) if (!rst && stamp_valid) assert (room);
`endif

endmodule

`default_nettype wire
