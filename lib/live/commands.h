// The commands that an object's stream carries, of the last 24 h: eight bytes of each id, so that asking
// whether a command was carried out reads nothing. Another command with the same bytes costs a question to
// the store. Private to the room; under the object's lock.
#ifndef LIB_LIVE_COMMANDS_H
#define LIB_LIVE_COMMANDS_H

#include "lib/store/store.h"

enum { LIVE_COMMANDS = 4096 }; // at most, the newest ones, when the kind names no other number

struct live_seen {
    uint64_t *slots; // 0: free
    size_t count, size;
};

struct live_commands {
    size_t most;
    struct live_seen newer, older; // the older half goes when the newer one is full, or a day old
    int64_t turned_ms;             // monotonic: all of the older half came before
    int64_t lossless_ms;           // monotonic: since then none is missing
    bool whole;                    // none of the last 24 h is missing
    bool full;                     // the store has more than it may hold
};

void live_commands_init(struct live_commands *commands, size_t most); // 0: LIVE_COMMANDS
void live_commands_forget(struct live_commands *commands);
// Adds what is not there yet. They are no longer whole when there is no room for all.
void live_commands_add(struct live_commands *commands, const struct store_known *known, size_t count);
// Reads what is missing from the store, unless there are more than it may hold.
MUST_CHECK bool live_commands_complete(struct live_commands *commands, struct store *store,
                                       const char *stream, struct err *err);
// Maybe: another one may have the same bytes.
bool live_commands_has(const struct live_commands *commands, const uint8_t id[32]);
// None is missing: what it has not is not in the stream.
bool live_commands_are_all(const struct live_commands *commands);
size_t live_commands_bytes(const struct live_commands *commands);

#endif
