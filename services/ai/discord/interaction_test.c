// What is understood of an interaction, and what is said to it at once.
#include "services/ai/discord/commands.h"

#include <jansson.h>

#include "tests/test.h"

#define COMMON "'id':'1111111111111111111','application_id':'2222','token':'a-token','channel_id':'3333'"
#define GUILD                                                                                                \
    COMMON                                                                                                   \
    ",'guild_id':'4444','app_permissions':'66560','member':{'permissions':'66560','user':{'id':'5555'}}"
#define DIRECT COMMON ",'user':{'id':'5555'}"

static struct interaction got;
static struct err err;

static bool reads(const char *template)
{
    char text[2048];
    snprintf(text, sizeof text, "%s", template);
    for (char *at = text; *at; at++)
        if (*at == '\'') *at = '"';
    err = (struct err){0};
    return interaction_read(&got, text, strlen(text), &err);
}

static void a_command_is_read_with_its_options(void **state)
{
    (void)state;
    assert_true(reads("{'type':2," GUILD ",'data':{'name':'catchup','options':[{'name':'hours','value':6},"
                      "{'name':'public','value':true},{'name':'later','value':[]}]}}"));
    assert_int_equal(got.type, INTERACTION_COMMAND);
    assert_string_equal(got.id, "1111111111111111111");
    assert_string_equal(got.application_id, "2222");
    assert_string_equal(got.token, "a-token");
    assert_string_equal(got.channel_id, "3333");
    assert_string_equal(got.guild_id, "4444");
    assert_string_equal(got.user_id, "5555");
    assert_string_equal(got.command, "catchup");
    assert_true(got.hours == 6 && got.public && got.asker_may == 66560 && got.app_may == 66560);
}

static void the_rights_of_a_named_channel_are_that_channels(void **state)
{
    (void)state;
    assert_true(reads("{'type':2," GUILD ",'data':{'name':'catchup','options':[{'name':'hours','value':6},"
                      "{'name':'channel','value':'77'}],'resolved':{'channels':{'77':{'permissions':'1024',"
                      "'app_permissions':'0'}}}}}"));
    assert_string_equal(got.channel_id, "77");
    assert_true(got.asker_may == 1024 && got.app_may == 0);
}

// Given in the channel 3333.
static uint64_t may_read_thread(const char *id, const char *permissions)
{
    char text[1024];
    snprintf(text, sizeof text,
             "{'type':2," GUILD ",'data':{'name':'catchup','options':[{'name':'hours','value':6},"
             "{'name':'channel','value':'%s'}],'resolved':{'channels':{'%s':{'type':12,'permissions':'%s',"
             "'app_permissions':'66560'}}}}}",
             id, id, permissions);
    assert_true(reads(text));
    return got.asker_may;
}

static void of_a_private_thread_only_who_is_there_is_told(void **state)
{
    (void)state;
    assert_int_equal(may_read_thread("77", "66560"), 0);
    assert_int_equal(may_read_thread("3333", "66560"), 66560);           // given there
    assert_int_equal(may_read_thread("77", "17179935744"), 17179935744); // sees all threads
}

static void the_others_are_read_too(void **state)
{
    (void)state;
    assert_true(reads("{'type':1}"));
    assert_int_equal(got.type, INTERACTION_PING);
    assert_true(
        reads("{'type':2," DIRECT ",'data':{'name':'event','options':[{'name':'event','value':'K7M2QX'}]}}"));
    assert_string_equal(got.guild_id, "");
    assert_string_equal(got.event, "K7M2QX");
    assert_true(reads("{'type':3," GUILD ",'data':{'custom_id':'good.1111'}}"));
    assert_string_equal(got.button, "good.1111");
}

static void what_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{}",
        "{'type':0}",
        "{'type':4," GUILD "}",
        "{'type':'1'}",
        "{'type':1,'type':1}",
        "{'type':2," GUILD "}",
        "{'type':2," GUILD ",'data':{'name':''}}",
        "{'type':2," COMMON ",'data':{'name':'help'}}", // of nobody
        "{'type':2," DIRECT ",'guild_id':'x','data':{'name':'help'}}",
        "{'type':2,'id':'1','application_id':'2','token':'a/../"
        "b','channel_id':'3','user':{'id':'5'},'data':{'name':'help'}}",
        "{'type':2,'id':'01','application_id':'2','token':'a','channel_id':'3','user':{'id':'5'},'data':{'"
        "name':'help'}}",
        "{'type':2,'id':'99999999999999999999','application_id':'2','token':'a','channel_id':'3','user':{'id'"
        ":'5'},"
        "'data':{'name':'help'}}",
        "{'type':2," GUILD ",'data':{'name':'catchup','options':[{'name':'hours','value':0}]}}",
        "{'type':2," GUILD ",'data':{'name':'catchup','options':[{'name':'hours','value':25}]}}",
        "{'type':2," GUILD ",'data':{'name':'catchup','options':[{'name':'hours','value':'6'}]}}",
        "{'type':2," GUILD
        ",'data':{'name':'catchup','options':[{'name':'channel','value':'77'}]}}", // not resolved
        "{'type':2," GUILD ",'data':{'name':'event','options':[{'name':'event','value':7}]}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (reads(bad[i]) || !err_is(&err, MALFORMED)) fail_msg("%s", bad[i]);
}

// ---- What is said at once

static const char *said(const char *command, int hours, uint64_t asker_may, uint64_t app_may,
                        const char *guild)
{
    static char text[COMMAND_FIRST];
    struct interaction asked = {
        .type = INTERACTION_COMMAND, .hours = hours, .asker_may = asker_may, .app_may = app_may};
    snprintf(asked.command, sizeof asked.command, "%s", command);
    snprintf(asked.guild_id, sizeof asked.guild_id, "%s", guild);
    return command_says(&asked, text) ? text : NULL;
}

static void a_channel_is_read_for_who_may_read_it(void **state)
{
    const uint64_t view = PERMISSION_VIEW_CHANNEL, both = view | PERMISSION_READ_HISTORY;
    (void)state;
    assert_null(said("catchup", 6, both, both, "4444"));
    assert_string_equal(said("catchup", 6, 0, both, "4444"),
                        "You may not read that channel: you lack *View Channel* there.");
    assert_string_equal(said("catchup", 6, view, both, "4444"),
                        "You may not read that channel: you lack *Read Message History* there.");
    assert_string_equal(said("catchup", 6, both, 0, "4444"),
                        "I may not read that channel: I lack *View Channel* there.");
    assert_string_equal(said("catchup", 6, both, view, "4444"),
                        "I may not read that channel: I lack *Read Message History* there.");
    assert_non_null(strstr(said("catchup", 0, both, both, "4444"), "from 1 to 24"));
    assert_non_null(strstr(said("catchup", 6, both, both, ""), "channels of a server"));
}

static void the_others_are_answered_or_worked_on(void **state)
{
    (void)state;
    assert_non_null(strstr(said("help", 0, 0, 0, ""), "/catchup"));
    assert_non_null(strstr(said("dance", 0, 0, 0, ""), "do not know"));
    assert_non_null(strstr(said("event", 0, 0, 0, ""), "which event"));
    assert_null(said("stats", 0, 0, 0, ""));
}

static void first_answers_are_as_discord_takes_them(void **state)
{
    struct buf answer;
    (void)state;
    buf_init(&answer, 1024);
    first_pong(&answer);
    assert_string_equal(answer.bytes, "{\"type\":1}");
    buf_reset(&answer);
    first_later(&answer, false);
    assert_string_equal(answer.bytes, "{\"type\":5,\"data\":{\"flags\":64}}");
    buf_reset(&answer);
    first_later(&answer, true);
    assert_string_equal(answer.bytes, "{\"type\":5,\"data\":{\"flags\":0}}");
    buf_reset(&answer);
    first_text(&answer, "a \"b\"");
    assert_string_equal(answer.bytes,
                        "{\"type\":4,\"data\":{\"flags\":64,\"allowed_mentions\":{\"parse\":[]},"
                        "\"content\":\"a \\\"b\\\"\"}}");
    buf_finish(&answer);
}

static void every_command_that_is_described_is_known(void **state)
{
    json_t *list = json_loads(commands_json, 0, NULL);
    (void)state;
    assert_true(json_array_size(list) >= 4);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(list, i), "name"));
        const char *text = said(name, 6, UINT64_MAX, UINT64_MAX, "4444");
        if (text && strstr(text, "do not know")) fail_msg("%s", name);
    }
    json_decref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_read_with_its_options),
        cmocka_unit_test(the_rights_of_a_named_channel_are_that_channels),
        cmocka_unit_test(of_a_private_thread_only_who_is_there_is_told),
        cmocka_unit_test(the_others_are_read_too),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(a_channel_is_read_for_who_may_read_it),
        cmocka_unit_test(the_others_are_answered_or_worked_on),
        cmocka_unit_test(first_answers_are_as_discord_takes_them),
        cmocka_unit_test(every_command_that_is_described_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
