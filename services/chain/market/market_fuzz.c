#include "services/chain/market/market.h"
#include "services/chain/market/testing/market_model.h"

#include <stdlib.h>

enum { ORDERS = 24, STEP = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect(bool holds)
{
    if (!holds) abort();
}

// Six bytes a command; prices are small, or a bit anywhere, or one more or less than that.
static struct market_command command_of(const uint8_t *b)
{
    int64_t price =
        b[2] & 0x80 ? (int64_t)(((uint64_t)1 << (b[2] & 63)) + (uint64_t)(int8_t)b[3]) : (int8_t)b[3];

    return (struct market_command){
        .kind = b[0] & 3,
        .side = b[0] >> 2 & 3,
        .time_in_force = b[0] >> 4 & 3,
        .owner_id = b[0] >> 6,
        .order_id = b[1] & 0x40 ? (uint64_t)b[1] << 56 : b[1] & 63,
        .price = price,
        .quantity = b[5] & 0x80 ? UINT32_MAX - b[4] : b[4] & 31,
    };
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct market *market = market_create(ORDERS, size);
    static struct model model;

    model.count = 0;
    model.max_orders = ORDERS;
    for (size_t at = 0; at + STEP <= size; at += STEP) {
        struct market_command command = command_of(bytes + at);
        struct market_result expected;
        struct market_result result;

        model_apply(&model, &command, &expected);
        market_apply(market, &command, &result);
        expect(model_same_result(&expected, &result));
        expect(model_same_book(&model, market));
    }
    market_destroy(market);
    return 0;
}
