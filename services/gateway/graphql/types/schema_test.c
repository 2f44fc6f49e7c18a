#include "services/gateway/graphql/types/types.h"
#include "tests/test.h"

// query { pet: Pet, count(of: [String!]! = 1): Int! }, Cat and Dog, union Pet, enum Colour, input Wish.
static struct gql_type string = {.kind = GQL_SCALAR, .name = "String", .literals = GQL_STRINGS};
static struct gql_type number = {.kind = GQL_SCALAR, .name = "Int", .literals = GQL_INTS};
static struct gql_field cat_fields[] = {{.name = "name", .of = {&string, 0}},
                                        {.name = "lives", .of = {&number, 0}}};
static struct gql_field dog_fields[] = {{.name = "name", .of = {&string, 0}}};
static struct gql_type cat = {.kind = GQL_OBJECT, .name = "Cat", .fields = cat_fields, .fields_count = 2};
static struct gql_type dog = {.kind = GQL_OBJECT, .name = "Dog", .fields = dog_fields, .fields_count = 1};
static struct gql_type *pets[] = {&cat, &dog};
static struct gql_type pet = {.kind = GQL_UNION, .name = "Pet", .members = pets, .members_count = 2};
static struct gql_type *cats[] = {&cat};
static struct gql_type feline = {.kind = GQL_UNION, .name = "Feline", .members = cats, .members_count = 1};
static struct gql_enum_value colours[] = {{.name = "RED"}, {.name = "GREEN"}};
static struct gql_type colour = {.kind = GQL_ENUM, .name = "Colour", .values = colours, .values_count = 2};
static struct gql_input wishes[] = {{.name = "colour", .of = {&colour, GQL_REQUIRED}}};
static struct gql_type wish = {.kind = GQL_INPUT, .name = "Wish", .inputs = wishes, .inputs_count = 1};
static struct gql_input count_args[] = {
    {.name = "of", .of = {&string, GQL_LIST | GQL_ITEM_REQUIRED | GQL_REQUIRED}, .default_text = "1"}};
static struct gql_field query_fields[] = {
    {.name = "pet", .of = {&pet, 0}},
    {.name = "count", .of = {&number, GQL_REQUIRED}, .args = count_args, .args_count = 1}};
static struct gql_type query = {
    .kind = GQL_OBJECT, .name = "Query", .fields = query_fields, .fields_count = 2};
static struct gql_field meta[] = {{.name = "__typename"}, {.name = "__schema"}, {.name = "__type"}};
static struct gql_type *types[] = {&query, &cat, &dog, &pet, &feline, &string, &number, &colour, &wish};

static struct arena arena;
static struct gql_schema schema;
static const uint8_t key[GQL_NAMES_KEY] = {1};

static int set_up(void **state)
{
    struct err err;
    (void)state;
    arena_init(&arena, 1 << 20);
    schema = (struct gql_schema){.types = types,
                                 .types_count = sizeof types / sizeof types[0],
                                 .query = &query,
                                 .typename_field = &meta[0],
                                 .schema_field = &meta[1],
                                 .type_field = &meta[2]};
    return gql_schema_finish(&schema, key, &arena, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static uint32_t id(const char *name) { return gql_names_find(&schema.names, name, strlen(name)); }

static void all_is_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(gql_schema_type(&schema, id("Pet")), &pet);
    assert_null(gql_schema_type(&schema, id("lives")));
    assert_null(gql_schema_type(&schema, gql_names_count(&schema.names) + 5));
    assert_ptr_equal(gql_schema_field(&schema, &cat, id("lives")), &cat_fields[1]);
    assert_null(gql_schema_field(&schema, &dog, id("lives")));
    assert_null(gql_schema_field(&schema, &pet, id("name")));
    assert_ptr_equal(gql_type_value(&colour, id("GREEN")), &colours[1]);
    assert_ptr_equal(gql_type_input(&wish, id("colour")), &wishes[0]);
    assert_ptr_equal(gql_input_find(count_args, 1, id("of")), &count_args[0]);
}

static void meta_fields_stand_where_they_may(void **state)
{
    (void)state;
    assert_ptr_equal(gql_schema_field(&schema, &pet, id("__typename")), &meta[0]);
    assert_ptr_equal(gql_schema_field(&schema, &query, id("__schema")), &meta[1]);
    assert_ptr_equal(gql_schema_field(&schema, &query, id("__type")), &meta[2]);
    assert_null(gql_schema_field(&schema, &cat, id("__schema")));
}

static void types_overlap_where_an_object_is_both(void **state)
{
    (void)state;
    assert_true(gql_types_overlap(&schema, &pet, &dog));
    assert_true(gql_types_overlap(&schema, &pet, &feline));
    assert_false(gql_types_overlap(&schema, &feline, &dog));
    assert_true(gql_type_may_be(&pet, &cat));
    assert_false(gql_type_may_be(&feline, &dog));
}

static void references_are_printed(void **state)
{
    (void)state;
    assert_string_equal(gql_ref_print(count_args[0].of, &arena), "[String!]!");
    assert_string_equal(gql_ref_print(query_fields[0].of, &arena), "Pet");
    assert_string_equal(gql_ref_print(query_fields[1].of, &arena), "Int!");
    assert_false(gql_input_is_required(&count_args[0]));
    assert_true(gql_input_is_required(&wishes[0]));
}

static void names_that_are_there_twice_are_refused(void **state)
{
    struct err err;
    (void)state;
    dog.name = "Cat";
    assert_false(gql_schema_finish(&schema, key, &arena, &err));
    dog.name = "Dog";
    cat_fields[1].name = "name";
    assert_false(gql_schema_finish(&schema, key, &arena, &err));
    assert_string_equal(err.message, "GraphQL: a name is there twice in Cat");
    cat_fields[1].name = "lives";
    pets[1] = &query;
    assert_true(gql_schema_finish(&schema, key, &arena, &err));
    pets[1] = &string;
    assert_false(gql_schema_finish(&schema, key, &arena, &err));
    pets[1] = &dog;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_found_by_name),
        TEST(meta_fields_stand_where_they_may),
        TEST(types_overlap_where_an_object_is_both),
        TEST(references_are_printed),
        TEST(names_that_are_there_twice_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
