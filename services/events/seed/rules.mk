# The seed is built into seed.o; zone arithmetic and the calendar come from libical.
$(BUILD)/obj/services/events/seed.o: $(wildcard services/events/seed/*.json)
LDLIBS += -lical
