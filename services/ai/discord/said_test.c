// Summaries as messages of Discord.
#include "services/ai/discord/said.h"

#include "tests/test.h"

static struct window_message messages[3] = {
    {.id = {"900000000000000001"}}, {.id = {"900000000000000002"}}, {.id = {"900000000000000003"}}};
static struct window window = {.messages = messages, .count = 3};
static struct bullets bullets;
static struct said said;
static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    bullets.count = 0;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void add_bullet(const char *text, size_t cited)
{
    struct bullet *bullet = &bullets.all[bullets.count++];
    *bullet = (struct bullet){.messages_count = cited, .messages = {0, 1, 2}};
    snprintf(bullet->text, sizeof bullet->text, "%s", text);
}

static void write_it(const char *note)
{
    const struct said_summary summary = {&window, &bullets, "4444", "3333", "**head**", note};
    said_summary(&summary, &arena, &said);
}

static void a_bullet_ends_with_its_messages(void **state)
{
    (void)state;
    add_bullet("mira: The doctor was right.", 2);
    write_it("-# note");
    assert_int_equal(said.count, 1);
    assert_string_equal(
        said.messages[0],
        "**head**\n-# note\n- mira: The doctor was right. [1](https://discord.com/channels/4444/3333/"
        "900000000000000001) [2](https://discord.com/channels/4444/3333/900000000000000002)");
}

static size_t units_of(const char *text)
{
    size_t units = 0;
    for (; *text; text++) units += ((*text & 0xC0) != 0x80) + ((*text & 0xF8) == 0xF0);
    return units;
}

// Eight bullets as long as they get, of letters that markup is made of and that UTF-16 has as two.
static void what_is_long_is_cut_at_lines(void **state)
{
    static const char *const letters[] = {"a", "*", "\xD8\xB3", "\xF0\x9F\x90\xBA"};
    (void)state;
    for (size_t l = 0; l < 4; l++) {
        char text[BULLET_BYTES] = "";
        while (strlen(text) + strlen(letters[l]) < sizeof text) strcat(text, letters[l]);
        bullets.count = 0;
        for (int i = 0; i < BULLETS_MOST; i++) add_bullet(text, 3);
        write_it("-# note");
        assert_true(said.count >= 2 && said.count <= SAID_MESSAGES);
        size_t lines = 0;
        for (size_t i = 0; i < said.count; i++) {
            assert_true(units_of(said.messages[i]) <= SAID_CHARACTERS);
            for (const char *at = said.messages[i]; (at = strstr(at, "- ")); at++) lines++;
        }
        assert_true(lines >= (l == 1 ? 6 : BULLETS_MOST)); // what has no room is left out
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bullet_ends_with_its_messages),
        TEST(what_is_long_is_cut_at_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
