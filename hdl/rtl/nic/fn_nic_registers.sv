`default_nettype none
`include "fn_regs.svh"

// The core's registers: blocks Identification, Core, Rss and Statistics of docs/registers.md on the 32-bit register bus.
//
// One access at a time; reg_ack comes 3 clocks after the request, 8 for a counter, and reg_rdata with it; both are 0 at all other times. What is
// not mapped reads 0 and ignores writes.
module fn_nic_registers #(
  parameter int          DATA_W      = 64,
  parameter int          CLOCK_HZ    = 125000000,
  parameter logic [47:0] MAC_ADDRESS = 48'h02005E100001,
  parameter logic [31:0] BOARD_ID    = 32'd0,
  parameter logic [15:0] NEXT_BLOCK  = 16'h1000,                 // behind block Statistics
  parameter logic [15:0] MAX_FRAME   = 16'd1518,
  parameter int          STAT_COUNT  = `FN_STAT_COUNT,            // counters that are there
  parameter logic [31:0] FEATURES    = 32'd0                     // register Core.Features
) (
  input  logic        clk,
  input  logic        rst,

  input  logic        reg_write,
  input  logic        reg_read,
  input  logic [15:0] reg_address,
  input  logic [31:0] reg_wdata,
  output logic [31:0] reg_rdata,                                 // 0 but in the clock of reg_ack
  output logic        reg_ack,

  input  logic        link_up,
  input  logic [1:0]  link_speed,                                // 10, 100 Mb/s, 1, 10 Gb/s
  input  logic        link_full_duplex,
  input  logic        tx_paused,
  output logic        tx_enable,
  output logic        rx_enable,
  output logic        rx_checksum_enable,
  output logic        rx_hash_enable,
  output logic        rx_strip_enable,
  output logic [47:0] station,                                   // first octet on top

  output logic [6:1]  hash_types,
  output logic        key_write,
  output logic [3:0]  key_index,
  output logic [31:0] key_wdata,
  input  logic [31:0] key_rdata,                                 // word key_index, 1 clock later

  output logic        counter_read,                              // pulse
  output logic [$clog2(`FN_STAT_COUNT)-1:0] counter_index,
  input  logic        counter_valid,                             // pulse
  input  logic [63:0] counter_value
);

  localparam logic [15:0] KEY = `FN_RSS_KEY, KEY_END = `FN_RSS_KEY + 16'd4 * `FN_RSS_KEY_COUNT;
  localparam logic [15:0] COUNTERS = `FN_STATISTICS_COUNTERS, COUNTERS_END = `FN_STATISTICS_COUNTERS + 16'd8 * 16'(STAT_COUNT);

  logic [4:0]  control_q;
  logic [47:0] mac_q;
  logic [31:0] scratch_q;
  logic [5:0]  hash_types_q;
  logic [31:0] counter_high_q;                                   // latched by the read of a low half

  // The access under way: taken, one clock for the key's memory, answered.
  logic        taken_q, settled_q, write_q, counting_q;
  logic [15:0] address_q, place;
  logic [31:0] wdata_q, value, value_q;
  logic        fixed_q, in_key_q, in_counters_q;

  assign tx_enable = control_q[`FN_CORE_CONTROL_TX_ENABLE_LSB];
  assign rx_enable = control_q[`FN_CORE_CONTROL_RX_ENABLE_LSB];
  assign rx_checksum_enable = control_q[`FN_CORE_CONTROL_RX_CHECKSUM_ENABLE_LSB];
  assign rx_hash_enable = control_q[`FN_CORE_CONTROL_RX_HASH_ENABLE_LSB];
  assign rx_strip_enable = control_q[`FN_CORE_CONTROL_RX_VLAN_STRIP_ENABLE_LSB];
  assign station = mac_q;
  assign hash_types = hash_types_q;
  assign key_write = taken_q && write_q && in_key_q;
  assign key_index = 4'((address_q - KEY) >> 2);
  assign key_wdata = wdata_q;
  assign counter_read = taken_q && !write_q && in_counters_q && !address_q[2];
  assign counter_index = $clog2(`FN_STAT_COUNT)'((address_q - COUNTERS) >> 3);

  // All that stand alone are in the first 16 words of blocks 0000 to 0300: where fixed_q tells that, few bits of the address tell them apart.
  assign place = {6'd0, address_q[9:8], 2'd0, address_q[5:2], 2'd0};

  always_comb begin
    value = '0;
    case (place)
      `FN_IDENTIFICATION_MAGIC:       value = `FN_MAGIC;
      `FN_IDENTIFICATION_VERSION:     value = {`FN_VERSION_MAJOR, `FN_VERSION_MINOR};
      `FN_IDENTIFICATION_BOARD_ID:    value = BOARD_ID;
      `FN_IDENTIFICATION_FIRST_BLOCK: value = {16'd0, `FN_CORE};
      `FN_CORE_BLOCK_HEADER:          value = {`FN_CORE_BLOCK_VERSION, `FN_CORE_BLOCK_TYPE};
      `FN_CORE_NEXT_BLOCK:            value = {16'd0, `FN_RSS};
      `FN_CORE_FEATURES:              value = FEATURES;
      `FN_CORE_LIMITS:                value = {16'(DATA_W), MAX_FRAME};
      `FN_CORE_CLOCK_HZ:              value = CLOCK_HZ;
      `FN_CORE_CONTROL:               value = {27'd0, control_q};
      `FN_CORE_STATUS:                value = {26'd0, link_speed, 1'b0, link_full_duplex, tx_paused, link_up};
      `FN_CORE_MAC_LOW:               value = mac_q[31:0];
      `FN_CORE_MAC_HIGH:              value = {16'd0, mac_q[47:32]};
      `FN_CORE_SCRATCH:               value = scratch_q;
      `FN_RSS_BLOCK_HEADER:           value = {`FN_RSS_BLOCK_VERSION, `FN_RSS_BLOCK_TYPE};
      `FN_RSS_NEXT_BLOCK:             value = {16'd0, `FN_STATISTICS};
      `FN_RSS_HASH_TYPES:             value = {25'd0, hash_types_q, 1'b0};
      `FN_STATISTICS_BLOCK_HEADER:    value = {`FN_STATISTICS_BLOCK_VERSION, `FN_STATISTICS_BLOCK_TYPE};
      `FN_STATISTICS_NEXT_BLOCK:      value = {16'd0, NEXT_BLOCK};
      `FN_STATISTICS_COUNT:           value = 32'(STAT_COUNT);
      default: ;
    endcase
    if (!fixed_q) value = '0;
    if (in_counters_q) value = counter_high_q;
  end

  always_ff @(posedge clk) begin
    taken_q <= reg_write || reg_read;
    if (reg_write || reg_read) begin
      write_q <= reg_write;
      address_q <= reg_address;
      fixed_q <= (reg_address & 16'hFCC3) == '0;
      in_key_q <= reg_address >= KEY && reg_address < KEY_END;
      in_counters_q <= reg_address >= COUNTERS && reg_address < COUNTERS_END;
      wdata_q <= reg_wdata;
    end

    settled_q <= taken_q && !counter_read;
    counting_q <= counter_read || (counting_q && !counter_valid);
    reg_ack <= settled_q || (counting_q && counter_valid);
    value_q <= value;
    reg_rdata <= !settled_q ? '0 : in_key_q ? key_rdata : value_q;
    if (counting_q && counter_valid) {counter_high_q, reg_rdata} <= counter_value;

    if (taken_q && write_q && fixed_q) begin
      case (place)
        `FN_CORE_CONTROL:   control_q <= wdata_q[4:0];
        `FN_CORE_MAC_LOW:   mac_q[31:0] <= wdata_q;
        `FN_CORE_MAC_HIGH:  mac_q[47:32] <= wdata_q[15:0];
        `FN_CORE_SCRATCH:   scratch_q <= wdata_q;
        `FN_RSS_HASH_TYPES: hash_types_q <= wdata_q[6:1];
        default: ;
      endcase
    end

    if (rst) begin
      taken_q <= 1'b0;
      settled_q <= 1'b0;
      counting_q <= 1'b0;
      reg_ack <= 1'b0;
      control_q <= '0;
      mac_q <= MAC_ADDRESS;
      scratch_q <= '0;
      hash_types_q <= '1;
      counter_high_q <= '0;
    end
  end

endmodule

`default_nettype wire
