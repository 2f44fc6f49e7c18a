# make test-next: this version beside the next one, which is made of the same objects and a few others (next.mjs).
# make test-versions BASE=COMMIT: a version of before beside this one; without BASE the oldest that this one works beside.
NEXT      := $(BUILD)/next
NEXT_H    := $(addprefix $(NEXT)/,src/lib/base/version.h src/services/events/live/snapshot/snapshot.h gen/game.pb-c.c)
# What is compiled anew: sources that change, and those that name a format or the version.
NEXT_MADE := services/events/game/fold/fold.c services/events/handlers/table.c services/events/live/snapshot/snapshot.c
NEXT_SEES := $(filter-out %_test.c $(NEXT_MADE),$(shell grep -rl --include='*.c' 'lib/base/version.h' lib services))
next_of    = $(patsubst %.c,$(NEXT)/obj/%.o,$(filter $(1)/%,$(NEXT_MADE) $(NEXT_SEES)))
NEXT_RUN  := $(MAINS:services/%/main.c=$(NEXT)/bin/conse-%)

$(NEXT)/src/%: % tests/versions/next.mjs lib/base/version.h
	@mkdir -p $(@D)
	$(Q)node tests/versions/next.mjs $< >$@.new && mv $@.new $@
$(NEXT)/gen/game.pb-c.c: $(NEXT)/src/proto/game.proto $(PROTO)
	@mkdir -p $(@D)
	$(Q)cd proto && protoc-c -I$(abspath $(<D)) -I. -I/usr/include --c_out=$(abspath $(@D)) $(abspath $<)
NEXT_CC = $(CC) -I$(NEXT)/src -I$(NEXT)/gen $(CPPFLAGS) -std=gnu11 $(CFLAGS) $(HARDEN)
$(NEXT)/gen/game.pb-c.o: $(NEXT)/gen/game.pb-c.c | $(GEN_H)
	$(Q)$(NEXT_CC) -c -o $@ $<
define next_object
@mkdir -p $(@D)
@echo "  CC    $< (next)"
$(Q)$(NEXT_CC) $(WARN) -c -o $@ $<
endef
$(NEXT_MADE:%.c=$(NEXT)/obj/%.o): $(NEXT)/obj/%.o: $(NEXT)/src/%.c $(NEXT_H) | $(GEN_H)
	$(next_object)
$(NEXT_SEES:%.c=$(NEXT)/obj/%.o): $(NEXT)/obj/%.o: %.c $(NEXT_H) | $(GEN_H)
	$(next_object)
$(foreach s,$(SERVICES),$(eval $(NEXT)/bin/conse-$(s): $(call next_of,services/$(s))))
# The objects come before the archives, whose own of the same names are then left.
$(NEXT)/bin/conse-%: $(BUILD)/obj/services/%/main.o $(KNOWN) $(NEXT)/gen/game.pb-c.o $(call next_of,lib) $(BUILD)/services/%/room.a $(BUILD)/lib/room.a
	$(link)

VERSIONS_TESTS := $(abspath $(wildcard tests/versions/*.test.mjs))
test-next: e2e-build $(NEXT_RUN)
	CONSE_BIN=$(abspath $(BUILD))/bin CONSE_NEW_BIN=$(abspath $(NEXT))/bin CONSE_NEW_IS_AHEAD=1 node tests/e2e/run.mjs $(VERSIONS_TESTS)

format_in = grep -o 'CONSE_FORMAT = [0-9]*' "$(1)/lib/base/version.h"
test-versions: test-packages
	@$(MAKE) --no-print-directory $(CORES) e2e-build
	@base=$$(tests/versions/base.sh $(BASE)) && \
	    same=$$([ "$$($(call format_in,$$base))" = "$$($(call format_in,.))" ] && echo 1 || true) && \
	    CONSE_BIN=$$base/build/bin CONSE_NEW_BIN=$(abspath $(BUILD))/bin CONSE_SAME_FORMAT=$$same node tests/e2e/run.mjs $(VERSIONS_TESTS)

SUITES  += test-next
NIGHTLY += test-versions
.PHONY: test-next test-versions
