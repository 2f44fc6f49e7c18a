# make test-programs: the on-chain programs through stock npm clients, on the local Solana and on solana-bankrun.
PROGRAMS_NPM := tests/programs/node_modules/.package-lock.json
$(PROGRAMS_NPM): tests/programs/package-lock.json
	cd tests/programs && npm ci --silent
	@touch $@

# A second build, elsewhere, gives the same bytes.
programs-twice: programs
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/again programs
	@for f in $(notdir $(PROGRAMS)); do cmp $(BUILD)/programs/$$f $(BUILD)/again/programs/$$f || exit 1; done

test-programs: programs-twice $(PROGRAMS_NPM) tests/svm-rpc/node_modules/.package-lock.json
	cd tests/programs && PROGRAMS_DIR=$(abspath $(BUILD)/programs) npm test --silent
test-programs-long: programs $(PROGRAMS_NPM) tests/svm-rpc/node_modules/.package-lock.json
	cd tests/programs && STEPS=10000 PROGRAMS_DIR=$(abspath $(BUILD)/programs) node --test test/invariants.test.mjs
SUITES  += test-programs
NIGHTLY += test-programs-long
.PHONY: test-programs test-programs-long programs-twice
