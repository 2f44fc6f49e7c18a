#include "services/chain/book/leaves.h"

#include <inttypes.h>

#include "lib/base/clock.h"
#include "services/chain/book/walk.h"

enum { AT_ONCE = 64, ENTRIES_ARENA = 32 << 20 };

struct leafing {
    struct rpc_call *call; // NULL: of the service's own
    struct chain *chain;
    struct arena *arena;
    const Ledger__BlockRow *row;
    struct merkle_hash *leaves;
    struct arena entries; // a few at a time, whatever they say
};

// A copy that has read them: accounts in them may be new.
static bool enter_ledger(const struct leafing *leafing, uint64_t newest, struct book_call *b, struct err *err)
{
    *b = (struct book_call){
        .call = leafing->call, .chain = leafing->chain, .arena = leafing->arena, .at_least = newest};
    return leafing->call ? book_begin(b, err) : book_begin_own(b, clock_unix_ms(), true, err);
}

// Leaves of a few entries, as the ledger has their accounts.
static bool make_leaves(struct leafing *leafing, const struct store_entries *page, size_t count,
                        struct merkle_hash *leaves, struct err *err)
{
    uint8_t record[LEDGER_RECORD_BYTES_MAX];
    AUTO_BOOK struct book_call b = {.call = NULL};
    if (!enter_ledger(leafing, page->first_seq + count - 1, &b, err)) return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = page->first_seq + i;
        const Ledger__Entry *entry =
            ledger__entry__unpack(&leafing->entries.allocator, page->entries[i].len, page->entries[i].data);
        if (!entry && leafing->entries.failed) return book_filled(NULL, err);
        if (!entry || !walk_check(b.book, entry, number))
            return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger is not whole", number);
        leaves[i] = merkle_leaf(record, book_record(b.book, entry, number, record));
    }
    return true;
}

static bool read_leaves(struct leafing *leafing, struct err *err)
{
    const Ledger__BlockRow *row = leafing->row;
    for (size_t made = 0, count; made < row->count; made += count) {
        struct store_entries page;
        size_t wanted = row->count - made < AT_ONCE ? row->count - made : AT_ONCE;
        arena_reset(&leafing->entries);
        if (!store_read(leafing->chain->store, BOOK_STREAM, row->first + made, wanted, &leafing->entries,
                        &page, err))
            return false;
        count = page.count < wanted ? page.count : wanted;
        if (!count || page.first_seq != row->first + made)
            return err_fail(err, STORE_CORRUPT, "block %" PRIu64 " has entries that are not there",
                            row->index);
        if (!make_leaves(leafing, &page, count, leafing->leaves + made, err)) return false;
    }
    return true;
}

bool book_leaves(struct rpc_call *call, struct chain *chain, struct arena *arena, const Ledger__BlockRow *row,
                 struct merkle_hash **leaves, struct err *err)
{
    *leaves = arena_array(arena, row->count, sizeof **leaves);
    struct leafing leafing = {.call = call, .chain = chain, .arena = arena, .row = row, .leaves = *leaves};
    arena_init(&leafing.entries, ENTRIES_ARENA);
    bool ok = book_filled(*leaves, err) && read_leaves(&leafing, err);
    arena_finish(&leafing.entries);
    return ok;
}
