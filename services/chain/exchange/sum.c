// Cards counted one by one, against what balances say of them.
#include <stdlib.h>

#include "services/chain/exchange/exchange.h"
#include "services/chain/exchange/parts.h"
#include "services/chain/exchange/plan.h"

struct counting {
    const struct exchange *exchange;
    const struct ledger_accounts *accounts;
    uint8_t **seen;    // by role: its cards that were met
    uint64_t *resting; // by role: in orders
    uint64_t *away;    // by role: in the fund
    struct exchange_sum *sum;
};

static void end_counting(struct counting *c)
{
    for (uint32_t i = 0; c->seen && i < c->exchange->roles_count; i++) free(c->seen[i]);
    free(c->seen);
    free(c->resting);
    free(c->away);
}

static bool begin_counting(struct counting *c)
{
    const uint32_t roles = c->exchange->roles_count;
    c->seen = calloc(roles + 1, sizeof *c->seen);
    c->resting = calloc(roles + 1, sizeof *c->resting);
    c->away = calloc(roles + 1, sizeof *c->away);
    bool ok = c->seen && c->resting && c->away;
    for (uint32_t i = 0; ok && i < roles; i++)
        ok = (c->seen[i] = calloc(c->exchange->roles[i].cards.count + 1, 1));
    return ok;
}

// Each card is in one place.
static bool meet_cards(const struct counting *c, uint32_t asset, const struct card_queue *queue)
{
    const struct exchange_role *role = exchange_role(c->exchange, asset);
    uint8_t *seen = role ? c->seen[asset - EXCHANGE_FIRST_ASSET] : NULL;
    uint32_t card = queue->first, met = 0;
    for (; role && card; card = cards_next(&role->cards, card), met++)
        if (card > role->cards.count || seen[card]++) return false;
    return role && met == queue->count;
}

static bool count_held(const struct counting *c)
{
    for (const struct exchange_holder *of = NULL; (of = ledger_map_next(&c->exchange->holders, of));) {
        if (!meet_cards(c, of->key.asset, &of->cards) ||
            ledger_balance(c->accounts, of->key.account, of->key.asset) != of->cards.count)
            return false;
        c->sum->held += of->cards.count;
    }
    return true;
}

static bool count_resting(const struct counting *c)
{
    for (const struct exchange_order *order = NULL; (order = ledger_map_next(&c->exchange->orders, order));) {
        if (order->side != MARKET_SELL) continue;
        if (!meet_cards(c, order->asset, &order->cards) ||
            order->cards.count != order->quantity - order->filled)
            return false;
        c->resting[order->asset - EXCHANGE_FIRST_ASSET] += order->cards.count;
        c->sum->resting += order->cards.count;
    }
    return true;
}

static bool count_away(const struct counting *c)
{
    for (const struct card_mint *mint = NULL; (mint = mints_next(&c->exchange->mints, mint));) {
        const uint32_t place = mint->asset - EXCHANGE_FIRST_ASSET;
        if (!mints_is_away(mint)) continue;
        if (c->seen[place][mint->card]++) return false;
        c->away[place]++;
        c->sum->away++;
    }
    return true;
}

// 0 without the account.
static int64_t balance_of(const struct counting *c, const struct ledger_owner *owner, uint32_t asset)
{
    const uint32_t account = ledger_accounts_find(c->accounts, owner);
    return account == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(c->accounts, account, asset);
}

// The escrow has what orders promise, the fund what is away, and the issuance lacks what is somewhere.
static bool check_role(const struct counting *c, uint32_t place)
{
    const struct exchange_role *role = &c->exchange->roles[place];
    const uint32_t asset = EXCHANGE_FIRST_ASSET + place;
    const struct ledger_owner escrow = exchange_escrow_owner(role), fund = mints_fund();
    int64_t somewhere = 0;
    for (uint32_t card = 1; card <= role->cards.count; card++) somewhere += c->seen[place][card];
    c->sum->made += role->cards.count;
    c->sum->taken_back += role->cards.count - (uint64_t)somewhere;
    return balance_of(c, &escrow, asset) == (int64_t)c->resting[place] &&
           balance_of(c, &fund, asset) == (int64_t)c->away[place] &&
           -ledger_balance(c->accounts, 0, asset) == somewhere;
}

bool exchange_count(const struct exchange *exchange, const struct ledger_accounts *accounts,
                    struct exchange_sum *sum)
{
    struct counting c = {.exchange = exchange, .accounts = accounts, .sum = sum};
    *sum = (struct exchange_sum){.made = 0};
    bool ok = begin_counting(&c) && count_held(&c) && count_resting(&c) && count_away(&c);
    for (uint32_t i = 0; ok && i < exchange->roles_count; i++) ok = check_role(&c, i);
    end_counting(&c);
    return ok;
}
