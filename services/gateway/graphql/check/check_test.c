#include "services/gateway/graphql/check/check.h"
#include "services/gateway/graphql/text/parser.h"
#include "services/gateway/graphql/types/testing/sdl_schema.h"
#include "tests/test.h"

static struct arena schema_arena, arena;
static const struct gql_schema *schema;
static struct gql_faults faults;

static int load(void **state)
{
    (void)state;
    arena_init(&schema_arena, 16 << 20);
    schema = sdl_schema_load(SDL_SCHEMA, &schema_arena);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    arena_finish(&schema_arena);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static struct ast_document *read_with(const char *text, const struct gql_limits *limits)
{
    faults = (struct gql_faults){.arena = &arena};
    struct gql_reading reading = {&schema->names, limits, &arena, &faults};
    struct ast_document *document = gql_parse(text, strlen(text), &reading);
    if (!document) fail_msg("%s: %s", text, faults.faults[0].message);
    return document;
}

static bool check_with(const char *text, const struct gql_limits *limits)
{
    return gql_check(read_with(text, limits), schema, limits, &arena, &faults);
}

static void assert_good(const char *text)
{
    if (!check_with(text, &gql_limits_open)) fail_msg("%s: %s", text, faults.faults[0].message);
}

static void assert_breaks(const char *text, const char *rule)
{
    if (check_with(text, &gql_limits_open)) fail_msg("%s: is good", text);
    assert_int_equal(faults.faults[0].reason, IS(GRAPHQL_INVALID));
    if (strcmp(faults.faults[0].rule, rule) != 0)
        fail_msg("%s: %s, %s", text, faults.faults[0].rule, faults.faults[0].message);
}

struct broken {
    const char *rule, *text;
};

static void every_rule_is_kept(void **state)
{
    static const struct broken table[] = {
        {"UniqueOperationNames", "query A{pet{__typename}} mutation A{touch{done}}"},
        {"LoneAnonymousOperation", "{pet{__typename}} query A{pet{__typename}}"},
        {"UniqueFragmentNames", "{...F} fragment F on Query{__typename} fragment F on Query{__typename}"},
        {"KnownFragmentNames", "{...F}"},
        {"NoUnusedFragments", "{__typename} fragment F on Query{__typename}"},
        {"NoUnusedFragments", "{__typename} fragment F on Query{...G} fragment G on Query{__typename}"},
        {"NoFragmentCycles", "{...F} fragment F on Query{...F}"},
        {"NoFragmentCycles", "{...F} fragment F on Query{...G} fragment G on Query{self{...F}}"},
        {"KnownTypeNames", "{... on Nope{x}}"},
        {"KnownTypeNames", "{...F} fragment F on Nope{x}"},
        {"KnownTypeNames", "query($a:Nope){flag(on:$a)}"},
        {"FragmentsOnCompositeTypes", "{... on State{x}}"},
        {"FragmentsOnCompositeTypes", "{...F} fragment F on Filter{x}"},
        {"PossibleFragmentSpreads", "{pet{... on Deck{id}}}"},
        {"PossibleFragmentSpreads", "{...F} fragment F on Deck{id}"},
        {"FieldsOnCorrectType", "{nope}"},
        {"FieldsOnCorrectType", "{pet{id}}"},
        {"FieldsOnCorrectType", "{event(id:1){__schema{description}}}"},
        {"ScalarLeafs", "{pet}"},
        {"ScalarLeafs", "{event(id:1){id{x}}}"},
        {"KnownArgumentNames", "{event(id:1,nope:2){id}}"},
        {"KnownArgumentNames", "{pet@skip(if:true,nope:2){__typename}}"},
        {"UniqueArgumentNames", "{event(id:1,id:1){id}}"},
        {"ProvidedRequiredArguments", "{event{id}}"},
        {"ProvidedRequiredArguments", "{pet@skip{__typename}}"},
        {"KnownDirectives", "{pet@nope{__typename}}"},
        {"KnownDirectives", "query@skip(if:true){pet{__typename}}"},
        {"KnownDirectives", "{...F} fragment F on Query@include(if:true){__typename}"},
        {"KnownDirectives", "{pet@deprecated{__typename}}"},
        {"UniqueDirectivesPerLocation", "{pet@skip(if:true)@skip(if:true){__typename}}"},
        {"UniqueVariableNames", "query($a:Boolean,$a:Boolean){flag(on:$a)}"},
        {"VariablesAreInputTypes", "query($a:Event){flag(on:$a)}"},
        {"NoUndefinedVariables", "{flag(on:$a)}"},
        {"NoUndefinedVariables", "query($a:Boolean){...F flag(on:$a)} fragment F on Query{x:flag(on:$b)}"},
        {"NoUndefinedVariables", "{flag(number:{a:[$a]})}"},
        {"NoUnusedVariables", "query($a:Boolean){flag}"},
        {"NoUnusedVariables", "query A($a:Boolean){flag(on:$a)} query B($a:Boolean){flag}"},
        {"VariablesInAllowedPosition", "query($a:Int){flag(on:$a)}"},
        {"VariablesInAllowedPosition", "query($a:ID){event(id:$a){id}}"},
        {"VariablesInAllowedPosition", "query($a:ID=null){event(id:$a){id}}"},
        {"VariablesInAllowedPosition", "query($a:[ID]!){search(ids:$a,oneRequired:{id:1}){__typename}}"},
        {"VariablesInAllowedPosition", "query($a:[State]){events(state:$a){nodes{id}}}"},
        {"VariablesInAllowedPosition", "query($a:State){events(states:$a){nodes{id}}}"},
        {"VariablesInAllowedPosition", "query($a:[[String]]){flag(names:$a)}"},
        {"VariablesInAllowedPosition",
         "query($a:ID){search(ids:1,one:{id:$a},oneRequired:{id:1}){__typename}}"},
        {"UniqueInputFieldNames",
         "{search(filter:{needed:1,needed:1},ids:1,oneRequired:{id:1}){__typename}}"},
        {"UniqueInputFieldNames", "{flag(number:[{a:1,a:1}])}"},
        {"SingleFieldSubscriptions", "subscription{ticks event(id:1){cursor}}"},
        {"SingleFieldSubscriptions", "subscription{ticks x:ticks}"},
        {"SingleFieldSubscriptions", "subscription{__typename}"},
        {"SingleFieldSubscriptions", "subscription{...F} fragment F on Subscription{ticks x:ticks}"},
        {"SingleFieldSubscriptions", "subscription($a:Boolean!){ticks@skip(if:$a)}"},
        {"SingleFieldSubscriptions", "subscription($a:Boolean!){...@include(if:$a){ticks}}"},
        {"MaxIntrospectionDepth", "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}"},
        {"MaxIntrospectionDepth",
         "{__type(name:\"A\"){...F}} fragment F on __Type{fields{type{inputFields{type{"
         "possibleTypes{name}}}}}}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) assert_breaks(table[i].text, table[i].rule);
}

static void values_have_their_types(void **state)
{
    static const char *const table[] = {
        "{events(first:\"1\"){nodes{id}}}",
        "{events(first:1.0){nodes{id}}}",
        "{events(first:2147483648){nodes{id}}}",
        "{events(first:-99999999999999999999){nodes{id}}}",
        "{events(after:1){nodes{id}}}",
        "{events(state:NOPE){nodes{id}}}",
        "{events(state:\"OPEN\"){nodes{id}}}",
        "{events(states:[OPEN,null]){nodes{id}}}",
        "{events(states:[[OPEN]]){nodes{id}}}",
        "{flag(on:yes)}",
        "{event(id:null){id}}",
        "{event(id:1.5){id}}",
        "{event(id:[1]){id}}",
        "{node(id:1,ratio:\"1\"){id}}",
        "query($a:Int=\"1\"){events(first:$a){nodes{id}}}",
        "query($a:[[Int!]]=[[null]]){flag(number:{a:$a})}",
        "query($a:Int!=null){events(first:$a){nodes{id}}}",
        "{search(filter:1,ids:1,oneRequired:{id:1}){__typename}}",
        "{search(filter:{},ids:1,oneRequired:{id:1}){__typename}}",
        "{search(filter:{needed:1,nope:1},ids:1,oneRequired:{id:1}){__typename}}",
        "{search(filter:{needed:1,state:null},ids:1,oneRequired:{id:1}){__typename}}",
        "{search(ids:1,oneRequired:{id:1,name:\"a\"}){__typename}}",
        "{search(ids:1,oneRequired:{}){__typename}}",
        "{search(ids:1,oneRequired:{id:null}){__typename}}",
        "{pet@include(if:1){__typename}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_breaks(table[i], "ValuesOfCorrectType");
}

static void what_the_reference_accepts_is_good(void **state)
{
    static const char *const table[] = {
        "{events(states:OPEN,first:-2147483648){nodes{id}}}",
        "{flag(number:{a:[1,\"x\",E,null,{b:2.5}]},numbers:[[1],{a:1}])}",
        "query($a:[[Int]]=[[1],null]){flag(number:{a:$a})}",
        "query($a:[Int]=1){flag(number:{a:$a})}",
        "query($a:Int=5){node(id:1,size:$a){id}}",
        "query($a:Int){node(id:1,size:$a){id}}",
        "query($a:ID=\"x\"){event(id:$a){id}}",
        "query($a:ID!){search(ids:[1,$a],oneRequired:{id:$a}){__typename}}",
        "query($a:ID){search(ids:1,oneRequired:{id:$a}){__typename}}", // as it is
        "query A($a:Boolean){...F} query B($a:Boolean!){...F} fragment F on Query{flag(on:$a)}",
        "subscription{ticks ticks}",
        "subscription{ticks x:ticks@skip(if:true)}",
        "subscription($a:Boolean!){ticks@skip(if:true)@include(if:$a)}",
        "subscription($a:Boolean!){event(id:1){cursor@skip(if:$a)}}",
        "{__schema{types{fields{type{fields{name}}}}}}",
        "{__type(name:\"A\"){fields{name} inputFields{name} interfaces{name} possibleTypes{name}}}",
        "\"d\" query(\"e\" $a:Boolean){flag(on:$a)}",
        "{pet{... on Node{... on Event{id}}}}",
        "{...@include(if:true){flag}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) assert_good(table[i]);
}

static void nodes_learn_what_they_are(void **state)
{
    (void)state;
    struct ast_document *document =
        read_with("query A($a:[ID!]=[1]){search(ids:$a,oneRequired:{id:1}){... on Event"
                  "{god{...F}}}} fragment F on Person{__typename name}",
                  &gql_limits_open);
    assert_true(gql_check(document, schema, &gql_limits_open, &arena, &faults));
    const struct ast_definition *operation = document->definitions;
    const struct ast_selection *search = operation->selections, *inline_ = search->inner,
                               *god = inline_->inner;
    assert_ptr_equal(operation->type, schema->query);
    assert_string_equal(operation->variables->input->name, "ID");
    assert_string_equal(search->field->name, "search");
    assert_string_equal(search->type->name, "Pet");
    assert_string_equal(search->arguments->input->name, "ids");
    assert_string_equal(search->arguments->next->value->fields->input->name, "id");
    assert_string_equal(inline_->type->name, "Event");
    assert_string_equal(god->type->name, "Person");
    assert_ptr_equal(god->inner->fragment, operation->next);
    assert_string_equal(operation->next->type->name, "Person");
    assert_ptr_equal(god->inner->fragment->selections->field, schema->typename_field);
}

static char repeated[64 * 1024];

static const char *repeat(const char *before, size_t count, const char *each, const char *after)
{
    char *at = stpcpy(repeated, before);
    for (size_t i = 0; i < count; i++) at += sprintf(at, each, (int)i, (int)i + 1);
    strcpy(at, after);
    return repeated;
}

static void assert_limit(const char *text, Conse__Reason__Value reason)
{
    if (check_with(text, &gql_limits_open)) fail_msg("%s: is good", text);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.faults[0].reason, reason);
}

static void texts_are_limited(void **state)
{
    (void)state;
    assert_good(repeat("{self{", 30, "a%d:flag ", "}}"));
    assert_limit(repeat("{self{", 31, "a%d:flag ", "}}"), IS(GRAPHQL_TOO_MANY_ALIASES));
    assert_good(repeat("{self{", 50, "flag@skip(if:true)", "}}"));
    assert_limit(repeat("{", 51, "flag@skip(if:true)", "}"), IS(GRAPHQL_TOO_MANY_DIRECTIVES));
    assert_limit(repeat("{...F0}", 51, "fragment F%d on Query{flag}", ""), IS(GRAPHQL_TOO_MANY_FRAGMENTS));
    assert_good(repeat("", 20, "query A%d{flag}", ""));
    assert_limit(repeat("", 21, "query A%d{flag}", ""), IS(GRAPHQL_TOO_MANY_OPERATIONS));
}

static void fields_are_limited_with_their_fragments_in_place(void **state)
{
    (void)state;
    assert_good(repeat("{", 20, "flag ", "}"));
    assert_limit(repeat("{", 21, "flag ", "}"), IS(GRAPHQL_TOO_MANY_ROOTS));
    assert_limit("{...F ...F ...F} fragment F on Query{a:flag b:flag c:flag d:flag e:flag f:flag g:flag}",
                 IS(GRAPHQL_TOO_MANY_ROOTS));
    assert_limit("{__schema{description} __schema{description}}", IS(GRAPHQL_TOO_MANY_ROOTS));
    assert_good(repeat("{...F0} ", 9, "fragment F%d on Query{self{...F%d}}", "fragment F9 on Query{flag}"));
    assert_limit(repeat("{...F0} ", 10, "fragment F%d on Query{self{...F%d}}", "fragment F10 on Query{flag}"),
                 IS(GRAPHQL_TOO_DEEP));
    assert_good(repeat("{__type(name:\"A\")", 14, "{ofType", "{name}}}}}}}}}}}}}}}}"));
    assert_limit(repeat("{__type(name:\"A\")", 15, "{ofType", "{name}}}}}}}}}}}}}}}}}"),
                 IS(GRAPHQL_TOO_DEEP));
}

static void fragments_that_multiply_are_refused(void **state)
{
    (void)state;
    assert_limit(repeat("{self{...F0}}", 49, "fragment F%1$d on Query{...F%2$d ...F%2$d}",
                        "fragment F49 on Query{flag}"),
                 IS(GRAPHQL_TOO_WIDE));
}

static void five_faults_are_told(void **state)
{
    (void)state;
    assert_false(check_with("{a b c d e f g}", &gql_limits_open));
    assert_int_equal(faults.count, GQL_FAULTS_MOST);
    assert_int_equal(faults.faults[1].at, 3);
}

static void faults_have_no_word_of_the_document(void **state)
{
    static const char *const table[] = {"{hunter2}",
                                        "{hunter2:pet}",
                                        "{event(hunter2:1){id}}",
                                        "{event(id:hunter2){id}}",
                                        "{...hunter2}",
                                        "{... on hunter2{x}}",
                                        "{event(id:$hunter2){id}}",
                                        "query hunter2{pet}",
                                        "{pet@hunter2{__typename}}",
                                        "query($hunter2:Int){flag}",
                                        "{flag} fragment hunter2 on Query{flag}",
                                        "{flag(names:[\"x\",hunter2])}",
                                        "{search(ids:1,oneRequired:{hunter2:1}){__typename}}",
                                        "query($a:hunter2){flag(on:$a)}"};
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_false(check_with(table[i], &gql_limits_open));
        for (size_t f = 0; f < faults.count; f++) assert_null(strstr(faults.faults[f].message, "hunter"));
    }
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    struct ast_document *document = read_with("{event(id:1){id}}", &gql_limits_open);
    struct arena small;
    arena_init(&small, 16);
    assert_false(gql_check(document, schema, &gql_limits_open, &small, &faults));
    assert_int_equal(faults.faults[0].reason, IS(CALL_TOO_LARGE));
    arena_finish(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_rule_is_kept),
        TEST(values_have_their_types),
        TEST(what_the_reference_accepts_is_good),
        TEST(nodes_learn_what_they_are),
        TEST(texts_are_limited),
        TEST(fields_are_limited_with_their_fragments_in_place),
        TEST(fragments_that_multiply_are_refused),
        TEST(five_faults_are_told),
        TEST(faults_have_no_word_of_the_document),
        TEST(a_full_arena_is_told),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
