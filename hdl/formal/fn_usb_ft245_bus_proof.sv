// The chip is as free as can be: its flags rise and fall in any clock, and its data are anything.
//
// prove send    | BYTES=1,BURST=4 | pdr | what the chip takes is what came from the stream: each word once, in order, whenever TXE# rises or falls; at most 3 inside
// mutant fn_usb_ft245_bus.sv | s/assign word_d     = ft_txe_n \|\| owed_q/assign word_d     = !takes_q || owed_q/
// prove receive | BYTES=1,BURST=4 | pdr | what is read of the chip goes on once, in order, whenever RXF# rises or falls
// mutant fn_usb_ft245_bus.sv | s/assign m_tvalid = was_read_q && has_q;/assign m_tvalid = rd_q \&\& has_q;/
// prove room    | BYTES=1,BURST=4 | pdr | a sink that tells a clock late of room for 4 words is never overrun
// mutant fn_usb_ft245_bus.sv | s/rd_d = m_room;/rd_d = 1'b1;/
// prove strobes | BYTES=1,BURST=4 | pdr | never RD# and WR# at once; RD# a clock behind OE#; the card's drivers off while OE# is low and a clock after; WR# only with drivers
// mutant fn_usb_ft245_bus.sv | s/assign ft_oe_n       = !oe_q;/assign ft_oe_n       = !oe_d;/
// prove open    | BYTES=1,BURST=4 | pdr | a word leaves in every clock while there are words, the chip takes them and nothing is to be read
// mutant fn_usb_ft245_bus.sv | s/used_q         <= go_q \&\& !owed_q/used_q         <= go_q \&\& !wr_q \&\& !owed_q/
`default_nettype none

module fn_usb_ft245_bus_proof #(
  parameter int BYTES = 1,
  parameter int BURST = 4
) (
  input wire logic               clk,
  input wire logic               mark,
  input wire logic [8*BYTES-1:0] s_tdata,
  input wire logic               s_tvalid,
  input wire logic               drain,
  input wire logic               rxf_n,
  input wire logic               txe_n,
  input wire logic [8*BYTES-1:0] data_in
);

  localparam int W = 8 * BYTES;

  logic [2:0] started_q = '0;
  logic       rst;
  always_ff @(posedge clk) started_q <= {started_q[1:0], 1'b1};
  assign rst = !started_q[2];

  logic [W-1:0] m_tdata, data_out;
  logic         m_tvalid, s_tready, rd_n, wr_n, oe_n, drive;

  // A sink of 6 words.
  logic [2:0] level_q;
  logic       room_q;
  always_ff @(posedge clk) begin
    level_q <= level_q + 3'(m_tvalid) - 3'(drain && level_q != '0);
    room_q  <= level_q <= 3'd2;
    if (rst) level_q <= '0;
  end

  fn_usb_ft245_bus #(.BYTES(BYTES), .BURST(BURST)) dut (
    .clk(clk), .rst(rst), .m_tdata(m_tdata), .m_tkeep(), .m_tvalid(m_tvalid), .m_room(room_q), .s_tdata(s_tdata), .s_tvalid(s_tvalid), .s_tready(s_tready),
    .sent(), .sending(), .idle(), .ft_rxf_n(rxf_n), .ft_txe_n(txe_n), .ft_rd_n(rd_n), .ft_wr_n(wr_n), .ft_oe_n(oe_n), .ft_data_in(data_in), .ft_be_in('1),
    .ft_data_out(data_out), .ft_data_drive(drive)
  );

  logic       oe_n_q = 1'b1;
  logic [4:0] open_q = '0;
  always_ff @(posedge clk) begin
    oe_n_q <= oe_n;
    open_q <= rst || txe_n || !s_tvalid || !rxf_n ? '0 : &open_q ? open_q : open_q + 1'b1;
  end

  fn_axis_properties #(.DATA_W(W), .USER_W(1), .ASSUME(1'b1)) i_source (
    .clk(clk), .rst(rst), .tdata(s_tdata), .tkeep('1), .tvalid(s_tvalid), .tready(s_tready), .tlast(1'b0), .tuser(1'b0));

  fn_order_properties #(.WIDTH(W), .ROOM(3)) i_send (
    .clk(clk), .rst(rst), .mark(mark), .in(s_tvalid && s_tready), .in_record(s_tdata), .out(!wr_n && !txe_n), .out_record(data_out));
  fn_order_properties #(.WIDTH(W), .ROOM(1)) i_receive (
    .clk(clk), .rst(rst), .mark(mark), .in(!rd_n && !rxf_n), .in_record(data_in), .out(m_tvalid), .out_record(m_tdata));

  always_comb if (!rst) begin
    assert (!(m_tvalid && level_q == 3'd6));
    assert (!(!rd_n && !wr_n));
    if (!rd_n) assert (!oe_n && !oe_n_q);
    if (drive) assert (oe_n && oe_n_q);
    if (!wr_n) assert (drive);
    if (&open_q) assert (!wr_n);
  end

endmodule

`default_nettype wire
