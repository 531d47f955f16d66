`default_nettype none
`include "fn_regs.svh"

// The offload core: everything between the host's streams and the MAC's, for any host, MAC and board.
//
//   s_axis_tx ─▶ fn_tx ─▶ m_axis_mac ─▶ a MAC (fn_mac_gmii, ...)
//   m_axis_rx ◀─ fn_rx_coalesce ◀─ fn_rx ◀─ s_axis_mac ◀─ a MAC
//                                            register bus ─┬─ fn_nic_registers ─ fn_nic_statistics
//                                                          ├─ fn_clock: time for both paths and the MAC
//                                                          ├─ fn_mac_registers: the MAC's flow control
//                                                          └─ fn_nic_link: the PHY's registers, and its link
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
  parameter bit          TX_VLAN     = 1'b1,                     // tag insertion
  parameter bit          RX_CLASSIFY = 1'b1,                     // hash, address filter, flows and queues; 0: every frame goes up, to queue 0
  parameter bit          RX_VLAN     = 1'b1,                     // tags taken out; only with RX_CLASSIFY
  parameter int          RX_FLOWS    = 256,                      // slots of the flow table, a power of two, 16 to 4096; 0: none
  parameter int          RX_COALESCE = 4,                        // frames open for coalescing at once, 2 to 14; 0: no coalescing
  parameter int          RX_COALESCE_BYTES = 65536,              // of its store, a power of two, 8192 or more
  parameter int          RX_COALESCE_LIMIT = 65535,              // bytes of the longest frame that the host interface takes
  parameter bit          CLOCK       = 1'b1,                     // clock, time stamps, launch times
  parameter int          TX_BYTES    = 4096,                     // stores for frames, powers of two of 2048 or more: in the transmit path,
  parameter int          RX_BYTES    = 4096,                     // ... in the receive path,
  parameter int          RX_FRAMES   = 128,                      // ... frames in that, a power of two, 4 or more
  parameter bit          RMON        = 1'b1,                     // statistics by address and size
  parameter bit          PAUSE       = 1'b1,                     // 802.3x flow control in the MAC
  parameter int          MAC_RX_BYTES = 8192,                    // the MAC's receive FIFO, for the register
  parameter bit          MDIO        = 1'b0,                     // the PHY's management interface (fn_nic_link); 0: the link is link_up at the fastest of SPEEDS
  parameter int          MDC_HZ      = 2500000,                  // its clock, at most
  parameter logic [4:0]  PHY_ADDRESS = 5'd0,
  parameter logic [3:0]  SPEEDS      = 4'b0100,                  // of the MAC interface: 10, 100 Mb/s, 1, 10 Gb/s
  parameter int          RX_LATENCY  = 0,                        // ns, of the MAC's paths: reset values of block Clock
  parameter int          TX_LATENCY  = 0,
  parameter int          LAUNCH_LATENCY = 0
) (
  input  logic                clk,
  input  logic                rst,

  input  logic [DATA_W-1:0]   s_axis_tx_tdata,
  input  logic [DATA_W/8-1:0] s_axis_tx_tkeep,
  input  logic                s_axis_tx_tvalid,
  input  logic                s_axis_tx_tlast,
  output logic                s_axis_tx_tready,
  input  logic [191:0]        s_axis_tx_tuser,                   // TxHeader, and above it the launch time in nanoseconds
  input  logic                s_axis_tx_tabort,                  // to tlast: this beat and those behind it are rubbish, forget the frame

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
  input  logic                host_dropped,                      // pulse: the host interface dropped a received frame, for the counter

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
  output logic [1:0]          m_axis_mac_tuser,                  // wait for a release; stamp. 0 without CLOCK
  input  logic [DATA_W-1:0]   s_axis_mac_tdata,
  input  logic [DATA_W/8-1:0] s_axis_mac_tkeep,
  input  logic                s_axis_mac_tvalid,
  output logic                s_axis_mac_tready,
  input  logic                s_axis_mac_tlast,
  input  logic [63:0]         s_axis_mac_tuser,                  // when the start delimiter was on the pins, in nanoseconds; stable over a frame
  output logic [63:0]         now,                               // ns
  output logic [15:0]         rx_latency,                        // ns, signed: what the MAC takes off its stamps
  output logic [15:0]         tx_latency,
  output logic                tx_release,                        // pulse: a frame that waits may begin
  input  logic                tx_stamp_valid,                    // pulse: a frame that asks for it has its stamp
  input  logic [63:0]         tx_stamp,
  output logic [23:0]         launch_lead,                       // ns
  output logic [31:0]         launch_horizon,                    // ns
  output logic                clock_pulse,                       // block Clock's pulses
  output logic                tx_enable,
  output logic                rx_enable,
  input  logic                rx_bad_fcs,                        // pulses: why the MAC dropped a frame
  input  logic                rx_phy_error,
  input  logic                rx_undersize,
  input  logic                rx_oversize,
  input  logic                rx_overflow,
  input  logic                rx_disabled,
  output logic                pause_rx,                          // flow control; all 0 without PAUSE
  output logic                pause_tx,
  output logic [15:0]         pause_quanta,
  output logic [15:0]         pause_high,
  output logic [15:0]         pause_low,
  output logic [47:0]         station,                           // first octet on top
  input  logic                rx_pause,                          // pulses: PAUSE frames
  input  logic                tx_pause,
  input  logic                tx_paused,
  input  logic                link_up,                           // of any clock
  output logic [1:0]          link_speed,                        // 10, 100 Mb/s, 1, 10 Gb/s; for the MAC interface
  output logic                mdc,
  output logic                mdio_o,
  output logic                mdio_oe,
  input  logic                mdio_i,

  output logic                idle                               // nothing is in flight in the core
);

  localparam int MAX_FRAME = 1518;
  localparam logic [15:0] FILTER = `FN_FILTER, FLOW_TABLE = `FN_FLOW_TABLE, COALESCE = `FN_COALESCE;
  localparam logic [1:0] NO_VERDICT = 2'd0, GOOD = 2'd1, BAD = 2'd2;
  localparam logic [1:0] OTHER_NETWORK = 2'd1, MALFORMED = 2'd2, TOO_DEEP = 2'd3;
  localparam logic [3:0] L4_TCP = 4'd1, L4_UDP = 4'd2;
  localparam logic [31:0] FEATURES = (32'd1 << `FN_CORE_FEATURES_TX_CHECKSUM_LSB)
                                   | (32'(TX_SEGMENT) << `FN_CORE_FEATURES_TX_SEGMENTATION_LSB)
                                   | (32'(TX_VLAN) << `FN_CORE_FEATURES_TX_VLAN_INSERT_LSB)
                                   | (32'd1 << `FN_CORE_FEATURES_RX_CHECKSUM_LSB)
                                   | (32'(RX_CLASSIFY) << `FN_CORE_FEATURES_RX_HASH_LSB)
                                   | (32'(RX_COALESCE != 0) << `FN_CORE_FEATURES_RX_COALESCE_LSB)
                                   | (32'(RX_VLAN && RX_CLASSIFY) << `FN_CORE_FEATURES_RX_VLAN_STRIP_LSB)
                                   | (32'(CLOCK) << `FN_CORE_FEATURES_CLOCK_LSB)
                                   | (32'(PAUSE) << `FN_CORE_FEATURES_PAUSE_LSB);

  // The chain of blocks, in the order of their addresses, past those that are not built in.
  localparam logic [15:0] AFTER_MAC        = MDIO ? `FN_MDIO : HOST_BLOCK;
  localparam logic [15:0] AFTER_CLOCK      = PAUSE ? `FN_MAC : AFTER_MAC;
  localparam logic [15:0] AFTER_COALESCE   = CLOCK ? `FN_CLOCK : AFTER_CLOCK;
  localparam logic [15:0] AFTER_FLOWS      = RX_COALESCE != 0 ? `FN_COALESCE : AFTER_COALESCE;  // behind blocks Filter and FlowTable, which fn_rx chains
  localparam logic [15:0] AFTER_STATISTICS = RX_CLASSIFY ? FILTER : AFTER_FLOWS;

  initial if (DATA_W != 8 && DATA_W != 32 && DATA_W != 64) $fatal(1, "fn_nic_core: DATA_W must be 8, 32 or 64");

  // ---------------------------------------------------------------- time
  logic [15:0] launch_latency;
  logic [31:0] clock_rdata;
  logic        clock_ack, clock_mine;

  generate
    if (CLOCK) begin : g_clock
      assign clock_mine = (reg_address & 16'hFF00) == `FN_CLOCK;

      fn_clock #(
        .CLOCK_HZ(CLOCK_HZ), .NEXT_BLOCK(AFTER_CLOCK), .RX_LATENCY(RX_LATENCY), .TX_LATENCY(TX_LATENCY), .LAUNCH_LATENCY(LAUNCH_LATENCY),
        .LAUNCH_LEAD(DATA_W == 8 ? 40000 : 20000)  // a longest frame is stored twice on its way, a beat a clock
      ) i_clock (
        .clk(clk), .rst(rst),
        .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(clock_rdata), .reg_ack(clock_ack),
        .now(now), .pulse(clock_pulse), .rx_latency(rx_latency), .tx_latency(tx_latency),
        .launch_latency(launch_latency), .launch_lead(launch_lead), .launch_horizon(launch_horizon)
      );
    end else begin : g_no_clock
      assign clock_mine     = 1'b0;
      assign clock_rdata    = '0;
      assign clock_ack      = 1'b0;
      assign now            = '0;
      assign clock_pulse    = 1'b0;
      assign rx_latency     = '0;
      assign tx_latency     = '0;
      assign launch_latency = '0;
      assign launch_lead    = '0;
      assign launch_horizon = '0;
    end
  endgenerate

  // ---------------------------------------------------------------- transmit
  logic        tx_idle, tx_frame, tx_checksum, tx_refused, tx_cut, tx_segment, tx_tag, tx_late;
  logic [15:0] tx_bytes;

  fn_tx #(.DATA_W(DATA_W), .TX_SEGMENT(TX_SEGMENT), .TX_VLAN(TX_VLAN), .BYTES(TX_BYTES), .CLOCK(CLOCK)) i_tx (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_axis_tx_tdata), .s_axis_tkeep(s_axis_tx_tkeep), .s_axis_tvalid(s_axis_tx_tvalid), .s_axis_tready(s_axis_tx_tready),
    .s_axis_tlast(s_axis_tx_tlast), .s_axis_tuser(s_axis_tx_tuser), .s_axis_tabort(s_axis_tx_tabort),
    .m_status_tdata(m_tx_status_tdata), .m_status_tuser(m_tx_status_tuser), .m_status_tvalid(m_tx_status_tvalid),
    .m_status_tready(m_tx_status_tready),
    .m_axis_tdata(m_axis_mac_tdata), .m_axis_tkeep(m_axis_mac_tkeep), .m_axis_tvalid(m_axis_mac_tvalid),
    .m_axis_tready(m_axis_mac_tready), .m_axis_tlast(m_axis_mac_tlast), .m_axis_tuser(m_axis_mac_tuser),
    .now(now), .launch_latency(launch_latency), .launch_lead(launch_lead), .launch_horizon(launch_horizon),
    .release_frame(tx_release), .stamp_valid(tx_stamp_valid), .stamp(tx_stamp), .count_late(tx_late),
    .count_frame(tx_frame), .count_bytes(tx_bytes), .count_checksum(tx_checksum), .count_refused(tx_refused),
    .count_cut(tx_cut), .count_segment(tx_segment), .count_tag(tx_tag), .idle(tx_idle)
  );

  // ---------------------------------------------------------------- receive
  logic        rx_checksum_enable, rx_hash_enable, rx_strip_enable, rx_done, rx_idle, rx_filtered, rx_flow_dropped;
  logic        rx_tvalid, rx_tready, rx_tlast, rx_coalesced, rx_joined, coalesce_mine, coalesce_ack, coalesce_idle;
  logic [DATA_W-1:0]   rx_tdata;
  logic [DATA_W/8-1:0] rx_tkeep;
  logic [255:0]        rx_tuser;
  logic [31:0]         coalesce_rdata;
  logic [6:1]  hash_types;
  logic        key_write;
  logic [3:0]  key_index;
  logic [31:0] key_wdata, key_rdata, rx_reg_rdata;
  logic        rx_reg_ack;

  fn_rx #(
    .DATA_W(DATA_W), .BYTES(RX_BYTES), .FRAMES(RX_FRAMES), .RX_CLASSIFY(RX_CLASSIFY), .RX_VLAN(RX_VLAN), .RX_FLOWS(RX_FLOWS), .CLOCK(CLOCK)
  ) i_rx (
    .clk(clk), .rst(rst), .checksum_enable(rx_checksum_enable), .hash_enable(rx_hash_enable), .strip_enable(rx_strip_enable), .station(station),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(rx_reg_rdata), .reg_ack(rx_reg_ack),
    .next_block(AFTER_FLOWS),
    .hash_types(hash_types), .key_write(key_write), .key_index(key_index), .key_wdata(key_wdata), .key_rdata(key_rdata),
    .s_axis_tdata(s_axis_mac_tdata), .s_axis_tkeep(s_axis_mac_tkeep), .s_axis_tvalid(s_axis_mac_tvalid), .s_axis_tready(s_axis_mac_tready),
    .s_axis_tlast(s_axis_mac_tlast), .s_axis_tuser(s_axis_mac_tuser),
    .m_axis_tdata(rx_tdata), .m_axis_tkeep(rx_tkeep), .m_axis_tvalid(rx_tvalid), .m_axis_tready(rx_tready),
    .m_axis_tlast(rx_tlast), .m_axis_tuser(rx_tuser),
    .count_filtered(rx_filtered), .count_flow_dropped(rx_flow_dropped), .idle(rx_idle)
  );

  generate
    if (RX_COALESCE != 0) begin : g_coalesce
      assign coalesce_mine = reg_address[15:8] == COALESCE[15:8];

      fn_rx_coalesce #(
        .DATA_W(DATA_W), .CONTEXTS(RX_COALESCE), .BYTES(RX_COALESCE_BYTES), .LIMIT(RX_COALESCE_LIMIT), .CLOCK_HZ(CLOCK_HZ), .NEXT_BLOCK(AFTER_COALESCE)
      ) i_coalesce (
        .clk(clk), .rst(rst),
        .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(coalesce_rdata), .reg_ack(coalesce_ack),
        .s_axis_tdata(rx_tdata), .s_axis_tkeep(rx_tkeep), .s_axis_tvalid(rx_tvalid), .s_axis_tready(rx_tready), .s_axis_tlast(rx_tlast), .s_axis_tuser(rx_tuser),
        .m_axis_tdata(m_axis_rx_tdata), .m_axis_tkeep(m_axis_rx_tkeep), .m_axis_tvalid(m_axis_rx_tvalid), .m_axis_tready(m_axis_rx_tready),
        .m_axis_tlast(m_axis_rx_tlast), .m_axis_tuser(m_axis_rx_tuser),
        .count_frame(rx_coalesced), .count_join(rx_joined), .idle(coalesce_idle)
      );
    end else begin : g_no_coalesce
      assign m_axis_rx_tdata  = rx_tdata;
      assign m_axis_rx_tkeep  = rx_tkeep;
      assign m_axis_rx_tvalid = rx_tvalid;
      assign rx_tready        = m_axis_rx_tready;
      assign m_axis_rx_tlast  = rx_tlast;
      assign m_axis_rx_tuser  = rx_tuser;
      assign coalesce_mine    = 1'b0;
      assign coalesce_rdata   = '0;
      assign coalesce_ack     = 1'b0;
      assign rx_coalesced     = 1'b0;
      assign rx_joined        = 1'b0;
      assign coalesce_idle    = 1'b1;
    end
  endgenerate


  // ---------------------------------------------------------------- registers and counters
  logic [`FN_STAT_RX_OCTETS-1:0] hit;
  logic                      counter_read, counter_valid;
  logic [$clog2(`FN_STAT_COUNT)-1:0] counter_index;
  logic [63:0]               counter_value;
  logic [1:0]                verdict, headers;
  logic                      has_ports;
  logic [255:0]              told_q;
  logic                      unused_told;

  assign unused_told = &{1'b0, told_q};                           // most of it is not counted

  // What of a received frame is counted stands in flip-flops: the host's readiness comes late.
  always_ff @(posedge clk) begin
    rx_done <= m_axis_rx_tvalid && m_axis_rx_tready && m_axis_rx_tlast && !rst;
    told_q  <= m_axis_rx_tuser;
  end

  assign verdict = told_q[`FN_RX_COMPLETION_TRANSPORT_CHECKSUM];
  assign headers = told_q[`FN_RX_COMPLETION_HEADERS];
  assign has_ports = told_q[`FN_RX_COMPLETION_TRANSPORT] == L4_TCP || told_q[`FN_RX_COMPLETION_TRANSPORT] == L4_UDP;

  always_comb begin
    hit = '0;
    hit[`FN_STAT_RX_FRAMES] = rx_done;
    hit[`FN_STAT_RX_BYTES] = rx_done;
    hit[`FN_STAT_RX_BAD_FCS] = rx_bad_fcs;
    hit[`FN_STAT_RX_PHY_ERROR] = rx_phy_error;
    hit[`FN_STAT_RX_UNDERSIZE] = rx_undersize;
    hit[`FN_STAT_RX_OVERSIZE] = rx_oversize;
    hit[`FN_STAT_RX_OVERFLOW] = rx_overflow;
    hit[`FN_STAT_RX_QUEUE_FULL] = host_dropped;
    hit[`FN_STAT_RX_DISABLED] = rx_disabled;
    hit[`FN_STAT_RX_PAUSE] = rx_pause;
    hit[`FN_STAT_TX_PAUSE] = tx_pause;
    hit[`FN_STAT_RX_CHECKSUM_GOOD] = rx_done && verdict == GOOD;
    hit[`FN_STAT_RX_CHECKSUM_BAD] = rx_done && verdict == BAD;
    hit[`FN_STAT_RX_IP_CHECKSUM_BAD] = rx_done && told_q[`FN_RX_COMPLETION_NETWORK_CHECKSUM] == BAD;
    hit[`FN_STAT_RX_FRAGMENTS] = rx_done && told_q[`FN_RX_COMPLETION_FRAGMENT];
    hit[`FN_STAT_RX_VLAN] = rx_done && told_q[`FN_RX_COMPLETION_HAS_VLAN];
    hit[`FN_STAT_RX_COALESCED_FRAMES] = rx_coalesced;
    hit[`FN_STAT_RX_COALESCED_SEGMENTS] = rx_joined;
    hit[`FN_STAT_RX_HASHED] = rx_done && told_q[`FN_RX_COMPLETION_HASH_TYPE] != '0;
    hit[`FN_STAT_RX_CHECKSUM_NONE] = rx_done && has_ports && verdict == NO_VERDICT;
    hit[`FN_STAT_RX_QINQ] = rx_done && told_q[`FN_RX_COMPLETION_INNER_VLAN];
    hit[`FN_STAT_RX_VLAN_STRIPPED] = rx_done && told_q[`FN_RX_COMPLETION_VLAN_STRIPPED];
    hit[`FN_STAT_RX_OTHER_NETWORK] = rx_done && headers == OTHER_NETWORK;
    hit[`FN_STAT_RX_MALFORMED] = rx_done && headers == MALFORMED;
    hit[`FN_STAT_RX_TOO_DEEP] = rx_done && headers == TOO_DEEP;
    hit[`FN_STAT_RX_FLOW_MATCHED] = rx_done && told_q[`FN_RX_COMPLETION_FLOW_MATCHED];
    hit[`FN_STAT_RX_FLOW_DROPPED] = rx_flow_dropped;
    hit[`FN_STAT_RX_FILTERED] = rx_filtered;
    hit[`FN_STAT_TX_FRAMES] = tx_frame;
    hit[`FN_STAT_TX_BYTES] = tx_frame;
    hit[`FN_STAT_TX_CHECKSUMS] = tx_checksum;
    hit[`FN_STAT_TX_REFUSED] = tx_refused;
    hit[`FN_STAT_TX_LAUNCH_LATE] = tx_late;
    hit[`FN_STAT_TX_SEGMENTED] = tx_cut;
    hit[`FN_STAT_TX_SEGMENTS] = tx_segment;
    hit[`FN_STAT_TX_VLAN] = tx_tag;
  end

  logic        counter_in_rmon, own_counter_valid, rmon_valid;
  logic [63:0] own_counter_value, rmon_value;

  fn_nic_statistics i_statistics (
    .clk(clk), .rst(rst),
    .hit(hit), .rx_bytes(told_q[`FN_RX_COMPLETION_LENGTH]), .tx_bytes(tx_bytes),
    .read(counter_read && !counter_in_rmon), .read_index($clog2(`FN_STAT_RX_OCTETS)'(counter_index)), .read_valid(own_counter_valid),
    .read_value(own_counter_value)
  );

  assign counter_in_rmon = RMON && counter_index >= $clog2(`FN_STAT_COUNT)'(`FN_STAT_RX_OCTETS);
  assign counter_valid   = own_counter_valid || rmon_valid;
  assign counter_value   = rmon_valid ? rmon_value : own_counter_value;

  generate
    if (RMON) begin : g_rmon
      fn_nic_rmon #(.DATA_W(DATA_W)) i_rmon (
        .clk(clk), .rst(rst),
        .rx_tdata(s_axis_mac_tdata), .rx_tkeep(s_axis_mac_tkeep), .rx_tvalid(s_axis_mac_tvalid && s_axis_mac_tready), .rx_tlast(s_axis_mac_tlast),
        .tx_tdata(m_axis_mac_tdata), .tx_tkeep(m_axis_mac_tkeep), .tx_tvalid(m_axis_mac_tvalid && m_axis_mac_tready), .tx_tlast(m_axis_mac_tlast),
        .read(counter_read && counter_in_rmon), .read_index(5'(counter_index - $clog2(`FN_STAT_COUNT)'(`FN_STAT_RX_OCTETS))),
        .read_valid(rmon_valid), .read_value(rmon_value)
      );
    end else begin : g_no_rmon
      assign rmon_valid = 1'b0;
      assign rmon_value = '0;
    end
  endgenerate

  // ---------------------------------------------------------------- the link
  logic        pin_up, phy_link_up, full_duplex, mdio_mine, mdio_ack, mdio_commanded;
  logic [31:0] mdio_rdata;

  fn_sync #(.WIDTH(1)) i_link_sync (.clk(clk), .d(link_up), .q(pin_up));

  generate
    if (MDIO) begin : g_mdio
      assign mdio_mine = (reg_address & 16'hFF00) == `FN_MDIO;

      fn_nic_link #(.CLOCK_HZ(CLOCK_HZ), .MDC_HZ(MDC_HZ), .PHY_ADDRESS(PHY_ADDRESS), .SPEEDS(SPEEDS), .NEXT_BLOCK(HOST_BLOCK)) i_link (
        .clk(clk), .rst(rst),
        .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(mdio_rdata), .reg_ack(mdio_ack),
        .mdc(mdc), .mdio_o(mdio_o), .mdio_oe(mdio_oe), .mdio_i(mdio_i),
        .pin_up(pin_up), .link_up(phy_link_up), .speed(link_speed), .full_duplex(full_duplex), .commanded(mdio_commanded)
      );
    end else begin : g_no_mdio
      assign {mdio_mine, mdio_ack, mdio_rdata, mdio_commanded, mdc, mdio_o, mdio_oe} = '0;
      assign {phy_link_up, full_duplex} = {pin_up, 1'b1};
      assign link_speed = SPEEDS[3] ? 2'd3 : SPEEDS[2] ? 2'd2 : {1'b0, SPEEDS[1]};

      logic unused;
      assign unused = &{1'b0, mdio_i};
    end
  endgenerate

  assign idle = tx_idle && rx_idle && coalesce_idle && !m_axis_mac_tvalid && !s_axis_mac_tvalid && !mdio_commanded;

  // ---------------------------------------------------------------- who answers for a register
  // What no other block answers for is fn_nic_registers' to answer.
  logic        elsewhere, rx_mine, mac_mine, own_ack, mac_ack;
  logic [31:0] own_rdata, mac_rdata;

  assign elsewhere = clock_mine || rx_mine || coalesce_mine || mac_mine || mdio_mine;
  assign reg_ack   = own_ack || clock_ack || rx_reg_ack || coalesce_ack || mac_ack || mdio_ack;
  assign reg_rdata = own_rdata | clock_rdata | rx_reg_rdata | coalesce_rdata | mac_rdata | mdio_rdata;

  generate
    if (PAUSE) begin : g_pause
      assign mac_mine = (reg_address & 16'hFF00) == `FN_MAC;

      fn_mac_registers #(.NEXT_BLOCK(AFTER_MAC), .RX_BYTES(MAC_RX_BYTES)) i_mac_registers (
        .clk(clk), .rst(rst),
        .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(mac_rdata), .reg_ack(mac_ack),
        .pause_rx(pause_rx), .pause_tx(pause_tx), .pause_quanta(pause_quanta), .pause_high(pause_high), .pause_low(pause_low)
      );
    end else begin : g_no_pause
      assign {mac_mine, mac_ack, mac_rdata, pause_rx, pause_tx, pause_quanta, pause_high, pause_low} = '0;
    end
  endgenerate

  // Blocks Filter and FlowTable, and in block Rss the queues, are fn_rx's.
  assign rx_mine = RX_CLASSIFY
                && (reg_address[15:8] == FILTER[15:8] || (RX_FLOWS != 0 && reg_address[15:8] == FLOW_TABLE[15:8])
                    || reg_address == `FN_RSS_DEFAULT_QUEUE
                    || (reg_address >= `FN_RSS_INDIRECTION && reg_address < `FN_RSS_INDIRECTION + 16'd4 * `FN_RSS_INDIRECTION_COUNT));

  fn_nic_registers #(
    .DATA_W(DATA_W), .CLOCK_HZ(CLOCK_HZ), .MAC_ADDRESS(MAC_ADDRESS), .BOARD_ID(BOARD_ID), .NEXT_BLOCK(AFTER_STATISTICS), .MAX_FRAME(16'(MAX_FRAME)),
    .STAT_COUNT(RMON ? `FN_STAT_COUNT : `FN_STAT_RX_OCTETS), .FEATURES(FEATURES)
  ) i_registers (
    .clk(clk), .rst(rst),
    .reg_write(reg_write && !elsewhere), .reg_read(reg_read && !elsewhere), .reg_address(reg_address), .reg_wdata(reg_wdata),
    .reg_rdata(own_rdata), .reg_ack(own_ack), .station(station), .rx_strip_enable(rx_strip_enable),
    .link_up(phy_link_up), .link_speed(link_speed), .link_full_duplex(full_duplex), .tx_paused(tx_paused), .tx_enable(tx_enable), .rx_enable(rx_enable), .rx_checksum_enable(rx_checksum_enable), .rx_hash_enable(rx_hash_enable),
    .hash_types(hash_types), .key_write(key_write), .key_index(key_index), .key_wdata(key_wdata), .key_rdata(key_rdata),
    .counter_read(counter_read), .counter_index(counter_index), .counter_valid(counter_valid), .counter_value(counter_value)
  );

endmodule

`default_nettype wire
