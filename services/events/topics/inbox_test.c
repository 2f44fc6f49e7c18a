// What people are told on their own topics: whatever was missed, once, however much it is.
#include <sched.h>

#include "services/events/testing/table.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

static size_t told(struct service_world *world, const char *kind)
{
    service_hand_out(world, service_recall(world, "event"));
    const Bus__ReadReply *reply =
        (const void *)service_must(world, &player, "events.feed.Read", "{'stream':'users.$player'}").reply;
    size_t count = 0;
    for (size_t i = 0; i < reply->n_notices; i++) count += strcmp(reply->notices[i]->kind, kind) == 0;
    return count;
}

static void nobody_is_reminded_of_what_has_begun(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T08:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_wait(world, 71 * (int64_t)HOUR);
    assert_int_equal(told(world, "REMINDED"), 1);
    service_wait(world, 2 * (int64_t)HOUR); // nothing ran when ten minutes were left
    assert_int_equal(told(world, "REMINDED"), 1);
}

// Sets the cursor of what was handed out back to nothing, as a crash before it was written leaves it.
static void forget_cursor(struct service_world *world)
{
    const char *event_id = service_recall(world, "event");
    ProtobufCMessage *row;
    uint64_t version;
    struct err err;
    arena_reset(&world->arena);
    assert_true(store_get(world->events.store, &events_tables[EVENTS_NOTICES], event_id, &world->arena, &row,
                          &version, &err));
    assert_true(store_wait(world->events.store,
                           store_delete(world->events.store, &events_tables[EVENTS_NOTICES], event_id,
                                        version, &(struct store_write){0}),
                           &err));
}

static uint64_t head_of(struct service_world *world, const struct asker *who)
{
    uint64_t head;
    struct err err;
    assert_true(store_head(world->events.store, users_stream(who->user_id).text, &head, &err));
    return head;
}

static uint64_t head_of_player(struct service_world *world) { return head_of(world, &player); }

static void a_crash_repeats_nothing_however_much_was_told_since(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    for (int i = 0; i < 400; i++)
        service_must(world, &god, "events.AddNote",
                     "{" EVENT ",'user_id':'$player','audience':'PLAYER','text':'psst'}");
    service_hand_out(world, service_recall(world, "event"));
    uint64_t told = head_of_player(world);
    assert_true(told > 400);
    forget_cursor(world);
    service_hand_out_again(world, service_recall(world, "event"));
    assert_int_equal(head_of_player(world), told);
    service_must(world, &god, "events.AddNote",
                 "{" EVENT ",'user_id':'$player','audience':'PLAYER','text':'one more'}");
    forget_cursor(world);
    service_hand_out_again(world, service_recall(world, "event"));
    assert_int_equal(head_of_player(world), told + 1);
}

static void a_backlog_of_any_size_is_handed_out(void **state)
{
    enum { PEOPLE = 40, EDITS = 55, LETTERS = 16000 };
    struct service_world *world = *state;
    static char content[LETTERS + 1], request[LETTERS + 256];
    open_event(world, "Evening", "2027-01-15T20:00:00");
    for (unsigned i = 0; i < PEOPLE; i++) {
        const struct asker someone = {id_of(USER + i), LEVEL_PLAYER};
        service_must(world, &someone, "events.Reserve", "{" EVENT "}");
    }
    memset(content, 'x', LETTERS);
    for (unsigned i = 0; i < EDITS; i++) {
        content[0] = (char)('A' + i % 26);
        snprintf(request, sizeof request, "{" EVENT ",'content':'%s'}", content);
        service_must(world, &god, "events.UpdateEvent", request);
    }
    service_hand_out(world, service_recall(world, "event"));
    assert_int_equal(head_of_player(world), EDITS);
}

// ---- A topic that can't be written

// Holds the store's commits back until it is opened.
struct barrier {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool reached, open;
};

static void pass(void *arg, bool durable)
{
    struct barrier *barrier = arg;
    (void)durable;
    pthread_mutex_lock(&barrier->mutex);
    barrier->reached = true;
    pthread_cond_broadcast(&barrier->changed);
    while (!barrier->open) pthread_cond_wait(&barrier->changed, &barrier->mutex);
    pthread_mutex_unlock(&barrier->mutex);
}

static void barrier_reach(struct barrier *barrier)
{
    pthread_mutex_lock(&barrier->mutex);
    while (!barrier->reached) pthread_cond_wait(&barrier->changed, &barrier->mutex);
    pthread_mutex_unlock(&barrier->mutex);
}

static void barrier_open(struct barrier *barrier)
{
    pthread_mutex_lock(&barrier->mutex);
    barrier->open = true;
    pthread_cond_broadcast(&barrier->changed);
    pthread_mutex_unlock(&barrier->mutex);
}

struct round_of {
    struct service_world *world;
    bool ok;
};

static void *hand_out_once(void *arg)
{
    struct round_of *round = arg;
    struct arena arena;
    struct err err;
    arena_init(&arena, 32 << 20);
    round->ok = inbox_run(&round->world->events, service_recall(round->world, "event"), false, &arena, &err);
    arena_finish(&arena);
    return NULL;
}

// Queues writes of no effect until so many others were queued after `first`.
static void wait_until_queued(struct service_world *world, uint64_t first, uint64_t others)
{
    const ProtobufCBinaryData nothing = {0};
    uint64_t mine = 0, last;
    do {
        sched_yield();
        last = store_snapshot(world->events.store, "none", 1, nothing);
        mine++;
    } while (last - first - mine < others);
}

// What this topic gets next is refused: something else comes first.
static uint64_t take_place(struct service_world *world, const struct asker *who)
{
    uint8_t bytes[256];
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    notice.event_id = id_of(4242);
    notice.time_ms = world->now_ms;
    ProtobufCBinaryData entry = {game__user_notice__pack(&notice, bytes), bytes};
    return store_append(world->events.store, users_stream(who->user_id).text, head_of(world, who) + 1, &entry,
                        1, NULL);
}

static void a_topic_that_fails_is_told_later_and_nobody_twice(void **state)
{
    enum { TOPICS = 3, CURSOR = 1 };
    struct service_world *world = *state;
    struct barrier barrier = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct round_of round = {world, false};
    const struct store_write held = {.done = pass, .arg = &barrier};
    pthread_t thread;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_hand_out(world, service_recall(world, "event"));
    uint64_t first = head_of(world, &player), second = head_of(world, &other), third = head_of(world, &god);
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'content':'new'}");
    store_delete(world->events.store, &events_tables[EVENTS_IMAGES], "none", 1, &held);
    barrier_reach(&barrier);
    uint64_t taken = take_place(world, &other);
    assert_int_equal(pthread_create(&thread, NULL, hand_out_once, &round), 0);
    wait_until_queued(world, taken, TOPICS + CURSOR);
    barrier_open(&barrier);
    pthread_join(thread, NULL);
    assert_false(round.ok);
    assert_int_equal(head_of(world, &other), second + 1);
    service_hand_out_again(world, service_recall(world, "event"));
    assert_int_equal(head_of(world, &player), first + 1);
    assert_int_equal(head_of(world, &other), second + 2);
    assert_int_equal(head_of(world, &god), third + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_reminded_of_what_has_begun),
        TEST(a_crash_repeats_nothing_however_much_was_told_since),
        TEST(a_backlog_of_any_size_is_handed_out),
        TEST(a_topic_that_fails_is_told_later_and_nobody_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
