# make test-engines: the ratings against openskill (npm and PyPI). make bench-engines: their speed, as ratios.
ENGINES        := $(BUILD)/tests/engines
ENGINES_DRIVER := $(ENGINES)/driver
ENGINES_NPM    := tests/engines/node_modules/.package-lock.json

$(ENGINES_DRIVER): $(call objects,tests/engines/driver.c $(addprefix services/ai/,skill/rating.c skill/forecast.c statistics/normal.c))
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lm
$(ENGINES_NPM): tests/engines/package-lock.json
	cd tests/engines && npm ci --silent
	@touch $@
$(ENGINES)/python: tests/engines/requirements.txt
	python3 -m pip install --quiet --disable-pip-version-check --upgrade --target $@ -r $<
	@touch $@

test-engines: $(ENGINES_DRIVER) $(ENGINES_NPM) $(ENGINES)/python
	cd tests/engines && ENGINES_DRIVER=$(abspath $(ENGINES_DRIVER)) ENGINES_PYTHON=$(abspath $(ENGINES)/python) npm test --silent
bench-engines: $(BUILD)/bench/rating_bench $(ENGINES_NPM)
	node tests/engines/bench.mjs $(abspath $<)
SUITES += test-engines
.PHONY: test-engines bench-engines
