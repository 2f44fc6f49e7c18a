// Subscriptions and runs without a service: what streams tell is told by the test, and questions fail.
#include "services/gateway/graph/following.h"

#include "services/gateway/graph/testing/world.h"

static struct graph_world world;
static struct feed_viewer viewer;
static struct buf refused;

// ---- An owner

struct told {
    struct following following;
    int nexts, readies, overs;
    struct shared *last; // held
    char text[2048];
};

static void on_next(void *arg, struct shared *answer, const char *cursor)
{
    struct told *told = arg;
    (void)cursor;
    told->nexts++;
    shared_drop(told->last);
    told->last = shared_hold(answer);
    snprintf(told->text, sizeof told->text, "%.*s", (int)answer->len, answer->bytes);
}

static void on_ready(void *arg)
{
    struct told *told = arg;
    assert_false(following_is_busy(&told->following));
    told->readies++;
}

static void on_over(void *arg, const char *errors, size_t len)
{
    struct told *told = arg;
    told->overs++;
    snprintf(told->text, sizeof told->text, "%.*s", (int)len, errors);
}

static const struct following_owner owner = {on_next, on_ready, on_over};

// ---- The world

static void on_turn(void *arg)
{
    (void)arg;
    graph_world_turn(&world);
}

static bool on_room(void *arg)
{
    (void)arg;
    return false; // nothing is asked for
}

static size_t on_waiting(const void *arg)
{
    (void)arg;
    return 0;
}

static void on_deliver(void *arg, const struct feed_message *message)
{
    (void)arg;
    following_deliver(message);
}

static void on_flush(void *arg) { (void)arg; }
static void on_remind(void *arg) { (void)arg; }

static void on_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    (void)arg, (void)why, (void)retry_ms;
    feed_leave(&viewer);
}

static const struct feed_transport transport = {on_room,   on_waiting, on_deliver, on_flush,
                                                on_remind, on_end,     NULL};

static int set_up(void **state)
{
    const struct loop_options options = {on_turn, NULL, NULL};
    const struct caller caller = {.address = "192.0.2.1", .household = "192.0.2.1"};
    struct loop *loop;
    struct err err;
    (void)state;
    if (!loop_create(&loop, &options, &err)) fail_msg("%s", err.message);
    graph_world_open(&world, loop);
    buf_init(&refused, 64 << 10);
    viewer = (struct feed_viewer){0};
    if (!feed_join(world.feed, &viewer, &transport, NULL, &caller, &err)) fail_msg("%s", err.message);
    return 0;
}

static int tear_down(void **state)
{
    struct loop *loop = world.loop;
    (void)state;
    graph_world_end(&world);
    graph_world_close(&world);
    loop_destroy(loop);
    buf_finish(&refused);
    return 0;
}

#define UNTIL(truth)                                                                                         \
    do {                                                                                                     \
        int64_t until_ms_ = clock_mono_ms() + 10000;                                                         \
        while (!(truth) && clock_mono_ms() < until_ms_) loop_turn(world.loop);                               \
        assert_true(truth);                                                                                  \
    } while (0)

// ---- Subscriptions

static json_t *object_of(const char *document, const char *variables)
{
    json_t *object = json_object(), *read = json_loads(variables, 0, NULL);
    assert_non_null(read);
    json_object_set_new(object, "query", json_string(document));
    json_object_set_new(object, "variables", read);
    return object;
}

static bool follow(struct told *told, const char *document, const char *variables, struct err *err)
{
    static const struct running_owner nobody = {0};
    json_t *object = object_of(document, variables);
    struct running *running = running_create(&world.graphs, &viewer.caller, &nobody, NULL);
    buf_reset(&refused);
    *told = (struct told){.following = {.owner = &owner, .arg = told}};
    bool read = running_read(running, object, &refused);
    json_decref(object);
    if (!read) fail_msg("%s", refused.bytes);
    assert_true(gql_run_follows(running->asker.run));
    bool follows = following_open(&told->following, &world.graphs, running->asker.run, &running->request,
                                  &viewer, NULL, err);
    running_leave(running);
    return follows;
}

static void follows(struct told *told, const char *document, const char *variables)
{
    struct err err;
    if (!follow(told, document, variables, &err)) fail_msg("%s", err.message);
}

static void leave(struct told *told)
{
    following_close(&told->following);
    shared_drop(told->last);
}

#define BY_ID                                                                                                \
    "subscription($id: ID!, $after: String, $more: Boolean = true) { event(id: $id, after: $after) { "
#define ENTRIES BY_ID "... on LogEntry { index kind @include(if: $more) } } }"
#define LINKS                                                                                                \
    BY_ID "... on EventSnapshot { cursor state { deck { name } } } ... on LogEntry { index @include(if: "    \
          "$more) } } }"

static void tell(struct told *told, const struct feed_item *item)
{
    struct feed_message message = world_message(FEED_ENTRY, told->following.sub, item);
    following_deliver(&message);
}

static void tell_snapshot(struct told *told)
{
    struct feed_item *item = world_event();
    struct feed_message message = world_message(FEED_SNAPSHOT, told->following.sub, item);
    following_deliver(&message);
    feed_item_drop(item);
}

static void who_selects_the_same_shares_all(void **state)
{
    struct told told[4];
    struct feed_item *item = world_entry(7), *next = world_entry(8);
    (void)state;
    follows(&told[0], ENTRIES, "{\"id\":\"" ID_1 "\"}");
    follows(&told[1], ENTRIES, "{\"id\":\"" ID_1 "\",\"after\":\"aaaaaaaa.3\"}");
    follows(&told[2], ENTRIES, "{\"id\":\"" ID_2 "\",\"after\":null}");
    follows(&told[3], ENTRIES, "{\"id\":\"" ID_1 "\",\"more\":false}");
    assert_int_equal(world.graphs.shapes.count, 2);
    for (int i = 0; i < 4; i++) tell(&told[i], item);
    assert_string_equal(told[0].text, "{\"data\":{\"event\":{\"index\":\"7\",\"kind\":\"NOTED\"}}}");
    assert_string_equal(told[3].text, "{\"data\":{\"event\":{\"index\":\"7\"}}}");
    assert_ptr_equal(told[0].last, told[1].last);
    assert_ptr_equal(told[0].last, told[2].last);
    tell(&told[0], next);
    assert_string_equal(told[0].text, "{\"data\":{\"event\":{\"index\":\"8\",\"kind\":\"NOTED\"}}}");
    for (int i = 0; i < 4; i++) leave(&told[i]);
    assert_int_equal(world.graphs.shapes.count, 0);
    feed_item_drop(item);
    feed_item_drop(next);
}

// The next turn does not know what was written in this one.
static void nothing_written_outlives_its_turn(void **state)
{
    struct told told;
    struct feed_item *item = world_entry(7);
    (void)state;
    follows(&told, ENTRIES, "{\"id\":\"" ID_1 "\"}");
    tell(&told, item);
    assert_int_equal(item->holders, 2);
    assert_int_equal(told.last->holders, 2);
    loop_again(world.loop);
    loop_turn(world.loop);
    assert_int_equal(item->holders, 1);
    assert_int_equal(told.last->holders, 1);
    leave(&told);
    feed_item_drop(item);
}

// Where a shape has been, another one may lie in the same turn.
static void a_shape_that_is_gone_tells_nothing_more(void **state)
{
    struct told one, two;
    struct feed_item *item = world_entry(7);
    (void)state;
    follows(&one, ENTRIES, "{\"id\":\"" ID_1 "\"}");
    tell(&one, item);
    leave(&one);
    assert_int_equal(item->holders, 1);
    follows(&two, BY_ID "... on LogEntry { kind @include(if: $more) } } }", "{\"id\":\"" ID_1 "\"}");
    tell(&two, item);
    assert_string_equal(two.text, "{\"data\":{\"event\":{\"kind\":\"NOTED\"}}}");
    leave(&two);
    feed_item_drop(item);
}

// It is not what an older client asked for.
static void who_writes_is_told_to_who_selects_it(void **state)
{
    struct told told[2];
    Events__RoomTyping typing = EVENTS__ROOM_TYPING__INIT;
    struct feed_item *item = feed_item_create(&typing.base, 0);
    (void)state;
    viewer.caller.known = true;
    follows(&told[0],
            "subscription { room(id: \"" ID_1 ".table\") { __typename ... on RoomTyping { users { id } } } }",
            "{}");
    follows(&told[1], "subscription { room(id: \"" ID_1 ".table\") { __typename ... on RoomEntry { seq } } }",
            "{}");
    for (int i = 0; i < 2; i++) {
        struct feed_message message = world_message(FEED_TYPING, told[i].following.sub, item);
        following_deliver(&message);
        assert_int_equal(told[i].nexts, i == 0);
    }
    assert_string_equal(told[0].text, "{\"data\":{\"room\":{\"__typename\":\"RoomTyping\",\"users\":[]}}}");
    for (int i = 0; i < 2; i++) leave(&told[i]);
    feed_item_drop(item);
}

static void questions_make_it_busy_until_they_are_answered(void **state)
{
    struct told told;
    struct feed_item *item = world_entry(7);
    (void)state;
    follows(&told, LINKS, "{\"id\":\"" ID_1 "\"}");
    tell(&told, item);
    assert_false(following_is_busy(&told.following));
    tell_snapshot(&told);
    assert_true(following_is_busy(&told.following));
    assert_int_equal(told.nexts, 1);
    UNTIL(told.readies == 1);
    assert_int_equal(told.nexts, 2);
    assert_non_null(strstr(
        told.text, "{\"data\":{\"event\":{\"cursor\":\"aaaaaaaa.1\",\"state\":{\"deck\":null}}},\"errors\""));
    leave(&told);
    feed_item_drop(item);
}

static void who_goes_while_it_is_busy_is_told_nothing(void **state)
{
    struct told told[3];
    struct err err;
    (void)state;
    for (int i = 0; i < 3; i++) {
        follows(&told[i], LINKS, "{\"id\":\"" ID_1 "\"}");
        tell_snapshot(&told[i]);
    }
    assert_int_equal(world.graphs.running, 3);
    leave(&told[0]);
    assert_int_equal(world.graphs.running, 2);
    err_fail(&err, NOT_FOUND, "it is gone");
    struct feed_sub *sub = told[1].following.sub;
    following_deliver(&(struct feed_message){.kind = FEED_ERROR, .sub = sub, .err = &err});
    assert_int_equal(told[1].overs, 1);
    assert_non_null(
        strstr(told[1].text, "[{\"message\":\"it is gone\",\"extensions\":{\"code\":\"NOT_FOUND\""));
    assert_int_equal(world.graphs.running, 1);
    feed_unsubscribe(sub); // as its feed does then
    feed_leave(&viewer);   // the last with its sub
    following_lose(&told[2].following);
    assert_int_equal(world.graphs.running, 0);
    for (int i = 0; i < 5; i++) loop_again(world.loop), loop_turn(world.loop);
    for (int i = 0; i < 3; i++) assert_int_equal(told[i].nexts + told[i].readies, 0);
}

static void what_there_is_not_is_refused_of_its_argument(void **state)
{
    struct told told;
    struct err err;
    (void)state;
    assert_false(follow(&told, "subscription { event(id: \"x\") { __typename } }", "{}", &err));
    assert_true(err_is(&err, INVALID_FIELD));
    assert_string_equal(err.field, "id");
    assert_false(follow(&told, "subscription { me { __typename } }", "{}", &err));
    assert_true(err_is(&err, TOKEN_INVALID));
    assert_int_equal(world.graphs.shapes.count, 0);
    atomic_store(&world.budget.followed, world.budget.most / 4 + 1);
    assert_false(follow(&told, ENTRIES, "{\"id\":\"" ID_1 "\"}", &err));
    assert_true(err_is(&err, SERVICE_BUSY));
    atomic_fetch_sub(&world.budget.followed, world.budget.most / 4 + 1);
}

// ---- Runs

static int done;

static void on_done(void *arg)
{
    (void)arg;
    done++;
}

static struct running *begin(const char *document)
{
    static const struct running_owner counts = {on_done, NULL};
    json_t *object = object_of(document, "{}");
    struct running *running = running_create(&world.graphs, &viewer.caller, &counts, NULL);
    done = 0;
    buf_reset(&refused);
    bool read = running_read(running, object, &refused);
    json_decref(object);
    if (read) return running;
    running_leave(running);
    return NULL;
}

static void a_read_is_given_up_and_a_write_goes_on(void **state)
{
    (void)state;
    struct running *read = begin("{ sides { slug } }");
    running_start(read);
    struct running *write = begin("mutation { logout(input: {}) { done } login(input: { username: \"a\", "
                                  "password: \"b\" }) { accessToken } }");
    if (!write) fail_msg("%s", refused.bytes);
    running_start(write);
    assert_int_equal(world.graphs.running, 2);
    running_leave(read);
    running_leave(write);
    assert_int_equal(world.graphs.running, 1);
    UNTIL(world.graphs.running == 0);
    assert_int_equal(done, 0);
}

static void what_is_answered_at_once_is_done_within_the_start(void **state)
{
    struct buf out;
    (void)state;
    struct running *running = begin("{ __typename }");
    running_start(running);
    assert_int_equal(done, 1);
    buf_init(&out, 1 << 20);
    running_write(running, &out);
    assert_string_equal(out.bytes, "{\"data\":{\"__typename\":\"Query\"},\"extensions\":{\"cost\":0}}");
    buf_finish(&out);
    running_leave(running);
}

static void each_operation_is_drawn_from_its_bucket(void **state)
{
    (void)state;
    world.limits.classes[LIMIT_OTHER] = (struct bucket){1, 0.001};
    struct running *first = begin("{ __typename }");
    assert_non_null(first);
    running_leave(first);
    assert_null(begin("{ __typename }"));
    assert_non_null(strstr(refused.bytes, "\"code\":\"RATE_LIMITED\""));
    assert_non_null(strstr(refused.bytes, "\"retryAfter\""));
}

static void only_trusted_documents_run_where_it_is_said(void **state)
{
    (void)state;
    world.graphs.lent.trusted_only = true;
    assert_null(begin("subscription { event(id: \"" ID_1 "\") { __typename } }"));
    assert_non_null(strstr(refused.bytes, "\"code\":\"GRAPHQL_UNTRUSTED\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_selects_the_same_shares_all),
        TEST(nothing_written_outlives_its_turn),
        TEST(a_shape_that_is_gone_tells_nothing_more),
        TEST(who_writes_is_told_to_who_selects_it),
        TEST(questions_make_it_busy_until_they_are_answered),
        TEST(who_goes_while_it_is_busy_is_told_nothing),
        TEST(what_there_is_not_is_refused_of_its_argument),
        TEST(a_read_is_given_up_and_a_write_goes_on),
        TEST(what_is_answered_at_once_is_done_within_the_start),
        TEST(each_operation_is_drawn_from_its_bucket),
        TEST(only_trusted_documents_run_where_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
