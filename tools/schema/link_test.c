// Fields whose values are questions: what may not be said of them does not build, and what may becomes a row.
#include "tools/schema/testing/contract.h"

// M has the field that is tried; GetThing reads, PutThing writes.
static void write_contract(const char *fields)
{
    FILE *file = contract_open();
    fprintf(
        file,
        "syntax = \"proto3\";\npackage t;\nimport \"options.proto\";\n"
        "option (conse.titles) = \"T\";\n"
        "message Ask { string thing_id = 7; string of_id = 3; int32 n = 1; }\n"
        "message Thing { option (conse.title) = \"Matter\"; string id = 1; message Inner { int32 n = 1; } }\n"
        "message M { int32 count = 2; string owner_id = 9; string other = 1; %s }\n"
        "service S {\n"
        "  // Reads.\n  rpc GetThing(Ask) returns (Thing) { option (conse.method) = "
        "{ class: READ level: USER callers: GATEWAY limit: OTHER owner: { kind: NONE } noun: \"it\" }; }\n"
        "  // Writes.\n  rpc PutThing(Ask) returns (Thing) { option (conse.method) = "
        "{ class: WRITE level: USER callers: GATEWAY limit: OTHER owner: { kind: NONE } }; }\n}\n",
        fields);
    assert_int_equal(fclose(file), 0);
}

static void what_can_not_be_asked_is_refused(void **state)
{
    static const struct {
        const char *fields, *fault;
    } faults[] = {
        {"string thing_id = 4 [(conse.link) = { method: \"t.GetThings\" }];",
         "schema: t.M.thing_id: link.method: there is none \"t.GetThings\""},
        {"string thing_id = 4 [(conse.link) = { method: \"t.PutThing\" }];",
         "link.method: it does not read: \"t.PutThing\""},
        {"repeated string thing_id = 4 [(conse.link) = { method: \"t.GetThing\" }];",
         "link.method: not of one string: \"t.GetThing\""},
        {"string a_id = 4 [(conse.link) = { method: \"t.GetThing\" }];",
         "link.field: the request has no string \"a_id\""},
        {"string a_id = 4 [(conse.link) = { method: \"t.GetThing\" field: \"n\" }];",
         "link.field: the request has no string \"n\""},
        {"string thing_id = 4 [(conse.link) = { method: \"t.GetThing\" with: { field: \"n\" from: \"other\" "
         "} }];",
         "link.with.field: the request has no string \"n\""},
        {"string thing_id = 4 [(conse.link) = { method: \"t.GetThing\" with: { field: \"of_id\" from: "
         "\"count\" } }];",
         "link.with.from: the message has no string \"count\""},
        {"string id = 4 [(conse.link) = { method: \"t.GetThing\" field: \"thing_id\" }];",
         "link.name: not given for \"id\""},
        {"string thing_id = 4 [(conse.link) = { method: \"t.GetThing\" name: \"other\" }];",
         "link.name: a field has it: \"other\""},
        {"message I { string thing_id = 1 [(conse.link) = { method: \"t.GetThing\" }]; }",
         "link.method: of a message in another: \"t.GetThing\""},
    };
    char said[4096];
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        write_contract(faults[i].fields);
        assert_int_not_equal(contract_build("2>&1 >/dev/null", said, sizeof said), 0);
        if (!strstr(said, faults[i].fault)) fail_msg("%s, not: %s", said, faults[i].fault);
    }
}

static void a_good_one_becomes_a_row(void **state)
{
    static char rows[256 * 1024];
    (void)state;
    write_contract("string thing_id = 4 [(conse.link) = { method: \"t.GetThing\" "
                   "with: { field: \"of_id\" from: \"owner_id\" } }, "
                   "(conse.link) = { method: \"t.GetThing\" name: \"twin\" }];");
    assert_int_equal(contract_build("2>&1", rows, sizeof rows), 0);
    assert_non_null(strstr(rows, "t__m_links[] = {\n"
                                 "    {\"thing\", \"t.GetThing\", 3, (const struct schema_fill[])"
                                 "{{3, 3}, {2, 4}, {0, 0}}},\n"
                                 "    {\"twin\", \"t.GetThing\", 3, (const struct schema_fill[])"
                                 "{{3, 3}, {0, 0}}},\n"));
    assert_non_null(strstr(rows, "{&t__m__descriptor, t__m_links},"));
    assert_non_null(strstr(rows, ".noun = \"it\""));
}

static void messages_have_the_titles_that_are_said(void **state)
{
    static char rows[256 * 1024];
    (void)state;
    write_contract("");
    assert_int_equal(contract_build("2>&1", rows, sizeof rows), 0);
    assert_non_null(strstr(rows, "{&t__thing__descriptor, \"\", \"Matter\", "));
    assert_non_null(strstr(rows, "{&t__thing__inner__descriptor, \"\", \"TThingInner\", "));
    assert_non_null(strstr(rows, "{&t__ask__descriptor, \"\", \"TAsk\", "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_not_be_asked_is_refused),
        cmocka_unit_test(a_good_one_becomes_a_row),
        cmocka_unit_test(messages_have_the_titles_that_are_said),
    };
    return cmocka_run_group_tests(tests, contract_set_up, contract_tear_down);
}
