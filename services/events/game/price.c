#include "services/events/game/price.h"

#include "lib/base/stamp.h"

bool price_read(struct price *price, const Events__Price *said)
{
    *price = (struct price){0};
    if (!said) return true;
    if (said->currency == EVENTS__PRICE__CURRENCY__FREE) return said->amount == 0;
    if (said->currency != EVENTS__PRICE__CURRENCY__CONSE &&
        said->currency != EVENTS__PRICE__CURRENCY__LAMPORTS)
        return false;
    if (said->amount < 1 || said->amount > (uint64_t)PRICE_MOST) return false;
    *price = (struct price){(int64_t)said->amount, said->currency};
    return true;
}

bool price_is_same(const struct price *a, const struct price *b)
{
    return a->amount == b->amount && a->currency == b->currency;
}

Events__Price *price_message(const struct price *price, struct arena *arena)
{
    Events__Price *said = arena_new(arena, Events__Price);
    if (!said) return NULL;
    events__price__init(said);
    said->amount = (uint64_t)price->amount;
    said->currency =
        price->currency ? (Events__Price__Currency)price->currency : EVENTS__PRICE__CURRENCY__FREE;
    return said;
}

static bool read_times(struct seat_terms *terms, const Events__PaymentTerms *said)
{
    const int64_t hold_ms = duration_ms(said->hold), after_ms = duration_ms(said->payout_after);
    if (said->hold && (hold_ms < PAYMENT_HOLD_MIN_S * INT64_C(1000) ||
                       hold_ms > PAYMENT_HOLD_MAX_S * INT64_C(1000) || hold_ms % 1000))
        return false;
    if (after_ms < 0 || after_ms > PAYMENT_PAYOUT_AFTER_MAX_S * INT64_C(1000) || after_ms % 1000)
        return false;
    terms->hold_s = said->hold ? (int32_t)(hold_ms / 1000) : PAYMENT_HOLD_S;
    terms->payout_after_s = said->payout_after ? (int32_t)(after_ms / 1000) : PAYMENT_PAYOUT_AFTER_S;
    terms->refund_until_ms = said->refund_until ? stamp_ms(said->refund_until) : 0;
    return terms->refund_until_ms >= 0;
}

static bool read_pot(struct seat_terms *terms, const Events__PaymentTerms *said)
{
    if (said->preset__case && said->tax_bp__case) return false;
    const uint32_t preset = said->preset__case ? said->preset : 0, bp = said->tax_bp__case ? said->tax_bp : 0;
    if (preset >= PAYMENT_PRESETS || bp > PAYMENT_WHOLE_BP || said->god_bp > PAYMENT_WHOLE_BP) return false;
    terms->by_bp = said->tax_bp__case;
    terms->tax = (uint16_t)(terms->by_bp ? bp : preset);
    terms->god_bp = (uint16_t)said->god_bp;
    return true;
}

bool seat_terms_read(struct seat_terms *terms, const Events__PaymentTerms *said)
{
    *terms = (struct seat_terms){0};
    if (said->refund_fee > (uint64_t)PRICE_MOST) return false;
    terms->refund_fee = (int64_t)said->refund_fee;
    return read_times(terms, said) && read_pot(terms, said);
}

bool seat_terms_are_same(const struct seat_terms *a, const struct seat_terms *b)
{
    return a->hold_s == b->hold_s && a->payout_after_s == b->payout_after_s &&
           a->refund_until_ms == b->refund_until_ms && a->refund_fee == b->refund_fee &&
           a->by_bp == b->by_bp && a->tax == b->tax && a->god_bp == b->god_bp;
}

Events__PaymentTerms *seat_terms_message(const struct seat_terms *terms, struct arena *arena)
{
    Events__PaymentTerms *said = arena_new(arena, Events__PaymentTerms);
    if (!said) return NULL;
    events__payment_terms__init(said);
    said->hold = duration_new(arena, terms->hold_s * INT64_C(1000));
    said->payout_after = duration_new(arena, terms->payout_after_s * INT64_C(1000));
    if (terms->refund_until_ms) said->refund_until = stamp_new(arena, terms->refund_until_ms);
    said->refund_fee = (uint64_t)terms->refund_fee;
    if (terms->by_bp) {
        said->tax_bp__case = EVENTS__PAYMENT_TERMS__TAX_BP__TAX_BP;
        said->tax_bp = terms->tax;
    } else {
        said->preset__case = EVENTS__PAYMENT_TERMS__PRESET__PRESET;
        said->preset = terms->tax;
    }
    said->god_bp = terms->god_bp;
    return arena->failed ? NULL : said;
}
