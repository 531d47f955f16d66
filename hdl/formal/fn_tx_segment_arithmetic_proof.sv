// prove lengths-64 | DATA_W=64 | induction 1 abc | payloads of the segments add up to the request's: each but the last has the MSS, the last 1 to MSS; sequence number, IP id, lengths, checksums, FIN, PSH and CWR are each segment's own
// mutant fn_tx_segment.sv | s/transport_field_q  <= total_q - start;/transport_field_q  <= total_q - 16'(header_length);/
// prove lengths-32 | DATA_W=32 | induction 1 abc | the same at 32 bits
// mutant fn_tx_segment.sv | s/left_q  <= left_q - next_length_q;/left_q  <= left_q - mss;/
// The requests, the headers' fields as the module caught them and the frames' contents are any; segments are counted apart, and every register that a field of
// the headers is laid over from must be what it is by definition, from the clock on in which its beat may come. What leaves is counted too: as many bytes as told.
`default_nettype none
`include "fn_regs.svh"

module fn_tx_segment_arithmetic_proof #(
  parameter int DATA_W    = 64,
  parameter int MAX_FRAME = 1518
) (
  input wire logic                           clk,
  input wire logic [DATA_W-1:0]              s_tdata,
  input wire logic [DATA_W/8-1:0]            s_tkeep,
  input wire logic                           s_tvalid,
  input wire logic                           s_tlast,
  input wire logic [`FN_TX_HEADER_WIDTH-1:0] s_tuser,
  input wire logic                           s_tabort,
  input wire logic                           m_tready
);

  localparam int KEEP_W = DATA_W / 8;
  localparam logic [2:0] PASS = 3'd1, LOAD = 3'd2, JUDGE = 3'd3, SEND = 3'd4, DRAIN = 3'd5;
  localparam logic [2:0] TCP4 = 3'd1, TCP6 = 3'd2, UDP4 = 3'd3, UDP6 = 3'd4;

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic                            s_tready, m_tvalid, m_tlast, m_tabort, m_tmore;
  logic [KEEP_W-1:0]               m_tkeep;
  logic [`FN_TX_HEADER_WIDTH-1:0]  m_tuser;

  fn_tx_segment #(.DATA_W(DATA_W), .MAX_FRAME(MAX_FRAME)) dut (
    .clk(clk), .rst(rst),
    .s_axis_tdata(s_tdata), .s_axis_tkeep(s_tkeep), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tuser(s_tuser),
    .s_axis_tabort(s_tabort),
    .m_axis_tdata(), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tuser(m_tuser),
    .m_axis_tabort(m_tabort), .m_axis_tstatus(), .m_axis_tmore(m_tmore), .count_cut(), .count_segment(), .idle()
  );

  (* hierconn *) wire [`FN_TX_HEADER_WIDTH-1:0] \dut.request_q ;
  (* hierconn *) wire [2:0]      \dut.state_q ;
  (* hierconn *) wire [1:0]      \dut.step_q ;
  (* hierconn *) wire [12*8-1:0] \dut.network_q ;
  (* hierconn *) wire [18*8-1:0] \dut.transport_q ;
  (* hierconn *) wire            \dut.moves , \dut.begin_segment , \dut.plain_q , \dut.sound_q , \dut.next_last_q , \dut.last_q , \dut.first_q ;
  (* hierconn *) wire [15:0]     \dut.left_q , \dut.next_length_q , \dut.total_q , \dut.identification_q ;
  (* hierconn *) wire [31:0]     \dut.sequence_q ;
  (* hierconn *) wire [15:0]     \dut.network_field_q , \dut.transport_field_q , \dut.network_base_q , \dut.pseudo_base_q , \dut.network_checksum_q , \dut.pseudo_q ;
  (* hierconn *) wire [17:0]     \dut.network_old_q , \dut.network_sum_q ;
  (* hierconn *) wire [16:0]     \dut.pseudo_old_q , \dut.pseudo_sum_q , \dut.out_left_q ;
  (* hierconn *) wire [7:0]      \dut.flags ;
  (* hierconn *) wire [8:0]      \dut.network_length_q , \dut.transport_header_q ;

  // ---------------------------------------------------------------- the request, and the headers' fields as they came
  logic [15:0] start, mss, id_old, length_old, check_old, sum_field_old;
  logic [19:0] length, payload;
  logic [31:0] sequence_old;
  logic [7:0]  network, headers, flags_old;
  logic [2:0]  kind;
  logic        is_tcp, is_ipv4;
  assign start   = \dut.request_q [`FN_TX_HEADER_CHECKSUM_START];
  assign mss     = \dut.request_q [`FN_TX_HEADER_MAXIMUM_SEGMENT_SIZE];
  assign length  = \dut.request_q [`FN_TX_HEADER_LENGTH];
  assign network = \dut.request_q [`FN_TX_HEADER_NETWORK_OFFSET];
  assign headers = \dut.request_q [`FN_TX_HEADER_HEADER_LENGTH];
  assign kind    = \dut.request_q [`FN_TX_HEADER_SEGMENTATION];
  assign is_tcp  = kind == TCP4 || kind == TCP6;
  assign is_ipv4 = kind == TCP4 || kind == UDP4;
  assign payload = length - 20'(headers);

  function automatic logic [15:0] swap(input logic [15:0] word);
    swap = {word[7:0], word[15:8]};
  endfunction
  assign length_old    = swap(\dut.network_q [8*2 +: 16]);
  assign id_old        = swap(\dut.network_q [8*4 +: 16]);
  assign check_old     = swap(\dut.network_q [8*10 +: 16]);
  assign sequence_old  = {swap(\dut.transport_q [8*4 +: 16]), swap(\dut.transport_q [8*6 +: 16])};
  assign flags_old     = \dut.transport_q [8*13 +: 8];
  assign sum_field_old = is_tcp ? swap(\dut.transport_q [8*16 +: 16]) : swap(\dut.transport_q [8*6 +: 16]);

  // ---------------------------------------------------------------- the segments, counted apart
  logic        sending;
  logic [19:0] paid_q, left, share;  // payload in the segments before the one that is made; from it on; in it
  logic [15:0] index_q;              // its number
  logic [16:0] total;                // its bytes
  logic        is_last;
  logic [16:0] out_q, front;         // bytes of the segment at the output that are out; of the one that is made, with those in the output register
  logic [1:0]  age_q;                // clocks since it was begun, up to 3
  assign sending = \dut.state_q == SEND;
  assign left    = payload - paid_q;
  assign is_last = left <= 20'(mss);
  assign share   = is_last ? left : 20'(mss);
  assign total   = 17'(headers) + 17'(share);
  assign front   = m_tvalid && m_tlast ? '0 : out_q + (m_tvalid ? 17'(KEEP_W) : '0);

  always_ff @(posedge clk) begin
    age_q <= \dut.begin_segment ? 2'd0 : age_q + 2'(age_q != 2'd3);
    if (\dut.begin_segment ) begin
      paid_q  <= \dut.state_q == JUDGE ? '0 : paid_q + share;
      index_q <= \dut.state_q == JUDGE ? '0 : index_q + 16'd1;
    end
    if (m_tvalid && m_tready) out_q <= m_tlast ? '0 : out_q + 17'(KEEP_W);
    if (rst) out_q <= '0;
  end

  // ---------------------------------------------------------------- what must hold of the segment that is made
  // Ones' complement (RFC 1071 §4.1): what overflows 16 bits is added to the low end until nothing does.
  function automatic logic [15:0] fold(input logic [17:0] sum);
    logic [17:0] rest;
    rest = sum;
    for (int i = 0; i < 2; i++) rest = {2'd0, rest[15:0]} + {16'd0, rest[17:16]};
    fold = rest[15:0];
  endfunction
  logic [15:0] ip_length, udp_length, id, check_base, sum_base;
  assign ip_length  = 16'(total) - 16'(network) - (is_ipv4 ? 16'd0 : 16'd40);
  assign udp_length = 16'(total) - start;
  assign id         = id_old + index_q;
  // RFC 1624 §3, eqn 3.
  assign check_base = fold(18'(16'(~check_old)) + 18'(16'(~length_old)) + 18'(16'(~id_old)));
  assign sum_base   = fold(18'(sum_field_old) + 18'(16'(~(16'(length) - start))));

  always_comb if (!rst && sending) begin
    assert (kind != '0 && kind <= UDP6 && mss != '0 && paid_q < payload && share != '0 && total <= 17'(MAX_FRAME));
    assert (17'(\dut.total_q ) == total && \dut.last_q == is_last && \dut.first_q == (paid_q == '0));
    assert (\dut.identification_q == id && \dut.sequence_q == sequence_old + 32'(paid_q));
    assert (\dut.flags == (flags_old & (is_last ? 8'hFF : 8'hF6) & (paid_q == '0 ? 8'hFF : 8'h7F)));
    if (age_q >= 2'd1) assert (\dut.network_field_q == ip_length && \dut.transport_field_q == udp_length);
    if (age_q == 2'd3) assert (\dut.network_checksum_q == 16'(~fold(18'(check_base) + 18'(ip_length) + 18'(id))) && \dut.pseudo_q == fold(18'(sum_base) + 18'(udp_length)));
    // A beat for each clock: the fields are ready before the beat that has them.
    if (age_q != 2'd3) assert (front <= 17'(age_q) * 17'(KEEP_W));
  end

  // ---------------------------------------------------------------- what must hold of what comes out
  logic        made_q, made_first_q, made_last_q;  // the beat in the output register is of a segment
  logic [16:0] made_total_q;
  logic [3:0]  bytes;
  always_comb begin
    bytes = '0;
    for (int i = 0; i < KEEP_W; i++) bytes = bytes + 4'(m_tkeep[i]);
  end
  always_ff @(posedge clk) if (!m_tvalid || m_tready) begin
    made_q       <= \dut.moves ;
    made_first_q <= paid_q == '0;
    made_last_q  <= is_last;
    made_total_q <= total;
  end
  always_comb if (!rst && m_tvalid && made_q && !m_tabort) begin
    assert (m_tlast ? out_q + 17'(bytes) == made_total_q : &m_tkeep);
    assert (m_tuser[`FN_TX_HEADER_LENGTH] == 20'(made_total_q) && m_tuser[`FN_TX_HEADER_SEGMENTATION] == '0);
    assert (m_tuser[`FN_TX_HEADER_LAUNCH] == (\dut.request_q [`FN_TX_HEADER_LAUNCH] && made_first_q));
    assert (m_tuser[`FN_TX_HEADER_TIMESTAMP] == (\dut.request_q [`FN_TX_HEADER_TIMESTAMP] && made_last_q));
    if (m_tlast) assert (m_tmore == !made_last_q);
  end

  // ---------------------------------------------------------------- lemmas
  logic judging1, judging2;
  assign judging1 = \dut.state_q == JUDGE && \dut.step_q >= 2'd1;
  assign judging2 = \dut.state_q == JUDGE && \dut.step_q >= 2'd2;
  always_comb if (!rst) begin
    assert (\dut.state_q <= DRAIN);
    if (\dut.state_q == LOAD || \dut.state_q == JUDGE) assert (!m_tvalid && kind != '0);
    if (\dut.state_q == PASS) assert (!m_tvalid || !m_tlast);
    else if (\dut.state_q != SEND) assert (m_tvalid ? m_tlast : out_q == '0);
    if (judging1) begin
      assert (\dut.network_length_q == {1'b0, start[7:0]} - {1'b0, network} && \dut.transport_header_q == {1'b0, headers} - {1'b0, start[7:0]});
      assert (\dut.left_q == 16'(payload));
      if (\dut.plain_q ) assert (kind <= UDP6 && mss != '0 && start[15:8] == '0 && network >= 8'd14 && length > 20'(headers) && length <= 20'd65535 + 20'(network));
    end
    if (judging1 || sending) begin
      assert (\dut.network_old_q == 18'(16'(~check_old)) + 18'(16'(~length_old)) + 18'(16'(~id_old)));
      assert (\dut.pseudo_old_q == 17'(sum_field_old) + 17'(16'(~(16'(length) - start))));
    end
    if (judging2 || sending) assert (\dut.network_base_q == check_base && \dut.pseudo_base_q == sum_base);
    if (judging2) begin
      if (\dut.sound_q ) assert (kind <= UDP6 && headers >= 8'd42 && mss != '0 && payload != '0 && payload < 20'd65536 && length > 20'(headers));
      assert (\dut.next_length_q == (\dut.left_q <= mss ? \dut.left_q : mss) && \dut.next_last_q == (\dut.left_q <= mss));
    end
    if (sending) begin
      assert (payload < 20'd65536 && headers >= 8'd42 && 20'(\dut.left_q ) == left - share);
      assert (front < total && \dut.out_left_q == total - front);
      if (age_q != '0) assert (\dut.next_length_q == (\dut.left_q <= mss ? \dut.left_q : mss) && \dut.next_last_q == (\dut.left_q <= mss));
      if (age_q >= 2'd2) assert (\dut.network_sum_q == 18'(check_base) + 18'(ip_length) + 18'(id) && \dut.pseudo_sum_q == 17'(sum_base) + 17'(udp_length));
      if (m_tvalid && !m_tlast) assert (made_q && made_total_q == total && made_first_q == (paid_q == '0) && made_last_q == is_last && !m_tabort);
      if (m_tvalid && made_q) assert (!m_tabort);
    end
  end

endmodule

`default_nettype wire
