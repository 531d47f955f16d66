// Writes streams to host memory: cuts each into write TLPs that do not cross a boundary of the maximum payload size (so never 4 KB either,
// PCIe Base 4.0 §2.2.7), with byte enables for the odd bytes at the end.
//
// Latency: 2 clocks from request to first beat. Throughput: 1 beat a clock; two or three clocks more for each TLP's header.
// Stalls its source when the link stalls; begins no TLP while `enable` is 0. If the source pauses, the TLP pauses.
`default_nettype none

module fn_dma_write (
  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic [2:0]  cfg_max_payload,
  input  wire logic [15:0] cfg_completer_id,
  input  wire logic        enable,

  input  wire logic        s_valid,
  output logic             s_ready,
  input  wire logic [63:0] s_address,      // a multiple of 4
  input  wire logic [15:0] s_length,       // bytes, 1 or more: as many as the stream's frame has
  input  wire logic [63:0] s_axis_tdata,
  input  wire logic        s_axis_tvalid,
  output logic             s_axis_tready,
  input  wire logic        s_axis_tlast,

  output logic [63:0]      m_axis_tdata,
  output logic [7:0]       m_axis_tkeep,
  output logic             m_axis_tvalid,
  input  wire logic        m_axis_tready,
  output logic             m_axis_tlast,

  output logic             done,           // pulse: the link has taken the request's last beat
  output logic             sent,           // pulse: a TLP went out
  output logic             quiet,          // no TLP is half sent
  output logic             idle
);

  typedef enum logic [2:0] { IDLE, CUT, HEADER0, HEADER1, PAYLOAD } state_t;
  state_t state_q;

  logic [63:0] address_q;
  logic [15:0] left_q;
  logic [8:0]  chunk_q, room;    // bytes, up to 256
  logic [6:0]  due_q;            // DWs of this TLP not yet on the link

  logic        held_q;           // a DW of the stream is left from the beat before
  logic [31:0] held_data_q;

  always_comb begin
    if (cfg_max_payload == 3'd0) room = 9'd128 - {2'd0, address_q[6:0]};
    else                         room = 9'd256 - {1'd0, address_q[7:0]};
  end

  // ---------------------------------------------------------------- header: MWr, 3 DW below 4 GB and 4 DW above
  logic        four_dw;
  logic [6:0]  dws;
  logic [3:0]  tail_be;
  logic [31:0] header0, header1;

  assign four_dw = address_q[63:32] != '0;
  assign dws     = 7'((chunk_q + 9'd3) >> 2);
  always_comb begin
    case (chunk_q[1:0])
      2'd1:    tail_be = 4'b0001;
      2'd2:    tail_be = 4'b0011;
      2'd3:    tail_be = 4'b0111;
      default: tail_be = 4'b1111;
    endcase
  end
  assign header0 = {2'b01, four_dw, 5'b00000, 17'd0, dws};
  assign header1 = {cfg_completer_id, 8'd0, dws == 7'd1 ? 4'h0 : tail_be, dws == 7'd1 ? tail_be : 4'hF};

  // ---------------------------------------------------------------- payload: DWs from the held one and the stream's beat
  logic [31:0] first, second;    // the next two DWs, in link order
  logic        pair, have, beat, step, finish, pull;

  function automatic logic [31:0] swap(input logic [31:0] value);
    swap = {value[7:0], value[15:8], value[23:16], value[31:24]};
  endfunction

  assign first  = swap(held_q ? held_data_q : s_axis_tdata[31:0]);
  assign second = swap(held_q ? s_axis_tdata[31:0] : s_axis_tdata[63:32]);

  // A header's second half of 3 DW leaves room for one DW of payload; a payload beat takes two while there are two.
  assign beat   = state_q == PAYLOAD || (state_q == HEADER1 && !four_dw);
  assign pair   = state_q == PAYLOAD && due_q != 7'd1;
  assign have   = s_axis_tvalid || (held_q && !pair);
  assign finish = (beat && due_q == 7'd1) || (pair && due_q == 7'd2);

  assign m_axis_tvalid = state_q == HEADER0 || (state_q == HEADER1 && four_dw) || (beat && have);
  assign m_axis_tlast  = finish;
  assign m_axis_tkeep  = state_q == PAYLOAD && !pair ? 8'h0F : 8'hFF;
  always_comb begin
    m_axis_tdata = {header1, header0};
    if (state_q == HEADER1)      m_axis_tdata = four_dw ? {address_q[31:0], address_q[63:32]} : {first, address_q[31:0]};
    else if (state_q == PAYLOAD) m_axis_tdata = {pair ? second : 32'd0, first};  // a beat on offer must not change
  end

  assign step          = m_axis_tvalid && m_axis_tready;
  // The stream's beat is used up unless the one DW needed was held.
  assign pull          = beat && (pair || !held_q);
  assign s_axis_tready = pull && m_axis_tready;
  assign s_ready       = state_q == IDLE;
  assign quiet         = state_q == IDLE || state_q == CUT;
  assign idle          = state_q == IDLE && !s_valid;
  assign sent          = step && finish;
  assign done          = sent && left_q == '0;

  always_ff @(posedge clk) begin
    case (state_q)
      IDLE: if (s_valid) begin
        address_q <= s_address;
        left_q    <= s_length;
        held_q    <= 1'b0;
        state_q   <= CUT;
      end
      CUT: begin
        chunk_q <= left_q < {7'd0, room} ? left_q[8:0] : room;
        if (enable) state_q <= HEADER0;
      end
      HEADER0: if (m_axis_tready) begin
        due_q   <= dws;
        left_q  <= left_q - {7'd0, chunk_q};
        state_q <= HEADER1;
      end
      default: if (step) begin
        if (state_q == HEADER1) state_q <= PAYLOAD;
        if (beat) begin
          due_q <= due_q - (pair ? 7'd2 : 7'd1);
          if (pull) held_data_q <= s_axis_tdata[63:32];
          // Pair: held stays held. Single: what was held is gone, or the beat's second DW is new (if it has one, it will be asked for).
          if (!pair) held_q <= !held_q;
        end
        if (finish) begin
          address_q <= address_q + {55'd0, chunk_q};
          state_q   <= left_q == '0 ? IDLE : CUT;
        end
      end
    endcase
    if (rst) state_q <= IDLE;
  end

  logic unused;
  assign unused = &{1'b0, s_axis_tlast};  // the length says it

endmodule

`default_nettype wire
