// What programs get of a service's streams: each its own; others are as if they did not exist.
#include "lib/bus/feed.h"
#include "tests/test.h"

enum { GATEWAY = CONSE__ASKER__VALUE__GATEWAY, OPERATOR = CONSE__ASKER__VALUE__OPERATOR, CROWD = 700 };

static const struct schema_stream streams[] = {
    {"events", "users.*", 0, 1U << GATEWAY, CONSE__METHOD__LEVEL__USER, false, false, false},
    {"events", "events.*.public", 1U << GATEWAY | 1U << OPERATOR, 0, CONSE__METHOD__LEVEL__PUBLIC, false,
     false, false},
    {"events", "events.*.god", 1U << OPERATOR, 1U << GATEWAY, CONSE__METHOD__LEVEL__GOD, false, false, false},
    {"events", "money", 1U << OPERATOR, 0, 0, false, false, false},
    {0},
};

// By name, three notices each; beside them a crowd of a stream that nobody declares.
static const char *const names[] = {"events.1.god", "events.1.public", "events.2.public",
                                    "money",        "users.1",         "users.2"};
enum { NAMES = sizeof names / sizeof *names };

struct kept {
    size_t listed; // rows that were given
    size_t asked;  // how often for rows
};

static bool is_kept(const char *stream)
{
    for (size_t i = 0; i < NAMES; i++)
        if (strcmp(names[i], stream) == 0) return true;
    return false;
}

static bool read_kept(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                      struct feed_page *page, struct err *err)
{
    if (!is_kept(stream)) return feed_absent(err);
    page->head = 3;
    page->notices = arena_array(call->arena, 3, sizeof(Bus__Notice *));
    for (uint64_t seq = from; seq <= 3 && page->count < limit; seq++) {
        Bus__Notice *notice = page->notices[page->count++] = arena_new(call->arena, Bus__Notice);
        bus__notice__init(notice);
        notice->stream = stream;
        notice->seq = seq;
        notice->kind = "KIND";
        notice->payload = (ProtobufCBinaryData){4, (uint8_t *)"body"};
    }
    return true;
}

static void give(struct kept *kept, const char *name, Bus__Heads__Head *row)
{
    row->stream = name;
    row->seq = 3;
    kept->listed++;
}

static bool heads_of_crowd(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                           Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    (void)err;
    char name[32];
    for (unsigned i = 0; i < CROWD && *count < limit; i++) {
        snprintf(name, sizeof name, "crowd.%03u", i);
        if (strncmp(name, prefix, strlen(prefix)) == 0 && strcmp(name, after) > 0)
            give(call->service, arena_str(call->arena, name), &rows[(*count)++]);
    }
    return true;
}

static bool heads_kept(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                       Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    ((struct kept *)call->service)->asked++;
    if (!heads_of_crowd(call, prefix, after, limit, rows, count, err)) return false;
    for (size_t i = 0; i < NAMES && *count < limit; i++)
        if (strncmp(names[i], prefix, strlen(prefix)) == 0 && strcmp(names[i], after) > 0)
            give(call->service, names[i], &rows[(*count)++]);
    return true;
}

static const struct feed_source source = {streams, read_kept, heads_kept, NULL};

HANDLER(answer_read, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}

HANDLER(answer_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

static const struct rpc_method table[] = {
    RPC_METHOD("events.feed.Read", answer_read), RPC_METHOD("events.feed.ListHeads", answer_heads), {0}};
static const struct rpc_method *const methods[] = {table, NULL};

// ---- Asking

static struct arena arena;
static struct kept kept;
static const char user_id[] = "01890000-0000-7000-8000-000000000001";

static const ProtobufCMessage *ask(unsigned asker, const char *user, const char *method,
                                   const ProtobufCMessage *request, struct err *err)
{
    Rpc__Caller caller = RPC__CALLER__INIT;
    struct rpc_call call = {.arena = &arena, .service = &kept, .asker = asker};
    caller.user_id = user;
    caller.level = 3;
    if (*user) call.caller = &caller;
    return rpc_run_here(&call, methods, method, request, err);
}

static const Bus__ReadReply *read_as(unsigned asker, const char *user, const char *stream, struct err *err)
{
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    request.stream = stream;
    return (const Bus__ReadReply *)ask(asker, user, "events.feed.Read", &request.base, err);
}

static const char *list(unsigned asker, const char *pattern, const char *after)
{
    Bus__HeadsRequest request = BUS__HEADS_REQUEST__INIT;
    struct err err;
    char *text = arena_str(&arena, "");
    request.pattern = pattern;
    request.after = after;
    const Bus__Heads *heads =
        (const Bus__Heads *)ask(asker, "", "events.feed.ListHeads", &request.base, &err);
    assert_non_null(heads);
    assert_false(heads->more);
    for (size_t i = 0; i < heads->n_heads; i++)
        text = arena_printf(&arena, "%s%s%s", text, i ? " " : "", heads->heads[i]->stream);
    return text;
}

static void assert_absent(unsigned asker, const char *stream)
{
    struct err absent, err;
    assert_null(read_as(OPERATOR, "", "events.9.public", &absent));
    assert_null(read_as(asker, "", stream, &err));
    assert_true(err_is(&err, NOT_FOUND));
    assert_string_equal(err.message, absent.message);
}

// ---- Tests

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 8 << 20);
    kept = (struct kept){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void a_stream_that_is_not_a_programs_is_as_if_it_were_not_there(void **state)
{
    (void)state;
    assert_absent(GATEWAY, "money");
    assert_absent(OPERATOR, "users.1");
    assert_absent(GATEWAY, "crowd.001");
    assert_string_equal(list(GATEWAY, "money", ""), "");
    assert_string_equal(list(OPERATOR, "money", ""), "money");
    assert_string_equal(list(OPERATOR, "users.*", ""), "");
    assert_string_equal(list(OPERATOR, "crowd.*", ""), "");
}

static void what_is_private_has_numbers_alone(void **state)
{
    (void)state;
    struct err err;
    const Bus__ReadReply *page = read_as(GATEWAY, "", "events.1.god", &err);
    assert_int_equal(page->n_notices, 3);
    assert_int_equal(page->notices[2]->seq, 3);
    assert_string_equal(page->notices[2]->kind, "");
    assert_int_equal(page->notices[2]->payload.len, 0);
    assert_string_equal(read_as(GATEWAY, "", "events.1.public", &err)->notices[0]->kind, "KIND");
    assert_string_equal(read_as(OPERATOR, "", "events.1.god", &err)->notices[0]->kind, "KIND");
}

// The source judges the user, within what is the program's, and for their level.
static void a_user_reads_what_the_program_may_ask_for(void **state)
{
    (void)state;
    struct err err;
    assert_string_equal(read_as(GATEWAY, user_id, "users.1", &err)->notices[0]->kind, "KIND");
    assert_null(read_as(GATEWAY, user_id, "events.1.god", &err)); // a player
    assert_true(err_is(&err, NOT_FOUND));
    assert_null(read_as(GATEWAY, user_id, "money", &err));
    assert_true(err_is(&err, NOT_FOUND));
}

// A service may look through all it has to find nothing.
static void what_lies_before_the_place_is_not_looked_for(void **state)
{
    (void)state;
    assert_string_equal(list(GATEWAY, "*", "users.1"), "users.2");
    assert_int_equal(kept.asked, 1); // not for events
    assert_string_equal(list(GATEWAY, "*", "events.2.public"), "users.1 users.2");
    assert_string_equal(list(GATEWAY, "*", "zoo"), "");
    assert_string_equal(list(GATEWAY, "*", "f"), "users.1 users.2");
    assert_string_equal(list(GATEWAY, "*", "e"), list(GATEWAY, "*", ""));
}

static void a_list_has_what_is_the_programs_by_name(void **state)
{
    (void)state;
    assert_string_equal(list(GATEWAY, "*", ""),
                        "events.1.god events.1.public events.2.public users.1 users.2");
    assert_string_equal(list(OPERATOR, "*", ""), "events.1.god events.1.public events.2.public money");
    assert_string_equal(list(OPERATOR, "*", "events.1.public"), "events.2.public money");
    assert_string_equal(list(GATEWAY, "events.1.*", ""), "events.1.god events.1.public");
    assert_string_equal(list(GATEWAY, "u*", "users.1"), "users.2");
}

static void what_nobody_may_read_is_not_even_looked_for(void **state)
{
    (void)state;
    list(GATEWAY, "*", "");
    assert_int_equal(kept.listed, 5);
    list(GATEWAY, "crowd.*", "");
    assert_int_equal(kept.listed, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_that_is_not_a_programs_is_as_if_it_were_not_there),
        TEST(what_is_private_has_numbers_alone),
        TEST(a_user_reads_what_the_program_may_ask_for),
        TEST(a_list_has_what_is_the_programs_by_name),
        TEST(what_lies_before_the_place_is_not_looked_for),
        TEST(what_nobody_may_read_is_not_even_looked_for),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
