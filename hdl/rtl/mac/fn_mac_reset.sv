// Reset of a MAC with its two line clocks: every domain is held until the slower ones have seen it, whatever the clocks' ratio (a
// 2.5 MHz MII beside a 125 MHz core), and for 16 clocks of clk at least. A line clock that stands still holds the MAC in reset: no PHY, no frames.
`default_nettype none

module fn_mac_reset (
  input  wire logic clk,
  input  wire logic rst,
  output logic      clk_rst,  // for what runs at clk
  input  wire logic tx_clk,
  output logic      tx_rst,
  input  wire logic rx_clk,
  output logic      rx_rst
);

  logic [4:0] count_q;
  logic       rst_q, tx_held, rx_held;
  logic [3:0] tx_held_q, rx_held_q;  // how long the domain has been in reset

  always_ff @(posedge clk) begin
    if (rst) begin
      count_q <= 5'd16;
      rst_q   <= 1'b1;
    end else if (count_q != 5'd0) begin
      count_q <= count_q - 1'b1;
    end else if (tx_held && rx_held) begin
      rst_q <= 1'b0;
    end
  end

  fn_sync #(.WIDTH(1)) i_tx_rst_sync (.clk(tx_clk), .d(rst_q), .q(tx_rst));
  fn_sync #(.WIDTH(1)) i_rx_rst_sync (.clk(rx_clk), .d(rst_q), .q(rx_rst));

  always_ff @(posedge tx_clk) tx_held_q <= {tx_held_q[2:0], 1'b1} & {4{tx_rst}};
  always_ff @(posedge rx_clk) rx_held_q <= {rx_held_q[2:0], 1'b1} & {4{rx_rst}};

  fn_sync #(.WIDTH(1)) i_tx_held_sync (.clk(clk), .d(tx_held_q[3]), .q(tx_held));
  fn_sync #(.WIDTH(1)) i_rx_held_sync (.clk(clk), .d(rx_held_q[3]), .q(rx_held));

  assign clk_rst = rst_q;

endmodule

`default_nettype wire
