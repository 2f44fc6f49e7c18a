#include "tests/matching/wealth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "services/chain/exchange/exchange.h"
#include "tests/matching/workload.h"

static void must_be(bool holds, uint64_t number, const char *what)
{
    if (!holds) matching_fail("entry %" PRIu64 ": %s", number, what);
}

static struct resting *order_at(struct wealth *wealth, uint64_t number)
{
    if (number >= wealth->room) {
        const size_t room = 2 * (number + 512);
        wealth->orders = realloc(wealth->orders, room * sizeof *wealth->orders);
        if (!wealth->orders) matching_fail("no memory");
        memset(wealth->orders + wealth->room, 0, (room - wealth->room) * sizeof *wealth->orders);
        wealth->room = room;
    }
    return &wealth->orders[number];
}

// ---- What is moved

static void move_all(struct wealth *wealth, uint64_t number, const Ledger__Entry *entry)
{
    for (size_t i = 0; i < entry->n_postings; i++) {
        const Ledger__Posting *posting = entry->postings[i];
        must_be(posting->account < wealth->accounts && posting->asset < WEALTH_ASSETS, number,
                "it moves what is not there");
        wealth->moved[posting->account][posting->asset] += posting->amount;
    }
}

// ---- What is told

static void take_asset(struct wealth *wealth, const Ledger__AssetAdded *added)
{
    if (added->asset < WEALTH_ASSETS)
        snprintf(wealth->roles[added->asset], sizeof *wealth->roles, "%s", added->role_id);
}

static void take_account(struct wealth *wealth, uint64_t number, const Ledger__AccountOpened *opened)
{
    const uint32_t account = wealth->accounts++;
    must_be(wealth->accounts <= WEALTH_ACCOUNTS, number, "there are too many accounts for this test");
    if (opened->kind == LEDGER_FUND && opened->id.data[0] == LEDGER_REVENUE) wealth->revenue = account;
    for (uint32_t asset = 0; opened->kind == LEDGER_BOOK && asset < WEALTH_ASSETS; asset++)
        if (strcmp(wealth->roles[asset], uuid_text(opened->id.data).text) == 0)
            wealth->escrows[asset] = account;
}

// Grants are what they move.
static void take_grant(struct wealth *wealth, const Ledger__Entry *entry)
{
    for (size_t i = 0; i < entry->n_postings; i++)
        wealth->told[entry->postings[i]->account][entry->postings[i]->asset] += entry->postings[i]->amount;
}

static void take_card(struct wealth *wealth, const Ledger__CardMade *made)
{
    wealth->told[0][made->asset]--;
    wealth->told[made->account][made->asset]++;
}

static void add_promise(struct wealth *wealth, const struct resting *order, int64_t quantity)
{
    const int64_t coins = order->price * quantity;
    if (order->buys) {
        wealth->promised[order->asset] += coins;
        wealth->told[order->account][EXCHANGE_CONSE] -= coins;
    } else {
        wealth->offered[order->asset] += quantity;
        wealth->told[order->account][order->asset] -= quantity;
    }
}

static void take_fill(struct wealth *wealth, uint64_t number, const Ledger__Ordered *ordered,
                      const Ledger__Fill *fill)
{
    struct resting *maker = order_at(wealth, fill->order);
    const bool buys = ordered->side == LEDGER__ORDER__SIDE__BUY;
    const uint32_t buyer = buys ? ordered->account : fill->account;
    const uint32_t seller = buys ? fill->account : ordered->account;
    const int64_t value = fill->price * fill->quantity, fee = value * ordered->fee_bp / EXCHANGE_FEE_MAX;
    must_be(maker->account == fill->account && maker->asset == ordered->asset && maker->buys != buys &&
                maker->price == fill->price && maker->left == fill->left + fill->quantity,
            number, "it trades with an order that does not rest so");
    must_be(buyer != seller, number, "somebody trades with themselves");
    add_promise(wealth, maker, -(int64_t)fill->quantity);
    maker->left = fill->left;
    wealth->told[buyer][EXCHANGE_CONSE] -= value;
    wealth->told[seller][EXCHANGE_CONSE] += value - fee;
    wealth->told[wealth->revenue][EXCHANGE_CONSE] += fee;
    wealth->told[seller][ordered->asset] -= fill->quantity;
    wealth->told[buyer][ordered->asset] += fill->quantity;
    wealth->trades++;
}

static void take_order(struct wealth *wealth, uint64_t number, const Ledger__Ordered *ordered)
{
    for (size_t i = 0; i < ordered->n_fills; i++) take_fill(wealth, number, ordered, ordered->fills[i]);
    struct resting *order = order_at(wealth, number);
    *order = (struct resting){.price = ordered->price,
                              .account = ordered->account,
                              .asset = ordered->asset,
                              .left = ordered->rest,
                              .buys = ordered->side == LEDGER__ORDER__SIDE__BUY};
    add_promise(wealth, order, order->left);
}

static void take_withdrawn(struct wealth *wealth, uint64_t number, const Ledger__Withdrawn *withdrawn)
{
    for (size_t i = 0; i < withdrawn->n_orders; i++) {
        const Ledger__Withdrawn__Of *of = withdrawn->orders[i];
        struct resting *order = order_at(wealth, of->order);
        must_be(order->left && order->left == of->left && order->account == of->account, number,
                "an order is withdrawn that does not rest so");
        add_promise(wealth, order, -(int64_t)order->left);
        order->left = 0;
    }
}

// ---- Both

static void check_book(const struct wealth *wealth, uint64_t number, uint32_t asset)
{
    const int64_t *escrow = wealth->moved[wealth->escrows[asset]];
    if (!wealth->escrows[asset]) return;
    must_be(escrow[EXCHANGE_CONSE] == wealth->promised[asset], number,
            "the escrow has other coins than the orders promise");
    must_be(escrow[asset] == wealth->offered[asset], number,
            "the escrow has other cards than the orders promise");
}

static bool is_escrow(const struct wealth *wealth, uint32_t account)
{
    bool found = false;
    for (uint32_t asset = 0; asset < WEALTH_ASSETS; asset++) found |= wealth->escrows[asset] == account;
    return found;
}

static void check_all(const struct wealth *wealth, uint64_t number)
{
    for (uint32_t asset = EXCHANGE_FIRST_ASSET; asset < WEALTH_ASSETS; asset++)
        check_book(wealth, number, asset);
    for (uint32_t account = 0; account < wealth->accounts; account++)
        must_be((account && is_escrow(wealth, account)) ||
                    memcmp(wealth->moved[account], wealth->told[account], sizeof *wealth->moved) == 0,
                number, "somebody has something else than was told of");
}

void wealth_take(struct wealth *wealth, uint64_t number, const Ledger__Entry *entry)
{
    if (!wealth->accounts) wealth->accounts = 1;
    if (entry->body_case == LEDGER__ENTRY__BODY_ASSET_ADDED) take_asset(wealth, entry->asset_added);
    if (entry->body_case == LEDGER__ENTRY__BODY_ACCOUNT_OPENED)
        take_account(wealth, number, entry->account_opened);
    if (entry->body_case == LEDGER__ENTRY__BODY_GRANTED) take_grant(wealth, entry);
    if (entry->body_case == LEDGER__ENTRY__BODY_CARD_MADE) take_card(wealth, entry->card_made);
    if (entry->body_case == LEDGER__ENTRY__BODY_ORDERED) take_order(wealth, number, entry->ordered);
    if (entry->body_case == LEDGER__ENTRY__BODY_WITHDRAWN) take_withdrawn(wealth, number, entry->withdrawn);
    move_all(wealth, number, entry);
    check_all(wealth, number);
    wealth->entries++;
}
