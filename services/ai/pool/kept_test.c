// Who waits, kept in memory: at any time the same as what is stored, whoever wrote it.
#include "services/ai/pool/kept.h"

#include "services/ai/testing/evening.h"

enum { MANY = 5000, STEPS = 300 };

static const struct tickets *read_kept(struct ai *ai)
{
    const struct tickets *tickets;
    struct err err = {0};
    if (!kept_read(ai->kept, ai->store, &tickets, &err)) fail_msg("%s", err.message);
    return tickets;
}

static void assert_same(const struct ticket *one, const struct ticket *other, struct arena *arena)
{
    const size_t len = queue__ticket_row__get_packed_size(one->row);
    uint8_t *left = arena_alloc(arena, len), *right = arena_alloc(arena, len);
    assert_int_equal(one->version, other->version);
    assert_int_equal(queue__ticket_row__get_packed_size(other->row), len);
    queue__ticket_row__pack(one->row, left);
    queue__ticket_row__pack(other->row, right);
    assert_memory_equal(left, right, len);
}

// In order, and to the byte.
static void assert_as_stored(struct ai *ai)
{
    const struct tickets *kept = read_kept(ai);
    struct tickets stored;
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 64 << 20);
    assert_true(tickets_waiting(ai->store, &arena, &stored, &err));
    assert_int_equal(kept->count, stored.count);
    for (size_t i = 0; i < stored.count; i++) assert_same(&kept->all[i], &stored.all[i], &arena);
    arena_finish(&arena);
}

static void what_did_not_change_is_not_read_again(void **state)
{
    struct evening *evening = *state;
    struct ai *ai = &evening->club->ai;
    join_all(evening, 0, 4);
    assert_as_stored(ai);
    evening->club->now_ms += 1000;
    join_all(evening, 4, 6);
    assert_true(leaves(evening, 1));
    assert_as_stored(ai);
    assert_int_equal(read_kept(ai)->count, 5);
    assert_int_equal(kept_loads(ai->kept), 1);
}

// Somebody joins, leaves, answers, looks, or goes for good; or time passes, and offers with it.
static void change_something(struct evening *evening, unsigned short seed[3])
{
    const unsigned who = (unsigned)(erand48(seed) * PEOPLE);
    const struct ticket ticket = peek(evening, who);
    switch ((int)(erand48(seed) * 6)) {
    case 0:
        if (!ticket.row || !ticket_is_live(ticket.row))
            (void)club_ask_as(evening->club, club_person(who).text, "ai.JoinQueue", "{}");
        break;
    case 1:
        (void)leaves(evening, who);
        break;
    case 2:
        if (ticket.row) (void)answer(evening, who, "ai.AcceptOffer");
        break;
    case 3:
        if (ticket.row) (void)answer(evening, who, "ai.DeclineOffer");
        break;
    case 4:
        if (ticket.row) look(evening, who);
        break;
    default:
        later(evening, erand48(seed) < 0.2 ? 33000 : 1000);
    }
}

static void it_is_what_is_stored_whatever_happens(void **state)
{
    struct evening *evening = *state;
    unsigned short seed[3] = {1, 2, 3};
    open_event(evening, 2, 4);
    open_event(evening, 3, 5)->starts_ms += DAY_MS;
    for (int i = 0; i < STEPS; i++) {
        change_something(evening, seed);
        if (i == STEPS / 2) club_know(evening->club, 3, true);
        if (i % 50 == 49) club_restart(evening->club);
        assert_as_stored(&evening->club->ai);
    }
}

static void a_start_finds_who_waited_before(void **state)
{
    struct evening *evening = *state;
    join_all(evening, 0, 3);
    assert_as_stored(&evening->club->ai);
    club_restart(evening->club);
    assert_int_equal(read_kept(&evening->club->ai)->count, 3);
    assert_as_stored(&evening->club->ai);
}

static void a_write_that_is_not_decided_is_looked_at_when_it_is(void **state)
{
    struct evening *evening = *state;
    struct ai *ai = &evening->club->ai;
    const struct store_write write = {.after = 0};
    struct err err = {0};
    join_all(evening, 0, 2);
    assert_as_stored(ai);
    struct ticket ticket = peek(evening, 1);
    kept_touch(ai->kept, ticket.row->user_id, store_durable(ai->store) + 1);
    assert_int_equal(read_kept(ai)->count, 2);
    ticket_end(ticket.row, AI__QUEUE_TICKET__OUT__LEFT, now(evening));
    const uint64_t queued =
        store_put(ai->store, &ai_tables[AI_TICKETS], &ticket.row->base, ticket.version, &write);
    assert_true(store_wait(ai->store, queued, &err));
    assert_int_equal(read_kept(ai)->count, 1);
    assert_int_equal(kept_loads(ai->kept), 1);
}

static void more_writes_than_are_remembered_have_all_read_again(void **state)
{
    struct evening *evening = *state;
    struct ai *ai = &evening->club->ai;
    join_all(evening, 0, 2);
    assert_as_stored(ai);
    for (unsigned i = 0; i < MANY; i++) kept_touch(ai->kept, club_person(i).text, store_durable(ai->store));
    assert_true(leaves(evening, 0));
    assert_as_stored(ai);
    assert_int_equal(kept_loads(ai->kept), 2);
}

// ---- Two processes, of which one matches, and then the other

static void tick_of(struct evening *evening, struct club *club)
{
    const struct outside outside = hall_outside(&evening->hall);
    struct err err = {0};
    if (!pool_tick(&club->ai, &outside, now(evening), &err)) fail_msg("%s", err.message);
}

static void who_takes_over_knows_what_the_other_wrote(void **state)
{
    struct evening *evening = *state;
    struct club *other = club_at(CLUB_SHARED);
    for (unsigned i = 0; i < PEOPLE; i++) club_know(other, i, false);
    join_all(evening, 0, 3);
    assert_as_stored(&other->ai);
    assert_true(leaves(evening, 0));
    join_all(evening, 3, 4);
    assert_as_stored(&other->ai);
    open_event(evening, 3, 3);
    evening->club->now_ms += 1000;
    tick_of(evening, other);
    ALL(1, 4, OFFERED);
    assert_int_equal(read_kept(&evening->club->ai)->count, 0);
    assert_null(club_ask_as(evening->club, club_person(1).text, "ai.AcceptOffer", "{'offer_id':'x'}"));
    assert_non_null(answer(evening, 1, "ai.DeclineOffer"));
    evening->club->now_ms += 1000;
    tick_of(evening, evening->club);
    assert_int_equal(read_kept(&other->ai)->count, 2); // the two who did not fail
    assert_as_stored(&other->ai);
    assert_as_stored(&evening->club->ai);
    club_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_did_not_change_is_not_read_again),
        IN_BOTH(it_is_what_is_stored_whatever_happens),
        IN_BOTH(a_start_finds_who_waited_before),
        TEST(a_write_that_is_not_decided_is_looked_at_when_it_is),
        TEST(more_writes_than_are_remembered_have_all_read_again),
        cmocka_unit_test_setup_teardown(who_takes_over_knows_what_the_other_wrote, set_up_shared, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
