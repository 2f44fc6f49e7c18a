#include "services/chain/cluster/forgotten.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "services/chain/solana/rpc_landed.h"
#include "services/chain/tables.h"
#include "services/chain/withdrawals/flow.h"
#include "services/chain/withdrawals/mark.h"

enum { PAGE = SOLANA_HISTORY_MAX };

// One page of what names the address.
struct naming {
    const struct readback *readback;
    struct arena *arena;
    struct solana_history_entry *entries;
    size_t count;
    char row[16 + SOLANA_KEY_TEXT]; // where it is kept how far they are read
};

static bool is_away(const struct solana_fault *fault, struct err *err)
{
    return err_fail(err, CLUSTER_AWAY, "%s", fault->message);
}

static bool read_page(struct naming *naming, const struct solana_signature *before,
                      const struct solana_signature *until, struct err *err)
{
    struct solana_fault fault;
    struct solana_history_query query = {.before = before, .until = until, .limit = PAGE};
    mark_index(&query.address, &naming->readback->cluster->now.authority);
    naming->entries = arena_array(naming->arena, PAGE, sizeof *naming->entries);
    if (!naming->entries) return book_filled(NULL, err);
    return solana_rpc_history(naming->readback->finalized, &query, naming->entries, &naming->count, &fault) ||
           is_away(&fault, err);
}

// ---- One of them

static bool is_known(const struct book *book, const uint8_t id[WITHDRAWAL_ID_BYTES], uint32_t account)
{
    const struct withdrawal *open = withdrawals_find(&book->withdrawals, account);
    return withdrawals_landed(&book->withdrawals, id) ||
           (open && memcmp(open->id, id, sizeof open->id) == 0); // whose mark the sender finds
}

static void take_found(struct book_call *b, const struct mark_found *found, int64_t time_s,
                       const struct solana_signature *signature)
{
    struct ledger_account bytes;
    struct withdrawal withdrawal = {
        .amount = found->amount, .state = WITHDRAWAL_DONE, .asked_ms = time_s ? time_s * 1000 : b->now_ms};
    memcpy(withdrawal.id, found->id, sizeof withdrawal.id);
    memcpy(withdrawal.wallet.bytes, found->wallet.bytes, sizeof withdrawal.wallet.bytes);
    memcpy(bytes.bytes, found->account.bytes, sizeof bytes.bytes);
    withdrawal.account = ledger_accounts_find_bytes(&b->book->accounts, &bytes);
    if (withdrawal.account == LEDGER_NO_ACCOUNT || !withdrawal.account)
        log_error("chain.withdrawals",
                  F_STR("of an account that the ledger has forgotten", uuid_text(withdrawal.id).text),
                  F_INT("lamports", withdrawal.amount));
    else if (!is_known(b->book, withdrawal.id, withdrawal.account))
        withdrawal_find_again(b, &withdrawal, signature->bytes);
}

static bool store_found(const struct naming *naming, const struct mark_found *found, int64_t time_s,
                        const struct solana_signature *signature, struct err *err)
{
    struct chain *chain = naming->readback->cluster->chain;
    uint64_t ticket;
    {
        AUTO_BOOK struct book_call b = {.chain = chain, .arena = naming->arena};
        if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
        take_found(&b, found, time_s, signature);
        if (!b.count) return true;
        if (!book_commit(&b, NULL, err)) return false;
        ticket = b.book->live.ticket;
    }
    return store_wait(chain->store, ticket, err);
}

static bool read_one(const struct naming *naming, const struct solana_signature *signature, struct err *err)
{
    const struct solana_key *authority = &naming->readback->cluster->now.authority;
    struct solana_fault fault;
    struct solana_landed landed;
    struct solana_transaction tx;
    struct mark_found found;
    struct err why;
    if (!solana_rpc_transaction(naming->readback->finalized, signature, &landed, &fault))
        return is_away(&fault, err);
    bool there = landed.found;
    bool ours = landed.bytes && !*landed.error.name &&
                solana_transaction_parse(&tx, landed.bytes, landed.len, &why) &&
                mark_read(&tx, authority, &found);
    bool ok = there || err_fail(err, CLUSTER_AWAY, "the node has not the transactions that it names");
    if (ours) ok = store_found(naming, &found, landed.time_s, signature, err);
    solana_landed_finish(&landed);
    return ok;
}

// ---- All

static bool look_at_page(const struct naming *naming, bool *known, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = naming->readback->cluster->chain, .arena = naming->arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    for (size_t i = 0; i < naming->count; i++)
        known[i] = *naming->entries[i].error.name ||
                   withdrawals_landed(&b.book->withdrawals, naming->entries[i].signature.bytes);
    return true;
}

static bool take_page(const struct naming *naming, struct err *err)
{
    bool *known = arena_array(naming->arena, naming->count + 1, sizeof *known);
    if (!known) return book_filled(NULL, err);
    if (!look_at_page(naming, known, err)) return false;
    for (size_t i = 0; i < naming->count; i++)
        if (!known[i] && !read_one(naming, &naming->entries[i].signature, err)) return false;
    return true;
}

// ---- How far

static bool find_place(const struct naming *naming, Ledger__PlaceRow **row, uint64_t *version,
                       struct err *err)
{
    return store_get(naming->readback->cluster->chain->store, &chain_tables[CHAIN_PLACES], naming->row,
                     naming->arena, (ProtobufCMessage **)row, version, err);
}

static bool load_place(const struct naming *naming, struct forgotten *forgotten, struct err *err)
{
    Ledger__PlaceRow *row;
    uint64_t version;
    if (forgotten->begun) return true;
    if (!find_place(naming, &row, &version, err)) return false;
    forgotten->begun = true;
    forgotten->has_newest = row && row->signature.len == sizeof forgotten->newest;
    if (forgotten->has_newest)
        memcpy(forgotten->newest.bytes, row->signature.data, sizeof forgotten->newest.bytes);
    return true;
}

// Behind all that it says: that is durable by now. Another process may have kept another one.
static bool keep_place(const struct naming *naming, const struct forgotten *forgotten, struct err *err)
{
    struct chain *chain = naming->readback->cluster->chain;
    Ledger__PlaceRow row = LEDGER__PLACE_ROW__INIT, *kept;
    uint64_t version;
    if (!find_place(naming, &kept, &version, err)) return false;
    row.id = (char *)naming->row;
    row.signature = (ProtobufCBinaryData){sizeof forgotten->newest, (uint8_t *)forgotten->newest.bytes};
    return store_wait(chain->store,
                      store_put(chain->store, &chain_tables[CHAIN_PLACES], &row.base, kept ? version : 0,
                                &(struct store_write){0}),
                      err);
}

static void name_place(struct naming *naming)
{
    char authority[SOLANA_KEY_TEXT];
    solana_key_format(&naming->readback->cluster->now.authority, authority);
    snprintf(naming->row, sizeof naming->row, "withdrawals-%s", authority);
}

// ---- From the newest one down

static bool take_next_page(struct naming *naming, struct forgotten *forgotten, struct err *err)
{
    const struct solana_signature *before = forgotten->has_top ? &forgotten->before : NULL,
                                  *until = forgotten->has_newest ? &forgotten->newest : NULL;
    if (!read_page(naming, before, until, err) || !take_page(naming, err)) return false;
    if (!naming->count) return true;
    if (!forgotten->has_top) forgotten->top = naming->entries[0].signature;
    forgotten->before = naming->entries[naming->count - 1].signature;
    forgotten->has_top = true;
    return true;
}

static bool end_reading(struct naming *naming, struct forgotten *forgotten, struct err *err)
{
    if (!forgotten->has_top) return true;
    forgotten->newest = forgotten->top;
    forgotten->has_newest = true;
    forgotten->has_top = false;
    return keep_place(naming, forgotten, err);
}

// Every process knows the entries before one is made; until then there are no withdrawals either.
bool forgotten_read(struct forgotten *forgotten, const struct readback *readback, struct arena *arena,
                    struct err *err)
{
    struct naming naming = {.readback = readback, .arena = arena};
    if (!replica_all_know(readback->cluster->chain->replica, WITHDRAWALS_SINCE)) return true;
    name_place(&naming);
    if (!load_place(&naming, forgotten, err)) return false;
    for (size_t pages = 0; pages < FORGOTTEN_PAGES; pages++) {
        if (!take_next_page(&naming, forgotten, err)) return false;
        if (naming.count < PAGE) return end_reading(&naming, forgotten, err);
    }
    return err_fail(err, SERVICE_BUSY, "there are more withdrawals on the cluster than are read at once");
}
