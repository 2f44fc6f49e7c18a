# make guards: takes the guards of stores and replicas out of a copy of the sources, one at a time; the test that is named beside each has to
# fail then (tests/guards/README.md). GUARDS='' is a pattern of those that are wanted.
guards-packages:
	@tools/install.sh build test stores
guards: guards-packages
	@$(MAKE) --no-print-directory $(CORES) $(MONGO_JAVA) $(STORES_NPM) $(E2E_NPM)
	node tests/guards/run.mjs . $(BUILD) "$(GUARDS)"

# The rows fit the sources: cheap, and part of make test.
test-guards:
	@node --test tests/guards/test/*.test.mjs >$(BUILD)/guards-test.log 2>&1 || { cat $(BUILD)/guards-test.log; exit 1; }
SUITES  += test-guards
NIGHTLY += guards
.PHONY: guards guards-packages test-guards
