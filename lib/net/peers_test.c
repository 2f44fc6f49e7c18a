#include <poll.h>
#include <sys/eventfd.h>

#include "lib/net/peers.h"
#include "tests/test.h"

enum { PATIENCE_MS = 10000 };

static void open_and_list(const char *addresses, struct peers_list *list)
{
    struct err err = {0};
    struct peers *peers;
    uint64_t version = 0;
    int event_fd = eventfd(0, EFD_NONBLOCK);
    assert_true(peers_open(&peers, addresses, event_fd, &err));
    struct pollfd fd = {.fd = event_fd, .events = POLLIN};
    assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
    assert_true(peers_changed(peers, &version, list));
    assert_false(peers_changed(peers, &version, list));
    peers_close(peers);
    close(event_fd);
}

static void an_address_without_a_name_stands_for_itself(void **state)
{
    (void)state;
    static struct peers_list list;
    static const char *const addresses[] = {"ipc:///run/auth.ipc", "inproc://auth", "tcp://127.0.0.1:7451",
                                            "tcp://[::1]:7451"};
    for (size_t i = 0; i < 4; i++) {
        open_and_list(addresses[i], &list);
        assert_int_equal(list.count, 1);
        assert_string_equal(list.addresses[0], addresses[i]);
    }
}

static void a_name_is_resolved(void **state)
{
    (void)state;
    static struct peers_list list;
    open_and_list("tcp://localhost:7451", &list);
    assert_true(list.count >= 1);
    for (size_t i = 0; i < list.count; i++)
        assert_true(strcmp(list.addresses[i], "tcp://127.0.0.1:7451") == 0 ||
                    strcmp(list.addresses[i], "tcp://[::1]:7451") == 0);
}

static void several_addresses_are_all_peers(void **state)
{
    (void)state;
    static struct peers_list list;
    open_and_list("inproc://b,inproc://a", &list);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.addresses[0], "inproc://a");
    assert_string_equal(list.addresses[1], "inproc://b");
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    struct peers *peers;
    char text[1000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    static const char *const refused[] = {"", ",", "inproc://a,",
                                          "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"};
    for (size_t i = 0; i < 4; i++) {
        struct err err = {0};
        assert_false(peers_open(&peers, refused[i], -1, &err));
        assert_true(err_is(&err, INVALID_FIELD));
    }
    struct err err = {0};
    assert_false(peers_open(&peers, text, -1, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_without_a_name_stands_for_itself),
        cmocka_unit_test(a_name_is_resolved),
        cmocka_unit_test(several_addresses_are_all_peers),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
