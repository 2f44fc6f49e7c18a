// What an event says of its money: how long a hold lasts, what who leaves gets back, how the pot is divided.
// Public before anybody reserves, and frozen by the first hold.
#ifndef CHAIN_PAYMENTS_TERMS_H
#define CHAIN_PAYMENTS_TERMS_H

#include "lib/base/err.h"
#include "services/chain/payments/payment.h"

enum {
    TERMS_HOLD_MIN_MS = 2 * 60 * 1000,
    TERMS_HOLD_MS = 15 * 60 * 1000,
    TERMS_HOLD_MAX_MS = 24 * 60 * 60 * 1000,
    TERMS_PAYOUT_AFTER_MS = 24 * 60 * 60 * 1000,
    TERMS_PAYOUT_AFTER_MAX_MS = 72 * 60 * 60 * 1000,
    TERMS_PRESETS = 5,
    TERMS_WHOLE_BP = 10000, // basis points
};

// Who leaves before the lock gets back what they paid but the fee; behind until_ms nothing.
struct refund_terms {
    int64_t until_ms; // 0: until the lock
    int64_t fee;
};

enum pot_tax { POT_PRESET, POT_BASIS_POINTS };
struct pot_terms {
    enum pot_tax kind;
    uint16_t tax;    // number of the preset, or basis points of the pot
    uint16_t god_bp; // of what the tax leaves
};

struct payment_terms {
    int64_t hold_ms;
    int64_t payout_after_ms; // behind the game's end, for disputes
    struct refund_terms refund;
    struct pot_terms pot;
};

// Full refunds until the lock, preset 0, nothing for the god.
struct payment_terms terms_default(void);
// A ticket is given back as a whole, so there is no fee in lamports.
MUST_CHECK bool terms_check(const struct payment_terms *terms, enum payment_currency currency, int64_t price,
                            struct err *err);

// Of what was kept, what goes back to who leaves now.
int64_t refund_terms_back(const struct refund_terms *terms, int64_t kept, int64_t now_ms);

#endif
