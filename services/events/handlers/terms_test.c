// What an event's terms say of its rooms, and which roles meet, through the service.
#include "lib/replica/testing/other.h"
#include "services/events/catalogue/decks.h"
#include "services/events/testing/table.h"

#define URL "shared:terms"

static const Events__Event *event_of(const struct answer *answer)
{
    return ((const Events__EventReply *)answer->reply)->event;
}

static const Events__Event *edit(struct service_world *world, const char *request)
{
    static struct answer answer;
    answer = service_must(world, &god, "events.UpdateEvent", request);
    return event_of(&answer);
}

static void rooms_are_there_unless_the_god_says_no(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const struct answer answer = service_must(world, &nobody, "events.GetEvent", "{" EVENT "}");
    const Events__Event *event = ((const Events__EventReply *)service_travelled(world, answer.reply))->event;
    assert_true(event->chat);
    assert_false(event->table_at_night || event->side_by_day);
    assert_int_equal(event->history, EVENTS__HISTORY__VALUE__ALL);
}

static void each_term_is_edited_by_itself(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    assert_false(edit(world, "{" EVENT ",'chat':false}")->chat);
    const Events__Event *event = edit(world, "{" EVENT ",'history':'LAST_DAY','side_by_day':true}");
    assert_true(!event->chat && event->side_by_day && !event->table_at_night);
    assert_int_equal(event->history, EVENTS__HISTORY__VALUE__LAST_DAY);
    event = edit(world, "{" EVENT ",'chat':true,'side_by_day':false,'table_at_night':true}");
    assert_true(event->chat && !event->side_by_day && event->table_at_night);
    assert_int_equal(event->history, EVENTS__HISTORY__VALUE__LAST_DAY);
    assert_int_equal(edit(world, "{" EVENT ",'history':'ALL'}")->history, EVENTS__HISTORY__VALUE__ALL);
}

// How many roles of the game meet; those whose side does not never do.
static size_t count_meeting(struct service_world *world)
{
    struct arena arena;
    struct err err;
    size_t count = 0;
    Game__RoleFacts *facts;
    arena_init(&arena, 1 << 20);
    static const char *const slugs[] = {"mafia-boss", "doctor", "spy", "hunter"};
    for (size_t i = 0; i < sizeof slugs / sizeof *slugs; i++) {
        assert_true(role_facts_find(&world->events, service_recall(world, slugs[i]), &arena, &facts, &err));
        assert_true(!facts->meets || i == 0);
        count += facts->meets;
    }
    arena_finish(&arena);
    return count;
}

static void a_role_meets_when_its_side_does(void **state)
{
    struct service_world *world = *state;
    Events__Role *boss;
    assert_int_equal(count_meeting(world), 1);
    boss = (Events__Role *)catalogue_find(world->events.catalogue, EVENTS_ROLES,
                                          service_recall(world, "mafia-boss"), &world->arena);
    service_remember(world, "side", boss->side_id);
    service_must(world, &dev, "events.UpdateSide", "{'id':'$side','meets':false}");
    assert_int_equal(count_meeting(world), 0);
}

static void no_role_meets_that_a_living_process_would_not_read(void **state)
{
    static const char *const leases[] = {NULL};
    struct service_world *world = *state;
    other_was_there(world->events.store, &events_tables[EVENTS_BEATS], MEETS_SINCE - 1);
    world->events.replica = other_join(world->events.store, events_tables, "ipc:///ours", leases);
    assert_int_equal(count_meeting(world), 0);
}

static int pair_up(void **state)
{
    shared_store_register();
    *state = service_world_at(URL);
    lay_table(*state);
    return 0;
}

static int pair_down(void **state)
{
    service_world_close(*state);
    shared_store_drop(URL);
    return 0;
}

#define PAIR(name) cmocka_unit_test_setup_teardown(name, pair_up, pair_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rooms_are_there_unless_the_god_says_no),
        TEST(each_term_is_edited_by_itself),
        TEST(a_role_meets_when_its_side_does),
        PAIR(no_role_meets_that_a_living_process_would_not_read),
    };
    return cmocka_run_group_tests_name("terms", tests, NULL, NULL);
}
