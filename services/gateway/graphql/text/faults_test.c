#include "services/gateway/graphql/text/faults.h"
#include "tests/test.h"

static void assert_place(const char *text, uint32_t at, uint32_t line, uint32_t column)
{
    struct gql_place place = gql_place_of(text, strlen(text), at);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void places_are_found_from_near(void **state)
{
    struct gql_places places;
    struct arena arena;
    char text[3000];
    (void)state;
    for (size_t i = 0; i < sizeof text; i++) text[i] = "a\xc3\xa9\r\nb\r\xf0\x9f\x98\x80\n"[i % 12];
    arena_init(&arena, 4096);
    for (size_t len = 0; len <= sizeof text; len += 256) {
        gql_places_init(&places, text, len, &arena);
        for (uint32_t at = 0; at <= len + 1; at++) {
            struct gql_place one = gql_places_find(&places, at), other = gql_place_of(text, len, at);
            assert_int_equal(one.line, other.line);
            assert_int_equal(one.column, other.column);
        }
        arena_reset(&arena);
    }
    arena_finish(&arena);
}

static void places_are_lines_and_columns(void **state)
{
    (void)state;
    assert_place("{ a }", 0, 1, 1);
    assert_place("{ a }", 4, 1, 5);
    assert_place("{\n  a\r\n  b\r  c", 4, 2, 3);
    assert_place("{\n  a\r\n  b\r  c", 9, 3, 3);
    assert_place("{\n  a\r\n  b\r  c", 13, 4, 3);
    assert_place("a", 99, 1, 2);
}

static void columns_are_units_of_utf16(void **state)
{
    (void)state;
    assert_place("é!", 2, 1, 2);
    assert_place("€!", 3, 1, 2);
    assert_place("😀!", 4, 1, 3);
}

static void five_faults_are_kept(void **state)
{
    struct arena arena;
    struct gql_faults faults = {.arena = &arena};
    (void)state;
    arena_init(&arena, 4096);
    for (uint32_t i = 0; i < 7; i++) assert_false(gql_fault(&faults, GRAPHQL_INVALID, "R", i, "the %uth", i));
    assert_int_equal(faults.count, GQL_FAULTS_MOST);
    assert_string_equal(faults.faults[4].message, "the 4th");
    assert_int_equal(faults.faults[4].at, 4);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_lines_and_columns),
        cmocka_unit_test(places_are_found_from_near),
        cmocka_unit_test(columns_are_units_of_utf16),
        cmocka_unit_test(five_faults_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
