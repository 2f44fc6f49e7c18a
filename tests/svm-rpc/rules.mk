# make cluster: $(BUILD)/bin/conse-cluster, a local Solana with the on-chain programs, as conse-up and the end-to-end tests start it.
CLUSTER_DIR := $(BUILD)/cluster
CLUSTER_NPM := $(CLUSTER_DIR)/node_modules/.package-lock.json
program_id   = $$(sed -n 's/^  "address": "\(.*\)",$$/\1/p' services/chain/programs/idl/$(1).json)
$(CLUSTER_NPM): tests/svm-rpc/package-lock.json
	@mkdir -p $(CLUSTER_DIR)
	@cp tests/svm-rpc/package.json tests/svm-rpc/package-lock.json $(CLUSTER_DIR)
	cd $(CLUSTER_DIR) && npm ci --omit=dev --no-audit --no-fund --loglevel=error
	@touch $@
$(CLUSTER_DIR)/stamp: $(shell find tests/svm-rpc/src -name '*.mjs')
	@mkdir -p $(CLUSTER_DIR)
	@rm -rf $(CLUSTER_DIR)/src
	@cp -r tests/svm-rpc/src $(CLUSTER_DIR)
	@touch $@
# The programs of the oldest form, which every cluster takes.
$(BUILD)/bin/conse-cluster: tests/svm-rpc/conse-cluster.sh services/chain/programs/idl/ticket.json services/chain/programs/idl/whitelist.json
	@mkdir -p $(@D)
	@sed "s/@TICKET@/$(call program_id,ticket)/; s/@WHITELIST@/$(call program_id,whitelist)/" $< >$@.new
	@chmod +x $@.new && mv $@.new $@
cluster-files: $(BUILD)/bin/conse-cluster $(CLUSTER_NPM) $(CLUSTER_DIR)/stamp $(BUILD)/programs/ticket.v0.so $(BUILD)/programs/whitelist.v0.so
cluster:
	@tools/install.sh build cluster
	@$(MAKE) --no-print-directory $(CORES) cluster-files
.PHONY: cluster cluster-files
