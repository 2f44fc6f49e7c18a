// Reading a channel of Discord, whose pages are made here.
#include "services/ai/discord/channel.h"

#include <jansson.h>

#include "tests/test.h"

enum { STEP_MS = 1000, MOST = 3000 };

// Messages from the newest to the oldest, a second apart; each text is one of them as JSON without its id.
struct fake {
    int64_t newest_ms;
    size_t count, pages, fails_at; // fails_at: from 1; 0: never
    const char *(*say)(size_t i);
};

static struct fake fake;
static struct window window;
static struct channel_told told;
static struct err err;

static uint64_t id_of(size_t i)
{
    return (uint64_t)(fake.newest_ms - (int64_t)i * STEP_MS - INT64_C(1420070400000)) << 22;
}

static bool give_page(void *arg, const char *channel_id, const char *before, struct buf *json, struct err *e)
{
    uint64_t bound = strtoull(before, NULL, 10);
    size_t given = 0;
    (void)arg;
    assert_string_equal(channel_id, "3333");
    if (++fake.pages == fake.fails_at) return err_fail(e, SERVICE_AWAY, "away");
    buf_char(json, '[');
    for (size_t i = 0; i < fake.count && given < CHANNEL_PAGE; i++) {
        if (id_of(i) >= bound) continue;
        buf_printf(json, "%s{\"id\":\"%llu\",%s}", given++ ? "," : "", (unsigned long long)id_of(i),
                   fake.say(i));
    }
    buf_char(json, ']');
    return true;
}

static const char *plain(size_t i)
{
    static char text[160];
    snprintf(text, sizeof text,
             "\"type\":0,\"author\":{\"id\":\"7\",\"username\":\"mira\"},\"content\":\"said %zu\"", i);
    return text;
}

static int set_up(void **state)
{
    (void)state;
    fake = (struct fake){.newest_ms = INT64_C(1800000000000), .say = plain};
    window_open(&window);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    window_close(&window);
    return 0;
}

static bool reads(int64_t seconds)
{
    const struct channel_source source = {give_page, NULL};
    char before[SNOWFLAKE];
    snprintf(before, sizeof before, "%llu", (unsigned long long)id_of(0) + 1);
    err = (struct err){0};
    return channel_read(&window, &source, "3333", before, fake.newest_ms - seconds * 1000, &told, &err);
}

static void the_window_is_exact(void **state)
{
    (void)state;
    fake.count = 500;
    assert_true(reads(249));
    assert_int_equal(window.count, 250);
    assert_int_equal(fake.pages, 3);
    assert_false(window.older || told.cut);
    assert_string_equal(window.messages[0].text, "said 249"); // the oldest first
    assert_string_equal(window.messages[249].text, "said 0");
    assert_string_equal(window.messages[0].author, "mira");
    assert_string_equal(window.messages[0].author_id, "7");
    assert_int_equal(window.messages[0].time_ms, fake.newest_ms - 249000);
}

static void a_short_channel_takes_one_page(void **state)
{
    (void)state;
    fake.count = 7;
    assert_true(reads(3600));
    assert_int_equal(window.count, 7);
    assert_int_equal(fake.pages, 1);
}

static void an_empty_one_has_nothing(void **state)
{
    (void)state;
    assert_true(reads(3600));
    assert_true(window.count == 0 && told.people == 0);
}

static void of_many_the_newest_2000_are_read_in_20_pages(void **state)
{
    (void)state;
    fake.count = MOST;
    assert_true(reads(86400));
    assert_int_equal(window.count, 2000);
    assert_int_equal(fake.pages, 20);
    assert_true(window.older);
    assert_string_equal(window.messages[0].text, "said 1999");
}

static const char *mixed(size_t i)
{
    static const char *const all[] = {
        "\"type\":0,\"author\":{\"username\":\"bot\",\"bot\":true},\"content\":\"beep\"",
        "\"type\":0,\"webhook_id\":\"9\",\"author\":{\"username\":\"hook\"},\"content\":\"news\"",
        "\"type\":7,\"author\":{\"username\":\"kaveh\"},\"content\":\"joined\"",
        "\"type\":19,\"author\":{\"username\":\"k\",\"global_name\":\"Kaveh\"},\"content\":\"no, <@7> & "
        "<@!8> in <#3> "
        "<@&4> <x> <@a>\",\"mentions\":[{\"id\":\"7\",\"username\":\"mira\"}],"
        "\"referenced_message\":{\"author\":{\"username\":\"mira\"}}",
        "\"type\":0,\"author\":{\"username\":\"mira\"},\"content\":\"look\",\"attachments\":[{\"content_"
        "type\":"
        "\"image/png\"},{\"content_type\":\"text/plain\"},{}]",
        "\"type\":0,\"author\":{\"username\":\"mira\"},\"content\":\"\"",
    };
    return all[i];
}

static void people_are_read_and_nobody_else(void **state)
{
    (void)state;
    fake.count = 6;
    fake.say = mixed;
    assert_true(reads(3600));
    assert_int_equal(told.people, 3);
    assert_int_equal(window.textless, 1);
    assert_int_equal(window.count, 2);
    assert_string_equal(window.messages[0].text, "look [image] [file] [file]");
    assert_string_equal(window.messages[1].text, "no, mira & somebody in (channel) (role) <x> <@a>");
    assert_string_equal(window.messages[1].author, "Kaveh \xE2\x86\x92 mira");
}

// Names make it longer than a message can be; the last character that has room is half of one.
static const char *endless(size_t i)
{
    static char text[32 << 10];
    (void)i;
    int at = snprintf(text, sizeof text,
                      "\"type\":0,\"author\":{\"username\":\"mira\"},\"mentions\":[{\"id\":\"7\","
                      "\"username\":\"%031d\"}],\"content\":\"x",
                      0);
    for (int n = 0; n < 500; n++) at += snprintf(text + at, sizeof text - (size_t)at, "<@7>");
    for (int n = 0; n < 900; n++) at += snprintf(text + at, sizeof text - (size_t)at, "\xD8\xB3");
    snprintf(text + at, sizeof text - (size_t)at, "\"");
    return text;
}

static void a_text_that_is_too_long_ends_with_a_whole_character(void **state)
{
    (void)state;
    fake.count = 1;
    fake.say = endless;
    assert_true(reads(3600));
    assert_int_equal(window.count, 1);
    json_t *kept = json_string(window.messages[0].text); // NULL when it is no UTF-8
    assert_non_null(kept);
    json_decref(kept);
    assert_true(strlen(window.messages[0].text) > 16000);
}

static const char *long_ones(size_t i)
{
    static char text[64 << 10];
    (void)i;
    snprintf(text, sizeof text,
             "\"type\":0,\"author\":{\"username\":\"mira\"},\"content\":\"%04000d\","
             "\"embeds\":[{\"description\":\"%050000d\"}]",
             0, 0);
    return text;
}

static void a_page_may_be_as_long_as_messages_are(void **state)
{
    (void)state;
    fake.count = 100;
    fake.say = long_ones;
    assert_true(reads(3600));
    assert_int_equal(window.count, 100);
}

static const char *wordless(size_t i)
{
    (void)i;
    return "\"type\":0,\"author\":{\"username\":\"mira\"},\"content\":\"\",\"attachments\":[]";
}

static void who_may_not_read_texts_is_told_from_silence(void **state)
{
    (void)state;
    fake.count = 5;
    fake.say = wordless;
    assert_true(reads(3600));
    assert_true(window.count == 0 && told.people == 5);
}

static void a_page_that_fails_cuts_or_refuses(void **state)
{
    (void)state;
    fake.count = 500;
    fake.fails_at = 3;
    assert_true(reads(3600));
    assert_true(told.cut && window.count == 200);
    window_close(&window);
    window_open(&window);
    fake.pages = 0;
    fake.fails_at = 1;
    assert_false(reads(3600));
    assert_true(err_is(&err, SERVICE_AWAY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_window_is_exact),
        TEST(a_short_channel_takes_one_page),
        TEST(an_empty_one_has_nothing),
        TEST(of_many_the_newest_2000_are_read_in_20_pages),
        TEST(people_are_read_and_nobody_else),
        TEST(who_may_not_read_texts_is_told_from_silence),
        TEST(a_page_that_fails_cuts_or_refuses),
        TEST(a_text_that_is_too_long_ends_with_a_whole_character),
        TEST(a_page_may_be_as_long_as_messages_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
