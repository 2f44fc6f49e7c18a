// Addresses and the networks they belong to.
#include "lib/net/network.h"
#include "tests/test.h"

static const char *cut(const char *address, unsigned v4_bits, unsigned v6_bits)
{
    static char out[NETWORK_TEXT];
    network_of(out, address, v4_bits, v6_bits);
    return out;
}

static void an_address_is_cut_to_its_network(void **state)
{
    (void)state;
    assert_string_equal(cut("203.0.113.77", 24, 48), "203.0.113.0");
    assert_string_equal(cut("203.0.113.77", 32, 48), "203.0.113.77");
    assert_string_equal(cut("203.0.113.77", 29, 48), "203.0.113.72");
    assert_string_equal(cut("203.0.113.77", 0, 0), "0.0.0.0");
    assert_string_equal(cut("2001:db8:1:2:3:4:5:6", 24, 48), "2001:db8:1::");
    assert_string_equal(cut("2001:db8:1:2:3:4:5:6", 24, 128), "2001:db8:1:2:3:4:5:6");
    assert_string_equal(cut("::ffff:203.0.113.77", 24, 48), "203.0.113.0");
}

static void a_household_is_an_ipv4_address_or_a_64(void **state)
{
    (void)state;
    char out[NETWORK_TEXT];
    network_household(out, "203.0.113.77");
    assert_string_equal(out, "203.0.113.77");
    network_household(out, "2001:DB8:1:2:3:4:5:6");
    assert_string_equal(out, "2001:db8:1:2::");
}

static void what_is_no_address_stays(void **state)
{
    (void)state;
    assert_string_equal(cut("", 24, 48), "");
    assert_string_equal(cut("a unix socket with a name that is longer than any address", 24, 48),
                        "a unix socket with a name that is longer than");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_cut_to_its_network),
        cmocka_unit_test(a_household_is_an_ipv4_address_or_a_64),
        cmocka_unit_test(what_is_no_address_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
