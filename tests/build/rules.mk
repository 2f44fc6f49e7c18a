# make test-build: what building and testing promise (tests/build/README.md); make test-fields: numbers of fields, compared with the last tag.
test-fields:
	node tests/build/fields.mjs
test-build: test-fields
	SUITES="$(strip $(SUITES))" node --test --test-reporter=dot tests/build/*.test.mjs
SUITES += test-build
.PHONY: test-build test-fields
