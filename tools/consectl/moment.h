// How far the streams of a shared store were at one moment, so that a dump of a store in use is of that
// moment. It is noted after the rows were read, and the rows have the places that followers have reached: so
// what a follower has done is in the dump. An entry made from one behind the moment is left out with all
// behind it.
#ifndef CONSECTL_MOMENT_H
#define CONSECTL_MOMENT_H

#include "lib/base/arena.h"
#include "lib/store/store.h"

struct moment {
    struct store *store;
    bool noted;
    struct arena arena;
    struct store_head *heads; // by name
    size_t count, room;
    const char *cut; // the stream that is left out from here on; NULL: none
};

// Once; nothing of an exclusive store, of which a dump sees one moment anyhow.
MUST_CHECK bool moment_note(struct moment *moment, struct err *err);
// Whether an entry, or an end, belongs to it. Entries come in their order.
bool moment_has(struct moment *moment, const struct store_item *item);
void moment_finish(struct moment *moment);

#endif
