// What the card has to say, as packets for fn_usb_frame (docs/usb.md): values of registers first, then what became of frames sent, then
// credit, then received frames. A received frame is sent while it comes; when the host does not read, it waits, and behind it the MAC drops
// whole frames and counts them (rx_overflow).
//
// Credit goes with every Transmitted; a packet of its own is sent only when none came for CREDIT_DELAY clocks.
// Latency: 1 clock. Throughput: 1 byte a clock. core_rst breaks the packet off whose source it resets.
`default_nettype none
`include "fn_regs.svh"

module fn_usb_answers #(
  parameter int CREDIT_DELAY = 128  // clocks, a power of two
) (
  input  wire logic         clk,
  input  wire logic         rst,
  input  wire logic         core_rst,

  input  wire logic [39:0]  s_value_tdata,    // value, tag
  input  wire logic         s_value_tvalid,
  output logic              s_value_tready,
  input  wire logic [79:0]  s_status_tdata,   // timestamp, status, sequence number
  input  wire logic         s_status_tvalid,
  output logic              s_status_tready,
  input  wire logic         left,             // pulse: a part has left the transmit buffer ...
  input  wire logic [7:0]   left_sequence,    // ... this one
  input  wire logic [7:0]   s_axis_rx_tdata,
  input  wire logic         s_axis_rx_tvalid,
  output logic              s_axis_rx_tready,
  input  wire logic         s_axis_rx_tlast,
  input  wire logic [255:0] s_axis_rx_tuser,  // RxCompletion

  output logic [7:0]        m_tdata,
  output logic              m_tvalid,
  input  wire logic         m_tready,
  output logic              m_tlast,
  output logic              m_tabort,

  output logic              idle
);

  localparam int DELAY_W = $clog2(CREDIT_DELAY);

  typedef enum logic [2:0] { PICK, VALUE, STATUS, CREDIT, METADATA, BYTES, BREAK } state_t;
  state_t state_q;

  logic [4:0]         index_q;                // byte of the packet behind its type
  logic               type_q;                 // its type is to be sent
  logic               due_q;                  // credit has not been told
  logic [DELAY_W-1:0] delay_q;
  logic [7:0]         credit_q, told_q;       // what is told stands while it waits
  logic [87:0]        status;                 // behind the type
  logic               step, final_byte;

  assign step   = m_tvalid && m_tready;
  assign status = {s_status_tdata, told_q};

  always_comb begin
    m_tdata    = s_axis_rx_tdata;
    final_byte = 1'b0;
    case (state_q)
      VALUE: begin
        m_tdata    = type_q ? 8'(`FN_USB_PACKET_VALUE) : s_value_tdata[8 * index_q[2:0] +: 8];
        final_byte = index_q == 5'd4;
      end
      STATUS: begin
        m_tdata    = type_q ? 8'(`FN_USB_PACKET_TRANSMITTED) : status[8 * index_q[3:0] +: 8];
        final_byte = index_q == 5'd10;
      end
      CREDIT: begin
        m_tdata    = type_q ? 8'(`FN_USB_PACKET_CREDIT) : told_q;
        final_byte = !type_q;
      end
      METADATA: m_tdata = type_q ? 8'(`FN_USB_PACKET_RECEIVE) : s_axis_rx_tuser[8 * index_q +: 8];
      BYTES:    final_byte = s_axis_rx_tlast;
      default: ;
    endcase
  end

  assign m_tvalid = state_q == BYTES ? s_axis_rx_tvalid : state_q != PICK;
  assign m_tlast  = final_byte || state_q == BREAK;
  assign m_tabort = state_q == BREAK;
  assign s_value_tready   = state_q == VALUE && final_byte && m_tready;
  assign s_status_tready  = state_q == STATUS && final_byte && m_tready;
  assign s_axis_rx_tready = state_q == BYTES && m_tready;
  assign idle = state_q == PICK && !s_value_tvalid && !s_status_tvalid && !s_axis_rx_tvalid && !due_q;

  always_ff @(posedge clk) begin
    if (step) begin
      type_q <= 1'b0;
      if (!type_q) index_q <= index_q + 1'b1;
    end
    case (state_q)
      PICK: begin
        index_q <= '0;
        type_q  <= 1'b1;
        if (s_value_tvalid)        state_q <= VALUE;
        else if (core_rst)         state_q <= PICK;
        else if (s_status_tvalid)  state_q <= STATUS;
        else if (&delay_q)         state_q <= CREDIT;
        else if (s_axis_rx_tvalid) state_q <= METADATA;
      end
      METADATA: if (step && (&index_q)) state_q <= BYTES;
      default:  if (step && m_tlast) state_q <= PICK;
    endcase
    if (core_rst && (state_q == STATUS || state_q == METADATA || state_q == BYTES)) state_q <= BREAK;

    if (step && type_q && (state_q == STATUS || state_q == CREDIT)) begin
      told_q  <= credit_q;
      due_q   <= 1'b0;
      delay_q <= '0;
    end else if (due_q && !(&delay_q)) begin
      delay_q <= delay_q + 1'b1;
    end
    if (left) begin
      credit_q <= left_sequence;
      due_q    <= 1'b1;
    end
    if (rst || core_rst) begin
      credit_q <= '1;                         // as if the packet before the first, whose number is 0, had left
      told_q   <= '1;
      due_q    <= 1'b0;
      delay_q  <= '0;
    end
    if (rst) state_q <= PICK;
  end

endmodule

`default_nettype wire
