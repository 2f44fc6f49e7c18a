#include "services/chain/rows/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/chain/beacons/beacons.h"
#include "services/chain/book/book.h"
#include "services/chain/rows/page.h"

enum { PERIOD_MS = 50, ALL_MS = 1000, PAGE = 200, QUEUED_MOST = 512, TRIES = 5, ARENA = 64 << 20 };

struct book_rows {
    struct chain *chain;
    struct periodic *thread;
    int64_t all_ms; // monotonic: when it looks without any news
    bool complained;
    bool told;       // what events were told before this start
    unsigned offers; // that events were told of, since then
};

static const struct store_table *const places = &chain_tables[CHAIN_PLACES];

// ---- Rows

static bool make_block(struct rows_page *page, uint64_t number, const Ledger__Sealed *sealed, struct err *err)
{
    Ledger__BlockRow row = LEDGER__BLOCK_ROW__INIT;
    struct ledger_block block;
    char id[24];
    if (!ledger_block_decode(&block, sealed->header.data, sealed->header.len))
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger seals no block", number);
    struct merkle_hash hash = ledger_block_hash(&block);
    snprintf(id, sizeof id, "%020" PRIu64, block.index);
    row.id = id;
    row.index = block.index;
    row.first = sealed->first;
    row.entry = number;
    row.header = sealed->header;
    row.signature = sealed->signature;
    row.sealed_ms = (int64_t)block.sealed_ms;
    row.count = block.count;
    row.hash = (ProtobufCBinaryData){sizeof hash, hash.bytes};
    rows_page_put(page, CHAIN_BLOCKS, &row.base, number);
    return true;
}

// The entry has all of it.
static bool make_withdrawal(struct rows_page *page, uint64_t number, Ledger__Withdrawal *withdrawal)
{
    Ledger__WithdrawalRow row = LEDGER__WITHDRAWAL_ROW__INIT;
    const struct uuid id = uuid_text(withdrawal->id.data);
    row.id = id.text;
    row.account = withdrawal->account;
    row.asked_ms = withdrawal->asked_ms;
    row.entry = number;
    row.withdrawal = withdrawal;
    rows_page_put(page, CHAIN_WITHDRAWALS, &row.base, number);
    return true;
}

static bool make_coins(struct rows_page *page, uint64_t number, Ledger__CoinsGiven *given)
{
    Ledger__CoinsRow row = LEDGER__COINS_ROW__INIT;
    const struct uuid event = uuid_text(given->event.data);
    char id[24];
    snprintf(id, sizeof id, "%020" PRIu64, number);
    row.id = id;
    row.entry = number;
    row.event_id = event.text;
    row.given = given;
    rows_page_put(page, CHAIN_COINS, &row.base, number);
    return true;
}

static bool project_entry(struct rows_page *page, uint64_t number, const ProtobufCBinaryData *bytes,
                          struct err *err)
{
    const Ledger__Entry *entry = ledger__entry__unpack(&page->arena->allocator, bytes->len, bytes->data);
    if (!entry) return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger is none", number);
    if (!rows_page_act(page, number, entry, err)) return false;
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_SEALED:
        return make_block(page, number, entry->sealed, err);
    case LEDGER__ENTRY__BODY_ORDERED:
        return rows_page_order(page, number, entry, err);
    case LEDGER__ENTRY__BODY_WITHDRAWN:
        return rows_page_withdrawn(page, number, entry->withdrawn, err);
    case LEDGER__ENTRY__BODY_PAYMENT_CHANGED:
        return rows_page_payment(page, number, entry, err);
    case LEDGER__ENTRY__BODY_EVENT_CHANGED:
        return rows_page_paid_event(page, number, entry, err);
    case LEDGER__ENTRY__BODY_WITHDRAWAL_CHANGED:
        return make_withdrawal(page, number, entry->withdrawal_changed->withdrawal);
    case LEDGER__ENTRY__BODY_COINS_GIVEN:
        return make_coins(page, number, entry->coins_given);
    default:
        return true;
    }
}

// ---- Pages

static bool read_place(struct rows_page *page, Ledger__PlaceRow **row, uint64_t *version, struct err *err)
{
    if (!store_get(page->chain->store, places, BOOK_STREAM, page->arena, (ProtobufCMessage **)row, version,
                   err))
        return false;
    if (*row) return true;
    *row = arena_new(page->arena, Ledger__PlaceRow);
    if (!*row) return err_fail(err, INTERNAL_ERROR, "out of memory");
    ledger__place_row__init(*row);
    (*row)->id = BOOK_STREAM;
    return true;
}

// The queue of writes is for others, too.
static bool wait_often(struct rows_page *page, struct err *err)
{
    if (page->queued < QUEUED_MOST) return true;
    page->queued = 0;
    return store_wait(page->chain->store, page->ticket, err);
}

// The place is stored behind what is made: who starts there again makes nothing twice that matters.
static bool project_page(struct rows_page *page, bool *more, struct err *err)
{
    Ledger__PlaceRow *row;
    struct store_entries entries;
    uint64_t version;
    if (!read_place(page, &row, &version, err) ||
        !store_read(page->chain->store, BOOK_STREAM, row->entry + 1, PAGE, page->arena, &entries, err))
        return false;
    page->candles = arena_array(page->arena, entries.count * ROWS_CANDLE_LENGTHS + 1, sizeof *page->candles);
    if (!page->candles) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < entries.count; i++)
        if (!project_entry(page, entries.first_seq + i, &entries.entries[i], err) || !wait_often(page, err))
            return false;
    rows_page_candles_put(page);
    if (!rows_page_told(page, err)) return false;
    *more = entries.count && entries.more;
    if (!entries.count) return true;
    row->entry = entries.first_seq + entries.count - 1;
    const struct store_write write = {.after = page->ticket};
    if (!store_wait(page->chain->store, store_put(page->chain->store, places, &row->base, version, &write),
                    err))
        return false;
    page->chain->rows_entry = row->entry;
    return true;
}

// Until there are rows of this entry, or of all.
static bool project_until(struct chain *chain, uint64_t entry, struct err *err)
{
    struct arena arena;
    bool ok = true, more = true;
    arena_init(&arena, ARENA);
    while (ok && more) {
        arena_reset(&arena);
        struct rows_page page = {.chain = chain, .arena = &arena};
        pthread_mutex_lock(&chain->rows_mutex);
        if (chain->rows_entry >= entry)
            more = false;
        else
            ok = project_page(&page, &more, err);
        pthread_mutex_unlock(&chain->rows_mutex);
    }
    arena_finish(&arena);
    return ok;
}

bool book_rows_catch_up(struct chain *chain, struct err *err)
{
    return project_until(chain, UINT64_MAX, err);
}

// At a shared store another process may make them at this moment, and then has the place.
bool rows_reach(struct book_call *b, struct err *err)
{
    struct chain *chain = b->chain;
    const uint64_t entry = b->book->seq;
    book_end(b);
    if (b->call->ticket && !store_wait(chain->store, b->call->ticket, err)) return false;
    bool ok = project_until(chain, entry, err);
    for (int tries = 1; !ok && err_is(err, CONFLICT) && tries < TRIES; tries++)
        ok = project_until(chain, entry, err);
    return ok;
}

// ---- The thread

// Deals wait for blocks once every process knows of them.
static unsigned offers_of(const struct chain *chain)
{
    if (!chain->cluster) return 0;
    return ROWS_LAMPORTS | (replica_all_know(chain->replica, BEACONS_SINCE) ? ROWS_BEACONS : 0);
}

static bool tell_news(struct book_rows *rows, struct err *err)
{
    const unsigned offers = offers_of(rows->chain);
    if (rows->told && rows->offers == offers) return true;
    if (!rows_tell_offers(rows->chain, offers, err) || !rows_tell_head(rows->chain, err)) return false;
    rows->told = true;
    rows->offers = offers;
    return true;
}

static int64_t book_rows_work(void *arg)
{
    struct book_rows *rows = arg;
    struct err err = {0};
    bool due = atomic_exchange(&rows->chain->news, false) || clock_mono_ms() >= rows->all_ms;
    if (!due || !replica_holds(rows->chain->replica, CHAIN_PROJECTS)) return PERIOD_MS;
    rows->all_ms = clock_mono_ms() + ALL_MS;
    bool ok = book_rows_catch_up(rows->chain, &err) && tell_news(rows, &err);
    bool passing = err_is(&err, CONFLICT) || err_is(&err, STORE_AWAY) || err_is(&err, STORE_FULL);
    if (!ok && !rows->complained && !passing) log_err(LOG_ERROR, "chain.rows", &err);
    rows->complained = !ok;
    return PERIOD_MS;
}

bool book_rows_start(struct book_rows **out, struct chain *chain, struct err *err)
{
    struct book_rows *rows = *out = calloc(1, sizeof *rows);
    if (!rows) return err_fail(err, INTERNAL_ERROR, "out of memory");
    rows->chain = chain;
    return periodic_start(&rows->thread, "chain.rows", 0, book_rows_work, rows, err);
}

void book_rows_stop(struct book_rows *rows)
{
    if (!rows) return;
    periodic_stop(rows->thread);
    free(rows);
}
