// Every method of events, called by every program for everybody; and those on an owner's object, by
// strangers.
#include "lib/base/reason.h"
#include "lib/rpc/testing/passports.h"
#include "services/events/testing/table.h"

static const struct asker other_god = {"01890000-0000-7000-8000-000000000002", LEVEL_GOD},
                          seated_dev = {"01890000-0000-7000-8000-000000000004", LEVEL_DEV},
                          demoted_god = {"01890000-0000-7000-8000-000000000001", LEVEL_PLAYER},
                          assistant = {"01890000-0000-7000-8000-000000000005", LEVEL_PLAYER},
                          god_assistant = {"01890000-0000-7000-8000-000000000006", LEVEL_GOD},
                          ex_assistant = {"01890000-0000-7000-8000-000000000007", LEVEL_PLAYER};

struct evening {
    struct service_world *world;
    bool absent; // the object named is none
    struct passports passports;
};

static bool names_the_object(const char *method, const char *field)
{
    const struct schema_method *schema = rpc_schema_of(method);
    for (const struct schema_owner *owner = schema->owners; owner->kind; owner++)
        if (owner->kind != CONSE__METHOD__OWNER__KIND__SELF &&
            strcmp(schema->request->fields[owner->field - 1].name, field) == 0)
            return true;
    return false;
}

// Somebody to be let in again, also after that was done.
static const char *banned(struct service_world *world)
{
    service_must(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$second'}");
    return second_god.user_id;
}

// An id of what the field names, in an evening of which god is the god.
static const char *id_of_a_field(void *arg, const char *method, const char *field)
{
    const struct evening *evening = arg;
    struct service_world *world = evening->world;
    if (evening->absent && names_the_object(method, field)) return "01890000-0000-7000-8000-00000000dead";
    if (strncmp(method, "events.PutGroup", strlen("events.PutGroup")) == 0)
        return service_recall(world, "group");
    if (strcmp(field, "id") == 0 || strcmp(field, "event_id") == 0) return service_recall(world, "event");
    if (strcmp(field, "group_id") == 0) return service_recall(world, "group");
    if (strcmp(field, "deck_id") == 0) return service_recall(world, "deck");
    if (strcmp(field, "poll_id") == 0) return service_recall(world, "poll");
    if (strcmp(field, "role_id") == 0) return service_recall(world, "spy");
    if (strcmp(field, "god_id") == 0) return god.user_id;
    if (strcmp(method, "events.UnbanUser") == 0) return banned(evening->world);
    if (strcmp(method, "events.AddAssistant") == 0) return assistant.user_id;
    return player.user_id;
}

static const struct asker *const assistants[] = {&assistant, &god_assistant, &ex_assistant};

static void open_game(struct service_world *world)
{
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &seated_dev, "events.Reserve", "{" EVENT "}");
    banned(world);
    for (size_t i = 0; i < sizeof assistants / sizeof *assistants; i++) {
        service_teach(world, assistants[i]->user_id, assistants[i]->user_id + UUID_LEN - 8,
                      assistants[i]->level);
        service_remember(world, "assistant", assistants[i]->user_id);
        service_must(world, &god, "events.AddAssistant", "{" EVENT ",'user_id':'$assistant'}");
    }
    service_must(world, &god, "events.RemoveAssistant", "{" EVENT ",'user_id':'$assistant'}"); // the last
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    const Events__PollReply *poll =
        (const void *)service_must(world, &god, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}").reply;
    service_remember(world, "poll", poll->poll->id);
}

static void open_evening(struct evening *evening, struct service_world *world)
{
    *evening = (struct evening){.world = world};
    evening->passports = (struct passports){.id = id_of_a_field,
                                            .arg = evening,
                                            .user_id = player.user_id,
                                            .options = {.name = "events",
                                                        .methods = events_methods,
                                                        .service = &world->events,
                                                        .store = world->events.store,
                                                        .address = "inproc://events-passports"}};
    open_game(world);
    passports_open(&evening->passports);
}

static void every_method_is_let_in_as_its_passport_says(void **state)
{
    struct evening evening;
    open_evening(&evening, *state);
    passports_try_forms(&evening.passports);
    passports_close(&evening.passports);
}

static void each_frame_is_judged_by_itself_and_where_it_is_heard(void **state)
{
    struct evening evening;
    open_evening(&evening, *state);
    passports_try_lanes(&evening.passports);
    passports_close(&evening.passports);
}

static void a_stream_is_read_by_its_programs(void **state)
{
    struct evening evening;
    open_evening(&evening, *state);
    passports_try_streams(&evening.passports);
    passports_close(&evening.passports);
}

// ---- Strangers

static bool has_owner(const struct schema_method *method, Conse__Method__Owner__Kind kind)
{
    const struct schema_owner *owner = method->owners;
    while (owner->kind && owner->kind != kind) owner++;
    return owner->kind;
}

static Conse__Reason__Value expected_of(const struct schema_method *method, const struct asker *who,
                                        bool absent)
{
    bool own_seat = who == &player && has_owner(method, CONSE__METHOD__OWNER__KIND__SELF);
    bool at_table = has_owner(method, CONSE__METHOD__OWNER__KIND__EVENT_GOD_OR_ASSISTANT);
    bool assists = at_table && (who == &assistant || who == &god_assistant);
    bool leads = who == &god || who->level == LEVEL_DEV || assists;
    if (who->level == LEVEL_PLAYER && !own_seat && !at_table) return REASON(LEVEL_TOO_LOW);
    if (absent) return REASON(NOT_FOUND);
    if (own_seat) return REASON(REASON_UNSPECIFIED);
    if (!leads)
        return method->existence == CONSE__METHOD__EXISTENCE__HIDDEN ? REASON(NOT_FOUND) : REASON(NOT_OWNER);
    if (who == &seated_dev && (at_table || has_owner(method, CONSE__METHOD__OWNER__KIND__EVENT_GOD)))
        return REASON(GOD_MAY_NOT_PLAY);
    return REASON(REASON_UNSPECIFIED);
}

static struct passports_answer ask_as(struct evening *evening, const char *method, const struct asker *who,
                                      bool absent)
{
    const struct passports_form form = {CONSE__ASKER__VALUE__GATEWAY, who->level, true, true, false};
    evening->absent = absent;
    evening->passports.user_id = who->user_id;
    return passports_ask(&evening->passports, method, &form);
}

static bool is_of_right(Conse__Reason__Value reason)
{
    return reason == REASON(LEVEL_TOO_LOW) || reason == REASON(NOT_OWNER) ||
           reason == REASON(GOD_MAY_NOT_PLAY) || reason == REASON(NOT_FOUND) ||
           reason == REASON(INTERNAL_ERROR);
}

// Who may remove an assistant may still find that the user is none.
static bool is_over(const char *method, Conse__Reason__Value reason)
{
    return strcmp(method, "events.RemoveAssistant") == 0 && reason == REASON(NOT_FOUND);
}

static void try_on(struct evening *evening, const struct schema_method *method, const struct asker *who,
                   bool absent, bool allowed)
{
    Conse__Reason__Value expected = expected_of(method, who, absent);
    if (allowed != (expected == REASON(REASON_UNSPECIFIED))) return;
    struct passports_answer answer = ask_as(evening, method->name, who, absent);
    bool refused = is_of_right(answer.reason) && !is_over(method->name, answer.reason);
    if (allowed ? refused : answer.reason != expected)
        fail_msg("%s by %s%s: %s, not %s", method->name, who->user_id, absent ? ", absent" : "",
                 reason_find(answer.reason)->name, reason_find(expected)->name);
}

static void try_strangers(struct evening *evening, bool allowed)
{
    static const struct asker *const everybody[] = {&player,        &demoted_god,  &other_god,
                                                    &seated_dev,    &god,          &assistant,
                                                    &god_assistant, &ex_assistant, &dev};
    size_t count;
    const struct schema_method *methods = schema_methods(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; methods[i].owners->kind && j < sizeof everybody / sizeof *everybody; j++) {
            try_on(evening, &methods[i], everybody[j], false, allowed);
            try_on(evening, &methods[i], everybody[j], true, allowed);
        }
}

static void strangers_are_refused_and_change_nothing(void **state)
{
    struct evening evening;
    uint8_t before[32], after[32];
    open_evening(&evening, *state);
    passports_hash(&evening.passports, before);
    try_strangers(&evening, false);
    passports_hash(&evening.passports, after);
    assert_memory_equal(before, after, sizeof before);
    try_strangers(&evening, true);
    passports_close(&evening.passports);
}

static void what_is_hidden_is_refused_to_the_letter_as_if_it_were_absent(void **state)
{
    struct evening evening;
    size_t count, tried = 0;
    const struct schema_method *methods = schema_methods(&count);
    open_evening(&evening, *state);
    for (size_t i = 0; i < count; i++) {
        if (methods[i].existence != CONSE__METHOD__EXISTENCE__HIDDEN) continue;
        struct passports_answer hidden = ask_as(&evening, methods[i].name, &other_god, false),
                                absent = ask_as(&evening, methods[i].name, &other_god, true);
        assert_int_equal(hidden.reason, absent.reason);
        assert_string_equal(hidden.message, absent.message);
        tried++;
    }
    assert_true(tried >= 2);
    passports_close(&evening.passports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_method_is_let_in_as_its_passport_says),
        TEST(each_frame_is_judged_by_itself_and_where_it_is_heard),
        TEST(a_stream_is_read_by_its_programs),
        TEST(strangers_are_refused_and_change_nothing),
        TEST(what_is_hidden_is_refused_to_the_letter_as_if_it_were_absent),
    };
    return cmocka_run_group_tests_name("passports", tests, NULL, NULL);
}
