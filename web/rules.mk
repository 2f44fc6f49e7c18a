# make web: the console, into $(BUILD)/web, where the gateway finds it; make test-web-unit, lint-web.
WEB_NPM     := web/node_modules/.package-lock.json
WEB_SOURCES := $(shell find web -name node_modules -prune -o -type f -print)
$(WEB_NPM): web/package-lock.json
	cd web && npm ci --silent
	@touch $@
$(BUILD)/web/site.json: $(WEB_NPM) $(WEB_SOURCES)
	$(Q)node web/build/build.mjs $(abspath $(BUILD))/web
web: $(BUILD)/web/site.json

# Faults of scripts and styles, and the types that comments give.
WEB_LINT_NPM := web/lint/node_modules/.package-lock.json
WEB_LINT     := lint/node_modules/.bin
$(WEB_LINT_NPM): web/lint/package-lock.json
	cd web/lint && npm ci --silent
	@touch $@
lint-web: $(WEB_NPM) $(WEB_LINT_NPM)
	cd web && $(WEB_LINT)/eslint -c lint/eslint.config.js src build test
	cd web && $(WEB_LINT)/stylelint --config lint/stylelint.config.js 'src/**/*.css'
	cd web && $(WEB_LINT)/tsc -p .
test-web-unit: $(WEB_NPM)
	cd web && npm test --silent
.PHONY: web lint-web test-web-unit
