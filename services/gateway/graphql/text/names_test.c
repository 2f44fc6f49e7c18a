#include "services/gateway/graphql/text/names.h"

#include "tests/test.h"

static const uint8_t KEY[GQL_NAMES_KEY] = {7};

static uint32_t add(struct gql_names *names, const char *text)
{
    return gql_names_add(names, text, strlen(text));
}
static uint32_t find(struct gql_names *names, const char *text)
{
    return gql_names_find(names, text, strlen(text));
}

static int set_up(void **state)
{
    struct arena *arena = malloc(sizeof *arena);
    arena_init(arena, 1 << 20);
    *state = arena;
    return 0;
}

static int tear_down(void **state)
{
    arena_finish(*state);
    free(*state);
    return 0;
}

static void a_name_has_one_number(void **state)
{
    struct gql_names names;
    gql_names_init_first(&names, KEY, *state);
    assert_int_equal(add(&names, "event"), 0);
    assert_int_equal(add(&names, "id"), 1);
    assert_int_equal(add(&names, "event"), 0);
    assert_int_equal(find(&names, "id"), 1);
    assert_int_equal(find(&names, "ide"), GQL_NO_NAME);
    assert_int_equal(gql_names_count(&names), 2);
}

static void a_documents_names_stand_over_the_schemas(void **state)
{
    struct gql_names schema, one, two;
    gql_names_init_first(&schema, KEY, *state);
    add(&schema, "event");
    gql_names_init(&one, &schema, *state);
    gql_names_init(&two, &schema, *state);
    assert_int_equal(add(&one, "mine"), 1);
    assert_int_equal(add(&one, "event"), 0);
    assert_int_equal(add(&two, "yours"), 1);
    assert_int_equal(find(&two, "mine"), GQL_NO_NAME);
    assert_memory_equal(gql_names_get(&one, 1)->text, "mine", 4);
    assert_memory_equal(gql_names_get(&one, 0)->text, "event", 5);
    assert_int_equal(gql_names_count(&schema), 1);
}

static void thousands_of_names_keep_their_numbers(void **state)
{
    struct gql_names names;
    static char text[5000][8];
    gql_names_init_first(&names, KEY, *state);
    for (uint32_t i = 0; i < 5000; i++) {
        snprintf(text[i], sizeof text[i], "n%u", i);
        assert_int_equal(add(&names, text[i]), i);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(find(&names, text[i]), i);
        assert_ptr_equal(gql_names_get(&names, i)->text, text[i]);
    }
}

static void without_room_there_is_no_number(void **state)
{
    struct arena small;
    struct gql_names names;
    (void)state;
    arena_init(&small, 64);
    gql_names_init_first(&names, KEY, &small);
    assert_int_equal(add(&names, "event"), GQL_NO_NAME);
    arena_finish(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_has_one_number),
        TEST(a_documents_names_stand_over_the_schemas),
        TEST(thousands_of_names_keep_their_numbers),
        TEST(without_room_there_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
