# make          installs what is missing and builds everything into build/
# make run      the system on embedded stores, one log, until Ctrl-C; beside it a local Solana cluster (CLUSTER=no: none)
# make test     unit, service and end-to-end tests        (SAN=address|undefined|thread builds with a sanitizer)
# make unit     only the C tests; T=lib/base/arena runs one    make e2e: only the tests of tests/
# make test-versions  programs of an older commit beside these, at one store (tests/versions/README.md)
# make nightly  what takes longer: the suites of tests/ that say NIGHTLY in their rules.mk
# make test-stores    stores on the servers of other people (tests/stores/README.md)
# make torture        replicas as hosts, under faults (tests/torture/README.md)
# make test-manifests   what deploy/ has for Kubernetes (tests/manifests/README.md); test-monitoring: alerts, and what they ask for
# make test-deploy      images and docker-compose.yml, with a Docker of its own (tests/deploy/README.md)
# make test-money     what may happen to money, at random, SEEDS="1 2" (tests/e2e/money_random.test.mjs)
# make release        a commit's programs, built twice alike, with checksums, to be signed (docs/release.md)
# make models         models of stores, replicas and payments, in all their states (docs/models.md)
# make guards         guards taken out, one by one: each is missed by its test (tests/guards/README.md)
# make fuzz     every fuzzer for SECONDS each, nightly too   make lint, bench, bench-peers, bench-realtime, demo

# V=1 prints the commands.
export TSAN_OPTIONS ?= suppressions=$(CURDIR)/tests/tsan.supp:die_after_fork=0
export LSAN_OPTIONS ?= suppressions=$(CURDIR)/tests/lsan.supp
SAN     ?=
Q       := $(if $(V),,@)
CC      := $(if $(SAN),clang,gcc)
BUILD   ?= build$(if $(SAN),/$(SAN))
# What programs say of themselves; given where there is no checkout.
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
CFLAGS  ?= -O2 -g
SERVICES := $(notdir $(patsubst %/,%,$(wildcard services/*/)))

VENDOR   := $(addprefix -isystem /usr/include/,libmongoc-1.0 libbson-1.0)
CPPFLAGS += -D_GNU_SOURCE -I. -I$(BUILD)/gen $(VENDOR) -MMD -MP
WARN     := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-unknown-warning-option -Wno-format-truncation -Werror
HARDEN   := -fstack-protector-strong -fno-strict-aliasing $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DCONSE_SANITIZED,-D_FORTIFY_SOURCE=2)
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARN) $(HARDEN)
LDLIBS   += -Wl,--as-needed -lnng -lprotobuf-c -lsqlite3 -ljansson -lsodium -largon2 -lcrypto -lcurl -lmicrohttpd -lgnutls -lutf8proc -lqrencode -lhiredis -lwslay -lseccomp -lz -lm -lpthread
LDFLAGS  += -Wl,-z,relro,-z,now $(if $(SAN),-fsanitize=$(SAN))

# x.c is a module, x_test.c its test, x_fuzz.c its fuzzer; a service is the modules below its folder and main.c. A folder
# within that has a rules.mk builds itself.
OWN      := $(addsuffix %,$(dir $(shell find lib services -mindepth 3 -name rules.mk)))
found     = $(filter-out $(OWN),$(shell find $(1) -name '*$(2)'))
sources   = $(filter-out %_test.c %_fuzz.c %/main.c,$(call found,$(1),.c))
objects   = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
PROTO    := $(wildcard proto/*.proto)
GOOGLE   := $(addprefix google/protobuf/,empty.proto timestamp.proto duration.proto descriptor.proto)
GEN_C    := $(patsubst %.proto,$(BUILD)/gen/%.pb-c.c,$(PROTO:proto/%=%) $(GOOGLE))
GEN_H    := $(GEN_C:.c=.h)
GEN_OBJ  := $(GEN_C:.c=.o) $(BUILD)/gen/schema.o $(BUILD)/gen/commit.o
SCHEMA_C := $(addprefix $(BUILD)/gen/,options.pb-c.c google/protobuf/descriptor.pb-c.c)
ROOMS    := lib $(SERVICES:%=services/%)
LIBS     := $(ROOMS:%=$(BUILD)/%/room.a)
MAINS    := $(wildcard services/*/main.c)
# A service knows the settings of all programs, and refuses others.
KNOWN    := $(call objects,services/known.c $(wildcard services/*/settings.c) $(wildcard tools/*/settings.c))
BINS     := $(MAINS:services/%/main.c=$(BUILD)/bin/conse-%) $(patsubst tools/%/main.c,$(BUILD)/bin/%,$(filter-out tools/schema/%,$(wildcard tools/*/main.c)))
RUN      := $(MAINS:services/%/main.c=$(BUILD)/bin/conse-%) $(BUILD)/bin/conse-up $(BUILD)/bin/consectl
TESTS    := $(sort $(shell find lib services tools -name '*_test.c'))
FUZZERS  := $(sort $(shell find lib services tools -name '*_fuzz.c'))
BENCHES  := $(wildcard tools/bench/*_bench.c)
TOOLS    := $(sort $(foreach test,$(filter tools/%,$(TESTS) $(FUZZERS)),$(word 2,$(subst /, ,$(test)))))

# All cores, unless -j was given.
CORES = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
all: packages
	@$(MAKE) --no-print-directory $(CORES) build web
build: $(BINS) $(LIBS)
run-build: $(RUN)
headers: $(GEN_H)
build run-build headers:
	@:
packages:
	@tools/install.sh build

include deploy/rules.mk web/rules.mk $(sort $(shell find lib services tools tests -mindepth 2 -name node_modules -prune -o -name rules.mk -print))

$(BUILD)/gen/stamp: $(PROTO)
	@mkdir -p $(@D)
	@echo "  PROTO $(PROTO:proto/%=%)"
	$(Q)cd proto && protoc-c -I. -I/usr/include --c_out=$(abspath $(@D)) $(PROTO:proto/%=%) $(GOOGLE)
	$(Q)cd proto && protoc -I. -I/usr/include --include_source_info --include_imports -o $(abspath $(@D))/schema.bin $(PROTO:proto/%=%) || \
	    { echo "what a method says of itself: CONTRIBUTING.md, Adding a method" >&2; exit 1; }
	@touch $@
$(GEN_C) $(GEN_H): $(BUILD)/gen/stamp ;
$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 $(CFLAGS) $(HARDEN) -c -o $@ $<
$(BUILD)/gen/commit.c: FORCE
	@mkdir -p $(@D)
	@printf '#include "lib/base/version.h"\nconst char *const CONSE_COMMIT = "%s";\n' "$(COMMIT)" >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(BUILD)/gen/schema: tools/schema/main.c $(call sources,tools/schema) $(SCHEMA_C) $(wildcard tools/schema/*.h)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CPPFLAGS)) -std=gnu11 $(CFLAGS) -o $@ $(filter %.c,$^) -lprotobuf-c
$(BUILD)/gen/schema.c: $(BUILD)/gen/schema
	$(Q)$< $(BUILD)/gen/schema.bin >$@.new && mv $@.new $@
$(BUILD)/obj/%.o: %.c | $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

.SECONDARY:
.SECONDEXPANSION:
$(BUILD)/lib/room.a: $(call objects,$(call sources,lib)) $(GEN_OBJ)
$(SERVICES:%=$(BUILD)/services/%/room.a): $(BUILD)/services/%/room.a: $$(call objects,$$(call sources,services/%))
$(TOOLS:%=$(BUILD)/tools/%/room.a): $(BUILD)/tools/%/room.a: $$(call objects,$$(call sources,tools/%))
%/room.a:
	@mkdir -p $(@D)
	@rm -f $@
	$(Q)ar qcs $@ $^
define link
@mkdir -p $(@D)
@echo "  LD    $@"
$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)
endef
$(BUILD)/bin/conse-%: $(BUILD)/obj/services/%/main.o $(KNOWN) $(BUILD)/services/%/room.a $(BUILD)/lib/room.a
	$(link)
# A tool gets the library and the services that its rules.mk names.
needs     = $(patsubst %,$(BUILD)/%/room.a,$(NEEDS_$(1)))
$(BUILD)/bin/%: $(BUILD)/obj/tools/%/main.o $$(call objects,$$(call sources,tools/%)) $$(call needs,%) $(BUILD)/lib/room.a
	$(link)
# A test gets the library, and of the room it stands in whatever it needs.
room_of   = $(if $(filter services/%,$(1)),$(BUILD)/services/$(word 2,$(subst /, ,$(1)))/room.a)
tool_of   = $(if $(filter tools/%,$(1)),$(BUILD)/tools/$(word 2,$(subst /, ,$(1)))/room.a)
$(BUILD)/test/%: $(BUILD)/obj/%.o $$(call tool_of,%) $$(call room_of,%) $(BUILD)/lib/room.a
	$(link) -lcmocka
$(BUILD)/bench/%: $(BUILD)/obj/tools/bench/%.o $(LIBS)
	$(link)

# What each part of it took is told at the end.
TIMES := $(BUILD)/times
timed  = @tools/timed.sh $(TIMES) $(1) $(MAKE) --no-print-directory
test:
	@rm -f $(TIMES)
	$(call timed,packages) test-packages
	$(call timed,build) $(CORES) build $(UNIT)
	$(call timed,unit) docs-check unit-run
	@$(MAKE) --no-print-directory e2e
	@sort -rn $(TIMES)
test-packages:
	@tools/install.sh build test stores
UNIT := $(filter $(BUILD)/test/$(T)%,$(TESTS:%.c=$(BUILD)/test/%))
unit: test-packages
	@$(MAKE) --no-print-directory $(CORES) unit-run
unit-run: $(UNIT)
	@[ -n "$(UNIT)" ] || { echo "no test begins with T=$(T)" >&2; exit 1; }
	@tools/units.sh $(if $(SAN),0,2) $(UNIT)

# Fuzzers: everything they touch is compiled by clang with its fuzzing instrumentation, into a folder of its own.
# x_fuzz.seeds, beside x_fuzz.c, has inputs to begin with.
SECONDS ?= 60
FUZZ    := $(filter $(BUILD)/fuzz/$(T)%,$(FUZZERS:%.c=$(BUILD)/fuzz/%))
fuzz: test-packages
	@$(MAKE) --no-print-directory $(CORES) BUILD=$(BUILD)/fuzzing CC=clang HARDEN='-fno-strict-aliasing -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined' \
	    LDFLAGS=-fsanitize=fuzzer,address,undefined fuzz-run
fuzz-run: $(FUZZ)
	@for f in $(FUZZ); do echo "== $$f"; mkdir -p $$f.corpus; seeds=$${f#$(BUILD)/fuzz/}.seeds; [ -d $$seeds ] || seeds=; \
	    $$f -max_total_time=$(SECONDS) -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 -artifact_prefix=$$f. $$f.corpus $$seeds || exit 1; done
NIGHTLY += fuzz
$(BUILD)/fuzz/%: $(BUILD)/obj/%.o $$(call tool_of,%) $$(call room_of,%) $(BUILD)/lib/room.a
	$(link)

# The suites of tests/ add themselves to SUITES in their rules.mk; one runs after the other.
each = @for s in $(1); do tools/timed.sh $(TIMES) $$s $(MAKE) --no-print-directory $(CORES) $$s || exit 1; done
e2e: test-packages
	$(call each,$(SUITES))
nightly: test-packages
	$(call each,$(NIGHTLY))

NO_CLUSTER := $(filter no,$(CLUSTER))
# Here games that are as short as the demo's are worth something.
run: export CONSE_REWARD_MINUTES ?= 0
run:
	@tools/install.sh build $(if $(NO_CLUSTER),,cluster)
	@$(MAKE) --no-print-directory $(CORES) run-build web $(if $(NO_CLUSTER),,cluster-files)
	@exec $(BUILD)/bin/conse-up $(if $(NO_CLUSTER),--no-cluster)
demo:
	@tools/install.sh demo
	@node tools/demo/evening.mjs

# Pages that a tool of their name prints.
PAGES := errors methods
DOCS  := $(PAGES:%=$(BUILD)/bin/%) $(BUILD)/schema.bare.graphql $(RUN)
# What GraphQL has shown is not taken away by mistake.
docs: $(DOCS) $(GRAPHQL_NPM)
	node tests/graphql/schema.mjs $(BUILD)/schema.bare.graphql docs/schema.graphql
	for page in $(PAGES); do $(BUILD)/bin/$$page >docs/$$page.md; done
	tools/env_example.sh $(BUILD)/bin >.env.example
docs-check: $(DOCS)
	@for page in $(PAGES); do $(BUILD)/bin/$$page | diff - docs/$$page.md || { echo "docs/$$page.md is behind proto/: make docs" >&2; exit 1; }; done
	@tools/env_example.sh $(BUILD)/bin | diff - .env.example || { echo ".env.example is behind the services' --help: make docs" >&2; exit 1; }
	@diff $(BUILD)/schema.bare.graphql docs/schema.graphql || { echo "docs/schema.graphql is behind proto/ and the routes: make docs" >&2; exit 1; }

lint:
	@tools/install.sh build test lint
	@$(MAKE) --no-print-directory headers lint-web
	@tools/lint.sh $(BUILD)

clean:
	rm -rf build

.PHONY: FORCE all build packages test test-packages unit unit-run e2e nightly fuzz fuzz-run docs docs-check headers lint run run-build demo bench bench-peers clean
-include $(shell find $(BUILD) -path $(BUILD)/versions -prune -o -name '*.d' -print 2>/dev/null)
