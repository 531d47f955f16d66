`default_nettype none
`include "fn_regs.svh"

// The offload core: everything between the host's streams and the MAC's, for any host, MAC and board.
//
//   s_axis_tx ─▶ fn_tx ─▶ m_axis_mac ─▶ a MAC (fn_mac_gmii, ...)
//   m_axis_rx ◀─ fn_rx ◀─ s_axis_mac ◀─ a MAC
//                                            register bus ─ fn_nic_registers ─ fn_nic_statistics
//
// Transmit: one frame after the other with its TxHeader and launch time as tuser; one status for each. A frame with s_axis_tx_tabort is forgotten.
// Receive: whole, verified frames with their completion (format RxCompletion) as tuser. When the host does not keep up, the FIFO here
// fills, then the MAC's, and then the MAC drops whole frames and counts them in rx_overflow; the wire is never stalled. One beat a clock in
// both directions.
module fn_nic_core #(
  parameter int          DATA_W      = 64,                       // 8, 32 or 64
  parameter int          CLOCK_HZ    = 125000000,                // of clk, for the register
  parameter logic [47:0] MAC_ADDRESS = 48'h02005E100001,
  parameter logic [31:0] BOARD_ID    = 32'd0,
  parameter logic [15:0] HOST_BLOCK  = 16'h1000,                 // NextBlock of the last core block; 0: none
  parameter bit          TX_SEGMENT  = 1'b1,                     // TSO and USO
  parameter bit          TX_VLAN     = 1'b1                      // tag insertion
) (
  input  logic                clk,
  input  logic                rst,

  input  logic [DATA_W-1:0]   s_axis_tx_tdata,
  input  logic [DATA_W/8-1:0] s_axis_tx_tkeep,
  input  logic                s_axis_tx_tvalid,
  input  logic                s_axis_tx_tlast,
  output logic                s_axis_tx_tready,
  input  logic [191:0]        s_axis_tx_tuser,                   // TxHeader, and above it the launch time in nanoseconds
  input  logic                s_axis_tx_tabort,                  // with tlast

  output logic [7:0]          m_tx_status_tdata,                 // format Status
  output logic [63:0]         m_tx_status_tuser,                 // timestamp in nanoseconds; 0: none
  output logic                m_tx_status_tvalid,
  input  logic                m_tx_status_tready,

  output logic [DATA_W-1:0]   m_axis_rx_tdata,
  output logic [DATA_W/8-1:0] m_axis_rx_tkeep,
  output logic                m_axis_rx_tvalid,
  output logic                m_axis_rx_tlast,
  input  logic                m_axis_rx_tready,
  output logic [255:0]        m_axis_rx_tuser,                   // RxCompletion; RingPosition, Status and Phase are 0

  input  logic                reg_write,
  input  logic                reg_read,
  input  logic [15:0]         reg_address,
  input  logic [31:0]         reg_wdata,
  output logic [31:0]         reg_rdata,
  output logic                reg_ack,

  output logic [DATA_W-1:0]   m_axis_mac_tdata,
  output logic [DATA_W/8-1:0] m_axis_mac_tkeep,
  output logic                m_axis_mac_tvalid,
  input  logic                m_axis_mac_tready,
  output logic                m_axis_mac_tlast,
  input  logic [DATA_W-1:0]   s_axis_mac_tdata,
  input  logic [DATA_W/8-1:0] s_axis_mac_tkeep,
  input  logic                s_axis_mac_tvalid,
  output logic                s_axis_mac_tready,
  input  logic                s_axis_mac_tlast,
  output logic                tx_enable,
  output logic                rx_enable,
  input  logic                rx_bad_fcs,                        // pulses: why the MAC dropped a frame
  input  logic                rx_phy_error,
  input  logic                rx_undersize,
  input  logic                rx_oversize,
  input  logic                rx_overflow,
  input  logic                rx_disabled,
  input  logic                link_up,                           // of any clock

  output logic                idle                               // nothing is in flight in the core
);

  localparam int MAX_FRAME = 1518;
  localparam logic [1:0] GOOD = 2'd1, BAD = 2'd2;
  localparam logic [31:0] FEATURES = (32'd1 << `FN_CORE_FEATURES_TX_CHECKSUM_LSB)
                                   | (32'(TX_SEGMENT) << `FN_CORE_FEATURES_TX_SEGMENTATION_LSB)
                                   | (32'(TX_VLAN) << `FN_CORE_FEATURES_TX_VLAN_INSERT_LSB)
                                   | (32'd1 << `FN_CORE_FEATURES_RX_CHECKSUM_LSB)
                                   | (32'd1 << `FN_CORE_FEATURES_RX_HASH_LSB);

  initial if (DATA_W != 8 && DATA_W != 32 && DATA_W != 64) $fatal(1, "fn_nic_core: DATA_W must be 8, 32 or 64");

  // ---------------------------------------------------------------- transmit
  logic        tx_idle, tx_frame, tx_checksum, tx_refused, tx_cut, tx_segment, tx_tag;
  logic [15:0] tx_bytes;

  fn_tx #(.DATA_W(DATA_W), .TX_SEGMENT(TX_SEGMENT), .TX_VLAN(TX_VLAN)) i_tx (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tx_tdata), .s_axis_tkeep(s_axis_tx_tkeep), .s_axis_tvalid(s_axis_tx_tvalid), .s_axis_tready(s_axis_tx_tready),
    .s_axis_tlast(s_axis_tx_tlast), .s_axis_tuser(s_axis_tx_tuser), .s_axis_tabort(s_axis_tx_tabort),
    .m_status_tdata(m_tx_status_tdata), .m_status_tuser(m_tx_status_tuser), .m_status_tvalid(m_tx_status_tvalid),
    .m_status_tready(m_tx_status_tready),
    .m_axis_tdata(m_axis_mac_tdata), .m_axis_tkeep(m_axis_mac_tkeep), .m_axis_tvalid(m_axis_mac_tvalid),
    .m_axis_tready(m_axis_mac_tready), .m_axis_tlast(m_axis_mac_tlast),
    .count_frame(tx_frame), .count_bytes(tx_bytes), .count_checksum(tx_checksum), .count_refused(tx_refused),
    .count_cut(tx_cut), .count_segment(tx_segment), .count_tag(tx_tag), .idle(tx_idle)
  );

  // ---------------------------------------------------------------- receive
  logic        rx_checksum_enable, rx_hash_enable, rx_done, rx_idle;
  logic [6:1]  hash_types;
  logic        key_write;
  logic [3:0]  key_index;
  logic [31:0] key_wdata, key_rdata;

  fn_rx #(.DATA_W(DATA_W)) i_rx (
    .clk(clk), .rst(rst), .checksum_enable(rx_checksum_enable), .hash_enable(rx_hash_enable),
    .hash_types(hash_types), .key_write(key_write), .key_index(key_index), .key_wdata(key_wdata), .key_rdata(key_rdata),
    .s_axis_tdata(s_axis_mac_tdata), .s_axis_tkeep(s_axis_mac_tkeep), .s_axis_tvalid(s_axis_mac_tvalid), .s_axis_tready(s_axis_mac_tready),
    .s_axis_tlast(s_axis_mac_tlast),
    .m_axis_tdata(m_axis_rx_tdata), .m_axis_tkeep(m_axis_rx_tkeep), .m_axis_tvalid(m_axis_rx_tvalid), .m_axis_tready(m_axis_rx_tready),
    .m_axis_tlast(m_axis_rx_tlast), .m_axis_tuser(m_axis_rx_tuser),
    .idle(rx_idle)
  );

  assign rx_done = m_axis_rx_tvalid && m_axis_rx_tready && m_axis_rx_tlast;
  assign idle = tx_idle && rx_idle && !m_axis_mac_tvalid && !s_axis_mac_tvalid;

  // ---------------------------------------------------------------- registers and counters
  logic [`FN_STAT_COUNT-1:0] hit;
  logic                      counter_read, counter_valid;
  logic [$clog2(`FN_STAT_COUNT)-1:0] counter_index;
  logic [63:0]               counter_value;
  logic [1:0]                verdict;
  logic                      link_up_q;

  assign verdict = m_axis_rx_tuser[`FN_RX_COMPLETION_TRANSPORT_CHECKSUM];

  always_comb begin
    hit = '0;
    hit[`FN_STAT_RX_FRAMES] = rx_done;
    hit[`FN_STAT_RX_BYTES] = rx_done;
    hit[`FN_STAT_RX_BAD_FCS] = rx_bad_fcs;
    hit[`FN_STAT_RX_PHY_ERROR] = rx_phy_error;
    hit[`FN_STAT_RX_UNDERSIZE] = rx_undersize;
    hit[`FN_STAT_RX_OVERSIZE] = rx_oversize;
    hit[`FN_STAT_RX_OVERFLOW] = rx_overflow;
    hit[`FN_STAT_RX_DISABLED] = rx_disabled;
    hit[`FN_STAT_RX_CHECKSUM_GOOD] = rx_done && verdict == GOOD;
    hit[`FN_STAT_RX_CHECKSUM_BAD] = rx_done && verdict == BAD;
    hit[`FN_STAT_RX_IP_CHECKSUM_BAD] = rx_done && m_axis_rx_tuser[`FN_RX_COMPLETION_NETWORK_CHECKSUM] == BAD;
    hit[`FN_STAT_RX_FRAGMENTS] = rx_done && m_axis_rx_tuser[`FN_RX_COMPLETION_FRAGMENT];
    hit[`FN_STAT_RX_VLAN] = rx_done && m_axis_rx_tuser[`FN_RX_COMPLETION_HAS_VLAN];
    hit[`FN_STAT_RX_HASHED] = rx_done && m_axis_rx_tuser[`FN_RX_COMPLETION_HASH_TYPE] != '0;
    hit[`FN_STAT_TX_FRAMES] = tx_frame;
    hit[`FN_STAT_TX_BYTES] = tx_frame;
    hit[`FN_STAT_TX_CHECKSUMS] = tx_checksum;
    hit[`FN_STAT_TX_REFUSED] = tx_refused;
    hit[`FN_STAT_TX_SEGMENTED] = tx_cut;
    hit[`FN_STAT_TX_SEGMENTS] = tx_segment;
    hit[`FN_STAT_TX_VLAN] = tx_tag;
  end

  fn_nic_statistics i_statistics (
    .clk(clk), .rst(rst),
    .hit(hit), .rx_bytes(m_axis_rx_tuser[`FN_RX_COMPLETION_LENGTH]), .tx_bytes(tx_bytes),
    .read(counter_read), .read_index(counter_index), .read_valid(counter_valid), .read_value(counter_value)
  );

  fn_sync #(.WIDTH(1)) i_link_sync (.clk(clk), .d(link_up), .q(link_up_q));

  fn_nic_registers #(
    .DATA_W(DATA_W), .CLOCK_HZ(CLOCK_HZ), .MAC_ADDRESS(MAC_ADDRESS), .BOARD_ID(BOARD_ID), .HOST_BLOCK(HOST_BLOCK), .MAX_FRAME(16'(MAX_FRAME)),
    .FEATURES(FEATURES)
  ) i_registers (
    .clk(clk), .rst(rst),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(reg_rdata), .reg_ack(reg_ack),
    .link_up(link_up_q), .tx_enable(tx_enable), .rx_enable(rx_enable), .rx_checksum_enable(rx_checksum_enable), .rx_hash_enable(rx_hash_enable),
    .hash_types(hash_types), .key_write(key_write), .key_index(key_index), .key_wdata(key_wdata), .key_rdata(key_rdata),
    .counter_read(counter_read), .counter_index(counter_index), .counter_valid(counter_valid), .counter_value(counter_value)
  );

endmodule

`default_nettype wire
