// Connections that are given up in the middle of what comes by them.
#include "lib/bus/dialers.h"

#include <nng/protocol/pubsub0/pub.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "tests/test.h"

enum {
    PATIENCE_MS = 20 * 1000,
    ROUNDS = 200,
    LATER_MS = 3600 * 1000,
    AWAY_MS = 500,
    MOMENT_MS = 100,
    MESSAGE_BYTES = 4096
};

struct flood {
    nng_socket socket;
    atomic_bool ends;
    pthread_t thread;
};

static void *flood_main(void *arg)
{
    static uint8_t message[MESSAGE_BYTES];
    struct flood *flood = arg;
    while (!atomic_load(&flood->ends)) nng_send(flood->socket, message, sizeof message, 0);
    return NULL;
}

// Of a connection that is not the last one.
static uint32_t next_pipe(struct bus_dialers *dialers, uint32_t last, int64_t now_ms)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    for (uint32_t pipe; clock_mono_ms() < until_ms; poll(NULL, 0, 1)) {
        bus_dialers_follow(dialers, now_ms);
        pipe = atomic_load(&dialers->all[0].pipe);
        if (pipe && pipe != last) return pipe;
    }
    return 0;
}

static void connections_given_up_are_freed(void **state)
{
    static struct bus_dialers dialers;
    struct flood flood = {.ends = false};
    char folder[64], address[96];
    struct err err;
    (void)state;
    test_folder_make(folder);
    snprintf(address, sizeof address, "ipc://%s/bus.ipc", folder);
    assert_int_equal(nng_pub0_open(&flood.socket), 0);
    assert_int_equal(nng_listen(flood.socket, address, NULL, 0), 0);
    assert_int_equal(pthread_create(&flood.thread, NULL, flood_main, &flood), 0);
    int event_fd = eventfd(0, EFD_NONBLOCK);
    assert_true(bus_dialers_open(&dialers, "events", address, event_fd, &err));
    int64_t now_ms = 0;
    uint32_t pipe = next_pipe(&dialers, 0, now_ms);
    int first = test_descriptors();
    for (int round = 0; pipe && round < ROUNDS; round++) {
        now_ms += LATER_MS;
        pipe = next_pipe(&dialers, pipe, now_ms);
    }
    assert_true(pipe);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (test_descriptors() > first && clock_mono_ms() < until_ms) poll(NULL, 0, 5);
    assert_true(test_descriptors() <= first);
    atomic_store(&flood.ends, true);
    pthread_join(flood.thread, NULL);
    bus_dialers_close(&dialers);
    nng_close(flood.socket);
    close(event_fd);
    test_folder_remove(folder);
}

static nng_socket publish_at(const char *address)
{
    nng_socket socket;
    assert_int_equal(nng_pub0_open(&socket), 0);
    assert_int_equal(nng_listen(socket, address, NULL, 0), 0);
    return socket;
}

static void nobody_is_dialled_where_nobody_is(void **state)
{
    static struct bus_dialers dialers;
    char folder[64], address[96];
    struct err err;
    (void)state;
    test_folder_make(folder);
    snprintf(address, sizeof address, "ipc://%s/bus.ipc", folder);
    int event_fd = eventfd(0, EFD_NONBLOCK);
    assert_true(bus_dialers_open(&dialers, "events", address, event_fd, &err));
    int first = test_descriptors();
    int64_t now_ms = clock_mono_ms(), next_ms = bus_dialers_follow(&dialers, now_ms);
    assert_in_range(next_ms, now_ms + 1, now_ms + MOMENT_MS);
    for (int64_t until_ms = now_ms + AWAY_MS; clock_mono_ms() < until_ms; poll(NULL, 0, 1)) {
        bus_dialers_follow(&dialers, clock_mono_ms());
        assert_int_equal(test_descriptors(), first);
    }
    for (int round = 0; round < 2; round++) {
        nng_socket publisher = publish_at(address);
        assert_int_not_equal(next_pipe(&dialers, 0, clock_mono_ms() + LATER_MS), 0);
        nng_close(publisher);
        int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
        while (dialers.all[0].dialer.id && clock_mono_ms() < until_ms)
            bus_dialers_follow(&dialers, clock_mono_ms());
        assert_int_equal(dialers.all[0].dialer.id, 0);
    }
    bus_dialers_close(&dialers);
    close(event_fd);
    test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_dialled_where_nobody_is),
        cmocka_unit_test(connections_given_up_are_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
