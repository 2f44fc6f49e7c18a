// What is told of the market: a message for each command that changed a book, and to each account what
// happened to its orders. Their numbers follow from the entries and have no gaps; the newest ones are kept in
// the memory of each process, for who was away for a while.
#ifndef CHAIN_EXCHANGE_TOLD_H
#define CHAIN_EXCHANGE_TOLD_H

#include "ledger.pb-c.h"
#include "services/chain/exchange/exchange.h"
#include "services/chain/exchange/plan.h"

enum { EXCHANGE_MESSAGES = 1000, EXCHANGE_MESSAGES_BYTES = 256 << 10, EXCHANGE_NEWS = 16384 };

struct exchange_level {
    int64_t price;
    uint64_t quantity; // 0: nothing is left there
    uint32_t orders;
    uint8_t side; // enum market_side
};
struct exchange_deal {
    int64_t price;
    uint32_t quantity;
};

// What one command did to a book.
struct exchange_message {
    uint64_t index; // from 1
    uint64_t entry;
    int64_t time_ms;
    uint32_t checksum; // of the book as it is then
    uint8_t side;      // of who came
    uint16_t level_count, deal_count;
    struct exchange_level *levels;
    struct exchange_deal *deals;
};
// NULL: it is not kept any more, or did not come yet.
const struct exchange_message *exchange_message(const struct exchange_role *role, uint64_t index);
// The number of the oldest that is kept; of the next one, when none is.
uint64_t exchange_oldest_message(const struct exchange_role *role);

enum exchange_happening { EXCHANGE_ACCEPTED, EXCHANGE_TRADED, EXCHANGE_CANCELLED };

// What happened to an order, told to whose it is.
struct exchange_news {
    uint64_t index;  // among what the account was told, from 1
    uint64_t before; // the place of what it was told before; 0: it is not there
    uint64_t entry;
    int64_t time_ms;
    struct exchange_order order; // as it is then; without links and cards
    uint8_t kind;                // enum exchange_happening
    bool open;                   // it rests then, or may come to rest
    bool immediate;              // IOC
    Ledger__Order__Reason reason;
    // A trade.
    int64_t price, fee;
    uint32_t quantity;
    uint16_t place; // among the entry's
    bool maker;
};
// What of that which the account was told since is kept: the newest so many, oldest first. NULL when memory
// is short. The caller frees it.
const struct exchange_news **exchange_news_since(const struct exchange *exchange, uint32_t account,
                                                 uint64_t index, size_t *count);

#endif
