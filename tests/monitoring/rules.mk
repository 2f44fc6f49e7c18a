# make test-monitoring: the alerts of deploy/monitoring by promtool, and whether the programs tell what is asked of them.
MONITORING_NPM := tests/manifests/node_modules/.package-lock.json
test-monitoring: e2e-build $(MONITORING_NPM)
	cd tests/monitoring && CONSE_BIN=$(abspath $(BUILD))/bin node --test --test-reporter=dot *.test.mjs
SUITES += test-monitoring
.PHONY: test-monitoring
