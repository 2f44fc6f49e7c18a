#include "services/gateway/graphql/run/run.h"

#include "events.pb-c.h"
#include "lib/base/reason.h"
#include "lib/json/json.h"
#include "lib/schema/schema.h"
#include "services/gateway/graphql/make/make.h"
#include "tests/test.h"

#define ID_1 "01a204b8-c493-744e-8dfd-817a593ee201"
#define ID_2 "01a204b8-c493-744e-8dfd-817a593ee202"

enum { MOST = 4096 };

// A host whose services the test plays: it says what is replied, by the request's JSON.
struct asked {
    struct question *question; // NULL: answered, or cancelled
    const struct gql_ask *ask;
    char request[512];
};

static struct arena schema_arena, arena;
static struct buf out, text;
static struct routes *routes;
static const struct gql_schema *schema;
static struct asked asked[MOST];
static size_t count, cancelled, judged;
static int done;
static const char *refused; // the method that may not be asked
static struct gql_run *run;
static struct gql_refusal refusal;
static struct gql_request request;

static bool may(void *arg, const struct route *route, struct err *err)
{
    (void)arg;
    judged++;
    return !refused || strcmp(route->method->name, refused) != 0 ||
           err_fail(err, LEVEL_TOO_LOW, "this is for gods");
}

static uint64_t take(void *arg, const struct gql_ask *ask, struct question *question)
{
    (void)arg;
    assert_true(count < MOST);
    struct asked *slot = &asked[count++];
    const ProtobufCMessage *message = protobuf_c_message_unpack(ask->route->method->request, &arena.allocator,
                                                                ask->payload.len, ask->payload.data);
    buf_reset(&text);
    json_write(&text, message, NULL);
    *slot = (struct asked){question, ask, ""};
    snprintf(slot->request, sizeof slot->request, "%s", text.bytes);
    return count;
}

static void cancel(void *arg, uint64_t id)
{
    (void)arg;
    asked[id - 1].question = NULL;
    cancelled++;
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
    size_t rows_count;
    struct err err;
    const struct route_row *rows = routes_table(&rows_count);
    (void)state;
    arena_init(&schema_arena, 16 << 20);
    arena_init(&arena, 4 << 20);
    buf_init(&out, 4 << 20);
    buf_init(&text, 1 << 20);
    if (!routes_create(&routes, rows, rows_count, &err)) fail_msg("%s", err.message);
    if (!gql_make(&schema, routes, key, &schema_arena, &err)) fail_msg("%s", err.message);
    count = cancelled = judged = 0;
    done = 0;
    refused = NULL;
    run = NULL;
    request = (struct gql_request){.limits = &gql_limits_open};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gql_run_finish(run);
    json_decref((json_t *)request.variables);
    routes_destroy(routes);
    buf_finish(&out);
    buf_finish(&text);
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

static void variables(const char *json)
{
    request.variables = json_loads(json, 0, NULL);
    assert_non_null(request.variables);
}

static const char *refusal_of(const char *document)
{
    if (create(document)) fail_msg("accepted: %s", document);
    buf_reset(&out);
    gql_refusal_write(&refusal, request.text, request.len, "t1", &out);
    return out.bytes;
}

static void begin(const char *document)
{
    if (!create(document)) fail_msg("%s", refusal.faults.faults[0].message);
    done += gql_run_start(run);
}

static const char *written(void)
{
    assert_int_equal(done, 1);
    buf_reset(&out);
    gql_run_write(run, "t1", &out);
    json_t *read = json_loads(out.bytes, 0, NULL);
    if (!read) fail_msg("no JSON: %s", out.bytes);
    json_decref(read);
    return out.bytes;
}

// The request may have further fields behind those that are told without a closing brace.
static void is_asked(size_t i, const char *method, const char *json)
{
    size_t len = strlen(json);
    assert_true(i < count);
    assert_string_equal(asked[i].ask->route->method->name, method);
    if (json[len - 1] != '}' && strncmp(asked[i].request, json, len) == 0) return;
    assert_string_equal(asked[i].request, json);
}

// What the method replies, in JSON.
static void reply(size_t i, const char *json)
{
    struct err err;
    static uint8_t packed[1 << 18];
    struct question *question = asked[i].question;
    ProtobufCMessage *message = json_message_new(asked[i].ask->route->method->reply, &schema_arena);
    if (!json_parse(json, strlen(json), message, NULL, &schema_arena, &err)) fail_msg("%s", err.message);
    asked[i].question = NULL;
    gql_run_answer(question, NULL, packed, protobuf_c_message_pack(message, packed));
}

static void reply_err(size_t i, const struct err *err)
{
    struct question *question = asked[i].question;
    asked[i].question = NULL;
    gql_run_answer(question, err, NULL, 0);
}

// ---- Queries

static void a_field_is_a_question_to_its_method(void **state)
{
    (void)state;
    begin("{ event(id: \"" ID_1 "\") { id title state price { amount currency } __typename } }");
    assert_int_equal(done, 0);
    is_asked(0, "events.GetEvent", "{\"event_id\":\"" ID_1 "\"}");
    assert_string_equal(asked[0].ask->stream, ID_1);
    reply(0, "{\"event\":{\"id\":\"" ID_1 "\",\"title\":\"A \\\"night\\\"\",\"state\":\"OPEN\","
             "\"price\":{\"amount\":\"18446744073709551615\",\"currency\":\"FREE\"}}}");
    assert_string_equal(written(), "{\"data\":{\"event\":{\"id\":\"" ID_1
                                   "\",\"title\":\"A \\\"night\\\"\",\"state\":\"OPEN\","
                                   "\"price\":{\"amount\":\"18446744073709551615\",\"currency\":\"FREE\"},"
                                   "\"__typename\":\"Event\"}},\"extensions\":{\"cost\":3}}");
}

static void what_is_unset_is_null(void **state)
{
    (void)state;
    begin("{ event(id: \"" ID_1
          "\") { state phase { number } startsAt { utc } myVote poll { id } players { abilitiesLeft } } }");
    reply(0, "{\"event\":{\"players\":[{},{\"abilities_left\":0}]}}");
    assert_string_equal(
        written(), "{\"data\":{\"event\":{\"state\":null,\"phase\":null,\"startsAt\":null,\"myVote\":null,"
                   "\"poll\":null,\"players\":[{\"abilitiesLeft\":null},{\"abilitiesLeft\":0}]}},"
                   "\"extensions\":{\"cost\":14}}");
}

static void lists_have_pages(void **state)
{
    (void)state;
    begin("{ events(status: OPEN, first: 2, after: \"x\") { nodes { title } pageInfo { hasNextPage endCursor "
          "} } }");
    is_asked(0, "events.ListEvents",
             "{\"status\":\"OPEN\",\"group_id\":\"\",\"god_id\":\"\",\"player_id\":\"\",\"q\":\"\","
             "\"page_size\":2,\"page_token\":\"x\"}");
    reply(0, "{\"events\":[{\"title\":\"a\"},{\"title\":\"b\"}],\"next_page_token\":\"y\"}");
    assert_string_equal(written(), "{\"data\":{\"events\":{\"nodes\":[{\"title\":\"a\"},{\"title\":\"b\"}],"
                                   "\"pageInfo\":{\"hasNextPage\":true,\"endCursor\":\"y\"}}},"
                                   "\"extensions\":{\"cost\":8}}");
}

static void links_are_asked_together_and_once(void **state)
{
    (void)state;
    begin("{ events { nodes { deck { name } group { id whole { name } } } } }");
    reply(0, "{\"events\":[{\"id\":\"" ID_1 "\",\"group\":{\"id\":\"" ID_1 "\"}},"
             "{\"id\":\"" ID_2 "\",\"group\":{\"id\":\"" ID_1 "\"}},{\"id\":\"" ID_2 "\"}]}");
    assert_int_equal(count, 4);
    is_asked(1, "events.GetEventDeck", "{\"event_id\":\"" ID_1 "\"}");
    is_asked(2, "events.GetGroup", "{\"group_id\":\"" ID_1 "\"}");
    is_asked(3, "events.GetEventDeck", "{\"event_id\":\"" ID_2 "\"}");
    reply(3, "{\"deck\":{\"name\":\"two\"}}");
    reply(2, "{\"group\":{\"name\":\"g\"}}");
    reply(1, "{\"deck\":{\"name\":\"one\"}}");
    assert_string_equal(
        written(), "{\"data\":{\"events\":{\"nodes\":["
                   "{\"deck\":{\"name\":\"one\"},\"group\":{\"id\":\"" ID_1 "\",\"whole\":{\"name\":\"g\"}}},"
                   "{\"deck\":{\"name\":\"two\"},\"group\":{\"id\":\"" ID_1 "\",\"whole\":{\"name\":\"g\"}}},"
                   "{\"deck\":{\"name\":\"two\"},\"group\":null}]}},\"extensions\":{\"cost\":125}}");
    assert_int_equal(gql_run_asked(run), 4);
}

static void a_reply_that_is_there_is_looked_into_again(void **state)
{
    (void)state;
    begin("{ a: event(id: \"" ID_1 "\") { title } b: event(id: \"" ID_1 "\") { deck { name } } "
          "group(id: \"" ID_2 "\") { events { nodes { deck { id group { name } } } } } }");
    assert_int_equal(count, 2);
    reply(0, "{\"event\":{\"id\":\"" ID_1 "\",\"title\":\"t\"}}");
    assert_int_equal(count, 3);
    reply(2, "{\"deck\":{\"id\":\"d\",\"name\":\"deck\",\"group_id\":\"" ID_1 "\"}}");
    reply(1, "{\"group\":{\"id\":\"" ID_2 "\",\"name\":\"g\"}}");
    is_asked(3, "events.ListEvents",
             "{\"status\":\"STATE_UNSPECIFIED\",\"group_id\":\"" ID_2
             "\",\"god_id\":\"\",\"player_id\":\"\",\"q\":\"\",\"page_size\":20,\"page_token\":\"\"}");
    reply(3, "{\"events\":[{\"id\":\"" ID_1 "\"}]}"); // whose deck is known, but for another field
    assert_int_equal(count, 5);
    is_asked(4, "events.GetGroup", "{\"group_id\":\"" ID_1 "\"}");
    reply(4, "{\"group\":{\"name\":\"other\"}}");
    assert_non_null(strstr(written(), "\"group\":{\"events\":{\"nodes\":[{\"deck\":{\"id\":\"d\",\"group\":"
                                      "{\"name\":\"other\"}}}]}}"));
}

static void packed_bytes_are_opened(void **state)
{
    (void)state;
    // actor "u", body phase_closed {}: what Entry packs.
    begin("{ log(eventId: \"" ID_1 "\") { next entries { kind payload actorId fields { __typename ... on "
          "EntryUnbanned { userId } } } } }");
    reply(0, "{\"next\":\"3\",\"entries\":[{\"kind\":\"UNBANNED\",\"payload\":\"EgF12gEDCgF2\"},{\"kind\":"
             "\"STUB\"}]}");
    assert_string_equal(
        written(),
        "{\"data\":{\"log\":{\"next\":\"3\",\"entries\":[{\"kind\":\"UNBANNED\",\"payload\":"
        "\"EgF12gEDCgF2\",\"actorId\":\"u\",\"fields\":{\"__typename\":\"EntryUnbanned\",\"userId\":"
        "\"v\"}},{\"kind\":\"STUB\",\"payload\":\"\",\"actorId\":null,\"fields\":null}]}},"
        "\"extensions\":{\"cost\":205}}");
}

static void a_fragment_asks_for_each_of_its_places(void **state)
{
    (void)state;
    begin("{ a: event(id: \"" ID_1 "\") { ...E } b: event(id: \"" ID_2 "\") { ...E } }"
          "fragment E on Event { id polls(first: 7) { nodes { id } } }");
    reply(0, "{\"event\":{\"id\":\"" ID_1 "\"}}");
    reply(1, "{\"event\":{\"id\":\"" ID_2 "\"}}");
    is_asked(2, "events.ListPolls", "{\"event_id\":\"" ID_1 "\",\"page_size\":7");
    is_asked(3, "events.ListPolls", "{\"event_id\":\"" ID_2 "\",\"page_size\":7");
    reply(2, "{\"polls\":[{\"id\":\"one\"}]}");
    reply(3, "{\"polls\":[{\"id\":\"two\"}]}");
    assert_string_equal(written(),
                        "{\"data\":{\"a\":{\"id\":\"" ID_1 "\",\"polls\":{\"nodes\":[{\"id\":\"one\"}]}},"
                        "\"b\":{\"id\":\"" ID_2 "\",\"polls\":{\"nodes\":[{\"id\":\"two\"}]}}},"
                        "\"extensions\":{\"cost\":28}}");
}

static void introspection_costs_what_it_tells(void **state)
{
    (void)state;
    begin("{ __schema { types { kind name fields { name type { name ofType { name } } } } } }");
    assert_true(done);
    gql_run_finish(run);
#define TOLD(name) #name ": types { name description fields { name description args { name description } } } "
    const char *much = refusal_of("{ __schema { " TOLD(a) TOLD(b) TOLD(c) TOLD(d) TOLD(e) TOLD(f) TOLD(g)
                                      TOLD(h) TOLD(i) TOLD(j) TOLD(k) TOLD(l) "} }");
#undef TOLD
    assert_non_null(strstr(much, "\"code\":\"GRAPHQL_TOO_COSTLY\""));
}

static void a_long_variable_is_not_sent_any_number_of_times(void **state)
{
    enum { LONG = 600 << 10 };
    char *long_text = malloc(LONG + 1);
    (void)state;
    assert_non_null(long_text);
    memset(long_text, 'x', LONG);
    long_text[LONG] = 0;
    request.variables = json_pack("{s:s}", "v", long_text);
    free(long_text);
    begin(
        "query($v: String) { a: groups(after: $v) { nodes { id } } b: groups(first: 1, after: $v) { nodes { "
        "id } } c: groups(first: 2, after: $v) { nodes { id } } }");
    assert_int_equal(count, 2);
    reply(0, "{}");
    reply(1, "{}");
    assert_non_null(strstr(written(), "\"path\":[\"c\"],\"extensions\":{\"code\":\"BODY_TOO_LARGE\""));
}

// ---- Failures

static void a_refused_question_is_null_with_its_reason(void **state)
{
    struct err err;
    (void)state;
    begin("{\n  me { id } event(id: \"" ID_1 "\") {\n players { account { username } } } }");
    err_fail(&err, RATE_LIMITED, "too many");
    err.retry_after_s = 7;
    reply_err(0, &err);
    reply(1, "{\"event\":{\"players\":[{\"account_id\":\"\"},{\"account_id\":\"" ID_2 "\"}]}}");
    err_field(&err, NOT_FOUND, "user_id", "nobody");
    err.retry_after_s = 0;
    reply_err(2, &err);
    assert_string_equal(
        written(), "{\"data\":{\"me\":null,\"event\":{\"players\":[{\"account\":null},{\"account\":null}]}},"
                   "\"errors\":[{\"message\":\"too many\",\"locations\":[{\"line\":2,\"column\":3}],\"path\":"
                   "[\"me\"],\"extensions\":{\"code\":\"RATE_LIMITED\",\"status\":429,\"traceId\":\"t1\","
                   "\"retryAfter\":7}},{\"message\":\"nobody\",\"locations\":[{\"line\":3,\"column\":12}],"
                   "\"path\":[\"event\",\"players\",1,\"account\"],\"extensions\":{\"code\":\"NOT_FOUND\","
                   "\"status\":404,\"traceId\":\"t1\",\"fields\":[{\"field\":\"userId\",\"detail\":"
                   "\"nobody\"}]}}],\"extensions\":{\"cost\":28}}");
}

static void the_passport_is_asked_of_each_question(void **state)
{
    (void)state;
    refused = "events.GetGroup";
    begin("{ event(id: \"" ID_1 "\") { group { whole { name } } deck { name } } }");
    assert_int_equal(judged, 1);
    reply(0, "{\"event\":{\"id\":\"" ID_1 "\",\"group\":{\"id\":\"" ID_1 "\"}}}");
    assert_int_equal(judged, 3);
    assert_int_equal(count, 2);
    reply(1, "{\"deck\":{\"name\":\"one\"}}");
    assert_non_null(strstr(written(),
                           "{\"data\":{\"event\":{\"group\":{\"whole\":null},\"deck\":{\"name\":\"one\"}}},"
                           "\"errors\":[{\"message\":\"this is for gods\""));
    assert_non_null(strstr(out.bytes, "\"path\":[\"event\",\"group\",\"whole\"]"));
}

static void inner_faults_are_not_told(void **state)
{
    struct err err;
    (void)state;
    begin("{ me { id } }");
    err_fail(&err, INTERNAL_ERROR, "the table broke");
    reply_err(0, &err);
    assert_null(strstr(written(), "table"));
    assert_non_null(strstr(out.bytes, "quote the trace id"));
}

static void what_can_not_be_null_takes_its_place_with_it(void **state)
{
    // 4294967295 failed tries are more than an Int holds; failedTries: [ExportFailedTries!]!
    (void)state;
    begin("{ export { user { id } failedTries { of count } } me { id } }");
    reply(0, "{\"user\":{\"id\":\"u\"},\"failed_tries\":[{\"of\":\"account\",\"count\":1},{\"count\":"
             "4294967295}]}");
    reply(1, "{\"user\":{\"id\":\"u\"}}");
    assert_non_null(
        strstr(written(), "{\"data\":{\"export\":null,\"me\":{\"id\":\"u\"}},\"errors\":[{\"message\":"));
    assert_non_null(strstr(out.bytes, "\"path\":[\"export\",\"failedTries\",1,\"count\"]"));
}

static void a_reply_that_can_not_be_read_is_a_fault(void **state)
{
    (void)state;
    begin("{ me { id } }");
    struct question *question = asked[0].question;
    asked[0].question = NULL;
    gql_run_answer(question, NULL, (const uint8_t *)"\xff\xff", 2);
    assert_non_null(strstr(written(), "\"code\":\"INTERNAL_ERROR\""));
}

// ---- Mutations

static void mutations_run_one_after_another(void **state)
{
    struct err err;
    (void)state;
    begin("mutation { one: voteEvent(input: {eventId: \"" ID_1
          "\", vote: UP}, idempotencyKey: \"k1\") { upvotes } "
          "two: lockEvent(input: {eventId: \"" ID_1 "\"}) { event { id deck { name } } } "
          "three: castBallot(input: {eventId: \"" ID_1 "\", pollId: \"" ID_2
          "\", candidateId: \"NONE\"}) { done } }");
    assert_true(gql_run_writes(run));
    assert_int_equal(count, 1);
    is_asked(0, "events.VoteEvent", "{\"event_id\":\"" ID_1 "\",\"vote\":\"UP\"}");
    assert_string_equal(asked[0].ask->key, "k1");
    err_fail(&err, EVENT_OVER, "over");
    reply_err(0, &err);
    assert_int_equal(count, 2);
    reply(1, "{\"event\":{\"id\":\"" ID_1 "\"}}");
    is_asked(2, "events.GetEventDeck", "{\"event_id\":\"" ID_1 "\"}"); // belongs to the second
    assert_int_equal(count, 3);
    reply(2, "{\"deck\":{\"name\":\"d\"}}");
    assert_int_equal(count, 4);
    is_asked(3, "events.CastBallot",
             "{\"event_id\":\"" ID_1 "\",\"poll_id\":\"" ID_2 "\",\"candidate_id\":\"NONE\"}");
    reply(3, "{}");
    assert_non_null(strstr(written(), "{\"data\":{\"one\":null,\"two\":{\"event\":{\"id\":\"" ID_1
                                      "\",\"deck\":{\"name\":"
                                      "\"d\"}}},\"three\":{\"done\":true}},\"errors\":["));
}

static void equal_mutations_are_two(void **state)
{
    (void)state;
    begin("mutation { one: foulPlayer(input: {eventId: \"" ID_1 "\", userId: \"" ID_2 "\"}) { fouls } "
          "two: foulPlayer(input: {eventId: \"" ID_1 "\", userId: \"" ID_2 "\"}) { fouls } }");
    reply(0, "{\"fouls\":1}");
    assert_int_equal(count, 2);
    reply(1, "{\"fouls\":2}");
    assert_non_null(strstr(written(), "{\"data\":{\"one\":{\"fouls\":1},\"two\":{\"fouls\":2}}"));
}

// ---- Variables and arguments

static void variables_fill_requests(void **state)
{
    (void)state;
    variables(
        "{\"in\":{\"groupId\":\"" ID_1 "\",\"deckId\":\"" ID_2
        "\",\"title\":\"t\",\"maxPlayers\":9,\"startsAt\":"
        "{\"local\":\"2026-12-01T20:30:00\",\"zone\":\"Asia/"
        "Tehran\"},\"price\":{\"amount\":\"5\",\"currency\":"
        "\"CONSE\"},\"spectatorDelay\":\"3.5s\",\"expiresAt\":\"2026-12-02T00:00:00Z\",\"content\":null},"
        "\"with\":false}");
    begin("mutation M($in: CreateEventInput!, $with: Boolean! = true) { createEvent(input: $in) { event { id "
          "title @include(if: $with) } } }");
    is_asked(
        0, "events.CreateEvent",
        "{\"group_id\":\"" ID_1 "\",\"deck_id\":\"" ID_2
        "\",\"title\":\"t\",\"content\":\"\",\"starts_at\":{\"local\":\"2026-12-01T20:30:00\",\"zone\":"
        "\"Asia/Tehran\"},"
        "\"expires_at\":\"2026-12-02T00:00:00Z\",\"min_players\":0,\"max_players\":9,\"price\":{\"amount\":"
        "\"5\","
        "\"currency\":\"CONSE\"},\"waitlist\":false,\"secret_ballot\":false,\"spectator_delay\":\"3.5s\"");
    reply(0, "{\"event\":{\"id\":\"e\",\"title\":\"t\"}}");
    assert_non_null(strstr(written(), "{\"data\":{\"createEvent\":{\"event\":{\"id\":\"e\"}}}"));
}

static void ids_may_come_in_any_case(void **state)
{
    (void)state;
    begin("{ event(id: \"01A204B8-C493-744E-8DFD-817A593EE201\") { id } }");
    is_asked(0, "events.GetEvent", "{\"event_id\":\"" ID_1 "\"}");
    reply(0, "{}");
    assert_non_null(strstr(written(), "{\"data\":{\"event\":null}"));
}

static void variables_are_judged_before_anything_is_asked(void **state)
{
    static const struct {
        const char *document, *variables, *message;
    } faults[] = {
        {"query($x: ID!) { event(id: $x) { id } }", "{}", "a ID is missing"},
        {"query($x: ID!) { event(id: $x) { id } }", "{\"x\":null}", "a ID may not be null here"},
        {"query($x: ID!) { event(id: $x) { id } }", "{\"x\":true}", "it must be an ID"},
        {"query($x: Int) { events(first: $x) { nodes { id } } }", "{\"x\":\"1\"}", "it must be an Int"},
        {"query($x: Int) { events(first: $x) { nodes { id } } }", "{\"x\":2147483648}", "it must be an Int"},
        {"query($x: Int) { events(first: $x) { nodes { id } } }", "{\"x\":1.5}", "it must be an Int"},
        {"query($x: EventState) { events(status: $x) { nodes { id } } }", "{\"x\":\"SHUT\"}",
         "it must be the name of a value of EventState"},
        {"query($x: DateTime) { events(startsAfter: $x) { nodes { id } } }", "{\"x\":\"now\"}",
         "it must be a DateTime"},
        {"query($x: UInt64) { log(eventId: \"a\", from: $x) { next } }", "{\"x\":\"-1\"}",
         "it must be a UInt64"},
        {"mutation($x: SeatInput!) { foulPlayer(input: $x) { fouls } }", "{\"x\":7}",
         "it must be a SeatInput"},
        {"mutation($x: SeatInput!) { foulPlayer(input: $x) { fouls } }", "{\"x\":{\"eventId\":\"a\"}}",
         "userId is missing"},
        {"mutation($x: SeatInput!) { foulPlayer(input: $x) { fouls } }",
         "{\"x\":{\"eventId\":\"a\",\"userId\":\"b\",\"secret\":\"c\"}}", "SeatInput has no such field"},
        {"mutation($x: OrderSeatsInput!) { orderSeats(input: $x) { event { id } } }",
         "{\"x\":{\"eventId\":\"a\",\"userIds\":[\"b\",null]}}", "a ID may not be null here"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        json_decref((json_t *)request.variables);
        variables(faults[i].variables);
        const char *said = refusal_of(faults[i].document);
        if (!strstr(said, faults[i].message) || !strstr(said, "GRAPHQL_VARIABLE"))
            fail_msg("%s, not: %s", said, faults[i].message);
        assert_null(strstr(said, "secret"));
    }
    assert_int_equal(count, 0);
}

static void arguments_that_are_wrong_are_told_of_their_field(void **state)
{
    (void)state;
    begin("{ me { id } events(startsAfter: \"soon\") { nodes { id } } }");
    assert_int_equal(count, 1);
    reply(0, "{\"user\":{\"id\":\"u\"}}");
    assert_non_null(strstr(written(), "{\"data\":{\"me\":{\"id\":\"u\"},\"events\":null},"));
    assert_non_null(strstr(out.bytes, "\"fields\":[{\"field\":\"startsAfter\","));
    assert_non_null(strstr(out.bytes, "{\"message\":\"startsAfter is not a time"));
}

static void operations_are_chosen_by_name(void **state)
{
    (void)state;
    assert_non_null(
        strstr(refusal_of("query A { me { id } } query B { jwks { __typename } }"), "GRAPHQL_OPERATION"));
    request.operation = "C";
    assert_non_null(
        strstr(refusal_of("query A { me { id } } query B { jwks { __typename } }"), "GRAPHQL_OPERATION"));
    request.operation = "";
    assert_non_null(strstr(refusal_of("{ me { id } }"), "GRAPHQL_OPERATION"));
    request.operation = "B";
    begin("query A { me { id } } query B { jwks { __typename } }");
    is_asked(0, "auth.GetJwks", "{}");
    reply(0, "{}");
    written();
}

static void a_mutation_is_refused_where_only_reads_are(void **state)
{
    (void)state;
    request.reads = true;
    assert_non_null(strstr(refusal_of("mutation { logout(input: {}) { done } }"), "METHOD_NOT_ALLOWED"));
}

// ---- Cost

static void what_costs_too_much_is_refused(void **state)
{
    (void)state;
    const char *said =
        refusal_of("{ events(first: 100) { nodes { players { username statuses { status } } } } }");
    assert_non_null(strstr(said, "GRAPHQL_TOO_COSTLY"));
    assert_non_null(strstr(said, "\"extensions\":{\"cost\":7305}}"));
    variables("{\"n\":500}");
    assert_non_null(strstr(refusal_of("query($n: Int) { events(first: $n) { nodes { price { amount } } } }"),
                           "the operation costs 1005, more than 1000"));
    begin("{ events(first: 100) { nodes { id players { username } } } }");
    assert_int_equal(count, 1);
}

static void conditions_lower_the_cost(void **state)
{
    (void)state;
    begin("{ events(first: 100) { nodes { id players @skip(if: true) { statuses { status } } } } }");
    reply(0, "{\"events\":[{\"id\":\"a\"}]}");
    assert_string_equal(written(),
                        "{\"data\":{\"events\":{\"nodes\":[{\"id\":\"a\"}]}},\"extensions\":{\"cost\":105}}");
}

// ---- Bounds

static const char *many_players(size_t players)
{
    static char json[1 << 20];
    size_t len = (size_t)sprintf(json, "{\"event\":{\"players\":[");
    for (size_t i = 0; i < players; i++)
        len += (size_t)sprintf(json + len, "%s{\"account_id\":\"u%zu\"}", i ? "," : "", i);
    strcpy(json + len, "]}}");
    return json;
}

static void many_questions_are_asked_in_turns(void **state)
{
    (void)state;
    begin("{ event(id: \"" ID_1 "\") { players { account { username } } } }");
    reply(0, many_players(300));
    assert_int_equal(count, 1 + 256);
    reply(1, "{}");
    assert_int_equal(count, 1 + 257);
    for (size_t i = 2; i < count; i++) reply(i, "{}");
    assert_int_equal(count, 301);
    written();
}

static void too_many_are_refused(void **state)
{
    (void)state;
    begin("{ event(id: \"" ID_1 "\") { players { account { username } } } }");
    reply(0, many_players(2100));
    for (size_t i = 1; i < count; i++) reply(i, "{\"user\":{}}");
    assert_int_equal(count, 2000);
    assert_non_null(strstr(written(), "\"code\":\"CALL_TOO_LARGE\""));
    assert_non_null(strstr(out.bytes, "\"path\":[\"event\",\"players\",2099,\"account\"]"));
    assert_null(strstr(out.bytes, "\"path\":[\"event\",\"players\",1998,\"account\"]"));
}

static void keys_have_the_form_of_the_header(void **state)
{
    (void)state;
    begin("mutation { voteEvent(input: {eventId: \"" ID_1
          "\", vote: UP}, idempotencyKey: \"two words\") { upvotes } }");
    assert_int_equal(count, 0);
    assert_non_null(strstr(written(), "\"field\":\"idempotencyKey\""));
}

// ---- Every refusal has an input from which the fuzzer begins

#define SEEDS "services/gateway/graphql/run/run_fuzz.seeds/"

static void refused_as_named(const char *name)
{
    static char bytes[1 << 16];
    char path[160];
    snprintf(path, sizeof path, SEEDS "%s", name);
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("no seed %s", path);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    json_t *body = json_loadb(bytes, len, 0, NULL);
    json_decref((json_t *)request.variables);
    request.variables = json_incref(json_object_get(body, "variables"));
    request.reads = json_is_true(json_object_get(body, "reads"));
    assert_false(create(json_string_value(json_object_get(body, "query"))));
    struct err err = {.reason = refusal.faults.faults[0].reason};
    assert_string_equal(err_name(&err), name);
    arena_reset(&arena);
    json_decref(body);
}

static void each_refusal_has_its_seed(void **state)
{
    size_t reasons;
    const struct reason *all = reason_all(&reasons);
    (void)state;
    for (size_t i = 0; i < reasons; i++)
        if (all[i].name && strncmp(all[i].name, "GRAPHQL_", 8) == 0 &&
            i != CONSE__REASON__VALUE__GRAPHQL_UNTRUSTED) // of HTTP
            refused_as_named(all[i].name);
    refused_as_named("METHOD_NOT_ALLOWED");
}

// ---- Ends

static void what_is_still_asked_is_cancelled(void **state)
{
    (void)state;
    begin("{ me { id } roles { id } }");
    reply(0, "{}");
    gql_run_finish(run);
    run = NULL;
    assert_int_equal(cancelled, 1);
    assert_int_equal(done, 0);
}

static void a_full_arena_is_an_answer(void **state)
{
    struct arena small;
    static const struct gql_host host = {NULL, may, take, cancel, took, on_done};
    static char title[4000];
    (void)state;
    const char *document = "{ event(id: \"" ID_1 "\") { title content } me { id } }";
    memset(title, 'x', sizeof title - 1);
    for (size_t cap = 1024; cap < 400000; cap += 1024) {
        arena_init(&small, cap);
        request.text = document;
        request.len = strlen(document);
        count = 0;
        done = 0;
        run = gql_run_create(schema, &request, &host, &small, &refusal);
        buf_reset(&out);
        if (run) {
            done += gql_run_start(run);
            char json[8192];
            snprintf(json, sizeof json, "{\"event\":{\"title\":\"%s\",\"content\":\"\"}}", title);
            for (size_t i = 0; i < count; i++)
                reply(i, asked[i].ask->route->method->request->n_fields ? json : "{}");
            assert_int_equal(done, 1);
            gql_run_write(run, "t1", &out);
        } else {
            gql_refusal_write(&refusal, request.text, request.len, "t1", &out);
        }
        json_t *read = json_loads(out.bytes, 0, NULL);
        assert_non_null(read);
        json_decref(read);
        gql_run_finish(run);
        run = NULL;
        arena_finish(&small);
    }
    assert_non_null(strstr(out.bytes, "\"title\":\"xxxx"));
}

// ---- Introspection

static void the_schema_tells_of_itself(void **state)
{
    (void)state;
    begin("{ __type(name: \"Price\") { kind name fields { name type { kind name ofType { name } } } } "
          "none: __type(name: \"Nothing\") { name } "
          "state: __type(name: \"PriceCurrency\") { enumValues { name } fields { name } } "
          "__schema { subscriptionType { name } queryType { name } directives { name locations args { name "
          "defaultValue } } } }");
    assert_int_equal(count, 0);
    assert_non_null(strstr(
        written(),
        "{\"data\":{\"__type\":{\"kind\":\"OBJECT\",\"name\":\"Price\",\"fields\":[{\"name\":\"amount\","
        "\"type\":{\"kind\":"
        "\"NON_NULL\",\"name\":null,\"ofType\":{\"name\":\"UInt64\"}}},{\"name\":\"currency\",\"type\":{"
        "\"kind\":\"ENUM\","
        "\"name\":\"PriceCurrency\",\"ofType\":null}}]},\"none\":null,\"state\":{\"enumValues\":[{\"name\":"
        "\"FREE\"},"
        "{\"name\":\"CONSE\"},{\"name\":\"LAMPORTS\"}],\"fields\":null},\"__schema\":{\"subscriptionType\":"
        "{\"name\":\"Subscription\"},"
        "\"queryType\":{\"name\":\"Query\"},\"directives\":[{\"name\":\"include\",\"locations\":[\"FIELD\","
        "\"FRAGMENT_SPREAD\",\"INLINE_FRAGMENT\"],\"args\":[{\"name\":\"if\",\"defaultValue\":null}]},"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_field_is_a_question_to_its_method),
        TEST(what_is_unset_is_null),
        TEST(lists_have_pages),
        TEST(links_are_asked_together_and_once),
        TEST(a_fragment_asks_for_each_of_its_places),
        TEST(introspection_costs_what_it_tells),
        TEST(a_long_variable_is_not_sent_any_number_of_times),
        TEST(a_reply_that_is_there_is_looked_into_again),
        TEST(packed_bytes_are_opened),
        TEST(a_refused_question_is_null_with_its_reason),
        TEST(the_passport_is_asked_of_each_question),
        TEST(inner_faults_are_not_told),
        TEST(what_can_not_be_null_takes_its_place_with_it),
        TEST(a_reply_that_can_not_be_read_is_a_fault),
        TEST(mutations_run_one_after_another),
        TEST(equal_mutations_are_two),
        TEST(variables_fill_requests),
        TEST(ids_may_come_in_any_case),
        TEST(variables_are_judged_before_anything_is_asked),
        TEST(arguments_that_are_wrong_are_told_of_their_field),
        TEST(operations_are_chosen_by_name),
        TEST(a_mutation_is_refused_where_only_reads_are),
        TEST(what_costs_too_much_is_refused),
        TEST(conditions_lower_the_cost),
        TEST(each_refusal_has_its_seed),
        TEST(many_questions_are_asked_in_turns),
        TEST(too_many_are_refused),
        TEST(keys_have_the_form_of_the_header),
        TEST(what_is_still_asked_is_cancelled),
        TEST(a_full_arena_is_an_answer),
        TEST(the_schema_tells_of_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
