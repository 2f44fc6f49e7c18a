$(BUILD)/bench/market_bench: $(BUILD)/obj/tools/bench/market_flow.o
