#include "services/gateway/http/testing/house.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "services/gateway/http/connection.h"

enum { LARGE = 16 * 1024 * 1024 };

static size_t gone;

static void on_gone(void *arg, size_t len)
{
    (void)arg;
    gone += len;
}

// The answer to everything, which only the house's answers hold.
static struct shared *share(struct house *house, size_t len)
{
    char *bytes = malloc(len + 1);
    assert_non_null(bytes);
    memset(bytes, 'x', len);
    struct shared *shared = shared_create(bytes, len);
    free(bytes);
    assert_non_null(shared);
    gone = 0;
    shared->gone = on_gone;
    house->answer = (struct http_answer){.status = 200};
    http_answer_share(&house->answer, shared);
    return shared;
}

static void a_shared_body_goes_to_many_and_is_freed_once(void **state)
{
    enum { CLIENTS = 5, BYTES = 2 * REPLY_SMALL_BYTES };
    struct house house;
    struct http_options options = house_options();
    int fds[CLIENTS];
    (void)state;
    house_open(&house, &options);
    struct shared *shared = share(&house, BYTES);
    for (int i = 0; i < CLIENTS; i++) house_get(fds[i] = house_client(&house, "127.0.0.1"));
    HOUSE_UNTIL(&house, house.ended == CLIENTS);
    shared_drop(shared);
    assert_int_equal(gone, BYTES);
    for (int i = 0; i < CLIENTS; i++) {
        size_t got = 0;
        assert_false(house_read(fds[i], LARGE, &got));
        assert_true(got > BYTES);
        close(fds[i]);
    }
    house_close(&house);
}

static void a_shared_body_is_freed_when_its_client_leaves(void **state)
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
    shared_drop(shared);
    assert_int_equal(gone, 0);
    close(fd);
    HOUSE_UNTIL(&house, house.ended == 1);
    assert_false(house.sent);
    assert_int_equal(gone, LARGE);
    house_close(&house);
}

static void a_shared_body_is_freed_by_a_stop(void **state)
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
    shared_drop(shared);
    house_close(&house);
    assert_int_equal(gone, LARGE);
    close(fd);
}

static void nothing_at_all_can_be_shared(void **state)
{
    struct house house;
    struct http_options options = house_options();
    size_t got = 0;
    (void)state;
    house_open(&house, &options);
    struct shared *shared = share(&house, 0);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    HOUSE_UNTIL(&house, house.ended == 1);
    assert_true(house.sent);
    house_read(fd, LARGE, &got);
    assert_true(got > 0);
    shared_drop(shared);
    close(fd);
    house_close(&house);
}

static void little_of_a_body_waits_in_the_kernel(void **state)
{
    struct house house;
    struct http_options options = house_options();
    int unsent = 0;
    (void)state;
    house_open(&house, &options);
    struct shared *shared = share(&house, LARGE);
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    HOUSE_UNTIL(&house, house.begun == 1);
    for (int i = 0; i < 20; i++) loop_turn(house.loop); // it sends what it can
    assert_int_equal(house.ended, 0);
    assert_int_equal(ioctl(house.server->connections->fd, SIOCOUTQNSD, &unsent), 0);
    assert_true(unsent > 0 && unsent <= 256 * 1024);
    shared_drop(shared);
    close(fd);
    house_close(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shared_body_goes_to_many_and_is_freed_once),
        cmocka_unit_test(a_shared_body_is_freed_when_its_client_leaves),
        cmocka_unit_test(a_shared_body_is_freed_by_a_stop),
        cmocka_unit_test(nothing_at_all_can_be_shared),
        cmocka_unit_test(little_of_a_body_waits_in_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
