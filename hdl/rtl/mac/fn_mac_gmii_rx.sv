// Receive half of the Ethernet MAC at the GMII (IEEE 802.3 clauses 3, 4 and 35): finds the start delimiter, checks the frame check
// sequence and strips it.
//
// A byte passes in every clock with ce = 1; nothing moves in the others. Latency: 7 such clocks from a byte on the pins to the same byte on
// the stream. Throughput: wire speed. The stream cannot be stalled: there is no tready, and what follows must take every beat.
// Every carrier event gives exactly one frame on the stream. tuser, valid with tlast, is 0 for a good frame, else one bit says why the
// frame is bad; the bytes of a bad frame mean nothing, and there may be as few as one. When several reasons hold, the
// highest bit below is given:
//   tuser[3] phy error: RX_ER during the frame or its preamble, or no start delimiter
//   tuser[2] oversize: longer than MAX_FRAME and the check sequence (1522 bytes); the rest of the frame is not forwarded
//   tuser[1] undersize: shorter than 64 bytes with check sequence
//   tuser[0] bad check sequence
`default_nettype none

module fn_mac_gmii_rx #(
  parameter int MAX_FRAME = 1518  // bytes without check sequence
) (
  input  wire logic       clk,  // the GMII receive clock
  input  wire logic       rst,
  input  wire logic       ce,   // the pins show a byte; 1 at a true GMII

  input  wire logic [7:0] gmii_rxd,
  input  wire logic       gmii_rx_dv,
  input  wire logic       gmii_rx_er,

  output logic [7:0]      m_axis_tdata,
  output logic            m_axis_tvalid,
  output logic            m_axis_tlast,
  output logic [3:0]      m_axis_tuser,

  output logic            strike,  // pulse: a start delimiter was taken from the pins; not before the last beat of the frame before
  output logic            busy     // a carrier event is on the pins or on its way through
);

  localparam logic [7:0] START_BYTE = 8'hD5;
  localparam int FCS_BYTES  = 4;
  localparam int MIN_BYTES  = 64;  // with check sequence
  localparam int LENGTH_W   = $clog2(MAX_FRAME + FCS_BYTES + 1);
  localparam int HOLD_BYTES = FCS_BYTES + 1;  // kept back: the check sequence, and the last byte until it is known to be the last

  // SKIP: nothing more comes of this carrier event. WAIT: the same, but it still has to be reported as a phy error.
  typedef enum logic [2:0] {IDLE, PREAMBLE, DATA, SKIP, WAIT} state_t;
  state_t state_q;

  logic [7:0]              rxd_q;
  logic                    dv_q, er_q, fresh_q;
  logic [HOLD_BYTES*8-1:0] hold_q;  // the newest byte in [7:0]
  logic [2:0]              held_q;  // how many bytes it holds
  logic [LENGTH_W-1:0]     length_q;
  logic                    error_q, take, fcs_good;

  assign take   = state_q == DATA && dv_q && ce;
  assign strike = fresh_q && (state_q == IDLE || state_q == PREAMBLE) && dv_q && !er_q && rxd_q == START_BYTE;
  assign busy   = gmii_rx_dv || dv_q || state_q != IDLE || m_axis_tvalid;

  fn_crc32 #(.DATA_W(8)) i_crc (.clk(clk), .en(take), .first(length_q == '0), .data(rxd_q), .keep(1'b1), .good(fcs_good),
                                .fcs());

  always_ff @(posedge clk) begin
    fresh_q       <= ce;
    m_axis_tvalid <= 1'b0;
    m_axis_tlast  <= 1'b0;
    if (ce) begin
      dv_q <= gmii_rx_dv;
      if (gmii_rx_dv) begin
        rxd_q <= gmii_rxd;
        er_q  <= gmii_rx_er;
      end
      case (state_q)
        IDLE, PREAMBLE: begin
          length_q <= '0;
          held_q   <= '0;
          error_q  <= 1'b0;
          if (dv_q) begin
            if (er_q) state_q <= WAIT;
            else if (rxd_q == START_BYTE) state_q <= DATA;
            else if (rxd_q == 8'h55) state_q <= PREAMBLE;
            else state_q <= WAIT;
          end else if (state_q == PREAMBLE) begin
            m_axis_tvalid <= 1'b1;
            m_axis_tlast  <= 1'b1;
            m_axis_tuser  <= 4'b1000;
            state_q       <= IDLE;
          end
        end
        DATA: begin
          m_axis_tdata <= hold_q[HOLD_BYTES*8-1 -: 8];
          if (!dv_q) begin
            m_axis_tvalid <= 1'b1;
            m_axis_tlast  <= 1'b1;
            state_q       <= IDLE;
            if (error_q)                                  m_axis_tuser <= 4'b1000;
            else if (length_q < LENGTH_W'(MIN_BYTES))     m_axis_tuser <= 4'b0010;
            else                                          m_axis_tuser <= {3'b000, !fcs_good};
          end else if (length_q == LENGTH_W'(MAX_FRAME + FCS_BYTES)) begin
            m_axis_tvalid <= 1'b1;
            m_axis_tlast  <= 1'b1;
            m_axis_tuser  <= error_q || er_q ? 4'b1000 : 4'b0100;
            state_q       <= SKIP;
          end else begin
            m_axis_tvalid <= held_q == 3'(HOLD_BYTES);
            if (held_q != 3'(HOLD_BYTES)) held_q <= held_q + 1'b1;
            hold_q   <= {hold_q[HOLD_BYTES*8-9:0], rxd_q};
            length_q <= length_q + 1'b1;
            if (er_q) error_q <= 1'b1;
          end
        end
        SKIP: if (!dv_q) state_q <= IDLE;
        WAIT: if (!dv_q) begin
          m_axis_tvalid <= 1'b1;
          m_axis_tlast  <= 1'b1;
          m_axis_tuser  <= 4'b1000;
          state_q       <= IDLE;
        end
        default: state_q <= IDLE;
      endcase
    end
    if (rst) begin
      dv_q          <= 1'b1;  // a carrier event that the reset cut in two is skipped, not misread
      m_axis_tvalid <= 1'b0;
      m_axis_tlast  <= 1'b0;
      state_q       <= SKIP;
    end
  end

`ifndef SYNTHESIS
  initial if (MAX_FRAME < MIN_BYTES) $fatal(1, "fn_mac_gmii_rx: MAX_FRAME must be 64 or more");
`endif

endmodule

`default_nettype wire
