# The seed is built into seed.o; zone arithmetic and the calendar come from libical.
$(BUILD)/obj/services/events/catalogue/seed.o: $(wildcard services/events/catalogue/seed/*.json)
LDLIBS += -lical
