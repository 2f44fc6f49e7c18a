// One domain whose name servers never answer leaves places to the others.
#include "lib/net/name_places.h"

#include <stdio.h>

#include "tests/test.h"

static void one_domain_has_so_many_places(void **state)
{
    struct name_places places = NAME_PLACES_INIT;
    char host[64];
    unsigned place, other;
    (void)state;
    for (int i = 0; i < NAME_PLACES_OF_ONE; i++) {
        snprintf(host, sizeof host, "a%d.b.silent.example", i);
        assert_true(name_places_take(&places, host, &place));
    }
    assert_false(name_places_take(&places, "another.silent.example", &other));
    assert_true(name_places_take(&places, "silent2.example", &other));
    assert_true(name_places_take(&places, "localhost", &other));
    name_places_give(&places, place);
    assert_true(name_places_take(&places, "silent.example", &place));
    assert_false(name_places_take(&places, "silent.example", &place));
}

static void all_have_so_many(void **state)
{
    struct name_places places = NAME_PLACES_INIT;
    char host[64];
    unsigned place = 0, none;
    (void)state;
    for (int i = 0; i < NAME_PLACES; i++) {
        snprintf(host, sizeof host, "www.d%d.example", i);
        assert_true(name_places_take(&places, host, &place));
    }
    assert_false(name_places_take(&places, "one.more", &none));
    name_places_give(&places, place);
    assert_true(name_places_take(&places, "one.more", &none));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_domain_has_so_many_places),
        cmocka_unit_test(all_have_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
