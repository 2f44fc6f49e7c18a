// Waits for news: parked while there are none, called to ask again, at most every 20 ms, or to answer.
#include <sodium.h>

#include "lib/base/clock.h"
#include "lib/base/metrics.h"
#include "services/gateway/stream/topics.h"
#include "services/gateway/stream/waits.h"
#include "tests/test.h"

enum { PATIENCE_MS = 20000 };

struct place {
    struct topics *topics;
    struct loop *loop;
    struct hub *hub;
    struct waits *waits;
    struct metrics *metrics;
    struct metric *parked;
    struct waits_count waiting;
};

struct asker {
    struct wait wait;
    struct place *place;
    unsigned again, over;
    bool ends; // the wait, when it is over
    bool anonymous;
    bool revoked;
};

static void on_turn(void *arg) { (void)arg; }

static void on_awake(void *arg) { hub_awake(((struct place *)arg)->hub); }

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    struct err err = {0};
    const struct loop_options options = {.turn = on_turn, .awake = on_awake, .arg = place};
    assert_true(sodium_init() >= 0);
    place->metrics = metrics_create();
    place->parked = metrics_gauge(place->metrics, "parked", "Parked.", "");
    assert_true(topics_create(&place->topics, &err));
    assert_true(loop_create(&place->loop, &options, &err));
    assert_true(hub_create(&place->hub, place->topics, place->loop, 0, &err));
    const struct waits_options with = {place->loop, place->hub, place->parked, &place->waiting};
    assert_true(waits_create(&place->waits, &with, &err));
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(atomic_load(&place->waiting.all), 0);
    assert_int_equal(atomic_load(&place->waiting.anonymous), 0);
    assert_int_equal(metric_value(place->parked), 0);
    waits_destroy(place->waits);
    hub_destroy(place->hub);
    loop_destroy(place->loop);
    topics_destroy(place->topics);
    metrics_destroy(place->metrics);
    free(place);
    return 0;
}

static void on_again(void *arg)
{
    struct asker *asker = arg;
    asker->again++;
}

static void on_over(void *arg)
{
    struct asker *asker = arg;
    asker->over++;
    if (asker->ends) wait_end(&asker->wait);
}

static bool on_holds(void *arg) { return !((struct asker *)arg)->revoked; }

static bool begin(struct place *place, struct asker *asker, int64_t wait_ms)
{
    const struct wait_plan plan = {.streams = {"events.1.public", "users.7"},
                                   .wait_ms = wait_ms,
                                   .again = on_again,
                                   .over = on_over,
                                   .holds = on_holds,
                                   .arg = asker,
                                   .anonymous = asker->anonymous};
    asker->place = place;
    return wait_begin(&asker->wait, place->waits, &plan);
}

static void publish(struct place *place, const char *stream, uint64_t seq)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = stream;
    notice.seq = seq;
    topics_publish(place->topics, &notice);
}

// Turns the loop until the asker was called so often.
static void turn_until(struct place *place, const struct asker *asker, unsigned again, unsigned over)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while ((asker->again < again || asker->over < over) && clock_mono_ms() < until_ms) loop_turn(place->loop);
    assert_int_equal(asker->again, again);
    assert_int_equal(asker->over, over);
}

static void a_question_that_failed_is_asked_again(void **state)
{
    struct place *place = *state;
    struct asker asker = {0};
    assert_true(begin(place, &asker, 10000));
    assert_true(wait_park(&asker.wait));
    publish(place, "users.7", 1);
    turn_until(place, &asker, 1, 0);
    assert_true(wait_retry(&asker.wait)); // what was news then is so still
    turn_until(place, &asker, 2, 0);
    wait_end(&asker.wait);
}

static void who_lost_the_right_asks_again_at_once(void **state)
{
    struct place *place = *state;
    struct asker asker = {0}, other = {0};
    assert_true(begin(place, &asker, 10000) && begin(place, &other, 10000));
    assert_true(wait_park(&asker.wait) && wait_park(&other.wait));
    waits_check(place->waits);
    assert_int_equal(asker.again + other.again, 0);
    asker.revoked = true;
    waits_check(place->waits);
    assert_int_equal(asker.again, 1);
    assert_int_equal(other.again, 0);
    assert_true(wait_park(&asker.wait)); // lost while it was asking: not before long
    turn_until(place, &asker, 2, 0);
    wait_end(&asker.wait);
    wait_end(&other.wait);
}

static void hint(struct place *place, const char *stream)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = stream;
    notice.kind = NEWS_HINT;
    topics_publish(place->topics, &notice);
}

static void hints_are_no_news(void **state)
{
    struct place *place = *state;
    struct asker asker = {0};
    assert_true(begin(place, &asker, 50));
    assert_true(wait_park(&asker.wait));
    hint(place, "users.7");
    turn_until(place, &asker, 0, 1);
    wait_end(&asker.wait);
}

static void news_let_it_ask_again(void **state)
{
    struct place *place = *state;
    struct asker asker = {0};
    assert_true(begin(place, &asker, 10000));
    assert_true(wait_park(&asker.wait));
    assert_int_equal(metric_value(place->parked), 1);
    publish(place, "events.2.public", 1); // another event's
    publish(place, "users.7", 1);
    turn_until(place, &asker, 1, 0);
    assert_true(loop_now_ms(place->loop) >= asker.wait.until_ms - 10000 + 20);
    assert_int_equal(metric_value(place->parked), 0);
    assert_true(wait_park(&asker.wait)); // still nothing to see
    publish(place, "events.1.public", 2);
    publish(place, "events.1.public", 3);
    turn_until(place, &asker, 2, 0);
    wait_end(&asker.wait);
    publish(place, "events.1.public", 4);
}

static void news_that_come_while_it_asks_count(void **state)
{
    struct place *place = *state;
    struct asker asker = {0};
    assert_true(begin(place, &asker, 10000));
    publish(place, "events.1.public", 1);
    while (!asker.wait.noticed) loop_turn(place->loop);
    assert_int_equal(asker.again, 0); // not parked yet
    assert_true(wait_park(&asker.wait));
    turn_until(place, &asker, 1, 0);
    wait_end(&asker.wait);
}

static void what_is_due_is_asked_for_without_news(void **state)
{
    struct place *place = *state;
    struct asker asker = {0};
    assert_true(begin(place, &asker, 10000));
    int64_t began_ms = loop_now_ms(place->loop);
    wait_expect(&asker.wait, 60);
    assert_true(wait_park(&asker.wait));
    turn_until(place, &asker, 1, 0);
    assert_true(loop_now_ms(place->loop) >= began_ms + 60);
    wait_expect(&asker.wait, -1000); // the clock of who said it is ahead: not at once again
    assert_true(asker.wait.due_ms > loop_now_ms(place->loop));
    assert_true(wait_park(&asker.wait));
    publish(place, "users.7", 1); // and what comes before is asked for, too
    turn_until(place, &asker, 2, 0);
    wait_end(&asker.wait);
}

static void what_is_due_later_than_one_waits_is_not_asked_for(void **state)
{
    struct place *place = *state;
    struct asker asker = {0};
    assert_true(begin(place, &asker, 50));
    wait_expect(&asker.wait, 60000);
    assert_true(wait_park(&asker.wait));
    turn_until(place, &asker, 0, 1);
    wait_end(&asker.wait);
}

static void one_more_stream_is_asked_about_and_heard(void **state)
{
    struct place *place = *state;
    struct asker asker = {0}, other = {0};
    assert_true(begin(place, &asker, 10000));
    assert_true(begin(place, &other, 10000));
    assert_true(wait_hear(&asker.wait, "events.1.god"));
    assert_true(wait_park(&asker.wait));
    assert_true(wait_park(&other.wait));
    turn_until(place, &asker, 1, 0); // what it missed before
    assert_true(wait_park(&asker.wait));
    publish(place, "events.1.god", 1);
    turn_until(place, &asker, 2, 0);
    assert_int_equal(other.again, 0);
    assert_false(wait_hear(&asker.wait, "events.1.fourth"));
    wait_end(&asker.wait);
    wait_end(&other.wait);
}

static void without_news_it_is_over_in_time(void **state)
{
    struct place *place = *state;
    struct asker asker = {.ends = true}, late = {0};
    loop_again(place->loop);
    loop_turn(place->loop);
    int64_t begun_ms = loop_now_ms(place->loop);
    assert_true(begin(place, &asker, 60));
    assert_true(begin(place, &late, 30));
    assert_true(wait_park(&asker.wait));
    turn_until(place, &asker, 0, 1);
    assert_true(loop_now_ms(place->loop) - begun_ms >= 60);
    assert_false(wait_park(&late.wait)); // its reply came after its time
    wait_end(&late.wait);
}

static void so_many_wait_and_no_more(void **state)
{
    struct place *place = *state;
    struct asker *all = calloc(WAITS_MOST + 1, sizeof *all);
    assert_non_null(all);
    assert_false(begin(place, &all[0], 0));
    for (size_t i = 0; i < WAITS_MOST; i++) {
        all[i].ends = true;
        assert_true(begin(place, &all[i], 10000));
        if (i % 2) assert_true(wait_park(&all[i].wait));
    }
    assert_false(begin(place, &all[WAITS_MOST], 10000));
    wait_end(&all[0].wait);
    all[WAITS_MOST].ends = true;
    assert_true(begin(place, &all[WAITS_MOST], 10000));
    assert_true(wait_park(&all[WAITS_MOST].wait));
    waits_release(place->waits);
    for (size_t i = 1; i < WAITS_MOST; i++) assert_int_equal(all[i].over, i % 2);
    assert_int_equal(all[WAITS_MOST].over, 1);
    assert_false(wait_park(&all[2].wait)); // its reply comes while all is stopping
    for (size_t i = 2; i < WAITS_MOST; i += 2) wait_end(&all[i].wait);
    assert_false(begin(place, &all[0], 10000));
    free(all);
}

static void half_of_the_places_are_for_who_has_a_token(void **state)
{
    struct place *place = *state;
    struct asker *all = calloc(WAITS_MOST, sizeof *all);
    assert_non_null(all);
    for (size_t i = 0; i < WAITS_ANONYMOUS_MOST; i++) {
        all[i].anonymous = true;
        assert_true(begin(place, &all[i], 10000));
    }
    struct asker more = {.anonymous = true};
    assert_false(begin(place, &more, 10000));
    for (size_t i = WAITS_ANONYMOUS_MOST; i < WAITS_MOST; i++) assert_true(begin(place, &all[i], 10000));
    wait_end(&all[0].wait);
    assert_true(begin(place, &more, 10000));
    wait_end(&more.wait);
    for (size_t i = 1; i < WAITS_MOST; i++) wait_end(&all[i].wait);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_lost_the_right_asks_again_at_once),
        TEST(hints_are_no_news),
        TEST(news_let_it_ask_again),
        TEST(news_that_come_while_it_asks_count),
        TEST(what_is_due_is_asked_for_without_news),
        TEST(what_is_due_later_than_one_waits_is_not_asked_for),
        TEST(a_question_that_failed_is_asked_again),
        TEST(without_news_it_is_over_in_time),
        TEST(so_many_wait_and_no_more),
        TEST(half_of_the_places_are_for_who_has_a_token),
        TEST(one_more_stream_is_asked_about_and_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
