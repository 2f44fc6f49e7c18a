// Which addresses are outside, each block at both of its ends.
#include <arpa/inet.h>

#include "lib/net/public_address.h"
#include "tests/test.h"

static bool is_public(const char *text, bool *loopback)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
    bool is_six = strchr(text, ':');
    address.ss_family = is_six ? AF_INET6 : AF_INET;
    assert_int_equal(
        inet_pton(address.ss_family, text, is_six ? (void *)&six->sin6_addr : (void *)&four->sin_addr), 1);
    *loopback = address_is_loopback((const struct sockaddr *)&address);
    return address_is_public((const struct sockaddr *)&address);
}

static void what_the_internet_reaches_is_public(void **state)
{
    static const char *const addresses[] = {
        "1.1.1.1",         "8.8.8.8",         "9.255.255.255",
        "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
        "126.255.255.255", "128.0.0.0",       "168.63.129.15",
        "168.63.129.17",   "169.253.255.1",   "169.255.0.0",
        "172.15.255.255",  "172.32.0.0",      "192.0.1.0",
        "192.0.3.0",       "192.167.255.255", "192.169.0.0",
        "198.17.255.255",  "198.20.0.0",      "198.51.99.255",
        "198.51.101.0",    "203.0.112.255",   "203.0.114.0",
        "223.255.255.255", "2001:200::1",     "2001:4860:4860::8888",
        "2600::1",         "2a00:1450::1",    "2001:db7::1",
        "2003::1",         "3ffd::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        bool loopback;
        if (!is_public(addresses[i], &loopback)) fail_msg("%s", addresses[i]);
        assert_false(loopback);
    }
}

static void all_else_is_not(void **state)
{
    static const char *const addresses[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "192.175.48.1",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.255",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:1.1.1.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2001:db8:ffff::",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff::1",
        "3ffe::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff00::1",
        "ff02::1",
        "ffff::1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        bool loopback;
        if (is_public(addresses[i], &loopback)) fail_msg("%s", addresses[i]);
        bool ours = strncmp(addresses[i], "127.", 4) == 0 || strcmp(addresses[i], "::1") == 0;
        assert_int_equal(loopback, ours);
    }
    const struct sockaddr other = {.sa_family = AF_UNIX};
    assert_false(address_is_public(&other) || address_is_loopback(&other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_internet_reaches_is_public),
        cmocka_unit_test(all_else_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
