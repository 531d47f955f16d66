`default_nettype none
`include "fn_regs.svh"

// Says of every frame whether it is for this station, by its destination address: block Filter of docs/registers.md.
//
// Watches the stream, takes the first six bytes, and then goes through the tables, one exact entry a clock, while the CRC takes a byte a
// clock. One verdict for each frame, in order, 10 clocks behind the beat with the sixth byte. While it works `ready` is 0, and a frame may not
// begin; so frames can begin every 10 clocks, and on the wire the shortest are 84 byte times apart.
//
// Registers answer after 4 clocks, later while an address is worked on.
module fn_rx_filter #(
  parameter int DATA_W = 64                                      // 8, 16, 32 or 64
) (
  input  logic                 clk,
  input  logic                 rst,

  input  logic                 reg_write,
  input  logic                 reg_read,
  input  logic [15:0]          reg_address,
  input  logic [31:0]          reg_wdata,
  output logic [31:0]          reg_rdata,                        // 0 but in the clock of reg_ack
  output logic                 reg_ack,
  input  logic [15:0]          next_block,                       // register NextBlock

  input  logic [47:0]          station,                          // first octet on top

  input  logic [DATA_W-1:0]    s_axis_tdata,
  input  logic                 s_axis_tvalid,
  input  logic                 s_axis_tlast,
  output logic                 ready,

  output logic                 m_valid,                          // pulse
  output logic                 m_accept
);

  localparam int BYTES = DATA_W / 8;
  localparam int BEATS = (6 + BYTES - 1) / BYTES;                // that hold the address
  localparam int BEAT_W = $clog2(BEATS + 1);
  localparam int ENTRIES = `FN_FILTER_EXACT_COUNT / 2;
  localparam logic [15:0] BLOCK = `FN_FILTER;
  localparam logic [15:0] HASH = `FN_FILTER_HASH, HASH_END = `FN_FILTER_HASH + 16'd4 * `FN_FILTER_HASH_COUNT;
  localparam logic [15:0] EXACT = `FN_FILTER_EXACT, EXACT_END = `FN_FILTER_EXACT + 16'd4 * `FN_FILTER_EXACT_COUNT;
  localparam logic [3:0] HASH_READ = 4'd7, LAST = 4'd9, REST = 4'd15;
  localparam int PROMISCUOUS = `FN_FILTER_CONTROL_PROMISCUOUS_LSB, ALL_MULTICAST = `FN_FILTER_CONTROL_ALL_MULTICAST_LSB,
                 BROADCAST = `FN_FILTER_CONTROL_BROADCAST_LSB;

  // ---------------------------------------------------------------- the address
  logic [BEAT_W-1:0] beat_q;                                     // number of the beat at hand, stops at BEATS
  logic [47:0]       address_q;                                  // first octet on top
  logic              start;

  assign start = s_axis_tvalid && (beat_q == BEAT_W'(BEATS - 1) || (s_axis_tlast && beat_q < BEAT_W'(BEATS)));

  always_ff @(posedge clk) begin
    if (s_axis_tvalid) begin
      beat_q <= s_axis_tlast ? '0 : beat_q == BEAT_W'(BEATS) ? beat_q : beat_q + 1'b1;
      for (int b = 0; b < BEATS; b++) begin
        if (beat_q == BEAT_W'(b)) begin
          for (int l = 0; l < BYTES; l++) if (b * BYTES + l < 6) address_q[47-8*(b*BYTES+l) -: 8] <= s_axis_tdata[8*l +: 8];
        end
      end
    end
    if (rst) beat_q <= '0;
  end

  // ---------------------------------------------------------------- the walk: step 0 to 9, or at rest
  // Step n reads exact entry n and takes octet n, which step n + 1 feeds to the CRC; step n + 1 compares. Step 7 reads the hash table; step 8 looks at the bit.
  logic [3:0]  step_q;
  logic        walking, cleared;
  logic [7:0]  octet_q;
  logic [31:0] fcs;
  logic [7:0]  hash;                                             // top 8 bits of the CRC that is not reflected
  logic [31:0] low_mem [ENTRIES];
  logic [16:0] high_mem [ENTRIES];
  logic [31:0] hash_mem [`FN_FILTER_HASH_COUNT];
  logic [31:0] low_q, hash_word_q;
  logic [16:0] high_q;
  logic        hit_q;

  always_ff @(posedge clk) begin
    octet_q <= address_q[47-8*step_q[2:0] -: 8];
    // As step_q tells, in flip-flops of their own.
    walking <= (start || (walking && step_q != LAST)) && !rst;
    ready <= (!start && (!walking || step_q >= LAST - 4'd1)) || rst;
  end

  always_comb for (int i = 0; i < 8; i++) hash[7-i] = ~fcs[i];

  fn_crc32 #(.DATA_W(8)) u_crc (
    .clk(clk), .en(step_q < HASH_READ), .first(step_q == 4'd1), .data(octet_q), .keep(1'b1), .fcs(fcs), .good()
  );

  // ---------------------------------------------------------------- registers
  logic [2:0]  control_q;
  logic [3:0]  clear_q;                                          // after reset the tables are emptied, a row a clock
  logic        pending_q, write_q, grant, grant_q, in_hash_q, in_exact_q;
  logic [15:0] address_reg_q;
  logic [31:0] wdata_q, rdata;
  logic [2:0]  row_hash, row_exact, row_write;
  logic        write_hash, write_low, write_high;

  assign cleared = clear_q[3];
  assign grant = pending_q && !walking && cleared;
  assign row_hash = walking ? hash[7:5] : address_reg_q[4:2];
  assign row_exact = walking ? step_q[2:0] : address_reg_q[5:3];
  assign row_write = !cleared ? clear_q[2:0] : in_hash_q ? address_reg_q[4:2] : address_reg_q[5:3];
  assign write_hash = !cleared || (grant && write_q && in_hash_q);
  assign write_low = !cleared || (grant && write_q && in_exact_q && !address_reg_q[2]);
  assign write_high = !cleared || (grant && write_q && in_exact_q && address_reg_q[2]);

  always_comb begin
    rdata = '0;
    case (address_reg_q)
      `FN_FILTER_BLOCK_HEADER: rdata = {`FN_FILTER_BLOCK_VERSION, `FN_FILTER_BLOCK_TYPE};
      `FN_FILTER_NEXT_BLOCK:   rdata = {16'd0, next_block};
      `FN_FILTER_CONTROL:      rdata = {29'd0, control_q};
      `FN_FILTER_LIMITS:       rdata = {16'd256, 8'd0, 8'(ENTRIES)};
      default: begin
        if (in_hash_q) rdata = hash_word_q;
        if (in_exact_q) rdata = address_reg_q[2] ? {high_q[16], 15'd0, high_q[15:0]} : low_q;
      end
    endcase
  end

  always_ff @(posedge clk) begin
    if (write_hash) hash_mem[row_write] <= cleared ? wdata_q : '0;
    if (write_low) low_mem[row_write] <= cleared ? wdata_q : '0;
    if (write_high) high_mem[row_write] <= cleared ? {wdata_q[31], wdata_q[15:0]} : '0;
    if (walking || grant) begin
      low_q <= low_mem[row_exact];
      high_q <= high_mem[row_exact];
      hash_word_q <= hash_mem[row_hash];
    end
  end

  always_ff @(posedge clk) begin
    if (!cleared) clear_q <= clear_q + 4'd1;
    if (reg_write || reg_read) begin
      pending_q <= reg_address[15:8] == BLOCK[15:8];
      write_q <= reg_write;
      address_reg_q <= reg_address;
      in_hash_q <= reg_address >= HASH && reg_address < HASH_END;
      in_exact_q <= reg_address >= EXACT && reg_address < EXACT_END;
      wdata_q <= reg_wdata;
    end else if (grant) begin
      pending_q <= 1'b0;
      if (write_q && address_reg_q == `FN_FILTER_CONTROL) control_q <= wdata_q[2:0];
    end
    grant_q <= grant;
    reg_ack <= grant_q;
    reg_rdata <= grant_q && !write_q ? rdata : '0;

    if (rst) begin
      clear_q <= '0;
      pending_q <= 1'b0;
      grant_q <= 1'b0;
      reg_ack <= 1'b0;
      reg_rdata <= '0;
      control_q <= 3'd1 << PROMISCUOUS;
    end
  end

  // ---------------------------------------------------------------- the verdict
  logic group, broadcast, exact_hit, hash_hit;

  assign group = address_q[40];
  assign broadcast = address_q == '1;
  assign exact_hit = high_q == {1'b1, address_q[47:32]} && low_q == address_q[31:0];
  assign hash_hit = group && hash_word_q[hash[4:0]];

  always_ff @(posedge clk) begin
    if (start) begin
      step_q <= '0;
    end else if (walking) begin
      step_q <= step_q == LAST ? REST : step_q + 4'd1;
    end
    if (step_q == '0) begin
      hit_q <= control_q[PROMISCUOUS] || address_q == station || (group && control_q[ALL_MULTICAST]) || (broadcast && control_q[BROADCAST]);
    end else if ((step_q <= 4'(ENTRIES) && exact_hit) || (step_q == HASH_READ + 4'd1 && hash_hit)) begin
      hit_q <= 1'b1;
    end
    if (rst) step_q <= REST;
  end

  assign m_valid = step_q == LAST;
  assign m_accept = hit_q;

endmodule

`default_nettype wire
