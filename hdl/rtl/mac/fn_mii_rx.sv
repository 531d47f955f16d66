// Puts the nibbles of an MII (IEEE 802.3 clause 22) together to the bytes of a GMII with a clock enable. Bytes are counted from the start
// delimiter, so a preamble may have any number of nibbles; a nibble left over at the end is dropped (clause 4.2.4.2.1). A carrier shorter than a byte is not shown.
//
// Latency: 1 clock. Throughput: a nibble a clock. While no carrier is on the pins gmii_rx_ce stays 1.
`default_nettype none

module fn_mii_rx (
  input  wire logic       clk,
  input  wire logic [3:0] mii_rxd,
  input  wire logic       mii_rx_dv,
  input  wire logic       mii_rx_er,

  output logic            gmii_rx_ce,
  output logic [7:0]      gmii_rxd,
  output logic            gmii_rx_dv,
  output logic            gmii_rx_er
);

  localparam logic [3:0] PREAMBLE = 4'h5, DELIMITER = 4'hD;

  logic [3:0] before_q;
  logic       before_er_q, half_q, seen_q, aligned_q, delimiter;

  assign delimiter = !aligned_q && seen_q && before_q == PREAMBLE && mii_rxd == DELIMITER;

  always_ff @(posedge clk) begin
    gmii_rx_ce <= 1'b0;
    if (!mii_rx_dv) begin
      gmii_rx_ce <= 1'b1;
      gmii_rx_dv <= 1'b0;
      gmii_rx_er <= 1'b0;
      half_q     <= 1'b0;
      seen_q     <= 1'b0;
      aligned_q  <= 1'b0;
    end else begin
      before_q    <= mii_rxd;
      before_er_q <= mii_rx_er;
      seen_q      <= 1'b1;
      half_q      <= !half_q;
      if (delimiter || half_q) begin
        gmii_rx_ce <= 1'b1;
        gmii_rx_dv <= 1'b1;
        gmii_rxd   <= {mii_rxd, before_q};
        gmii_rx_er <= mii_rx_er || (before_er_q && half_q);
        half_q     <= 1'b0;
      end
      if (delimiter) aligned_q <= 1'b1;
    end
  end

endmodule

`default_nettype wire
