# The seed is built into seed.o; zone arithmetic and the calendar come from libical, how names look from ICU.
$(BUILD)/obj/services/events/catalogue/seed.o: $(wildcard services/events/catalogue/seed/*.json)
LDLIBS += -lical -licui18n -licuuc
