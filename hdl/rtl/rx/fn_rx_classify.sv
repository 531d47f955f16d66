`default_nettype none
`include "fn_regs.svh"

// What becomes of a received frame: whether it is dropped, and if not, which queue it goes to and what its completion says of its flow and its tag.
//
//   s_axis ─▶ fn_rx_filter ─▶ verdicts ──┐
//   s_word ─▶ fn_rx_flow_table ──────────┼─▶ m_completion, m_drop
//   s_completion ─▶ fn_rx_indirection ───┘
//
// The filter watches the frame itself; the rest comes from fn_rx_inspect. A flow that is known goes before the hash; whatever is not for this
// station is dropped before anything else. With strip_enable the completion of a tagged frame is made as it will be without the tag (fn_rx_vlan
// takes it out).
//
// Latency 8 clocks from s_valid to m_valid with a flow table, else 3; one frame every 8 clocks, else 4. `hold` keeps the next frame's end away.
// `ready` is 0 while no frame may begin.
module fn_rx_classify #(
  parameter int DATA_W = 64,                                     // 8, 16, 32 or 64
  parameter int FLOWS  = 256                                     // slots of the flow table, a power of two, 16 to 4096; 0: none
) (
  input  logic              clk,
  input  logic              rst,
  input  logic              strip_enable,
  input  logic [47:0]       station,                             // this station's address, first octet on top

  input  logic              reg_write,                           // blocks Filter and FlowTable, and the queues of block Rss
  input  logic              reg_read,
  input  logic [15:0]       reg_address,
  input  logic [31:0]       reg_wdata,
  output logic [31:0]       reg_rdata,
  output logic              reg_ack,
  input  logic [15:0]       next_block,                          // behind those

  input  logic [DATA_W-1:0] s_axis_tdata,                        // the frame, watched
  input  logic              s_axis_tvalid,
  input  logic              s_axis_tlast,
  output logic              ready,

  input  logic              s_word_valid,                        // as fn_rx_inspect gives them out
  input  logic [31:0]       s_word,
  input  logic              s_word_end,
  output logic              hold,
  input  logic              s_valid,
  input  logic [255:0]      s_completion,
  input  logic [31:0]       s_flow_hash,
  input  logic              s_keyed,

  output logic              m_valid,                             // pulse
  output logic [255:0]      m_completion,
  output logic              m_drop,
  output logic              count_filtered,                      // pulses
  output logic              count_flow_dropped
);

  localparam logic [3:0]  L4_UDP = 4'd2, NET_IPV6 = 4'd2;
  localparam int          VERDICTS = 64;                         // frames between the filter and here: less than fn_rx_hash's queue holds items
  localparam int          DROP = `FN_FLOW_TABLE_ACTION_DROP_LSB, TO_QUEUE = `FN_FLOW_TABLE_ACTION_TO_QUEUE_LSB,
                          QUEUE = `FN_FLOW_TABLE_ACTION_QUEUE_LSB, FLOW_ID = `FN_FLOW_TABLE_ACTION_FLOW_ID_LSB;

  logic [31:0] filter_rdata, flow_rdata, queue_rdata;
  logic        filter_ack, flow_ack, queue_ack;

  assign reg_rdata = filter_rdata | flow_rdata | queue_rdata;
  assign reg_ack = filter_ack || flow_ack || queue_ack;

  // ---------------------------------------------------------------- the filter's verdict waits for the completion
  logic verdict_valid, verdict, accept_valid, accept, verdict_room, join_frame;

  fn_rx_filter #(.DATA_W(DATA_W)) u_filter (
    .clk(clk), .rst(rst),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(filter_rdata), .reg_ack(filter_ack),
    .next_block(FLOWS != 0 ? `FN_FLOW_TABLE : next_block), .station(station),
    .s_axis_tdata(s_axis_tdata), .s_axis_tvalid(s_axis_tvalid), .s_axis_tlast(s_axis_tlast), .ready(ready),
    .m_valid(verdict_valid), .m_accept(verdict)
  );

  fn_fifo #(.WIDTH(1), .DEPTH(VERDICTS)) u_verdicts (
    .clk(clk), .rst(rst),
    .s_tdata(verdict), .s_tvalid(verdict_valid), .s_tready(verdict_room),
    .m_tdata(accept), .m_tvalid(accept_valid), .m_tready(join_frame), .level()
  );

  // ---------------------------------------------------------------- the queue by the hash
  logic [3:0] queue;

  fn_rx_indirection u_indirection (
    .clk(clk), .rst(rst),
    .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(queue_rdata), .reg_ack(queue_ack),
    .s_valid(s_valid), .s_hash(s_completion[`FN_RX_COMPLETION_HASH_LSB +: 7]), .s_hashed(s_completion[`FN_RX_COMPLETION_HASH_TYPE] != '0),
    .m_queue(queue)
  );

  // ---------------------------------------------------------------- the flow
  logic        matched;
  logic [31:0] action;

  generate
    if (FLOWS != 0) begin : g_flows
      fn_rx_flow_table #(.SLOTS(FLOWS)) u_flows (
        .clk(clk), .rst(rst),
        .reg_write(reg_write), .reg_read(reg_read), .reg_address(reg_address), .reg_wdata(reg_wdata), .reg_rdata(flow_rdata), .reg_ack(flow_ack),
        .next_block(next_block),
        .s_word_valid(s_word_valid), .s_word(s_word), .s_end(s_word_end), .busy(hold),
        .s_valid(s_valid), .s_hash(s_flow_hash), .s_keyed(s_keyed), .s_udp(s_completion[`FN_RX_COMPLETION_TRANSPORT] == L4_UDP),
        .s_ipv6(s_completion[`FN_RX_COMPLETION_NETWORK] == NET_IPV6),
        .m_valid(join_frame), .m_matched(matched), .m_action(action)
      );
    end else begin : g_none
      // The completion must stand until the queue is known.
      logic end_q, ended_q, valid_q;
      always_ff @(posedge clk) begin
        end_q <= s_word_end && !rst;
        ended_q <= end_q && !rst;
        valid_q <= s_valid && !rst;
        join_frame <= valid_q && !rst;
      end
      assign hold = end_q || ended_q;
      assign matched = 1'b0;
      assign action = '0;
      assign flow_rdata = '0;
      assign flow_ack = 1'b0;

      logic unused;
      assign unused = &{1'b0, s_word_valid, s_word, s_flow_hash, s_keyed};
    end
  endgenerate

  // ---------------------------------------------------------------- all of it together
  logic [255:0] completion;
  logic         strip;

  assign strip = strip_enable && s_completion[`FN_RX_COMPLETION_HAS_VLAN];

  always_comb begin
    completion = s_completion;
    completion[`FN_RX_COMPLETION_QUEUE] = action[TO_QUEUE] ? action[QUEUE +: 4] : queue;
    completion[`FN_RX_COMPLETION_FLOW_MATCHED] = matched;
    completion[`FN_RX_COMPLETION_FLOW_ID] = action[FLOW_ID +: 16];
    completion[`FN_RX_COMPLETION_VLAN_STRIPPED] = strip;
    if (strip) begin
      completion[`FN_RX_COMPLETION_LENGTH] = s_completion[`FN_RX_COMPLETION_LENGTH] - 16'd4;
      if (s_completion[`FN_RX_COMPLETION_NETWORK] != '0)
        completion[`FN_RX_COMPLETION_NETWORK_OFFSET] = s_completion[`FN_RX_COMPLETION_NETWORK_OFFSET] - 8'd4;
      if (s_completion[`FN_RX_COMPLETION_TRANSPORT] != '0)
        completion[`FN_RX_COMPLETION_TRANSPORT_OFFSET] = s_completion[`FN_RX_COMPLETION_TRANSPORT_OFFSET] - 8'd4;
    end
  end

  always_ff @(posedge clk) begin
    m_valid <= join_frame && !rst;
    count_filtered <= join_frame && !accept && !rst;
    count_flow_dropped <= join_frame && accept && action[DROP] && !rst;
    if (join_frame) begin
      m_completion <= completion;
      m_drop <= !accept || action[DROP];
    end
  end

`ifndef SYNTHESIS
  always @(posedge clk) if (!rst) assert (!(verdict_valid && !verdict_room) && !(join_frame && !accept_valid));
`endif

endmodule

`default_nettype wire
