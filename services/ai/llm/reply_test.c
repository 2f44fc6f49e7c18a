// What is taken of a model's answer, whole or cut, streamed or not.
#include "tests/test.h"

#include "services/ai/llm/reply.h"

static struct buf text;
static int64_t tokens;

static int set_up(void **state)
{
    (void)state;
    buf_init(&text, 64);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_finish(&text);
    return 0;
}

static enum llm_outcome read_reply(const char *reply)
{
    return llm_reply_read(reply, strlen(reply), &text, &tokens);
}

#define PIECE(content, end)                                                                                  \
    "data: {\"choices\":[{\"delta\":{\"content\":\"" content "\"},\"finish_reason\":" end "}]}\n\n"

static void an_object_is_read(void **state)
{
    (void)state;
    assert_int_equal(
        read_reply("{\"choices\":[{\"message\":{\"content\":\"yes\"},\"finish_reason\":\"stop\"}],"
                   "\"usage\":{\"total_tokens\":12}}"),
        LLM_WHOLE);
    assert_string_equal(text.bytes, "yes");
    assert_int_equal(tokens, 12);
}

static void a_stream_is_put_together(void **state)
{
    (void)state;
    assert_int_equal(
        read_reply(": hello\n\n" PIECE("y", "null") "event: x\r\n" PIECE(
            "es",
            "\"stop\"") "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}\r\n\r\ndata: [DONE]\n\n"),
        LLM_WHOLE);
    assert_string_equal(text.bytes, "yes");
    assert_int_equal(tokens, 7);
}

static void what_ends_early_is_cut(void **state)
{
    (void)state;
    assert_int_equal(read_reply(PIECE("y", "null") "data: {\"choi"), LLM_CUT);
    assert_int_equal(read_reply(PIECE("y", "\"stop\"")), LLM_CUT);
    assert_int_equal(read_reply(PIECE("y", "null") "data: [DONE]\n"), LLM_CUT);
    assert_int_equal(read_reply(""), LLM_CUT);
    assert_int_equal(read_reply("<html>"), LLM_CUT);
    assert_int_equal(read_reply("{\"choices\":["), LLM_CUT);
}

static void an_error_may_come_in_a_stream(void **state)
{
    (void)state;
    assert_int_equal(read_reply(PIECE("y", "null") "data: {\"error\":{\"message\":\"overloaded\"}}\n\n" PIECE(
                         "es", "\"stop\"") "data: [DONE]\n"),
                     LLM_CUT);
    assert_int_equal(read_reply("{\"error\":{\"code\":\"server_error\"}}"), LLM_CUT);
}

static void a_model_that_was_stopped_has_not_said_all(void **state)
{
    (void)state;
    assert_int_equal(read_reply(PIECE("y", "\"length\"") "data: [DONE]\n"), LLM_STOPPED);
    assert_int_equal(
        read_reply("{\"choices\":[{\"message\":{\"content\":\"y\"},\"finish_reason\":\"content_filter\"}]}"),
        LLM_STOPPED);
}

static void more_than_there_is_room_for_is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_reply(PIECE("0123456789012345678901234567890123456789", "null") PIECE(
                         "0123456789012345678901234567890123456789", "\"stop\"") "data: [DONE]\n"),
                     LLM_STOPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_object_is_read),
        TEST(a_stream_is_put_together),
        TEST(what_ends_early_is_cut),
        TEST(an_error_may_come_in_a_stream),
        TEST(a_model_that_was_stopped_has_not_said_all),
        TEST(more_than_there_is_room_for_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
