# make test-solana: the C client of Solana against stock npm clients and the local Solana. make bench-solana: beside web3.js.
SOLANA_CLIENT        := $(BUILD)/tests/solana-client
SOLANA_CLIENT_DRIVER := $(SOLANA_CLIENT)/driver
SOLANA_CLIENT_NPM    := tests/solana-client/node_modules/.package-lock.json
SVM_RPC_NPM          := tests/svm-rpc/node_modules/.package-lock.json

$(SOLANA_CLIENT_DRIVER): $(call objects,$(wildcard tests/solana-client/driver/*.c) $(call sources,services/chain/solana)) $(BUILD)/lib/room.a
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(SOLANA_CLIENT_NPM) $(SVM_RPC_NPM): %/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --silent
	@touch $@

test-solana: programs $(SOLANA_CLIENT_DRIVER) $(SOLANA_CLIENT_NPM) $(SVM_RPC_NPM)
	cd tests/svm-rpc && npm test --silent
	cd tests/solana-client && SOLANA_CLIENT_DRIVER=$(abspath $(SOLANA_CLIENT_DRIVER)) PROGRAMS_DIR=$(abspath $(BUILD)/programs) npm test --silent
bench-solana: $(BUILD)/bench/solana_bench $(SOLANA_CLIENT_NPM)
	$<
	node tests/solana-client/bench.mjs
SUITES += test-solana
.PHONY: test-solana bench-solana
