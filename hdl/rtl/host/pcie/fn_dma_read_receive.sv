// Takes completions apart, checks each against the read it answers, and writes its data to the reorder memory.
//
// A completion is accepted when its tag is outstanding, the requester id is ours, and, if it carries data, Byte Count, Lower Address and
// Length are those due: it must continue where the last one ended, and end at the read's end or at a read completion boundary of 64 bytes
// (PCIe Base 4.0 §2.3.1.1; a root with RCB 128 also fits). One that is not is counted and changes nothing: what it wrote lies where the
// right completion still has to write. A completion without data ends its read with an error; a poisoned one (EP) marks it.
//
// Latency: 2 clocks from beat to memory. Throughput: 1 beat a clock; never stalls.
`default_nettype none

module fn_dma_read_receive #(
  parameter int SLOTS = 8  // reads outstanding, a power of two
) (
  input  wire logic                     clk,
  input  wire logic                     rst,
  input  wire logic [15:0]              cfg_completer_id,

  input  wire logic [63:0]              s_axis_tdata,
  input  wire logic                     s_axis_half,    // only tdata[31:0] holds a DW
  input  wire logic                     s_axis_tvalid,
  input  wire logic                     s_axis_tlast,

  // The slot that the completion names, asked for by number; the answer comes in the same clock.
  output logic [$clog2(SLOTS)-1:0]      slot,
  output logic                          slot_busy,      // a completion for `slot` is being received: do not let it time out now
  input  wire logic                     slot_waiting,   // a read is out under this slot
  input  wire logic [4:0]               slot_tag,       // with this tag
  input  wire logic [6:0]               slot_address,   // bits 6:0 of its first byte's address
  input  wire logic [9:0]               slot_length,    // bytes
  input  wire logic [7:0]               slot_received,  // DWs so far

  output logic                          update,         // a good completion ended
  output logic [7:0]                    update_received,
  output logic                          update_done,    // it was the read's last
  output logic                          update_error,   // UR, CA or CRS
  output logic                          update_poisoned,
  output logic                          unexpected,     // pulse: a completion was dropped

  // Two banks of DWs: even and odd ones of each read. Row = {slot, index / 2}.
  output logic [1:0]                    write,
  output logic [$clog2(SLOTS)+5:0]      write_row0,
  output logic [$clog2(SLOTS)+5:0]      write_row1,
  output logic [31:0]                   write_data0,
  output logic [31:0]                   write_data1
);

  localparam int SLOT_W = $clog2(SLOTS);

  // ---------------------------------------------------------------- first stage: the header, and the beat that is worked on
  logic [1:0]  count_q;      // beats of this TLP seen, saturating at 2
  logic [9:0]  length_q;
  logic        with_data_q, digest_q, poisoned_q;
  logic [2:0]  code_q;
  logic [12:0] bytes_q;
  logic        plain_q;      // Cpl or CplD, neither locked

  logic        beat_q, header_q, half_q, last_q, runt_q;
  logic [63:0] data_q;
  logic        ours_q;
  logic [7:0]  tag_q;
  logic [6:0]  lower_q;

  always_ff @(posedge clk) begin
    beat_q <= 1'b0;
    runt_q <= 1'b0;
    if (s_axis_tvalid) begin
      count_q <= s_axis_tlast ? 2'd0 : (count_q == 2'd0 ? 2'd1 : 2'd2);
      half_q  <= s_axis_half;
      last_q  <= s_axis_tlast;
      header_q <= count_q == 2'd1;
      if (count_q == 2'd0) begin
        length_q    <= s_axis_tdata[9:0];
        with_data_q <= s_axis_tdata[30];
        plain_q     <= s_axis_tdata[29:24] == 6'b001010;
        digest_q    <= s_axis_tdata[15];
        poisoned_q  <= s_axis_tdata[14];
        code_q      <= s_axis_tdata[47:45];
        bytes_q     <= {s_axis_tdata[43:32] == '0, s_axis_tdata[43:32]};
        runt_q      <= s_axis_tlast;
      end else begin
        beat_q <= 1'b1;
        data_q <= s_axis_tdata;
      end
      if (count_q == 2'd1) begin
        ours_q  <= s_axis_tdata[31:16] == cfg_completer_id;
        tag_q   <= s_axis_tdata[15:8];
        lower_q <= s_axis_tdata[6:0];
      end
    end
    if (rst) begin
      count_q <= '0;
      beat_q  <= 1'b0;
      runt_q  <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- second stage: check and write
  logic        accept, accept_q, fits, first;
  logic [9:0]  bytes_due;
  logic [6:0]  lower_due;
  logic [7:0]  dws_due;       // DWs the read still waits for
  logic [7:0]  index, index_q;
  logic [10:0] seen_q, seen;  // DWs behind the header
  logic [31:0] low, high;

  assign slot      = tag_q[SLOT_W-1:0];
  assign slot_busy = beat_q || count_q == 2'd2;
  assign first     = slot_received == '0;
  assign bytes_due = first ? slot_length : slot_length + {8'd0, slot_address[1:0]} - {slot_received, 2'b00};
  assign lower_due = {slot_address[6:2] + slot_received[4:0], first ? slot_address[1:0] : 2'b00};
  assign dws_due   = 8'((12'(slot_length) + 12'(slot_address[1:0]) + 12'd3) >> 2) - slot_received;
  assign fits      = bytes_q == {3'd0, bytes_due} && lower_q == lower_due && length_q != '0
                  && (length_q == {2'd0, dws_due} || (length_q < {2'd0, dws_due} && lower_due[5:2] + length_q[3:0] == 4'd0));

  always_comb begin
    accept = accept_q;
    if (header_q) begin
      accept = ours_q && plain_q && tag_q == {3'd0, slot_tag} && slot_waiting && (with_data_q ? fits && code_q == 3'd0 : code_q != 3'd0);
    end
  end

  assign index = header_q ? slot_received : index_q;
  assign low   = {data_q[7:0], data_q[15:8], data_q[23:16], data_q[31:24]};
  assign high  = {data_q[39:32], data_q[47:40], data_q[55:48], data_q[63:56]};

  always_comb begin
    seen = header_q ? {10'd0, !half_q} : seen_q + (half_q ? 11'd1 : 11'd2);
    // One DW (in the header's beat) or two, at index and index + 1. A DW beyond the TLP's length is kept out only by the slot's end:
    // such a TLP is not accepted in the end, and within the slot it does no harm.
    write       = 2'b00;
    write_row0  = {slot, index[6:1]};
    write_row1  = {slot, index[6:1]};
    write_data0 = low;
    write_data1 = high;
    if (beat_q && accept && with_data_q) begin
      if (header_q) begin
        write_data0 = high;
        write[index[0]] = 1'b1;
      end else if (!index[7]) begin
        write = 2'b11;
        if (index[0]) begin
          write_data0 = high;
          write_data1 = low;
          write_row0  = {slot, index[6:1] + 6'd1};
          write[0]    = index[6:0] != 7'd127;
        end
      end
    end
  end

  logic good;
  assign good            = beat_q && last_q && accept && seen == (with_data_q ? {1'b0, length_q} : 11'd0) + {10'd0, digest_q};
  assign update          = good;
  assign update_received = slot_received + length_q[7:0];
  assign update_done     = !with_data_q || length_q == {2'd0, dws_due};
  assign update_error    = !with_data_q;
  assign update_poisoned = with_data_q && poisoned_q;
  assign unexpected      = runt_q || (beat_q && last_q && !good);

  always_ff @(posedge clk) begin
    if (beat_q) begin
      accept_q <= accept;
      seen_q   <= seen;
      index_q  <= index + (header_q ? 8'd1 : 8'd2);
    end
  end

endmodule

`default_nettype wire
