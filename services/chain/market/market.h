// An order book: limit orders meet by price, then by arrival, at the resting order's price. It is a pure
// function of its commands: a journal applied in order gives the same trades and the same book. Memory is
// allocated at create and never afterwards. One thread at a time per book. docs/order-book.md says how it is
// kept and what each step costs.
#ifndef CHAIN_MARKET_H
#define CHAIN_MARKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct market;

enum market_kind { MARKET_ADD, MARKET_CANCEL, MARKET_MODIFY };
enum market_side { MARKET_BUY, MARKET_SELL };
enum market_time_in_force { MARKET_GTC, MARKET_IOC };

enum market_outcome {
    MARKET_DONE,       // carried out; what is not filled rests, or was withdrawn when IOC
    MARKET_SELF_TRADE, // carried out up to the owner's own resting order; the remainder was withdrawn, the
                       // resting order stays
    MARKET_UNKNOWN,    // cancel, modify: no such order rests; nothing changed, as in all that follow
    MARKET_DUPLICATE,  // add: an order with this id rests
    MARKET_INVALID,    // quantity 0, or no such kind, side or time in force
    MARKET_FULL,       // add: it would rest, and max_orders orders already do
};

// One line of the journal. Cancel reads the id alone. Modify reads id, price and quantity, and is a cancel
// followed by an add, at the back of the queue, under the same id, owner and side.
struct market_command {
    uint64_t order_id;
    uint64_t owner_id; // two orders of one owner never trade; 0 is nobody in particular
    int64_t price;
    uint32_t quantity;
    uint8_t kind;          // enum market_kind
    uint8_t side;          // enum market_side
    uint8_t time_in_force; // enum market_time_in_force
};

struct market_order {
    uint64_t order_id;
    uint64_t owner_id;
    int64_t price;
    uint32_t quantity; // the remaining quantity
    uint8_t side;
};

struct market_trade {
    uint64_t maker_order_id;
    uint64_t maker_owner_id;
    int64_t price;
    uint32_t quantity;
    uint32_t maker_left; // 0: the maker's order is filled and gone
};

struct market_result {
    enum market_outcome outcome;
    uint32_t filled;
    uint32_t resting;
    uint32_t withdrawn; // the cancelled order's quantity, or the remainder that neither filled nor rests
    struct market_order before;        // cancel, modify: the order as it rested
    const struct market_trade *trades; // in the order of matching; owned by the book, until the next command
    size_t trade_count;
};

struct market_level {
    int64_t price;
    uint64_t quantity;
    uint32_t orders;
};

// A place in the walk over a side's orders, best first, oldest first within a price; start with {.side =
// ...}, all else zero.
struct market_walk {
    enum market_side side;
    uint32_t level;
    uint32_t order;
    bool started;
};

enum { MARKET_ORDERS_MAX = 1 << 26 };

// NULL when memory is short or max_orders is 0 or above MARKET_ORDERS_MAX. Unused capacity costs address
// space only, at most 720 bytes an order. The seed is best drawn at random; no result depends on it.
struct market *market_create(uint32_t max_orders, uint64_t seed);
void market_destroy(struct market *market);

void market_apply(struct market *market, const struct market_command *command, struct market_result *result);

// false: no such order, or an empty side.
bool market_find(const struct market *market, uint64_t order_id, struct market_order *order);
bool market_best(const struct market *market, enum market_side side, struct market_level *best);

uint32_t market_count(const struct market *market);
// The level at a price; false: nothing rests there.
bool market_level_at(const struct market *market, enum market_side side, int64_t price,
                     struct market_level *level);
uint64_t market_quantity_at(const struct market *market, enum market_side side, int64_t price);

// Writes the best levels, at most capacity, and returns how many.
size_t market_depth(const struct market *market, enum market_side side, struct market_level *levels,
                    size_t capacity);

// false at the end. A command ends the walk. Orders added in this sequence to an empty book make the same
// book.
bool market_next(const struct market *market, struct market_walk *walk, struct market_order *order);

#endif
