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
SUITES += test-programs
.PHONY: test-programs programs-twice
