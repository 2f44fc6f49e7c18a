#include "services/chain/book/erase.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/clock.h"
#include "services/chain/book/orders.h"
#include "services/chain/book/walk.h"

enum { ARENA = 16 << 20, ROUNDS = 100 };

struct erasing {
    struct chain *chain;
    struct arena arena;
    struct ledger_owner owner;
    uint32_t account;
    struct ledger_account bytes; // of it
    uint64_t newest, opened;     // the entries that moved it last, and that opened it
    uint64_t erased;             // the newest one that moved it whose memo is gone
    bool closed;
};

// ---- The ledger's account

// From now on nothing moves it but what was underway.
static bool leave_market(struct erasing *erasing, struct err *err)
{
    uint64_t ticket;
    {
        AUTO_BOOK struct book_call b = {.chain = erasing->chain, .arena = &erasing->arena};
        if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
        book_let_go(b.book, &erasing->owner);
        uint32_t account = ledger_accounts_find(&b.book->accounts, &erasing->owner);
        if (account == LEDGER_NO_ACCOUNT || !exchange_person(&b.book->exchange, account)) return true;
        book_withdraw_own(&b, account, 0, LEDGER__ORDER__REASON__ACCOUNT);
        book_set_cancel(&b, account, 0);
        if (!book_commit(&b, NULL, err)) return false;
        ticket = b.book->live.ticket;
    }
    return store_wait(erasing->chain->store, ticket, err);
}

static bool find_account(struct erasing *erasing, uint64_t *ticket, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = erasing->chain, .arena = &erasing->arena};
    if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
    erasing->account = ledger_accounts_find(&b.book->accounts, &erasing->owner);
    if (erasing->account == LEDGER_NO_ACCOUNT) return true;
    erasing->newest = b.book->accounts.holdings[erasing->account].touched;
    erasing->opened = b.book->accounts.holdings[erasing->account].opened;
    erasing->bytes = b.book->accounts.holdings[erasing->account].account;
    *ticket = b.book->live.ticket;
    return true;
}

// Waits, without the ledger's lock, until what was found is stored.
static bool await_account(struct erasing *erasing, struct err *err)
{
    uint64_t ticket = 0;
    arena_reset(&erasing->arena);
    return find_account(erasing, &ticket, err) && (!ticket || store_wait(erasing->chain->store, ticket, err));
}

// Not when something moved it meanwhile, which may have a memo.
static bool close_account(struct erasing *erasing, struct err *err)
{
    uint64_t ticket;
    Ledger__AccountClosed closed = LEDGER__ACCOUNT_CLOSED__INIT;
    {
        AUTO_BOOK struct book_call b = {.chain = erasing->chain, .arena = &erasing->arena};
        if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
        closed.account = ledger_accounts_find(&b.book->accounts, &erasing->owner);
        erasing->closed = closed.account == LEDGER_NO_ACCOUNT;
        if (erasing->closed || b.book->accounts.holdings[closed.account].touched != erasing->newest)
            return true;
        book_add(&b, LEDGER__ENTRY__BODY_ACCOUNT_CLOSED, &closed.base, NULL, 0);
        if (!book_commit(&b, NULL, err)) return false;
        ticket = b.book->live.ticket;
    }
    erasing->closed = store_wait(erasing->chain->store, ticket, err);
    return erasing->closed;
}

// ---- Entries

// What its record says of it stays.
static bool replace_entry(struct erasing *erasing, uint64_t number, const Ledger__Entry *entry,
                          const struct ledger_account *account, struct err *err)
{
    Ledger__Entry stub = LEDGER__ENTRY__INIT;
    Ledger__Erased erased = LEDGER__ERASED__INIT;
    uint8_t packed[512];
    if (!book_has_detail(entry))
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger is not whole", number);
    struct merkle_hash detail = book_detail(entry);
    erased.kind = entry->body_case;
    erased.detail = (ProtobufCBinaryData){sizeof detail, detail.bytes};
    if (account) erased.account = (ProtobufCBinaryData){sizeof *account, (uint8_t *)account->bytes};
    stub.time_ms = entry->time_ms;
    stub.key = entry->key;
    stub.body_case = LEDGER__ENTRY__BODY_ERASED;
    stub.erased = &erased;
    if (ledger__entry__get_packed_size(&stub) > sizeof packed)
        return err_fail(err, INTERNAL_ERROR, "a stub is too large");
    const ProtobufCBinaryData bytes = {ledger__entry__pack(&stub, packed), packed};
    const struct store_write write = {.done = NULL};
    return store_wait(erasing->chain->store,
                      store_redact(erasing->chain->store, BOOK_STREAM, number, bytes, &write), err);
}

static bool gives_away(const struct erasing *erasing, const Ledger__Entry *entry)
{
    for (size_t i = 0; i < entry->n_postings; i++)
        if (entry->postings[i]->account == erasing->account && entry->postings[i]->amount < 0) return true;
    return false;
}

static bool erase_memo(struct erasing *erasing, uint64_t number, struct err *err)
{
    const Ledger__Entry *memo = walk_read(erasing->chain, number, &erasing->arena, err);
    if (!memo) return !err->reason;
    return memo->body_case != LEDGER__ENTRY__BODY_MEMO || replace_entry(erasing, number, memo, NULL, err);
}

// Of what moved it since the last time.
static bool erase_memos(struct erasing *erasing, struct err *err)
{
    for (uint64_t next = erasing->newest, before; next > erasing->erased; next = before) {
        arena_reset(&erasing->arena);
        const Ledger__Entry *entry = walk_read(erasing->chain, next, &erasing->arena, err);
        if (err->reason) return false;
        if (!entry || !walk_before(entry, erasing->account, &before))
            return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger leads nowhere", next);
        uint64_t memo = gives_away(erasing, entry) ? walk_memo(entry) : 0;
        if (memo && !erase_memo(erasing, memo, err)) return false;
    }
    erasing->erased = erasing->newest;
    return true;
}

static bool opens_it(const struct erasing *erasing, const Ledger__Entry *entry)
{
    return entry->body_case == LEDGER__ENTRY__BODY_ACCOUNT_OPENED &&
           entry->account_opened->kind == LEDGER_USER && entry->account_opened->id.len == 16 &&
           memcmp(entry->account_opened->id.data, erasing->owner.id, 16) == 0;
}

static bool erase_opening(struct erasing *erasing, struct err *err)
{
    arena_reset(&erasing->arena);
    const Ledger__Entry *entry = walk_read(erasing->chain, erasing->opened, &erasing->arena, err);
    if (err->reason) return false;
    return !entry || !opens_it(erasing, entry) ||
           replace_entry(erasing, erasing->opened, entry, &erasing->bytes, err);
}

// In this order, so that what is broken off is found again.
static bool erase_once(struct erasing *erasing, struct err *err)
{
    if (!await_account(erasing, err)) return false;
    erasing->closed = erasing->account == LEDGER_NO_ACCOUNT;
    return erasing->closed ||
           (erase_memos(erasing, err) && erase_opening(erasing, err) && close_account(erasing, err));
}

// Until nothing moved it between. What still may was underway, so each round finds less.
static bool erase_all(struct erasing *erasing, struct err *err)
{
    if (!leave_market(erasing, err)) return false;
    for (int round = 0; round < ROUNDS && !erasing->closed; round++)
        if (!erase_once(erasing, err)) return false;
    return erasing->closed || err_fail(err, SERVICE_BUSY, "the account is still in use");
}

bool erase_user(void *chain, const char *user_id, struct err *err)
{
    struct erasing erasing = {.chain = chain, .owner = book_user(user_id)};
    *err = (struct err){0};
    arena_init(&erasing.arena, ARENA);
    bool ok = erase_all(&erasing, err);
    arena_finish(&erasing.arena);
    return ok;
}
