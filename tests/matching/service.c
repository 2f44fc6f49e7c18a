#include "tests/matching/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "market.pb-c.h"
#include "services/chain/exchange/exchange.h"

enum { LEVELS = 200, NUMBER = 24 };

#define NOBODYS "9999999999999999"

struct turn {
    struct service *service;
    struct asked asked[BUS_TURN];
    size_t messages[BUS_TURN];
    size_t count;
};

static const struct message *message_of(const struct turn *turn, size_t i)
{
    return &turn->service->workload->messages[i];
}

static void begin_turn(struct turn *turn)
{
    bus_begin_turn(turn->service->bus);
    turn->count = 0;
}

// ---- Placing

static void ask_place(struct turn *turn, size_t i, uint32_t person, uint32_t quantity)
{
    const struct message *message = message_of(turn, i);
    struct service *service = turn->service;
    Chain__PlaceOrderRequest request = CHAIN__PLACE_ORDER_REQUEST__INIT;
    request.role_id = TRADERS_ROLE;
    request.side = message->side == MARKET_BUY ? LEDGER__ORDER__SIDE__BUY : LEDGER__ORDER__SIDE__SELL;
    request.price = (uint64_t)message->price;
    request.quantity = quantity;
    request.time_in_force =
        message->immediate ? LEDGER__ORDER__TIME_IN_FORCE__IOC : LEDGER__ORDER__TIME_IN_FORCE__GTC;
    traders_place(&service->traders, person, quantity);
    service->orders[message->order].person = person;
    turn->messages[turn->count] = i;
    bus_send(service->bus, &turn->asked[turn->count++], person, "chain.PlaceOrder", &request.base);
}

static void keep_number(struct service *service, struct answer *answer, uint64_t number)
{
    if (!answer->parts++) answer->first = service->placed;
    service->numbers[service->placed++] = number;
}

static bool is_open(const Chain__CardOrder *order)
{
    return order->state == CHAIN__CARD_ORDER__STATE__OPEN ||
           order->state == CHAIN__CARD_ORDER__STATE__PARTIAL;
}

// Returns what is left of the message's quantity for another part to ask for.
static uint32_t take_placed(struct turn *turn, size_t i, const struct asked *asked, uint32_t wanted)
{
    struct service *service = turn->service;
    struct answer *answer = &service->answers[i];
    struct known *known = &service->orders[message_of(turn, i)->order];
    if (!asked->ok) matching_fail("an order is refused: %s %s", err_name(&asked->err), asked->err.message);
    const Chain__CardOrder *order = ((const Chain__PlaceOrderReply *)asked->reply)->order;
    keep_number(service, answer, order->id);
    known->number = order->id;
    known->open = is_open(order);
    if (known->open && wanted > order->quantity)
        matching_fail("the market has no order as large as one here");
    if (known->open) return 0;
    traders_end(&service->traders, known->person, order->remaining);
    answer->withdrawn = order->reason == LEDGER__ORDER__REASON__IMMEDIATE;
    if (answer->withdrawn) return 0;
    if (order->reason && order->reason != LEDGER__ORDER__REASON__FILLS)
        matching_fail("an order is withdrawn for another reason: %d", order->reason);
    return wanted - order->filled;
}

// Of those that others filled nothing was told.
static void count_open(struct service *service)
{
    for (uint32_t person = 0; person < 2 * service->traders.people; person++) {
        Chain__ListOrdersRequest request = CHAIN__LIST_ORDERS_REQUEST__INIT;
        request.state = CHAIN__CARD_ORDER__STATE__OPEN;
        const Chain__ListOrdersReply *reply =
            (const Chain__ListOrdersReply *)bus_ask(service->bus, person, "chain.ListOrders", &request.base);
        service->traders.all[person].open = (uint32_t)reply->n_orders;
    }
    for (uint64_t order = 0; order <= service->workload->last_order; order++)
        service->orders[order].open = false;
}

// Between turns.
static uint32_t find_somebody(struct service *service, unsigned side, uint32_t quantity)
{
    uint32_t person;
    if (traders_pick(&service->traders, side, quantity, &person)) return person;
    count_open(service);
    if (!traders_pick(&service->traders, side, quantity, &person))
        matching_fail("nobody can place an order: more people or cards are needed");
    return person;
}

// In as many parts as it needs, each in a turn of its own.
static void place_alone(struct turn *turn, size_t i)
{
    const struct message *message = message_of(turn, i);
    uint32_t left = message->quantity;
    while (left) {
        const uint32_t quantity = left < EXCHANGE_QUANTITY_MAX ? left : EXCHANGE_QUANTITY_MAX;
        const uint32_t person = find_somebody(turn->service, message->side, quantity);
        begin_turn(turn);
        ask_place(turn, i, person, quantity);
        bus_end_turn(turn->service->bus);
        left = take_placed(turn, i, &turn->asked[0], left);
    }
    begin_turn(turn);
}

// ---- Withdrawing

static void ask_withdraw(struct turn *turn, size_t i)
{
    char id[NUMBER];
    struct service *service = turn->service;
    const struct known *known = &service->orders[message_of(turn, i)->order];
    Chain__CancelOrderRequest request = CHAIN__CANCEL_ORDER_REQUEST__INIT;
    snprintf(id, sizeof id, "%" PRIu64, known->number);
    request.id = known->number ? id : NOBODYS;
    turn->messages[turn->count] = i;
    bus_send(service->bus, &turn->asked[turn->count++], known->person, "chain.CancelOrder", &request.base);
}

static void take_withdrawn(struct turn *turn, size_t i, const struct asked *asked)
{
    struct service *service = turn->service;
    struct answer *answer = &service->answers[i];
    struct known *known = &service->orders[message_of(turn, i)->order];
    if (!asked->ok && !err_is(&asked->err, ORDER_CLOSED) && !err_is(&asked->err, NOT_FOUND))
        matching_fail("an order is not withdrawn: %s %s", err_name(&asked->err), asked->err.message);
    const Chain__CardOrder *order = asked->ok ? ((const Chain__CancelOrderReply *)asked->reply)->order : NULL;
    if (known->open) traders_end(&service->traders, known->person, order ? order->remaining : 0);
    if (!known->open && order) traders_return(&service->traders, known->person, order->remaining);
    known->open = false;
    answer->refused = !order;
    if (!order) return;
    answer->side = order->side == LEDGER__ORDER__SIDE__BUY ? MARKET_BUY : MARKET_SELL;
    answer->price = order->price;
}

// ---- Turns

static void end_turn(struct turn *turn)
{
    size_t again = SIZE_MAX;
    bus_end_turn(turn->service->bus);
    for (size_t k = 0; k < turn->count; k++) {
        const size_t i = turn->messages[k];
        const struct message *message = message_of(turn, i);
        if (message->kind != MESSAGE_NEW)
            take_withdrawn(turn, i, &turn->asked[k]);
        else if (take_placed(turn, i, &turn->asked[k], message->quantity))
            matching_fail("an order met more others than one may");
        if (message->kind == MESSAGE_MODIFY && turn->asked[k].ok) again = i; // the turn's last one
    }
    begin_turn(turn);
    if (again != SIZE_MAX) place_alone(turn, again);
}

static bool is_in_turn(const struct turn *turn, uint64_t order)
{
    size_t k = 0;
    while (k < turn->count && message_of(turn, turn->messages[k])->order != order) k++;
    return k < turn->count;
}

static void play_new(struct turn *turn, size_t i)
{
    const struct message *message = message_of(turn, i);
    uint32_t person;
    const bool small = message->quantity <= EXCHANGE_FILLS_MAX;
    if (small && traders_pick(&turn->service->traders, message->side, message->quantity, &person)) {
        ask_place(turn, i, person, message->quantity);
        return;
    }
    end_turn(turn);
    place_alone(turn, i);
}

static void play_message(struct turn *turn, size_t i)
{
    const struct message *message = message_of(turn, i);
    if (turn->count == BUS_TURN || is_in_turn(turn, message->order)) end_turn(turn);
    if (message->kind == MESSAGE_NEW)
        play_new(turn, i);
    else
        ask_withdraw(turn, i);
    if (message->kind == MESSAGE_MODIFY) end_turn(turn);
}

// ---- The book

static void report_levels(struct reports *reports, char side, Chain__BookLevel **levels, size_t count)
{
    for (size_t i = 0; i < count; i++) reports_level(reports, side, levels[i]->price, levels[i]->quantity);
}

static void report_book(struct service *service, struct reports *reports)
{
    Chain__GetBookRequest request = CHAIN__GET_BOOK_REQUEST__INIT;
    request.role_id = TRADERS_ROLE;
    request.depth = LEVELS;
    const Chain__BookSnapshot *book =
        (const Chain__BookSnapshot *)bus_ask(service->bus, 0, "chain.GetBook", &request.base);
    report_levels(reports, 'b', book->bids, book->n_bids);
    report_levels(reports, 'a', book->asks, book->n_asks);
    reports_book_end(reports);
}

void service_play(struct service *service, struct bus *bus, const struct workload *workload,
                  struct traders *traders, struct reports *reports)
{
    static struct turn turn;
    turn = (struct turn){.service = service};
    *service = (struct service){.bus = bus, .workload = workload, .traders = *traders};
    service->orders = matching_array(workload->last_order + 1, sizeof *service->orders);
    service->answers = matching_array(workload->count, sizeof *service->answers);
    service->numbers = matching_array(2 * workload->count + BUS_TURN, sizeof *service->numbers);
    service->before = bus_newest_entry(bus);
    for (size_t i = 0; i < workload->count; i++) {
        play_message(&turn, i);
        if (!reports) continue;
        end_turn(&turn);
        report_book(service, reports);
    }
    end_turn(&turn);
}

void service_finish(struct service *service)
{
    free(service->orders);
    free(service->answers);
    free(service->numbers);
}
