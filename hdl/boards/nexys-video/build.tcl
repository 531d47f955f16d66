# The bitstream, by Vivado (not run here): vivado -mode batch -source build.tcl
set here [file dirname [file normalize [info script]]]
set out  [file normalize $here/../../../build/boards/nexys-video]
file mkdir $out
create_project -in_memory -part xc7a200tsbg484-1
read_verilog -sv [glob $here/../../rtl/*/*.sv $here/../../rtl/host/*/*.sv] $here/fn_nexys_video.sv
read_xdc $here/pins.xdc
synth_design -top fn_nexys_video -part xc7a200tsbg484-1 -include_dirs $here/../../rtl/include -verilog_define SYNTHESIS
opt_design
place_design
phys_opt_design
route_design
report_timing_summary -file $out/timing.txt
report_utilization -file $out/utilization.txt
if {[get_property SLACK [get_timing_paths -delay_type max]] < 0} { error "timing is not met: see $out/timing.txt" }
write_bitstream -force $out/fn_nexys_video.bit
