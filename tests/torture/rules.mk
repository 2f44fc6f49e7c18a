# make torture SECONDS=N SEED=n STORE=shared|sqlite: replicas as hosts in network namespaces, under faults (tests/torture/README.md).
TORTURE_PRELOAD := $(BUILD)/tests/torture/preload.so
$(TORTURE_PRELOAD): tests/torture/preload.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALL_CFLAGS) -D_GNU_SOURCE -shared -fPIC -o $@ $< -ldl

# Network, mount and process namespaces of our own: nothing of the machine's network is touched, and nothing is left.
TORTURE_ALONE = unshare --net --mount --pid --fork --kill-child --mount-proc $$([ "$$(id -u)" = 0 ] || echo --map-root-user)
torture_run = CONSE_TORTURE_BUILD=$(abspath $(BUILD)) $(TORTURE_ALONE) node tests/torture/run.mjs

SEED  ?= 1
STORE ?= shared
torture-build: build $(TORTURE_PRELOAD) $(MONGO_JAVA) $(STORES_NPM)
torture-packages:
	@tools/install.sh build test stores torture
torture: torture-packages
	@$(MAKE) --no-print-directory $(CORES) torture-build
	$(torture_run) --seconds $(SECONDS) --seed $(SEED) --store $(STORE)

# The checks find what is planted: cheap, and part of make test.
test-torture:
	@node --test tests/torture/test/*.test.mjs >$(BUILD)/torture-test.log 2>&1 || { cat $(BUILD)/torture-test.log; exit 1; }
# Each seed for TORTURE_SECONDS on each store.
TORTURE_SECONDS ?= 600
TORTURE_SEEDS   ?= 1 2 3
torture-nightly: torture-packages
	@$(MAKE) --no-print-directory $(CORES) torture-build
	@failed=; for store in shared sqlite; do for seed in $(TORTURE_SEEDS); do \
	    $(torture_run) --seconds $(TORTURE_SECONDS) --seed $$seed --store $$store || failed="$$failed $$store-$$seed"; done; done; \
	    [ -z "$$failed" ] || { echo "anomalies in$$failed" >&2; exit 1; }
# Guards of the product, taken out one by one: each has to be missed by a run (mutants.mjs).
torture-mutants: torture-packages
	@$(MAKE) --no-print-directory $(CORES) torture-build
	node tests/torture/mutants.mjs . $(BUILD)
SUITES  += test-torture
NIGHTLY += torture-nightly torture-mutants
.PHONY: torture torture-build torture-packages torture-nightly torture-mutants test-torture
