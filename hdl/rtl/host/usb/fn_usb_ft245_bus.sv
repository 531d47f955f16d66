// Master of the bus of an FTDI FIFO chip in 245 synchronous FIFO mode (DS_FT232H §4.4), at the chip's clock: words from the host and to the host.
//
// Every pin has a register of its own: what leaves, leaves a register, and what comes goes into one, with no logic between. TXE# alone also
// passes one look-up table on its way to the registers of WR# and data, and has to: a word is taken by the edge that finds WR# and TXE# low, and
// whoever learns a clock later that a word was refused has put the next one out already, which may be taken in its place.
// RXF# may come late: a word is read by the edge that finds RD# and RXF# low, and what is read behind it is ignored (§4.4.1).
//
//   chip's edge      n          n+1         n+2         n+3
//   RXF#, data     ──┘ sampled
//   m_tvalid                     word
//   RD#                          decided    ──┘ acts          so up to 4 words come behind a sink that has no room: m_room
//
// OE# falls a clock before RD#, and in one clock nobody drives the bus before it changes hands. Reads and writes take turns of BURST words while both
// wait. A refused word is taken off the pins, so that reads are not held up, and comes first when the chip takes words again.
// Throughput: 1 word a clock, less 4 clocks for each change of direction. Latency: 2 clocks each way.
`default_nettype none

module fn_usb_ft245_bus #(
  parameter int BYTES         = 1,    // of a word: 1, 2 or 4
  parameter int BURST         = 512,  // words, a power of two
  parameter bit PIN_REGISTERS = 1'b1  // 0: the registers of the outputs are the board's, in its pads; what they take is what leaves here
) (
  input  wire logic               clk,            // CLKOUT; the pins change with its rising edge
  input  wire logic               rst,

  output logic [8*BYTES-1:0]      m_tdata,        // from the host; never stalled
  output logic [BYTES-1:0]        m_tkeep,
  output logic                    m_tvalid,
  input  wire logic               m_room,         // registered: there was room for 4 words
  input  wire logic [8*BYTES-1:0] s_tdata,        // to the host
  input  wire logic               s_tvalid,
  output logic                    s_tready,

  output logic                    sent,           // pulse: the chip has taken a word
  output logic                    sending,        // a word to the host is in here
  output logic                    idle,           // no word in here, none of the host's in the chip

  input  wire logic               ft_rxf_n,
  input  wire logic               ft_txe_n,
  output logic                    ft_rd_n,
  output logic                    ft_wr_n,
  output logic                    ft_oe_n,
  input  wire logic [8*BYTES-1:0] ft_data_in,
  input  wire logic [BYTES-1:0]   ft_be_in,
  output logic [8*BYTES-1:0]      ft_data_out,
  output logic                    ft_data_drive   // enables the FPGA's drivers of the bus
);

  localparam int W = 8 * BYTES, BURST_W = $clog2(BURST);

  typedef enum logic [1:0] { IDLE, ENABLE, READ, WRITE } state_t;
  state_t state_q, state_d;

  // As the pins have it. All strobes are off as the FPGA wakes up, before there is a clock.
  logic               rd_q, rd_d, wr_q, wr_d, oe_q, oe_d, drive_q, drive_d;
  logic [W-1:0]       word_q, word_d;
  // As the pins had it at the last edge.
  logic               has_q, takes_q, was_read_q;
  logic               go_q, go_d;                  // words may leave; cleared a clock before the drivers go off
  logic               owed_q;                      // word_q was refused and is off the pins
  logic               read_last_q, can_read, can_write, burst_over, wanted;
  logic [BURST_W-1:0] burst_q;

  always_ff @(posedge clk) begin
    has_q      <= !ft_rxf_n;
    takes_q    <= !ft_txe_n;
    m_tdata    <= ft_data_in;
    m_tkeep    <= ft_be_in;
    was_read_q <= rd_q;
  end

  assign m_tvalid = was_read_q && has_q;

  // ---------------------------------------------------------------- the next words to the host
  // Whether the first has left is known from TXE# and so comes late: used_q says it a clock later, and the second stands ready.
  logic [W-1:0] first_q, second_q, next;
  logic         first_valid_q, second_valid_q, used_q, next_valid, second_stays;

  assign next         = used_q ? second_q : first_q;
  assign next_valid   = used_q ? second_valid_q : first_valid_q;
  assign second_stays = !used_q && second_valid_q;
  assign s_tready     = !(next_valid && second_stays);

  always_ff @(posedge clk) begin
    used_q         <= go_q && !owed_q && !ft_txe_n && next_valid;
    first_valid_q  <= next_valid || s_tvalid;
    second_valid_q <= next_valid && (second_stays || s_tvalid);
    first_q        <= next_valid ? next : s_tdata;
    if (!second_stays) second_q <= s_tdata;
    if (rst) begin
      used_q         <= 1'b0;
      first_valid_q  <= 1'b0;
      second_valid_q <= 1'b0;
    end
  end

  // While TXE# is high the pins stay as they are, or as they were; no word leaves into it.
  assign wanted     = next_valid || owed_q;
  assign word_d     = ft_txe_n || owed_q ? word_q : next;
  assign wr_d       = go_q && (ft_txe_n ? wr_q || owed_q : wanted);

  // ---------------------------------------------------------------- who has the bus
  assign can_read   = has_q && m_room;
  assign can_write  = takes_q && wanted;
  assign burst_over = &burst_q;

  always_comb begin
    state_d = state_q;
    rd_d    = 1'b0;
    oe_d    = 1'b0;
    drive_d = 1'b0;
    go_d    = 1'b0;
    case (state_q)
      IDLE: begin
        if (can_read && !(can_write && read_last_q)) begin
          state_d = ENABLE;
          oe_d    = 1'b1;
        end else if (can_write) begin
          state_d = WRITE;
          drive_d = 1'b1;
          go_d    = 1'b1;
        end
      end
      ENABLE: begin
        state_d = READ;
        oe_d    = 1'b1;
        rd_d    = 1'b1;
      end
      READ: begin
        if (!has_q || (can_write && (burst_over || !m_room))) begin
          state_d = IDLE;
        end else begin
          oe_d = 1'b1;
          rd_d = m_room;
        end
      end
      default: begin
        if (go_q) begin
          drive_d = 1'b1;
          go_d    = takes_q && wanted && !(burst_over && can_read);
        end else begin
          state_d = IDLE;
        end
      end
    endcase
  end

  always_ff @(posedge clk) begin
    state_q <= state_d;
    rd_q    <= rd_d;
    wr_q    <= wr_d;
    oe_q    <= oe_d;
    drive_q <= drive_d;
    go_q    <= go_d;
    word_q  <= word_d;
    owed_q  <= !go_q && (owed_q || (wr_q && ft_txe_n));
    sent    <= wr_q && !ft_txe_n;

    if (state_q == ENABLE) read_last_q <= 1'b1;
    else if (state_q == WRITE) read_last_q <= 1'b0;

    if (state_q == IDLE) burst_q <= '0;
    else if ((m_tvalid || sent) && !burst_over) burst_q <= burst_q + 1'b1;

    if (rst) begin
      state_q     <= IDLE;
      go_q        <= 1'b0;
      owed_q      <= 1'b0;
      read_last_q <= 1'b0;
    end
  end

  assign sending = wanted || wr_q;
  assign idle    = state_q == IDLE && !sending && !has_q && !m_tvalid;

  // ---------------------------------------------------------------- the pins
  generate
    if (PIN_REGISTERS) begin : g_registers
      assign ft_rd_n       = !rd_q;
      assign ft_wr_n       = !wr_q;
      assign ft_oe_n       = !oe_q;
      assign ft_data_out   = word_q;
      assign ft_data_drive = drive_q;
    end else begin : g_board
      assign ft_rd_n       = !rd_d;
      assign ft_wr_n       = !wr_d;
      assign ft_oe_n       = !oe_d;
      assign ft_data_out   = word_d;
      assign ft_data_drive = drive_d;

      logic unused;
      assign unused = &{1'b0, oe_q, drive_q};
    end
  endgenerate

`ifndef SYNTHESIS
  initial if ((BYTES != 1 && BYTES != 2 && BYTES != 4) || BURST < 2 || (BURST & (BURST - 1)) != 0) $fatal(1, "fn_usb_ft245_bus: illegal parameter");
`endif

endmodule

`default_nettype wire
