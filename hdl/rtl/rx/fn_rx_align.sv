`default_nettype none

// Turns a frame into the 32-bit words that its headers are made of.
//
// Every header behind the Ethernet addresses begins at a byte offset of 2 modulo 4: EtherType and each tag are 4 bytes as
// seen from there, IPv4 headers are multiples of 4 and IPv6 headers multiples of 8. So with two bytes of padding in front of
// the frame all header fields fall into whole words: word n holds frame bytes 4n-2 .. 4n+1, word 3 ends with the EtherType,
// word 4 is the first of the network header (or the first tag's TCI and next EtherType).
//
// A beat of 8 or 16 bits gives a word every few beats; a beat of 32 bits or more gives WORDS words at once and, in the last
// beat, its own last two bytes as the first half of one more word (slot WORDS). First byte of a word in bits 31:24, valid
// bytes counted from there.
//
// Watches a stream that never waits (no tready). Latency 1 clock; one beat a clock.
module fn_rx_align #(
  parameter int DATA_W = 64,                                     // 8, 16, 32 or 64
  parameter int WORDS  = DATA_W < 32 ? 1 : DATA_W / 32           // derived; leave alone
) (
  input  logic                     clk,
  input  logic                     rst,

  input  logic [DATA_W-1:0]        s_axis_tdata,
  input  logic [DATA_W/8-1:0]      s_axis_tkeep,
  input  logic                     s_axis_tvalid,
  input  logic                     s_axis_tlast,

  output logic                     m_valid,
  output logic                     m_last,
  output logic [(WORDS+1)*32-1:0]  m_words,                      // slot i in [32*i +: 32]
  output logic [(WORDS+1)*4-1:0]   m_bytes                       // slot i in [4*i +: 4]; bit 3 goes with bits 31:24
);

  localparam int BYTES = DATA_W / 8;

  initial if (DATA_W != 8 && DATA_W != 16 && DATA_W != 32 && DATA_W != 64) $fatal(1, "fn_rx_align: DATA_W must be 8, 16, 32 or 64");

  logic [(WORDS+1)*32-1:0] words_d;
  logic [(WORDS+1)*4-1:0]  bytes_d;
  logic                    emit;

  generate
    if (DATA_W < 32) begin : g_narrow
      // Beats fill one word from the left. The padding is valid, as it stands before word 1 and nobody looks at it.
      localparam int BEATS = 32 / DATA_W;
      localparam int PHASE_W = $clog2(BEATS);
      logic [PHASE_W-1:0] phase_q;
      logic [31:0]        hold_q;
      logic [31:0]        word;
      logic [3:0]         bytes;

      always_comb begin
        word = hold_q;
        bytes = '0;
        for (int p = 0; p < BEATS; p++) begin
          if (phase_q == PHASE_W'(p)) begin
            for (int b = 0; b < BYTES; b++) begin
              word[31-8*(p*BYTES+b) -: 8] = s_axis_tdata[8*b +: 8];
              bytes[3-(p*BYTES+b)] = s_axis_tkeep[b];
            end
          end else if (PHASE_W'(p) < phase_q) begin
            for (int b = 0; b < BYTES; b++) bytes[3-(p*BYTES+b)] = 1'b1;
          end
        end
      end

      assign words_d = {32'd0, word};
      assign bytes_d = {4'd0, bytes};
      assign emit = s_axis_tvalid && (s_axis_tlast || (&phase_q));

      always_ff @(posedge clk) begin
        if (s_axis_tvalid) begin
          hold_q <= word;
          phase_q <= s_axis_tlast ? PHASE_W'(BEATS / 2) : phase_q + 1'b1;
        end
        if (rst) phase_q <= PHASE_W'(BEATS / 2);
      end
    end else begin : g_wide
      logic [15:0] hold_q;

      always_comb begin
        words_d = '0;
        bytes_d = '0;
        words_d[31:16] = hold_q;
        bytes_d[3:2] = 2'b11;
        for (int b = 0; b < BYTES; b++) begin
          // Byte b of the beat is byte b+2 of the padded word row.
          words_d[32*((b+2)/4) + 31 - 8*((b+2)%4) -: 8] = s_axis_tdata[8*b +: 8];
          bytes_d[4*((b+2)/4) + 3 - (b+2)%4] = s_axis_tkeep[b] && (b < BYTES - 2 || s_axis_tlast);
        end
      end

      assign emit = s_axis_tvalid;

      always_ff @(posedge clk) if (s_axis_tvalid) hold_q <= {s_axis_tdata[DATA_W-16 +: 8], s_axis_tdata[DATA_W-8 +: 8]};
    end
  endgenerate

  always_ff @(posedge clk) begin
    m_valid <= emit && !rst;
    if (emit) begin
      m_last <= s_axis_tlast;
      m_words <= words_d;
      m_bytes <= bytes_d;
    end
  end

endmodule

`default_nettype wire
