# make test-programs: the on-chain programs through stock npm clients, on the local Solana and on solana-bankrun.
PROGRAMS_NPM := tests/programs/node_modules/.package-lock.json
$(PROGRAMS_NPM): tests/programs/package-lock.json
	cd tests/programs && npm ci --silent
	@touch $@

test-programs: programs $(PROGRAMS_NPM) tests/svm-rpc/node_modules/.package-lock.json
	cd tests/programs && PROGRAMS_DIR=$(abspath $(BUILD)/programs) npm test --silent
SUITES += test-programs
.PHONY: test-programs
