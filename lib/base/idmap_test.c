// Numbers by id, through all the sizes that a map comes to.
#include "lib/base/idmap.h"
#include "tests/test.h"

enum { MANY = 1000 };

static struct uuid id_of(unsigned number)
{
    uint8_t bytes[16] = {(uint8_t)(number >> 8), (uint8_t)number};
    return uuid_from(bytes);
}

static void what_was_added_is_found(void **state)
{
    (void)state;
    struct idmap map = {0};
    for (unsigned i = 0; i < MANY; i++) {
        uint32_t *place = idmap_add(&map, id_of(i).text);
        assert_non_null(place);
        assert_int_equal(*place, 0);
        *place = i + 1;
    }
    for (unsigned i = 0; i < MANY; i++) assert_int_equal(*idmap_find(&map, id_of(i).text), i + 1);
    assert_int_equal(*idmap_add(&map, id_of(7).text), 8); // it is there
    assert_int_equal(map.count, MANY);
    assert_null(idmap_find(&map, id_of(MANY).text));
    idmap_finish(&map);
}

static void nothing_is_found_in_an_empty_map_or_by_what_is_no_id(void **state)
{
    (void)state;
    struct idmap map = {0};
    assert_null(idmap_find(&map, id_of(1).text));
    assert_non_null(idmap_add(&map, id_of(1).text));
    assert_null(idmap_find(&map, ""));
    assert_null(idmap_find(&map, "short"));
    idmap_finish(&map);
    assert_null(idmap_find(&map, id_of(1).text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found),
        cmocka_unit_test(nothing_is_found_in_an_empty_map_or_by_what_is_no_id),
    };
    return cmocka_run_group_tests_name("base: idmap", tests, NULL, NULL);
}
