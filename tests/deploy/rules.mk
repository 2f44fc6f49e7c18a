# make test-deploy: the images and docker-compose.yml with a dockerd of its own (tests/deploy/README.md). CONSE_DEPLOY_ROUNDS=1 is a short form.
deploy-packages:
	@tools/install.sh build test stores deploy
test-deploy: deploy-packages
	@$(MAKE) --no-print-directory $(CORES) $(MONGO_JAVA)
	tests/deploy/run.sh $(abspath $(BUILD))
.PHONY: deploy-packages test-deploy
