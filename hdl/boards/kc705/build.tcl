# The bitstream, by Vivado (not run here): vivado -mode batch -source build.tcl
# The integrated block comes from Vivado's catalogue (PG054): an endpoint of four lanes, generation 1, 64 bits at 125 MHz.
set here [file dirname [file normalize [info script]]]
set out  [file normalize $here/../../../build/boards/kc705]
file mkdir $out
create_project -force fn_kc705 $out/project -part xc7k325tffg900-2
create_ip -name pcie_7x -vendor xilinx.com -library ip -module_name pcie_7x_0
# One memory BAR of 64 KB; 16 messages (the driver asks for one a queue); no legacy interrupt.
set_property -dict [list \
  CONFIG.mode_selection {Advanced} \
  CONFIG.Maximum_Link_Width {X4} CONFIG.Link_Speed {2.5_GT/s} CONFIG.Interface_Width {64_bit} CONFIG.User_Clk_Freq {125} \
  CONFIG.Bar0_Enabled {true} CONFIG.Bar0_Scale {Kilobytes} CONFIG.Bar0_Size {64} \
  CONFIG.Vendor_ID {10EE} CONFIG.Device_ID {7024} CONFIG.Class_Code_Base {02} CONFIG.Class_Code_Sub {00} CONFIG.Class_Code_Interface {00} \
  CONFIG.Max_Payload_Size {256_bytes} CONFIG.IntX_Generation {false} \
  CONFIG.MSI_Enabled {true} CONFIG.Multiple_Message_Capable {16_vectors} \
  CONFIG.Xlnx_Ref_Board {KC705_REVC} CONFIG.Ref_Clk_Freq {100_MHz} \
] [get_ips pcie_7x_0]
generate_target all [get_ips pcie_7x_0]
add_files [concat [glob $here/../../rtl/*/*.sv $here/../../rtl/host/*/*.sv] $here/fn_kc705.sv]
add_files -fileset constrs_1 $here/pins.xdc
set_property include_dirs [file normalize $here/../../rtl/include] [current_fileset]
set_property verilog_define SYNTHESIS [current_fileset]
set_property top fn_kc705 [current_fileset]
launch_runs impl_1 -to_step write_bitstream -jobs 4
wait_on_run impl_1
open_run impl_1
report_timing_summary -file $out/timing.txt
report_utilization -file $out/utilization.txt
if {[get_property SLACK [get_timing_paths -delay_type max]] < 0} { error "timing is not met: see $out/timing.txt" }
file copy -force $out/project/fn_kc705.runs/impl_1/fn_kc705.bit $out/fn_kc705.bit
