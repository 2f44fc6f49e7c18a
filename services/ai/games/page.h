// Entries on their way into ai.games: each is folded in when it is added, and all are appended at once.
#ifndef AI_GAMES_PAGE_H
#define AI_GAMES_PAGE_H

#include "game.pb-c.h"
#include "lib/base/arena.h"
#include "lib/store/store.h"
#include "services/ai/standings/standings.h"

enum { PAGE_ENTRIES_AT_ONCE = 256, PAGE_ENTRIES_ROOM = 1024 };

struct names;

struct page {
    struct standings *standings;
    struct store *store;
    struct names *names;
    struct arena *arena;
    int64_t now_ms;
    bool rewards, fates; // what follows is known to every process: coins are counted, tips are made
    ProtobufCBinaryData entries[PAGE_ENTRIES_ROOM];
    size_t count;
    uint64_t first; // number of the first of them
};

void page_begin(struct page *page);
// A game that was told of: what is new of it.
MUST_CHECK bool page_take(struct page *page, const Game__FinishedGame *game, struct err *err);
// A table that was locked, or an event that was called off: what is foretold of it.
MUST_CHECK bool page_foretell(struct page *page, const Game__LockedTable *table, struct err *err);
MUST_CHECK bool page_let_go(struct page *page, uint32_t player, struct err *err);
// How far events.games was taken in, by all that was added; and events.locks.
MUST_CHECK bool page_reach(struct page *page, uint64_t generation, uint64_t seq, struct err *err);
MUST_CHECK bool page_reach_locks(struct page *page, uint64_t generation, uint64_t seq, struct err *err);
// Blocks until what was added is durable. CONFLICT when another process appended first. After a failure the
// standings are of no more use.
MUST_CHECK bool page_store(struct page *page, struct err *err);

#endif
