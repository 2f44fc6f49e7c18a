// Role cards that come home from the cluster: what a wallet signs.
#include <string.h>

#include "market.pb-c.h"
#include "services/chain/cluster/burning.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/cluster/wallets.h"

enum { RETRY_S = 5 };

static bool take_mint(const struct book_call *b, const char *text, struct burn_terms *terms, struct err *err)
{
    struct solana_key mint;
    bool twice = false, reads = solana_key_parse(&mint, text);
    for (size_t i = 0; reads && i < terms->count; i++)
        twice |= solana_key_equal(&terms->mints[i].mint, &mint);
    if (!reads || twice) return err_field(err, INVALID_FIELD, "mints", "%s is no mint, or there twice", text);
    const struct card_mint *of = mints_at(&b->book->exchange.mints, mint.bytes);
    if (!of || of->state != MINT_THERE)
        return err_fail(err, MINT_UNWANTED, "%s is no card's mint that is on the cluster", text);
    terms->mints[terms->count++].mint = mint;
    return true;
}

static bool is_open(const struct lists *lists, struct err *err)
{
    if (lists->cards_opened) return true;
    err_fail(err, WHITELIST_NOT_OPEN, "the list of cards is not on the cluster yet");
    err->retry_after_s = RETRY_S;
    return false;
}

// Nothing of the ledger is held while the node is asked.
static bool begin_burning(struct rpc_call *call, const Chain__AskCardBurnRequest *request,
                          struct burning *burning, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    bool ok = request->n_mints || err_field(err, INVALID_FIELD, "mints", "nothing is burned");
    if (!ok || !book_begin(&b, err) || !wallet_read(&b, request->account, &burning->terms.account, err))
        return false;
    for (size_t i = 0; ok && i < request->n_mints; i++)
        ok = take_mint(&b, request->mints[i], &burning->terms, err);
    if (!ok || !is_open(&b.book->lists, err)) return false;
    memcpy(burning->terms.list.bytes, b.book->lists.cards_address, sizeof burning->terms.list.bytes);
    burning->terms.unit_price = (uint64_t)b.chain->settings.solana_unit_price;
    return true;
}

HANDLER(ask_card_burn, Chain__AskCardBurnRequest, Chain__CardBurnReply)
{
    struct burning burning = {.terms = {.count = 0}};
    char account[SOLANA_KEY_TEXT];
    if (!begin_burning(call, request, &burning, err) || !burning_compose(call->service, &burning, err))
        return false;
    solana_key_format(&burning.terms.account, account);
    reply->account = arena_str(call->arena, account);
    reply->last_valid_height = burning.last_valid_height;
    reply->transaction = (ProtobufCBinaryData){
        burning.bytes.len, arena_copy(call->arena, burning.bytes.bytes, burning.bytes.len)};
    return book_filled(call->arena->failed ? NULL : reply->transaction.data, err);
}

const struct rpc_method chain_card_burning_methods[] = {
    RPC_METHOD("chain.AskCardBurn", ask_card_burn),
    {0},
};
