#include "tests/matching/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "market.pb-c.h"
#include "tests/matching/traders.h"
#include "tests/matching/workload.h"

enum { REMEMBERED = 64, NUMBER = 24, PRICE = 90, PRICES = 21, QUANTITIES = 5 };

struct turn {
    struct commands *commands;
    struct asked asked[BUS_TURN];
    uint32_t people[BUS_TURN];
    size_t count;
    uint64_t orders[REMEMBERED]; // some of those that were placed, and whose
    uint32_t owners[REMEMBERED];
};

static uint32_t pick_below(struct commands *commands, uint32_t below)
{
    commands->seed = commands->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(commands->seed >> 33) % below;
}

static void ask_in_turn(struct turn *turn, uint32_t person, const char *method,
                        const ProtobufCMessage *request)
{
    turn->people[turn->count] = person;
    bus_send(turn->commands->bus, &turn->asked[turn->count++], person, method, request);
}

// ---- Commands

static void ask_order(struct turn *turn, uint32_t person)
{
    struct commands *commands = turn->commands;
    Chain__PlaceOrderRequest request = CHAIN__PLACE_ORDER_REQUEST__INIT;
    request.role_id = TRADERS_ROLE;
    request.side = pick_below(commands, 2) ? LEDGER__ORDER__SIDE__BUY : LEDGER__ORDER__SIDE__SELL;
    request.price = PRICE + pick_below(commands, PRICES);
    request.quantity = 1 + pick_below(commands, QUANTITIES);
    if (pick_below(commands, 8) == 0)
        request.time_in_force = LEDGER__ORDER__TIME_IN_FORCE__IOC;
    else
        request.post_only = pick_below(commands, 8) == 0;
    ask_in_turn(turn, person, "chain.PlaceOrder", &request.base);
}

// One of theirs, mostly.
static void ask_cancel(struct turn *turn)
{
    struct commands *commands = turn->commands;
    char id[NUMBER];
    const uint32_t which = pick_below(commands, REMEMBERED);
    const uint32_t person =
        pick_below(commands, 10) ? turn->owners[which] : pick_below(commands, commands->people);
    Chain__CancelOrderRequest request = CHAIN__CANCEL_ORDER_REQUEST__INIT;
    snprintf(id, sizeof id, "%" PRIu64, turn->orders[which]);
    request.id = id;
    ask_in_turn(turn, person, "chain.CancelOrder", &request.base);
}

static void ask_cancel_all(struct turn *turn, uint32_t person)
{
    Chain__CancelOrdersRequest request = CHAIN__CANCEL_ORDERS_REQUEST__INIT;
    if (pick_below(turn->commands, 2)) request.role_id = TRADERS_ROLE;
    ask_in_turn(turn, person, "chain.CancelOrders", &request.base);
}

static void ask_something(struct turn *turn)
{
    struct commands *commands = turn->commands;
    const uint32_t kind = pick_below(commands, 100), person = pick_below(commands, commands->people);
    if (kind < 80)
        ask_order(turn, person);
    else if (kind < 98)
        ask_cancel(turn);
    else
        ask_cancel_all(turn, person);
}

// ---- Answers

static bool is_refusal(const struct err *err)
{
    return err_is(err, FUNDS_SHORT) || err_is(err, CARDS_SHORT) || err_is(err, TOO_MANY_ORDERS) ||
           err_is(err, ORDER_CLOSED) || err_is(err, NOT_FOUND);
}

static void take_answer(struct turn *turn, size_t i)
{
    struct commands *commands = turn->commands;
    const struct asked *asked = &turn->asked[i];
    commands->done++;
    commands->refused += !asked->ok;
    if (!asked->ok && !is_refusal(&asked->err))
        matching_fail("%s is refused: %s %s", asked->method->name, err_name(&asked->err), asked->err.message);
    if (!asked->ok || asked->method->reply != &chain__place_order_reply__descriptor) return;
    const uint32_t which = pick_below(commands, REMEMBERED);
    turn->orders[which] = ((const Chain__PlaceOrderReply *)asked->reply)->order->id;
    turn->owners[which] = turn->people[i];
}

void commands_play(struct commands *commands, size_t count)
{
    static struct turn turn;
    turn = (struct turn){.commands = commands};
    while (commands->done < count) {
        bus_begin_turn(commands->bus);
        for (turn.count = 0; turn.count < BUS_TURN && commands->done + turn.count < count;)
            ask_something(&turn);
        bus_end_turn(commands->bus);
        for (size_t i = 0; i < turn.count; i++) take_answer(&turn, i);
    }
}
