// Transmit half of the Ethernet MAC at the GMII (IEEE 802.3 clauses 3, 4 and 35): preamble and start delimiter, padding to 60 bytes,
// frame check sequence, inter-frame gap of 12 bytes.
//
// A byte passes in every clock with ce = 1; the pins stand still in the others. In such clocks:
// Latency: 1 clock from tvalid to the first byte of the preamble, 9 to the first byte of the frame. Throughput: wire speed; while
// frames wait, exactly 12 idle bytes stand between them.
// A frame's bytes must come without a pause once it has begun. If one is missing, the frame is spoiled on the wire (gmii_tx_er for one
// byte, no check sequence), the rest of it is taken and thrown away, and `underrun` pulses.
`default_nettype none

module fn_mac_gmii_tx (
  input  wire logic       clk,  // the GMII transmit clock
  input  wire logic       rst,
  input  wire logic       ce,      // the pins move on; 1 at a true GMII
  input  wire logic       enable,  // frames may begin; one that has begun is finished

  input  wire logic [7:0] s_axis_tdata,
  input  wire logic       s_axis_tvalid,
  output logic            s_axis_tready,
  input  wire logic       s_axis_tlast,

  output logic [7:0]      gmii_txd,
  output logic            gmii_tx_en,
  output logic            gmii_tx_er,

  output logic            strike,   // pulse: the start delimiter is on the pins, and the frame's first byte still on the stream
  output logic            sent,     // pulse: a frame and the gap behind it are over
  output logic            underrun  // pulse: a frame was spoiled for want of a byte
);

  localparam logic [7:0] PREAMBLE_BYTE = 8'h55;
  localparam logic [7:0] START_BYTE    = 8'hD5;

  typedef enum logic [2:0] {IDLE, PREAMBLE, DATA, PAD, FCS, DISCARD, GAP} state_t;
  state_t state_q;

  // Position within the state: bytes of preamble (7), frame bytes up to the shortest frame (60), check sequence (4), gap (12).
  logic [5:0]  count_q;
  logic        first_q;  // no byte of this frame has gone to the check sequence yet
  logic        crc_en;
  logic [7:0]  crc_data;
  logic [31:0] fcs;
  logic        long_enough;  // with the byte of this clock the frame has 60 bytes

  assign s_axis_tready = ce && (state_q == DATA || state_q == DISCARD);
  assign long_enough   = count_q == 6'd59;
  assign crc_en        = ce && (state_q == DATA || state_q == PAD);
  assign crc_data      = state_q == PAD ? 8'd0 : s_axis_tdata;

  fn_crc32 #(.DATA_W(8)) i_crc (.clk(clk), .en(crc_en), .first(first_q), .data(crc_data), .keep(1'b1), .fcs(fcs),
                                .good());

  always_ff @(posedge clk) begin
    strike   <= 1'b0;
    sent     <= 1'b0;
    underrun <= 1'b0;
    if (ce) begin
      gmii_tx_en <= 1'b0;
      gmii_tx_er <= 1'b0;
      case (state_q)
        IDLE: begin
          gmii_txd <= 8'd0;
          count_q  <= 6'd1;
          if (s_axis_tvalid && enable) begin
            gmii_txd   <= PREAMBLE_BYTE;
            gmii_tx_en <= 1'b1;
            state_q    <= PREAMBLE;
          end
        end
        PREAMBLE: begin
          gmii_txd   <= PREAMBLE_BYTE;
          gmii_tx_en <= 1'b1;
          count_q    <= count_q + 1'b1;
          if (count_q == 6'd7) begin
            gmii_txd <= START_BYTE;
            strike   <= 1'b1;
            count_q  <= 6'd0;
            first_q  <= 1'b1;
            state_q  <= DATA;
          end
        end
        // Whether a byte is there comes late: it decides where to go from here, and what a frame that is spoiled then does not need is done either way.
        DATA: begin
          gmii_tx_en <= 1'b1;
          gmii_txd   <= s_axis_tdata;
          first_q    <= 1'b0;
          if (!long_enough) count_q <= count_q + 1'b1;
          else if (s_axis_tlast) count_q <= 6'd0;
          if (s_axis_tvalid) begin
            if (s_axis_tlast) state_q <= long_enough ? FCS : PAD;
          end else begin
            gmii_tx_er <= 1'b1;
            underrun   <= 1'b1;
            state_q    <= DISCARD;
          end
        end
        PAD: begin
          gmii_txd   <= 8'd0;
          gmii_tx_en <= 1'b1;
          count_q    <= count_q + 1'b1;
          if (long_enough) begin
            count_q <= 6'd0;
            state_q <= FCS;
          end
        end
        FCS: begin
          gmii_tx_en <= 1'b1;
          count_q    <= count_q + 1'b1;
          case (count_q[1:0])
            2'd0:    gmii_txd <= fcs[7:0];
            2'd1:    gmii_txd <= fcs[15:8];
            2'd2:    gmii_txd <= fcs[23:16];
            default: gmii_txd <= fcs[31:24];
          endcase
          if (count_q == 6'd3) begin
            count_q <= 6'd0;
            state_q <= GAP;
          end
        end
        DISCARD: begin
          count_q <= 6'd0;
          if (s_axis_tvalid && s_axis_tlast) state_q <= GAP;
        end
        GAP: begin
          gmii_txd <= 8'd0;
          count_q  <= count_q + 1'b1;
          if (count_q == 6'd11) begin
            sent    <= 1'b1;
            state_q <= IDLE;
          end
        end
        default: state_q <= IDLE;
      endcase
    end
    if (rst) begin
      gmii_txd   <= 8'd0;
      gmii_tx_en <= 1'b0;
      gmii_tx_er <= 1'b0;
      strike     <= 1'b0;
      sent       <= 1'b0;
      underrun   <= 1'b0;
      state_q    <= IDLE;
    end
  end

endmodule

`default_nettype wire
