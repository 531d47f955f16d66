// Parts the TLPs that come from the root into completions, for the read requester, and requests, for the BAR.
//
// Latency: none for completions (which are never stalled here), 2 clocks for requests. Throughput: 1 beat a clock. Requests wait in a FIFO
// of their own, so that a slow register access does not hold up the completions behind it; only when REQUEST_DEPTH beats of requests wait
// does the stream stall. A TLP with a prefix (Fmt 1xx, PCIe Base 4.0 §2.2.1) travels with the requests, whose decoder drops it.
`default_nettype none

module fn_pcie_rx_demux #(
  parameter int REQUEST_DEPTH = 32  // beats, a power of two, 4 or more
) (
  input  wire logic        clk,
  input  wire logic        rst,

  // From the root. bar_hit: the request hit BAR 0 (7-series integrated block: m_axis_rx_tuser[2]); stable over the TLP.
  input  wire logic [63:0] s_axis_tdata,
  input  wire logic [7:0]  s_axis_tkeep,
  input  wire logic        s_axis_tvalid,
  output logic             s_axis_tready,
  input  wire logic        s_axis_tlast,
  input  wire logic        s_axis_bar_hit,

  output logic [63:0]      m_axis_cpl_tdata,
  output logic             m_axis_cpl_half,   // only tdata[31:0] holds a DW
  output logic             m_axis_cpl_tvalid, // always taken
  output logic             m_axis_cpl_tlast,

  output logic [63:0]      m_axis_req_tdata,
  output logic             m_axis_req_half,
  output logic             m_axis_req_tvalid,
  input  wire logic        m_axis_req_tready,
  output logic             m_axis_req_tlast,
  output logic             m_axis_req_bar_hit,

  output logic             empty              // no request waits here
);

  logic in_tlp_q, completion_q, completion, fifo_ready;
  logic [$clog2(REQUEST_DEPTH):0] level;

  // Cpl, CplD, CplLk, CplDLk: Type 0101x, without a prefix (PCIe Base 4.0 table 2-3).
  assign completion    = in_tlp_q ? completion_q : (s_axis_tdata[28:25] == 4'b0101 && !s_axis_tdata[31]);
  assign s_axis_tready = completion || fifo_ready;

  always_ff @(posedge clk) begin
    if (s_axis_tvalid && s_axis_tready) begin
      in_tlp_q     <= !s_axis_tlast;
      completion_q <= completion;
    end
    if (rst) in_tlp_q <= 1'b0;
  end

  assign m_axis_cpl_tdata  = s_axis_tdata;
  assign m_axis_cpl_half   = !s_axis_tkeep[4];
  assign m_axis_cpl_tvalid = s_axis_tvalid && completion;
  assign m_axis_cpl_tlast  = s_axis_tlast;

  fn_fifo #(.WIDTH(67), .DEPTH(REQUEST_DEPTH)) u_requests (
    .clk(clk), .rst(rst),
    .s_tdata({s_axis_bar_hit, s_axis_tlast, !s_axis_tkeep[4], s_axis_tdata}), .s_tvalid(s_axis_tvalid && !completion), .s_tready(fifo_ready),
    .m_tdata({m_axis_req_bar_hit, m_axis_req_tlast, m_axis_req_half, m_axis_req_tdata}), .m_tvalid(m_axis_req_tvalid),
    .m_tready(m_axis_req_tready), .level(level)
  );

  assign empty = level == '0 && !m_axis_req_tvalid;

  logic unused;
  assign unused = &{1'b0, s_axis_tkeep};  // 0x0F or 0xFF: one bit says it

endmodule

`default_nettype wire
