// Rows that are made from streams, whose versions are given.
#include "lib/store/testing/pair.h"

static uint64_t make(struct world *world, const char *username, uint64_t version)
{
    Auth__User user = AUTH__USER__INIT;
    user.id = "u1";
    user.username = username;
    return store_put_made(world->store, USERS, &user.base, version, NULL);
}

static uint64_t unmake(struct world *world, uint64_t version)
{
    return store_delete_made(world->store, USERS, "u1", version, NULL);
}

static void assert_made(struct world *world, const char *username, uint64_t wanted)
{
    uint64_t version;
    const Auth__User *user = person_get(world, "u1", &version);
    assert_non_null(user);
    assert_string_equal(user->username, username);
    assert_int_equal(version, wanted);
}

static void assert_gone(struct world *world)
{
    uint64_t version;
    assert_null(person_get(world, "u1", &version));
}

static void a_row_has_the_version_that_is_given(void **state)
{
    struct world *world = *state;
    assert_durable(world, make(world, "ada", 7));
    assert_made(world, "ada", 7);
    assert_durable(world, make(world, "countess", 9));
    assert_made(world, "countess", 9);
}

static void an_older_one_is_not_written_and_fails_nothing(void **state)
{
    struct world *world = *state;
    assert_durable(world, make(world, "countess", 9));
    assert_durable(world, make(world, "ada", 8));
    assert_made(world, "countess", 9);
    assert_durable(world, unmake(world, 8));
    assert_made(world, "countess", 9);
}

static void of_the_same_version_the_last_counts(void **state)
{
    struct world *world = *state;
    assert_durable(world, make(world, "ada", 8));
    assert_durable(world, make(world, "countess", 8));
    assert_made(world, "countess", 8);
    assert_durable(world, unmake(world, 8));
    assert_gone(world);
}

static void one_of_an_older_program_is_replaced(void **state)
{
    struct world *world = *state;
    assert_durable(world, person_put(world, (struct person){.id = "u1", .username = "ada"}, 0, NULL));
    assert_durable(world, person_put(world, (struct person){.id = "u1", .username = "ada"}, 1, NULL));
    assert_durable(world, make(world, "countess", 256));
    assert_made(world, "countess", 256);
}

static void indexes_follow(void **state)
{
    struct world *world = *state;
    const struct store_query query = {
        .index = "by_username", .equal = {{.text = "ada"}}, .equal_count = 1, .page_token = ""};
    struct store_rows rows;
    assert_durable(world, make(world, "ada", 1));
    assert_durable(world, make(world, "countess", 2));
    must(world, store_find(world->store, USERS, &query, &world->arena, &rows, &world->err));
    assert_int_equal(rows.count, 0);
    assert_durable(world, person_put(world, (struct person){.id = "u2", .username = "lady"}, 0, NULL));
    assert_failed(world, make(world, "lady", 3), IS(USERNAME_TAKEN));
    assert_made(world, "countess", 2);
}

// ---- Of two processes

static void the_newer_of_two_stays_whoever_comes_last(void **state)
{
    struct pair *pair = *state;
    assert_durable(&pair->b, make(&pair->b, "countess", 6));
    assert_durable(pair->a, make(pair->a, "ada", 5));
    assert_made(pair->a, "countess", 6);
}

static void a_removed_one_does_not_come_back(void **state)
{
    struct pair *pair = *state;
    assert_durable(&pair->b, unmake(&pair->b, 6)); // before it was there
    assert_durable(pair->a, make(pair->a, "ada", 5));
    assert_gone(pair->a);
    assert_durable(pair->a, make(pair->a, "ada", 7));
    assert_made(&pair->b, "ada", 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_has_the_version_that_is_given),
        TEST(an_older_one_is_not_written_and_fails_nothing),
        TEST(of_the_same_version_the_last_counts),
        TEST(one_of_an_older_program_is_replaced),
        TEST(indexes_follow),
    };
    const struct CMUnitTest two[] = {
        PAIR(the_newer_of_two_stays_whoever_comes_last),
        PAIR(a_removed_one_does_not_come_back),
    };
    return WORLD_RUN("store: made rows", tests) + WORLD_RUN_SHARED("store: made rows of two processes", two);
}
