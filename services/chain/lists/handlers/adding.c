// Making lists, and adding to them.
#include <stdio.h>
#include <string.h>

#include "lib/base/base58.h"
#include "lib/replica/replica.h"
#include "lib/schema/passport.h"
#include "services/chain/book/acts.h"
#include "services/chain/lists/handlers/methods.h"
#include "services/chain/lists/handlers/shown.h"

enum { OF_ONE = 20 };

static bool are_known(const struct book_call *b, struct err *err)
{
    if (replica_all_know(b->chain->replica, LISTS_SINCE)) return true;
    err_fail(err, SERVICE_BUSY, "a process does not know whitelists yet");
    err->retry_after_s = 5;
    return false;
}

// The account of who adds; the operator has none. LEDGER_NO_ACCOUNT: the caller has none yet.
static uint32_t caller_account(const struct book_call *b)
{
    if (!*b->call->caller->user_id) return 0;
    const struct ledger_owner owner = book_user(b->call->caller->user_id);
    return ledger_accounts_find(&b->book->accounts, &owner);
}

// ---- Making

static bool may_make(const struct book_call *b, const char *name, uint32_t account, struct err *err)
{
    const struct lists *lists = &b->book->lists;
    if (!lists_is_name(name)) return err_field(err, INVALID_FIELD, "name", "is no name of a list");
    if (lists_find(lists, name)) return err_fail(err, WHITELIST_TAKEN, "there is a whitelist %s", name);
    bool own = account && account != LEDGER_NO_ACCOUNT && b->call->caller->level != LEVEL_DEV;
    if (lists->count < LISTS_MOST && (!own || lists_of(lists, account) < OF_ONE)) return true;
    return err_fail(err, TOO_MANY_WHITELISTS, "one makes at most %d", OF_ONE);
}

HANDLER(make_list, Chain__MakeWhitelistRequest, Chain__WhitelistReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    Ledger__ListMade made = LEDGER__LIST_MADE__INIT;
    if (!book_begin(&b, err) || !are_known(&b, err) || !may_make(&b, request->name, caller_account(&b), err))
        return false;
    if (*call->caller->user_id) {
        const struct ledger_owner owner = book_user(call->caller->user_id);
        if (book_is_leaving(b.book, &owner)) return err_fail(err, NOT_FOUND, "there is no such user");
        made.account = book_account(&b, &owner);
    }
    book_act_list(&b, AUDIT__AUDIT_KIND__VALUE__LIST_MADE, request->name, 0);
    made.list = b.book->lists.count + 1;
    made.name = request->name;
    if (!book_add(&b, LEDGER__ENTRY__BODY_LIST_MADE, &made.base, NULL, 0)) return book_filled(NULL, err);
    reply->whitelist = list_shown(&b, lists_get(&b.book->lists, made.list));
    return book_filled(reply->whitelist, err) && book_commit(&b, &reply->base, err);
}

// ---- Adding

static bool begin_own(struct book_call *b, const char *name, struct list **list, struct err *err)
{
    if (!list_begin(b, name, list, err) || !are_known(b, err)) return false;
    bool own =
        b->call->caller->level == LEVEL_DEV || ((*list)->account && caller_account(b) == (*list)->account);
    return own || passport_refuse(b->call->method, "whitelist", err);
}

// The mints of one entry of the ledger.
struct mint_batch {
    Ledger__ListMint *mints;
    Ledger__ListMint **places;
    uint8_t (*keys)[LIST_KEY_BYTES];
    size_t count;
};

static bool make_batch(struct mint_batch *batch, size_t most, struct arena *arena, struct err *err)
{
    *batch = (struct mint_batch){.mints = arena_array(arena, most + 1, sizeof *batch->mints),
                                 .places = arena_array(arena, most + 1, sizeof *batch->places),
                                 .keys = arena_array(arena, most + 1, sizeof *batch->keys)};
    return !arena->failed || book_filled(NULL, err);
}

static bool has_key(const struct mint_batch *batch, const uint8_t key[LIST_KEY_BYTES])
{
    bool found = false;
    for (size_t i = 0; !found && i < batch->count; i++)
        found = memcmp(batch->keys[i], key, LIST_KEY_BYTES) == 0;
    return found;
}

static void add_key(struct mint_batch *batch, const uint8_t key[LIST_KEY_BYTES], uint32_t points)
{
    Ledger__ListMint *mint = &batch->mints[batch->count];
    ledger__list_mint__init(mint);
    memcpy(batch->keys[batch->count], key, LIST_KEY_BYTES);
    mint->mint = (ProtobufCBinaryData){LIST_KEY_BYTES, batch->keys[batch->count]};
    mint->points = points;
    batch->places[batch->count++] = mint;
}

static bool refuse_mint(size_t place, const char *mint, struct err *err)
{
    char field[sizeof err->field];
    snprintf(field, sizeof field, "mints[%zu].mint", place);
    return err_field(err, INVALID_FIELD, field, "%s is no mint, or there twice", mint);
}

static bool read_mints(const Chain__AddWhitelistMintsRequest *request, struct mint_batch *batch,
                       struct arena *arena, struct err *err)
{
    uint8_t key[LIST_KEY_BYTES];
    if (!make_batch(batch, request->n_mints, arena, err)) return false;
    for (size_t i = 0; i < request->n_mints; i++) {
        const Chain__WhitelistMint *mint = request->mints[i];
        if (!base58_decode(key, sizeof key, mint->mint) || has_key(batch, key))
            return refuse_mint(i, mint->mint, err);
        add_key(batch, key, mint->points ? mint->points : 1);
    }
    return true;
}

static uint32_t count_new(const struct list *list, const struct mint_batch *batch)
{
    uint32_t count = 0;
    for (size_t i = 0; i < batch->count; i++) count += !list_find_mint(list, batch->keys[i], NULL);
    return count;
}

HANDLER(add_mints, Chain__AddWhitelistMintsRequest, Chain__WhitelistReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct list *list;
    struct mint_batch batch;
    Ledger__ListWanted wanted = LEDGER__LIST_WANTED__INIT;
    if (!begin_own(&b, request->name, &list, err) || !read_mints(request, &batch, b.arena, err)) return false;
    if (list->wanted + count_new(list, &batch) > LIST_WANTED_MOST)
        return err_fail(err, WHITELIST_FULL, "a whitelist takes %d mints at most", LIST_WANTED_MOST);
    book_act_list(&b, AUDIT__AUDIT_KIND__VALUE__LIST_WANTED, request->name, batch.count);
    wanted.list = list->number;
    wanted.mints = batch.places;
    wanted.n_mints = batch.count;
    if (!book_add(&b, LEDGER__ENTRY__BODY_LIST_WANTED, &wanted.base, NULL, 0)) return book_filled(NULL, err);
    reply->whitelist = list_shown(&b, list);
    return book_filled(reply->whitelist, err) && book_commit(&b, &reply->base, err);
}

// ---- Wallets

// What one request adds, judged before any of it is added.
struct wallet_batch {
    uint8_t wallet[LIST_KEY_BYTES];
    struct mint_batch mints; // that are not the wallet's yet
};

// An entry's refusal, with the entry's place before the field.
static bool blame_entry(size_t place, struct err *err)
{
    char within[32];
    snprintf(within, sizeof within, "%s", err->field);
    snprintf(err->field, sizeof err->field, "entries[%zu]%s%s", place, *within ? "." : "", within);
    return false;
}

static bool judge_mint(const struct book_call *b, const struct list *list, const char *text,
                       const char *field, struct wallet_batch *into, struct err *err)
{
    uint8_t key[LIST_KEY_BYTES];
    if (!base58_decode(key, sizeof key, text))
        return err_field(err, INVALID_FIELD, field, "%s is no mint", text);
    const struct list_owner *owner = lists_marked(&b->book->lists, list, key);
    bool own = owner && memcmp(owner->wallet, into->wallet, sizeof into->wallet) == 0;
    if (owner && !own) return err_field(err, MINT_TAKEN, field, "%s is another wallet's on the list", text);
    uint32_t points = list_points(list, key);
    if (!own && !points) return err_field(err, MINT_UNWANTED, field, "the whitelist does not take %s", text);
    if (!own && !has_key(&into->mints, key)) add_key(&into->mints, key, points);
    return true;
}

static bool judge_wallet(const struct book_call *b, const struct list *list,
                         const Chain__NewWhitelistEntry *entry, struct wallet_batch *into, struct err *err)
{
    if (!base58_decode(into->wallet, sizeof into->wallet, entry->wallet))
        return err_field(err, INVALID_FIELD, "wallet", "%s is no wallet", entry->wallet);
    if (!entry->n_mints) return err_field(err, INVALID_FIELD, "mints", "a wallet has no mint");
    if (!make_batch(&into->mints, entry->n_mints, b->arena, err)) return false;
    for (size_t i = 0; i < entry->n_mints; i++) {
        char field[32];
        snprintf(field, sizeof field, "mints[%zu]", i);
        if (!judge_mint(b, list, entry->mints[i], field, into, err)) return false;
    }
    const struct list_owner *owner = list_find_owner(list, into->wallet, NULL);
    return (owner ? owner->count : 0) + into->mints.count <= LIST_OWNER_MARKS_MOST ||
           err_fail(err, WHITELIST_FULL, "a wallet has %d mints at most", LIST_OWNER_MARKS_MOST);
}

// A wallet is named once, and a mint once.
static bool are_apart(const struct wallet_batch *batches, size_t count, struct err *err)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++) {
            bool same = memcmp(batches[i].wallet, batches[k].wallet, LIST_KEY_BYTES) == 0;
            for (size_t m = 0; !same && m < batches[i].mints.count; m++)
                same = has_key(&batches[k].mints, batches[i].mints.keys[m]);
            if (!same) continue;
            err_set(err, CONSE__REASON__VALUE__INVALID_FIELD, NULL, "a wallet or a mint is there twice");
            return blame_entry(i, err);
        }
    return true;
}

static bool judge_all(const struct book_call *b, const struct list *list,
                      const Chain__AddWhitelistEntriesRequest *request, struct wallet_batch *batches,
                      uint32_t *added, struct err *err)
{
    size_t named = 0;
    *added = 0;
    for (size_t i = 0; i < request->n_entries; i++) named += request->entries[i]->n_mints;
    if (named > LIST_AT_ONCE)
        return err_field(err, INVALID_FIELD, "entries", "name more than %d mints", LIST_AT_ONCE);
    for (size_t i = 0; i < request->n_entries; i++) {
        if (!judge_wallet(b, list, request->entries[i], &batches[i], err)) return blame_entry(i, err);
        *added += (uint32_t)batches[i].mints.count;
    }
    bool full =
        list->marks + *added > LIST_MARKS_MOST || b->book->lists.marks_count + *added > LISTS_MARKS_MOST;
    if (full) return err_fail(err, WHITELIST_FULL, "there is no room for %u mints", *added);
    return are_apart(batches, request->n_entries, err);
}

static bool enter_wallet(struct book_call *b, const struct list *list, const struct wallet_batch *batch)
{
    Ledger__ListEntered entered = LEDGER__LIST_ENTERED__INIT;
    uint32_t by = caller_account(b);
    if (!batch->mints.count) return true;
    entered.list = list->number;
    entered.wallet = (ProtobufCBinaryData){LIST_KEY_BYTES, (uint8_t *)batch->wallet};
    entered.mints = batch->mints.places;
    entered.n_mints = batch->mints.count;
    entered.way = LIST_APPROVED;
    entered.by = by == LEDGER_NO_ACCOUNT ? 0 : by;
    return book_add(b, LEDGER__ENTRY__BODY_LIST_ENTERED, &entered.base, NULL, 0);
}

HANDLER(add_entries, Chain__AddWhitelistEntriesRequest, Chain__AddWhitelistEntriesReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct list *list;
    if (!begin_own(&b, request->name, &list, err)) return false;
    struct wallet_batch *batches = arena_array(b.arena, request->n_entries + 1, sizeof *batches);
    if (!batches) return book_filled(NULL, err);
    if (!judge_all(&b, list, request, batches, &reply->added, err)) return false;
    book_act_list(&b, AUDIT__AUDIT_KIND__VALUE__LIST_ENTERED, request->name, reply->added);
    for (size_t i = 0; i < request->n_entries; i++)
        if (!enter_wallet(&b, list, &batches[i])) return book_filled(NULL, err);
    reply->whitelist = list_shown(&b, list);
    return book_filled(reply->whitelist, err) && book_commit(&b, &reply->base, err);
}

const struct rpc_method list_adding_methods[] = {
    RPC_METHOD("chain.MakeWhitelist", make_list),
    RPC_METHOD("chain.AddWhitelistMints", add_mints),
    RPC_METHOD("chain.AddWhitelistEntries", add_entries),
    {0},
};
