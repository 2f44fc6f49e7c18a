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

e2e-build: build $(BUILD)/docs/follow $(BUILD)/docs/follow-live $(E2E_NPM) stores-java
RUN_E2E = cd tests/e2e && CONSE_BIN=$(abspath $(BUILD))/bin CONSE_FOLLOW=$(abspath $(BUILD))/docs/follow

test-e2e: e2e-build
	$(RUN_E2E) npm test --silent

# make test-replicas: stories of these files again, with two processes of each service on stores that they share; make
# test-replicas-all: of every file but those that are the same in both modes.
REPLICA_STORIES := seats game_polls game_undo
# Of the embedded store's files:
SAME_STORIES := auth_files chat_erase disk old_dump operator restore tokens gateway_keys master_key
# Of addresses, or a cache, that they give their processes themselves:
SAME_STORIES += bus_key gateway_limits operator_up streams_shared
# Of several processes anyhow:
SAME_STORIES += replicas replicas_keys replicas_owners replicas_revocation replicas_slow
ALL_REPLICA_STORIES = $(filter-out $(SAME_STORIES),$(basename $(basename $(notdir $(wildcard tests/e2e/*.test.mjs)))))
test-replicas: e2e-build
	$(RUN_E2E) CONSE_E2E_STORES=replicas node run.mjs $(REPLICA_STORIES:%=%.test.mjs)
test-replicas-all:
	@$(MAKE) --no-print-directory test-replicas REPLICA_STORIES="$(ALL_REPLICA_STORIES)"

SUITES += test-e2e test-replicas
NIGHTLY += test-replicas-all
.PHONY: e2e-build test-e2e test-replicas test-replicas-all
