#include "services/chain/cluster/forgotten_cards.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "services/chain/book/orders.h"
#include "services/chain/cluster/parts.h"
#include "services/chain/minting/flow.h"
#include "services/chain/tables.h"

enum {
    ROUNDS = 2,       // what was forgotten may have landed behind the first one
    LIFE = 200,       // blocks, in which it would have
    BATCHES_MOST = 20 // at a time
};

static char ROW[] = "cards"; // among the places

struct candidate {
    uint32_t asset, card;
    struct solana_key mint; // where its next one would be
};

struct batch {
    struct candidate all[READING_KEYS_MAX];
    size_t count;
    struct reading reading;
};

// ---- Which may be there

static bool is_behind(const struct book *book, struct forgotten_cards *at)
{
    if (at->asset < BOOK_FIRST_CARD)
        *at = (struct forgotten_cards){BOOK_FIRST_CARD, 1, at->rounds, at->again};
    while (at->asset < book->assets_count &&
           at->card > exchange_role(&book->exchange, at->asset)->cards.count) {
        at->asset++;
        at->card = 1;
    }
    return at->asset >= book->assets_count;
}

static void add_candidate(const struct book *book, const struct solana_key *authority,
                          const struct forgotten_cards *at, struct batch *batch)
{
    const struct card_mint *mint = mints_find(&book->exchange.mints, at->asset, at->card);
    struct candidate *added = &batch->all[batch->count];
    if (mint && mints_is_away(mint)) return;
    const struct card_id id = minting_card_id(book, authority, at->asset, at->card);
    *added = (struct candidate){at->asset, at->card, {{0}}};
    card_address(&added->mint, &id);
    batch->count++;
}

// True: the round is over with these.
static bool cards_gather(const struct book *book, const struct solana_key *authority,
                         struct forgotten_cards *at, struct batch *batch)
{
    batch->count = 0;
    while (batch->count < READING_KEYS_MAX) {
        if (is_behind(book, at)) return true;
        add_candidate(book, authority, at, batch);
        at->card++;
    }
    return false;
}

// ---- Taking one

static uint32_t find_holder(const struct book *book, uint32_t asset, uint32_t card)
{
    const struct exchange_role *role = exchange_role(&book->exchange, asset);
    for (uint32_t i = 0; i < book->accounts.count; i++) {
        const struct card_queue *own = exchange_holder(&book->exchange, i, asset);
        if (own && cards_has(&role->cards, own, card)) return i;
    }
    return LEDGER_NO_ACCOUNT;
}

static uint64_t find_order(const struct book *book, uint32_t asset, uint32_t card)
{
    const struct exchange_role *role = exchange_role(&book->exchange, asset);
    const struct exchange *exchange = &book->exchange;
    for (const struct exchange_order *order = NULL; (order = ledger_map_next(&exchange->orders, order));)
        if (order->asset == asset && cards_has(&role->cards, &order->cards, card)) return order->number;
    return 0;
}

void forgotten_card_take(struct book_call *b, uint32_t asset, uint32_t card, const struct solana_key *mint)
{
    const struct card_mint *known = mints_find(&b->book->exchange.mints, asset, card);
    const uint64_t order = find_order(b->book, asset, card);
    if (known && mints_is_away(known)) return;
    if (order) book_withdraw_one(b, order, LEDGER__ORDER__REASON__ADMIN);
    const uint32_t account = b->failed ? LEDGER_NO_ACCOUNT : find_holder(b->book, asset, card);
    if (account == LEDGER_NO_ACCOUNT) return; // it was taken back
    log_error("chain.cards", F_INT("a card is on the cluster that the ledger has with account", account),
              F_INT("asset", asset), F_INT("card", card));
    const struct minting_asked found = {.account = account,
                                        .asset = asset,
                                        .card = card,
                                        .mint = *mint,
                                        .last_valid_height = known ? known->last_valid_height : 1};
    minting_find(b, &found);
}

static bool queue_found(const struct mintings_look *look, const struct batch *batch,
                        const struct solana_key *authority, struct arena *arena, uint64_t *ticket,
                        struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = look->chain, .arena = arena};
    if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
    for (size_t i = 0; i < batch->count && !b.failed; i++) {
        const struct candidate *of = &batch->all[i];
        const struct card_id id = minting_card_id(b.book, authority, of->asset, of->card);
        struct solana_key mint;
        card_address(&mint, &id); // of the next number now
        if (card_is_there(&batch->reading.accounts[i]) && solana_key_equal(&mint, &of->mint))
            forgotten_card_take(&b, of->asset, of->card, &mint);
    }
    if (!book_commit(&b, NULL, err)) return false;
    *ticket = b.count ? b.book->live.ticket : 0;
    return true;
}

// What was lost on the way to the disk is not read.
static bool take_found(const struct mintings_look *look, const struct batch *batch,
                       const struct solana_key *authority, struct arena *arena, struct err *err)
{
    bool any = false;
    uint64_t ticket;
    for (size_t i = 0; i < batch->count; i++) any |= card_is_there(&batch->reading.accounts[i]);
    if (!any) return true;
    return queue_found(look, batch, authority, arena, &ticket, err) &&
           (!ticket || store_wait(look->chain->store, ticket, err));
}

// ---- Since the restore

// A row has the generation of the store in which all were looked for.
static bool find_row(struct chain *chain, struct arena *arena, Ledger__PlaceRow **row, uint64_t *version,
                     struct err *err)
{
    return store_get(chain->store, &chain_tables[CHAIN_PLACES], ROW, arena, (ProtobufCMessage **)row, version,
                     err);
}

static bool keep_row(struct chain *chain, struct arena *arena, struct err *err)
{
    Ledger__PlaceRow row = LEDGER__PLACE_ROW__INIT, *kept;
    uint64_t version;
    if (!find_row(chain, arena, &kept, &version, err)) return false;
    row.id = ROW;
    row.entry = store_generation(chain->store);
    if (kept && kept->entry == row.entry) return true;
    return store_wait(chain->store,
                      store_put(chain->store, &chain_tables[CHAIN_PLACES], &row.base, kept ? version : 0,
                                &(struct store_write){0}),
                      err);
}

bool forgotten_cards_open(struct cluster *cluster, struct err *err)
{
    struct chain *chain = cluster->chain;
    struct arena arena;
    Ledger__PlaceRow *row;
    uint64_t version;
    arena_init(&arena, 1 << 16);
    bool ok = find_row(chain, &arena, &row, &version, err);
    bool known = ok && row && row->entry == store_generation(chain->store);
    atomic_store(&cluster->cards_known, known);
    arena_finish(&arena);
    return ok;
}

// ---- All

static bool gather_batch(const struct mintings_look *look, const struct solana_key *authority,
                         struct forgotten_cards *at, struct batch *batch, struct arena *arena, bool *over,
                         struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = look->chain, .arena = arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    *over = cards_gather(b.book, authority, at, batch);
    return true;
}

static bool look_at_batch(const struct mintings_look *look, struct batch *batch,
                          const struct solana_key *authority, struct arena *arena, struct err *err)
{
    struct solana_key keys[READING_KEYS_MAX];
    struct solana_fault fault;
    if (!batch->count) return true;
    for (size_t i = 0; i < batch->count; i++) keys[i] = batch->all[i].mint;
    if (!reading_accounts(look->rpc, keys, batch->count, look->slot, &batch->reading, &fault))
        return err_fail(err, CLUSTER_AWAY, "%s", fault.message);
    bool ok = take_found(look, batch, authority, arena, err);
    reading_finish(&batch->reading);
    return ok;
}

bool forgotten_cards_look(const struct mintings_look *look, struct forgotten_cards *forgotten,
                          struct arena *arena, struct err *err)
{
    struct cluster *cluster = look->chain->cluster;
    const struct solana_key authority = cluster->now.authority;
    struct batch *batch = arena_new(arena, struct batch);
    bool over = false;
    if (!batch) return book_filled(NULL, err);
    bool waits = forgotten->rounds && look->height <= forgotten->again;
    if (waits || forgotten->rounds == ROUNDS || !replica_all_know(look->chain->replica, MINTS_SINCE))
        return true;
    for (uint32_t i = 0; i < BATCHES_MOST && !over; i++) {
        struct forgotten_cards next = *forgotten;
        if (!gather_batch(look, &authority, &next, batch, arena, &over, err) ||
            !look_at_batch(look, batch, &authority, arena, err))
            return false;
        *forgotten = next;
    }
    if (!over) return true;
    if (!keep_row(look->chain, arena, err)) return false;
    *forgotten = (struct forgotten_cards){.rounds = forgotten->rounds + 1, .again = look->height + LIFE};
    atomic_store(&cluster->cards_read, true);
    return true;
}
