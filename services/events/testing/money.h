// A game whose seats cost something, and a chain that says what the test wants.
#ifndef EVENTS_TESTING_MONEY_H
#define EVENTS_TESTING_MONEY_H

#include "services/events/testing/game.h"

struct priced_terms {
    Game__Terms terms;
    Events__Price price;
    Events__PaymentTerms payment;
};

// They point into each other: not to be copied.
static inline void fill_priced_terms(struct priced_terms *priced, int32_t max_players, uint64_t amount)
{
    priced->terms = world_terms(max_players);
    priced->price = (Events__Price)EVENTS__PRICE__INIT;
    priced->price.amount = amount;
    priced->price.currency = EVENTS__PRICE__CURRENCY__CONSE;
    priced->payment = (Events__PaymentTerms)EVENTS__PAYMENT_TERMS__INIT;
    priced->terms.price = &priced->price;
    priced->terms.payment = &priced->payment;
}

static inline struct world *world_priced(int32_t max_players, uint64_t amount)
{
    struct world *world = world_create();
    struct priced_terms priced;
    fill_priced_terms(&priced, max_players, amount);
    world_open(world, (struct world_deck){2, 2}, &priced.terms);
    return world;
}

static inline struct world *world_in_lamports(int32_t max_players, uint64_t amount)
{
    struct world *world = world_create();
    struct priced_terms priced;
    fill_priced_terms(&priced, max_players, amount);
    priced.price.currency = EVENTS__PRICE__CURRENCY__LAMPORTS;
    world_open(world, (struct world_deck){2, 2}, &priced.terms);
    return world;
}

// To no amount: it becomes free.
static inline bool edit_price(struct world *world, uint64_t amount)
{
    struct priced_terms priced;
    fill_priced_terms(&priced, world->game.terms.max_players, amount);
    if (game_is_on_cluster(&world->game)) priced.price.currency = EVENTS__PRICE__CURRENCY__LAMPORTS;
    priced.payment.god_bp = world->game.terms.payment.god_bp;
    if (!amount) priced.terms.price = NULL, priced.terms.payment = NULL;
    return DO(world, GOD, edit, &priced.terms);
}

static inline bool edit_god_share(struct world *world, uint32_t god_bp)
{
    struct priced_terms priced;
    fill_priced_terms(&priced, world->game.terms.max_players, (uint64_t)world->game.terms.price.amount);
    if (game_is_on_cluster(&world->game)) priced.price.currency = EVENTS__PRICE__CURRENCY__LAMPORTS;
    priced.payment.god_bp = god_bp;
    return DO(world, GOD, edit, &priced.terms);
}

static inline bool edit_start(struct world *world, int64_t starts_ms)
{
    struct priced_terms priced;
    fill_priced_terms(&priced, world->game.terms.max_players, (uint64_t)world->game.terms.price.amount);
    priced.price.currency = world->game.terms.price.currency;
    priced.payment.god_bp = world->game.terms.payment.god_bp;
    priced.terms.starts_ms = starts_ms;
    priced.terms.expires_ms = starts_ms + HOUR;
    return DO(world, GOD, edit, &priced.terms);
}

// The newest of the user's.
static inline struct hold *hold_of(struct world *world, unsigned user)
{
    int person = game_person(&world->game, id_of(user));
    struct hold *found = NULL;
    for (size_t i = 0; i < world->game.holds_count; i++)
        if (world->game.holds[i].person == person) found = &world->game.holds[i];
    assert_non_null(found);
    return found;
}

static inline void say_of(Money__FromChain *said, struct world *world, unsigned user,
                          Money__FromChain__BodyCase body)
{
    static char hold_id[UUID_LEN + 1];
    *said = (Money__FromChain)MONEY__FROM_CHAIN__INIT;
    snprintf(hold_id, sizeof hold_id, "%s", hold_of(world, user)->id.text);
    said->hold_id = hold_id;
    said->event_id = world->game.id.text;
    said->body_case = body;
}

static inline bool chain_says(struct world *world, const Money__FromChain *said)
{
    const struct payments_told place = {7, world->game.told.seq + 1};
    size_t before = world->kept_count;
    return DO(world, 0, payment, said, &place) && world->kept_count > before;
}

static inline bool chain_opened(struct world *world, unsigned user, int64_t ends_ms)
{
    Money__FromChain said;
    Money__PaymentOpened opened = MONEY__PAYMENT_OPENED__INIT;
    say_of(&said, world, user, MONEY__FROM_CHAIN__BODY_OPENED);
    opened.hold_ends_ms = ends_ms;
    said.opened = &opened;
    return chain_says(world, &said);
}

static inline bool say_confirmed(Money__FromChain *said, Money__PaymentConfirmed *confirmed,
                                 struct world *world, unsigned user, bool settled)
{
    *confirmed = (Money__PaymentConfirmed)MONEY__PAYMENT_CONFIRMED__INIT;
    say_of(said, world, user, MONEY__FROM_CHAIN__BODY_CONFIRMED);
    confirmed->settled = settled;
    said->confirmed = confirmed;
    return true;
}

static inline bool chain_paid(struct world *world, unsigned user, bool settled)
{
    Money__FromChain said;
    Money__PaymentConfirmed confirmed;
    return say_confirmed(&said, &confirmed, world, user, settled) && chain_says(world, &said);
}

static inline bool chain_confirmed(struct world *world, unsigned user)
{
    return chain_paid(world, user, true);
}

static inline bool chain_settled(struct world *world, unsigned user)
{
    Money__FromChain said;
    Money__PaymentSettled settled = MONEY__PAYMENT_SETTLED__INIT;
    say_of(&said, world, user, MONEY__FROM_CHAIN__BODY_SETTLED);
    said.settled = &settled;
    return chain_says(world, &said);
}

static inline bool chain_held_again(struct world *world, unsigned user, int64_t ends_ms)
{
    Money__FromChain said;
    Money__PaymentHeldAgain again = MONEY__PAYMENT_HELD_AGAIN__INIT;
    say_of(&said, world, user, MONEY__FROM_CHAIN__BODY_HELD_AGAIN);
    again.hold_ends_ms = ends_ms;
    said.held_again = &again;
    return chain_says(world, &said);
}

static inline bool chain_said_closed(struct world *world, unsigned user, Money__PaymentClosed__Next next)
{
    Money__FromChain said;
    Money__PaymentClosed closed = MONEY__PAYMENT_CLOSED__INIT;
    say_of(&said, world, user, MONEY__FROM_CHAIN__BODY_CLOSED);
    closed.next = next;
    said.closed = &closed;
    return chain_says(world, &said);
}

static inline void chain_close(struct world *world, unsigned user, Money__PaymentClosed__Next next)
{
    assert_true(chain_said_closed(world, user, next));
}

// Of the hold at this place.
static inline void chain_final(struct world *world, size_t place)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__PaymentFinal final = MONEY__PAYMENT_FINAL__INIT;
    said.hold_id = world->game.holds[place].id.text;
    said.event_id = world->game.id.text;
    said.body_case = MONEY__FROM_CHAIN__BODY_FINAL;
    said.final = &final;
    assert_true(chain_says(world, &said));
}

static inline bool chain_made_payable(struct world *world, int64_t price)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__EventPayable payable = MONEY__EVENT_PAYABLE__INIT;
    payable.address = "CAZ8xTttjCvHPutv9uCNJmAPxgkzG2WaCRJMFCeoGJpX";
    payable.price = price;
    said.event_id = world->game.id.text;
    said.body_case = MONEY__FROM_CHAIN__BODY_EVENT_PAYABLE;
    said.event_payable = &payable;
    return chain_says(world, &said);
}

// The block that a deal waits for.
static inline bool chain_names(struct world *world, int32_t k, uint64_t slot)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__BeaconNamed named = MONEY__BEACON_NAMED__INIT;
    named.k = (uint32_t)k;
    named.slot = slot;
    said.event_id = world->game.id.text;
    said.body_case = MONEY__FROM_CHAIN__BODY_BEACON_NAMED;
    said.beacon_named = &named;
    return chain_says(world, &said);
}

static inline bool chain_finds(struct world *world, int32_t k, uint64_t slot, uint64_t block)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__BeaconFound found = MONEY__BEACON_FOUND__INIT;
    uint8_t hash[DEAL_HASH];
    memset(hash, (int)block, sizeof hash);
    found.k = (uint32_t)k;
    found.slot = slot;
    found.block_slot = block;
    found.hash = (ProtobufCBinaryData){sizeof hash, hash};
    said.event_id = world->game.id.text;
    said.body_case = MONEY__FROM_CHAIN__BODY_BEACON_FOUND;
    said.beacon_found = &found;
    return chain_says(world, &said);
}

#endif
