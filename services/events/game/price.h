// What a seat costs, and the terms of its payment, as a game keeps them and as they are said. Pure.
#ifndef EVENTS_GAME_PRICE_H
#define EVENTS_GAME_PRICE_H

#include <stdbool.h>
#include <stdint.h>

#include "events.pb-c.h"
#include "lib/base/arena.h"

enum {
    PAYMENT_HOLD_MIN_S = 2 * 60,
    PAYMENT_HOLD_S = 15 * 60,
    PAYMENT_HOLD_MAX_S = 24 * 60 * 60,
    PAYMENT_PAYOUT_AFTER_S = 24 * 60 * 60,
    PAYMENT_PAYOUT_AFTER_MAX_S = 72 * 60 * 60,
    PAYMENT_PRESETS = 5,
    PAYMENT_WHOLE_BP = 10000, // basis points
};
#define PRICE_MOST (INT64_C(1) << 53)

// All zero: free.
struct price {
    int64_t amount;   // minor units
    int32_t currency; // Events__Price__Currency, but 0 in place of FREE
};

struct seat_terms {
    int32_t hold_s, payout_after_s;
    int64_t refund_until_ms; // 0: until the lock
    int64_t refund_fee;
    bool by_bp; // the tax is basis points of the pot; else the number of a preset
    uint16_t tax;
    uint16_t god_bp;
};

// NULL is free. False when it is no price.
bool price_read(struct price *price, const Events__Price *said);
bool price_is_same(const struct price *a, const struct price *b);
Events__Price *price_message(const struct price *price, struct arena *arena); // NULL when the arena is full

// What is not said is as by default. False when it can't be.
bool seat_terms_read(struct seat_terms *terms, const Events__PaymentTerms *said);
bool seat_terms_are_same(const struct seat_terms *a, const struct seat_terms *b);
Events__PaymentTerms *seat_terms_message(const struct seat_terms *terms, struct arena *arena);

#endif
