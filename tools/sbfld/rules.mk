# The linker stands alone: it is built before everything that lies on the chain.
SBFLD_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %_test.c %_fuzz.c,$(wildcard tools/sbfld/*.c)))
$(BUILD)/bin/sbfld: $(SBFLD_OBJ)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^
$(BUILD)/test/tools/sbfld/%: $(BUILD)/obj/tools/sbfld/%.o $(filter-out %/main.o,$(SBFLD_OBJ))
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka
