// Cuts reads into memory read TLPs: none crosses a boundary of the maximum read request size, so none crosses 4 KB or is longer than
// allowed (PCIe Base 4.0 §2.2.7). Byte enables say exactly which bytes are wanted; a TLP of one DW has Last BE 0000 (§2.2.5).
//
// Latency: 2 clocks from request to first beat. Throughput: a TLP every 4 clocks. Waits while no tag is free, and while
// `hold` is 1; a TLP that has begun is always finished.
`default_nettype none

module fn_dma_read_request #(
  parameter int SLOTS    = 8,  // reads outstanding, a power of two, 2 to 16
  parameter int CLIENT_W = 2   // bits that say who asked
) (
  input  wire logic                     clk,
  input  wire logic                     rst,
  input  wire logic [15:0]              cfg_completer_id,
  input  wire logic [2:0]               cfg_max_read_request,
  input  wire logic                     enable,         // bus mastering is on and no reset is waiting

  input  wire logic                     s_valid,
  output logic                          s_ready,
  input  wire logic [63:0]              s_address,
  input  wire logic [12:0]              s_length,       // bytes, 1 to 4096
  input  wire logic [CLIENT_W-1:0]      s_client,
  input  wire logic                     s_last,         // travels with the last byte

  // A slot is taken with `take`; what it needs stands beside it. `slot_void`: no usable tag is left; nothing is sent, the read fails.
  input  wire logic                     slot_free,
  input  wire logic                     slot_void,
  input  wire logic [4:0]               slot_tag,
  output logic                          take,
  output logic [6:0]                    take_address,   // bits 6:0 of the first byte's address
  output logic [9:0]                    take_length,    // bytes, 1 to 512
  output logic [CLIENT_W-1:0]           take_client,
  output logic                          take_last,

  output logic [63:0]                   m_axis_tdata,
  output logic [7:0]                    m_axis_tkeep,
  output logic                          m_axis_tvalid,
  input  wire logic                     m_axis_tready,
  output logic                          m_axis_tlast,

  output logic                          sent,           // pulse: a request went out
  output logic                          idle
);

  typedef enum logic [2:0] { IDLE, CUT, TAG, HEADER0, HEADER1 } state_t;
  state_t state_q;

  logic [63:0]         address_q;
  logic [12:0]         left_q;
  logic [9:0]          chunk_q, room, chunk;
  logic [CLIENT_W-1:0] client_q;
  logic                last_q;
  logic [4:0]          tag_q;

  // Bytes up to the next boundary of the maximum read request size: 128, 256 or 512.
  always_comb begin
    case (cfg_max_read_request)
      3'd0:    room = 10'd128 - {3'd0, address_q[6:0]};
      3'd1:    room = 10'd256 - {2'd0, address_q[7:0]};
      default: room = 10'd512 - {1'd0, address_q[8:0]};
    endcase
    chunk = left_q < {3'd0, room} ? left_q[9:0] : room;
  end

  logic [10:0] end_offset;  // one past the last byte, from the first DW's start
  logic [3:0]  head_be, tail_be;
  logic [7:0]  dws;

  assign end_offset = {9'd0, address_q[1:0]} + {1'b0, chunk_q};
  assign dws        = 8'((end_offset + 11'd3) >> 2);
  assign head_be    = 4'hF << address_q[1:0];
  always_comb begin
    case (end_offset[1:0])
      2'd1:    tail_be = 4'b0001;
      2'd2:    tail_be = 4'b0011;
      2'd3:    tail_be = 4'b0111;
      default: tail_be = 4'b1111;
    endcase
  end

  assign take         = state_q == TAG && slot_free && enable;
  assign take_address = address_q[6:0];
  assign take_length  = chunk_q;
  assign take_client  = client_q;
  assign take_last    = last_q && left_q == {3'd0, chunk_q};
  assign s_ready      = state_q == IDLE;
  assign sent         = state_q == HEADER1 && m_axis_tready;
  assign idle         = state_q == IDLE && !s_valid;

  always_ff @(posedge clk) begin
    case (state_q)
      IDLE: if (s_valid) begin
        address_q <= s_address;
        left_q    <= s_length;
        client_q  <= s_client;
        last_q    <= s_last;
        state_q   <= CUT;
      end
      CUT: begin
        chunk_q <= chunk;
        state_q <= TAG;
      end
      TAG: if (take) begin
        tag_q   <= slot_tag;
        state_q <= HEADER0;
        if (slot_void) begin
          address_q <= address_q + {54'd0, chunk_q};
          left_q    <= left_q - {3'd0, chunk_q};
          state_q   <= left_q == {3'd0, chunk_q} ? IDLE : CUT;
        end
      end
      HEADER0: if (m_axis_tready) state_q <= HEADER1;
      HEADER1: if (m_axis_tready) begin
        address_q <= address_q + {54'd0, chunk_q};
        left_q    <= left_q - {3'd0, chunk_q};
        state_q   <= left_q == {3'd0, chunk_q} ? IDLE : CUT;
      end
      default: state_q <= IDLE;
    endcase
    if (rst) state_q <= IDLE;
  end

  // ---------------------------------------------------------------- TLP: MRd, 3 DW below 4 GB and 4 DW above
  logic        four_dw;
  logic [31:0] header0, header1;

  assign four_dw = address_q[63:32] != '0;
  assign header0 = {2'b00, four_dw, 5'b00000, 16'd0, dws};
  assign header1 = {cfg_completer_id, 3'd0, tag_q, dws == 8'd1 ? 4'h0 : tail_be, dws == 8'd1 ? head_be & tail_be : head_be};

  assign m_axis_tvalid = state_q == HEADER0 || state_q == HEADER1;
  assign m_axis_tlast  = state_q == HEADER1;
  assign m_axis_tkeep  = state_q == HEADER1 && !four_dw ? 8'h0F : 8'hFF;
  assign m_axis_tdata  = state_q == HEADER0 ? {header1, header0}
                       : four_dw            ? {address_q[31:2], 2'b00, address_q[63:32]}
                                            : {32'd0, address_q[31:2], 2'b00};

`ifndef SYNTHESIS
  initial if (SLOTS < 2 || SLOTS > 16 || (SLOTS & (SLOTS - 1)) != 0) $fatal(1, "fn_dma_read_request: SLOTS must be 2, 4, 8 or 16");
`endif

  logic unused;
  assign unused = &{1'b0, end_offset};

endmodule

`default_nettype wire
