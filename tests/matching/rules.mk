# make test-matching: the market through conse-chain's commands: what always holds of random ones, and what the simplest book makes of workloads.
# make test-matching-public MATCHING=...: the cases and the flows of the public matching benchmark, of which that is a folder with the sources
# (github.com/flash1-dev/matching-engine-benchmark 41656c8). FLOWS="normal static", ORDERS=20000: less of them.
MATCHING_BIN   := $(BUILD)/tests/matching
MATCHING_PARTS := $(filter-out %/play.c %/prepare.c,$(wildcard tests/matching/*.c))
$(MATCHING_BIN)/play $(MATCHING_BIN)/prepare: $(MATCHING_BIN)/%: $(BUILD)/obj/tests/matching/%.o $(call objects,$(MATCHING_PARTS)) \
    $(BUILD)/obj/tools/bench/money_ledger.o $(LIBS)
	$(link)

MATCHING_RUN = CONSE_BIN=$(abspath $(BUILD)/bin) MATCHING_BIN=$(abspath $(MATCHING_BIN)) node tests/matching/run.mjs
test-matching: build $(MATCHING_BIN)/play $(MATCHING_BIN)/prepare
	@$(MATCHING_RUN)
test-matching-public: build $(MATCHING_BIN)/play $(MATCHING_BIN)/prepare
	@[ -f "$(MATCHING)/scripts/conformance_check.py" ] || { echo "test-matching-public: MATCHING= is a folder of the benchmark's sources" >&2; exit 1; }
	@$(if $(ORDERS),ORDERS=$(ORDERS) )$(if $(FLOWS),FLOWS="$(FLOWS)" )$(MATCHING_RUN) $(MATCHING)
SUITES += test-matching
.PHONY: test-matching test-matching-public
