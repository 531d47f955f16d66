// Reads the packets of the host (docs/usb.md): parts of frames go on to the transmit buffer, register accesses are carried out.
//
// The transmit side never stalls it: what finds no room there is dropped whole, so a register access is never behind a frame that cannot
// leave. It stalls its source only while a register access is under way, or while the answer to the last Read has not been taken.
// An access that is not acknowledged in 63 clocks (the register's owner is in reset) is answered with all ones.
//
// Latency: a part of a frame 1 clock; a register access starts with the packet's last byte.
`default_nettype none
`include "fn_regs.svh"

module fn_usb_requests (
  input  wire logic        clk,
  input  wire logic        rst,

  input  wire logic [7:0]  s_tdata,
  input  wire logic        s_tvalid,
  output logic             s_tready,
  input  wire logic        s_tlast,
  input  wire logic        s_tbad,          // with tlast

  output logic [7:0]       m_part_tdata,    // sequence number and what follows it
  output logic             m_part_tvalid,
  output logic             m_part_tlast,
  output logic [1:0]       m_part_tuser,    // the frame's last part, its first
  output logic             m_part_drop,     // with tlast

  output logic             reg_write,       // pulses
  output logic             reg_read,
  output logic [15:0]      reg_address,
  output logic [31:0]      reg_wdata,
  input  wire logic [31:0] reg_rdata,
  input  wire logic        reg_ack,

  output logic [39:0]      m_value_tdata,   // value, tag
  output logic             m_value_tvalid,
  input  wire logic        m_value_tready,

  output logic             refused          // pulse
);

  localparam logic [7:0] TRANSMIT = 8'(`FN_USB_PACKET_TRANSMIT), READ = 8'(`FN_USB_PACKET_READ), WRITE = 8'(`FN_USB_PACKET_WRITE);
  localparam logic [3:0] READ_LENGTH = 4'd4, WRITE_LENGTH = 4'd8, OVER = 4'd9;

  logic [3:0]  index_q;                     // bytes of this packet so far, up to OVER
  logic [7:0]  type_q;
  logic [47:0] bytes_q;                     // its last six
  logic [3:0]  length_q;                    // of the packet that has ended
  logic        busy_q, writing_q, decide_q, bad_q, take, part, other, decide;
  logic [5:0]  watchdog_q;

  assign s_tready = !busy_q && !decide_q;
  assign take     = s_tvalid && s_tready;
  assign part     = type_q[7:2] == TRANSMIT[7:2] && index_q != '0;
  assign other    = take && s_tlast && !part;
  assign decide   = decide_q && !m_value_tvalid;  // the answer to an earlier Read goes first

  // Values, lowest byte first: a Read ends with tag and address, a Write with the value behind them.
  assign reg_address = writing_q ? bytes_q[15:0] : bytes_q[47:32];
  assign reg_wdata   = bytes_q[47:16];

  always_ff @(posedge clk) begin
    m_part_tvalid <= take && part;
    m_part_tdata  <= s_tdata;
    m_part_tlast  <= s_tlast;
    m_part_tuser  <= type_q[1:0];
    m_part_drop   <= s_tbad;

    reg_write <= 1'b0;
    reg_read  <= 1'b0;
    refused   <= 1'b0;
    decide_q  <= other || (decide_q && !decide);
    if (take) begin
      if (index_q == '0) type_q <= s_tdata;
      index_q <= s_tlast ? '0 : index_q == OVER ? OVER : index_q + 1'b1;
      bytes_q <= {s_tdata, bytes_q[47:8]};
    end
    if (other) begin
      bad_q     <= s_tbad;
      writing_q <= type_q == WRITE;
      length_q  <= index_q + 1'b1;
    end

    if (decide && !bad_q) begin
      if (type_q == WRITE && length_q == WRITE_LENGTH && bytes_q[1:0] == '0) begin
        reg_write <= 1'b1;
        busy_q    <= 1'b1;
      end else if (type_q == READ && length_q == READ_LENGTH && bytes_q[33:32] == '0) begin
        reg_read <= 1'b1;
        busy_q   <= 1'b1;
      end else begin
        refused <= 1'b1;
      end
    end

    watchdog_q <= busy_q ? watchdog_q + 1'b1 : '0;
    if (m_value_tready) m_value_tvalid <= 1'b0;
    if (busy_q && (reg_ack || &watchdog_q)) begin
      busy_q <= 1'b0;
      if (!writing_q) begin
        m_value_tvalid <= 1'b1;
        m_value_tdata  <= {reg_ack ? reg_rdata : 32'hFFFF_FFFF, bytes_q[31:24]};
      end
    end
    if (rst) begin
      index_q        <= '0;
      busy_q         <= 1'b0;
      decide_q       <= 1'b0;
      m_part_tvalid  <= 1'b0;
      m_value_tvalid <= 1'b0;
      reg_write      <= 1'b0;
      reg_read       <= 1'b0;
      refused        <= 1'b0;
    end
  end

endmodule

`default_nettype wire
