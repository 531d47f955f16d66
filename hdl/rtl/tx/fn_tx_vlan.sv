// Transmit tag insertion: puts an 802.1Q tag (type 0x8100) with the frame's tag control information behind the source address (IEEE 802.1Q §9.3)
// of the frames that ask for it. All others pass unchanged.
//
//   bytes   0 .. 11   12 .. 15     16 ..
//           addresses 81 00 tag    the frame from its byte 12 on
//
// Four bytes are half a beat at 64 bits: there the rest of the frame is turned by four lanes, and a clock is lost only where the frame grows
// by a beat at its end. They are one beat at 32 bits and four at 8: there the input waits while they go out.
//
// Throughput: 1 beat a clock on the output. Latency: 1 clock. Stalls its source when its sink stalls. A frame with a tag has 13 bytes or more.
`default_nettype none

module fn_tx_vlan #(
  parameter int DATA_W = 64,  // bits: 8, 16, 32 or 64
  parameter int USER_W = 1    // bits that go along with a frame
) (
  input  wire logic                clk,
  input  wire logic                rst,

  input  wire logic [DATA_W-1:0]   s_axis_tdata,
  input  wire logic [DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                s_axis_tvalid,
  output logic                     s_axis_tready,
  input  wire logic                s_axis_tlast,
  input  wire logic [USER_W-1:0]   s_axis_tuser,    // the same in all beats of a frame, as is ...
  input  wire logic                s_axis_tinsert,  // ... whether it wants a tag ...
  input  wire logic [15:0]         s_axis_ttag,     // ... and its tag control information

  output logic [DATA_W-1:0]        m_axis_tdata,
  output logic [DATA_W/8-1:0]      m_axis_tkeep,
  output logic                     m_axis_tvalid,
  input  wire logic                m_axis_tready,
  output logic                     m_axis_tlast,
  output logic [USER_W-1:0]        m_axis_tuser,

  output logic                     count_tag        // pulse: a tag was inserted
);

  localparam int KEEP_W  = DATA_W / 8;
  localparam int ADDRESSES = 12, TAG = 4;
  localparam int TAG_AT  = ADDRESSES / KEEP_W;      // the beat with the tag's first byte
  localparam int AT_W    = 5;                       // counts beats up to the last one with a byte of the tag, and one further

  logic                out_ready, out_valid, out_last, out_new;  // out_new: the beat's frame is the one at the input
  logic [DATA_W-1:0]   out_data;
  logic [KEEP_W-1:0]   out_keep;
  logic [AT_W-1:0]     at_q;                        // beats of this frame that are out, as far as they matter
  logic [TAG*8-1:0]    tag;

  assign out_ready = !m_axis_tvalid || m_axis_tready;
  assign tag       = {s_axis_ttag[7:0], s_axis_ttag[15:8], 8'h00, 8'h81};

  generate
    if (KEEP_W <= TAG) begin : g_beats
      localparam int TAG_BEATS = TAG / KEEP_W;
      logic [AT_W-1:0] tag_at;
      logic            inserting, in_tag_q;        // the beat is of the tag, if there is one

      assign tag_at        = at_q - AT_W'(TAG_AT);
      assign inserting     = s_axis_tinsert && in_tag_q;
      assign s_axis_tready = out_ready && !inserting;
      assign out_valid     = s_axis_tvalid;
      assign out_new       = 1'b1;

      always_comb begin
        out_data = s_axis_tdata;
        out_keep = s_axis_tkeep;
        out_last = s_axis_tlast;
        if (inserting) begin
          for (int i = 0; i < TAG_BEATS; i++) if (tag_at == AT_W'(i)) out_data = tag[DATA_W*i +: DATA_W];
          out_keep = '1;
          out_last = 1'b0;
        end
      end

      always_ff @(posedge clk) begin
        if (out_ready && out_valid) begin
          at_q     <= out_last ? '0 : (at_q == AT_W'(TAG_AT + TAG_BEATS) ? at_q : at_q + 1'b1);
          in_tag_q <= !out_last && at_q >= AT_W'(TAG_AT - 1) && at_q < AT_W'(TAG_AT + TAG_BEATS - 1);
        end
        if (rst) begin
          at_q     <= '0;
          in_tag_q <= 1'b0;
        end
      end
    end else begin : g_lanes
      localparam int FIRST = ADDRESSES % KEEP_W;    // the tag's first lane
      logic [TAG*8-1:0]  carry_q;                   // the last lanes of the beat before
      logic [TAG-1:0]    rest_q;                    // those of them that are the frame's, when its last beat is out
      logic              flush_q;                   // ... and they are not
      logic              shifts;

      assign shifts        = s_axis_tinsert && at_q >= AT_W'(TAG_AT);
      assign s_axis_tready = out_ready && !flush_q;
      assign out_valid     = s_axis_tvalid || flush_q;
      assign out_new       = !flush_q;

      always_comb begin
        out_data = s_axis_tdata;
        out_keep = s_axis_tkeep;
        out_last = s_axis_tlast;
        if (flush_q) begin
          out_data = DATA_W'(carry_q);
          out_keep = KEEP_W'(rest_q);
          out_last = 1'b1;
        end else if (shifts) begin
          out_data = {s_axis_tdata[DATA_W-TAG*8-1:0], carry_q};
          if (at_q == AT_W'(TAG_AT)) begin
            out_data[FIRST*8 +: TAG*8] = tag;
            for (int i = 0; i < FIRST; i++) out_data[i*8 +: 8] = s_axis_tdata[i*8 +: 8];
          end
          out_keep = {s_axis_tkeep[KEEP_W-TAG-1:0], {TAG{1'b1}}};
          out_last = s_axis_tlast && !s_axis_tkeep[KEEP_W-TAG];
        end
      end

      always_ff @(posedge clk) begin
        if (out_ready && out_valid) begin
          carry_q <= s_axis_tdata[DATA_W-1 -: TAG*8];
          rest_q  <= s_axis_tkeep[KEEP_W-1 -: TAG];
          flush_q <= !flush_q && shifts && s_axis_tlast && s_axis_tkeep[KEEP_W-TAG];
          at_q    <= flush_q || s_axis_tlast ? '0 : (at_q == AT_W'(TAG_AT + 1) ? at_q : at_q + 1'b1);
        end
        if (rst) begin
          flush_q <= 1'b0;
          at_q    <= '0;
        end
      end
    end
  endgenerate

  always_ff @(posedge clk) begin
    count_tag <= s_axis_tvalid && s_axis_tready && s_axis_tlast && s_axis_tinsert;
    if (out_ready) begin
      m_axis_tvalid <= out_valid;
      m_axis_tdata  <= out_data;
      m_axis_tkeep  <= out_keep;
      m_axis_tlast  <= out_last;
      if (out_new) m_axis_tuser <= s_axis_tuser;
    end
    if (rst) begin
      m_axis_tvalid <= 1'b0;
      count_tag     <= 1'b0;
    end
  end

`ifndef SYNTHESIS
  initial if (DATA_W != 8 && DATA_W != 16 && DATA_W != 32 && DATA_W != 64) $fatal(1, "fn_tx_vlan: DATA_W must be 8, 16, 32 or 64");
  initial if (USER_W < 1) $fatal(1, "fn_tx_vlan: illegal USER_W");
`endif

endmodule

`default_nettype wire
