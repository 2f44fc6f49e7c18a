// The table and the god's assistants through the service: who is told of them, and when.
#include "services/events/testing/table.h"

#define ASSIST "{" EVENT ",'user_id':'$assistant'}"

static const struct asker assistant = {"01890000-0000-7000-8000-000000000200", LEVEL_PLAYER};

static const Events__Event *get_event(struct service_world *world, const struct asker *asker)
{
    const void *reply = service_must(world, asker, "events.GetEvent", "{" EVENT "}").reply;
    return ((const Events__EventReply *)service_travelled(world, reply))->event;
}

static void who_helps_is_known_and_not_suspended(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_remember(world, "assistant", assistant.user_id);
    assert_refuses(world, &god, "events.AddAssistant", ASSIST, CONSE__REASON__VALUE__NOT_FOUND);
    service_teach_suspended(world, assistant.user_id, "mira", LEVEL_PLAYER, world->now_ms + 1000);
    assert_refuses(world, &god, "events.AddAssistant", ASSIST, CONSE__REASON__VALUE__PERSON_SUSPENDED);
    world->now_ms += 1000;
    service_must(world, &god, "events.AddAssistant", ASSIST);
    service_must(world, &assistant, "events.AskReady", "{" EVENT ",'seconds':60}");
}

static void an_assistant_is_shown_by_their_present_name(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_remember(world, "assistant", assistant.user_id);
    service_teach(world, assistant.user_id, "mira", LEVEL_PLAYER);
    service_must(world, &god, "events.AddAssistant", ASSIST);
    assert_string_equal(get_event(world, &nobody)->assistants[0]->username, "mira");
    service_teach(world, assistant.user_id, "mina", LEVEL_PLAYER);
    assert_string_equal(get_event(world, &nobody)->assistants[0]->username, "mina");
    assert_string_equal(get_event(world, &assistant)->assistants[0]->username, "mina");
}

static size_t count_told(struct service_world *world, const char *kind)
{
    service_hand_out(world, service_recall(world, "event"));
    const Bus__ReadReply *reply =
        (const void *)service_must(world, &assistant, "events.feed.Read", "{'stream':'users.$assistant'}")
            .reply;
    size_t count = 0;
    for (size_t i = 0; i < reply->n_notices; i++) count += strcmp(reply->notices[i]->kind, kind) == 0;
    return count;
}

static void an_assistant_is_told_on_their_own_topic(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_remember(world, "assistant", assistant.user_id);
    service_teach(world, assistant.user_id, "mira", LEVEL_PLAYER);
    service_must(world, &god, "events.AddAssistant", ASSIST);
    service_must(world, &god, "events.AskReady", "{" EVENT ",'seconds':60}");
    assert_int_equal(count_told(world, "ASSISTANT_ADDED"), 1);
    assert_int_equal(count_told(world, "READY_ASKED"), 1);
    service_must(world, &god, "events.RemoveAssistant", ASSIST);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_int_equal(count_told(world, "ASSISTANT_REMOVED"), 1);
    assert_int_equal(count_told(world, "CANCELLED"), 0); // it is their event no more
}

static void only_who_leads_reads_the_stream_of_the_god(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_remember(world, "assistant", assistant.user_id);
    service_teach(world, assistant.user_id, "mira", LEVEL_PLAYER);
    const char *read = "{'stream':'events.$event.god','limit':500}";
    assert_refuses(world, &assistant, "events.feed.Read", read, CONSE__REASON__VALUE__NOT_FOUND);
    service_must(world, &god, "events.AddAssistant", ASSIST);
    service_must(world, &assistant, "events.feed.Read", read);
    service_must(world, &god, "events.RemoveAssistant", ASSIST);
    assert_refuses(world, &assistant, "events.feed.Read", read, CONSE__REASON__VALUE__NOT_FOUND);
}

// What a spectator is shown of the event, as bytes.
static size_t pack_shown(struct service_world *world, uint8_t out[32768])
{
    const Events__Event *event = get_event(world, &nobody);
    assert_true(events__event__get_packed_size(event) <= 32768);
    return events__event__pack(event, out);
}

static void spectators_see_the_table_as_late_as_the_game(void **state)
{
    struct service_world *world = *state;
    static uint8_t before[32768], after[32768];
    static const char *const acts[][2] = {
        {"events.FoulPlayer", "{" EVENT ",'user_id':'$player'}"},
        {"events.SetClock", "{" EVENT ",'seconds':300,'user_id':'$player'}"},
        {"events.AskReady", "{" EVENT ",'seconds':300}"},
        {"events.AddTableNote", "{" EVENT ",'audience':'TABLE','text':'now'}"},
        {"events.UpdatePlayer", "{" EVENT ",'user_id':'$player','status':'DEAD'}"},
    };
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent",
                 "{" EVENT ",'spectator_delay':'60s','reveal_on_death':'ROLE'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_wait(world, 90000);
    size_t len = pack_shown(world, before);
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        service_must(world, &god, acts[i][0], acts[i][1]);
        assert_int_equal(pack_shown(world, after), len);
        assert_memory_equal(before, after, len);
    }
    service_wait(world, 61000);
    const Events__Event *event = get_event(world, &nobody);
    assert_non_null(event->clock);
    assert_non_null(event->ready_check);
    assert_int_equal(event->players[0]->fouls, 1);
    assert_string_not_equal(event->players[0]->role_id, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_helps_is_known_and_not_suspended),         TEST(an_assistant_is_shown_by_their_present_name),
        TEST(an_assistant_is_told_on_their_own_topic),      TEST(only_who_leads_reads_the_stream_of_the_god),
        TEST(spectators_see_the_table_as_late_as_the_game),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
