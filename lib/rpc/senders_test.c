// No message is taken twice: counters late and early, connections, greetings, and too many senders.
#include "lib/rpc/senders.h"

#include "tests/test.h"

enum { NOW_MS = 1000000000, MOST = 3, LATE = 1024 };

static struct senders senders;

static int set_up(void **state)
{
    struct err err;
    (void)state;
    return senders_init(&senders, MOST, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    senders_finish(&senders);
    return 0;
}

static struct seal_head head_of(uint8_t sender, uint64_t counter)
{
    return (struct seal_head){{sender}, {0}, counter, NOW_MS};
}

// The head of a sender's next messages, after its greeting.
static struct seal_head greet(uint8_t sender, uint64_t counter)
{
    struct seal_head head = head_of(sender, counter);
    assert_int_equal(senders_greet(&senders, &head, head.connection), SEAL_FINE);
    return head;
}

static enum seal_fault take(struct seal_head head, uint64_t counter)
{
    head.counter = counter;
    return senders_take(&senders, &head);
}

static enum seal_fault meet(uint8_t sender, uint64_t counter, int64_t time_ms, int64_t now_ms)
{
    struct seal_head head = head_of(sender, counter);
    head.time_ms = time_ms;
    return senders_meet(&senders, &head, now_ms);
}

static void each_counter_is_taken_once(void **state)
{
    (void)state;
    struct seal_head mira = greet(1, 1);
    const uint64_t order[] = {3, 2, 10, 4, LATE + 4, 5, 5 * LATE, 4 * LATE + 1};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_int_equal(take(mira, order[i]), SEAL_FINE);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_int_equal(take(mira, order[i]), SEAL_REPEATED);
    assert_int_equal(take(mira, 4 * LATE), SEAL_REPEATED); // too late to tell
    assert_int_equal(take(mira, 0), SEAL_REPEATED);
    assert_int_equal(take(mira, 1), SEAL_REPEATED); // its greeting
    assert_int_equal(take(mira, UINT64_MAX - 1), SEAL_FINE);
    assert_int_equal(take(mira, UINT64_MAX), SEAL_FINE);
    assert_int_equal(take(mira, UINT64_MAX), SEAL_REPEATED);
}

static void every_counter_of_the_window_may_come_late(void **state)
{
    (void)state;
    struct seal_head mira = greet(1, 1);
    assert_int_equal(take(mira, LATE + 1), SEAL_FINE);
    for (uint64_t counter = 2; counter <= LATE; counter++) assert_int_equal(take(mira, counter), SEAL_FINE);
    for (uint64_t counter = 1; counter <= LATE + 1; counter++)
        assert_int_equal(take(mira, counter), SEAL_REPEATED);
}

static void a_message_belongs_to_its_connection(void **state)
{
    (void)state;
    struct seal_head unknown = head_of(1, 1), first = greet(1, 1);
    assert_int_equal(take(unknown, 2), SEAL_UNKNOWN_CONNECTION);
    struct seal_head next = greet(1, 5);
    assert_memory_not_equal(first.connection, next.connection, SEAL_ID_BYTES);
    assert_int_equal(take(first, 6), SEAL_UNKNOWN_CONNECTION);
    assert_int_equal(take(next, 6), SEAL_FINE);
}

static void a_repeated_greeting_begins_nothing(void **state)
{
    (void)state;
    struct seal_head mira = greet(1, 3), again = head_of(1, 3), older = head_of(1, 2);
    assert_int_equal(senders_greet(&senders, &again, again.connection), SEAL_REPEATED);
    assert_int_equal(senders_greet(&senders, &older, older.connection), SEAL_REPEATED);
    assert_int_equal(take(mira, 4), SEAL_FINE); // its connection stands
}

static void the_server_forgets_the_link_that_was_silent_longest(void **state)
{
    (void)state;
    struct seal_head links[MOST];
    for (int i = 0; i < MOST; i++) links[i] = greet((uint8_t)(i + 1), 1);
    assert_int_equal(take(links[0], 2), SEAL_FINE);
    struct seal_head late = greet(MOST + 1, 1);
    assert_int_equal(take(late, 2), SEAL_FINE);
    assert_int_equal(take(links[0], 3), SEAL_FINE);
    assert_int_equal(take(links[1], 2), SEAL_UNKNOWN_CONNECTION);
    assert_int_equal(take(links[2], 2), SEAL_FINE);
}

static void a_publisher_is_met_in_the_middle(void **state)
{
    (void)state;
    assert_int_equal(meet(1, 700, NOW_MS, NOW_MS), SEAL_FINE);
    assert_int_equal(meet(1, 702, NOW_MS, NOW_MS), SEAL_FINE);
    assert_int_equal(meet(1, 701, NOW_MS, NOW_MS), SEAL_FINE);
    assert_int_equal(meet(1, 700, NOW_MS, NOW_MS), SEAL_REPEATED);
    assert_int_equal(meet(2, 1, NOW_MS, NOW_MS), SEAL_FINE); // after its restart
}

// What is forgotten could be played back, so it is forgotten only when its time refuses it.
static void a_publisher_is_remembered_while_its_messages_are_timely(void **state)
{
    (void)state;
    for (int i = 1; i <= MOST; i++) assert_int_equal(meet((uint8_t)i, 1, NOW_MS + i, NOW_MS), SEAL_FINE);
    int64_t last_ms = NOW_MS + 1 + SEAL_SKEW_MS;
    assert_int_equal(meet(9, 1, last_ms, last_ms), SEAL_TOO_MANY);
    assert_int_equal(meet(1, 1, NOW_MS + 1, last_ms), SEAL_REPEATED);
    assert_int_equal(meet(9, 1, last_ms + 1, last_ms + 1), SEAL_FINE); // in place of the first
    assert_int_equal(meet(8, 1, last_ms + 1, last_ms + 1), SEAL_TOO_MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_counter_is_taken_once),
        TEST(every_counter_of_the_window_may_come_late),
        TEST(a_message_belongs_to_its_connection),
        TEST(a_repeated_greeting_begins_nothing),
        TEST(the_server_forgets_the_link_that_was_silent_longest),
        TEST(a_publisher_is_met_in_the_middle),
        TEST(a_publisher_is_remembered_while_its_messages_are_timely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
