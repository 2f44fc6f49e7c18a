#include "tests/matching/entries.h"

#include "services/chain/book/book.h"
#include "tests/matching/workload.h"

enum { PAGE = 1000, ARENA = 4 << 20 };

void entries_begin(struct entries *entries, struct bus *bus, uint64_t from)
{
    *entries = (struct entries){.bus = bus, .next = from};
    arena_init(&entries->arena, ARENA);
}

void entries_finish(struct entries *entries) { arena_finish(&entries->arena); }

static bool read_page(struct entries *entries)
{
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    request.stream = BOOK_STREAM;
    request.from = entries->next;
    request.limit = PAGE;
    entries->page = (const Bus__ReadReply *)bus_ask_operator(entries->bus, "chain.feed.Read", &request.base);
    entries->at = 0;
    return entries->page->n_notices;
}

const Ledger__Entry *entries_next(struct entries *entries)
{
    if ((!entries->page || entries->at == entries->page->n_notices) && !read_page(entries)) return NULL;
    const Bus__Notice *notice = entries->page->notices[entries->at++];
    if (notice->seq != entries->next++) matching_fail("the ledger's stream has a gap");
    arena_reset(&entries->arena);
    const Ledger__Entry *entry =
        ledger__entry__unpack(&entries->arena.allocator, notice->payload.len, notice->payload.data);
    if (!entry) matching_fail("an entry of the ledger can't be read");
    return entry;
}
