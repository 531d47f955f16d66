// prove packets | - | pdr | flag, the packet's bytes, its check, flag, and nothing else: each byte once, in order, escaped if and only if it must be, none between two packets, none of one in another; an aborted packet ends without a check
// mutant fn_usb_frame.sv | s/if \(s_tlast\) state_q <= s_tabort/if (s_tlast \&\& !special) state_q <= s_tabort/
// prove check   | - | pdr | the check is taken over every byte of its packet, from the first, and sent from its lowest byte on
// mutant fn_usb_frame.sv | s/first_q <= 1'b0;/first_q <= flip_q;/
`default_nettype none

module fn_usb_frame_proof (
  input wire logic       clk,
  input wire logic [7:0] s_tdata,
  input wire logic       s_tvalid,
  input wire logic       s_tlast,
  input wire logic       s_tabort,
  input wire logic       m_tready
);

  logic started_q = 1'b0, rst;
  always_ff @(posedge clk) started_q <= 1'b1;
  assign rst = !started_q;

  logic       s_tready, m_tvalid, idle, taken;
  logic [7:0] m_tdata;

  fn_usb_frame dut (
    .clk(clk), .rst(rst), .s_tdata(s_tdata), .s_tvalid(s_tvalid), .s_tready(s_tready), .s_tlast(s_tlast), .s_tabort(s_tabort),
    .m_tdata(m_tdata), .m_tvalid(m_tvalid), .m_tready(m_tready), .idle(idle)
  );

  fn_axis_properties #(.USER_W(1), .ASSUME(1'b1)) i_source (
    .clk(clk), .rst(rst), .tdata(s_tdata), .tkeep('1), .tvalid(s_tvalid), .tready(s_tready), .tlast(s_tlast), .tuser(s_tabort));
  fn_axis_properties i_sink (
    .clk(clk), .rst(rst), .tdata(m_tdata), .tkeep('1), .tvalid(m_tvalid), .tready(m_tready), .tlast(1'b0), .tuser(1'b0));
  assign taken = s_tvalid && s_tready;

  // The byte that was taken and has not come out: there is one at most.
  logic       owed_q, last_q, abort_q;
  logic [7:0] byte_q;

  // What the sink reads.
  typedef enum logic [1:0] { FLAG, BYTES, CHECK, END } state_t;
  state_t     state_q;
  logic       escaped_q, comes;
  logic [1:0] index_q;
  logic [7:0] value;
  assign value = escaped_q ? m_tdata ^ 8'h20 : m_tdata;
  assign comes = m_tvalid && m_tready && m_tdata != 8'h7E && m_tdata != 8'h7D;

  (* hierconn *) wire        \dut.take , \dut.first_q ;
  (* hierconn *) wire [31:0] \dut.fcs ;
  logic        first_q;
  always_ff @(posedge clk) begin
    if (taken) begin
      {byte_q, last_q, abort_q} <= {s_tdata, s_tlast, s_tlast && s_tabort};
      first_q <= s_tlast;
    end
    owed_q <= taken || (owed_q && !(comes && state_q == BYTES));
    if (m_tvalid && m_tready) begin
      escaped_q <= m_tdata == 8'h7D;
      case (state_q)
        FLAG:  state_q <= BYTES;
        BYTES: begin
          index_q <= '0;
          if (comes && last_q) state_q <= abort_q ? END : CHECK;
        end
        CHECK: if (comes) begin
          index_q <= index_q + 1'b1;
          if (&index_q) state_q <= END;
        end
        default: state_q <= FLAG;
      endcase
    end
    if (rst) begin
      state_q   <= FLAG;
      escaped_q <= 1'b0;
      owed_q    <= 1'b0;
      first_q   <= 1'b1;
    end
  end

  always_comb if (!rst) begin
    if (m_tvalid && m_tready) begin
      assert ((m_tdata == 8'h7E) == (state_q == FLAG || state_q == END));
      if (escaped_q) assert (value == 8'h7E || value == 8'h7D);
      if (comes && state_q == BYTES) assert (owed_q && value == byte_q);
      if (comes && state_q == CHECK) assert (value == \dut.fcs [8*index_q +: 8]);
    end
    if (taken && owed_q) assert (comes && state_q == BYTES);
    if (idle) assert (state_q == FLAG && !owed_q);
    assert (\dut.take == taken);
    if (taken) assert (\dut.first_q == first_q);
  end

endmodule

// In the place of the CRC, which has proofs of its own: any check, which changes only with a byte.
module fn_crc32 #(
  parameter int DATA_W = 8
) (
  input  wire logic                clk,
  input  wire logic                en,
  input  wire logic                first,
  input  wire logic [DATA_W-1:0]   data,
  input  wire logic [DATA_W/8-1:0] keep,
  output logic [31:0]              fcs,
  output logic                     good
);
  (* anyseq *) logic [31:0] any;
  always_ff @(posedge clk) if (en) fcs <= any;
  assign good = 1'b0;
endmodule

`default_nettype wire
