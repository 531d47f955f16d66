// Receive half of an RMII (RMII Consortium specification, revision 1.2) made a GMII with a clock enable: finds the bytes behind the start
// delimiter and takes CRS_DV apart, whose every second di-bit of a nibble is RX_DV and which may toggle at the end of a frame (section 5.4).
// A frame ends at the byte whose RX_DV is missing; di-bits left over are dropped. A carrier without any data (RXD 00 throughout) is not shown; a
// false carrier (RXD 10) is a byte with RX_ER.
//
// Latency: 2 clocks. Throughput: 2 bits in every clock with `tick`.
`default_nettype none

module fn_rmii_rx (
  input  wire logic       clk,   // REF_CLK
  input  wire logic       tick,  // sample in this clock: every one at 100 Mb/s, every tenth at 10 Mb/s
  input  wire logic [1:0] rmii_rxd,
  input  wire logic       rmii_crs_dv,
  input  wire logic       rmii_rx_er,

  output logic            gmii_rx_ce,
  output logic [7:0]      gmii_rxd,
  output logic            gmii_rx_dv,
  output logic            gmii_rx_er
);

  // SPOILED: something is wrong before the start delimiter; wait for the end of the carrier.
  typedef enum logic [1:0] {IDLE, PREAMBLE, DATA, SPOILED} state_t;
  state_t state_q;

  logic [1:0] rxd_q, phase_q;
  logic       crs_dv_q, before_q, er_q, byte_er_q;
  logic [5:0] shift_q;

  initial state_q = SPOILED;  // a frame under way is not for us

  always_ff @(posedge clk) begin
    gmii_rx_ce <= 1'b0;
    if (tick) begin
      rxd_q    <= rmii_rxd;
      crs_dv_q <= rmii_crs_dv;
      er_q     <= rmii_rx_er;
      before_q <= crs_dv_q;
      shift_q  <= {rxd_q, shift_q[5:2]};
      case (state_q)
        IDLE: begin
          gmii_rx_ce <= 1'b1;
          gmii_rx_dv <= 1'b0;
          gmii_rx_er <= 1'b0;
          if (crs_dv_q && (rxd_q != 2'b00 || er_q)) begin
            gmii_rx_dv <= 1'b1;
            gmii_rxd   <= 8'h55;
            gmii_rx_er <= rxd_q != 2'b01 || er_q;
            state_q    <= rxd_q != 2'b01 || er_q ? SPOILED : PREAMBLE;
          end
        end
        PREAMBLE: begin
          phase_q   <= 2'd0;
          byte_er_q <= 1'b0;
          if (!crs_dv_q) begin
            state_q <= IDLE;
          end else if (rxd_q != 2'b01 || er_q) begin
            gmii_rx_ce <= 1'b1;
            gmii_rxd   <= 8'hD5;
            gmii_rx_er <= rxd_q != 2'b11 || er_q;
            state_q    <= rxd_q != 2'b11 || er_q ? SPOILED : DATA;
          end
        end
        DATA: begin
          phase_q   <= phase_q + 1'b1;
          byte_er_q <= er_q || (byte_er_q && phase_q != 2'd0);
          if (phase_q[0] && !crs_dv_q) begin
            state_q <= IDLE;
          end else if (phase_q == 2'd3) begin
            gmii_rx_ce <= 1'b1;
            gmii_rxd   <= {rxd_q, shift_q};
            gmii_rx_er <= er_q || byte_er_q;
          end
        end
        default: if (!crs_dv_q && !before_q) state_q <= IDLE;
      endcase
    end
  end

endmodule

`default_nettype wire
