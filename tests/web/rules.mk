# make test-web: the console in Chromium and in Firefox against a real system; make test-web-all: every screen in each theme, size and
# language, with pictures of all in $(BUILD)/tests/web. Names of files in FILES run those alone.
WEB_TESTS_NPM := tests/web/node_modules/.package-lock.json
$(WEB_TESTS_NPM): tests/web/package-lock.json
	cd tests/web && npm ci --silent
	@touch $@

RUN_WEB = cd tests/web && CONSE_BIN=$(abspath $(BUILD))/bin CONSE_WEB=$(abspath $(BUILD))/web CONSE_WEB_PICTURES=$(abspath $(BUILD))/tests/web
test-web: build web cluster-files $(WEB_TESTS_NPM) $(E2E_NPM) test-web-unit
	$(RUN_WEB) node --test $(FILES)
test-web-all: build web cluster-files $(WEB_TESTS_NPM) $(E2E_NPM)
	$(RUN_WEB) CONSE_WEB_ALL=1 node --test $(FILES)
# The pictures of docs/tour.md, of the evening that tour.test.mjs plays.
tour: export CONSE_TOUR = $(abspath docs/tour)
tour: build web $(WEB_TESTS_NPM) $(E2E_NPM)
	rm -rf docs/tour
	$(RUN_WEB) node --test tour.test.mjs
SUITES += test-web
NIGHTLY += test-web-all
.PHONY: test-web test-web-all tour
