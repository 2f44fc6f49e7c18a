# make test-api: the running system against its description, tried by schemathesis as a player, bounded; make test-api-all: as
# everybody, and longer.
API_TESTS  := $(BUILD)/tests/api
API_PYTHON := $(API_TESTS)/python
API_PEOPLE ?= player
API_EXAMPLES ?= 6

$(API_PYTHON): tests/api/requirements.txt
	@mkdir -p $(@D)
	python3 -m pip install --quiet --disable-pip-version-check --upgrade --target $@ -r $<
	@touch $@

test-api: build $(API_PYTHON)
	cd tests/api && CONSE_BIN=$(abspath $(BUILD))/bin CONSE_API_PYTHON=$(abspath $(API_PYTHON)) CONSE_API_PEOPLE=$(API_PEOPLE) CONSE_API_EXAMPLES=$(API_EXAMPLES) node --test
test-api-all:
	@$(MAKE) --no-print-directory test-api API_PEOPLE=anonymous,player,god,dev API_EXAMPLES=60
SUITES += test-api
NIGHTLY += test-api-all
.PHONY: test-api test-api-all
