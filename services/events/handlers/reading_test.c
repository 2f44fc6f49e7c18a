// What can be read of a game beside the event itself: polls, notes, uses of abilities, the waitlist; by whom,
// and page by page.
#include "services/events/testing/table.h"

#define STRANGER "01890000-0000-7000-8000-000000000999"
static const struct asker stranger = {STRANGER, LEVEL_PLAYER};

static const ProtobufCMessage *must(struct service_world *world, const struct asker *asker,
                                    const char *method, const char *request)
{
    return service_must(world, asker, method, request).reply;
}

static void notes_go_to_those_they_are_for(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    must(world, &god, "events.AddNote", "{" EVENT ",'user_id':'$player','text':'one','audience':'PLAYER'}");
    must(world, &god, "events.AddNote", "{" EVENT ",'user_id':'$other','text':'two','audience':'PLAYER'}");
    must(world, &god, "events.AddNote", "{" EVENT ",'user_id':'$player','text':'three','audience':'GOD'}");
    must(world, &god, "events.AddNote", "{" EVENT ",'user_id':'$player','text':'four','audience':'SIDE'}");
    const Events__ListNotesReply *all = (const void *)must(world, &god, "events.ListNotes", "{" EVENT "}");
    assert_int_equal(all->n_notes, 4);
    assert_string_equal(all->notes[2]->text, "three");
    assert_string_equal(all->notes[2]->user_id, player.user_id);
    assert_string_equal(all->notes[3]->user_id, "");
    assert_true(all->notes[3]->side_id[0] && all->notes[0]->seq > 0 &&
                all->notes[3]->seq > all->notes[2]->seq);
    const Events__ListNotesReply *own = (const void *)must(world, &player, "events.ListNotes", "{" EVENT "}");
    assert_int_equal(own->n_notes, 2);
    assert_string_equal(own->notes[0]->text, "one");
    assert_string_equal(own->notes[1]->text, "four");
    assert_int_equal(own->notes[1]->seq, 0);
    const struct asker *const others[] = {&nobody, &stranger, &second_god};
    for (size_t i = 0; i < 3; i++) {
        own = (const void *)must(world, others[i], "events.ListNotes", "{" EVENT "}");
        assert_int_equal(own->n_notes, 0);
    }
}

static void pages_count_what_the_reader_sees(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    for (int i = 0; i < 5; i++) {
        must(world, &god, "events.AddNote", "{" EVENT ",'user_id':'$other','text':'x','audience':'GOD'}");
        must(world, &god, "events.AddNote",
             "{" EVENT ",'user_id':'$player','text':'yours','audience':'PLAYER'}");
    }
    const Events__ListNotesReply *page =
        (const void *)must(world, &player, "events.ListNotes", "{" EVENT ",'page_size':2}");
    assert_int_equal(page->n_notes, 2);
    assert_string_equal(page->next_page_token, "3");
    page =
        (const void *)must(world, &player, "events.ListNotes", "{" EVENT ",'page_size':2,'page_token':'5'}");
    assert_int_equal(page->n_notes, 1);
    assert_string_equal(page->next_page_token, "");
    static const char *const bad[] = {"6", "0", "-1", "03", "x", "99999999999999999999", "4294967297"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char request[256];
        snprintf(request, sizeof request, "{" EVENT ",'page_token':'%s'}", bad[i]);
        assert_refuses(world, &player, "events.ListNotes", request, CONSE__REASON__VALUE__BAD_PAGE_TOKEN);
    }
}

static void uses_are_for_who_leads(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','role_id':'$hunter'}");
    const Events__UseAbilityReply *used = (const void *)must(
        world, &god, "events.UseAbility", "{" EVENT ",'user_id':'$player','target_id':'$other'}");
    int32_t left = used->left;
    must(world, &god, "events.UseAbility", "{" EVENT ",'user_id':'$player'}");
    const Events__ListUsesReply *uses =
        (const void *)must(world, &god, "events.ListUses", "{" EVENT ",'page_size':1}");
    assert_int_equal(uses->n_uses, 1);
    assert_string_equal(uses->next_page_token, "2");
    assert_string_equal(uses->uses[0]->user_id, player.user_id);
    assert_string_equal(uses->uses[0]->target_id, other.user_id);
    assert_int_equal(uses->uses[0]->left, left);
    assert_int_equal(uses->uses[0]->phase_number, 1);
    uses = (const void *)must(world, &dev, "events.ListUses", "{" EVENT ",'page_token':'2'}");
    assert_int_equal(uses->n_uses, 1);
    assert_string_equal(uses->uses[0]->target_id, "");
    assert_refuses(world, &player, "events.ListUses", "{" EVENT "}", CONSE__REASON__VALUE__NOT_OWNER);
    assert_refuses(world, &second_god, "events.ListUses", "{" EVENT "}", CONSE__REASON__VALUE__NOT_OWNER);
}

static void the_waitlist_names_who_waits_since_when(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    must(world, &player, "events.Reserve", "{" EVENT "}");
    must(world, &other, "events.Reserve", "{" EVENT "}");
    must(world, &stranger, "events.Reserve", "{" EVENT "}");
    service_wait(world, 5000);
    must(world, &second_god, "events.Reserve", "{" EVENT "}");
    const Events__ListWaitlistReply *list =
        (const void *)must(world, &god, "events.ListWaitlist", "{" EVENT "}");
    assert_int_equal(list->n_waitlist, 2);
    assert_string_equal(list->waitlist[0]->user_id, stranger.user_id);
    assert_string_equal(list->waitlist[1]->username, "second");
    assert_int_equal(list->waitlist[1]->position, 2);
    assert_int_equal(list->waitlist[1]->since->seconds - list->waitlist[0]->since->seconds, 5);
    assert_refuses(world, &player, "events.ListWaitlist", "{" EVENT "}", CONSE__REASON__VALUE__NOT_OWNER);
    assert_refuses(world, &second_god, "events.ListWaitlist", "{" EVENT "}", CONSE__REASON__VALUE__NOT_OWNER);
}

static void polls_are_listed_oldest_first(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    for (int i = 0; i < 3; i++) {
        const Events__PollReply *poll =
            (const void *)must(world, &god, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}");
        service_remember(world, "poll", poll->poll->id);
        if (i < 2) must(world, &god, "events.ClosePoll", "{" EVENT ",'poll_id':'$poll'}");
    }
    must(world, &player, "events.CastBallot", "{" EVENT ",'poll_id':'$poll','candidate_id':'NONE'}");
    const Events__ListPollsReply *list =
        (const void *)must(world, &player, "events.ListPolls", "{" EVENT ",'page_size':2}");
    assert_int_equal(list->n_polls, 2);
    assert_int_equal(list->polls[0]->state, EVENTS__POLL__STATE__CLOSED);
    list = (const void *)must(world, &player, "events.ListPolls", "{" EVENT ",'page_token':'3'}");
    assert_int_equal(list->n_polls, 1);
    assert_string_equal(list->polls[0]->id, service_recall(world, "poll"));
    list = (const void *)must(world, &player, "events.ListPolls", "{" EVENT ",'page_token':'3'}");
    assert_string_equal(list->polls[0]->my_candidate_id, "NONE");
    assert_int_equal(list->polls[0]->voted, 1);
    assert_refuses(world, &nobody, "events.ListPolls", "{" EVENT "}", CONSE__REASON__VALUE__TOKEN_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(notes_go_to_those_they_are_for), TEST(pages_count_what_the_reader_sees),
        TEST(uses_are_for_who_leads),         TEST(the_waitlist_names_who_waits_since_when),
        TEST(polls_are_listed_oldest_first),
    };
    return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
