// Writes streams to host memory: cuts each into write TLPs that do not cross a boundary of the maximum payload size (so never 4 KB either,
// PCIe Base 4.0 §2.2.7), with byte enables for the odd bytes at the end.
//
// The next TLP is cut while the one before is sent, also if it is another request's, so that they leave without a clock between them.
//
// Latency: 2 clocks from request to first beat. Throughput: 1 beat a clock, headers included.
// Stalls its source when the link stalls; begins no TLP while `enable` is 0. If the source pauses, the TLP pauses.
`default_nettype none

module fn_dma_write #(
  parameter int TAG_W = 2
) (
  input  wire logic             clk,
  input  wire logic             rst,
  input  wire logic [2:0]       cfg_max_payload,
  input  wire logic [15:0]      cfg_completer_id,
  input  wire logic             enable,

  input  wire logic             s_valid,
  output logic                  s_ready,
  input  wire logic [63:0]      s_address,      // a multiple of 4
  input  wire logic [15:0]      s_length,       // bytes, 1 or more: as many as the stream's frame has
  input  wire logic [TAG_W-1:0] s_tag,          // comes back with done
  input  wire logic [63:0]      s_axis_tdata,   // the requests' frames, in order
  input  wire logic             s_axis_tvalid,
  output logic                  s_axis_tready,
  input  wire logic             s_axis_tlast,

  output logic [63:0]           m_axis_tdata,
  output logic [7:0]            m_axis_tkeep,
  output logic                  m_axis_tvalid,
  input  wire logic             m_axis_tready,
  output logic                  m_axis_tlast,

  output logic                  done,           // pulse: the link has taken the request's last beat
  output logic [TAG_W-1:0]      done_tag,
  output logic                  sent,           // pulse: a TLP went out
  output logic                  quiet,          // no TLP is half sent
  output logic                  idle
);

  // ---------------------------------------------------------------- cut: the next TLP
  logic             busy_q, begins_q;           // a request is being cut; its first TLP is not yet
  logic [63:0]      address_q;
  logic [15:0]      left_q;
  logic [TAG_W-1:0] tag_q;
  logic [8:0]       room, chunk;                // bytes, up to 256
  logic             cut, last_cut;

  logic             next_valid_q, next_four_q, next_first_q, next_last_q, next_taken;
  logic [63:0]      next_address_q;
  logic [6:0]       next_dws_q, dws;
  logic [3:0]       next_tail_q, tail_be;
  logic [TAG_W-1:0] next_tag_q;

  always_comb begin
    if (cfg_max_payload == 3'd0) room = 9'd128 - {2'd0, address_q[6:0]};
    else                         room = 9'd256 - {1'd0, address_q[7:0]};
    last_cut = left_q <= {7'd0, room};
    chunk    = last_cut ? left_q[8:0] : room;
    case (chunk[1:0])
      2'd1:    tail_be = 4'b0001;
      2'd2:    tail_be = 4'b0011;
      2'd3:    tail_be = 4'b0111;
      default: tail_be = 4'b1111;
    endcase
  end
  assign dws     = 7'((chunk + 9'd3) >> 2);
  assign cut     = busy_q && (!next_valid_q || next_taken);
  assign s_ready = !busy_q || (cut && last_cut);

  always_ff @(posedge clk) begin
    if (next_taken) next_valid_q <= 1'b0;
    if (cut) begin
      next_valid_q   <= 1'b1;
      next_address_q <= address_q;
      next_four_q    <= address_q[63:32] != '0;
      next_dws_q     <= dws;
      next_tail_q    <= tail_be;
      next_first_q   <= begins_q;
      next_last_q    <= last_cut;
      next_tag_q     <= tag_q;
      address_q      <= address_q + {55'd0, chunk};
      left_q         <= left_q - {7'd0, chunk};
      begins_q       <= 1'b0;
      busy_q         <= !last_cut;
    end
    if (s_valid && s_ready) begin
      busy_q    <= 1'b1;
      begins_q  <= 1'b1;
      address_q <= s_address;
      left_q    <= s_length;
      tag_q     <= s_tag;
    end
    if (rst) begin
      busy_q       <= 1'b0;
      next_valid_q <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- header: MWr, 3 DW below 4 GB and 4 DW above
  typedef enum logic [1:0] { IDLE, HEADER0, HEADER1, PAYLOAD } state_t;
  state_t state_q;

  logic [63:0] at_q;
  logic        four_q, last_q;
  logic [6:0]  due_q;            // DWs of this TLP not yet on the link
  logic        held_q;           // a DW of the stream is left from the beat before
  logic [31:0] held_data_q, header0, header1;

  assign header0 = {2'b01, next_four_q, 5'b00000, 17'd0, next_dws_q};
  assign header1 = {cfg_completer_id, 8'd0, next_dws_q == 7'd1 ? 4'h0 : next_tail_q, next_dws_q == 7'd1 ? next_tail_q : 4'hF};

  // ---------------------------------------------------------------- payload: DWs from the held one and the stream's beat
  logic [31:0] first, second;    // the next two DWs, in link order
  logic        pair, have, beat, step, finish, pull;

  function automatic logic [31:0] swap(input logic [31:0] value);
    swap = {value[7:0], value[15:8], value[23:16], value[31:24]};
  endfunction

  assign first  = swap(held_q ? held_data_q : s_axis_tdata[31:0]);
  assign second = swap(held_q ? s_axis_tdata[31:0] : s_axis_tdata[63:32]);

  // A header's second half of 3 DW leaves room for one DW of payload; a payload beat takes two while there are two.
  assign beat   = state_q == PAYLOAD || (state_q == HEADER1 && !four_q);
  assign pair   = state_q == PAYLOAD && due_q != 7'd1;
  assign have   = s_axis_tvalid || (held_q && !pair);
  assign finish = (beat && due_q == 7'd1) || (pair && due_q == 7'd2);

  assign m_axis_tvalid = state_q == HEADER0 || (state_q == HEADER1 && four_q) || (beat && have);
  assign m_axis_tlast  = finish;
  assign m_axis_tkeep  = state_q == PAYLOAD && !pair ? 8'h0F : 8'hFF;
  always_comb begin
    m_axis_tdata = {header1, header0};
    if (state_q == HEADER1)      m_axis_tdata = four_q ? {at_q[31:0], at_q[63:32]} : {first, at_q[31:0]};
    else if (state_q == PAYLOAD) m_axis_tdata = {pair ? second : 32'd0, first};  // a beat on offer must not change
  end

  assign step          = m_axis_tvalid && m_axis_tready;
  assign next_taken    = state_q == HEADER0 && m_axis_tready;
  // The stream's beat is used up unless the one DW needed was held.
  assign pull          = beat && (pair || !held_q);
  assign s_axis_tready = pull && m_axis_tready;
  assign quiet         = state_q == IDLE;
  assign idle          = state_q == IDLE && !busy_q && !next_valid_q && !s_valid;
  assign sent          = step && finish;
  assign done          = sent && last_q;

  always_ff @(posedge clk) begin
    case (state_q)
      IDLE: if (next_valid_q && enable) state_q <= HEADER0;
      HEADER0: if (m_axis_tready) begin
        at_q     <= next_address_q;
        four_q   <= next_four_q;
        last_q   <= next_last_q;
        due_q    <= next_dws_q;
        done_tag <= next_tag_q;
        if (next_first_q) held_q <= 1'b0;
        state_q  <= HEADER1;
      end
      default: if (step) begin
        if (beat) begin
          due_q <= due_q - (pair ? 7'd2 : 7'd1);
          if (pull) held_data_q <= s_axis_tdata[63:32];
          // Pair: held stays held. Single: what was held is gone, or the beat's second DW is new (if it has one, it will be asked for).
          if (!pair) held_q <= !held_q;
        end
        if (finish)                  state_q <= next_valid_q && enable ? HEADER0 : IDLE;
        else if (state_q == HEADER1) state_q <= PAYLOAD;
      end
    endcase
    if (rst) state_q <= IDLE;
  end

  logic unused;
  assign unused = &{1'b0, s_axis_tlast};  // the length says it

endmodule

`default_nettype wire
