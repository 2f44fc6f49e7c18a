// Five flows of orders through the methods that people call: each answer is what the simplest book says, a
// refusal is one that follows from what its caller has, and behind each the escrow is what the resting orders
// promise and everybody has what their trades gave them. Stored and loaded again, the flow goes on.
#include "market.pb-c.h"
#include "services/chain/market/testing/market_model.h"
#include "services/chain/testing/stage.h"

#define URL "shared:flows"

enum { COMMANDS = 2500, MIDDLE = 100, RESTARTS = 4, ROLE = 0 };

struct flow {
    const char *name;
    double swing; // how far the middle goes up and back, as a share of it
    bool crash;   // down, within a twentieth of the flow, and back
    bool walks;   // a step at a time
    bool sparse;  // hardly two orders share a price
};

static const struct flow flows[] = {
    {.name = "static"},
    {.name = "normal", .walks = true},
    {.name = "swing", .swing = 0.4},
    {.name = "flash crash", .swing = -0.5, .crash = true},
    {.name = "sparse", .sparse = true},
};

struct play {
    struct stage stage;
    struct model model;
    struct market_result expected;
    const struct flow *flow;
    int64_t middle;
    size_t placed, met, refused, cancelled;
};

// ---- What comes

static double share_of(const struct flow *flow, int turn)
{
    double at = (double)turn / COMMANDS, from = flow->crash ? 0.45 : 0, wide = flow->crash ? 0.1 : 1;
    double place = (at - from) / wide; // 0 to 1 while it moves
    if (place < 0 || place > 1) return 0;
    return flow->swing * (place < 0.5 ? 2 * place : 2 - 2 * place);
}

static void move_middle(struct play *play, int turn)
{
    if (play->flow->walks)
        play->middle += (int64_t)pick_below(&play->stage, 3) - 1;
    else
        play->middle = (int64_t)(MIDDLE * (1 + share_of(play->flow, turn)));
    if (play->middle < MIDDLE / 2) play->middle = MIDDLE / 2;
}

// Mostly near the middle, on one's own side of it.
static int64_t price_of(struct play *play, enum market_side side)
{
    struct stage *stage = &play->stage;
    int64_t away = 0;
    if (play->flow->sparse) return 1 + pick_below(stage, 5000);
    while (away < 40 && pick_below(stage, 3)) away += 1 + away / 2;
    if (pick_below(stage, 2)) away = -away;
    int64_t price = side == MARKET_BUY ? play->middle - away : play->middle + away;
    return price > 0 ? price : 1;
}

static const char *user_of(const struct play *play, uint64_t account)
{
    return people[who_has(&play->stage, (uint32_t)account)];
}

// ---- What is expected

static bool is_affordable(const struct play *play, int who, const struct market_command *command,
                          Conse__Reason__Value *reason)
{
    const struct wealth *wealth = &play->stage.wealth;
    bool buys = command->side == MARKET_BUY;
    *reason = buys ? IS(FUNDS_SHORT) : IS(CARDS_SHORT);
    return buys ? wealth->conse[who] >= command->price * command->quantity
                : wealth->cards[ROLE][who] >= command->quantity;
}

static void note_trades(struct play *play, int who, const struct market_command *command)
{
    const struct market_result *expected = &play->expected;
    Ledger__Ordered ordered = LEDGER__ORDERED__INIT;
    Ledger__Fill fills[EXCHANGE_FILLS_MAX], *all[EXCHANGE_FILLS_MAX];
    assert_true(expected->trade_count <= EXCHANGE_FILLS_MAX);
    for (size_t i = 0; i < expected->trade_count; i++) {
        const struct market_trade *trade = &expected->trades[i];
        ledger__fill__init(&fills[i]);
        fills[i].account = (uint32_t)trade->maker_owner_id;
        fills[i].price = trade->price;
        fills[i].quantity = trade->quantity;
        all[i] = &fills[i];
    }
    ordered.side = command->side == MARKET_BUY ? LEDGER__ORDER__SIDE__BUY : LEDGER__ORDER__SIDE__SELL;
    ordered.price = command->price;
    ordered.rest = expected->resting;
    ordered.fills = all;
    ordered.n_fills = expected->trade_count;
    wealth_order(&play->stage, ROLE, who, &ordered);
}

static void assert_answer(const struct play *play, const struct market_command *command,
                          const Chain__PlaceOrderReply *reply)
{
    const struct market_result *expected = &play->expected;
    bool open = expected->resting, whole = expected->filled == command->quantity;
    assert_int_equal(reply->order->filled, expected->filled);
    assert_int_equal(reply->order->remaining, command->quantity - expected->filled);
    assert_int_equal(reply->order->state, open && expected->filled ? CHAIN__CARD_ORDER__STATE__PARTIAL
                                          : open                   ? CHAIN__CARD_ORDER__STATE__OPEN
                                          : whole                  ? CHAIN__CARD_ORDER__STATE__FILLED
                                                                   : CHAIN__CARD_ORDER__STATE__CANCELLED);
    bool own = expected->outcome == MARKET_SELF_TRADE;
    if (!open && !whole)
        assert_int_equal(reply->order->reason,
                         own ? LEDGER__ORDER__REASON__SELF_TRADE : LEDGER__ORDER__REASON__IMMEDIATE);
    assert_int_equal(reply->n_trades, expected->trade_count);
    for (size_t i = 0; i < reply->n_trades; i++) {
        assert_int_equal(reply->trades[i]->price, expected->trades[i].price);
        assert_int_equal(reply->trades[i]->quantity, expected->trades[i].quantity);
    }
}

// ---- Commands

static void place_one(struct play *play)
{
    struct stage *stage = &play->stage;
    int who = (int)pick_below(stage, PEOPLE);
    struct market_command command = {.kind = MARKET_ADD, .owner_id = stage->accounts[who]};
    char request[256];
    Conse__Reason__Value reason;
    command.side = (uint8_t)pick_below(stage, 2);
    command.price = price_of(play, (enum market_side)command.side);
    command.quantity = 1 + pick_below(stage, 5);
    command.time_in_force = pick_below(stage, 8) ? MARKET_GTC : MARKET_IOC;
    snprintf(request, sizeof request,
             "{'role_id': '%s', 'side': '%s', 'price': '%lld', 'quantity': %u, 'time_in_force': '%s'}",
             roles[ROLE], command.side == MARKET_BUY ? "BUY" : "SELL", (long long)command.price,
             command.quantity, command.time_in_force == MARKET_IOC ? "IOC" : "GTC");
    if (!is_affordable(play, who, &command, &reason)) {
        house_refuses(stage->house, people[who], "chain.PlaceOrder", request, reason);
        play->refused++;
        return;
    }
    const Chain__PlaceOrderReply *reply = house_must(stage->house, people[who], "chain.PlaceOrder", request);
    command.order_id = reply->order->id;
    model_apply(&play->model, &command, &play->expected);
    assert_answer(play, &command, reply);
    note_trades(play, who, &command);
    play->placed++;
    play->met += play->expected.trade_count;
}

static void cancel_one(struct play *play)
{
    struct stage *stage = &play->stage;
    if (!play->model.count) return;
    const struct market_order chosen = play->model.orders[pick_below(stage, (uint32_t)play->model.count)];
    const struct market_command command = {.kind = MARKET_CANCEL, .order_id = chosen.order_id};
    char request[64];
    snprintf(request, sizeof request, "{'id': '%llu'}", (unsigned long long)chosen.order_id);
    wealth_withdraw(stage, exchange_order(&enter_stage(stage)->exchange, chosen.order_id));
    book_end(&stage->b);
    const Chain__CancelOrderReply *reply =
        house_must(stage->house, user_of(play, chosen.owner_id), "chain.CancelOrder", request);
    assert_int_equal(reply->order->remaining, chosen.quantity);
    model_apply(&play->model, &command, &play->expected);
    house_refuses(stage->house, user_of(play, chosen.owner_id), "chain.CancelOrder", request,
                  IS(ORDER_CLOSED));
    play->cancelled++;
}

static void check_stage(struct play *play)
{
    const struct book *book = enter_stage(&play->stage);
    const struct exchange_role *role = exchange_role(&book->exchange, play->stage.assets[ROLE]);
    if (role->market) assert_true(model_same_book(&play->model, role->market));
    check_all(&play->stage, book);
    book_end(&play->stage.b);
}

static void run_flow(struct play *play)
{
    for (int turn = 0; turn < COMMANDS; turn++) {
        move_middle(play, turn);
        if (pick_below(&play->stage, 3))
            place_one(play);
        else
            cancel_one(play);
        check_stage(play);
        if (turn % (COMMANDS / RESTARTS) == 0) house_restart(play->stage.house);
    }
}

static void each_flow_is_answered_as_by_the_simplest_book(void **state)
{
    (void)state;
    shared_store_register();
    for (size_t i = 0; i < sizeof flows / sizeof *flows; i++) {
        struct play *play = calloc(1, sizeof *play);
        *play = (struct play){.model.max_orders = MODEL_ORDERS, .flow = &flows[i], .middle = MIDDLE};
        open_stage(&play->stage, URL);
        play->stage.seed = (uint32_t)i + 1;
        play->stage.house->chain.settings.market_fee_bp = play->stage.house->settings.market_fee_bp = FEE;
        run_flow(play);
        print_message("%-12s placed %zu, trades %zu, refused %zu, cancelled %zu\n", flows[i].name,
                      play->placed, play->met, play->refused, play->cancelled);
        assert_true(play->met > COMMANDS / 10 && play->refused && play->cancelled > COMMANDS / 10);
        house_close(play->stage.house);
        shared_store_drop(URL);
        free(play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_flow_is_answered_as_by_the_simplest_book)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
