# make programs: $(BUILD)/programs/{ticket,whitelist}.{v0,v3}.so, by the stock clang and sbfld.
PROGRAM_DIR    := services/chain/programs
PROGRAM_CC     ?= clang
PROGRAM_CFLAGS := -target bpf -mcpu=v2 -O2 -std=gnu11 -ffreestanding -fno-builtin -ffunction-sections -fdata-sections \
                  -fno-common -fno-ident -I. -MMD -MP -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
PROGRAM_OBJ    := $(BUILD)/obj/bpf
program_objects = $(patsubst %.c,$(PROGRAM_OBJ)/%.o,$(wildcard $(PROGRAM_DIR)/sdk/*.c $(PROGRAM_DIR)/$(1)/*.c))
PROGRAMS       := $(foreach p,ticket whitelist,$(foreach v,v0 v3,$(BUILD)/programs/$(p).$(v).so))

programs:
	@tools/install.sh build programs
	@$(MAKE) --no-print-directory program-files
program-files: $(PROGRAMS)
$(PROGRAM_OBJ)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  BPF   $<"
	$(Q)$(PROGRAM_CC) $(PROGRAM_CFLAGS) -c -o $@ $<
$(BUILD)/programs/ticket.%.so: $(call program_objects,ticket) $(BUILD)/bin/sbfld
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	$(Q)$(BUILD)/bin/sbfld -$* -o $@ $(filter %.o,$^)
$(BUILD)/programs/whitelist.%.so: $(call program_objects,whitelist) $(BUILD)/bin/sbfld
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	$(Q)$(BUILD)/bin/sbfld -$* -o $@ $(filter %.o,$^)

# The pure parts run on the host too; a test brings the system calls that its part needs.
PROGRAM_PURE := $(patsubst %,$(BUILD)/obj/$(PROGRAM_DIR)/%.o,sdk/account sdk/borsh sdk/sysvar ticket/payout)
$(BUILD)/obj/$(PROGRAM_DIR)/pure.a: $(PROGRAM_PURE)
	@rm -f $@
	$(Q)ar rcs $@ $^
$(BUILD)/test/$(PROGRAM_DIR)/%: $(BUILD)/obj/$(PROGRAM_DIR)/%.o $(BUILD)/obj/$(PROGRAM_DIR)/pure.a
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lcmocka
# The service divides pots as the program does; its test compares.
$(BUILD)/test/services/chain/payments/pot_test: $(BUILD)/obj/$(PROGRAM_DIR)/ticket/payout.o

.PHONY: programs program-files
