// A consumer applies everything, across failures, restarts and a replaced content of the publisher's store.
#include "lib/bus/consumer.h"
#include "lib/bus/testing/world.h"

// What a consumer made of its stream, and where it is: kept together, as in one write.
struct eater {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct bus_place place;
    uint64_t eaten, lost, batches, largest;
    int refusals;
    bool gap, wrong_body;
    struct bus_consumer *consumer;
};

static void eater_check(struct eater *eater, const struct bus_batch *batch)
{
    uint64_t before = batch->place.generation == eater->place.generation ? eater->place.seq : 0;
    for (size_t i = 0; i < batch->count; i++) {
        const Bus__Notice *notice = batch->notices[i];
        char body[24];
        snprintf(body, sizeof body, "%llu", (unsigned long long)notice->seq);
        bool same =
            notice->payload.len == strlen(body) && memcmp(notice->payload.data, body, strlen(body)) == 0;
        if (!same) eater->wrong_body = true;
        if (notice->seq != before + 1 && !batch->lost && before) eater->gap = true;
        before = notice->seq;
    }
}

static bool eater_apply(void *arg, const struct bus_batch *batch, struct err *err)
{
    struct eater *eater = arg;
    pthread_mutex_lock(&eater->mutex);
    bool ok = eater->refusals == 0;
    if (ok) {
        eater_check(eater, batch);
        eater->place = batch->place;
        eater->eaten += batch->count;
        eater->lost += batch->lost;
        eater->batches++;
        if (batch->count > eater->largest) eater->largest = batch->count;
    } else {
        eater->refusals--;
    }
    pthread_cond_broadcast(&eater->wake);
    pthread_mutex_unlock(&eater->mutex);
    return ok || err_fail(err, SERVICE_BUSY, "not now");
}

static void eat(struct eater *eater, const char *name)
{
    char address[64], bus[64];
    struct err err = {0};
    snprintf(address, sizeof address, "inproc://%s", name);
    snprintf(bus, sizeof bus, "inproc://%s-bus", name);
    pthread_mutex_init(&eater->mutex, NULL);
    wait_init(&eater->wake);
    const struct bus_consumer_options options = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                                 .stream = "events.0",
                                                 .address = bus,
                                                 .feed_service = "events",
                                                 .feed_address = address,
                                                 .from = eater->place,
                                                 .apply = eater_apply,
                                                 .arg = eater};
    assert_true(bus_consumer_start(&eater->consumer, &options, &err));
}

static void wait_place(struct eater *eater, uint64_t generation, uint64_t seq)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    pthread_mutex_lock(&eater->mutex);
    while ((eater->place.generation != generation || eater->place.seq < seq) &&
           wait_until(&eater->wake, &eater->mutex, until_ms))
        continue;
    assert_int_equal(eater->place.generation, generation);
    assert_int_equal(eater->place.seq, seq);
    pthread_mutex_unlock(&eater->mutex);
}

static void refuse(struct eater *eater, int times)
{
    pthread_mutex_lock(&eater->mutex);
    eater->refusals = times;
    pthread_mutex_unlock(&eater->mutex);
}

static int refusals_left(struct eater *eater)
{
    pthread_mutex_lock(&eater->mutex);
    int left = eater->refusals;
    pthread_mutex_unlock(&eater->mutex);
    return left;
}

// Asked by another thread than its own.
static void wait_fresh(const struct eater *eater)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (bus_consumer_age_ms(eater->consumer) == INT64_MAX && clock_mono_ms() < until_ms) sched_yield();
    assert_true(bus_consumer_age_ms(eater->consumer) < PATIENCE_MS);
}

static void all_is_applied_in_pages(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 1234}}, .count = 1, .generation = 7};
    struct eater eater = {0};
    start_service(&service, "pages");
    eat(&eater, "pages");
    wait_place(&eater, 7, 1234);
    publish_next(&service, &service.streams[0]);
    wait_place(&eater, 7, 1235);
    assert_int_equal(eater.eaten, 1235);
    assert_int_equal(eater.largest, BUS_BATCH_MOST);
    assert_false(eater.gap || eater.wrong_body);
    wait_fresh(&eater);
    bus_consumer_stop(eater.consumer);
    stop_service(&service);
}

static void bodies_of_private_notices_are_read(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0"}}, .count = 1, .is_private = true, .generation = 7};
    struct eater eater = {0};
    start_service(&service, "bodies");
    eat(&eater, "bodies");
    for (int i = 0; i < 3; i++) publish_next(&service, &service.streams[0]);
    wait_place(&eater, 7, 3);
    assert_false(eater.gap || eater.wrong_body);
    bus_consumer_stop(eater.consumer);
    stop_service(&service);
}

static void what_is_refused_comes_again_whole(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 700}}, .count = 1, .generation = 7};
    struct eater eater = {.refusals = 2};
    start_service(&service, "refused");
    eat(&eater, "refused");
    wait_place(&eater, 7, 700);
    assert_int_equal(eater.eaten, 700);
    assert_int_equal(eater.refusals, 0);
    assert_false(eater.gap || eater.wrong_body);
    bus_consumer_stop(eater.consumer);
    stop_service(&service);
}

static void what_is_not_applied_was_not_heard(void **state)
{
    (void)state;
    enum { MANY = 1000000 };
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 3}}, .count = 1, .generation = 7};
    struct eater eater = {0};
    start_service(&service, "unheard");
    eat(&eater, "unheard");
    wait_place(&eater, 7, 3);
    wait_fresh(&eater);
    refuse(&eater, MANY);
    publish_next(&service, &service.streams[0]);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (refusals_left(&eater) == MANY && clock_mono_ms() < until_ms) sched_yield();
    assert_true(refusals_left(&eater) < MANY);
    assert_true(bus_consumer_age_ms(eater.consumer) == INT64_MAX);
    refuse(&eater, 0);
    wait_place(&eater, 7, 4);
    wait_fresh(&eater);
    bus_consumer_stop(eater.consumer);
    stop_service(&service);
}

// The clock stands, so that only what is applied counts.
static void the_lag_grows_while_nothing_is_applied(void **state)
{
    (void)state;
    enum { MANY = 1000000 };
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 3}}, .count = 1, .generation = 7};
    struct eater eater = {0};
    assert_int_equal(bus_consumers_lag_ms(), 0); // of none
    start_service(&service, "lag");
    eat(&eater, "lag");
    wait_place(&eater, 7, 3);
    wait_fresh(&eater);
    assert_true(bus_consumers_lag_ms() < PATIENCE_MS);
    refuse(&eater, MANY);
    publish_next(&service, &service.streams[0]);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (refusals_left(&eater) == MANY && clock_mono_ms() < until_ms) sched_yield();
    clock_hold_mono(clock_mono_ms() + 60000);
    assert_in_range(bus_consumers_lag_ms(), 60000, 60000 + PATIENCE_MS);
    clock_hold_mono(-1);
    refuse(&eater, 0);
    wait_place(&eater, 7, 4);
    wait_fresh(&eater);
    assert_true(bus_consumers_lag_ms() < 60000);
    bus_consumer_stop(eater.consumer);
    assert_int_equal(bus_consumers_lag_ms(), 0);
    stop_service(&service);
}

static void it_goes_on_where_it_was_and_tells_what_is_gone(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 100}}, .count = 1, .generation = 7};
    struct eater eater = {.place = {7, 90}};
    start_service(&service, "goes-on");
    eat(&eater, "goes-on");
    wait_place(&eater, 7, 100);
    bus_consumer_stop(eater.consumer);
    assert_int_equal(eater.eaten, 10);
    assert_int_equal(eater.lost, 0);
    service.streams[0].head = 200;
    service.streams[0].oldest = 151;
    eat(&eater, "goes-on");
    wait_place(&eater, 7, 200);
    assert_int_equal(eater.eaten, 10 + 50);
    assert_int_equal(eater.lost, 50);
    bus_consumer_stop(eater.consumer);
    stop_service(&service);
}

// Restored from a backup while nobody looked, to fewer entries or more.
static void other_content_is_read_from_its_start(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 40}}, .count = 1, .generation = 8};
    struct eater eater = {.place = {7, 90}};
    start_service(&service, "other");
    eat(&eater, "other");
    wait_place(&eater, 8, 40);
    assert_int_equal(eater.eaten, 40);
    assert_int_equal(eater.lost, 0);
    bus_consumer_stop(eater.consumer);
    stop_service(&service);
}

// The publisher comes back with other content while the consumer runs.
static void other_content_is_noticed_on_the_way(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 90}}, .count = 1, .generation = 7};
    struct eater eater = {0};
    start_service(&service, "midway");
    eat(&eater, "midway");
    wait_place(&eater, 7, 90);
    stop_service(&service);
    service.generation = 9;
    service.streams[0].head = 95;
    start_service(&service, "midway");
    wait_place(&eater, 9, 95);
    publish_next(&service, &service.streams[0]);
    wait_place(&eater, 9, 96);
    assert_int_equal(eater.eaten, 90 + 96);
    assert_false(eater.gap || eater.wrong_body);
    bus_consumer_stop(eater.consumer);
    stop_service(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_applied_in_pages),
        cmocka_unit_test(bodies_of_private_notices_are_read),
        cmocka_unit_test(what_is_refused_comes_again_whole),
        cmocka_unit_test(what_is_not_applied_was_not_heard),
        cmocka_unit_test(the_lag_grows_while_nothing_is_applied),
        cmocka_unit_test(it_goes_on_where_it_was_and_tells_what_is_gone),
        cmocka_unit_test(other_content_is_read_from_its_start),
        cmocka_unit_test(other_content_is_noticed_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
