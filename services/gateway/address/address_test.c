#include <arpa/inet.h>

#include "services/gateway/address/address.h"
#include "tests/test.h"

static const char *printed(const char *text)
{
    static char out[ADDRESS_SIZE];
    struct address address;
    if (!address_parse(text, strlen(text), &address)) return "refused";
    address_print(&address, out);
    return out;
}

static void reads_addresses_as_proxies_write_them(void **state)
{
    (void)state;
    assert_string_equal(printed("192.0.2.1"), "192.0.2.1");
    assert_string_equal(printed("192.0.2.1:65535"), "192.0.2.1");
    assert_string_equal(printed("2001:DB8:0::1"), "2001:db8::1");
    assert_string_equal(printed("[2001:db8::1]"), "2001:db8::1");
    assert_string_equal(printed("[2001:db8::1]:443"), "2001:db8::1");
    assert_string_equal(printed("::ffff:192.0.2.1"), "192.0.2.1");
    assert_string_equal(printed("::"), "::");
}

static void refuses_what_is_no_address(void **state)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "unknown",
                                      "_hidden",
                                      "192.0.2",
                                      "192.0.2.256",
                                      "192.0.2.01",
                                      "192.0.2.1 ",
                                      "192.0.2.1/32",
                                      "192.0.2.1:",
                                      "192.0.2.1:0",
                                      "192.0.2.1:65536",
                                      "192.0.2.1:8a",
                                      "192.0.2.1:-1",
                                      "0x7f.1",
                                      "2130706433",
                                      "[192.0.2.1]",
                                      "[2001:db8::1",
                                      "2001:db8::1]",
                                      "[2001:db8::1]x",
                                      "[2001:db8::1]:",
                                      "[]",
                                      "[",
                                      ":",
                                      "fe80::1%1",
                                      "2001:db8::1::2",
                                      "1:2:3:4:5:6:7:8:9",
                                      "localhost",
                                      "\"192.0.2.1\"",
                                      "192.0.2.1\n"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_string_equal(printed(bad[i]), "refused");
    struct address address;
    assert_false(address_parse("192.0.2.1\0", 10, &address));
    char huge[5000];
    memset(huge, '1', sizeof huge);
    assert_false(address_parse(huge, sizeof huge, &address));
}

static bool holds(const char *network_text, const char *text)
{
    struct network network;
    struct address address;
    assert_true(network_parse(network_text, strlen(network_text), &network));
    assert_true(address_parse(text, strlen(text), &address));
    return network_holds(&network, &address);
}

static void a_network_holds_its_addresses(void **state)
{
    (void)state;
    assert_true(holds("192.0.2.7", "192.0.2.7"));
    assert_false(holds("192.0.2.7", "192.0.2.8"));
    assert_true(holds("10.0.0.0/8", "10.255.255.255"));
    assert_false(holds("10.0.0.0/8", "11.0.0.0"));
    assert_true(holds("10.1.2.3/8", "10.9.9.9")); // the bits behind the prefix do not count
    assert_true(holds("192.0.2.128/25", "192.0.2.255"));
    assert_false(holds("192.0.2.128/25", "192.0.2.127"));
    assert_true(holds("172.16.0.0/12", "172.31.0.1"));
    assert_false(holds("172.16.0.0/12", "172.32.0.1"));
    assert_true(holds("0.0.0.0/0", "203.0.113.1"));
    assert_true(holds("10.0.0.0/8", "::ffff:10.0.0.1"));
    assert_true(holds("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(holds("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(holds("::1", "::1"));
}

static void networks_of_one_kind_hold_nothing_of_the_other(void **state)
{
    (void)state;
    assert_false(holds("0.0.0.0/0", "2001:db8::1"));
    assert_false(holds("::/0", "192.0.2.1"));
    assert_true(holds("::/0", "2001:db8::1"));
    assert_true(holds("::ffff:0:0/96", "192.0.2.1"));
}

static void refuses_what_is_no_network(void **state)
{
    static const char *const bad[] = {"",
                                      "/",
                                      "/8",
                                      "10.0.0.0/",
                                      "10.0.0.0/33",
                                      "10.0.0.0/08",
                                      "10.0.0.0/-1",
                                      "10.0.0.0/8/8",
                                      "10.0.0.0/a",
                                      "10.0.0/8",
                                      "2001:db8::/129",
                                      "10.0.0.1:80",
                                      "[::1]",
                                      "10.0.0.0 /8",
                                      "all"};
    (void)state;
    struct network network;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(network_parse(bad[i], strlen(bad[i]), &network));
}

static const char *household(const char *text)
{
    static char out[ADDRESS_SIZE];
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    address = address_household(&address);
    address_print(&address, out);
    return out;
}

static void a_household_is_an_ipv4_address_or_a_64(void **state)
{
    (void)state;
    assert_string_equal(household("192.0.2.7"), "192.0.2.7");
    assert_string_equal(household("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
}

static void takes_addresses_from_sockets(void **state)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    char out[ADDRESS_SIZE];
    (void)state;
    inet_pton(AF_INET, "192.0.2.7", &four.sin_addr);
    inet_pton(AF_INET6, "::ffff:192.0.2.7", &six.sin6_addr);
    struct address a = address_of((struct sockaddr *)&four), b = address_of((struct sockaddr *)&six);
    assert_memory_equal(&a, &b, sizeof a);
    address_print(&a, out);
    assert_string_equal(out, "192.0.2.7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_addresses_as_proxies_write_them),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(a_network_holds_its_addresses),
        cmocka_unit_test(networks_of_one_kind_hold_nothing_of_the_other),
        cmocka_unit_test(refuses_what_is_no_network),
        cmocka_unit_test(a_household_is_an_ipv4_address_or_a_64),
        cmocka_unit_test(takes_addresses_from_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
