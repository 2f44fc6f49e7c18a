#include "services/gateway/http/testing/house.h"

enum { LARGE = 16 * 1024 * 1024, STALL_MS = 500 };

static struct http_options impatient(void)
{
    struct http_options options = house_options();
    options.stall_timeout_ms = STALL_MS;
    return options;
}

static struct shared *share(struct house *house, size_t len)
{
    char *bytes = calloc(1, len);
    struct shared *shared = shared_create(bytes, len);
    free(bytes);
    assert_non_null(shared);
    house->answer = (struct http_answer){.status = 200};
    http_answer_share(&house->answer, shared);
    return shared;
}

static bool was_reset(int fd)
{
    char c;
    int fault = 0;
    socklen_t size = sizeof fault;
    if (recv(fd, &c, 1, MSG_PEEK) < 0) return errno == ECONNRESET;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == ECONNRESET;
}

static void who_takes_nothing_is_cut(void **state)
{
    struct house house;
    struct http_options options = impatient();
    size_t got = 0;
    (void)state;
    house_open(&house, &options);
    struct shared *shared = share(&house, LARGE);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    HOUSE_UNTIL(&house, (house_read(fd, 1, &got), got > 0));
    HOUSE_UNTIL(&house, house.ended == 1);
    assert_false(house.sent);
    assert_true(was_reset(fd)); // so that the kernel keeps nothing
    shared_drop(shared);
    close(fd);
    house_close(&house);
}

static void who_takes_a_little_now_and_then_is_not(void **state)
{
    enum { STEP = LARGE / 64 };
    struct house house;
    struct http_options options = impatient();
    size_t got = 0;
    (void)state;
    house_open(&house, &options);
    struct shared *shared = share(&house, LARGE);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    int64_t begun_ms = clock_mono_ms();
    for (int64_t next_ms = begun_ms; house.ended == 0; loop_turn(house.loop)) {
        if (clock_mono_ms() < next_ms) continue;
        assert_false(house_read(fd, STEP, &got));
        next_ms = clock_mono_ms() + STALL_MS / 10;
        assert_true(clock_mono_ms() - begun_ms < HOUSE_PATIENCE_MS);
    }
    assert_true(clock_mono_ms() - begun_ms > 2 * STALL_MS);
    assert_true(house.sent);
    shared_drop(shared);
    close(fd);
    house_close(&house);
}

// A request's time begins anew with its answer, and is longer for a large one.
static void a_large_answer_has_longer_than_a_request(void **state)
{
    struct house house;
    struct http_options options = house_options();
    size_t got = 0;
    (void)state;
    options.request_timeout_ms = 300;
    house_open(&house, &options);
    struct shared *shared = share(&house, LARGE);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    int64_t begun_ms = clock_mono_ms();
    while (clock_mono_ms() - begun_ms < 3 * options.request_timeout_ms) loop_turn(house.loop);
    assert_int_equal(house.ended, 0);
    HOUSE_UNTIL(&house, (house_read(fd, LARGE, &got), house.ended == 1));
    assert_true(house.sent);
    shared_drop(shared);
    close(fd);
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_takes_nothing_is_cut),
        cmocka_unit_test(who_takes_a_little_now_and_then_is_not),
        cmocka_unit_test(a_large_answer_has_longer_than_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
