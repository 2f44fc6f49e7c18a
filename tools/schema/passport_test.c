// What a passport may not say: each fault is a contract of one method that protoc accepts and the build
// refuses.
#include "tools/schema/testing/contract.h"

#define SAID "class: WRITE level: GOD callers: GATEWAY limit: OTHER "
#define READS "class: READ level: USER callers: GATEWAY limit: OTHER owner: { kind: NONE } "
#define SLOW "class: SLOW level: USER callers: GATEWAY limit: OTHER owner: { kind: NONE } "
#define NOBODYS SAID "owner: { kind: NONE } "
#define EVENTS_GOD "owner: { kind: EVENT_GOD field: \"event_id\" } "
#define GODS SAID EVENTS_GOD "existence: KNOWN "

static const char *streams = ""; // that the service declares
static const char *made = "";    // a field of the reply

static void write_contract(const char *comment, const char *options)
{
    FILE *file = contract_open();
    fprintf(file,
            "syntax = \"proto3\";\npackage t;\nimport \"google/protobuf/duration.proto\";\n"
            "import \"options.proto\";\n"
            "message Request {\n"
            "  bytes image = 7;\n"
            "  string event_id = 1 [(conse.rule) = { required: true, format: UUID }];\n"
            "  string user_id = 2 [(conse.rule) = { required: true, format: UUID }];\n"
            "  string loose_id = 3 [(conse.rule) = { format: UUID }];\n"
            "  repeated string ids = 4 [(conse.rule) = { required: true, format: UUID }];\n"
            "  google.protobuf.Duration wait = 5;\n"
            "}\n"
            "message Reply { bytes body = 2; string type = 1; repeated string news = 3; bool old = 4; %s }\n"
            "message Thing { string id = 1 [(conse.names) = true]; }\n"
            "service S {\n  %s\n  %s\n  rpc M(Request) returns (Reply) { %s }\n}\n",
            made, streams, comment, options);
    assert_int_equal(fclose(file), 0);
}

static void refused(const char *comment, const char *options, const char *fault)
{
    char said[4096], line[256];
    write_contract(comment, options);
    snprintf(line, sizeof line, "schema: t.M: %s", fault);
    assert_int_not_equal(contract_build("2>&1 >/dev/null", said, sizeof said), 0);
    if (strncmp(said, line, strlen(line)) != 0) fail_msg("%s, not: %s", said, line);
}

static void a_method_without_a_passport_is_told_how_to_write_one(void **state)
{
    (void)state;
    refused("// Does.", "", "no passport. A method says what it is, between the braces after it:");
}

static void one_in_pieces_is_refused(void **state)
{
    (void)state;
    refused("// Does.", "option (conse.method).class = READ; option (conse.method).level = USER;",
            "its passport is said in pieces; say it in one");
}

static void so_is_one_without_a_comment(void **state)
{
    (void)state;
    refused("", "option (conse.method) = { " NOBODYS "};", "no comment above it: documents are made of it");
}

static void refused_stream(const char *declared, const char *fault)
{
    char said[4096];
    streams = declared;
    write_contract("// Does.", "option (conse.method) = { " NOBODYS "};");
    assert_int_not_equal(contract_build("2>&1 >/dev/null", said, sizeof said), 0);
    if (!strstr(said, fault)) fail_msg("%s, not: %s", said, fault);
    streams = "";
}

static void a_stream_says_who_reads_it(void **state)
{
    (void)state;
#define STREAM(says) "option (conse.stream) = { " says " };"
    refused_stream(STREAM("whole: GATEWAY"), "schema: t: stream \"\": name is not said");
    refused_stream(STREAM("name: \"t.*.*.*\" whole: GATEWAY"), "stream \"t.*.*.*\": two * at most");
    refused_stream(STREAM("name: \"t.x\""), "nobody reads it");
    refused_stream(STREAM("name: \"t.x\" whole: ASKER_UNSPECIFIED"), "a reader names nobody");
    refused_stream(STREAM("name: \"t.x\" whole: GATEWAY level: OPTIONAL"), "level: PUBLIC, USER, GOD or DEV");
    refused_stream(STREAM("name: \"t.*\" whole: GATEWAY announced: true"), "announced: one stream, not many");
    refused_stream(STREAM("name: \"t.x\" whole: GATEWAY peers: true"), "peers: nobody reads it");
    refused_stream(STREAM("name: \"t.x\" numbers: GATEWAY pushed: true"),
                   "numbers: who listens to the bus has it whole");
    refused_stream(STREAM("name: \"t.x\" whole: GATEWAY numbers: [OPERATOR, GATEWAY]"),
                   "a program reads it whole, or its numbers");
    refused_stream(STREAM("name: \"t.x\" whole: GATEWAY") STREAM("name: \"t.x\" whole: OPERATOR"),
                   "declared twice");
}

static void readers_of_streams_may_ask_for_feeds(void **state)
{
    (void)state;
    static char rows[256 * 1024];
    streams = STREAM("name: \"t.*.x\" whole: OPERATOR");
    write_contract("// Does.",
                   "option (conse.method) = { class: BULK level: OPTIONAL feed: true limit: INTERNAL "
                   "owner: { kind: NONE } };");
    assert_int_equal(contract_build("2>&1", rows, sizeof rows), 0);
    streams = "";
    assert_non_null(strstr(rows, ".limit = 3, .callers = 4, "));
    assert_non_null(strstr(rows, "{\"t\", \"t.*.x\", 4, 0, 0, 0, 0, 0},"));
}

static const struct {
    const char *says, *fault;
} faults[] = {
    {"level: GOD callers: GATEWAY limit: OTHER owner: { kind: NONE }", "class is not said"},
    {"class: READ callers: GATEWAY limit: OTHER owner: { kind: NONE }", "level is not said"},
    {"class: READ level: GOD callers: GATEWAY owner: { kind: NONE }", "limit is not said"},
    {"class: READ level: GOD limit: OTHER owner: { kind: NONE }", "callers is not said"},
    {NOBODYS "feed: true", "callers: of a feed they follow from the streams"},
    {"class: READ level: GOD limit: OTHER callers: [GATEWAY, ASKER_UNSPECIFIED] owner: { kind: NONE }",
     "callers names nobody"},
    {SAID, "owner is not said"},
    {SAID "owner: { field: \"event_id\" } existence: KNOWN", "an owner without a kind"},
    {GODS "owner: { kind: NONE }", "owner: NONE stands alone"},
    {GODS EVENTS_GOD EVENTS_GOD, "owner: 2 at most"},
    {SAID EVENTS_GOD, "existence is not said"},
    {NOBODYS "existence: KNOWN", "existence: of nobody's object"},
    {SAID "existence: KNOWN owner: { kind: EVENT_GOD field: \"group_id\" }",
     "owner.field: the request has no \"group_id\""},
    {SAID "existence: KNOWN owner: { kind: GROUP_GOD field: \"loose_id\" }",
     "owner.field: the request has no \"loose_id\""},
    {SAID "existence: KNOWN owner: { kind: GROUP_GOD field: \"ids\" }",
     "owner.field: the request has no \"ids\""},
    {"class: WRITE level: USER callers: GATEWAY limit: OTHER existence: KNOWN " EVENTS_GOD,
     "level: a god's object needs GOD or more"},
    {SAID "existence: KNOWN owner: { kind: EVENT_GOD_OR_ASSISTANT field: \"event_id\" }",
     "level: an assistant is any USER"},
    {"class: WRITE level: USER callers: GATEWAY limit: OTHER existence: KNOWN owner: { kind: SELF field: "
     "\"user_id\" } owner: { kind: EVENT_GOD_OR_ASSISTANT field: \"event_id\" }",
     "owner: EVENT_GOD_OR_ASSISTANT stands alone"},
    {SAID "existence: KNOWN owner: { kind: SELF field: \"user_id\" }", "level: one's own object needs USER"},
    {GODS "route_key: \"event_id\"", "route_key: follows from EVENT_GOD"},
    {NOBODYS "object: \"ledger\" route_key: \"event_id\"", "object: the request names another one"},
    {GODS "object: \"ledger\"", "object: the request names another one"},
    {NOBODYS "route_key: \"loose_id\"", "route_key: the request has no \"loose_id\""},
    {GODS "keyed: { }", "keyed: a table or a stream"},
    {GODS "keyed: { table: \"groups\" stream: \"events\" }", "keyed: a table or a stream"},
    {READS "keyed: { stream: \"events\" }", "keyed: only of WRITE"},
    {NOBODYS "keyed: { stream: \"events\" }", "keyed.stream: the request names no event"},
    {SAID "existence: KNOWN owner: { kind: GROUP_GOD field: \"user_id\" } keyed: { stream: \"events\" }",
     "keyed.stream: the request names no event"},
    {GODS "raw_body: { body: \"event_id\" media: \"image/png\" }", "raw_body.body: the request has no bytes"},
    {GODS "raw_body: { body: \"image\" }", "raw_body.media is not said"},
    {GODS "raw_body: { body: \"image\" type: \"event_id\" media: \"image/png\" }", "raw_body.type"},
    {GODS "raw_body: { body: \"image\" media: \"image/png\" headers: { name: \"x-a\" field: \"image\" } }",
     "raw_body.headers: the request has no string \"image\""},
    {READS "raw_reply: { body: \"type\" type: \"type\" media: \"image/png\" }",
     "raw_reply.body: the reply has no bytes"},
    {READS "raw_reply: { body: \"body\" type: \"body\" media: \"image/png\" }",
     "raw_reply.type: the reply has no string"},
    {READS "raw_reply: { body: \"body\" type: \"type\" }", "raw_reply.media is not said"},
    {READS "raw_reply: { body: \"body\" type: \"type\" media: \"image/png\" headers: { name: \"x-a\" } }",
     "raw_reply.headers: a reply has none"},
    {READS "waits: { field: \"event_id\" news: \"news\" }", "waits.field: the request has no Duration"},
    {READS "waits: { field: \"wait\" news: \"old\" }", "waits.news: the reply has no list"},
    {GODS "waits: { field: \"wait\" news: \"news\" }", "waits: only of READ and BULK"},
    {READS "turns: { by: \"user_id\" }", "turns: only said of SLOW"},
    {SLOW "turns: { by: \"user_id\" caller: true }", "turns: by a text or by the caller"},
    {SLOW "turns: { by: \"ids\" }", "turns.by: the request has no string"},
    {SLOW "turns: { by: \"image\" }", "turns.by: the request has no string"},
    {READS "waits: { field: \"wait\" news: \"news\" }", "waits.streams: 1 to 3"},
    {READS "waits: { field: \"wait\" news: \"news\" streams: \"t.x\" }",
     "waits.streams: \"t.x\" has no {field}"},
    {READS "waits: { field: \"wait\" news: \"news\" streams: \"t.{}\" }",
     "waits.streams: users have no stream \"t.*\""},
    {READS "waits: { field: \"wait\" news: \"news\" streams: \"u.{}\" leads: \"news\" }",
     "waits.leads: the reply has no bool"},
    {READS "waits: { field: \"wait\" news: \"news\" streams: \"u.{}\" leaders: \"u.{}\" }",
     "waits.leads: the reply has no bool"},
    {READS "waits: { field: \"wait\" news: \"news\" streams: [\"u.{}\", \"u.{}\", \"u.{}\"] leads: \"old\" "
           "leaders: \"u.{}\" }",
     "waits.streams: 1 to 3"},
    {READS "waits: { field: \"wait\" news: \"news\" streams: \"u.{}\" leads: \"old\" leaders: \"t.{}\" }",
     "waits.streams: users have no stream \"t.*\""},
    {READS "waits: { field: \"wait\" news: \"news\" stream: \"news\" }",
     "waits.stream: the reply has no string"},
    {READS
     "waits: { field: \"wait\" news: \"news\" streams: [\"u.{}\", \"u.{}\", \"u.{}\"] stream: \"type\" }",
     "waits.streams: 1 to 3"},
    {READS "waits: { field: \"wait\" news: \"news\" streams: \"u.{}\" breaks: \"news\" }",
     "waits.breaks: the reply has no message"},
    {GODS "existing: \"news\"", "existing: the reply has no bool"},
    {READS "repeatable: true", "repeatable: only said of SLOW"},
    {READS "reads: true", "reads: only said of SLOW"},
    {SLOW "reads: true repeatable: true", "repeatable: what reads is"},
    {"class: READ level: PUBLIC callers: GATEWAY limit: OTHER owner: { kind: NONE } login_only: true",
     "login_only: a token is ignored by PUBLIC"},
};

static void what_can_not_be_is_refused(void **state)
{
    (void)state;
    char options[512];
    streams = STREAM("name: \"u.*\" whole: GATEWAY level: USER");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        snprintf(options, sizeof options, "option (conse.method) = { %s };", faults[i].says);
        refused("// Does.", options, faults[i].fault);
    }
}

static void a_good_one_becomes_a_row(void **state)
{
    (void)state;
    static char rows[256 * 1024];
    streams = STREAM("name: \"t.*.x\" whole: GATEWAY level: GOD")
        STREAM("name: \"u.*\" whole: GATEWAY level: USER");
    write_contract("// Does.",
                   "option (conse.method) = { class: BULK level: USER callers: [GATEWAY, OPERATOR] "
                   "limit: OTHER owner: { kind: SELF field: \"user_id\" } " EVENTS_GOD
                   "existence: HIDDEN raw_body: { body: \"image\" media: [\"image/png\", \"image/webp\"] "
                   "headers: { name: \"x-a\" field: \"event_id\" } } "
                   "raw_reply: { body: \"body\" type: \"type\" media: \"text/calendar\" } "
                   "waits: { field: \"wait\" news: \"news\" streams: \"u.{}\" "
                   "leads: \"old\" leaders: \"t.{event_id}.x\" } "
                   "existing: \"old\" };");
    assert_int_equal(contract_build("2>&1", rows, sizeof rows), 0);
    assert_non_null(strstr(rows,
                           "{.name = \"t.M\", .request = &t__request__descriptor, "
                           ".reply = &t__reply__descriptor, .class = 4, .level = 3, .limit = 2, "
                           ".existence = 2, .callers = 6, "
                           ".owners = (const struct schema_owner[]){{4, 2}, {2, 1}, {0, 0}}, "
                           ".route_key = 1, "
                           ".raw_body = {6, 0, (const char *const[]){\"image/png\", \"image/webp\", NULL}, "
                           "(const struct schema_header[]){{\"x-a\", 1}, {NULL, 0}}}, "
                           ".raw_reply = {2, 1, (const char *const[]){\"text/calendar\", NULL}, NULL}, "
                           ".wait = 5, .news = 3, .leads = 4, "
                           ".listens = (const struct schema_listen[]){{\"u.\", \"\", 0, 3, 0}, "
                           "{\"t.\", \".x\", 1, 4, 1}, {NULL, NULL, 0, 0, 0}}, .existing = 4, .repeatable = "
                           "1, .doc = \"Does.\"},"));
}

static void so_does_one_with_turns(void **state)
{
    (void)state;
    static char rows[256 * 1024];
    write_contract("// Does.", "option (conse.method) = { " SLOW
                               "turns: { by: \"user_id\" outside: true } login_only: true };");
    assert_int_equal(contract_build("2>&1", rows, sizeof rows), 0);
    assert_non_null(strstr(rows, ".turns_by = 2, .outside = 1, .login_only = 1, .doc = \"Does.\"},"));
}

static void a_keyed_stream_is_named_or_made(void **state)
{
    (void)state;
    static char rows[256 * 1024];
    static const char *const says[] = {NOBODYS "route_key: \"event_id\"", GODS, NOBODYS};
    for (size_t i = 0; i < 3; i++) {
        char options[512];
        made = i == 2 ? "Thing thing = 5;" : "";
        snprintf(options, sizeof options, "option (conse.method) = { %s keyed: { stream: \"events\" } };",
                 says[i]);
        write_contract("// Does.", options);
        if (contract_build("2>&1", rows, sizeof rows) != 0) fail_msg("%s", rows);
        assert_non_null(strstr(rows, ".keyed_stream = \"events\""));
    }
    made = "";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_method_without_a_passport_is_told_how_to_write_one),
        cmocka_unit_test(one_in_pieces_is_refused),
        cmocka_unit_test(so_is_one_without_a_comment),
        cmocka_unit_test(what_can_not_be_is_refused),
        cmocka_unit_test(a_good_one_becomes_a_row),
        cmocka_unit_test(a_stream_says_who_reads_it),
        cmocka_unit_test(readers_of_streams_may_ask_for_feeds),
        cmocka_unit_test(so_does_one_with_turns),
        cmocka_unit_test(a_keyed_stream_is_named_or_made),
    };
    return cmocka_run_group_tests(tests, contract_set_up, contract_tear_down);
}
