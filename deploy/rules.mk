# make graph: what is made from the call graph. make images TAG=...: an image for each program (deploy/Dockerfile).
TAG     ?= latest
TARGETS := gateway auth events chain ai operator
graph:
	node deploy/graph/print.mjs
images:
	@for target in $(TARGETS); do docker build -f deploy/Dockerfile --target $$target --build-arg COMMIT=$(COMMIT) -t conse-$$target:$(TAG) . || exit 1; done
.PHONY: graph images
