# The models: one line each. Who adds a module with a test adds its line here, anywhere.
#
#   $(eval $(call model,NAME,TOP,SOURCES,PARAMETERS,VERILATOR OPTIONS))
#
# NAME        the library is build/verilated/NAME/libNAME.so; C# loads it with VerilatedModel.Load("NAME")
# TOP         the top module
# SOURCES     auto: TOP.sv and all it needs are found under hdl/rtl by module name; or files, relative to the repository
# PARAMETERS  such as -GDATA_W=64; quote what the shell would eat
# OPTIONS     $(UNIT) for a module under test: assertions on; $(CARD) for a whole card: speed above all

# ---- the simulated board

# ---- modules under test
$(eval $(call model,fn_skid_buffer,fn_skid_buffer,auto,-GDATA_W=64 -GUSER_W=3,$(UNIT)))
$(eval $(call model,fn_rx_8,fn_rx,auto,-GDATA_W=8,$(UNIT)))
$(eval $(call model,fn_rx_32,fn_rx,auto,-GDATA_W=32,$(UNIT)))
$(eval $(call model,fn_rx_64,fn_rx,auto,-GDATA_W=64,$(UNIT)))
