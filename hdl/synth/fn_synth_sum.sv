`default_nettype none
`include "fn_regs.svh"

// fn_rx_checksum as the peer's function: one sum over a frame of 64-bit beats. No header sum, no pseudo header, no half word behind the last row, no
// completion to carry; Yosys takes away what these would need.
module fn_synth_sum (
  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic        s_valid,
  input  wire logic        s_last,
  input  wire logic [63:0] s_data,
  input  wire logic [7:0]  s_keep,
  output logic             m_valid,
  output logic [1:0]       m_verdict
);

  localparam logic [255:0] TCP = 256'd1 << `FN_RX_COMPLETION_TRANSPORT_LSB;

  logic [255:0] completion;

  fn_rx_checksum #(.WORDS(2)) i_checksum (
    .clk(clk), .rst(rst), .enable(1'b1),
    .s_word_valid(s_valid), .s_word_last(s_last), .s_words({32'd0, s_data}), .s_word_header(2'd0), .s_word_address(2'd0),
    .s_word_payload({4'd0, s_keep}), .s_completion(TCP), .s_payload_length(16'd0), .s_udp(1'b0), .s_udp_no_checksum(1'b0), .s_udp_bad_length(1'b0),
    .m_valid(m_valid), .m_completion(completion)
  );

  assign m_verdict = completion[`FN_RX_COMPLETION_TRANSPORT_CHECKSUM];

endmodule

`default_nettype wire
