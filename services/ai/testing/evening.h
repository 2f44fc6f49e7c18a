// An evening of the queue for its tests: people who join and answer, and the hall that plays events and auth.
#ifndef AI_TESTING_EVENING_H
#define AI_TESTING_EVENING_H

#include "lib/base/clock.h"
#include "services/ai/pool/rows.h"
#include "services/ai/pool/ticket.h"
#include "services/ai/testing/hall.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

enum { PEOPLE = 12 };

struct evening {
    struct club *club;
    struct hall hall;
};

// What is told from memory follows the club's clock.
static inline void set_clock(const struct evening *evening) { clock_hold_mono(evening->club->now_ms); }

static inline struct evening *begin(const char *url)
{
    struct evening *evening = calloc(1, sizeof *evening);
    evening->club = club_at(url);
    for (unsigned i = 0; i < PEOPLE; i++) club_know(evening->club, i, false);
    return evening;
}

static inline int set_up(void **state) { return *state = begin(NULL), 0; }

static inline int set_up_shared(void **state)
{
    shared_store_register();
    return *state = begin(CLUB_SHARED), 0;
}

static inline int tear_down(void **state)
{
    struct evening *evening = *state;
    clock_hold_mono(-1);
    club_close(evening->club);
    shared_store_drop(CLUB_SHARED);
    free(evening);
    return 0;
}

#define IN_BOTH(name)                                                                                        \
    cmocka_unit_test_setup_teardown(name, set_up, tear_down),                                                \
        cmocka_unit_test_setup_teardown(name, set_up_shared, tear_down)

// ---- Words

static inline int64_t now(const struct evening *evening) { return evening->club->now_ms; }

static inline void tick(struct evening *evening)
{
    const struct outside outside = hall_outside(&evening->hall);
    struct err err = {0};
    if (!pool_tick(&evening->club->ai, &outside, now(evening), &err) && !evening->hall.away)
        fail_msg("%s", err.message);
}

static inline void later(struct evening *evening, int64_t ms)
{
    evening->club->now_ms += ms;
    tick(evening);
}

static inline const Ai__QueueTicket *join(struct evening *evening, unsigned number, const char *wishes)
{
    const struct uuid id = club_person(number);
    const Ai__QueueTicket *ticket = club_ask_as(evening->club, id.text, "ai.JoinQueue", "%s", wishes);
    if (!ticket) fail_msg("%s", evening->club->err.message);
    return ticket;
}

static inline void join_all(struct evening *evening, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++, evening->club->now_ms++) join(evening, i, "{}");
}

static inline const Ai__QueueTicket *look(struct evening *evening, unsigned number)
{
    const struct uuid id = club_person(number);
    set_clock(evening);
    const Ai__QueueTicket *ticket = club_ask_as(evening->club, id.text, "ai.GetQueue", "{}");
    if (!ticket) fail_msg("%s", evening->club->err.message);
    return ticket;
}

static inline Ai__QueueTicket__State state_of(struct evening *evening, unsigned number)
{
    return look(evening, number)->state;
}

// The row as it is, seen by nobody.
static inline struct ticket peek(struct evening *evening, unsigned number)
{
    const struct uuid id = club_person(number);
    struct ticket ticket;
    struct err err = {0};
    arena_reset(&evening->club->arena);
    if (!ticket_find(evening->club->ai.store, id.text, &evening->club->arena, &ticket, &err))
        fail_msg("%s", err.message);
    return ticket;
}

static inline const Ai__QueueTicket *answer(struct evening *evening, unsigned number, const char *method)
{
    const struct uuid id = club_person(number);
    char offer_id[UUID_LEN + 1];
    const struct ticket ticket = peek(evening, number);
    snprintf(offer_id, sizeof offer_id, "%s", ticket.row->offer_id);
    return club_ask_as(evening->club, id.text, method, "{'offer_id':'%s'}", offer_id);
}

static inline void accept(struct evening *evening, unsigned number)
{
    if (!answer(evening, number, "ai.AcceptOffer")) fail_msg("%s", evening->club->err.message);
}

static inline bool leaves(struct evening *evening, unsigned number)
{
    const struct uuid id = club_person(number);
    return club_ask_as(evening->club, id.text, "ai.LeaveQueue", "{}");
}

static inline struct hall_event *open_event(struct evening *evening, int32_t min_players, int32_t max_players)
{
    return hall_add(&evening->hall, min_players, max_players, now(evening) + DAY_MS);
}

static inline void assert_states(struct evening *evening, unsigned from, unsigned to,
                                 Ai__QueueTicket__State state)
{
    for (unsigned i = from; i < to; i++) assert_int_equal(state_of(evening, i), state);
}

#define ALL(from, to, name) assert_states(evening, from, to, AI__QUEUE_TICKET__STATE__##name)

#endif
