// When something is due, the soonest first: a heap. What is due at another time now is added once more, so
// who takes the first asks whether it still holds; what does not is dropped then, or when room is made. Pure.
#ifndef CHAIN_LEDGER_DUES_H
#define CHAIN_LEDGER_DUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_DUE_ID_BYTES = 16 };

struct ledger_due {
    int64_t at_ms;
    uint8_t id[LEDGER_DUE_ID_BYTES]; // of what is due, and its kind: the owner's to say
    uint8_t kind;
};

struct ledger_dues {
    struct ledger_due *items;
    size_t count, room;
};

// Whether it still holds.
typedef bool ledger_due_holds(const void *owner, const struct ledger_due *due);

void ledger_dues_finish(struct ledger_dues *dues);
// Makes room for this many more, so that add can't fail; false without memory. The room stays within
// a few times of what holds.
bool ledger_dues_reserve(struct ledger_dues *dues, size_t more, ledger_due_holds *holds, const void *owner);
void ledger_dues_add(struct ledger_dues *dues, const struct ledger_due *due);
// The soonest that holds, valid until the next change; NULL: there is none.
const struct ledger_due *ledger_dues_first(struct ledger_dues *dues, ledger_due_holds *holds,
                                           const void *owner);
// There is a first.
void ledger_dues_drop_first(struct ledger_dues *dues);

#endif
