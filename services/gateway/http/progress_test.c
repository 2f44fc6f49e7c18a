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

// A request's time starts over with its answer, and is longer for a large one.
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

// ---- Clients that leave

static void who_leaves_an_answer_unread_is_cut_soon(void **state)
{
    struct house house;
    struct http_options options = house_options();
    size_t got = 0;
    (void)state;
    house_open(&house, &options);
    struct shared *shared = share(&house, LARGE);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    HOUSE_UNTIL(&house, (house_read(fd, 1, &got), got > 0));
    int64_t begun_ms = clock_mono_ms();
    shutdown(fd, SHUT_WR);
    HOUSE_UNTIL(&house, house.ended == 1);
    assert_true(clock_mono_ms() - begun_ms < options.stall_timeout_ms / 2);
    assert_false(house.sent);
    shared_drop(shared);
    close(fd);
    house_close(&house);
}

static void who_leaves_while_the_application_has_the_exchange_is_told_of(void **state)
{
    struct house house;
    struct http_options options = house_options();
    (void)state;
    house_open(&house, &options);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    HOUSE_UNTIL(&house, house.begun == 1);
    close(fd);
    int64_t begun_ms = clock_mono_ms();
    HOUSE_UNTIL(&house, house.left == 1 && house.ended == 1);
    assert_true(clock_mono_ms() - begun_ms < options.request_timeout_ms / 2);
    assert_int_equal(house.status, 499);
    house_close(&house);
}

static void a_parked_exchange_is_told_of_at_once(void **state)
{
    struct house house;
    struct http_options options = house_options();
    (void)state;
    house_open(&house, &options);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    HOUSE_UNTIL(&house, house.begun == 1);
    http_park(house.exchange, loop_now_ms(house.loop) + HOUSE_PATIENCE_MS);
    shutdown(fd, SHUT_WR);
    int64_t begun_ms = clock_mono_ms();
    HOUSE_UNTIL(&house, house.left == 1 && house.ended == 1);
    assert_true(clock_mono_ms() - begun_ms < 1000);
    close(fd);
    house_close(&house);
}

static void who_only_ends_the_sending_side_gets_the_answer(void **state)
{
    struct house house;
    struct http_options options = house_options();
    size_t got = 0;
    (void)state;
    house_open(&house, &options);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    shutdown(fd, SHUT_WR);
    HOUSE_UNTIL(&house, house.begun == 1);
    int64_t begun_ms = clock_mono_ms();
    while (clock_mono_ms() - begun_ms < 700) loop_turn(house.loop);
    assert_int_equal(house.left, 0);
    http_answer(house.exchange, &(struct http_answer){.status = 200, .body = "here", .len = 4});
    HOUSE_UNTIL(&house, house_read(fd, LARGE, &got));
    assert_true(got > 4);
    assert_true(house.sent);
    close(fd);
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_takes_nothing_is_cut),
        cmocka_unit_test(who_takes_a_little_now_and_then_is_not),
        cmocka_unit_test(a_large_answer_has_longer_than_a_request),
        cmocka_unit_test(who_leaves_an_answer_unread_is_cut_soon),
        cmocka_unit_test(who_leaves_while_the_application_has_the_exchange_is_told_of),
        cmocka_unit_test(a_parked_exchange_is_told_of_at_once),
        cmocka_unit_test(who_only_ends_the_sending_side_gets_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
