#include "services/chain/payments/terms.h"

struct payment_terms terms_default(void)
{
    return (struct payment_terms){.hold_ms = TERMS_HOLD_MS, .payout_after_ms = TERMS_PAYOUT_AFTER_MS};
}

static bool check_times(const struct payment_terms *terms, struct err *err)
{
    if (terms->hold_ms < TERMS_HOLD_MIN_MS || terms->hold_ms > TERMS_HOLD_MAX_MS)
        return err_field(err, INVALID_FIELD, "terms.hold", "a hold lasts from 2 minutes to 24 hours");
    if (terms->payout_after_ms < 0 || terms->payout_after_ms > TERMS_PAYOUT_AFTER_MAX_MS)
        return err_field(err, INVALID_FIELD, "terms.payout_after", "the payout waits up to 72 hours");
    return true;
}

static bool check_refund(const struct refund_terms *refund, enum payment_currency currency, int64_t price,
                         struct err *err)
{
    if (refund->until_ms < 0) return err_field(err, INVALID_FIELD, "terms.refund.until", "until is a time");
    if (refund->fee < 0 || refund->fee > price)
        return err_field(err, INVALID_FIELD, "terms.refund.fee", "the fee is a part of the price");
    if (refund->fee && currency == PAYMENT_LAMPORTS)
        return err_field(err, INVALID_FIELD, "terms.refund.fee",
                         "a ticket is given back as a whole: in lamports there is no fee");
    return true;
}

static bool check_pot(const struct pot_terms *pot, struct err *err)
{
    if (pot->kind == POT_PRESET && pot->tax >= TERMS_PRESETS)
        return err_field(err, INVALID_FIELD, "terms.payout.preset", "presets are numbered from 0 to 4");
    if (pot->kind == POT_BASIS_POINTS && pot->tax > TERMS_WHOLE_BP)
        return err_field(err, INVALID_FIELD, "terms.payout.tax_bp", "10000 basis points are the whole");
    if (pot->god_bp > TERMS_WHOLE_BP)
        return err_field(err, INVALID_FIELD, "terms.payout.god_bp", "10000 basis points are the whole");
    return true;
}

bool terms_check(const struct payment_terms *terms, enum payment_currency currency, int64_t price,
                 struct err *err)
{
    return check_times(terms, err) && check_refund(&terms->refund, currency, price, err) &&
           check_pot(&terms->pot, err);
}

int64_t refund_terms_back(const struct refund_terms *terms, int64_t kept, int64_t now_ms)
{
    if (terms->until_ms && now_ms >= terms->until_ms) return 0;
    return kept > terms->fee ? kept - terms->fee : 0;
}
