# make test-inputs: the seeds of fuzzers whose inputs come from outside, and REPLAYS changes of each, without their instrumentation. What
# make fuzz does in an hour, for seconds.
REPLAYS  ?= 3000
OUTSIDE  := lib/base/cursor lib/bus lib/json lib/net lib/rpc services/ai/discord services/ai/llm services/ai/summaries services/auth \
            services/chain/coinixerr services/chain/permit services/chain/solana services/events/image services/gateway
REPLAYED := $(filter $(OUTSIDE:%=$(BUILD)/replay/%%),$(FUZZERS:%.c=$(BUILD)/replay/%))

$(BUILD)/replay/%: $(BUILD)/obj/%.o $(BUILD)/obj/tests/fuzz/replay.o $(LIBS)
	$(link)
test-inputs: $(REPLAYED)
	@for f in $(REPLAYED); do echo "== $$f"; seeds=$${f#$(BUILD)/replay/}.seeds; [ -d $$seeds ] || seeds=; $$f $(REPLAYS) $$seeds || exit 1; done

SUITES += test-inputs
.PHONY: test-inputs
