// Events and auth for tests of the queue: a few events with their seats, who blocked whom, and what was told.
// It answers as they would, and can be away, or go away when it has done what it was asked for.
#ifndef AI_TESTING_HALL_H
#define AI_TESTING_HALL_H

#include "lib/base/stamp.h"
#include "services/ai/pool/pool.h"
#include "services/ai/testing/club.h"

enum { HALL_EVENTS = 8, HALL_SEATS = 32, HALL_BLOCKS = 8, HALL_TOLD = 256, HALL_KEYS = 128 };

struct hall_event {
    struct uuid id, god, players[HALL_SEATS], accounts[HALL_SEATS]; // of who took a guest's seat over
    size_t taken;
    int32_t min_players, max_players;
    int64_t starts_ms;
    Events__Event__State state;
    uint64_t price; // in CONSE; 0: free
};
struct hall_told {
    char offer[UUID_LEN + 1], user[UUID_LEN + 1];
    Events__TellOfferRequest__Kind kind;
};
struct hall {
    struct hall_event events[HALL_EVENTS];
    size_t event_count;
    struct uuid blocks[HALL_BLOCKS][2];
    size_t block_count;
    struct hall_told told[HALL_TOLD];
    size_t told_count;
    char keys[HALL_KEYS][2 * UUID_LEN + 8]; // of reservations that were made, behind the user
    size_t key_count;
    bool away;             // nothing is answered
    bool tells_nobody;     // offers are refused for good
    unsigned lost_answers; // so many reservations are made, and not answered
    struct err refuses;    // each new reservation, when it has a reason
    unsigned reserved;     // how often a seat was really taken
};

static inline struct hall_event *hall_add(struct hall *hall, int32_t min_players, int32_t max_players,
                                          int64_t starts_ms)
{
    struct hall_event *event = &hall->events[hall->event_count++];
    snprintf(event->id.text, sizeof event->id.text, "01890000-0000-7000-8000-0000000e%04x",
             (unsigned)hall->event_count);
    event->god = club_person(0xffff);
    event->min_players = min_players;
    event->max_players = max_players;
    event->starts_ms = starts_ms;
    event->state = EVENTS__EVENT__STATE__OPEN;
    return event;
}

static inline void hall_seat(struct hall_event *event, unsigned number)
{
    event->players[event->taken++] = club_person(number);
}

// A guest's seat, that an account has taken over.
static inline void hall_claim(struct hall_event *event, unsigned number)
{
    event->accounts[event->taken] = club_person(number);
    event->players[event->taken++] = club_guest(1, number);
}

static inline void hall_block(struct hall *hall, unsigned number, unsigned blocked)
{
    hall->blocks[hall->block_count][0] = club_person(number);
    hall->blocks[hall->block_count++][1] = club_person(blocked);
}

static inline bool hall_has_seat(const struct hall_event *event, const char *user_id)
{
    for (size_t i = 0; i < event->taken; i++)
        if (strcmp(event->players[i].text, user_id) == 0 || strcmp(event->accounts[i].text, user_id) == 0)
            return true;
    return false;
}

static inline size_t hall_told(const struct hall *hall, const char *user_id,
                               Events__TellOfferRequest__Kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < hall->told_count; i++)
        count += hall->told[i].kind == kind && strcmp(hall->told[i].user, user_id) == 0;
    return count;
}

// ---- Answers

static inline Events__Event *hall_show(const struct hall_event *from, struct arena *arena)
{
    Events__Event *event = arena_new(arena, Events__Event);
    events__event__init(event);
    event->id = arena_str(arena, from->id.text);
    event->god_id = arena_str(arena, from->god.text);
    event->group_id = event->deck_id = "01890000-0000-7000-8000-000000000061";
    event->state = from->state;
    event->min_players = from->min_players;
    event->max_players = from->max_players;
    event->seats_taken = (int32_t)from->taken;
    event->payable = true;
    event->starts_at = arena_new(arena, Events__WallTime);
    events__wall_time__init(event->starts_at);
    event->starts_at->utc = stamp_new(arena, from->starts_ms);
    event->price = arena_new(arena, Events__Price);
    events__price__init(event->price);
    event->price->amount = from->price;
    event->price->currency = from->price ? EVENTS__PRICE__CURRENCY__CONSE : EVENTS__PRICE__CURRENCY__FREE;
    event->players = arena_array(arena, from->taken + 1, sizeof *event->players);
    for (size_t i = 0; i < from->taken; i++) {
        Events__Player *player = event->players[event->n_players++] = arena_new(arena, Events__Player);
        events__player__init(player);
        player->user_id = arena_str(arena, from->players[i].text);
        player->account_id =
            *from->accounts[i].text ? arena_str(arena, from->accounts[i].text) : player->user_id;
    }
    return event;
}

static inline struct hall_event *hall_find(struct hall *hall, const char *event_id)
{
    for (size_t i = 0; i < hall->event_count; i++)
        if (strcmp(hall->events[i].id.text, event_id) == 0) return &hall->events[i];
    return NULL;
}

static inline ProtobufCMessage *hall_list(struct hall *hall, const Events__ListEventsRequest *request,
                                          struct arena *arena)
{
    Events__ListEventsReply *reply = arena_new(arena, Events__ListEventsReply);
    events__list_events_reply__init(reply);
    reply->events = arena_array(arena, HALL_EVENTS, sizeof *reply->events);
    for (size_t i = 0; i < hall->event_count; i++) {
        const struct hall_event *event = &hall->events[i];
        if (request->status && request->status != event->state) continue;
        if (*request->player_id && !hall_has_seat(event, request->player_id)) continue;
        if (request->starts_after && stamp_ms(request->starts_after) > event->starts_ms) continue;
        if (request->starts_before && stamp_ms(request->starts_before) < event->starts_ms) continue;
        reply->events[reply->n_events++] = hall_show(event, arena);
    }
    return &reply->base;
}

static inline ProtobufCMessage *hall_get(struct hall *hall, const char *event_id, struct arena *arena,
                                         struct err *err)
{
    const struct hall_event *event = hall_find(hall, event_id);
    Events__EventReply *reply = arena_new(arena, Events__EventReply);
    events__event_reply__init(reply);
    if (!event) return (void)err_fail(err, NOT_FOUND, "there is no such event"), NULL;
    reply->event = hall_show(event, arena);
    return &reply->base;
}

static inline ProtobufCMessage *hall_blocks(struct hall *hall, const Auth__FindBlocksRequest *request,
                                            struct arena *arena)
{
    Auth__FindBlocksReply *reply = arena_new(arena, Auth__FindBlocksReply);
    auth__find_blocks_reply__init(reply);
    reply->pairs = arena_array(arena, HALL_BLOCKS, sizeof *reply->pairs);
    for (size_t i = 0; i < hall->block_count; i++) {
        unsigned named = 0;
        for (size_t k = 0; k < request->n_user_ids; k++)
            named += strcmp(request->user_ids[k], hall->blocks[i][0].text) == 0 ||
                     strcmp(request->user_ids[k], hall->blocks[i][1].text) == 0;
        if (named < 2) continue;
        Auth__FindBlocksReply__Pair *pair = arena_new(arena, Auth__FindBlocksReply__Pair);
        auth__find_blocks_reply__pair__init(pair);
        pair->user_id = hall->blocks[i][0].text;
        pair->blocked_id = hall->blocks[i][1].text;
        reply->pairs[reply->n_pairs++] = pair;
    }
    return &reply->base;
}

static inline ProtobufCMessage *hall_tell(struct hall *hall, const Events__TellOfferRequest *request,
                                          struct arena *arena)
{
    Google__Protobuf__Empty *reply = arena_new(arena, Google__Protobuf__Empty);
    google__protobuf__empty__init(reply);
    for (size_t i = 0; i < request->n_user_ids; i++) {
        bool known = false;
        for (size_t k = 0; k < hall->told_count; k++)
            known |= hall->told[k].kind == request->kind &&
                     strcmp(hall->told[k].user, request->user_ids[i]) == 0 &&
                     strcmp(hall->told[k].offer, request->offer_id) == 0;
        if (known) continue;
        struct hall_told *told = &hall->told[hall->told_count++];
        snprintf(told->offer, sizeof told->offer, "%s", request->offer_id);
        snprintf(told->user, sizeof told->user, "%s", request->user_ids[i]);
        told->kind = request->kind;
    }
    return &reply->base;
}

// A key that came before is answered as then.
static inline bool hall_knows(struct hall *hall, const char *user_id, const char *key)
{
    char text[sizeof hall->keys[0]];
    snprintf(text, sizeof text, "%s.%s", user_id, key);
    for (size_t i = 0; i < hall->key_count; i++)
        if (strcmp(hall->keys[i], text) == 0) return true;
    return false;
}

static inline bool hall_take(struct hall *hall, struct hall_event *event,
                             const struct outside_question *question, struct err *err)
{
    const char *user_id = question->caller->user_id;
    if (hall_knows(hall, user_id, question->key) || hall_has_seat(event, user_id)) return true;
    if (hall->refuses.reason) return *err = hall->refuses, false;
    if (event->state != EVENTS__EVENT__STATE__OPEN) return err_fail(err, EVENT_NOT_OPEN, "it is not open");
    if (event->taken == (size_t)event->max_players) return err_fail(err, EVENT_FULL, "it is full");
    snprintf(event->players[event->taken++].text, UUID_LEN + 1, "%s", user_id);
    snprintf(hall->keys[hall->key_count++], sizeof hall->keys[0], "%s.%s", user_id, question->key);
    hall->reserved++;
    return true;
}

static inline ProtobufCMessage *hall_reserve(struct hall *hall, const struct outside_question *question,
                                             struct arena *arena, struct err *err)
{
    const Events__ReserveRequest *request = (const Events__ReserveRequest *)question->request;
    struct hall_event *event = hall_find(hall, request->event_id);
    Events__ReserveReply *reply = arena_new(arena, Events__ReserveReply);
    events__reserve_reply__init(reply);
    if (!event) return (void)err_fail(err, NOT_FOUND, "there is no such event"), NULL;
    if (!hall_take(hall, event, question, err)) return NULL;
    if (hall->lost_answers && hall->lost_answers--)
        return (void)err_fail(err, SERVICE_AWAY, "the connection is lost"), NULL;
    reply->reservation = arena_new(arena, Events__Reservation);
    events__reservation__init(reply->reservation);
    reply->reservation->state =
        event->price ? EVENTS__RESERVATION__STATE__PENDING : EVENTS__RESERVATION__STATE__CONFIRMED;
    reply->reservation->position = (int32_t)event->taken;
    return &reply->base;
}

static inline bool hall_ask(void *arg, const struct outside_question *question, struct arena *arena,
                            ProtobufCMessage **reply, struct err *err)
{
    struct hall *hall = arg;
    const ProtobufCMessage *request = question->request;
    const char *method = question->method;
    if (hall->away) return err_fail(err, SERVICE_AWAY, "nobody is there");
    if (hall->tells_nobody && strcmp(method, "events.TellOffer") == 0)
        return err_fail(err, NOT_FOUND, "there is no such event");
    if (strcmp(method, "events.ListEvents") == 0)
        *reply = hall_list(hall, (const Events__ListEventsRequest *)request, arena);
    else if (strcmp(method, "events.GetEvent") == 0)
        *reply = hall_get(hall, ((const Events__EventRequest *)request)->event_id, arena, err);
    else if (strcmp(method, "auth.FindBlocks") == 0)
        *reply = hall_blocks(hall, (const Auth__FindBlocksRequest *)request, arena);
    else if (strcmp(method, "events.TellOffer") == 0)
        *reply = hall_tell(hall, (const Events__TellOfferRequest *)request, arena);
    else if (strcmp(method, "events.Reserve") == 0)
        *reply = hall_reserve(hall, question, arena, err);
    else
        return err_fail(err, NO_METHOD, "there is no method %s here", method);
    return *reply;
}

static inline struct outside hall_outside(struct hall *hall) { return (struct outside){hall_ask, hall}; }

#endif
