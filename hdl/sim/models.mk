# The models: one line each. Who adds a module with a test adds its line here, anywhere.
#
#   $(eval $(call model,NAME,TOP,SOURCES,PARAMETERS,VERILATOR OPTIONS))
#
# NAME        the library is build/verilated/NAME/libNAME.so; C# loads it with VerilatedModel.Load("NAME")
# TOP         the top module
# SOURCES     auto: TOP.sv and all it needs are found under hdl/rtl by module name; or files, relative to the repository
# PARAMETERS  such as -GDATA_W=64; quote what the shell would eat
# OPTIONS     $(UNIT) for a module under test: assertions on; $(CARD) for a whole card: speed above all (by $(call card,...) below);
#             $(call cover,MODULE...) after it: count what cover/MODULE_cover.sv asks for, for the functional coverage (docs/verification.md)

# ---- the simulated board; each card has a twin NAME_trace that writes waveforms, built when it is asked for. Its PHY takes an MDC of 12.5 MHz, as many do:
# at 2.5 MHz a look at its registers takes five times the clocks
#   $(call card,NAME,TOP,PARAMETERS)
card = $(eval $(call model,$(1),$(2),auto,-GMDC_HZ=12500000 $(3),$(CARD)))$(eval $(call model,$(1)_trace,$(2),auto,-GMDC_HZ=12500000 $(3),$(CARD),trace))

$(call card,fn_nic_pcie,fn_nic_pcie)
$(call card,fn_nic_pcie_queues,fn_nic_pcie,-GTX_QUEUES=4 -GRX_QUEUES=4)
$(call card,fn_nic_usb,fn_nic_usb,-GBUFFER=16384 -GPACKETS=64)
# as on the smallest board (hdl/boards/ice40hx8k-b-evn)
$(call card,fn_nic_usb_small,fn_nic_usb,-GBUFFER=2048 -GTX_SEGMENT=0 -GTX_VLAN=0 -GRX_CLASSIFY=0 -GRX_VLAN=0 -GRX_FLOWS=0 -GRX_COALESCE=0 -GCLOCK=0 -GRMON=0 -GPAUSE=0 \
  -GTX_BYTES=2048 -GRX_BYTES=2048 -GRX_FRAMES=4 -GMAC_RX_BYTES=2048 -GMAC_TX_BYTES=32 -GMAC_TX_WHOLE=0)
# behind an FT600 and an FT601, and at the other two widths
$(call card,fn_nic_usb_ft600,fn_nic_usb,-GDATA_W=32 -GBUFFER=16384 -GPACKETS=64 -GCHIP_BYTES=2)
$(call card,fn_nic_usb_ft601,fn_nic_usb,-GDATA_W=64 -GBUFFER=16384 -GPACKETS=64 -GCHIP_BYTES=4)

# ---- modules under test
$(eval $(call model,fn_assertion_probe,fn_assertion_probe,tests/FpgaNet.Rtl.Tests/Harness/fn_assertion_probe.sv,,$(UNIT)))
$(eval $(call model,fn_skid_buffer,fn_skid_buffer,auto,-GDATA_W=64 -GUSER_W=3,$(UNIT)))

# ---- stream: every width; small depths, so that tests reach full
WIDTHS := 8 32 64
$(foreach w,$(WIDTHS),$(eval $(call model,fn_skid_buffer_$(w),fn_skid_buffer,auto,-GDATA_W=$(w) -GUSER_W=5,$(UNIT))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_axis_fifo_stall_$(w),fn_axis_fifo,auto,-GDATA_W=$(w) -GUSER_W=9 -GDEPTH=32 -GFRAMES=8,$(UNIT))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_axis_fifo_drop_$(w),fn_axis_fifo,auto,-GDATA_W=$(w) -GUSER_W=9 -GDEPTH=32 -GFRAMES=8 -GDROP_WHEN_FULL=1,$(UNIT))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_axis_fifo_beat_$(w),fn_axis_fifo,auto,-GDATA_W=$(w) -GUSER_W=9 -GDEPTH=8 -GFRAME_MODE=0,$(UNIT))))
$(eval $(call model,fn_axis_fifo_register,fn_axis_fifo,auto,-GDATA_W=8 -GUSER_W=9 -GDEPTH=32 -GFRAMES=8 -GREGISTER=1,$(UNIT)))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_axis_async_fifo_beat_$(w),fn_axis_async_fifo,auto,-GDATA_W=$(w) -GUSER_W=5 -GDEPTH=16,$(UNIT))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_axis_async_fifo_frame_$(w),fn_axis_async_fifo,auto,-GDATA_W=$(w) -GUSER_W=5 -GDEPTH=32 -GFRAME_MODE=1,$(UNIT))))
$(foreach s,$(WIDTHS),$(foreach m,$(WIDTHS),$(eval $(call model,fn_axis_width_$(s)_$(m),fn_axis_width,auto,-GS_DATA_W=$(s) -GM_DATA_W=$(m) -GUSER_W=5,$(UNIT)))))

# ---- mac and tx
$(foreach w,$(WIDTHS),$(eval $(call model,fn_crc32_$(w),fn_crc32,auto,-GDATA_W=$(w),$(UNIT))))
$(eval $(call model,fn_mdio,fn_mdio,auto,,$(UNIT)))
$(eval $(call model,fn_mdio_fast,fn_mdio,auto,-GCLOCK_HZ=15000000,$(UNIT)))
$(eval $(call model,fn_mac_gmii_tx,fn_mac_gmii_tx,auto,,$(UNIT)))
$(eval $(call model,fn_mac_gmii_rx,fn_mac_gmii_rx,auto,,$(UNIT)))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_mac_gmii_$(w),fn_mac_gmii,auto,-GDATA_W=$(w),$(UNIT))))
$(eval $(call model,fn_mac_xgmii_tx,fn_mac_xgmii_tx,auto,,$(UNIT)))
$(eval $(call model,fn_mac_xgmii_rx,fn_mac_xgmii_rx,auto,,$(UNIT)))
$(foreach b,8 4 2 1,$(eval $(call model,fn_crc32_step_$(b),fn_crc32_step,auto,-GBYTES=$(b),$(UNIT))))
PHY_BENCH := tests/FpgaNet.Rtl.Tests/Mac/fn_phy_bench.sv
$(foreach w,$(WIDTHS),$(eval $(call model,fn_phy_mii_$(w),fn_phy_bench,$(PHY_BENCH),-GDATA_W=$(w) -GPHY=0,$(UNIT))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_phy_rmii_$(w),fn_phy_bench,$(PHY_BENCH),-GDATA_W=$(w) -GPHY=1,$(UNIT))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_phy_rgmii_$(w),fn_phy_bench,$(PHY_BENCH),-GDATA_W=$(w) -GPHY=2,$(UNIT))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_tx_checksum_$(w),fn_tx_checksum,auto,-GDATA_W=$(w),$(UNIT) $(call cover,fn_tx_judge fn_tx_sum))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_tx_segment_$(w),fn_tx_segment,auto,-GDATA_W=$(w),$(UNIT) $(call cover,fn_tx_segment))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_tx_vlan_$(w),fn_tx_vlan,auto,-GDATA_W=$(w) -GUSER_W=5,$(UNIT) $(call cover,fn_tx_vlan))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_tx_$(w),fn_tx,auto,-GDATA_W=$(w),$(UNIT) $(call cover,fn_tx_judge fn_tx_sum))))
$(eval $(call model,fn_tx_plain_64,fn_tx,auto,-GTX_SEGMENT=0 -GTX_VLAN=0,$(UNIT)))
$(eval $(call model,fn_tx_untagged_64,fn_tx,auto,-GTX_VLAN=0,$(UNIT)))

# ---- time
$(eval $(call model,fn_clock_counter,fn_clock_counter,auto,,$(UNIT)))
$(eval $(call model,fn_clock,fn_clock,auto,,$(UNIT)))

# ---- rx and nic
$(foreach w,$(WIDTHS),$(eval $(call model,fn_rx_inspect_$(w),fn_rx_inspect,auto,-GDATA_W=$(w),$(UNIT) $(call cover,fn_rx_parse fn_rx_inspect))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_rx_$(w),fn_rx,auto,-GDATA_W=$(w),$(UNIT) $(call cover,fn_rx_classify))))
$(eval $(call model,fn_rx_plain_64,fn_rx,auto,-GRX_VLAN=0 -GRX_FLOWS=0,$(UNIT) $(call cover,fn_rx_classify)))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_rx_filter_$(w),fn_rx_filter,auto,-GDATA_W=$(w),$(UNIT) $(call cover,fn_rx_filter))))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_rx_vlan_$(w),fn_rx_vlan,auto,-GDATA_W=$(w),$(UNIT))))
$(eval $(call model,fn_rx_flow_table,fn_rx_flow_table,auto,,$(UNIT) $(call cover,fn_rx_flow_table)))
$(eval $(call model,fn_rx_indirection,fn_rx_indirection,auto,,$(UNIT)))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_rx_coalesce_$(w),fn_rx_coalesce,auto,-GDATA_W=$(w) -GCONTEXTS=3 -GBYTES=65536,$(UNIT) $(call cover,fn_rx_coalesce_contexts))))
$(eval $(call model,fn_rx_coalesce_small,fn_rx_coalesce,auto,-GCONTEXTS=2 -GBYTES=8192,$(UNIT) $(call cover,fn_rx_coalesce_contexts)))
$(foreach w,8 64,$(eval $(call model,fn_nic_plain_$(w),fn_nic,auto,-GDATA_W=$(w) -GRX_COALESCE=0,$(UNIT) $(call cover,fn_mac_gmii fn_mac_pause_tx))))
$(eval $(call model,fn_nic_xgmii,fn_nic_xgmii,auto,,$(UNIT)))
$(eval $(call model,fn_nic_xgmii_plain,fn_nic_xgmii,auto,-GRX_COALESCE=0,$(UNIT)))
$(eval $(call model,fn_nic_xgmii_small,fn_nic_xgmii,auto,-GTX_SEGMENT=0 -GTX_VLAN=0 -GRX_CLASSIFY=0 -GRX_VLAN=0 -GRX_FLOWS=0 -GRX_COALESCE=0 -GCLOCK=0 -GRMON=0 -GPAUSE=0 \
  -GTX_BYTES=2048 -GRX_BYTES=2048 -GRX_FRAMES=32 -GMAC_RX_BYTES=2048 -GMAC_TX_BYTES=256 -GMAC_TX_WHOLE=0,$(UNIT)))
$(foreach w,$(WIDTHS),$(eval $(call model,fn_nic_$(w),fn_nic,auto,-GDATA_W=$(w),$(UNIT) $(call cover,fn_mac_gmii fn_tx_hold fn_tx_launch))))
$(foreach w,8 64,$(eval $(call model,fn_nic_rmon_$(w),fn_nic_rmon,auto,-GDATA_W=$(w),$(UNIT))))
$(eval $(call model,fn_nic_link,fn_nic_link,auto,-GCLOCK_HZ=15000000 -GPHY_ADDRESS=9,$(UNIT) $(call cover,fn_nic_link)))
$(eval $(call model,fn_nic_link_100,fn_nic_link,auto,-GCLOCK_HZ=15000000 -GSPEEDS=3,$(UNIT) $(call cover,fn_nic_link)))
$(eval $(call model,fn_nic_statistics,fn_nic_statistics,auto,,$(UNIT)))

# ---- PCI Express host interface
$(eval $(call model,fn_tx_scheduler_4,fn_tx_scheduler,auto,-GTX_QUEUES=4,$(UNIT) $(call cover,fn_tx_scheduler)))
$(eval $(call model,fn_pcie_host,fn_pcie_host,auto,,$(UNIT) $(call cover,fn_dma_read fn_dma_write fn_interrupt_moderation fn_pcie_bar fn_rx_buffer fn_rx_engine fn_tx_parse fn_tx_payload)))
$(eval $(call model,fn_pcie_host_queues,fn_pcie_host,auto,-GTX_QUEUES=2 -GRX_QUEUES=4 -GREAD_TAGS=4,$(UNIT) $(call cover,fn_dma_read fn_dma_write fn_interrupt_moderation fn_pcie_bar fn_rx_buffer fn_rx_engine fn_tx_parse fn_tx_payload)))

# ---- USB host interface
$(eval $(call model,fn_usb_host,fn_usb_host,auto,,$(UNIT) $(call cover,fn_usb_deframe fn_usb_tx fn_usb_requests)))
$(eval $(call model,fn_usb_host_small,fn_usb_host,auto,-GBUFFER=2048 -GREGISTER=0,$(UNIT) $(call cover,fn_usb_tx)))
$(foreach w,32 64,$(eval $(call model,fn_usb_host_$(w),fn_usb_host,auto,-GDATA_W=$(w) -GBUFFER=2048 -GPACKETS=8,$(UNIT))))
$(foreach b,1 2 4,$(eval $(call model,fn_usb_pins_$(b),fn_usb_pins_bench,tests/FpgaNet.Rtl.Tests/Usb/fn_usb_pins_bench.sv,-GBYTES=$(b),$(UNIT) $(call cover,fn_usb_ft245_bus))))
