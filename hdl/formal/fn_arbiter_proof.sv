// prove dma-read  | KIND=0 | pdr | who asks waits for at most CLIENTS - 1 grants to others; one grant at a time, and only to one who asks
// mutant fn_dma_read_arbiter.sv | s/if \(m_valid && m_ready\) last_q <= m_client;/if (m_valid \&\& m_ready) last_q <= '0;/
// prove dma-write | KIND=1 | pdr | the same for two writers; at most two requests run ahead of their streams
// mutant fn_dma_write_arbiter.sv | s/assign pick      = last_q \? !s_valid\[0\] : s_valid\[1\];/assign pick = !s_valid[0];/
// prove dma-write-order | KIND=1 | pdr | the same; streams pass in the order of their requests, each whole
// mutant fn_dma_write_arbiter.sv | s/owed_q\[1\] \? second_q : pick/pick/
// prove pcie-tx   | KIND=2 | pdr | the same for three sources of TLPs; a TLP is never interleaved with another; a beat on offer stays
// mutant fn_pcie_tx_arbiter.sv | s/step \? m_axis_tlast :/step ||/
// prove pcie-tx-order | KIND=2 | pdr | the same; the turn moves on
// mutant fn_pcie_tx_arbiter.sv | s/3'b010:  next = others\[2\] \? 3'b100 : 3'b001/3'b010:  next = others[0] ? 3'b001 : 3'b100/
`default_nettype none

module fn_arbiter_proof #(
  parameter int KIND = 0
) (
  input wire logic         clk,
  input wire logic [2:0]   ask,
  input wire logic [2:0]   last,
  input wire logic [191:0] data,
  input wire logic         ready,
  input wire logic         stream_ready
);

  localparam int CLIENTS = KIND == 1 ? 2 : 3;

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic [CLIENTS-1:0] valid, grant;  // a grant: a request was taken, or a TLP begun
  assign valid = ask[CLIENTS-1:0];

  generate
    if (KIND == 0) begin : g_dma_read
      logic        m_valid, m_last;
      logic [63:0] m_address;
      logic [12:0] m_length;
      logic [1:0]  m_client;
      logic [2:0]  s_ready;
      fn_dma_read_arbiter #(.CLIENTS(CLIENTS)) dut (
        .clk(clk), .rst(rst), .s_valid(valid), .s_ready(s_ready), .s_address(data), .s_length(data[38:0]), .s_last(last),
        .m_valid(m_valid), .m_ready(ready), .m_address(m_address), .m_length(m_length), .m_client(m_client), .m_last(m_last));
      assign grant = s_ready & valid;
      always_comb if (!rst) begin
        assert (m_valid == |valid);
        assert ((grant != '0) == (m_valid && ready));
        if (m_valid) assert (m_client < 3 && valid[m_client] && m_address == data[64*m_client +: 64] && m_length == data[13*m_client +: 13] && m_last == last[m_client]);
        if (grant != '0) assert (grant == 3'b001 << m_client);
      end

    end else if (KIND == 1) begin : g_dma_write
      logic [1:0]  s_ready, stream_grant;
      logic        m_valid, m_tvalid, m_tlast;
      logic [63:0] m_address, m_tdata;
      logic [15:0] m_length;
      logic [1:0]  m_tag;
      fn_dma_write_arbiter dut (
        .clk(clk), .rst(rst), .s_valid(valid), .s_ready(s_ready), .s_address(data[127:0]), .s_length(data[31:0]), .s_tag(data[7:4]),
        .s_axis_tdata(data[127:0]), .s_axis_tvalid(last[1:0]), .s_axis_tready(stream_grant), .s_axis_tlast(data[1:0]),
        .m_valid(m_valid), .m_ready(ready), .m_address(m_address), .m_length(m_length), .m_tag(m_tag), .m_axis_tdata(m_tdata),
        .m_axis_tvalid(m_tvalid), .m_axis_tready(stream_ready), .m_axis_tlast(m_tlast));
      assign grant = s_ready & valid;

      // Requests and streams are numbered as they pass; who made request n must be who sends stream n.
      logic [3:0] maker_q;
      logic [1:0] requests_q, streams_q, ahead;
      logic       owner;
      assign ahead = requests_q - streams_q;
      assign owner = maker_q[streams_q];
      always_ff @(posedge clk) begin
        if (grant != '0) begin
          maker_q[requests_q] <= grant[1];
          requests_q          <= requests_q + 2'd1;
        end
        if (m_tvalid && stream_ready && m_tlast) streams_q <= streams_q + 2'd1;
        if (rst) begin
          requests_q <= '0;
          streams_q  <= '0;
        end
      end
      always_comb if (!rst) begin
        assert (ahead != 2'd3);
        assert (m_valid == (|valid && ahead != 2'd2));
        assert ((grant != '0) == (m_valid && ready));
        if (m_valid && ready) begin
          assert (m_address == (grant[1] ? data[127:64] : data[63:0]) && m_length == (grant[1] ? data[31:16] : data[15:0]));
          assert (m_tag == (grant[1] ? data[7:6] : data[5:4]));
        end
        if (ahead == '0) assert (!m_tvalid && stream_grant == '0);
        else begin
          assert (stream_grant == {stream_ready && owner, stream_ready && !owner});
          assert (m_tvalid == last[owner] && m_tdata == data[64*owner +: 64] && m_tlast == data[owner]);
        end
      end

    end else begin : g_pcie_tx
      logic [2:0]  s_tready, turn;
      logic [63:0] m_tdata;
      logic [7:0]  m_tkeep;
      logic        m_tvalid, m_tlast, idle, inside_q;
      logic [1:0]  owner_q, owner;
      fn_pcie_tx_arbiter dut (
        .clk(clk), .rst(rst), .s_axis_tdata(data), .s_axis_tkeep(data[23:0]), .s_axis_tvalid(valid), .s_axis_tready(s_tready), .s_axis_tlast(last),
        .m_axis_tdata(m_tdata), .m_axis_tkeep(m_tkeep), .m_axis_tvalid(m_tvalid), .m_axis_tready(ready), .m_axis_tlast(m_tlast), .idle(idle));

      // A TLP begins with the first beat offered behind the end of another.
      logic waiting_q;
      assign turn  = m_tvalid && ready ? s_tready & valid : '0;
      assign owner = turn[2] ? 2'd2 : turn[1] ? 2'd1 : 2'd0;
      assign grant = inside_q ? '0 : turn;
      logic [2:0]   ask_q;
      logic [191:0] data_q;
      logic [2:0]   last_q;
      logic [63:0]  m_tdata_q;
      always_ff @(posedge clk) begin
        ask_q     <= rst ? '0 : valid & ~turn;
        data_q    <= data;
        last_q    <= last;
        m_tdata_q <= m_tdata;
        waiting_q <= m_tvalid && !ready && !rst;
        if (m_tvalid && ready) begin
          inside_q <= !m_tlast;
          owner_q  <= owner;
        end
        if (rst) inside_q <= 1'b0;
      end
      // Sources keep to the protocol.
      for (genvar i = 0; i < 3; i++) begin : g_source
        always_comb if (!rst && ask_q[i]) assume (valid[i] && data[64*i +: 64] == data_q[64*i +: 64] && last[i] == last_q[i]);
      end
      always_comb if (!rst) begin
        assert ((turn & (turn - 1'b1)) == '0);
        if (m_tvalid && ready) assert (turn != '0 && m_tdata == data[64*owner +: 64] && m_tlast == last[owner]);
        if (inside_q && turn != '0) assert (owner == owner_q);
        if (waiting_q) assert (m_tvalid && m_tdata == m_tdata_q);
        if (idle) assert (!m_tvalid);
      end
    end
  endgenerate

  // Fairness: grants to others while this one asks without a pause.
  for (genvar i = 0; i < CLIENTS; i++) begin : g_fair
    logic [1:0] passed_q;
    always_ff @(posedge clk) begin
      if (!valid[i] || grant[i] || rst) passed_q <= '0;
      else if (grant != '0 && passed_q != 2'd3) passed_q <= passed_q + 1'b1;
    end
    always_comb if (!rst) assert (passed_q <= CLIENTS - 1);
  end

endmodule

`default_nettype wire
