// Bullets made of what was said: each has the messages that say it, and nothing else is in them.
#include "tests/test.h"

#include "lib/base/text.h"
#include "services/ai/summaries/extract.h"

#define TABLE "01890000-0000-7000-8000-0000000000e1.table"
#define DEAD "01890000-0000-7000-8000-0000000000e1.dead"

enum { MOST = 400 };

static struct window window;
static struct bullets bullets;

static int set_up(void **state)
{
    (void)state;
    window_open(&window);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    window_close(&window);
    return 0;
}

static void say_in(const char *room_id, const char *author, const char *text)
{
    struct window_message *message = &window.messages[window.count];
    snprintf(message->id.text, sizeof message->id.text, "01890000-0000-7000-8000-%012zx", ++window.count);
    message->room_id = room_id;
    message->author = author;
    message->text = text;
}

static void say(const char *author, const char *text) { say_in(TABLE, author, text); }

static void sum_up(void)
{
    struct err err = {0};
    if (!extract_bullets(&window, &bullets, &err)) fail_msg("%s", err.message);
}

static const struct bullet *bullet_with(const char *words)
{
    for (size_t i = 0; i < bullets.count; i++)
        if (strstr(bullets.all[i].text, words)) return &bullets.all[i];
    fail_msg("no bullet has: %s", words);
    return NULL;
}

static void of_nothing_there_is_no_bullet(void **state)
{
    (void)state;
    sum_up();
    assert_int_equal(bullets.count, 0);
    say("ann", "the... and?");
    say("bob", "?! …");
    sum_up();
    assert_int_equal(bullets.count, 0);
}

// Without a sanitizer what was written beside the room is seldom seen.
static void a_message_may_be_all_sentences_of_one_byte(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) say("ann", "*\n!*\n!:");
    sum_up();
    assert_int_equal(bullets.count, 0);
}

static void a_bullet_is_a_sentence_with_its_message(void **state)
{
    (void)state;
    say("ann", "Good evening. The doctor saved Mira last night!");
    sum_up();
    const struct bullet *bullet = bullet_with("doctor");
    assert_string_equal(bullet->text, "ann: The doctor saved Mira last night!");
    assert_int_equal(bullet->messages_count, 1);
    assert_int_equal(bullet->messages[0], 0);
    assert_string_equal(bullet->room_id, TABLE);
}

static void what_is_said_again_is_one_bullet(void **state)
{
    (void)state;
    say("ann", "We vote for the baker tonight");
    say("bob", "pizza arrived downstairs already");
    say("eve", "we VOTE for the baker, tonight!");
    say("ann", "vote for the baker tonight");
    say("bob", "tonight vote for the baker");
    sum_up();
    const struct bullet *bullet = bullet_with("baker");
    assert_int_equal(bullet->messages_count, BULLET_MESSAGES);
    for (size_t i = 1; i < bullet->messages_count; i++)
        assert_true(bullet->messages[i] > bullet->messages[i - 1]);
    assert_int_equal(bullets.count, 2);
}

static void who_says_it_in_another_room_is_not_named(void **state)
{
    (void)state;
    say("ann", "we vote for the baker tonight");
    say_in(DEAD, "bob", "we vote for the baker tonight");
    sum_up();
    const struct bullet *bullet = bullet_with("baker");
    assert_int_equal(bullets.count, 1);
    assert_int_equal(bullet->messages_count, 1);
    assert_string_equal(window.messages[bullet->messages[0]].room_id, bullet->room_id);
}

static void every_room_has_a_bullet(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        say("ann", i % 2 ? "the baker is a wolf, surely" : "surely a wolf is the miller");
    say_in(DEAD, "bob", "nobody hears us here");
    sum_up();
    assert_string_equal(bullet_with("nobody hears")->room_id, DEAD);
    assert_string_equal(bullets.all[0].room_id, TABLE);
}

static void bullets_are_few_and_in_order(void **state)
{
    (void)state;
    static char texts[MOST][64];
    unsigned short seed[3] = {4, 5, 6};
    for (size_t i = 0; i < MOST; i++) {
        snprintf(texts[i], sizeof texts[i], "wolf%ld accuses baker%ld of lying%ld", nrand48(seed) % 40,
                 nrand48(seed) % 40, nrand48(seed) % 40);
        say("ann", texts[i]);
    }
    sum_up();
    assert_int_equal(bullets.count, BULLETS_MOST);
    for (size_t i = 1; i < bullets.count; i++)
        assert_true(bullets.all[i].messages[0] >= bullets.all[i - 1].messages[0]);
    struct bullets first = bullets;
    sum_up();
    for (size_t i = 0; i < bullets.count; i++) assert_string_equal(bullets.all[i].text, first.all[i].text);
}

static void a_long_sentence_is_cut_between_characters(void **state)
{
    (void)state;
    static char text[1200];
    for (size_t i = 0; i < 90; i++) strcat(text, i ? " گرگ" : "شهر");
    say("آنا", text);
    sum_up();
    const char *cut = bullets.all[0].text;
    size_t len = strlen(cut);
    assert_int_equal(bullets.count, 1);
    assert_true(len < BULLET_BYTES && len > BULLET_BYTES - 12);
    assert_string_equal(cut + len - strlen("…"), "…");
    assert_true(text_is_utf8(cut, len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(of_nothing_there_is_no_bullet),
        TEST(a_message_may_be_all_sentences_of_one_byte),
        TEST(a_bullet_is_a_sentence_with_its_message),
        TEST(what_is_said_again_is_one_bullet),
        TEST(who_says_it_in_another_room_is_not_named),
        TEST(every_room_has_a_bullet),
        TEST(bullets_are_few_and_in_order),
        TEST(a_long_sentence_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
