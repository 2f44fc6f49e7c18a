// The stream chain.ledger, read from one entry on, as an operator may.
#ifndef TESTS_MATCHING_ENTRIES_H
#define TESTS_MATCHING_ENTRIES_H

#include "bus.pb-c.h"
#include "ledger.pb-c.h"
#include "tests/matching/bus.h"

struct entries {
    struct bus *bus;
    const Bus__ReadReply *page; // in the arena of the bus
    size_t at;
    uint64_t next;      // the number of the entry that comes next
    struct arena arena; // of the last one
};

void entries_begin(struct entries *entries, struct bus *bus, uint64_t from);
void entries_finish(struct entries *entries);
// The next one, until the one after it is read; NULL: there are no more. Its number is entries->next - 1.
const Ledger__Entry *entries_next(struct entries *entries);

#endif
