// The commands that an object's stream carries, of the last 24 h: ids alone, so that asking whether a command
// was carried out reads nothing. Private to the room; under the object's lock.
#ifndef LIB_LIVE_COMMANDS_H
#define LIB_LIVE_COMMANDS_H

#include "lib/store/store.h"

enum { LIVE_COMMANDS = 4096 }; // at most

struct live_commands {
    struct store_known *list;
    size_t count, room;
    bool whole; // the list has those from before the object was loaded too
};

void live_commands_forget(struct live_commands *commands);
// Adds what is not there yet. Without memory the list is no longer whole, and is read again when it is asked.
void live_commands_add(struct live_commands *commands, const struct store_known *known, size_t count);
// Reads what is missing from the store. RATE_LIMITED when the list is full of commands of the last 24 h.
MUST_CHECK bool live_commands_complete(struct live_commands *commands, struct store *store,
                                       const char *stream, int64_t now_ms, struct err *err);
bool live_commands_has(const struct live_commands *commands, const uint8_t id[32]);
size_t live_commands_bytes(const struct live_commands *commands);

#endif
