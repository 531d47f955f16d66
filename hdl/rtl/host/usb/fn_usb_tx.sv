// Transmit side of the USB host interface: puts the host's parts together to frames for the core, and tells what became of them.
//
//   parts ─▶ buffer (whole parts, dropped whole when full) ─▶ sequence, header, length ─▶ m_axis ─▶ core
//   m_status ◀─ which frame it was ◀─ core's statuses
//
// A host that keeps to its credit (docs/usb.md) never finds the buffer full. When a part is missing (its sequence number was not the next) or a
// frame has another length than its header says, the frame ends with tabort and the status LengthMismatch, and the next one starts afresh.
//
// Latency: a part's own length and 4 clocks, with REGISTER 5. Throughput: 1 byte a clock, less 1 for each part and 24 for each frame. When the core stalls,
// parts wait in the buffer.
`default_nettype none
`include "fn_regs.svh"

module fn_usb_tx #(
  parameter int BUFFER  = 4096,  // bytes, a power of two
  parameter int PACKETS = 32,    // a power of two, up to 64
  parameter bit REGISTER = 1'b1  // flip-flops behind the buffer's memory, for a quicker clock
) (
  input  wire logic         clk,
  input  wire logic         rst,
  input  wire logic         stopping,       // begin no frame

  input  wire logic [7:0]   s_part_tdata,   // sequence number, header of the frame (in its first part), bytes
  input  wire logic         s_part_tvalid,
  input  wire logic         s_part_tlast,
  input  wire logic [1:0]   s_part_tuser,   // the frame's last part, its first
  input  wire logic         s_part_drop,    // with tlast

  output logic [7:0]        m_axis_tdata,
  output logic              m_axis_tvalid,
  input  wire logic         m_axis_tready,
  output logic              m_axis_tlast,
  output logic [191:0]      m_axis_tuser,   // TxHeader, and above it the launch time
  output logic              m_axis_tabort,

  input  wire logic [7:0]   s_status_tdata,
  input  wire logic [63:0]  s_status_tuser, // timestamp
  input  wire logic         s_status_tvalid,
  output logic              s_status_tready,

  output logic [79:0]       m_status_tdata, // timestamp, status, sequence number of the frame's last part
  output logic              m_status_tvalid,
  input  wire logic         m_status_tready,
  output logic              left,           // pulse: a part has left the buffer ...
  output logic [7:0]        left_sequence,  // ... this one

  output logic              overrun,        // pulses
  output logic              broken,
  output logic              idle
);

  localparam int HEADER_LENGTH = 24;
  localparam int FRAMES = 64;               // that the core may owe a status

  typedef enum logic [2:0] { SEQUENCE, ABORT, HEADER, BYTES, SKIP } state_t;
  state_t state_q, after_q;

  logic [7:0]   part, sequence_q, broken_at_q;
  logic         part_valid, part_ready, part_last, first, last, buffer_empty;
  logic         open_q, final_byte, too_long, room, owed_valid, owed_aborted, take;
  logic [4:0]   index_q;
  logic [191:0] header_q;
  logic [19:0]  left_q;
  logic [7:0]   owed_sequence;

  // One that cannot say no: what finds no room is dropped.
  fn_axis_fifo #(.DATA_W(8), .USER_W(2), .DEPTH(BUFFER), .FRAMES(PACKETS), .FRAME_MODE(1'b1), .DROP_WHEN_FULL(1'b1), .REGISTER(REGISTER)) i_buffer (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_part_tdata), .s_axis_tkeep(1'b1), .s_axis_tvalid(s_part_tvalid), .s_axis_tready(), .s_axis_tlast(s_part_tlast),
    .s_axis_tuser(s_part_tuser), .s_axis_drop(s_part_drop),
    .m_axis_tdata(part), .m_axis_tkeep(), .m_axis_tvalid(part_valid), .m_axis_tready(part_ready), .m_axis_tlast(part_last),
    .m_axis_tuser({last, first}), .dropped(), .overflow(overrun), .empty(buffer_empty)
  );

  // ---------------------------------------------------------------- parts to frames
  assign take       = part_valid && part_ready;
  assign final_byte = part_last && last;
  assign too_long   = left_q == 20'd1 && !final_byte;

  always_comb begin
    part_ready = 1'b0;
    case (state_q)
      SEQUENCE:     part_ready = !stopping;
      HEADER, SKIP: part_ready = 1'b1;
      BYTES:        part_ready = m_axis_tready && room;
      default: ;
    endcase
  end

  assign m_axis_tvalid = room && ((state_q == BYTES && part_valid) || state_q == ABORT);
  assign m_axis_tdata  = part;
  assign m_axis_tuser  = header_q;
  assign m_axis_tlast  = state_q == ABORT || final_byte || too_long;
  assign m_axis_tabort = state_q == ABORT || too_long || (final_byte && left_q != 20'd1);

  always_ff @(posedge clk) begin
    left   <= take && part_last;
    broken <= 1'b0;
    if (take && part_last) left_sequence <= state_q == SEQUENCE ? part : sequence_q;
    case (state_q)
      SEQUENCE: if (take) begin
        sequence_q  <= part;
        broken_at_q <= sequence_q;
        index_q     <= '0;
        after_q     <= part_last ? SEQUENCE : first ? HEADER : SKIP;
        if (open_q && (first || part != sequence_q + 8'd1 || part_last)) state_q <= ABORT;
        else if (part_last) begin
          broken <= 1'b1;
        end else begin
          state_q <= first ? HEADER : open_q ? BYTES : SKIP;
          broken  <= !first && !open_q && last;  // the end of a frame of which something was lost: counted once
        end
      end
      ABORT: if (m_axis_tready && room) begin
        open_q  <= 1'b0;
        broken  <= 1'b1;
        state_q <= after_q;
      end
      HEADER: if (take) begin
        index_q  <= index_q + 1'b1;
        header_q <= {part, header_q[191:8]};
        if (part_last) begin
          broken  <= 1'b1;
          state_q <= SEQUENCE;
        end else if (index_q == 5'(HEADER_LENGTH - 1)) begin
          // Two words more follow the header's: the length is where they will have pushed it.
          left_q  <= header_q[`FN_TX_HEADER_LENGTH_LSB + 8 +: 20];
          state_q <= BYTES;
        end
      end
      BYTES: if (take) begin
        left_q <= left_q - 1'b1;
        open_q <= !m_axis_tlast;
        broken <= m_axis_tlast && m_axis_tabort;
        if (part_last) state_q <= SEQUENCE;
        else if (m_axis_tlast) state_q <= SKIP;
      end
      default: if (take && part_last) state_q <= SEQUENCE;
    endcase
    if (rst) begin
      state_q <= SEQUENCE;
      open_q  <= 1'b0;
      left    <= 1'b0;
      broken  <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- which frame a status belongs to
  fn_fifo #(.WIDTH(9), .DEPTH(FRAMES)) i_owed (
    .clk(clk), .rst(rst),
    .s_tdata({m_axis_tabort, state_q == ABORT ? broken_at_q : sequence_q}), .s_tvalid(m_axis_tvalid && m_axis_tready && m_axis_tlast), .s_tready(room),
    .m_tdata({owed_aborted, owed_sequence}), .m_tvalid(owed_valid), .m_tready(m_status_tvalid && m_status_tready), .level()
  );

  assign m_status_tvalid = owed_valid && s_status_tvalid;
  assign m_status_tdata  = {s_status_tuser, owed_aborted ? `FN_STATUS_LENGTH_MISMATCH : s_status_tdata, owed_sequence};
  assign s_status_tready = owed_valid && m_status_tready;

  assign idle = buffer_empty && state_q == SEQUENCE && !open_q && !owed_valid && !s_part_tvalid;

`ifndef SYNTHESIS
  initial if (PACKETS > 64 || BUFFER > 32768) $fatal(1, "fn_usb_tx: too large for sequence numbers and limits");
`endif

endmodule

`default_nettype wire
