// An event whose seats cost something, through the service's methods, and a chain that says what the test
// wants.
#ifndef EVENTS_TESTING_PAID_H
#define EVENTS_TESTING_PAID_H

#include "services/events/money/hear.h"
#include "services/events/money/tell.h"
#include "services/events/testing/table.h"

static inline void open_priced(struct service_world *world, int max_players)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request,
             "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':%d,'waitlist':true,"
             "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'},"
             "'price':{'amount':'500','currency':'CONSE'},'payment_terms':{'hold':'600s','god_bp':1000}}",
             max_players);
    const Events__EventReply *reply =
        (const void *)service_must(world, &god, "events.CreateEvent", request).reply;
    service_remember(world, "event", reply->event->id);
}

static inline void open_in_lamports(struct service_world *world)
{
    const Events__EventReply *reply =
        (const void *)service_must(
            world, &god, "events.CreateEvent",
            "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':2,"
            "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'},"
            "'price':{'amount':'500','currency':'LAMPORTS'},'payment_terms':{'god_bp':1000}}")
            .reply;
    service_remember(world, "event", reply->event->id);
}

// Reserves for the caller; keeps the payment's id under a name. Until the next call.
static inline const Events__Reservation *reserve_paid(struct service_world *world, const struct asker *who,
                                                      const char *hold)
{
    const Events__ReserveReply *reply =
        (const void *)service_must(world, who, "events.Reserve", "{" EVENT "}").reply;
    service_remember(world, hold, reply->reservation->payment_id);
    return reply->reservation;
}

static inline const Events__Event *event_of(struct service_world *world, const struct asker *who)
{
    struct answer answer = service_must(world, who, "events.GetEvent", "{" EVENT "}");
    return ((const Events__EventReply *)service_travelled(world, answer.reply))->event;
}

// ---- What chain is told

static inline void run_money(struct service_world *world)
{
    struct arena arena;
    struct err err = {0};
    const char *event_id = service_recall(world, "event");
    service_fence(world);
    service_hand_out(world, event_id);
    arena_init(&arena, 32 << 20);
    if (!money_run(&world->events, event_id, &arena, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

static inline const Bus__ReadReply *money_read(struct service_world *world)
{
    static const struct asker operator= {"", LEVEL_DEV};
    return (const void *)service_must(world, &operator, "events.feed.Read", "{'stream':'events.money'}")
        .reply;
}

static inline const Money__FromEvents *money_said(struct service_world *world, size_t place)
{
    const Bus__ReadReply *reply = money_read(world);
    assert_true(place < reply->n_notices);
    const ProtobufCBinaryData *bytes = &reply->notices[place]->payload;
    const Money__FromEvents *said =
        money__from_events__unpack(&world->arena.allocator, bytes->len, bytes->data);
    assert_non_null(said);
    return said;
}

// ---- What chain says

// The entry of this number, in a page that ends with `until`.
static inline bool chain_tells(struct service_world *world, uint64_t seq, uint64_t until,
                               Money__FromChain *said, struct err *err)
{
    uint8_t bytes[1024];
    Bus__Notice notice = BUS__NOTICE__INIT, *notices[] = {&notice};
    const struct bus_batch batch = {.notices = notices, .count = 1, .place = {7, until}};
    assert_true(money__from_chain__get_packed_size(said) <= sizeof bytes);
    notice.stream = PAYMENTS_STREAM;
    notice.seq = seq;
    notice.payload = (ProtobufCBinaryData){money__from_chain__pack(said, bytes), bytes};
    return payments_hear(&world->events, &batch, err);
}

static inline void chain_must_tell(struct service_world *world, uint64_t seq, Money__FromChain *said)
{
    struct err err = {0};
    if (!chain_tells(world, seq, seq, said, &err)) fail_msg("%s", err.message);
    service_fence(world);
}

static inline Money__FromChain chain_word(struct service_world *world, const char *hold)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    said.event_id = service_recall(world, "event");
    said.hold_id = service_recall(world, hold);
    return said;
}

static inline void chain_opens(struct service_world *world, uint64_t seq, const char *hold, int64_t ends_ms)
{
    Money__FromChain said = chain_word(world, hold);
    Money__PaymentOpened opened = MONEY__PAYMENT_OPENED__INIT;
    opened.hold_ends_ms = ends_ms;
    said.body_case = MONEY__FROM_CHAIN__BODY_OPENED;
    said.opened = &opened;
    chain_must_tell(world, seq, &said);
}

static inline void chain_confirms(struct service_world *world, uint64_t seq, const char *hold)
{
    Money__FromChain said = chain_word(world, hold);
    Money__PaymentConfirmed confirmed = MONEY__PAYMENT_CONFIRMED__INIT;
    confirmed.settled = true;
    said.body_case = MONEY__FROM_CHAIN__BODY_CONFIRMED;
    said.confirmed = &confirmed;
    chain_must_tell(world, seq, &said);
}

static inline void chain_closes(struct service_world *world, uint64_t seq, const char *hold,
                                Money__PaymentClosed__Next next)
{
    Money__FromChain said = chain_word(world, hold);
    Money__PaymentClosed closed = MONEY__PAYMENT_CLOSED__INIT;
    closed.next = next;
    said.body_case = MONEY__FROM_CHAIN__BODY_CLOSED;
    said.closed = &closed;
    chain_must_tell(world, seq, &said);
}

static inline void chain_finishes(struct service_world *world, uint64_t seq, const char *hold)
{
    Money__FromChain said = chain_word(world, hold);
    Money__PaymentFinal final = MONEY__PAYMENT_FINAL__INIT;
    said.body_case = MONEY__FROM_CHAIN__BODY_FINAL;
    said.final = &final;
    chain_must_tell(world, seq, &said);
}

// That seats may cost LAMPORTS, and deals wait for blocks, or not.
static inline void chain_offers(struct service_world *world, uint64_t seq, bool taken, bool beacons)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__LamportsTaken word = MONEY__LAMPORTS_TAKEN__INIT;
    word.taken = taken;
    word.beacons = beacons;
    said.body_case = MONEY__FROM_CHAIN__BODY_LAMPORTS_TAKEN;
    said.lamports_taken = &word;
    chain_must_tell(world, seq, &said);
}

static inline void chain_takes_lamports(struct service_world *world, uint64_t seq, bool taken)
{
    chain_offers(world, seq, taken, false);
}

#define WITH_BEACON                                                                                          \
    "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':2,'beacon':true,"                \
    "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}"

// A free one.
static inline void open_with_beacon(struct service_world *world)
{
    const Events__EventReply *reply =
        (const void *)service_must(world, &god, "events.CreateEvent", WITH_BEACON).reply;
    service_remember(world, "event", reply->event->id);
}

static inline void chain_names_slot(struct service_world *world, uint64_t seq, uint64_t slot)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__BeaconNamed named = MONEY__BEACON_NAMED__INIT;
    named.k = 1;
    named.slot = slot;
    said.event_id = service_recall(world, "event");
    said.body_case = MONEY__FROM_CHAIN__BODY_BEACON_NAMED;
    said.beacon_named = &named;
    chain_must_tell(world, seq, &said);
}

static inline void chain_finds_block(struct service_world *world, uint64_t seq, uint64_t slot)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__BeaconFound found = MONEY__BEACON_FOUND__INIT;
    uint8_t hash[32] = {7};
    found.k = 1;
    found.slot = found.block_slot = slot;
    found.hash = (ProtobufCBinaryData){sizeof hash, hash};
    said.event_id = service_recall(world, "event");
    said.body_case = MONEY__FROM_CHAIN__BODY_BEACON_FOUND;
    said.beacon_found = &found;
    chain_must_tell(world, seq, &said);
}

static inline void chain_makes_payable(struct service_world *world, uint64_t seq)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__EventPayable payable = MONEY__EVENT_PAYABLE__INIT;
    payable.address = "CAZ8xTttjCvHPutv9uCNJmAPxgkzG2WaCRJMFCeoGJpX";
    payable.price = 500;
    said.event_id = service_recall(world, "event");
    said.body_case = MONEY__FROM_CHAIN__BODY_EVENT_PAYABLE;
    said.event_payable = &payable;
    chain_must_tell(world, seq, &said);
}

#endif
