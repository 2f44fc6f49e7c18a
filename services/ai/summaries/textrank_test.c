// What most say is ranked first; the order is the same every time.
#include <math.h>

#include "tests/test.h"

#include "services/ai/summaries/stop_words.h"
#include "services/ai/summaries/textrank.h"

enum { MOST = 64, CROWD = 3000 };

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static const struct textrank_sentence *rank(const char *const texts[], size_t count)
{
    struct sentence sentences[MOST];
    for (size_t i = 0; i < count; i++) sentences[i] = (struct sentence){texts[i], strlen(texts[i])};
    const struct textrank_sentence *ranked = textrank(sentences, count, &arena);
    assert_non_null(ranked);
    return ranked;
}

static size_t first_of(const struct textrank_sentence *ranked, size_t count)
{
    size_t first = 0;
    for (size_t i = 1; i < count; i++)
        if (ranked[i].rank > ranked[first].rank) first = i;
    return first;
}

static void what_most_speak_of_is_first(void **state)
{
    (void)state;
    static const char *const texts[] = {"I will bring pizza", "the doctor saved mira last night",
                                        "mira was attacked and the doctor saved her", "who is hungry",
                                        "so the doctor lives, and mira too"};
    const struct textrank_sentence *ranked = rank(texts, 5);
    size_t first = first_of(ranked, 5);
    assert_true(first == 1 || first == 2 || first == 4);
    assert_true(ranked[0].rank < ranked[first].rank && ranked[3].rank < ranked[first].rank);
}

static void persian_is_ranked_alike_however_it_is_typed(void **state)
{
    (void)state;
    // With a Persian and an Arabic kaf, and with and without the joint.
    static const char *const texts[] = {"دکتر شب کاوه را نجات داد",
                                        "دکتر همیشه كاوه را نجات می‌دهد",
                                        "پیتزا گرم است"};
    const struct textrank_sentence *ranked = rank(texts, 3);
    assert_true(textrank_likeness(&ranked[0], &ranked[1]) > 0.2);
    assert_true(ranked[2].rank < ranked[0].rank && ranked[2].rank < ranked[1].rank);
}

static void ranks_are_one_together(void **state)
{
    (void)state;
    static const char *const texts[] = {"night falls", "night falls again", "?", "", "someone else entirely"};
    const struct textrank_sentence *ranked = rank(texts, 5);
    double sum = 0;
    for (size_t i = 0; i < 5; i++) sum += ranked[i].rank;
    assert_true(fabs(sum - 1) < 1e-6);
    assert_true(fabs(textrank_likeness(&ranked[0], &ranked[0]) - 1) < 1e-12);
    assert_true(textrank_likeness(&ranked[2], &ranked[0]) == 0);
}

// TextRank over a graph that is really made gives the same.
static void ranks_are_those_of_the_graph(void **state)
{
    (void)state;
    static const char *const texts[] = {"wolf votes mira", "mira votes wolf tonight", "tonight doctor sleeps",
                                        "doctor votes", "wolf sleeps"};
    enum { N = 5 };
    const struct textrank_sentence *ranked = rank(texts, N);
    double ranks[N] = {0.2, 0.2, 0.2, 0.2, 0.2}, next[N], degree[N] = {0};
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < N; k++)
            if (i != k) degree[i] += textrank_likeness(&ranked[i], &ranked[k]);
    for (int round = 0; round < 200; round++, memcpy(ranks, next, sizeof ranks))
        for (size_t i = 0; i < N; i++) {
            next[i] = 0.15 / N;
            for (size_t k = 0; k < N; k++)
                if (i != k)
                    next[i] += 0.85 * textrank_likeness(&ranked[i], &ranked[k]) / degree[k] * ranks[k];
        }
    for (size_t i = 0; i < N; i++) assert_true(fabs(ranks[i] - ranked[i].rank) < 1e-6);
}

static void a_crowd_is_ranked_the_same_twice(void **state)
{
    (void)state;
    static char texts[CROWD][48];
    static struct sentence sentences[CROWD];
    unsigned short seed[3] = {2, 7, 1};
    for (size_t i = 0; i < CROWD; i++) {
        snprintf(texts[i], sizeof texts[i], "word%ld of word%ld and word%ld", nrand48(seed) % 300,
                 nrand48(seed) % 300, nrand48(seed) % 300);
        sentences[i] = (struct sentence){texts[i], strlen(texts[i])};
    }
    const struct textrank_sentence *once = textrank(sentences, CROWD, &arena);
    const struct textrank_sentence *twice = textrank(sentences, CROWD, &arena);
    for (size_t i = 0; i < CROWD; i++) assert_true(once[i].rank == twice[i].rank);
}

static void words_of_no_meaning_do_not_count(void **state)
{
    (void)state;
    static const char *const words[] = {"the", "yes", "از", "را", "نیست", "یک"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!stop_word_is(words[i])) fail_msg("%s counts", words[i]);
    assert_false(stop_word_is("wolf"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_most_speak_of_is_first),      TEST(persian_is_ranked_alike_however_it_is_typed),
        TEST(ranks_are_one_together),           TEST(ranks_are_those_of_the_graph),
        TEST(a_crowd_is_ranked_the_same_twice), TEST(words_of_no_meaning_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
