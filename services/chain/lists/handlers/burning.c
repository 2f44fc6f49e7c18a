// Burning for a list: what a wallet signs.
#include <string.h>

#include "services/chain/cluster/burning.h"
#include "services/chain/cluster/wallets.h"
#include "services/chain/lists/handlers/methods.h"
#include "services/chain/lists/handlers/shown.h"

enum { RETRY_S = 5 };

// ---- What it burns

static bool has_mint(const struct burn_terms *terms, const struct solana_key *mint)
{
    bool found = false;
    for (size_t i = 0; i < terms->count; i++) found |= solana_key_equal(&terms->mints[i].mint, mint);
    return found;
}

static bool take_mint(const struct book_call *b, const struct list *list, const char *text,
                      struct burn_terms *terms, struct err *err)
{
    struct solana_key mint;
    if (!solana_key_parse(&mint, text) || has_mint(terms, &mint))
        return err_field(err, INVALID_FIELD, "mints", "%s is no mint, or there twice", text);
    if (!list_find_mint(list, mint.bytes, NULL))
        return err_fail(err, MINT_UNWANTED, "the whitelist does not name %s", text);
    if (lists_marked(&b->book->lists, list, mint.bytes))
        return err_fail(err, MINT_TAKEN, "%s is on the whitelist", text);
    terms->mints[terms->count++].mint = mint;
    return true;
}

static bool take_mints(const struct book_call *b, const struct list *list,
                       const Chain__AskBurnRequest *request, struct burn_terms *terms, struct err *err)
{
    bool ok = request->n_mints || err_field(err, INVALID_FIELD, "mints", "nothing is burned");
    for (size_t i = 0; ok && i < request->n_mints; i++)
        ok = take_mint(b, list, request->mints[i], terms, err);
    return ok;
}

static bool has_room(const struct book_call *b, const struct list *list, const struct burn_terms *terms,
                     struct err *err)
{
    const struct list_owner *owner = list_find_owner(list, terms->account.bytes, NULL);
    bool room = list->marks + terms->count <= LIST_MARKS_MOST &&
                b->book->lists.marks_count + terms->count <= LISTS_MARKS_MOST &&
                (owner ? owner->count : 0) + terms->count <= LIST_OWNER_MARKS_MOST;
    return room || err_fail(err, WHITELIST_FULL, "there is no room for what is burned");
}

static bool is_open(const struct list *list, struct err *err)
{
    if (list->opened) return true;
    err_fail(err, WHITELIST_NOT_OPEN, "the whitelist is not on the cluster yet");
    err->retry_after_s = RETRY_S;
    return false;
}

// ---- Asking

// Nothing of the ledger is held while the node is asked.
static bool begin_burning(struct rpc_call *call, const Chain__AskBurnRequest *request,
                          struct burning *burning, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct list *list;
    if (!list_begin(&b, request->name, &list, err) ||
        !wallet_read(&b, request->account, &burning->terms.account, err) ||
        !take_mints(&b, list, request, &burning->terms, err) || !has_room(&b, list, &burning->terms, err) ||
        !is_open(list, err))
        return false;
    memcpy(burning->terms.list.bytes, list->address, sizeof burning->terms.list.bytes);
    burning->terms.unit_price = (uint64_t)b.chain->settings.solana_unit_price;
    return true;
}

HANDLER(ask_burn, Chain__AskBurnRequest, Chain__BurnReply)
{
    struct burning burning = {.terms = {.count = 0}};
    if (!begin_burning(call, request, &burning, err) || !burning_compose(call->service, &burning, err))
        return false;
    reply->account = list_shown_key(burning.terms.account.bytes, call->arena);
    reply->address = list_shown_key(burning.terms.list.bytes, call->arena);
    reply->last_valid_height = burning.last_valid_height;
    reply->transaction = (ProtobufCBinaryData){
        burning.bytes.len, arena_copy(call->arena, burning.bytes.bytes, burning.bytes.len)};
    return book_filled(call->arena->failed ? NULL : reply, err);
}

const struct rpc_method list_burning_methods[] = {
    RPC_METHOD("chain.AskBurn", ask_burn),
    {0},
};
