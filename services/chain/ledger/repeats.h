// What was signed within a day and carried out, so that it is carried out once: whoever signs says when, and
// what is older than is remembered here is refused. Pure, one thread at a time.
#ifndef CHAIN_LEDGER_REPEATS_H
#define CHAIN_LEDGER_REPEATS_H

#include "lib/base/merkle.h"
#include "services/chain/fields.h"
#include "services/chain/ledger/map.h"

enum {
    LEDGER_LATE_MS = 23 * 3600 * 1000, // after it was signed
    LEDGER_EARLY_MS = 60 * 1000,       // before it was signed, by the clock of who did
    LEDGER_REPEAT_DAYS = 3
};

struct ledger_repeats {
    struct ledger_repeat_day {
        uint64_t day; // of signing, since 1970
        struct ledger_map map;
    } days[LEDGER_REPEAT_DAYS];
};

void ledger_repeats_init(struct ledger_repeats *repeats, const uint8_t seed[16]);
void ledger_repeats_finish(struct ledger_repeats *repeats);

bool ledger_is_timely(uint64_t issued_ms, int64_t now_ms);
// The entry that carried it out; 0: none did. Of one that is timely, or was when it was carried out.
uint64_t ledger_repeats_find(const struct ledger_repeats *repeats, const struct merkle_hash *id,
                             uint64_t issued_ms);
// Makes room for one that is timely, so that put can't fail; false without memory.
bool ledger_repeats_reserve(struct ledger_repeats *repeats, uint64_t issued_ms);
// The id must be absent.
void ledger_repeats_put(struct ledger_repeats *repeats, const struct merkle_hash *id, uint64_t issued_ms,
                        uint64_t entry);

// Takes out what was just put.
void ledger_repeats_drop(struct ledger_repeats *repeats, const struct merkle_hash *id, uint64_t issued_ms);

// Everything, for a snapshot.
size_t ledger_repeats_size(const struct ledger_repeats *repeats);
void ledger_repeats_write(const struct ledger_repeats *repeats, struct fields_writer *writer);
bool ledger_repeats_read(struct ledger_repeats *repeats, struct fields_reader *reader);

#endif
