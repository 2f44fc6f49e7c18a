// money_flow FOLDER MESSAGES: the normal flow of orders, cancels among them, through a ledger that is stored:
// each message is an append of its own, and MONEY_UNDERWAY are on their way to the disk at once. Prints how
// many became durable in a second, as JSON. What its owner could not pay for, or what was gone, is left out.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/chain/book/orders.h"
#include "tools/bench/market_flow.h"
#include "tools/bench/money_ledger.h"

enum { NORMAL = 1, SEED = 7, PEOPLE = 1000, CARDS = 100, QUANTITY = 5, AT_ONCE = 200 };

static const int64_t COINS = INT64_C(1) << 40;
static const char role[] = "01890000-0000-7000-8000-00000000ca4d";

struct flow {
    struct money_ledger ledger;
    uint32_t asset, accounts[PEOPLE];
    uint64_t *orders; // of the ledger, by the flow's number
    uint64_t placed, withdrawn, traded, left_out;
    double seconds, spent; // of the clock, and of processor time
};

// ---- Who deals

static void enrich_person(struct flow *flow, struct book_call *b, uint32_t number)
{
    char id[40];
    Ledger__Granted granted = LEDGER__GRANTED__INIT;
    const struct ledger_owner owner = book_user(money_person(number, id));
    const uint32_t account = flow->accounts[number] = book_account(b, &owner);
    const struct ledger_posting issued[] = {{0, BOOK_CONSE, -COINS}, {account, BOOK_CONSE, COINS}};
    granted.by = id;
    book_add(b, LEDGER__ENTRY__BODY_GRANTED, &granted.base, issued, 2);
}

static void prepare_people(struct flow *flow)
{
    char id[40];
    for (uint32_t number = 0; number < PEOPLE; number++) {
        struct book_call *b = money_begin(&flow->ledger);
        enrich_person(flow, b, number);
        for (int i = 0; i < CARDS; i++) book_make_card(b, money_person(number, id), role, role);
        flow->asset = book_asset_find(b->book, LEDGER__ASSET__KIND__CARD, role);
        money_commit(&flow->ledger);
    }
    money_wait(&flow->ledger);
}

// ---- The flow

static void place_order(struct flow *flow, struct book_call *b, const struct market_command *command)
{
    struct err err;
    const struct exchange_terms terms = {.account = flow->accounts[command->owner_id % PEOPLE],
                                         .asset = flow->asset,
                                         .price = command->price,
                                         .quantity = 1 + command->quantity % QUANTITY,
                                         .side = (uint8_t)command->side,
                                         .immediate = command->time_in_force == MARKET_IOC};
    if (!book_may_order(b->book, &terms, &err)) {
        flow->left_out++;
        return;
    }
    const Ledger__Entry *entry = book_order(b, &terms, NULL);
    if (!entry) money_fail("an order is not taken");
    flow->orders[command->order_id] = b->book->seq;
    flow->placed++;
    flow->traded += entry->ordered->n_fills;
}

static bool withdraw_order(struct flow *flow, struct book_call *b, uint64_t order_id)
{
    const uint64_t order = flow->orders[order_id];
    if (!order || !exchange_order(&b->book->exchange, order)) {
        flow->left_out++;
        return false;
    }
    book_withdraw_one(b, order, LEDGER__ORDER__REASON__USER);
    flow->withdrawn++;
    return true;
}

// The market changes no order: one that is modified is withdrawn, and placed again.
static void play_message(struct flow *flow, const struct market_command *command)
{
    struct book_call *b = money_begin(&flow->ledger);
    bool found = command->kind == MARKET_ADD || withdraw_order(flow, b, command->order_id);
    if (command->kind == MARKET_ADD) place_order(flow, b, command);
    money_commit(&flow->ledger);
    if (command->kind != MARKET_MODIFY || !found) return;
    b = money_begin(&flow->ledger);
    place_order(flow, b, command);
    money_commit(&flow->ledger);
}

static void play_flow(struct flow *flow, uint64_t messages)
{
    struct market_command *commands = flow_create(&flow_kinds[NORMAL], SEED);
    flow->orders = calloc(FLOW_MESSAGES + 1, sizeof *flow->orders);
    if (!commands || !flow->orders) money_fail("no memory for the flow");
    const double began = money_seconds(), spent = money_spent();
    for (uint64_t i = 0; i < messages; i++) play_message(flow, &commands[i]);
    money_wait(&flow->ledger);
    flow->seconds = money_seconds() - began;
    flow->spent = money_spent() - spent;
    free(commands);
    free(flow->orders);
}

int main(int argc, char **argv)
{
    static struct flow flow;
    const uint64_t messages = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
    if (!messages || messages > FLOW_MESSAGES) money_fail("money_flow FOLDER MESSAGES");
    money_open(&flow.ledger, argv[1]);
    prepare_people(&flow);
    play_flow(&flow, messages);
    money_close(&flow.ledger);
    printf("{\"placed\": %" PRIu64 ", \"withdrawn\": %" PRIu64 ", \"trades\": %" PRIu64
           ", \"left_out\": %" PRIu64 ", \"seconds\": %.3f, \"spent\": %.3f}\n",
           flow.placed, flow.withdrawn, flow.traded, flow.left_out, flow.seconds, flow.spent);
    return 0;
}
