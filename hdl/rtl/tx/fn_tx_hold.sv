// The gate of the transmit path: a frame with a launch time waits here until the time is near (`lead`), so that little is held up behind it; then
// fn_tx_launch and the MAC see to the exact moment. All other frames pass at once.
//
// A launch time that has passed is taken out of the request and counted (`count_late`): the frame goes at once. One that is farther ahead than
// `horizon` is refused: nothing of the frame but an aborted end passes, and its entry in m_owed says so. Every frame that passed leaves an entry in
// m_owed, in order, at its end: what its status has to say or to wait for.
//
// Latency: none; 4 clocks for a frame with a launch time. Throughput: 1 beat a clock. A frame that waits stalls its source.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_hold #(
  parameter int DATA_W = 64  // bits: 8, 32, 64 ...
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic [63:0]         now,            // ns
  input  wire logic [23:0]         lead,           // ns
  input  wire logic [31:0]         horizon,        // ns

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [191:0]        s_axis_tuser,   // TxHeader, and above it the launch time
  input  wire logic                s_axis_tabort,  // with tlast: forget the frame

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [159:0]             m_axis_tuser,   // TxHeader, and above it the launch time's low half
  output logic                     m_axis_tabort,

  output logic                     m_owed_refused, // the launch time was too far ahead
  output logic                     m_owed_stamp,   // a status Ok waits for a time stamp
  output logic                     m_owed_valid,   // pulse
  input  wire logic                m_owed_ready,   // stays until an entry is made

  output logic                     count_late,     // pulse
  output logic                     idle
);

  localparam int LAUNCH = `FN_TX_HEADER_LAUNCH;

  typedef enum logic [1:0] {OPEN, WAIT, PASS, DRAIN} state_t;
  state_t state_q;

  logic wants_launch, passes, take, late_q, settled, past, near_by, too_far;

  assign wants_launch = s_axis_tuser[LAUNCH];
  assign passes       = m_owed_ready && (state_q == PASS || (state_q == OPEN && !wants_launch));
  assign take         = s_axis_tvalid && s_axis_tready;

  assign m_axis_tdata  = s_axis_tdata;
  assign m_axis_tkeep  = s_axis_tkeep;
  assign m_axis_tlast  = s_axis_tlast;
  assign m_axis_tabort = s_axis_tabort || state_q == DRAIN;
  assign m_axis_tvalid = s_axis_tvalid && (passes || (state_q == DRAIN && s_axis_tlast && m_owed_ready));
  assign s_axis_tready = passes ? m_axis_tready : state_q == DRAIN && (!s_axis_tlast || (m_axis_tready && m_owed_ready));

  always_comb begin
    m_axis_tuser = s_axis_tuser[159:0];
    if (late_q) m_axis_tuser[LAUNCH] = 1'b0;
  end

  assign m_owed_refused = state_q == DRAIN;
  assign m_owed_stamp   = s_axis_tuser[`FN_TX_HEADER_TIMESTAMP_LSB] && !m_axis_tabort;
  assign m_owed_valid   = take && s_axis_tlast;
  assign idle           = state_q == OPEN;

  fn_launch_window i_window (
    .clk(clk), .rst(rst), .now(now), .lead(lead), .horizon(horizon), .ask(state_q == WAIT), .launch_time(s_axis_tuser[191:128]),
    .settled(settled), .past(past), .near_by(near_by), .too_far(too_far)
  );

  always_ff @(posedge clk) begin
    count_late <= 1'b0;
    case (state_q)
      OPEN: begin
        late_q <= 1'b0;
        if (s_axis_tvalid && wants_launch) state_q <= WAIT;
        else if (take && !s_axis_tlast) state_q <= PASS;
      end
      WAIT: if (settled) begin
        if (too_far) state_q <= DRAIN;
        else if (past || near_by) state_q <= PASS;
        late_q     <= past;
        count_late <= past;
      end
      default: if (take && s_axis_tlast) state_q <= OPEN;  // PASS, DRAIN
    endcase
    if (rst) begin
      state_q    <= OPEN;
      late_q     <= 1'b0;
      count_late <= 1'b0;
    end
  end

endmodule

`default_nettype wire
