// BAR completer: answers requests to BAR 0 (PCIe Base 4.0 §2.2.7, §2.2.9, §2.3.1) and turns them into accesses on a 32-bit register bus.
//
//  - A memory read or write of one whole aligned DW (Length 1, byte enables 1111/0000), 3 or 4 DW header: an access. A read yields a CplD.
//  - A memory read of no bytes (byte enables 0000; a flush, §2.2.5): a CplD whose DW is 0; the register is not touched.
//  - Every other non-posted request (longer or partial reads, I/O, configuration, atomic, locked reads, BAR not hit): a Cpl with status UR.
//  - A memory write that is not one whole DW, or is poisoned (EP): dropped. Messages and TLPs with a prefix: dropped.
// `malformed` pulses for each request that got UR and each write that was dropped.
//
// Latency: 4 clocks plus the register's from request to completion. Throughput: one request at a time; the rest waits in fn_pcie_rx_demux.
// An access that is not acknowledged in 63 clocks (the register's owner is in reset) is ended by this module, with data 0.
`default_nettype none

module fn_pcie_bar (
  input  wire logic        clk,
  input  wire logic        rst,
  input  wire logic [15:0] cfg_completer_id,

  input  wire logic [63:0] s_axis_tdata,
  input  wire logic        s_axis_half,      // only tdata[31:0] holds a DW
  input  wire logic        s_axis_tvalid,
  output logic             s_axis_tready,
  input  wire logic        s_axis_tlast,
  input  wire logic        s_axis_bar_hit,

  output logic [63:0]      m_axis_tdata,
  output logic [7:0]       m_axis_tkeep,
  output logic             m_axis_tvalid,
  input  wire logic        m_axis_tready,
  output logic             m_axis_tlast,

  output logic             reg_write,        // one of the two pulses for one clock
  output logic             reg_read,
  output logic [15:0]      reg_address,      // bytes, a multiple of 4; stands until the acknowledge
  output logic [31:0]      reg_wdata,
  input  wire logic [31:0] reg_rdata,
  input  wire logic        reg_ack,

  output logic             malformed,        // pulse
  output logic             idle
);

  typedef enum logic [2:0] { FIRST, SECOND, THIRD, REST, DECODE, ACCESS, HEADER, DATA } state_t;
  state_t state_q;

  logic [31:0] dw0_q, dw1_q, dw2_q, dw3_q, data_q;
  logic [2:0]  length_q;         // DWs the TLP has, up to 7 which stands for more
  logic        hit_q, unsupported_q;
  logic [5:0]  watchdog_q;

  // ---------------------------------------------------------------- decode, from registers
  logic        four_dw, has_data, memory, locked, message, poisoned, whole, none, read, write, posted, sized;
  logic [3:0]  first_be, last_be;
  logic [2:0]  dws, dws_due;
  logic [12:0] byte_count;
  logic [1:0]  lead, trail;
  logic [31:0] address;

  assign four_dw  = dw0_q[29];
  assign has_data = dw0_q[30];
  assign memory   = dw0_q[28:24] == 5'b00000;
  assign locked   = dw0_q[28:24] == 5'b00001;
  assign message  = dw0_q[28:27] == 2'b10;
  assign poisoned = dw0_q[14];
  assign first_be = dw1_q[3:0];
  assign last_be  = dw1_q[7:4];
  assign address  = four_dw ? dw3_q : dw2_q;
  assign whole    = dw0_q[9:0] == 10'd1 && first_be == 4'hF && last_be == 4'h0;
  assign none     = dw0_q[9:0] == 10'd1 && first_be == 4'h0 && last_be == 4'h0;
  // The TLP must be as long as its header says; TD announces one more DW, the digest.
  assign dws_due  = 3'd3 + {2'b0, four_dw} + {2'b0, has_data} + {2'b0, dw0_q[15]};
  assign dws      = length_q;
  assign sized    = dws == dws_due;
  assign posted   = message || (memory && has_data) || dw0_q[31];
  assign read     = memory && !has_data && !dw0_q[31] && hit_q && sized;
  assign write    = memory && has_data && !dw0_q[31] && hit_q && sized && whole && !poisoned;

  // Byte Count and Lower Address of the completion of a memory read (PCIe Base 4.0 tables 2-39 and 2-40).
  always_comb begin
    lead = 2'd0;
    if      (first_be[0]) lead = 2'd0;
    else if (first_be[1]) lead = 2'd1;
    else if (first_be[2]) lead = 2'd2;
    else if (first_be[3]) lead = 2'd3;
    trail = 2'd0;
    if (last_be == 4'h0) begin  // one DW: what is behind its last enabled byte
      if      (first_be[3]) trail = 2'd0;
      else if (first_be[2]) trail = 2'd1;
      else if (first_be[1]) trail = 2'd2;
      else                  trail = 2'd3;  // also for no byte at all, which counts as one
    end else begin
      if      (last_be[3]) trail = 2'd0;
      else if (last_be[2]) trail = 2'd1;
      else if (last_be[1]) trail = 2'd2;
      else                 trail = 2'd3;
    end
    byte_count = {dw0_q[9:0] == '0, dw0_q[9:0], 2'b00} - {11'd0, lead} - {11'd0, trail};
    if (!(memory || locked)) byte_count = 13'd4;
  end

  // ---------------------------------------------------------------- control
  assign s_axis_tready = state_q == FIRST || state_q == SECOND || state_q == THIRD || state_q == REST;
  assign idle          = state_q == FIRST && !s_axis_tvalid;

  always_ff @(posedge clk) begin
    reg_write <= 1'b0;
    reg_read  <= 1'b0;
    malformed <= 1'b0;
    case (state_q)
      FIRST: if (s_axis_tvalid) begin
        dw0_q    <= s_axis_tdata[31:0];
        dw1_q    <= s_axis_tdata[63:32];
        hit_q    <= s_axis_bar_hit;
        length_q <= s_axis_half ? 3'd1 : 3'd2;
        state_q  <= s_axis_tlast ? FIRST : SECOND;  // not even a header: nobody to answer
      end
      SECOND: if (s_axis_tvalid) begin
        dw2_q    <= s_axis_tdata[31:0];
        dw3_q    <= s_axis_tdata[63:32];
        length_q <= s_axis_half ? 3'd3 : 3'd4;
        state_q  <= s_axis_tlast ? DECODE : THIRD;
      end
      THIRD: if (s_axis_tvalid) begin
        data_q   <= s_axis_tdata[31:0];
        length_q <= s_axis_half ? 3'd5 : 3'd6;
        state_q  <= s_axis_tlast ? DECODE : REST;
      end
      REST: if (s_axis_tvalid) begin
        length_q <= 3'd7;
        if (s_axis_tlast) state_q <= DECODE;
      end
      DECODE: begin
        reg_address   <= {address[15:2], 2'b00};
        // Within a DW the TLP carries byte 0 first, in bits 31:24.
        reg_wdata     <= four_dw ? {data_q[7:0], data_q[15:8], data_q[23:16], data_q[31:24]}
                                 : {dw3_q[7:0], dw3_q[15:8], dw3_q[23:16], dw3_q[31:24]};
        watchdog_q    <= '0;
        unsupported_q <= 1'b0;
        if (write || (read && whole)) begin
          reg_write <= write;
          reg_read  <= !write;
          state_q   <= ACCESS;
        end else if (read && none) begin
          data_q  <= '0;
          state_q <= HEADER;
        end else if (posted) begin
          malformed <= !message && !dw0_q[31];
          state_q   <= FIRST;
        end else begin
          malformed     <= 1'b1;
          unsupported_q <= 1'b1;
          state_q       <= HEADER;
        end
      end
      ACCESS: begin
        watchdog_q <= watchdog_q + 1'b1;
        if (reg_ack || (&watchdog_q)) begin
          data_q  <= reg_ack ? reg_rdata : '0;
          state_q <= has_data ? FIRST : HEADER;
        end
      end
      HEADER: if (m_axis_tready) state_q <= DATA;
      DATA:   if (m_axis_tready) state_q <= FIRST;
      default: state_q <= FIRST;
    endcase
    if (rst) state_q <= FIRST;
  end

  // ---------------------------------------------------------------- completion TLP
  logic [31:0] header0, header1, header2;

  // Fmt/Type: CplD 0x4A, Cpl 0x0A, CplLk 0x0B. Traffic class and attributes as in the request.
  assign header0 = {1'b0, !unsupported_q, 5'b00101, locked, 1'b0, dw0_q[22:20], 1'b0, dw0_q[18], 4'b0000, dw0_q[13:12], 2'b00,
                    unsupported_q ? 10'd0 : 10'd1};
  assign header1 = {cfg_completer_id, unsupported_q ? 3'b001 : 3'b000, 1'b0, byte_count[11:0]};
  assign header2 = {dw1_q[31:8], 1'b0, (memory || locked) ? {address[6:2], lead} : 7'd0};

  assign m_axis_tvalid = state_q == HEADER || state_q == DATA;
  assign m_axis_tlast  = state_q == DATA;
  assign m_axis_tkeep  = state_q == DATA && unsupported_q ? 8'h0F : 8'hFF;
  assign m_axis_tdata  = state_q == HEADER ? {header1, header0}
                                           : {data_q[7:0], data_q[15:8], data_q[23:16], data_q[31:24], header2};

  logic unused;
  assign unused = &{1'b0, dw0_q, address, byte_count};

endmodule

`default_nettype wire
