# make test-build: what building and testing promise (tests/build/README.md).
test-build:
	SUITES="$(strip $(SUITES))" node --test --test-reporter=dot tests/build/*.test.mjs
SUITES += test-build
.PHONY: test-build
