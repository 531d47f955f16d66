`default_nettype none
`include "fn_regs.svh"

// Block Mdio of docs/registers.md: frames to the PHY by command (fn_mdio), and the link. While Follow is 1 the PHY's registers 5 (what the other end
// offers), 10 (the same for 1 Gb/s) and 1 (status) are read over and over.
//
// The bit of the link in register 1 stays 0 from a loss of the link until it is read (22.2.4.2.13). So when it reads 1 there was a link ever since the last read of it,
// and what registers 5 and 10 said in between is of this link. Speed and duplex change only as a link comes up.
// A PHY that leaves one of the three unanswered has no link.
//
// What both ends offer is ranked by annex 28B.3. On this end that is full duplex alone, which the host sees to; half duplex comes of an end that does not
// negotiate (28.2.3.1).
//
// A reset is of the bus alone: what the card does to itself changes neither the PHY nor the link.
module fn_nic_link #(
  parameter int          CLOCK_HZ    = 125000000,
  parameter int          MDC_HZ      = 2500000,
  parameter logic [4:0]  PHY_ADDRESS = 5'd0,
  parameter logic [3:0]  SPEEDS      = 4'b0111,                  // of the MAC interface: 10, 100 Mb/s, 1, 10 Gb/s
  parameter logic [15:0] NEXT_BLOCK  = 16'd0
) (
  input  logic        clk,
  input  logic        rst,

  input  logic        reg_write,
  input  logic        reg_read,
  input  logic [15:0] reg_address,
  input  logic [31:0] reg_wdata,
  output logic [31:0] reg_rdata,                                 // 0 but in the clock of reg_ack
  output logic        reg_ack,

  output logic        mdc,
  output logic        mdio_o,
  output logic        mdio_oe,
  input  logic        mdio_i,

  input  logic        pin_up,                                    // the board sees nothing against a link
  output logic        link_up,
  output logic [1:0]  speed,                                     // 10, 100 Mb/s, 1, 10 Gb/s
  output logic        full_duplex,
  output logic        commanded                                  // a frame of the host's is under way
);

  localparam logic [1:0] FASTEST = SPEEDS[3] ? 2'd3 : SPEEDS[2] ? 2'd2 : SPEEDS[1] ? 2'd1 : 2'd0;
  localparam logic [3:0] READ_FRAME = 4'b0110;                   // ST and OP

  typedef enum logic [1:0] {
    PARTNER,
    PARTNER_1G,
    STATUS
  } ask_t;

  ask_t        ask_q;
  logic        mine, follow_q, asked_q, command, ask, busy, done, answered;
  logic [4:0]  phy_q, ask_register;
  logic [31:0] frame, seen;
  logic        full_1g_q, full_100_q, full_10_q, half_100_q, silent_q, phy_up_q, up;

  fn_mdio #(.CLOCK_HZ(CLOCK_HZ), .MDC_HZ(MDC_HZ)) i_mdio (
    .clk(clk), .start(command || ask), .frame(frame), .busy(busy), .done(done), .seen(seen),
    .mdc(mdc), .mdio_o(mdio_o), .mdio_oe(mdio_oe), .mdio_i(mdio_i)
  );

  assign mine         = (reg_address & 16'hFF00) == `FN_MDIO;
  assign command      = reg_write && reg_address == `FN_MDIO_FRAME && !follow_q && !busy && !done;
  assign ask          = follow_q && !busy && !done;
  assign ask_register = ask_q == PARTNER ? 5'd5 : ask_q == PARTNER_1G ? 5'd10 : 5'd1;
  assign frame        = follow_q ? {READ_FRAME, phy_q, ask_register, 2'b10, 16'd0} : reg_wdata;
  assign answered     = !seen[`FN_MDIO_FRAME_NO_ANSWER_LSB];
  assign commanded    = (busy || done) && !asked_q;
  assign up           = answered && !silent_q && seen[2];

  logic unused;  // the header as it was on the pin
  assign unused = &{1'b0, seen[31:18]};

  // ---------------------------------------------------------------- registers
  always_ff @(posedge clk) begin
    reg_ack   <= mine && (reg_write || reg_read);
    reg_rdata <= '0;
    if (mine && reg_read) begin
      case (reg_address)
        `FN_MDIO_BLOCK_HEADER: reg_rdata <= {`FN_MDIO_BLOCK_VERSION, `FN_MDIO_BLOCK_TYPE};
        `FN_MDIO_NEXT_BLOCK:   reg_rdata <= {16'd0, NEXT_BLOCK};
        `FN_MDIO_CONTROL:      reg_rdata <= {19'd0, phy_q, 6'd0, busy || done, follow_q};
        `FN_MDIO_FRAME:        reg_rdata <= {14'd0, seen[17:0]};
        `FN_MDIO_BOARD:        reg_rdata <= {20'd0, SPEEDS, 3'd0, PHY_ADDRESS};
        default: ;
      endcase
    end
    if (reg_write && reg_address == `FN_MDIO_CONTROL) begin
      follow_q <= reg_wdata[`FN_MDIO_CONTROL_FOLLOW_LSB];
      phy_q    <= reg_wdata[`FN_MDIO_CONTROL_PHY_LSB +: `FN_MDIO_CONTROL_PHY_WIDTH];
    end
    if (rst) begin
      reg_ack   <= 1'b0;
      reg_rdata <= '0;
    end
  end

  // ---------------------------------------------------------------- the link
  initial {follow_q, asked_q} = '0;

  always_ff @(posedge clk) begin
    if (command) asked_q <= 1'b0;
    if (ask) asked_q <= 1'b1;

    if (done && asked_q) begin
      case (ask_q)
        PARTNER: begin
          {full_100_q, half_100_q, full_10_q} <= seen[8:6] & {SPEEDS[1], SPEEDS[1], SPEEDS[0]};
          silent_q <= !answered;
          ask_q    <= SPEEDS[2] ? PARTNER_1G : STATUS;
        end
        PARTNER_1G: begin
          full_1g_q <= seen[11];
          silent_q  <= silent_q || !answered;
          ask_q     <= STATUS;
        end
        default: begin
          phy_up_q <= up;
          if (up) begin
            speed       <= full_1g_q ? 2'd2 : {1'b0, full_100_q || (half_100_q && !full_10_q)};
            full_duplex <= full_1g_q || full_100_q || full_10_q;
          end
          ask_q <= PARTNER;
        end
      endcase
    end
    if (!follow_q) begin
      ask_q       <= PARTNER;
      full_1g_q   <= 1'b0;
      phy_up_q    <= 1'b0;
      speed       <= FASTEST;
      full_duplex <= 1'b1;
    end
    link_up <= pin_up && (phy_up_q || !follow_q);
  end

endmodule

`default_nettype wire
