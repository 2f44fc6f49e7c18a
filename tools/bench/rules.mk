$(BUILD)/bench/market_bench: $(BUILD)/obj/tools/bench/market_flow.o
$(BUILD)/bench/money_fill: $(BUILD)/obj/tools/bench/money_ledger.o
$(BUILD)/bench/money_flow: $(BUILD)/obj/tools/bench/money_ledger.o $(BUILD)/obj/tools/bench/market_flow.o
$(BUILD)/bench/money_client: $(BUILD)/obj/tools/bench/realtime_tally.o

# The gateway that answers GET of an event by itself, to compare with.
$(BUILD)/bench/gateway_static: $(BUILD)/obj/tools/bench/gateway_static.o $(BUILD)/services/gateway/room.a $(BUILD)/lib/room.a
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -Wl,--wrap=gateway_ask -o $@ $^ $(LDLIBS)

# make bench: the modules' benchmarks, the engines', the system's. make bench-peers: the system beside others.
PEERS_NPM := tools/bench/peers/node_modules/.package-lock.json
$(PEERS_NPM): tools/bench/peers/package-lock.json
	cd tools/bench/peers && npm ci --silent
	@touch $@

bench-packages:
	@tools/install.sh build demo bench
bench: bench-packages
	@$(MAKE) --no-print-directory bench-modules bench-engines bench-system
bench-modules: $(BENCHES:tools/bench/%.c=$(BUILD)/bench/%)
	@for b in $^; do echo "== $$b"; $$b || exit 1; done
bench-system: build $(BUILD)/bench/gateway_static
	@echo "== system"
	@CONSE_BIN=$(abspath $(BUILD)/bin) node tools/bench/system_bench.mjs
# make bench-money: the ledger, through the gateway and by itself. The whole takes seven minutes; BENCHMARKS.md has a short form.
bench-money: bench-packages
	@$(MAKE) --no-print-directory $(CORES) bench-money-run
bench-money-run: build $(BUILD)/bench/ledger_bench $(BUILD)/bench/money_fill $(BUILD)/bench/money_flow $(BUILD)/bench/money_client
	@$(BUILD)/bench/ledger_bench
	@CONSE_BIN=$(abspath $(BUILD)/bin) CONSE_BENCH=$(abspath $(BUILD)/bench) node tools/bench/money_bench.mjs
# make bench-restore: how long an installation is away whose stores, a gigabyte, are put back from a backup.
bench-restore: build $(BUILD)/bench/money_fill
	@CONSE_BIN=$(abspath $(BUILD)/bin) CONSE_BENCH=$(abspath $(BUILD)/bench) node tools/bench/restore_bench.mjs
# make bench-order-books CPPTRADER=... CPPCOMMON=...: the order book beside CppTrader's, which is built here from folders of its sources
# (github.com/chronoxor/CppTrader 99e5799, and CppCommon e140119, which it needs, with Debian's libfmt).
ORDER_BOOKS := $(BUILD)/bench/order_books
$(ORDER_BOOKS): tools/bench/order_books.cpp $(BUILD)/obj/tools/bench/market_flow.o $(call objects,$(call sources,services/chain/market))
	@[ -d "$(CPPTRADER)/include" ] && [ -d "$(CPPCOMMON)/include" ] || { echo "bench-order-books: CPPTRADER= and CPPCOMMON= are folders of their sources" >&2; exit 1; }
	@mkdir -p $(@D)
	g++ -std=c++17 -O3 -march=native -I. -isystem $(CPPTRADER)/include -isystem $(CPPCOMMON)/include -o $@ $< $(filter %.o,$^) \
	    $(wildcard $(CPPTRADER)/source/trader/matching/*.cpp) -DFMT_HEADER_ONLY -lm
bench-order-books: bench-packages
	@$(MAKE) --no-print-directory $(ORDER_BOOKS)
	@$(ORDER_BOOKS)
# make bench-cost BASE=...: what a request costs here and in another build, which is the folder of a built clone or a commit. All on
# one core, so that batches are alike, and before other programs where that is allowed. CALLGRIND=1: instructions alone, a short run.
# BASE_ENV=CONSE_SANDBOX=off: a setting of the other alone; with BASE=. this build is compared with itself.
bench-cost: bench-packages
	@[ -n "$(BASE)" ] || { echo "bench-cost: BASE= is missing, the folder of a built clone or a commit" >&2; exit 1; }
	@$(MAKE) --no-print-directory $(CORES) bench-cost-run
bench-cost-run: build
	@base=$$(tools/bench/base.sh "$(BASE)" $(BUILD)) && export CONSE_BIN=$(abspath $(BUILD)/bin) CONSE_BASE_BIN=$$base && \
	    CALLGRIND=$(CALLGRIND) BASE_ENV="$(BASE_ENV)" $(if $(CALLGRIND),,taskset -c $$(($$(nproc) - 1)) nice -n -10) node tools/bench/cost_bench.mjs
# What the largest replies cost others, and memory.
bench-bounds: build
	@CONSE_BIN=$(abspath $(BUILD)/bin) node tools/bench/bounds_bench.mjs
# First answers to commands of Discord: BENCH_ROUNDS=20 times a hundred.
bench-discord: build $(E2E_NPM)
	@CONSE_BIN=$(abspath $(BUILD)/bin) node tools/bench/discord_bench.mjs
# make bench-ai: what ai is to reach: ratings made anew, summaries, the queue, first answers to Discord.
AI_BENCHES := rebuild summary queue pool
bench-ai: bench-packages
	@$(MAKE) --no-print-directory $(CORES) bench-ai-run
bench-ai-run: $(AI_BENCHES:%=$(BUILD)/bench/%_bench)
	@for b in $^; do echo "== $$b"; $$b || exit 1; done
	@$(MAKE) --no-print-directory bench-discord
bench-peers: bench-packages
	@tools/install.sh peers
	@$(MAKE) --no-print-directory bench-peers-run
bench-peers-run: build $(PEERS_NPM)
	@CONSE_BIN=$(abspath $(BUILD)/bin) node tools/bench/peers/peers_bench.mjs
# make bench-realtime: streams beside other systems'. Centrifugo is built from its Go module, of the version that the file says;
# graphql-ws and socket.io come from npm.
REALTIME := client line publisher speech tally
$(BUILD)/bench/realtime_client: $(REALTIME:%=$(BUILD)/obj/tools/bench/realtime_%.o)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lgnutls
CENTRIFUGO := $(BUILD)/bench/centrifugo
$(CENTRIFUGO): tools/bench/peers/centrifugo.version
	@mkdir -p $(@D)
	@echo "  GO    $@"
	$(Q)GOBIN=$(abspath $(@D)) $$(tests/stores/find_go.sh) install github.com/centrifugal/centrifugo/v6@$$(cat $<)
	@touch $@
bench-realtime:
	@tools/install.sh build test ferretdb
	@$(MAKE) --no-print-directory $(CORES) bench-realtime-run
bench-realtime-run: build $(PEERS_NPM) $(BUILD)/bench/realtime_client $(CENTRIFUGO)
	@CONSE_BIN=$(abspath $(BUILD)/bin) node tools/bench/realtime_check.mjs
	@CONSE_BIN=$(abspath $(BUILD)/bin) CONSE_CENTRIFUGO=$(abspath $(CENTRIFUGO)) node tools/bench/realtime_bench.mjs
.PHONY: bench-order-books bench-money bench-money-run bench-realtime bench-realtime-run bench-packages bench-modules bench-system bench-cost bench-cost-run bench-bounds bench-discord bench-ai bench-ai-run bench-peers-run
