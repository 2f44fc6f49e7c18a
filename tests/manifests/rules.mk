# make test-manifests: what deploy/k8s renders, checked without a cluster (tests/manifests/README.md).
MANIFESTS_NPM := tests/manifests/node_modules/.package-lock.json
$(MANIFESTS_NPM): tests/manifests/package-lock.json
	cd tests/manifests && npm ci --silent
	@touch $@

test-manifests: $(MANIFESTS_NPM)
	@mkdir -p $(BUILD)
	kustomize=$$(tests/manifests/find_kustomize.sh $(abspath $(BUILD))) && CONSE_KUSTOMIZE="$$kustomize" node --test --test-reporter=dot tests/manifests/*.test.mjs
SUITES += test-manifests
.PHONY: test-manifests
