#include "services/chain/book/walk.h"

#include <inttypes.h>

const Ledger__Entry *walk_read(struct chain *chain, uint64_t number, struct arena *arena, struct err *err)
{
    struct store_entries page;
    if (!store_read(chain->store, BOOK_STREAM, number, 1, arena, &page, err)) return NULL;
    if (!page.count || page.first_seq != number) return NULL;
    const Ledger__Entry *entry =
        ledger__entry__unpack(&arena->allocator, page.entries[0].len, page.entries[0].data);
    if (!entry && !arena->failed)
        err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger is none", number);
    return entry;
}

bool walk_check(const struct book *book, const Ledger__Entry *entry, uint64_t number)
{
    bool seals = entry->body_case == LEDGER__ENTRY__BODY_SEALED;
    bool whole = number <= book->seq && entry->n_postings <= LEDGER_POSTINGS_MAX &&
                 (seals ? !entry->n_postings : book_has_detail(entry));
    for (size_t i = 0; whole && i < entry->n_postings; i++)
        whole = entry->postings[i]->account < book->accounts.count &&
                entry->postings[i]->asset < book->assets_count;
    return whole;
}

bool walk_before(const Ledger__Entry *entry, uint32_t account, uint64_t *before)
{
    uint32_t accounts[LEDGER_POSTINGS_MAX];
    size_t count = entry->n_postings <= LEDGER_POSTINGS_MAX ? book_touched(entry, accounts) : 0;
    for (size_t i = 0; i < count && i < entry->n_before; i++) {
        if (accounts[i] != account) continue;
        *before = entry->before[i];
        return true;
    }
    return false;
}

uint64_t walk_memo(const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_TRANSFERRED:
        return entry->transferred->memo;
    case LEDGER__ENTRY__BODY_GRANTED:
        return entry->granted->memo;
    default:
        return 0;
    }
}
