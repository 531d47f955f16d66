// Puts packets into a stream of bytes, as fn_usb_deframe takes them out: flag, the packet and its check with flags and escapes stuffed, flag.
//
// A packet whose last byte bears s_tabort gets no check, so that its receiver drops it. Latency: 1 clock and the opening flag.
// Throughput: 1 byte a clock. It stalls its source while it sends flags, check and escapes, and when its sink stalls.
`default_nettype none

module fn_usb_frame (
  input  wire logic       clk,
  input  wire logic       rst,

  input  wire logic [7:0] s_tdata,
  input  wire logic       s_tvalid,
  output logic            s_tready,
  input  wire logic       s_tlast,
  input  wire logic       s_tabort,   // with tlast

  output logic [7:0]      m_tdata,
  output logic            m_tvalid,
  input  wire logic       m_tready,

  output logic            idle        // no packet in here
);

  localparam logic [7:0] FLAG = 8'h7E, ESCAPE = 8'h7D, FLIP = 8'h20;

  typedef enum logic [1:0] { OPEN, PACKET, CHECK, CLOSE } state_t;
  state_t state_q;

  logic [1:0]  index_q;               // byte of the check
  logic        first_q, flip_q;       // the escape has been sent, and its byte follows
  logic        free, special, put, take;
  logic [31:0] fcs;
  logic [7:0]  value;

  assign free    = !m_tvalid || m_tready;
  assign value   = state_q == CHECK ? fcs[8*index_q +: 8] : s_tdata;
  assign special = value == FLAG || value == ESCAPE;
  assign put     = free && (state_q == CHECK || (state_q == PACKET && s_tvalid));
  assign take    = put && state_q == PACKET && (!special || flip_q);
  assign s_tready = take;
  assign idle    = state_q == OPEN && !m_tvalid;

  fn_crc32 #(.DATA_W(8)) i_crc (.clk(clk), .en(take), .first(first_q), .data(s_tdata), .keep(1'b1), .fcs(fcs), .good());

  always_ff @(posedge clk) begin
    if (m_tready) m_tvalid <= 1'b0;
    if (put) begin
      m_tvalid <= 1'b1;
      m_tdata  <= flip_q ? value ^ FLIP : special ? ESCAPE : value;
      flip_q   <= special && !flip_q;
    end
    case (state_q)
      OPEN: begin
        first_q <= 1'b1;
        index_q <= '0;
        if (free && s_tvalid) begin
          m_tvalid <= 1'b1;
          m_tdata  <= FLAG;
          state_q  <= PACKET;
        end
      end
      PACKET: if (take) begin
        first_q <= 1'b0;
        if (s_tlast) state_q <= s_tabort ? CLOSE : CHECK;
      end
      CHECK: if (put && (!special || flip_q)) begin
        index_q <= index_q + 1'b1;
        if (&index_q) state_q <= CLOSE;
      end
      default: if (free) begin
        m_tvalid <= 1'b1;
        m_tdata  <= FLAG;
        state_q  <= OPEN;
      end
    endcase
    if (rst) begin
      state_q  <= OPEN;
      m_tvalid <= 1'b0;
      flip_q   <= 1'b0;
    end
  end

endmodule

`default_nettype wire
