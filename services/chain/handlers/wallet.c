// What one has, and what moved it.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base58.h"
#include "lib/names/names.h"
#include "lib/schema/passport.h"
#include "services/chain/book/walk.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/handlers/shown.h"
#include "services/chain/node/node.h"

enum { PAGE = 20, READ_MOST = 500 };

static uint32_t account_of(const struct book *book, const char *user_id)
{
    const struct ledger_owner owner = book_user(user_id);
    return ledger_accounts_find(&book->accounts, &owner);
}

// The wallet that is linked, which is auth's to say.
struct linked {
    bool there;
    struct name_told told;
    struct ledger_account key;
    const char *address; // of the coiniXerr protocol
};

// Without the ledger's lock: the address is read, and made when there is none.
static bool find_linked(const struct rpc_call *call, struct linked *linked, struct err *err)
{
    struct chain *chain = call->service;
    linked->there = names_get(chain->names, call->caller->user_id, &linked->told) && *linked->told.wallet &&
                    base58_decode(linked->key.bytes, sizeof linked->key.bytes, linked->told.wallet);
    return !linked->there || node_show_address(chain, &linked->key, call->arena, &linked->address, err);
}

// The key's account beside one's own.
static bool show_linked(const struct book_call *b, const struct linked *linked, Chain__Wallet *reply,
                        struct err *err)
{
    struct shown_balances balances;
    if (!linked->there) return true;
    uint32_t account = ledger_accounts_find_bytes(&b->book->accounts, &linked->key);
    reply->wallet_address = arena_str(b->arena, linked->told.wallet);
    if (linked->address) reply->coinixerr_address = linked->address;
    if (!shown_balances(b->book, account, &balances, b->arena)) return book_filled(NULL, err);
    reply->wallet_balances = balances.balances;
    reply->n_wallet_balances = balances.count;
    return book_filled(reply->wallet_address, err);
}

HANDLER(get_wallet, Chain__WalletRequest, Chain__Wallet)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct shown_balances balances;
    struct linked linked = {.there = false};
    if (!find_linked(call, &linked, err) || !book_begin(&b, err)) return false;
    uint32_t account = account_of(b.book, call->caller->user_id);
    if (!shown_balances(b.book, account, &balances, call->arena)) return book_filled(NULL, err);
    reply->balances = balances.balances;
    reply->n_balances = balances.count;
    reply->daily_limit = b.chain->settings.transfer_limit;
    struct cluster_now now;
    cluster_now(b.chain->cluster, &now);
    if (now.name) reply->cluster = now.name;
    if (!show_linked(&b, &linked, reply, err)) return false;
    if (account == LEDGER_NO_ACCOUNT) return true;
    reply->spent_today = book_spent_today(b.book, account, call->now_ms);
    reply->account = shown_account(b.book, account, call->arena);
    return book_filled(reply->account, err);
}

// ---- What moved it

// A walk back through what moved an account.
struct walk {
    struct rpc_call *call;
    uint32_t account;
    unsigned only; // the kind of entries that are kept; 0: all
    uint64_t next; // 0: the end
    const Ledger__Entry **entries;
    uint64_t *numbers;
    const char **memos;
    size_t count;
};

// "" also when it was erased.
static bool read_memo(struct walk *walk, const Ledger__Entry *entry, const char **text, struct err *err)
{
    uint64_t number = walk_memo(entry);
    const Ledger__Entry *memo =
        number ? walk_read(walk->call->service, number, walk->call->arena, err) : NULL;
    *text = memo && memo->body_case == LEDGER__ENTRY__BODY_MEMO ? memo->memo->text : "";
    return !err->reason;
}

static bool walk_back(struct walk *walk, size_t limit, struct err *err)
{
    struct arena *arena = walk->call->arena;
    walk->entries = arena_array(arena, limit, sizeof *walk->entries);
    walk->numbers = arena_array(arena, limit, sizeof *walk->numbers);
    walk->memos = arena_array(arena, limit, sizeof *walk->memos);
    if (arena->failed) return book_filled(NULL, err);
    for (size_t read = 0; walk->next && walk->count < limit && read < READ_MOST; read++) {
        uint64_t number = walk->next;
        const Ledger__Entry *entry = walk_read(walk->call->service, number, arena, err);
        if (err->reason) return false;
        if (!entry || !walk_before(entry, walk->account, &walk->next))
            return err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token of this list");
        if (walk->only && entry->body_case != walk->only) continue;
        walk->numbers[walk->count] = number;
        walk->entries[walk->count] = entry;
        if (!read_memo(walk, entry, &walk->memos[walk->count++], err)) return false;
    }
    return true;
}

// What the walk begins with, of a user or of the issuance; it waits until that is stored, without the
// ledger's lock.
static bool walk_begin(struct walk *walk, const char *user_id, struct err *err)
{
    struct rpc_call *call = walk->call;
    const struct chain *chain = call->service;
    uint64_t ticket;
    {
        AUTO_BOOK struct book_call b = {.call = call};
        if (!book_begin(&b, err)) return false;
        walk->account = user_id ? account_of(b.book, user_id) : 0;
        if (walk->account == LEDGER_NO_ACCOUNT) return true;
        walk->next = b.book->accounts.holdings[walk->account].touched;
        ticket = b.book->live.ticket;
    }
    return !ticket || store_wait(chain->store, ticket, err);
}

// A page token may lead to what the copy has not read yet.
static bool walk_enter(const struct walk *walk, struct book_call *b, struct err *err)
{
    b->at_least = walk->count ? walk->numbers[0] : 0;
    if (!book_begin(b, err)) return false;
    for (size_t i = 0; i < walk->count; i++)
        if (!walk_check(b->book, walk->entries[i], walk->numbers[i]))
            return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger is not whole",
                            walk->numbers[i]);
    return true;
}

static bool walk_show(const struct walk *walk, Chain__ListTransactionsReply *reply, struct err *err)
{
    struct rpc_call *call = walk->call;
    AUTO_BOOK struct book_call b = {.call = call};
    uint32_t viewer = call->caller->level == LEVEL_DEV ? (uint32_t)LEDGER_NO_ACCOUNT : walk->account;
    if (!walk_enter(walk, &b, err)) return false;
    reply->transactions = arena_array(call->arena, walk->count + 1, sizeof *reply->transactions);
    for (size_t i = 0; i < walk->count && !call->arena->failed; i++)
        reply->transactions[reply->n_transactions++] = shown_transaction(
            b.book, walk->entries[i], walk->numbers[i], viewer, walk->memos[i], call->arena);
    if (walk->next) reply->next_page_token = arena_printf(call->arena, "%" PRIu64, walk->next);
    return !call->arena->failed || book_filled(NULL, err);
}

static bool read_token(const char *token, uint64_t *next, struct err *err)
{
    char *end;
    if (!*token) return true;
    *next = strtoull(token, &end, 10);
    bool number = *token >= '1' && *token <= '9' && !*end && strlen(token) < 20;
    return number || err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token of this list");
}

HANDLER(list_transactions, Chain__ListTransactionsRequest, Chain__ListTransactionsReply)
{
    struct walk walk = {.call = call};
    size_t limit = request->page_size > 0 ? (size_t)request->page_size : PAGE;
    bool own = strcmp(call->caller->user_id, request->user_id) == 0;
    if (!own && call->caller->level != LEVEL_DEV) return passport_refuse(call->method, "account", err);
    return walk_begin(&walk, request->user_id, err) && read_token(request->page_token, &walk.next, err) &&
           (walk.account == LEDGER_NO_ACCOUNT ||
            (walk_back(&walk, limit, err) && walk_show(&walk, reply, err)));
}

// ---- What devs issued

static Chain__Grant *show_grant(const struct walk *walk, const struct book *book, size_t i)
{
    struct arena *arena = walk->call->arena;
    Chain__Grant *shown = arena_new(arena, Chain__Grant);
    if (!shown) return NULL;
    chain__grant__init(shown);
    shown->by_id = walk->entries[i]->granted->by;
    shown->transaction =
        shown_transaction(book, walk->entries[i], walk->numbers[i], LEDGER_NO_ACCOUNT, walk->memos[i], arena);
    return shown;
}

static bool show_grants(const struct walk *walk, Chain__ListGrantsReply *reply, struct err *err)
{
    struct rpc_call *call = walk->call;
    AUTO_BOOK struct book_call b = {.call = call};
    if (!walk_enter(walk, &b, err)) return false;
    reply->grants = arena_array(call->arena, walk->count + 1, sizeof *reply->grants);
    for (size_t i = 0; i < walk->count && !call->arena->failed; i++)
        reply->grants[reply->n_grants++] = show_grant(walk, b.book, i);
    if (walk->next) reply->next_page_token = arena_printf(call->arena, "%" PRIu64, walk->next);
    return !call->arena->failed || book_filled(NULL, err);
}

HANDLER(list_grants, Chain__ListGrantsRequest, Chain__ListGrantsReply)
{
    struct walk walk = {.call = call, .only = LEDGER__ENTRY__BODY_GRANTED};
    size_t limit = request->page_size > 0 ? (size_t)request->page_size : PAGE;
    return walk_begin(&walk, NULL, err) && read_token(request->page_token, &walk.next, err) &&
           walk_back(&walk, limit, err) && show_grants(&walk, reply, err);
}

const struct rpc_method chain_wallet_methods[] = {
    RPC_METHOD("chain.GetWallet", get_wallet),
    RPC_METHOD("chain.ListTransactions", list_transactions),
    RPC_METHOD("chain.ListGrants", list_grants),
    {0},
};
