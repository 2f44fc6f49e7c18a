#include "tests/matching/engine.h"

#include "services/chain/market/market.h"

enum { ORDERS = 1 << 17, LEVELS = 200, SEED = 1 };

static struct market_command command_of(const struct message *message)
{
    static const uint8_t kinds[] = {
        [MESSAGE_NEW] = MARKET_ADD, [MESSAGE_CANCEL] = MARKET_CANCEL, [MESSAGE_MODIFY] = MARKET_MODIFY};
    return (struct market_command){.kind = kinds[message->kind],
                                   .order_id = message->order,
                                   .price = message->price,
                                   .quantity = message->quantity,
                                   .side = message->side,
                                   .time_in_force = message->immediate ? MARKET_IOC : MARKET_GTC};
}

static void report_result(struct reports *reports, const struct message *message,
                          const struct market_result *result)
{
    if (result->outcome == MARKET_UNKNOWN) {
        reports_refused(reports, message);
        return;
    }
    if (result->outcome != MARKET_DONE) matching_fail("the book refuses an order");
    if (message->kind == MESSAGE_NEW) reports_placed(reports, message);
    for (size_t i = 0; i < result->trade_count; i++)
        reports_trade(reports, message, result->trades[i].maker_order_id, result->trades[i].price,
                      result->trades[i].quantity);
    if (message->kind == MESSAGE_MODIFY) reports_modified(reports, message, result->before.side);
    if (message->kind == MESSAGE_CANCEL)
        reports_withdrawn(reports, message, result->before.side, result->before.price);
    if (message->kind == MESSAGE_NEW && result->withdrawn)
        reports_withdrawn(reports, message, message->side, message->price);
}

static void report_book(struct reports *reports, const struct market *market)
{
    static struct market_level levels[LEVELS];
    for (int side = MARKET_BUY; side <= MARKET_SELL; side++) {
        const size_t count = market_depth(market, (enum market_side)side, levels, LEVELS);
        for (size_t i = 0; i < count; i++)
            reports_level(reports, side == MARKET_BUY ? 'b' : 'a', levels[i].price, levels[i].quantity);
    }
    reports_book_end(reports);
}

void engine_play(const struct workload *workload, bool books, struct reports *reports)
{
    struct market *market = market_create(ORDERS, SEED);
    struct market_result result;
    if (!market) matching_fail("no memory for a book");
    for (size_t i = 0; i < workload->count; i++) {
        const struct market_command command = command_of(&workload->messages[i]);
        market_apply(market, &command, &result);
        report_result(reports, &workload->messages[i], &result);
        if (books) report_book(reports, market);
    }
    market_destroy(market);
}
