// Changes the width of an AXI-Stream by a power of two, up or down; equal widths are plain wires.
//
// Latency: 1 clock (up: after the last beat that the wide beat needs). Throughput: the narrow side runs at 1 beat a clock. It stalls its
// source when its sink stalls and loses nothing. A frame ends a wide beat early, with tkeep saying how much of it counts.
// Up: the wide beat takes the tuser of its last narrow beat. Down: every narrow beat has the tuser of its wide beat.
`default_nettype none

module fn_axis_width #(
  parameter int S_DATA_W = 8,   // bits, 8 times a power of two
  parameter int M_DATA_W = 64,  // bits, 8 times a power of two
  parameter int USER_W   = 1    // bits, 1 or more
) (
  input  wire logic                  clk,
  input  wire logic                  rst,

  input  wire logic [S_DATA_W-1:0]   s_axis_tdata,
  input  wire logic [S_DATA_W/8-1:0] s_axis_tkeep,
  input  wire logic                  s_axis_tvalid,
  output logic                       s_axis_tready,
  input  wire logic                  s_axis_tlast,
  input  wire logic [USER_W-1:0]     s_axis_tuser,

  output logic [M_DATA_W-1:0]        m_axis_tdata,
  output logic [M_DATA_W/8-1:0]      m_axis_tkeep,
  output logic                       m_axis_tvalid,
  input  wire logic                  m_axis_tready,
  output logic                       m_axis_tlast,
  output logic [USER_W-1:0]          m_axis_tuser
);

  localparam int S_KEEP_W = S_DATA_W / 8;
  localparam int M_KEEP_W = M_DATA_W / 8;

  generate
    if (S_DATA_W == M_DATA_W) begin : g_wires
      assign s_axis_tready = m_axis_tready;
      assign m_axis_tvalid = s_axis_tvalid;
      assign m_axis_tdata  = s_axis_tdata;
      assign m_axis_tkeep  = s_axis_tkeep;
      assign m_axis_tlast  = s_axis_tlast;
      assign m_axis_tuser  = s_axis_tuser;

      logic unused;
      assign unused = &{1'b0, clk, rst};

    end else if (S_DATA_W < M_DATA_W) begin : g_up
      localparam int RATIO   = M_DATA_W / S_DATA_W;
      localparam int INDEX_W = $clog2(RATIO);

      logic [M_DATA_W-1:0] data_q;
      logic [M_KEEP_W-1:0] keep_q;
      logic [USER_W-1:0]   user_q;
      logic [INDEX_W-1:0]  index_q;  // which part of the wide beat comes next
      logic                last_q, valid_q;

      // The wide beat is put together in the output register itself, so it must be free or leaving.
      assign s_axis_tready = m_axis_tready || !valid_q;

      always_ff @(posedge clk) begin
        if (m_axis_tready) valid_q <= 1'b0;
        if (s_axis_tvalid && s_axis_tready) begin
          for (int i = 0; i < RATIO; i++) begin
            if (index_q == INDEX_W'(i)) begin
              data_q[i*S_DATA_W +: S_DATA_W] <= s_axis_tdata;
              keep_q[i*S_KEEP_W +: S_KEEP_W] <= s_axis_tkeep;
            end else if (index_q == '0) begin
              keep_q[i*S_KEEP_W +: S_KEEP_W] <= '0;
            end
          end
          user_q  <= s_axis_tuser;
          last_q  <= s_axis_tlast;
          valid_q <= s_axis_tlast || (&index_q);
          index_q <= s_axis_tlast ? '0 : index_q + 1'b1;
        end
        if (rst) begin
          valid_q <= 1'b0;
          index_q <= '0;
        end
      end

      assign m_axis_tvalid = valid_q;
      assign m_axis_tdata  = data_q;
      assign m_axis_tkeep  = keep_q;
      assign m_axis_tlast  = last_q;
      assign m_axis_tuser  = user_q;

    end else begin : g_down
      logic [S_DATA_W-1:0] data_q;
      logic [S_KEEP_W-1:0] keep_q;
      logic [USER_W-1:0]   user_q;
      logic                last_q, valid_q, final_part;

      // The wide beat moves down by one part a clock; its last part is the one above which no byte counts.
      assign final_part    = !keep_q[M_KEEP_W];
      assign s_axis_tready = !valid_q || (m_axis_tready && final_part);

      always_ff @(posedge clk) begin
        if (s_axis_tready) begin
          valid_q <= s_axis_tvalid;
          if (s_axis_tvalid) begin
            data_q <= s_axis_tdata;
            keep_q <= s_axis_tkeep;
            last_q <= s_axis_tlast;
            user_q <= s_axis_tuser;
          end
        end else if (m_axis_tready) begin
          data_q <= data_q >> M_DATA_W;
          keep_q <= keep_q >> M_KEEP_W;
        end
        if (rst) valid_q <= 1'b0;
      end

      assign m_axis_tvalid = valid_q;
      assign m_axis_tdata  = data_q[M_DATA_W-1:0];
      assign m_axis_tkeep  = keep_q[M_KEEP_W-1:0];
      assign m_axis_tlast  = last_q && final_part;
      assign m_axis_tuser  = user_q;
    end
  endgenerate

`ifndef SYNTHESIS
  initial begin
    if (S_DATA_W < 8 || M_DATA_W < 8 || (S_DATA_W & (S_DATA_W - 1)) != 0 || (M_DATA_W & (M_DATA_W - 1)) != 0 || USER_W < 1)
      $fatal(1, "fn_axis_width: illegal parameter");
  end
`endif

endmodule

`default_nettype wire
