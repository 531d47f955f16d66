// Finds packets in a stream of bytes (docs/usb.md): octet-stuffed frames as in RFC 1662 §4.2 between flags 7E, with FCS-32 (RFC 1662 §C.3).
//
// A flag inside a packet is always escaped, so the next flag ends whatever garbage came before it, and nothing but the run of bytes between
// two flags in which something is wrong can be lost. What leaves here is a packet without its check: the last byte bears m_tbad when the
// check is wrong, the packet is broken off by an escape, or too short to have one; then whatever came of it is to be forgotten.
//
// Latency: 6 bytes and 1 clock. Throughput: 1 byte a clock; stalls its source when its sink stalls.
`default_nettype none

module fn_usb_deframe (
  input  wire logic       clk,
  input  wire logic       rst,

  input  wire logic [7:0] s_tdata,
  input  wire logic       s_tvalid,
  output logic            s_tready,

  output logic [7:0]      m_tdata,
  output logic            m_tvalid,
  input  wire logic       m_tready,
  output logic            m_tlast,
  output logic            m_tbad,     // with tlast

  output logic            bad         // pulse: something between two flags was no packet
);

  localparam logic [7:0] FLAG = 8'h7E, ESCAPE = 8'h7D, FLIP = 8'h20;

  logic [39:0] delay_q;               // the last five bytes: at the packet's end four of them are its check
  logic [2:0]  held_q;                // how many of them there are
  logic        escaped_q, take, is_flag, is_data, good, long_enough;
  logic [7:0]  value;

  assign s_tready    = !m_tvalid || m_tready;
  assign take        = s_tvalid && s_tready;
  assign is_flag     = s_tdata == FLAG;
  assign is_data     = take && !is_flag && (escaped_q || s_tdata != ESCAPE);
  assign value       = escaped_q ? s_tdata ^ FLIP : s_tdata;
  assign long_enough = held_q == 3'd5;

  fn_crc32 #(.DATA_W(8)) i_crc (.clk(clk), .en(is_data), .first(held_q == '0), .data(value), .keep(1'b1), .fcs(), .good(good));

  always_ff @(posedge clk) begin
    bad <= take && is_flag && (escaped_q || (held_q != '0 && !(long_enough && good)));
    if (m_tready) m_tvalid <= 1'b0;
    if (take) begin
      escaped_q <= !is_flag && !escaped_q && s_tdata == ESCAPE;
      m_tdata   <= delay_q[39:32];
      m_tlast   <= is_flag;
      m_tbad    <= escaped_q || !good;
      m_tvalid  <= long_enough && (is_flag || is_data);
      if (is_flag) held_q <= '0;
      else if (is_data && !long_enough) held_q <= held_q + 1'b1;
    end
    if (is_data) delay_q <= {delay_q[31:0], value};
    if (rst) begin
      m_tvalid  <= 1'b0;
      held_q    <= '0;
      escaped_q <= 1'b0;
      bad       <= 1'b0;
    end
  end

endmodule

`default_nettype wire
