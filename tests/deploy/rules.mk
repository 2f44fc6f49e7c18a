# make test-deploy: the images and docker-compose.yml with a dockerd of its own (tests/deploy/README.md). CONSE_DEPLOY_ROUNDS=1 is a short form.
deploy-packages:
	@tools/install.sh build test stores deploy
test-deploy: deploy-packages
	@$(MAKE) --no-print-directory $(CORES) $(MONGO_JAVA)
	tests/deploy/run.sh $(abspath $(BUILD))
# make test-bare: an operator on a bare Debian. SUITE=trixie is Debian 13.
SUITE ?= bookworm
test-bare: deploy-packages
	tests/deploy/bare/run.sh $(SUITE) $(abspath $(BUILD)) bare.test.mjs
# make portability: built there, with all unit tests. SUITE=bookworm is Debian 12.
portability: SUITE = trixie
portability: deploy-packages
	tests/deploy/bare/run.sh $(SUITE) $(abspath $(BUILD)) portable.test.mjs
.PHONY: deploy-packages test-deploy test-bare portability
