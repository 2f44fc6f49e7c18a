// The closed phases by pages, through the service.
#include "services/events/testing/table.h"

static void play_phases(struct service_world *world, int count)
{
    for (int i = 0; i < count; i++)
        service_must(world, &god, "events.OpenPhase",
                     i % 2 ? "{" EVENT ",'kind':'NIGHT'}" : "{" EVENT ",'kind':'DAY'}");
    service_must(world, &god, "events.ClosePhase", "{" EVENT "}");
}

static const Events__ListPhasesReply *list_phases(struct service_world *world, const struct asker *asker,
                                                  const char *more)
{
    char request[256];
    snprintf(request, sizeof request, "{" EVENT "%s}", more);
    return (const void *)service_travelled(world,
                                           service_must(world, asker, "events.ListPhases", request).reply);
}

static void a_page_has_twenty_phases_when_nobody_says(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    play_phases(world, 45);
    const Events__ListPhasesReply *page = list_phases(world, &nobody, "");
    assert_int_equal(page->n_phases, 20);
    assert_int_equal(page->phases[19]->phase->number, 20);
    assert_string_equal(page->next_page_token, "21");
    page = list_phases(world, &nobody, ",'page_token':'21','page_size':25");
    assert_int_equal(page->n_phases, 25);
    assert_int_equal(page->phases[0]->phase->number, 21);
    assert_string_equal(page->next_page_token, "");
    page = list_phases(world, &god, ",'page_token':'45'");
    assert_int_equal(page->n_phases, 1);
    assert_string_not_equal(page->phases[0]->players[0]->role_id, "");
}

static void what_is_no_token_of_the_list_is_refused(void **state)
{
    struct service_world *world = *state;
    const char *const tokens[] = {"0", "-1", "01", "+2", " 2", "2 ", "2x", "x", "4", "99999999999999999999"};
    char request[256];
    open_dealt(world);
    assert_refuses(world, &god, "events.ListPhases", "{" EVENT ",'page_token':'1'}",
                   CONSE__REASON__VALUE__BAD_PAGE_TOKEN);
    play_phases(world, 3);
    assert_int_equal(list_phases(world, &nobody, ",'page_token':'3'")->n_phases, 1);
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        snprintf(request, sizeof request, "{" EVENT ",'page_token':'%s'}", tokens[i]);
        assert_refuses(world, &nobody, "events.ListPhases", request, CONSE__REASON__VALUE__BAD_PAGE_TOKEN);
    }
    assert_refuses(world, &nobody, "events.ListPhases", "{" EVENT ",'page_size':101}",
                   CONSE__REASON__VALUE__INVALID_FIELD);
}

// What is kept for everybody is shared with viewers that see the game late, up to what they may see.
static void who_sees_the_game_late_gets_as_many_phases(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    play_phases(world, 2);
    service_wait(world, 30000);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_must(world, &god, "events.ClosePhase", "{" EVENT "}");
    assert_int_equal(list_phases(world, &player, "")->n_phases, 3);
    assert_int_equal(list_phases(world, &nobody, "")->n_phases, 0);
    service_wait(world, 30000);
    assert_int_equal(list_phases(world, &nobody, "")->n_phases, 2);
    assert_string_equal(list_phases(world, &nobody, "")->phases[0]->players[0]->role_id, "");
    assert_refuses(world, &nobody, "events.ListPhases", "{" EVENT ",'page_token':'3'}",
                   CONSE__REASON__VALUE__BAD_PAGE_TOKEN);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_int_equal(list_phases(world, &nobody, "")->n_phases, 3);
    assert_string_not_equal(list_phases(world, &nobody, "")->phases[0]->players[0]->role_id, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_has_twenty_phases_when_nobody_says),
        TEST(what_is_no_token_of_the_list_is_refused),
        TEST(who_sees_the_game_late_gets_as_many_phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
