// The commands that an object's stream carries, of the last 24 h: ids alone, so that asking whether a command
// was carried out reads nothing. Private to the room; under the object's lock.
#ifndef LIB_LIVE_COMMANDS_H
#define LIB_LIVE_COMMANDS_H

#include "lib/store/store.h"

enum { LIVE_COMMANDS = 4096 }; // at most, the newest ones

struct live_commands {
    struct store_known *list;
    size_t count, room;
    bool whole; // none of the last 24 h is missing
    bool full;  // the store has more than it may hold
};

void live_commands_forget(struct live_commands *commands);
// Adds what is not there yet, behind the others. The list is no longer whole when it has no room for all.
void live_commands_add(struct live_commands *commands, const struct store_known *known, size_t count);
// Reads what is missing from the store, unless there are more than the list may hold.
MUST_CHECK bool live_commands_complete(struct live_commands *commands, struct store *store,
                                       const char *stream, struct err *err);
bool live_commands_has(const struct live_commands *commands, const uint8_t id[32]);
size_t live_commands_bytes(const struct live_commands *commands);

#endif
