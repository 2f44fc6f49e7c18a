// Blocks.
#include "services/auth/blocks.h"
#include "services/auth/testing/world.h"

static void *block(const char *user_id)
{
    Auth__BlockRequest request = AUTH__BLOCK_REQUEST__INIT;
    request.user_id = user_id;
    w.now_ms++;
    return ask("auth.BlockUser", &request);
}

static void *unblock(const char *user_id)
{
    Auth__BlockRequest request = AUTH__BLOCK_REQUEST__INIT;
    request.user_id = user_id;
    return ask("auth.UnblockUser", &request);
}

static Auth__ListBlocksReply *list(int page_size, const char *token)
{
    Auth__ListBlocksRequest request = AUTH__LIST_BLOCKS_REQUEST__INIT;
    request.page_size = page_size;
    request.page_token = token;
    return ask("auth.ListBlocks", &request);
}

static void who_is_blocked_is_listed_until_unblocked(void **state)
{
    (void)state;
    const char *lena = sign_up("lena", "")->id, *omid = sign_up("omid", "")->id;
    sign_up("mira", "");
    enter("mira");
    assert_non_null(block(lena));
    const int64_t since_ms = w.now_ms;
    assert_non_null(block(omid));
    assert_non_null(block(lena)); // once more
    const Auth__ListBlocksReply *blocks = list(0, "");
    assert_int_equal(blocks->n_blocks, 2);
    assert_string_equal(blocks->blocks[0]->user->username, "lena");
    assert_int_equal(stamp_ms(blocks->blocks[0]->created_at), since_ms);
    blocks = list(1, "");
    assert_int_equal(blocks->n_blocks, 1);
    assert_string_equal(list(1, blocks->next_page_token)->blocks[0]->user->id, omid);
    assert_non_null(unblock(lena));
    assert_non_null(unblock(lena));
    assert_int_equal(list(0, "")->n_blocks, 1);
    enter("lena");
    assert_int_equal(list(0, "")->n_blocks, 0); // nobody's but one's own
}

static void who_seats_people_together_hears_who_blocked_whom_of_them(void **state)
{
    (void)state;
    const char *lena = sign_up("lena", "")->id, *omid = sign_up("omid", "")->id;
    const char *mira = sign_up("mira", "")->id, *asked[] = {omid, mira};
    Auth__FindBlocksRequest request = AUTH__FIND_BLOCKS_REQUEST__INIT;
    request.user_ids = asked;
    request.n_user_ids = 2;
    enter("mira");
    assert_non_null(block(lena));
    const Auth__FindBlocksReply *blocks = ask("auth.FindBlocks", &request);
    assert_int_equal(blocks->n_pairs, 0); // lena is not among them
    assert_non_null(block(omid));
    blocks = ask("auth.FindBlocks", &request);
    assert_int_equal(blocks->n_pairs, 1);
    assert_string_equal(blocks->pairs[0]->user_id, mira);
    assert_string_equal(blocks->pairs[0]->blocked_id, omid);
}

static void only_others_that_there_are_can_be_blocked(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id;
    enter("mira");
    refused(block(mira), "INVALID_FIELD");
    refused(block("01890000-0000-7000-8000-000000000999"), "NOT_FOUND");
    assert_non_null(unblock("01890000-0000-7000-8000-000000000999"));
}

static bool block_from(const char *user_id, const char *blocked_id)
{
    struct arena arena;
    arena_init(&arena, 4 << 20);
    bool ok = block_set(&w.auth, user_id, blocked_id, &arena, w.now_ms, &w.err);
    arena_finish(&arena);
    return ok;
}

static void one_person_blocks_a_thousand_others(void **state)
{
    (void)state;
    static const char one_more[] = "01890000-0000-7000-8000-000000009999";
    const char *mira = sign_up("mira", "")->id;
    char id[40];
    for (int i = 0; i < BLOCKS_MOST; i++) {
        snprintf(id, sizeof id, "01890000-0000-7000-8000-%012d", i);
        assert_true(block_from(mira, id));
    }
    assert_false(block_from(mira, one_more));
    assert_string_equal(err_name(&w.err), "LIMIT_REACHED");
    assert_true(block_from(mira, id)); // is there already
    assert_true(block_remove(&w.auth, mira, id, &w.arena, &w.err));
    assert_true(block_from(mira, one_more));
}

static void a_person_is_forgotten_on_both_sides(void **state)
{
    (void)state;
    const char *lena = sign_up("lena", "")->id, *mira = sign_up("mira", "")->id,
               *omid = sign_up("omid", "")->id;
    enter("lena");
    assert_non_null(block(mira));
    assert_non_null(block(omid));
    enter("mira");
    assert_non_null(block(lena));
    assert_true(blocks_forget(&w.auth, mira, &w.err));
    assert_int_equal(list(0, "")->n_blocks, 0);
    enter("lena");
    assert_int_equal(list(0, "")->n_blocks, 1);
    assert_string_equal(list(0, "")->blocks[0]->user->id, omid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_is_blocked_is_listed_until_unblocked),
        TEST(who_seats_people_together_hears_who_blocked_whom_of_them),
        TEST(only_others_that_there_are_can_be_blocked),
        TEST(one_person_blocks_a_thousand_others),
        TEST(a_person_is_forgotten_on_both_sides),
    };
    return RUN(tests);
}
