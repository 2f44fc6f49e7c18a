# make test-graphql: the gateway's GraphQL against the reference implementation (npm graphql), 5000 documents;
# make test-graphql-all: 100 000. GRAPHQL_SEED chooses which.
GRAPHQL_VERDICT := $(BUILD)/tests/graphql/verdict
GRAPHQL_NPM     := tests/graphql/node_modules/.package-lock.json
GRAPHQL_COUNT   ?= 5000

$(GRAPHQL_VERDICT): $(BUILD)/obj/tests/graphql/verdict.o $(BUILD)/services/gateway/room.a $(BUILD)/lib/room.a
	$(link)
$(GRAPHQL_NPM): tests/graphql/package-lock.json
	cd tests/graphql && npm ci --silent
	@touch $@

test-graphql: $(GRAPHQL_VERDICT) $(GRAPHQL_NPM)
	cd tests/graphql && CONSE_GRAPHQL_VERDICT=$(abspath $(GRAPHQL_VERDICT)) CONSE_GRAPHQL_COUNT=$(GRAPHQL_COUNT) CONSE_GRAPHQL_SEED=$(GRAPHQL_SEED) npm test --silent
test-graphql-all:
	@$(MAKE) --no-print-directory test-graphql GRAPHQL_COUNT=100000
# Documents that were made to cost much: BENCHMARKS.md.
test-graphql-hostile: $(BUILD)/bench/graphql_bench
	$<
SUITES += test-graphql
NIGHTLY += test-graphql-all test-graphql-hostile
.PHONY: test-graphql test-graphql-all test-graphql-hostile
