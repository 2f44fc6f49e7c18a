# make test-build: what building, testing and releasing promise (tests/build/README.md); make test-fields: numbers of fields, compared with the
# last tag. make release: a commit's programs, built twice alike, with checksums and a list of parts, in RELEASE; KEY=FILE signs it (docs/release.md).
RELEASE ?= $(BUILD)/release/$(COMMIT)
release:
	@tools/install.sh build test
	tools/release/release.sh $(COMMIT) $(RELEASE)
test-release:
	rm -rf $(BUILD)/release/tried
	@$(MAKE) --no-print-directory release RELEASE=$(BUILD)/release/tried
test-fields:
	node tests/build/fields.mjs
test-build: $(RUN) test-fields
	SUITES="$(strip $(SUITES))" CONSE_BIN=$(abspath $(BUILD))/bin node --test --test-reporter=dot tests/build/*.test.mjs
SUITES  += test-build
NIGHTLY += test-release
.PHONY: release test-release test-build test-fields
