# make test-e2e: the whole system through HTTP, with real clients and a real browser.
E2E_NPM := tests/e2e/node_modules/.package-lock.json
$(E2E_NPM): tests/e2e/package-lock.json
	cd tests/e2e && npm ci --silent
	@touch $@

# The subscriber that docs/topics.md shows, with nothing of lib.
$(BUILD)/docs/follow: docs/follow.c $(filter %.pb-c.o,$(GEN_OBJ))
	@mkdir -p $(@D)
	$(Q)$(CC) -Wall -Wextra -Werror $(HARDEN) $(CPPFLAGS) -o $@ $(filter %.c %.o,$^) -lnng -lprotobuf-c

test-e2e: build $(BUILD)/docs/follow $(E2E_NPM)
	cd tests/e2e && CONSE_BIN=$(abspath $(BUILD))/bin CONSE_FOLLOW=$(abspath $(BUILD))/docs/follow npm test --silent
SUITES += test-e2e
.PHONY: test-e2e
