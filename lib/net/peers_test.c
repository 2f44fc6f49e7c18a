#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "lib/net/peers.h"
#include "tests/test.h"

enum { PATIENCE_MS = 10000, MANY = 70 };

// The names of this test, in place of the system's: "localhost" is one host, "many" are 70, the last ones
// first.
int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **found)
{
    int count = strcmp(name, "many") == 0 ? MANY : 1;
    *found = NULL;
    for (int i = 0; i < count; i++) {
        struct addrinfo *one = calloc(1, sizeof *one);
        struct sockaddr_in *address = calloc(1, sizeof *address);
        *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
        address->sin_addr.s_addr = htonl(count == 1 ? INADDR_LOOPBACK : 0x0a000064 + (uint32_t)i);
        *one = (struct addrinfo){.ai_family = hints->ai_family == AF_UNSPEC ? AF_INET : hints->ai_family,
                                 .ai_addrlen = sizeof *address,
                                 .ai_addr = (struct sockaddr *)address,
                                 .ai_next = *found};
        *found = one;
    }
    return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
    while (found) {
        struct addrinfo *next = found->ai_next;
        free(found->ai_addr);
        free(found);
        found = next;
    }
}

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
    open_and_list("inproc://b,inproc://a,inproc://b", &list);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.addresses[0], "inproc://a");
    assert_string_equal(list.addresses[1], "inproc://b");
}

static void a_second_address_is_at_the_same_host(void **state)
{
    (void)state;
    static struct peers_list list;
    open_and_list("tcp://localhost:7451 tcp://localhost:9,ipc://a ipc://b", &list);
    assert_true(list.count >= 2);
    assert_string_equal(list.addresses[0], "ipc://a ipc://b");
    for (size_t i = 1; i < list.count; i++)
        assert_true(strcmp(list.addresses[i], "tcp://127.0.0.1:7451 tcp://127.0.0.1:9") == 0 ||
                    strcmp(list.addresses[i], "tcp://[::1]:7451 tcp://[::1]:9") == 0);
}

static void peers_beyond_the_most_are_left_out_and_counted(void **state)
{
    (void)state;
    static struct peers_list list;
    open_and_list("tcp://many:7451", &list);
    assert_int_equal(list.count, PEERS_MAX);
    assert_int_equal(list.left_out, MANY - PEERS_MAX);
    assert_string_equal(list.addresses[0], "tcp://10.0.0.100:7451"); // whatever order they come in
    assert_string_equal(list.addresses[PEERS_MAX - 1], "tcp://10.0.0.163:7451");
    assert_int_equal(peers_left_out(), 0); // closed again
    struct err err;
    struct peers *first = NULL, *second = NULL;
    assert_true(peers_open(&first, "tcp://many:1", -1, &err) &&
                peers_open(&second, "tcp://many:2", -1, &err));
    while (peers_left_out() < 2 * (MANY - PEERS_MAX)) usleep(1000);
    peers_close(first);
    assert_int_equal(peers_left_out(), MANY - PEERS_MAX);
    peers_close(second);
    assert_int_equal(peers_left_out(), 0);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    struct peers *peers;
    char text[1000];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    char many[PEERS_MAX * 2 + 2];
    for (size_t i = 0; i < sizeof many - 1; i++) many[i] = i % 2 ? ',' : 'a';
    many[sizeof many - 1] = 0; // one too many
    const char *const refused[] = {"", ",", "inproc://a,", many};
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
        cmocka_unit_test(a_second_address_is_at_the_same_host),
        cmocka_unit_test(peers_beyond_the_most_are_left_out_and_counted),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
