#include "lib/trace/context.h"
#include "tests/test.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static void a_traceparent_is_read_and_written(void **state)
{
    struct trace_context context;
    char text[TRACEPARENT_SIZE];
    (void)state;
    assert_true(trace_context_read(&context, "00-" TRACE "-" SPAN "-01"));
    assert_true(context.sampled);
    assert_int_equal(context.trace[0], 0x0a);
    assert_int_equal(context.span[7], 0x31);
    trace_context_write(&context, text);
    assert_string_equal(text, "00-" TRACE "-" SPAN "-01");
    assert_true(trace_context_read(&context, "00-" TRACE "-" SPAN "-02"));
    assert_false(context.sampled);
    trace_context_write(&context, text);
    assert_string_equal(text, "00-" TRACE "-" SPAN "-00");
}

static void a_later_version_may_have_more(void **state)
{
    struct trace_context context;
    (void)state;
    assert_true(trace_context_read(&context, "01-" TRACE "-" SPAN "-03"));
    assert_true(trace_context_read(&context, "cc-" TRACE "-" SPAN "-01-what-comes"));
    assert_true(context.sampled);
}

static void what_is_not_well_formed_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "00",
        "00-" TRACE "-" SPAN,
        "00-" TRACE "-" SPAN "-0",
        "00-" TRACE "-" SPAN "-011",
        "00-" TRACE "-" SPAN "-01-x",
        "cc-" TRACE "-" SPAN "-01x",
        "ff-" TRACE "-" SPAN "-01",
        "0g-" TRACE "-" SPAN "-01",
        "00-" TRACE "-" SPAN "-0G",
        "00_" TRACE "-" SPAN "-01",
        "00-" TRACE "_" SPAN "-01",
        "00-" TRACE "-" SPAN "_01",
        "00-00000000000000000000000000000000-" SPAN "-01",
        "00-" TRACE "-0000000000000000-01",
        "00-0AF7651916cd43dd8448eb211c80319c-" SPAN "-01",
        "00-0af7651916cd43dd8448eb211c80319\"-" SPAN "-01",
        " 00-" TRACE "-" SPAN "-01",
    };
    struct trace_context context;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (trace_context_read(&context, bad[i])) fail_msg("%s was taken", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_traceparent_is_read_and_written),
        cmocka_unit_test(a_later_version_may_have_more),
        cmocka_unit_test(what_is_not_well_formed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
