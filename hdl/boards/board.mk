# What the boards' Makefiles share: sources, where things are built, synthesis by Yosys and its figures.
BUILD := ../../../build/boards/$(BOARD)
RTL   := $(sort $(shell find ../../rtl -name '*.sv')) $(wildcard ../../rtl/include/*)

# $(call synthesize,COMMAND,OPTIONS)
define synthesize
@mkdir -p $(BUILD)
@echo "yosys      $(TOP)"
@nice yosys -q -l $(BUILD)/yosys.log -p "read_verilog -sv -defer -D SYNTHESIS -I ../../rtl/include $(filter %.sv,$(RTL)) $(TOP).sv $(BLACK_BOXES); \
  $(1) -top $(TOP) $(2); tee -q -o $(BUILD)/cells.txt stat" >/dev/null
endef

# $(call figures,CELLS): how many of each, a regular expression
figures = awk '$$1 ~ /^($(1))$$/ { n[$$1] += $$2 } END { for (c in n) printf "           %s %s\n", c, n[c] }' $(BUILD)/cells.txt
