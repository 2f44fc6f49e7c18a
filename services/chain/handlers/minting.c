// Role cards that go to the cluster.
#include <stdlib.h>
#include <string.h>

#include "lib/replica/replica.h"
#include "market.pb-c.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/handlers/dealt.h"
#include "services/chain/cluster/wallets.h"
#include "services/chain/minting/card.h"
#include "services/chain/minting/flow.h"

enum { AWAY_RETRY_S = 5 };

struct minting {
    struct book_call *b;
    struct cluster_now now;
    struct minting_asked asked;
    struct card_terms terms;
    struct card_bytes bytes;
};

// ---- Which card

// Cards of a role are made one after another.
static uint32_t find_made(const struct exchange_cards *cards, uint64_t made)
{
    uint32_t low = 1, high = cards->count + 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cards_made(cards, middle) < made)
            low = middle + 1;
        else
            high = middle;
    }
    return low <= cards->count && cards_made(cards, low) == made ? low : 0;
}

static bool find_card(const struct book_call *b, const char *id, uint32_t *asset, uint32_t *card,
                      struct err *err)
{
    char *end;
    uint64_t made = *id >= '1' && *id <= '9' ? strtoull(id, &end, 10) : 0;
    for (uint32_t i = BOOK_FIRST_CARD; made && !*end && i < b->book->assets_count; i++) {
        *asset = i;
        *card = find_made(&exchange_role(&b->book->exchange, i)->cards, made);
        if (*card) return true;
    }
    return err_field(err, NOT_FOUND, "id", "there is no such card");
}

// ---- Showing

static Chain__CardMint *show_mint(const struct book_call *b, const struct card_mint *mint,
                                  Chain__CardMint *shown)
{
    char text[SOLANA_KEY_TEXT];
    struct solana_key address;
    memcpy(address.bytes, mint->address, sizeof address.bytes);
    solana_key_format(&address, text);
    shown->role_id = dealt_role_id(exchange_role(&b->book->exchange, mint->asset), b->arena);
    shown->number = mint->card;
    shown->state = (Chain__CardMint__State)mint->state;
    shown->address = arena_str(b->arena, text);
    shown->mints = mint->number;
    return b->arena->failed ? NULL : shown;
}

HANDLER(get_card_mint, Chain__CardMintRequest, Chain__CardMint)
{
    AUTO_BOOK struct book_call b = {.call = call};
    uint32_t asset, card;
    if (!book_begin(&b, err) || !find_card(&b, request->id, &asset, &card, err)) return false;
    const struct card_mint *mint = mints_find(&b.book->exchange.mints, asset, card);
    if (!mint) return err_field(err, NOT_FOUND, "id", "the card was never on the cluster");
    return book_filled(show_mint(&b, mint, reply), err);
}

// ---- Whether it may go

// An older process could not read on behind such an entry; a ledger that was restored does not know yet what
// is on the cluster.
static bool may_write(const struct minting *m, struct err *err)
{
    bool known = replica_all_know(m->b->chain->replica, MINTS_SINCE);
    if (known && m->now.takes_money && cluster_knows_cards(m->b->chain->cluster)) return true;
    if (!known)
        err_fail(err, SERVICE_AWAY, "a process of an older version still works beside this one");
    else
        err_fail(err, CLUSTER_AWAY, "what is on the cluster is not known now");
    err->retry_after_s = known ? AWAY_RETRY_S : 1;
    return false;
}

static bool is_had(const struct minting *m, struct err *err)
{
    const struct minting_asked *asked = &m->asked;
    const struct exchange *exchange = &m->b->book->exchange;
    const struct exchange_role *role = exchange_role(exchange, asked->asset);
    const struct card_mint *mint = mints_find(&exchange->mints, asked->asset, asked->card);
    const struct exchange_person *person = exchange_person(exchange, asked->account);
    const struct card_queue *own = exchange_holder(exchange, asked->account, asked->asset);
    if (own && cards_has(&role->cards, own, asked->card)) return true;
    bool away = mint && mints_is_away(mint) && mint->account == asked->account;
    for (uint64_t next = person ? person->oldest : 0; next && !away;) {
        const struct exchange_order *order = exchange_order(exchange, next);
        away = order->asset == asked->asset && cards_has(&role->cards, &order->cards, asked->card);
        next = order->newer;
    }
    return away ? err_fail(err, CARD_AWAY, "the card is on the cluster, or in an order")
                : err_field(err, NOT_FOUND, "id", "the account has no such card");
}

static bool may_mint(const struct minting *m, const struct payment_key *wallet, struct err *err)
{
    const struct ledger_owner owner = book_user(m->b->call->caller->user_id);
    if (book_is_leaving(m->b->book, &owner)) return err_fail(err, NOT_FOUND, "the account is being deleted");
    if (wallet_is_ours(m->b, wallet))
        return err_fail(err, ACCOUNT_FORBIDDEN, "the wallet is one of this installation's own");
    if (m->asked.account == LEDGER_NO_ACCOUNT)
        return err_field(err, NOT_FOUND, "id", "the account has no such card");
    if (mints_sent(&m->b->book->exchange.mints, m->asked.account))
        return err_fail(err, MINT_IN_FLIGHT, "a card of the account is on its way to the cluster");
    return is_had(m, err);
}

// ---- The transaction

static bool make_bytes(struct minting *m, const struct payment_key *wallet, struct err *err)
{
    const struct book *book = m->b->book;
    struct card_terms *terms = &m->terms;
    struct minting_asked *asked = &m->asked;
    terms->id = minting_card_id(book, &m->now.authority, asked->asset, asked->card);
    memcpy(terms->wallet.bytes, wallet->bytes, sizeof terms->wallet.bytes);
    terms->blockhash = m->now.blockhash;
    terms->unit_price = (uint64_t)m->b->chain->settings.solana_unit_price;
    terms->account = book->accounts.holdings[asked->account].account;
    asked->wallet = terms->wallet;
    asked->last_valid_height = m->now.last_valid_height;
    card_address(&asked->mint, &terms->id);
    return card_compose(terms, &m->bytes, err) &&
           card_sign(&m->bytes, cluster_signer(m->b->chain->cluster), err);
}

static bool fill_reply(const struct minting *m, Chain__MintCardReply *reply, struct err *err)
{
    const struct book_call *b = m->b;
    char text[SOLANA_KEY_TEXT];
    Chain__CardMint *shown = arena_new(b->arena, Chain__CardMint);
    if (!shown) return book_filled(NULL, err);
    chain__card_mint__init(shown);
    solana_key_format(&m->asked.wallet, text);
    reply->mint = show_mint(b, mints_find(&b->book->exchange.mints, m->asked.asset, m->asked.card), shown);
    reply->wallet = arena_str(b->arena, text);
    reply->last_valid_height = m->asked.last_valid_height;
    reply->transaction =
        (ProtobufCBinaryData){m->bytes.len, arena_copy(b->arena, m->bytes.bytes, m->bytes.len)};
    return book_filled(b->arena->failed ? NULL : reply, err);
}

// The signature leaves with the reply, which rests on the entry.
HANDLER(mint_card, Chain__MintCardRequest, Chain__MintCardReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct minting m = {.b = &b};
    struct payment_key wallet;
    if (!book_begin(&b, err) || !find_card(&b, request->id, &m.asked.asset, &m.asked.card, err) ||
        !wallet_find(&b, request->address, &wallet, err))
        return false;
    const struct ledger_owner owner = book_user(call->caller->user_id);
    m.asked.account = ledger_accounts_find(&b.book->accounts, &owner);
    cluster_now(b.chain->cluster, &m.now);
    if (!may_write(&m, err) || !may_mint(&m, &wallet, err) || !make_bytes(&m, &wallet, err)) return false;
    if (!minting_begin(&b, &m.asked)) return book_filled(NULL, err);
    return fill_reply(&m, reply, err) && book_commit(&b, &reply->base, err);
}

const struct rpc_method chain_minting_methods[] = {
    RPC_METHOD("chain.MintCard", mint_card),
    RPC_METHOD("chain.GetCardMint", get_card_mint),
    {0},
};
