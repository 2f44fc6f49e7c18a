#include "services/events/handlers/prices.h"

#include "lib/replica/replica.h"
#include "services/events/money/hear.h"

enum { PRICED_SINCE = 6, LAMPORTS_SINCE = 8, BEACONS_SINCE = 11 }; // CONSE_FORMAT

// Seats cost LAMPORTS only where chain has said that it has a cluster.
static bool lamports_are_taken(const struct events *events, struct arena *arena, struct err *err)
{
    struct chain_offers offers;
    if (!payments_offers(events, arena, &offers, err)) return false;
    return (offers.lamports && replica_all_know(events->replica, LAMPORTS_SINCE)) ||
           err_field(err, PRICE_UNSUPPORTED, "price", "seats are not sold for lamports here");
}

bool beacon_is_taken(const struct events *events, struct arena *arena, struct err *err)
{
    struct chain_offers offers;
    if (!payments_offers(events, arena, &offers, err)) return false;
    return (offers.beacons && replica_all_know(events->replica, BEACONS_SINCE)) ||
           err_field(err, BEACON_UNSUPPORTED, "beacon", "deals wait for no block of a cluster here");
}

static bool price_is_taken(const struct events *events, const Events__Price *price, struct arena *arena,
                           struct err *err)
{
    if (!replica_all_know(events->replica, PRICED_SINCE))
        return err_field(err, PRICE_UNSUPPORTED, "price", "a program that knows no prices works here too");
    return price->currency != EVENTS__PRICE__CURRENCY__LAMPORTS || lamports_are_taken(events, arena, err);
}

// The terms become whole, so that what is so by default today is so for the event ever after. What is no
// price is left to the rules.
bool price_fill(const struct events *events, Game__Terms *terms, const Events__Price *price,
                const Events__PaymentTerms *said, struct arena *arena, struct err *err)
{
    const Events__PaymentTerms none = EVENTS__PAYMENT_TERMS__INIT;
    struct seat_terms payment;
    if (price && !price->currency)
        return err_field(err, INVALID_FIELD, "price.currency", "price.currency is required");
    bool free = !price || (price->currency == EVENTS__PRICE__CURRENCY__FREE && price->amount == 0);
    if (!free && !price_is_taken(events, price, arena, err)) return false;
    terms->price = free ? NULL : (Events__Price *)price;
    terms->payment = (Events__PaymentTerms *)said;
    if (free || !seat_terms_read(&payment, said ? said : &none)) return true;
    terms->payment = seat_terms_message(&payment, arena);
    return filled(terms->payment, err);
}

// A price that is not free keeps the terms that the event has.
bool price_edit(const struct command *command, Game__Terms *terms, const Events__UpdateEventRequest *request,
                struct err *err)
{
    struct arena *arena = command->call->arena;
    const struct terms *now = &command->game->terms;
    const Events__Price *price = request->price;
    const Events__PaymentTerms *said = request->payment_terms;
    if (!price && !(price = price_message(&now->price, arena))) return filled(NULL, err);
    bool free = price->currency == EVENTS__PRICE__CURRENCY__FREE;
    if (!said && !free && now->price.currency) said = seat_terms_message(&now->payment, arena);
    if (!said && arena->failed) return filled(NULL, err);
    return price_fill(command->events, terms, price, said, arena, err);
}
