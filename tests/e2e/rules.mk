# make test-e2e: the whole system through HTTP, with real clients and a real browser.
E2E_NPM := tests/e2e/node_modules/.package-lock.json
$(E2E_NPM): tests/e2e/package-lock.json
	cd tests/e2e && npm ci --silent
	@touch $@

# The subscriber that docs/topics.md shows, with nothing of lib.
$(BUILD)/docs/follow: docs/follow.c $(filter %.pb-c.o,$(GEN_OBJ))
	@mkdir -p $(@D)
	$(Q)$(CC) -Wall -Wextra -Werror $(HARDEN) $(CPPFLAGS) -o $@ $(filter %.c %.o,$^) -lnng -lprotobuf-c

# The one of docs/realtime.md.
$(BUILD)/docs/follow-live: docs/follow-live.c
	@mkdir -p $(@D)
	$(Q)$(CC) -Wall -Wextra -Werror $(HARDEN) -o $@ $< -lcurl

# Kills a process at a commit of its store; has a name stand now for one address, now for another; does what a program would
# that was taken over; has a disk that hangs; has a wall clock that is off.
$(BUILD)/tests/dies.so: tests/e2e/parts/money/dies.c
$(BUILD)/tests/rebinds.so: tests/e2e/parts/rebinds.c
$(BUILD)/tests/taken.so: tests/e2e/parts/taken.c
$(BUILD)/tests/hangs.so: tests/e2e/parts/hangs.c
$(BUILD)/tests/clock.so: tests/e2e/parts/clock.c
E2E_PRELOADS := $(patsubst %,$(BUILD)/tests/%.so,dies rebinds taken hangs clock)
$(E2E_PRELOADS):
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALL_CFLAGS) -D_GNU_SOURCE -shared -fPIC -o $@ $< -ldl

e2e-build: build $(BUILD)/docs/follow $(BUILD)/docs/follow-live $(E2E_PRELOADS) $(E2E_NPM) stores-java cluster-files
RUN_E2E = cd tests/e2e && CONSE_BIN=$(abspath $(BUILD))/bin CONSE_FOLLOW=$(abspath $(BUILD))/docs/follow

test-e2e: e2e-build
	$(RUN_E2E) npm test --silent

# make test-replicas: stories of these files again, with two processes of each service on stores that they share; make
# test-replicas-all: of every file but those that are the same in both modes.
REPLICA_STORIES := seats game_polls game_undo presence streams_rooms ledger market market_stream paid_evening
# Of the embedded store's files:
SAME_STORIES := auth_files backup chat_erase disk drill old_dump operator restore restored tokens gateway_keys master_key
# Of addresses, or a cache, that they give their processes themselves:
SAME_STORIES += bus_key gateway_limits operator_up streams_shared
# Of single processes:
SAME_STORIES += sandbox hung clocks doctor
# Of several processes anyhow:
SAME_STORIES += replicas replicas_keys replicas_owners replicas_revocation replicas_slow webhooks_shared chat_erase_shared
ALL_REPLICA_STORIES = $(filter-out $(SAME_STORIES),$(basename $(basename $(notdir $(wildcard tests/e2e/*.test.mjs)))))
test-replicas: e2e-build
	$(RUN_E2E) CONSE_E2E_STORES=replicas node run.mjs $(REPLICA_STORIES:%=%.test.mjs)
test-replicas-all:
	@$(MAKE) --no-print-directory test-replicas REPLICA_STORIES="$(ALL_REPLICA_STORIES)"

# Random sequences of what may happen to people's money, on the ledger and on the cluster: SEEDS="1 2 3", which are printed.
SEEDS ?= $(shell seq 1 20)
test-money: e2e-build
	@echo "  SEEDS $(SEEDS)"
	$(RUN_E2E) CONSE_MONEY_SEEDS="$(SEEDS)" node run.mjs money_random.test.mjs lamports_random.test.mjs

# Payments on the cluster while chain dies and its node is silent, forks or is restored, those that come late or by credit, and stores
# that are restored, and each cell of the table of payments: a quarter of an hour, most of it waiting.
test-lamports: e2e-build
	$(RUN_E2E) node run.mjs credit_seats.test.mjs lamports_faults.test.mjs lamports_late.test.mjs money_table.test.mjs restored.test.mjs

# A backup of many evenings, restored and looked at.
test-drill: e2e-build
	$(RUN_E2E) CONSE_DRILL_EVENINGS=200 node run.mjs drill.test.mjs

SUITES += test-e2e test-replicas
NIGHTLY += test-replicas-all test-money test-lamports test-drill
.PHONY: e2e-build test-e2e test-replicas test-replicas-all test-money test-lamports test-drill
