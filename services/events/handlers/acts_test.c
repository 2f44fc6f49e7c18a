// If-Match: "act-<n>": commands on an event as the client saw it, judged while the event is locked.
#include "services/events/testing/table.h"

static uint64_t act_of(struct service_world *world, const struct asker *asker)
{
    return ((const Events__EventReply *)service_travelled(
                world, service_must(world, asker, "events.GetEvent", "{" EVENT "}").reply))
        ->event->act;
}

static void only_the_god_and_the_clock_act(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    assert_int_equal(act_of(world, &god), 1);
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &player, "events.VoteEvent", "{" EVENT ",'vote':'UP'}");
    assert_int_equal(act_of(world, &god), 1);
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    uint64_t locked = act_of(world, &god);
    assert_true(locked > 1);
    service_must(world, &player, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    assert_int_equal(act_of(world, &god), locked); // though it opens the event again
    service_must(world, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$other'}");
    uint64_t freed = act_of(world, &god);
    assert_true(freed > locked);
    service_wait(world, 3 * 24 * (int64_t)HOUR); // reminders
    assert_true(act_of(world, &god) > freed);
}

static void only_who_leads_sees_it(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    assert_true(act_of(world, &god) > 0);
    assert_int_equal(act_of(world, &dev), act_of(world, &god));
    assert_int_equal(act_of(world, &player), 0);
    assert_int_equal(act_of(world, &nobody), 0);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_int_equal(act_of(world, &player), act_of(world, &god)); // all is open at the end
}

static void a_command_on_what_was_is_refused(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    uint64_t seen = act_of(world, &god);
    world->act = seen;
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    assert_refuses(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}",
                   CONSE__REASON__VALUE__PRECONDITION_FAILED);
    world->act = 0;
    world->act = act_of(world, &god);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
}

// By trying numbers a player could count what was done in secret.
static void a_guess_tells_others_nothing(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    uint64_t act = act_of(world, &god);
    for (uint64_t guess = act - 1; guess <= act + 1; guess++) {
        world->act = guess;
        assert_refuses(world, &player, "events.VoteEvent", "{" EVENT ",'vote':'UP'}",
                       CONSE__REASON__VALUE__PRECONDITION_FAILED);
    }
}

// Somebody's; what services tell each other has no act.
static bool is_on_an_event(const struct schema_method *method)
{
    bool writes = method->class == CONSE__CLASS__WRITE || method->class == CONSE__CLASS__SLOW;
    return writes && method->callers & 1 << CONSE__ASKER__VALUE__GATEWAY &&
           strncmp(method->name, "events.", 7) == 0 &&
           (protobuf_c_message_descriptor_get_field_by_name(method->request, "event_id") ||
            strcmp(method->name, "events.PutEventImage") == 0);
}

// The least that each command needs to be looked at.
static const char *least_of(const struct schema_method *method)
{
    static const struct {
        const char *method, *rest;
    } rests[] = {
        {"events.PutEventImage", "'id':'$event','image':'iVBORw0KGgo='"},
        {"events.VoteEvent", EVENT ",'vote':'UP'"},
        {"events.HandOverEvent", EVENT ",'god_id':'$player'"},
        {"events.ClaimSeat", EVENT ",'ticket':'x'"},
        {"events.OrderSeats", EVENT ",'user_ids':['$player']"},
        {"events.SetAttendance", EVENT ",'user_id':'$player','attendance':'LATE'"},
        {"events.OpenPhase", EVENT ",'kind':'DAY'"},
        {"events.ChainPlayer", EVENT ",'user_id':'$player','to_id':'$other'"},
        {"events.AddNote", EVENT ",'user_id':'$player','text':'x','audience':'GOD'"},
        {"events.AddTableNote", EVENT ",'text':'x','audience':'TABLE'"},
        {"events.ScorePlayer", EVENT ",'user_id':'$player','score':1"},
        {"events.Undo", EVENT ",'seq':1"},
        {"events.SetClock", EVENT ",'seconds':90"},
        {"events.AskReady", EVENT ",'seconds':60"},
        {"events.OpenPoll", EVENT ",'kind':'TRIAL'"},
        {"events.UpdatePoll", EVENT ",'poll_id':'$group','extend':'60s'"},
        {"events.CastBallot", EVENT ",'poll_id':'$group','candidate_id':'NONE'"},
        {"events.ClosePoll", EVENT ",'poll_id':'$group'"},
        {"events.FinishEvent", EVENT ",'winning_side_ids':['$group']"},
    };
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++)
        if (strcmp(rests[i].method, method->name) == 0) return rests[i].rest;
    return protobuf_c_message_descriptor_get_field_by_name(method->request, "user_id") ? EVENT
               ",'user_id':'$player'"
                                                                                       : EVENT;
}

static void no_command_on_an_event_passes_it_over(void **state)
{
    struct service_world *world = *state;
    size_t count, tried = 0;
    const struct schema_method *methods = schema_methods(&count);
    open_dealt(world);
    world->act = act_of(world, &god) + 1;
    for (size_t i = 0; i < count; i++) {
        if (!is_on_an_event(&methods[i])) continue;
        char request[WORLD_REQUEST];
        snprintf(request, sizeof request, "{%s}", least_of(&methods[i]));
        struct answer answer = service_ask(world, &god, methods[i].name, request);
        if (answer.ok || answer.err.reason != CONSE__REASON__VALUE__PRECONDITION_FAILED)
            fail_msg("%s: %s %s", methods[i].name, answer.ok ? "done" : err_name(&answer.err),
                     answer.err.message);
        tried++;
    }
    assert_true(tried >= 20);
}

static void nothing_new_can_stand_at_an_act(void **state)
{
    struct service_world *world = *state;
    world->act = 1;
    assert_refuses(world, &god, "events.CreateEvent",
                   "{'group_id':'$group','deck_id':'$deck','title':'x','max_players':2,"
                   "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}",
                   CONSE__REASON__VALUE__PRECONDITION_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_the_god_and_the_clock_act),        TEST(only_who_leads_sees_it),
        TEST(a_command_on_what_was_is_refused),      TEST(a_guess_tells_others_nothing),
        TEST(no_command_on_an_event_passes_it_over), TEST(nothing_new_can_stand_at_an_act),
    };
    return cmocka_run_group_tests_name("acts", tests, NULL, NULL);
}
