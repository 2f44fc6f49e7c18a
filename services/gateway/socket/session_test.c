// Conversations: what a client says (>), what happens around it (!), and what the server says (<), does (*)
// or closes with (x), line by line. The server says and does nothing else.
#include "services/gateway/socket/session.h"

#include "lib/base/reason.h"
#include "services/gateway/socket/frames.h"
#include "tests/test.h"

#define INIT "> {\"type\":\"connection_init\"}\n* init -\n"
#define ADMIT "! admit\n< {\"type\":\"connection_ack\"}\n"
#define READY INIT ADMIT
#define SUBSCRIBE(id) "> {\"id\":\"" id "\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{me}\"}}\n"
#define START(id) SUBSCRIBE(id) "* start " id "\n"
#define BAD(message, reason) "> " message "\nx 4400 " reason "\n"
#define NO_ID "id must be a string of 1 to 128 bytes"
#define ASK(payload) "{\"id\":\"a\",\"type\":\"subscribe\",\"payload\":" payload "}"

static const struct row {
    const char *name, *talk;
} rows[] = {
    // Beginning
    {"without a token", READY},
    {"with a token",
     "> {\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer abc\",\"else\":[1]}}\n"
     "* init Bearer abc\n" ADMIT},
    {"with a token under the header's name",
     "> {\"type\":\"connection_init\",\"payload\":{\"Authorization\":\"Bearer abc\"}}\n* init Bearer abc\n"},
    {"null is no payload", "> {\"type\":\"connection_init\",\"payload\":null}\n* init -\n"},
    {"null is no token", "> {\"type\":\"connection_init\",\"payload\":{\"authorization\":null}}\n* init -\n"},
    {"a token that is no text", BAD("{\"type\":\"connection_init\",\"payload\":{\"authorization\":7}}",
                                    "payload.authorization must be a string")},
    {"in time", "! time 4999\n" INIT "! time 5000\n" ADMIT},
    {"not in time", "! time 4999\n! time 5000\nx 4408 Connection initialisation timeout\n" SUBSCRIBE("a")},
    {"a slow check of the token is no fault of the client", INIT "! time 9000\n" ADMIT},
    {"but it ends", INIT "! time 9999\n! time 10000\nx 1013 the token is not checked in time\n! admit\n"},
    {"pings do not put it off", "! time 4000\n> {\"type\":\"ping\"}\n< {\"type\":\"pong\"}\n! time 5000\nx "
                                "4408 Connection initialisation timeout\n"},
    {"twice", READY "> {\"type\":\"connection_init\"}\nx 4429 Too many initialisation requests\n"},
    {"twice before the first is answered",
     INIT "> {\"type\":\"connection_init\"}\nx 4429 Too many initialisation requests\n! admit\n"},
    {"an operation before", SUBSCRIBE("a") "x 4401 Unauthorized\n"},
    {"an operation while the token is checked", INIT SUBSCRIBE("a") "x 4401 Unauthorized\n"},
    {"a bad token", INIT "! refuse TOKEN_INVALID\nx 4403 TOKEN_INVALID\n"},
    {"a token that may not", INIT "! refuse LEVEL_TOO_LOW\nx 4403 LEVEL_TOO_LOW\n"},
    {"a service that is away", INIT "! refuse SERVICE_AWAY\nx 1013 SERVICE_AWAY\n"},
    {"a fault of ours", INIT "! refuse INTERNAL_ERROR\nx 1013 FAULT 0123456789abcdef\n"},
    {"too many", INIT "! refuse TOO_MANY_STREAMS\nx 1013 TOO_MANY_STREAMS\n"},
    // Operations
    {"an operation and its end",
     READY START("a") "! next a\n< {\"id\":\"a\",\"type\":\"next\",\"payload\":{\"data\":1}}\n"
                      "! complete a\n< {\"id\":\"a\",\"type\":\"complete\"}\n"},
    {"an error ends it too",
     READY START("a") "! error a\n< {\"id\":\"a\",\"type\":\"error\",\"payload\":[]}\n" START("a")},
    {"given up", READY START("a") "> {\"id\":\"a\",\"type\":\"complete\"}\n* stop a\n"},
    {"given up when it was over", READY START("a") "! complete a\n< {\"id\":\"a\",\"type\":\"complete\"}\n"
                                                   "> {\"id\":\"a\",\"type\":\"complete\"}\n"},
    {"given up that never was", READY "> {\"id\":\"b\",\"type\":\"complete\"}\n"},
    {"the same id twice", READY START("a") SUBSCRIBE("a") "x 4409 Subscriber for a already exists\n"},
    {"the same id one after the other",
     READY START("a") "> {\"id\":\"a\",\"type\":\"complete\"}\n* stop a\n" START("a")},
    {"several",
     READY START("a") START("b") START("c") "> {\"id\":\"b\",\"type\":\"complete\"}\n* stop b\n"
                                            "! complete c\n< {\"id\":\"c\",\"type\":\"complete\"}\n"
                                            "! complete a\n< {\"id\":\"a\",\"type\":\"complete\"}\n"},
    {"an id with quotes",
     READY START("q\\\"") "! next q\"\n< {\"id\":\"q\\\"\",\"type\":\"next\",\"payload\":{\"data\":1}}\n"},
    {"all that a payload may have", READY "> " ASK("{\"query\":\"q\",\"operationName\":\"o\",\"variables\":{}"
                                                   ",\"extensions\":{},\"else\":1}") "\n* start a\n"},
    {"what is null is absent",
     READY "> " ASK(
         "{\"query\":\"q\",\"operationName\":null,\"variables\":null,\"extensions\":null}") "\n* start a\n"},
    {"a trusted document", READY "> " ASK("{\"documentId\":\"d\"}") "\n* start a\n"},
    // Messages that are none
    {"no JSON", BAD("{", "a message must be an object with a type")},
    {"nothing", BAD("", "a message must be an object with a type")},
    {"a list", BAD("[]", "a message must be an object with a type")},
    {"a text", BAD("\"ping\"", "a message must be an object with a type")},
    {"no type", BAD("{}", "a message must be an object with a type")},
    {"a type that is a number", BAD("{\"type\":1}", "a message must be an object with a type")},
    {"a name twice", BAD("{\"type\":\"ping\",\"type\":\"pong\"}", "a message must be an object with a type")},
    {"another type", BAD("{\"type\":\"start\"}", "a client sends no messages of this type")},
    {"a server's type",
     READY BAD("{\"type\":\"connection_ack\"}", "a client sends no messages of this type")},
    {"another of a server's",
     READY BAD("{\"id\":\"a\",\"type\":\"next\",\"payload\":{}}", "a client sends no messages of this type")},
    {"a payload that is a list", BAD("{\"type\":\"ping\",\"payload\":[]}", "payload must be an object")},
    {"no id", READY BAD("{\"type\":\"subscribe\",\"payload\":{\"query\":\"q\"}}", NO_ID)},
    {"an empty id", READY BAD("{\"id\":\"\",\"type\":\"subscribe\",\"payload\":{\"query\":\"q\"}}", NO_ID)},
    {"an id that is a number", READY BAD("{\"id\":1,\"type\":\"complete\"}", NO_ID)},
    {"no payload", READY BAD("{\"id\":\"a\",\"type\":\"subscribe\"}", "payload must be an object")},
    {"no query", READY BAD(ASK("{}"), "payload.query must be given")},
    {"a query that is null", READY BAD(ASK("{\"query\":null}"), "payload.query must be given")},
    {"a query that is a number", READY BAD(ASK("{\"query\":1}"), "payload.query must be a string")},
    {"a name that is none",
     READY BAD(ASK("{\"query\":\"q\",\"operationName\":{}}"), "payload.operationName must be a string")},
    {"variables that are a list",
     READY BAD(ASK("{\"query\":\"q\",\"variables\":[]}"), "payload.variables must be an object")},
    {"extensions that are a text",
     READY BAD(ASK("{\"query\":\"q\",\"extensions\":\"\"}"), "payload.extensions must be an object")},
    {"bad before it is unauthorized", BAD(ASK("{}"), "payload.query must be given")},
    // Pings
    {"a ping", "> {\"type\":\"ping\"}\n< {\"type\":\"pong\"}\n"},
    {"a ping that says something", READY "> {\"type\":\"ping\",\"payload\":{\"a\":[1,\"b\"]}}\n"
                                         "< {\"type\":\"pong\",\"payload\":{\"a\":[1,\"b\"]}}\n"},
    {"pongs", READY "> {\"type\":\"pong\"}\n> {\"type\":\"pong\",\"payload\":{}}\n"},
    // Tokens
    {"a token that ends soon",
     READY "! remind\n< {\"type\":\"ping\",\"payload\":{\"renew_by\":\"2026-12-01T17:00:00Z\"}}\n"},
    {"no reminder before it is admitted", INIT "! remind\n"},
    {"renewed", READY "! renew u 3\n! renew u 3\n" START("a")},
    {"renewed with more rights", READY "! renew u 2\n"},
    {"another user's token", READY "! renew v 3\nx 4403 RIGHTS\n"},
    {"fewer rights", READY "! renew u 4\nx 4403 RIGHTS\n"},
    {"a token that may only read", READY "! renew u 3 reads\nx 4403 RIGHTS\n"},
    {"nobody's connection stays nobody's",
     INIT "! nobody\n< {\"type\":\"connection_ack\"}\n! renew u 3\nx 4403 RIGHTS\n"},
    {"revoked", READY START("a") "! end REVOKED\nx 4403 REVOKED\n" SUBSCRIBE("b") "! end EXPIRED\n"},
    {"expired", READY "! end EXPIRED\nx 4403 EXPIRED\n"},
    {"slow", READY "! end SLOW\nx 1013 SLOW\n"},
    {"draining", READY "! end DRAINING\n< {\"type\":\"ping\",\"payload\":{\"bye\":{\"retry_ms\":1500}}}\nx "
                       "1012 DRAINING\n! remind\n"},
    {"draining before it is admitted", INIT "! end DRAINING\nx 1012 DRAINING\n! admit\n"},
};

// ---- Playing them

struct play {
    struct session session;
    const struct row *row;
    int64_t now_ms;
    struct buf talk; // as it really went
};

static struct token_claims claims_of(const char *text)
{
    struct token_claims claims = {.level = (uint32_t)text[2] - '0', .read_only = strstr(text, "reads")};
    claims.user_id[0] = text[0];
    return claims;
}

static struct session_op *op_of(const struct play *play, const char *id)
{
    for (struct session_op *op = play->session.ops; op; op = op->next)
        if (strcmp(op->id, id) == 0) return op;
    fail_msg("%s: there is no operation %s", play->row->name, id);
    return NULL;
}

static Conse__Reason__Value reason_of(const char *name)
{
    size_t count;
    const struct reason *all = reason_all(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].name && strcmp(all[i].name, name) == 0) return (Conse__Reason__Value)i;
    return 0;
}

static enum feed_end end_of(const char *name)
{
    int why = 0;
    while (strcmp(feed_end_name((enum feed_end)why), name) != 0) why++;
    return (enum feed_end)why;
}

static struct session_step happen(struct play *play, char *what, struct buf *out)
{
    struct session *session = &play->session;
    struct token_claims claims = claims_of("u 3");
    struct err err = {0};
    char *word = what + strcspn(what, " ");
    if (*word) *word++ = 0;
    if (strcmp(what, "time") == 0) return session_due(session, play->now_ms = atoi(word));
    if (strcmp(what, "end") == 0) return session_end(session, end_of(word), 1500, out);
    if (strcmp(what, "refuse") == 0)
        return err.reason = reason_of(word), session_refuse(session, &err, "0123456789abcdef");
    if (strcmp(what, "renew") == 0) return claims = claims_of(word), session_renew(session, &claims);
    if (strcmp(what, "admit") == 0) session_admit(session, &claims, out);
    if (strcmp(what, "nobody") == 0) session_admit(session, NULL, out);
    if (strcmp(what, "remind") == 0) session_remind(session, 1796144400, out);
    if (strcmp(what, "next") == 0) session_next(op_of(play, word), "{\"data\":1}", 10, out);
    if (strcmp(what, "complete") == 0) session_complete(session, op_of(play, word), out);
    if (strcmp(what, "error") == 0) session_error(session, op_of(play, word), "[]", 2, out);
    return (struct session_step){0};
}

static void note_step(struct play *play, const struct session_step *step)
{
    switch (step->what) {
    case SESSION_NOTHING:
        break;
    case SESSION_INIT:
        buf_printf(&play->talk, "* init %s\n", step->token ? step->token : "-");
        break;
    case SESSION_START:
        assert_true(json_is_object(step->payload));
        step->op->arg = step->op->id[0] == 'b' ? "b" : "a";
        // As the client wrote it.
        buf_printf(&play->talk, "* start %s\n", strchr(step->op->id, '"') ? "q\\\"" : step->op->id);
        break;
    case SESSION_STOP:
        buf_printf(&play->talk, "* stop %s\n", (const char *)step->arg);
        break;
    case SESSION_CLOSE:
        buf_printf(&play->talk, "x %d %s\n", step->code, step->reason);
        break;
    }
}

static void play_line(struct play *play, char *line)
{
    struct session_step step = {0};
    struct buf out;
    buf_init(&out, 1 << 16);
    if (*line == '>' || *line == '!') buf_printf(&play->talk, "%s\n", line);
    if (*line == '>') step = session_take(&play->session, line + 2, strlen(line + 2), play->now_ms, &out);
    if (*line == '!') step = happen(play, line + 2, &out);
    if (out.len) buf_printf(&play->talk, "< %s\n", out.bytes);
    note_step(play, &step);
    session_step_finish(&step);
    buf_finish(&out);
}

static void every_conversation(void **state)
{
    (void)state;
    for (const struct row *row = rows; row < rows + sizeof rows / sizeof *rows; row++) {
        struct play play = {.row = row};
        char *talk = strdup(row->talk), *rest = talk, *line;
        struct session_step step = session_begin(&play.session, true, 0);
        assert_int_equal(step.what, SESSION_NOTHING);
        buf_init(&play.talk, 1 << 16);
        while ((line = strsep(&rest, "\n")) && rest) play_line(&play, line);
        if (strcmp(play.talk.bytes, row->talk) != 0)
            fail_msg("%s:\n%sin place of\n%s", row->name, play.talk.bytes, row->talk);
        session_finish(&play.session);
        buf_finish(&play.talk);
        free(talk);
    }
}

// ---- Limits

static struct session_step say(struct session *session, const char *text, int64_t now_ms, struct buf *out)
{
    return session_take(session, text, strlen(text), now_ms, out);
}

static void make_ready(struct session *session, struct buf *out)
{
    buf_init(out, 1 << 18);
    assert_int_equal(session_begin(session, true, 0).what, SESSION_NOTHING);
    struct session_step step = say(session, "{\"type\":\"connection_init\"}", 0, out);
    assert_int_equal(step.what, SESSION_INIT);
    session_step_finish(&step);
    session_admit(session, NULL, out);
    buf_reset(out);
}

static void another_protocol_is_closed_at_once(void **state)
{
    struct session session;
    struct session_step step = session_begin(&session, false, 0);
    (void)state;
    assert_int_equal(step.what, SESSION_CLOSE);
    assert_int_equal(step.code, 4406);
    assert_int_equal(session_due(&session, 99999).what, SESSION_NOTHING);
}

static void a_connection_has_so_many_operations(void **state)
{
    struct session session;
    struct buf out;
    char text[128];
    (void)state;
    make_ready(&session, &out);
    for (int i = 0; i < SESSION_OPERATIONS + 1; i++) {
        snprintf(text, sizeof text, "{\"id\":\"%d\",\"type\":\"subscribe\",\"payload\":{\"query\":\"q\"}}",
                 i);
        struct session_step step = say(&session, text, 1000 * i, &out);
        assert_int_equal(step.what, i < SESSION_OPERATIONS ? SESSION_START : SESSION_NOTHING);
        session_step_finish(&step);
    }
    assert_non_null(strstr(out.bytes, "{\"id\":\"32\",\"type\":\"error\",\"payload\":[{"));
    assert_non_null(strstr(out.bytes, "\"code\":\"TOO_MANY_STREAMS\""));
    struct session_step step = say(&session, "{\"id\":\"7\",\"type\":\"complete\"}", 99000, &out);
    assert_int_equal(step.what, SESSION_STOP);
    step = say(&session, text, 99000, &out);
    assert_int_equal(step.what, SESSION_START);
    session_step_finish(&step);
    session_finish(&session);
    session_finish(&session);
    buf_finish(&out);
}

static void messages_come_at_a_rate(void **state)
{
    struct session session;
    struct buf out;
    (void)state;
    make_ready(&session, &out);
    for (int i = 0; i < SESSION_BURST - 1; i++) // the init was one
        assert_int_equal(say(&session, "{\"type\":\"pong\"}", 0, &out).what, SESSION_NOTHING);
    for (int i = 0; i < SESSION_RATE; i++)
        assert_int_equal(say(&session, "{\"type\":\"pong\"}", 1000, &out).what, SESSION_NOTHING);
    struct session_step step = say(&session, "{\"type\":\"pong\"}", 1000, &out);
    assert_int_equal(step.code, 1013);
    assert_string_equal(step.reason, "LIMIT");
    assert_int_equal(say(&session, "{\"type\":\"ping\"}", 9000, &out).what, SESSION_NOTHING);
    assert_int_equal(out.len, 0);
    buf_finish(&out);
    make_ready(&session, &out);
    for (int i = 0; i < SESSION_BURST; i++) // a long silence saves up no more
        assert_int_equal(say(&session, "{\"type\":\"pong\"}", 90000, &out).what, SESSION_NOTHING);
    assert_int_equal(say(&session, "{\"type\":\"pong\"}", 90000, &out).code, 1013);
    buf_finish(&out);
}

// A message of so many bytes.
static struct session_step say_long(const char *type, size_t len, struct buf *out)
{
    struct session session;
    char *text = malloc(len + 1);
    make_ready(&session, out);
    size_t head = (size_t)sprintf(text, "{\"id\":\"a\",\"type\":\"%s\",\"payload\":{\"query\":\"", type);
    memset(text + head, 'x', len - head);
    memcpy(text + len - 3, "\"}}", 3);
    struct session_step step = session_take(&session, text, len, 0, out);
    session_step_finish(&step);
    session_finish(&session);
    buf_finish(out);
    free(text);
    return step;
}

static void only_documents_may_be_long(void **state)
{
    struct session session;
    struct buf out;
    (void)state;
    assert_int_equal(say_long("ping", FRAMES_LIMIT, &out).what, SESSION_NOTHING);
    assert_int_equal(say_long("ping", FRAMES_LIMIT + 1, &out).code, 1009);
    assert_int_equal(say_long("subscribe", FRAMES_DOCUMENT, &out).what, SESSION_START);
    assert_int_equal(session_begin(&session, true, 0).what, SESSION_NOTHING);
    assert_int_equal(session_limit(&session), FRAMES_LIMIT);
    make_ready(&session, &out);
    assert_int_equal(session_limit(&session), FRAMES_DOCUMENT);
    buf_finish(&out);
}

static void ids_have_a_length(void **state)
{
    char text[400], id[SESSION_ID_MOST + 2];
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct session session;
        struct buf out;
        make_ready(&session, &out);
        memset(id, 'i', sizeof id);
        id[SESSION_ID_MOST + more] = 0;
        sprintf(text, "{\"id\":\"%s\",\"type\":\"subscribe\",\"payload\":{\"query\":\"q\"}}", id);
        struct session_step step = say(&session, text, 0, &out);
        assert_int_equal(step.what, more ? SESSION_CLOSE : SESSION_START);
        session_step_finish(&step);
        session_finish(&session);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_conversation),
        cmocka_unit_test(another_protocol_is_closed_at_once),
        cmocka_unit_test(a_connection_has_so_many_operations),
        cmocka_unit_test(messages_come_at_a_rate),
        cmocka_unit_test(only_documents_may_be_long),
        cmocka_unit_test(ids_have_a_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
