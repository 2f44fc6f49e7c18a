// What one god may have: groups, decks in a group, unfinished events.
#include "services/events/testing/table.h"

#define GROUP "{'name':'Friday'}"
#define DECK "{'group_id':'$group','name':'small','roles':[{'role_id':'$spy','copies':1}]}"
#define OPENING                                                                                              \
    "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':2,"                              \
    "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}"

static void a_god_has_so_many_groups(void **state)
{
    struct service_world *world = *state; // with one
    for (int i = 1; i < QUOTA_GROUPS; i++) service_must(world, &god, "events.CreateGroup", GROUP);
    assert_refuses(world, &god, "events.CreateGroup", GROUP, CONSE__REASON__VALUE__TOO_MANY_GROUPS);
    service_must(world, &second_god, "events.CreateGroup", GROUP);
}

static void a_group_has_so_many_decks(void **state)
{
    struct service_world *world = *state;
    for (int i = 1; i < QUOTA_DECKS; i++) service_must(world, &god, "events.CreateDeck", DECK);
    assert_refuses(world, &god, "events.CreateDeck", DECK, CONSE__REASON__VALUE__TOO_MANY_DECKS);
    service_must(world, &god, "events.UpdateDeck", "{'deck_id':'$deck','name':'other'}");
    const Events__GroupReply *second =
        (const void *)service_must(world, &god, "events.CreateGroup", GROUP).reply;
    service_remember(world, "group", second->group->id);
    service_must(world, &god, "events.CreateDeck", DECK);
}

// Handing an event over makes no room for its opener, and takes none from the new god.
static void a_god_opens_so_many_events_before_one_ends(void **state)
{
    struct service_world *world = *state;
    for (int i = 1; i < QUOTA_EVENTS; i++) service_must(world, &god, "events.CreateEvent", OPENING);
    open_event(world, "Last", "2027-01-15T20:00:00");
    assert_refuses(world, &god, "events.CreateEvent", OPENING, CONSE__REASON__VALUE__TOO_MANY_EVENTS);
    service_must(world, &god, "events.HandOverEvent", "{" EVENT ",'god_id':'$second'}");
    assert_refuses(world, &god, "events.CreateEvent", OPENING, CONSE__REASON__VALUE__TOO_MANY_EVENTS);
    service_must(world, &second_god, "events.CancelEvent", "{" EVENT "}");
    service_must(world, &god, "events.CreateEvent", OPENING);
    assert_refuses(world, &god, "events.CreateEvent", OPENING, CONSE__REASON__VALUE__TOO_MANY_EVENTS);
}

static void rows_on_their_way_count(void **state)
{
    struct service_world *world = *state;
    const struct quota_rule rule = {&events_tables[EVENTS_GROUPS], "by_god", 3,
                                    CONSE__REASON__VALUE__TOO_MANY_GROUPS, "groups"};
    struct events *events = &world->events;
    struct err err;
    atomic_uint *place, *ignored;
    assert_true(quota_take(&events->quotas, events->store, &rule, god.user_id, &place, &err));
    assert_true(quota_take(&events->quotas, events->store, &rule, god.user_id, &place, &err));
    assert_false(quota_take(&events->quotas, events->store, &rule, god.user_id, &ignored, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__TOO_MANY_GROUPS);
    quota_done(place, false);
    assert_true(quota_take(&events->quotas, events->store, &rule, god.user_id, &place, &err));
}

static void what_is_refused_holds_no_place(void **state)
{
    struct service_world *world = *state;
    for (int i = 0; i < 3 * QUOTA_EVENTS; i++)
        assert_refuses(world, &god, "events.CreateEvent",
                       "{'group_id':'$group','deck_id':'$deck','title':'Evening','max_players':2,"
                       "'starts_at':{'local':'2001-01-15T20:00:00','zone':'UTC'}}",
                       CONSE__REASON__VALUE__TIME_INVALID);
    service_must(world, &god, "events.CreateEvent", OPENING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_god_has_so_many_groups),
        TEST(a_group_has_so_many_decks),
        TEST(a_god_opens_so_many_events_before_one_ends),
        TEST(rows_on_their_way_count),
        TEST(what_is_refused_holds_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
