#include "events.pb-c.h"
#include "game.pb-c.h"
#include "services/gateway/graphql/make/make.h"
#include "services/gateway/graphql/run/run.h"
#include "tests/test.h"

#define ID_1 "01a204b8-c493-744e-8dfd-817a593ee201"
#define ID_2 "01A204B8-C493-744E-8DFD-817A593EE202"

static struct arena schema_arena, arena, scratch;
static struct buf out;
static struct routes *routes;
static const struct gql_schema *schema;
static struct gql_run *run;
static struct gql_refusal refusal;
static struct gql_request request;
static struct question *asked;
static char asked_of[64];
static int done;

static bool may(void *arg, const struct route *route, struct err *err)
{
    (void)arg, (void)route, (void)err;
    return true;
}

static uint64_t take(void *arg, const struct gql_ask *ask, struct question *question)
{
    (void)arg;
    asked = question;
    snprintf(asked_of, sizeof asked_of, "%s", ask->route->method->name);
    return 1;
}

static void cancel(void *arg, uint64_t id)
{
    (void)arg, (void)id;
    asked = NULL;
}

static void took(void *arg) { (void)arg; }

static void on_done(void *arg)
{
    (void)arg;
    done++;
}

static int set_up(void **state)
{
    static const uint8_t key[GQL_NAMES_KEY] = {7};
    size_t count;
    struct err err;
    const struct route_row *rows = routes_table(&count);
    (void)state;
    arena_init(&schema_arena, 16 << 20);
    arena_init(&arena, 4 << 20);
    arena_init(&scratch, 1 << 20);
    buf_init(&out, 4 << 20);
    if (!routes_create(&routes, rows, count, &err)) fail_msg("%s", err.message);
    if (!gql_make(&schema, routes, key, &schema_arena, &err)) fail_msg("%s", err.message);
    run = NULL;
    asked = NULL;
    done = 0;
    request = (struct gql_request){.limits = &gql_limits_open, .follows = true};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gql_run_finish(run);
    json_decref((json_t *)request.variables);
    routes_destroy(routes);
    buf_finish(&out);
    arena_finish(&scratch);
    arena_finish(&arena);
    arena_finish(&schema_arena);
    return 0;
}

static bool create(const char *document)
{
    static const struct gql_host host = {NULL, may, take, cancel, took, on_done};
    request.text = document;
    request.len = strlen(document);
    run = gql_run_create(schema, &request, &host, &arena, &refusal);
    return run;
}

static void follow(const char *document)
{
    if (!create(document)) fail_msg("%s", refusal.faults.faults[0].message);
    assert_true(gql_run_follows(run));
}

static void refused(const char *document, const char *why)
{
    if (create(document)) fail_msg("accepted: %s", document);
    assert_string_equal(refusal.faults.faults[0].message, why);
}

static void tells(const struct gql_tell *tell, const char *json)
{
    buf_reset(&out);
    gql_run_tell(run, tell, &scratch, "t1", &out);
    arena_reset(&scratch);
    assert_string_equal(out.bytes, json);
}

#define EVENT "subscription { event(id: \"" ID_1 "\") { __typename "

static Events__LogEntry entry_of(uint64_t number, uint8_t packed[256])
{
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    Game__Entry inner = GAME__ENTRY__INIT;
    Game__PhaseOpened opened = GAME__PHASE_OPENED__INIT;
    opened.number = 3;
    inner.actor = ID_1;
    inner.body_case = GAME__ENTRY__BODY_PHASE_OPENED;
    inner.phase_opened = &opened;
    entry.index = number;
    entry.kind = "PHASE_OPENED";
    entry.cursor = "AAAAAAAA.7";
    entry.payload = (ProtobufCBinaryData){game__entry__pack(&inner, packed), packed};
    return entry;
}

static void each_thing_told_has_a_type_of_its_own(void **state)
{
    Events__Event event = EVENTS__EVENT__INIT;
    Events__EventMine mine = EVENTS__EVENT_MINE__INIT;
    uint8_t packed[256];
    Events__LogEntry entry = entry_of(7, packed);
    (void)state;
    event.title = "Night";
    mine.vote = EVENTS__VOTE__VALUE__UP;
    follow(EVENT
           "... on EventSnapshot { cursor state { title } mine { vote } } "
           "... on LogEntry { index kind cursor actorId fields { ... on EntryPhaseOpened { number } } } "
           "... on StreamLive { cursor serverTime } ... on StreamReset { reason } } }");
    tells(&(struct gql_tell){.what = GQL_SNAPSHOT, .cursor = "A.1", .state = &event.base, .mine = &mine.base},
          "{\"data\":{\"event\":{\"__typename\":\"EventSnapshot\",\"cursor\":\"A.1\",\"state\":{\"title\":"
          "\"Night\"},"
          "\"mine\":{\"vote\":\"UP\"}}}}");
    tells(&(struct gql_tell){.what = GQL_ENTRY, .entry = &entry.base},
          "{\"data\":{\"event\":{\"__typename\":\"LogEntry\",\"index\":\"7\",\"kind\":\"PHASE_OPENED\","
          "\"cursor\":\"AAAAAAAA.7\",\"actorId\":\"" ID_1 "\",\"fields\":{\"number\":3}}}}");
    tells(&(struct gql_tell){.what = GQL_LIVE, .cursor = "A.2", .time_ms = 1000},
          "{\"data\":{\"event\":{\"__typename\":\"StreamLive\",\"cursor\":\"A.2\",\"serverTime\":\"1970-01-"
          "01T00:00:01Z\"}}}");
    tells(&(struct gql_tell){.what = GQL_RESET, .reason = "RIGHTS"},
          "{\"data\":{\"event\":{\"__typename\":\"StreamReset\",\"reason\":\"RIGHTS\"}}}");
    tells(&(struct gql_tell){.what = GQL_RESET, .reason = "OF_A_NEWER_PROGRAM"},
          "{\"data\":{\"event\":{\"__typename\":\"StreamReset\",\"reason\":null}}}");
    tells(&(struct gql_tell){.what = GQL_SNAPSHOT, .cursor = "A.1", .state = &event.base},
          "{\"data\":{\"event\":{\"__typename\":\"EventSnapshot\",\"cursor\":\"A.1\",\"state\":{\"title\":"
          "\"Night\"},"
          "\"mine\":null}}}");
}

static void who_is_there_and_who_writes_are_told(void **state)
{
    Events__Person mira = EVENTS__PERSON__INIT, *writers[] = {&mira};
    Events__Presence here = EVENTS__PRESENCE__INIT, *people[] = {&here};
    Events__EventPresence presence = EVENTS__EVENT_PRESENCE__INIT;
    Events__RoomTyping typing = EVENTS__ROOM_TYPING__INIT;
    (void)state;
    mira.id = ID_1;
    here.user = &mira;
    here.state = EVENTS__PRESENCE__STATE__AWAY;
    presence.people = people;
    presence.n_people = 1;
    typing.users = writers;
    typing.n_users = 1;
    follow("subscription { presence(eventId: \"" ID_1
           "\") { ... on PresenceSnapshot { cursor state { people { "
           "user { id } state } asOf } } ... on StreamLive { cursor } } }");
    assert_false(gql_run_wants(run, GQL_ENTRY));
    tells(&(struct gql_tell){.what = GQL_SNAPSHOT, .cursor = "A.1", .state = &presence.base},
          "{\"data\":{\"presence\":{\"cursor\":\"A.1\",\"state\":{\"people\":[{\"user\":{\"id\":\"" ID_1
          "\"},\"state\":\"AWAY\"}],\"asOf\":null}}}}");
    gql_run_finish(run);
    follow("subscription { room(id: \"" ID_1 ".table\") { __typename ... on RoomTyping { users { id } } } }");
    assert_true(gql_run_wants(run, GQL_TYPING));
    assert_false(gql_run_wants(run, GQL_ENTRY));
    tells(&(struct gql_tell){.what = GQL_TYPING, .entry = &typing.base},
          "{\"data\":{\"room\":{\"__typename\":\"RoomTyping\",\"users\":[{\"id\":\"" ID_1 "\"}]}}}");
    gql_run_finish(run);
    follow("subscription { room(id: \"" ID_1 ".table\") { __typename ... on RoomEntry { seq } } }");
    assert_false(gql_run_wants(run, GQL_TYPING));
    assert_true(gql_run_wants(run, GQL_ENTRY));
}

// A run is shared by many, for as long as one of them is there.
static void telling_takes_no_memory_of_the_run(void **state)
{
    uint8_t packed[256];
    Events__LogEntry entry = entry_of(7, packed);
    struct gql_tell tell = {.what = GQL_ENTRY, .entry = &entry.base};
    (void)state;
    follow(EVENT "... on LogEntry { fields { ... on EntryPhaseOpened { kind day } } salt payload } } }");
    size_t used = arena.used_bytes;
    for (int i = 0; i < 100; i++) {
        buf_reset(&out);
        gql_run_tell(run, &tell, &scratch, "t1", &out);
        arena_reset(&scratch);
    }
    assert_int_equal(arena.used_bytes, used);
}

static void what_needs_too_much_memory_is_an_error(void **state)
{
    uint8_t packed[256];
    Events__LogEntry entry = entry_of(7, packed);
    struct arena small;
    (void)state;
    arena_init(&small, 16);
    follow(EVENT "... on LogEntry { fields { __typename } } } }");
    gql_run_tell(run, &(struct gql_tell){.what = GQL_ENTRY, .entry = &entry.base}, &small, "t1", &out);
    assert_non_null(strstr(out.bytes, "\"code\":\"CALL_TOO_LARGE\""));
    assert_null(strstr(out.bytes, "\"data\""));
    arena_finish(&small);
}

static void links_are_asked_for_what_selects_them(void **state)
{
    Events__Event event = EVENTS__EVENT__INIT;
    (void)state;
    follow(EVENT "... on EventSnapshot { state { group { whole { name } } deck { name } } } ... on LogEntry "
                 "{ kind } } }");
    assert_true(gql_run_asks(run, GQL_SNAPSHOT));
    assert_false(gql_run_asks(run, GQL_ENTRY));
    assert_false(gql_run_asks(run, GQL_LIVE));
    event.id = ID_1;
    struct gql_tell tell = {.what = GQL_SNAPSHOT, .cursor = "A.1", .state = &event.base};
    assert_false(gql_run_start_telling(run, &tell));
    assert_string_equal(asked_of, "events.GetEventDeck");
    struct err err;
    err_fail(&err, NOT_FOUND, "there is no deck");
    gql_run_answer(asked, &err, NULL, 0);
    assert_int_equal(done, 1);
    gql_run_write(run, "t1", &out);
    assert_non_null(strstr(
        out.bytes,
        "{\"data\":{\"event\":{\"__typename\":\"EventSnapshot\",\"state\":{\"group\":null,\"deck\":null}}}"));
    assert_non_null(strstr(out.bytes, "\"path\":[\"event\",\"state\",\"deck\"]"));
}

static void a_topic_is_made_of_the_arguments(void **state)
{
    struct gql_followed followed;
    struct err err;
    (void)state;
    follow("subscription { event(id: \"" ID_2 "\", after: \"A.1\") { __typename } }");
    assert_true(gql_run_followed(run, &followed, &err));
    assert_string_equal(followed.topic, "event:01a204b8-c493-744e-8dfd-817a593ee202");
    assert_string_equal(followed.about, "id");
    assert_string_equal(followed.after, "A.1");
    gql_run_finish(run);
    request.variables = json_loads("{\"after\": null}", 0, NULL);
    follow("subscription($after: String) { me(after: $after) { __typename } }");
    assert_true(gql_run_followed(run, &followed, &err));
    assert_string_equal(followed.topic, "me");
    assert_null(followed.about);
    assert_string_equal(followed.after, "");
}

static void what_is_no_subscription_is_refused(void **state)
{
    (void)state;
    refused("subscription { me { __typename } event(id: \"" ID_1 "\") { __typename } }",
            "a subscription has one field");
    refused("subscription { __typename }", "a subscription does not begin with introspection");
    refused("subscription { me @skip(if: true) { __typename } }", "nothing is selected");
    refused("subscription { event { __typename } }", "event needs the argument id");
    refused(EVENT "... on EventSnapshot { state { players { role { a: side { slug } } } } } } }",
            "Title has no such field");
    request.follows = false;
    refused("subscription { me { __typename } }",
            "a subscription is told over a WebSocket, or as events (Accept: text/event-stream)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_thing_told_has_a_type_of_its_own), TEST(telling_takes_no_memory_of_the_run),
        TEST(who_is_there_and_who_writes_are_told),  TEST(what_needs_too_much_memory_is_an_error),
        TEST(links_are_asked_for_what_selects_them), TEST(a_topic_is_made_of_the_arguments),
        TEST(what_is_no_subscription_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
