`default_nettype none
`include "fn_regs.svh"

// The transmit path of the core: from the host's frames and what is owed to them to the MAC's.
//
//   s_axis ─▶ fn_tx_segment ─▶ fn_tx_checksum ─▶ fn_tx_vlan ─▶ m_axis
//                                    └─▶ m_status
//
// One frame after the other with its TxHeader as tuser; one status for each, in order. A frame with s_axis_tabort is forgotten (its status is Ok
// and nobody reads it). One beat a clock. Stalls its source when the MAC or the status stream stalls for too long. A stage that is not built in
// is not there at all, and what it would do is refused as Unsupported.
module fn_tx #(
  parameter int DATA_W     = 64,                                 // 8, 32 or 64
  parameter bit TX_SEGMENT = 1'b1,                               // fn_tx_segment is there
  parameter bit TX_VLAN    = 1'b1                                // fn_tx_vlan is there
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
  output logic                count_cut,                         // pulse: a frame was cut into segments ...
  output logic                count_segment,                     // pulse: ... each of these
  output logic                count_tag,                         // pulse: a tag was inserted

  output logic                idle                               // no frame and no status in here, none half taken
);

  localparam int KEEP_W = DATA_W / 8;

  // ---------------------------------------------------------------- cut
  logic [DATA_W-1:0]              cut_tdata;
  logic [KEEP_W-1:0]              cut_tkeep;
  logic                           cut_tvalid, cut_tready, cut_tlast, cut_tabort, cut_tmore, cut_idle;
  logic [7:0]                     cut_tstatus;
  logic [`FN_TX_HEADER_WIDTH-1:0] cut_tuser;

  generate
    if (TX_SEGMENT) begin : g_segment
      fn_tx_segment #(.DATA_W(DATA_W)) i_segment (
        .clk(clk), .rst(rst),
        .s_axis_tdata(s_axis_tdata), .s_axis_tkeep(s_axis_tkeep), .s_axis_tvalid(s_axis_tvalid), .s_axis_tready(s_axis_tready),
        .s_axis_tlast(s_axis_tlast), .s_axis_tuser(s_axis_tuser[`FN_TX_HEADER_WIDTH-1:0]), .s_axis_tabort(s_axis_tabort),
        .m_axis_tdata(cut_tdata), .m_axis_tkeep(cut_tkeep), .m_axis_tvalid(cut_tvalid), .m_axis_tready(cut_tready),
        .m_axis_tlast(cut_tlast), .m_axis_tuser(cut_tuser), .m_axis_tabort(cut_tabort), .m_axis_tstatus(cut_tstatus),
        .m_axis_tmore(cut_tmore), .count_cut(count_cut), .count_segment(count_segment), .idle(cut_idle)
      );
    end else begin : g_no_segment
      assign cut_tdata     = s_axis_tdata;
      assign cut_tkeep     = s_axis_tkeep;
      assign cut_tvalid    = s_axis_tvalid;
      assign s_axis_tready = cut_tready;
      assign cut_tlast     = s_axis_tlast;
      assign cut_tuser     = s_axis_tuser[`FN_TX_HEADER_WIDTH-1:0];
      assign cut_tabort    = s_axis_tabort;
      assign cut_tstatus   = `FN_STATUS_OK;
      assign cut_tmore     = 1'b0;
      assign cut_idle      = 1'b1;
      assign count_cut     = 1'b0;
      assign count_segment = 1'b0;
    end
  endgenerate

  // ---------------------------------------------------------------- sum, judge, store
  logic [DATA_W-1:0] sum_tdata;
  logic [KEEP_W-1:0] sum_tkeep;
  logic              sum_tvalid, sum_tready, sum_tlast, sum_tvlan, sum_idle;
  logic [15:0]       sum_tag;

  fn_tx_checksum #(.DATA_W(DATA_W), .META_W(16), .VLAN(TX_VLAN)) i_checksum (
    .clk(clk), .rst(rst),
    .s_axis_tdata(cut_tdata), .s_axis_tkeep(cut_tkeep), .s_axis_tvalid(cut_tvalid), .s_axis_tready(cut_tready), .s_axis_tlast(cut_tlast),
    .s_axis_tuser(cut_tuser), .s_axis_tmeta(cut_tuser[`FN_TX_HEADER_VLAN_TAG]), .s_axis_tabort(cut_tabort), .s_axis_tstatus(cut_tstatus),
    .s_axis_tmore(cut_tmore),
    .m_status_tdata(m_status_tdata), .m_status_tvalid(m_status_tvalid), .m_status_tready(m_status_tready),
    .m_axis_tdata(sum_tdata), .m_axis_tkeep(sum_tkeep), .m_axis_tvalid(sum_tvalid), .m_axis_tready(sum_tready), .m_axis_tlast(sum_tlast),
    .m_axis_tmeta(sum_tag), .m_axis_tvlan(sum_tvlan),
    .count_frame(count_frame), .count_bytes(count_bytes), .count_checksum(count_checksum), .count_refused(count_refused),
    .idle(sum_idle)
  );

  // ---------------------------------------------------------------- tag
  generate
    if (TX_VLAN) begin : g_vlan
      fn_tx_vlan #(.DATA_W(DATA_W), .USER_W(1)) i_vlan (
        .clk(clk), .rst(rst),
        .s_axis_tdata(sum_tdata), .s_axis_tkeep(sum_tkeep), .s_axis_tvalid(sum_tvalid), .s_axis_tready(sum_tready), .s_axis_tlast(sum_tlast),
        .s_axis_tuser(1'b0), .s_axis_tinsert(sum_tvlan), .s_axis_ttag(sum_tag),
        .m_axis_tdata(m_axis_tdata), .m_axis_tkeep(m_axis_tkeep), .m_axis_tvalid(m_axis_tvalid), .m_axis_tready(m_axis_tready),
        .m_axis_tlast(m_axis_tlast), .m_axis_tuser(), .count_tag(count_tag)
      );
    end else begin : g_no_vlan
      assign m_axis_tdata  = sum_tdata;
      assign m_axis_tkeep  = sum_tkeep;
      assign m_axis_tvalid = sum_tvalid;
      assign sum_tready    = m_axis_tready;
      assign m_axis_tlast  = sum_tlast;
      assign count_tag     = 1'b0;

      logic unused_tag;
      assign unused_tag = &{1'b0, sum_tvlan, sum_tag};
    end
  endgenerate

  assign idle = cut_idle && sum_idle && !m_axis_tvalid;
  assign m_status_tuser = '0;

  logic unused;  // launch times, in this version
  assign unused = &{1'b0, s_axis_tuser[191:`FN_TX_HEADER_WIDTH]};

endmodule

`default_nettype wire
