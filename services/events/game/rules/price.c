// What a seat costs, and the terms of its payment.
#include "lib/base/stamp.h"
#include "services/events/game/rules/rules.h"

static const int64_t DAY_MS = 24 * 3600 * INT64_C(1000);

static bool check_fee(const Events__PaymentTerms *said, const struct price *price, struct err *err)
{
    if (said->refund_fee && price->currency == EVENTS__PRICE__CURRENCY__LAMPORTS)
        return err_field(err, INVALID_FIELD, "payment_terms.refund_fee",
                         "in lamports a seat is given back as a whole");
    return said->refund_fee <= (uint64_t)price->amount ||
           err_field(err, INVALID_FIELD, "payment_terms.refund_fee", "the fee is a part of the price");
}

static bool check_payment(const Events__PaymentTerms *said, const struct price *price, struct err *err)
{
    struct seat_terms terms;
    if (!said) return err_field(err, INVALID_FIELD, "payment_terms", "a price needs terms of payments");
    const int64_t hold_ms = duration_ms(said->hold);
    if (said->hold && hold_ms < PAYMENT_HOLD_MIN_S * INT64_C(1000))
        return err_field(err, INVALID_FIELD, "payment_terms.hold", "a hold lasts from 2 minutes to 24 hours");
    if (said->preset__case && said->tax_bp__case)
        return err_field(err, INVALID_FIELD, "payment_terms.tax_bp", "give preset or tax_bp, not both");
    if (!check_fee(said, price, err)) return false;
    return seat_terms_read(&terms, said) ||
           err_field(err, INVALID_FIELD, "payment_terms", "times are whole seconds, and refund_until is one");
}

bool rules_price(const Game__Terms *terms, struct err *err)
{
    struct price price;
    if (!price_read(&price, terms->price))
        return err_field(err, INVALID_FIELD, "price.amount",
                         "a price is FREE without an amount, or has one from 1 to 2^53");
    if (price.currency) return check_payment(terms->payment, &price, err);
    return !terms->payment ||
           err_field(err, INVALID_FIELD, "payment_terms", "a free event has no terms of payments");
}

bool rules_price_changes(const struct terms *before, const Game__Terms *terms)
{
    struct price price;
    struct seat_terms payment = {0};
    return !price_read(&price, terms->price) || !price_is_same(&price, &before->price) ||
           (terms->payment && !seat_terms_read(&payment, terms->payment)) ||
           !seat_terms_are_same(&payment, &before->payment);
}

// The most that anybody pays who holds a place or has paid for it.
static int64_t highest_price(const struct game *game)
{
    int64_t highest = 0;
    for (size_t i = 0; i < game->holds_count; i++)
        if (game->holds[i].state != HOLD_CLOSED && game->holds[i].price.amount > highest)
            highest = game->holds[i].price.amount;
    return highest;
}

// An event that is on its way to the cluster stays in LAMPORTS, and one that is there at its price.
static bool check_cluster(const struct game *game, const struct price *price, struct err *err)
{
    if (!game_is_on_cluster(game) || price_is_same(price, &game->terms.price)) return true;
    if (price->currency != game->terms.price.currency)
        return err_field(err, PRICE_FIXED, "price", "the event is on its way to the cluster, or there");
    return !game->cluster_address[0] ||
           err_field(err, PRICE_FIXED, "price", "the event is on the cluster, with this price");
}

// From then on who has a ticket may take the money out, also in the middle of the game.
bool rules_start_edit(const struct game *game, const Game__Terms *terms, struct err *err)
{
    const int64_t escape_ms = game->earliest_start_ms + GAME_ESCAPE_DAYS * DAY_MS;
    const int64_t paid_out_ms = terms->starts_ms + game->terms.payment.payout_after_s * INT64_C(1000);
    if (!game_is_on_cluster(game) || terms->starts_ms == game->terms.starts_ms || paid_out_ms < escape_ms)
        return true;
    return err_field(
        err, TIME_INVALID, "starts_at",
        "the pot has to be paid out within %d days of the first start: then who paid in lamports "
        "may take them back",
        GAME_ESCAPE_DAYS);
}

bool rules_price_edit(const struct game *game, const Game__Terms *terms, struct err *err)
{
    struct price price;
    struct seat_terms payment = {0};
    if (!rules_price_changes(&game->terms, terms)) return true;
    bool readable =
        price_read(&price, terms->price) && (!terms->payment || seat_terms_read(&payment, terms->payment));
    if (readable && !check_cluster(game, &price, err)) return false;
    if (!game->holds_count) return true;
    if (!readable || price.currency != game->terms.price.currency ||
        !seat_terms_are_same(&payment, &game->terms.payment))
        return err_field(err, TERMS_FROZEN, "payment_terms", "somebody has reserved under these terms");
    return price.amount >= highest_price(game) ||
           err_field(err, IN_USE, "price", "somebody has a seat for %lld", (long long)highest_price(game));
}
