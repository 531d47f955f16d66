# FpgaNet: one way to do each thing. `make help` lists them.
CONFIGURATION ?= Release
SOLUTION := FpgaNet.sln
CLI := host/FpgaNet.Cli/bin/$(CONFIGURATION)/net10.0/fpganet
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.DEFAULT_GOAL := help
.PHONY: help setup sim build run test soak bench lint format synth regs trace formal coverage clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## install what is missing: Debian packages and NuGet packages (needs root only when something is missing)
	@.ci/setup

sim: setup ## build the Verilated models: the simulated card and every module under test
	@$(MAKE) --no-print-directory -j2 -C hdl/sim

build: sim ## build everything
	@dotnet build $(SOLUTION) -c $(CONFIGURATION) -v quiet -nologo --no-restore

run: ## serve a file through the simulated card, offloads on and off, and show what the card did (no privileges needed)
	@.ci/setup --run-only
	@$(MAKE) --no-print-directory -C hdl/sim card
	@dotnet build host/FpgaNet.Cli -c $(CONFIGURATION) -v quiet -nologo
	@$(CLI) demo

test: build trace ## run every test; the last line counts them. Random tests draw by the same seeds in every run; SEED=fresh draws new ones, SEED=number replays
	@$(if $(SEED),FPGANET_SEED=$(SEED)) tests/run $(CONFIGURATION)

soak: setup ## networks and hostile frames by seed for MINUTES=10, losses in a matrix; SUITE=network, fuzz, sockets, loss-matrix or congestion runs one
	@dotnet build tests/FpgaNet.Soak -c $(CONFIGURATION) -v quiet -nologo --no-restore
	@tests/FpgaNet.Soak/bin/$(CONFIGURATION)/net10.0/fpganet-soak $(SUITE) --minutes $(or $(MINUTES),10)

bench: build ## kernels, TCP and the simulated card, side by side; figures also go to build/bench/results.json
	@$(MAKE) --no-print-directory -C bench/peers
	@dotnet run --project bench/FpgaNet.Bench -c $(CONFIGURATION) --no-build --

lint: setup ## Verilog by Verilator -Wall, Yosys and Icarus; C# by dotnet format
	@$(MAKE) --no-print-directory -C hdl lint
	@dotnet format $(SOLUTION) --verify-no-changes --no-restore
	@echo "lint: clean"

formal: setup ## prove the properties of hdl/formal and see that every mutant breaks its proof; PROOF=fn_fifo runs some
	@hdl/formal/prove $(PROOF)

coverage: setup ## which lines and signals of the Verilog the module tests reach: a table by module; MODELS=... and FILTER=... for some
	@$(MAKE) --no-print-directory -j2 -C hdl/sim COVERAGE=1 $(or $(MODELS),models)
	@dotnet build tests/FpgaNet.Rtl.Tests -c $(CONFIGURATION) -v quiet -nologo --no-restore
	@hdl/sim/coverage tests/FpgaNet.Rtl.Tests/bin/$(CONFIGURATION)/net10.0/FpgaNet.Rtl.Tests $(if $(FILTER),--filter $(FILTER))

format: ## let dotnet format rewrite the C# sources
	@dotnet format $(SOLUTION)

synth: ## what every module takes on iCE40, ECP5 and Xilinx 7 beside its peers (docs/synthesis.md), and the boards (hdl/boards)
	@.ci/setup --synth
	@dotnet build hdl/synth/FpgaNet.Synthesis -c $(CONFIGURATION) -v quiet -nologo
	@hdl/synth/FpgaNet.Synthesis/bin/$(CONFIGURATION)/net10.0/FpgaNet.Synthesis
	@$(MAKE) --no-print-directory -C hdl/boards

regs: ## write the Verilog header, the C# constants and docs/registers.md from hdl/regs/registers.json
	@dotnet run --project hdl/regs/FpgaNet.Registers -c $(CONFIGURATION)

trace: setup ## build the card that can write waveforms (fpganet serve --trace F.fst)
	@$(MAKE) --no-print-directory -C hdl/sim trace

clean: ## remove everything that was built
	@rm -rf build
	@find . -type d \( -name bin -o -name obj -o -name TestResults \) -prune -exec rm -rf {} +
