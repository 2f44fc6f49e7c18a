// What is remembered of streams' ends.
#include "lib/store/mongo/group.h"
#include "tests/test.h"

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct mongo_heads));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    mongo_heads_forget(*state);
    free(*state);
    return 0;
}

static void an_end_is_known_once_it_was_learnt(void **state)
{
    struct mongo_heads *heads = *state;
    assert_null(mongo_head_find(heads, "song"));
    mongo_head_learn(heads, "song", (struct mongo_end){7, false});
    mongo_head_learn(heads, "tune", (struct mongo_end){2, true});
    assert_int_equal(mongo_head_find(heads, "song")->seq, 7);
    assert_false(mongo_head_find(heads, "song")->ended);
    assert_true(mongo_head_find(heads, "tune")->ended);
    mongo_head_learn(heads, "song", (struct mongo_end){9, false});
    assert_int_equal(mongo_head_find(heads, "song")->seq, 9);
    assert_null(mongo_head_find(heads, "son"));
    mongo_head_drop(heads, "song");
    mongo_head_drop(heads, "silence");
    assert_null(mongo_head_find(heads, "song"));
    assert_non_null(mongo_head_find(heads, "tune"));
}

// Stubs of removed entries stay for a day, so what is older could lead into a hole.
static void what_was_learnt_more_than_an_hour_ago_is_not_known(void **state)
{
    struct mongo_heads *heads = *state;
    mongo_head_learn(heads, "song", (struct mongo_end){7, false});
    struct mongo_head *head = (struct mongo_head *)mongo_head_find(heads, "song");
    head->learnt_ms -= 59 * 60 * 1000;
    assert_non_null(mongo_head_find(heads, "song"));
    head->learnt_ms -= 60 * 1000;
    assert_null(mongo_head_find(heads, "song"));
    mongo_head_learn(heads, "song", (struct mongo_end){8, false});
    assert_int_equal(mongo_head_find(heads, "song")->seq, 8);
}

static void many_are_forgotten(void **state)
{
    struct mongo_heads *heads = *state;
    char stream[24];
    for (int i = 0; i < 20000; i++) {
        snprintf(stream, sizeof stream, "s%d", i);
        mongo_head_learn(heads, stream, (struct mongo_end){(uint64_t)i, false});
        if (i == 10000) mongo_heads_trim(heads);
    }
    assert_int_equal(mongo_head_find(heads, "s0")->seq, 0);
    assert_int_equal(mongo_head_find(heads, "s19999")->seq, 19999);
    mongo_heads_trim(heads);
    assert_null(mongo_head_find(heads, "s19999"));
    assert_int_equal(heads->count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_end_is_known_once_it_was_learnt),
        TEST(what_was_learnt_more_than_an_hour_ago_is_not_known),
        TEST(many_are_forgotten),
    };
    return cmocka_run_group_tests_name("store: streams' ends", tests, NULL, NULL);
}
