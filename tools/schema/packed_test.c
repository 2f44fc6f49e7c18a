// Bytes that are a packed message: what may not be said of them does not build, and what may becomes a row.
#include "tools/schema/testing/contract.h"

// M has the field that is tried, Entry is what may be packed in it.
static void write_contract(const char *fields)
{
    FILE *file = contract_open();
    fprintf(
        file,
        "syntax = \"proto3\";\npackage t;\nimport \"options.proto\";\n"
        "message Done { int32 n = 1; }\n"
        "message Entry { string who = 3; int64 when = 1; oneof body { Done done = 7; Done undone = 8; } }\n"
        "message Both { oneof one { Done a = 1; } oneof other { Done b = 2; } }\n"
        "message LogEntry { uint64 index = 1; string kind = 2;\n  %s\n }\n",
        fields);
    assert_int_equal(fclose(file), 0);
}

#define BYTES "bytes payload = 4 [(conse.packed) = "
#define BODY "beside: { name: \"fields\" of: \"body\" }"

static void what_can_not_be_shown_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *fault;
    } faults[] = {
        {"string payload = 4 [(conse.packed) = { type: \"t.Entry\" " BODY " }];",
         "type: not of bytes: \"t.Entry\""},
        {"repeated bytes payload = 4 [(conse.packed) = { type: \"t.Entry\" " BODY " }];",
         "type: not of bytes"},
        {BYTES "{ type: \"t.Entries\" " BODY " }];", "type: no message \"t.Entries\""},
        {BYTES "{ " BODY " }];", "type: no message \"\""},
        {BYTES "{ type: \"t.Entry\" beside: { of: \"who\" } }];", "beside.name: not a new name: \"\""},
        {BYTES "{ type: \"t.Entry\" beside: { name: \"kind\" of: \"who\" } }];",
         "beside.name: not a new name: \"kind\""},
        {BYTES "{ type: \"t.Entry\" beside: { name: \"x\" of: \"actor\" } }];",
         "beside.of: neither a field nor the only oneof: \"actor\""},
        {BYTES "{ type: \"t.Both\" beside: { name: \"x\" of: \"one\" } }];",
         "beside.of: neither a field nor the only oneof: \"one\""},
        {BYTES "{ type: \"t.Entry\" }]; bytes more = 5 [(conse.packed) = { type: \"t.Entry\" }];",
         "type: the second of its message: \"t.Entry\""},
    };
    char said[4096];
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        write_contract(faults[i].fields);
        assert_int_not_equal(contract_build("2>&1 >/dev/null", said, sizeof said), 0);
        if (strncmp(said, "schema: t.LogEntry.", strlen("schema: t.LogEntry.")) != 0 ||
            !strstr(said, faults[i].fault))
            fail_msg("%s, not: %s", said, faults[i].fault);
    }
}

static void a_good_one_becomes_a_row(void **state)
{
    (void)state;
    static char rows[256 * 1024];
    write_contract(BYTES "{ type: \"t.Entry\" beside: { name: \"actor_id\" of: \"who\" } " BODY " }];");
    assert_int_equal(contract_build("2>&1", rows, sizeof rows), 0);
    assert_non_null(strstr(rows, "{&t__log_entry__descriptor, 3, &t__entry__descriptor, "
                                 "(const struct schema_beside[]){{\"actor_id\", 2}, {\"fields\", 0}, "
                                 "{NULL, 0}}},"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_not_be_shown_is_refused),
        cmocka_unit_test(a_good_one_becomes_a_row),
    };
    return cmocka_run_group_tests(tests, contract_set_up, contract_tear_down);
}
