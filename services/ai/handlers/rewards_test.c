// Coins for finished games: what is told of them to chain, and the classes that follow from the games.
#include <math.h>

#include "rewards.pb-c.h"
#include "services/ai/standings/check.h"
#include "services/ai/testing/club.h"

enum { PEOPLE = 6, GUEST = 3, MANY = 12 };

struct story {
    struct club *club;
    struct arena arena; // of what was told
};

static int set_up(void **state)
{
    struct story *story = *state = calloc(1, sizeof *story);
    story->club = club_at(NULL);
    arena_init(&story->arena, CLUB_ARENA);
    return 0;
}

static int tear_down(void **state)
{
    struct story *story = *state;
    club_close(story->club);
    arena_finish(&story->arena);
    free(story);
    return 0;
}

// Marks differ: the god's, and how many phases they saw.
static void play(struct club *club, unsigned count)
{
    club_begin(club, count);
    club->game.polls = 4;
    for (unsigned i = 0; i < count; i++) {
        club->players[i].scored = true;
        club->players[i].score = (int32_t)((i * 41 + club->number * 7) % 256);
        club->players[i].polls_voted = (int32_t)((i + club->number) % 5);
    }
}

static uint64_t head_of(struct club *club)
{
    uint64_t head;
    struct err err = {0};
    assert_true(store_head(club->ai.store, STANDINGS_STREAM, &head, &err));
    return head;
}

static const Bus__ReadReply *read_rewards(struct story *story, uint64_t from, Conse__Asker__Value asker)
{
    struct club *club = story->club;
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    arena_reset(&story->arena);
    request.stream = STANDINGS_REWARDS;
    request.from = from;
    request.limit = 100;
    struct rpc_call call = {
        .arena = &story->arena, .service = &club->ai, .asker = asker, .now_ms = club->now_ms};
    club->err = (struct err){0};
    return (const void *)rpc_run_here(&call, ai_methods, "ai.feed.Read", &request.base, &club->err);
}

// What is told of the game that was taken in last.
static const Rewards__GameRewards *newest_rewards(struct story *story)
{
    const Bus__ReadReply *reply = read_rewards(story, 1, CONSE__ASKER__VALUE__CHAIN);
    assert_non_null(reply);
    for (size_t i = reply->n_notices; i-- > 0;) {
        const Rewards__GameRewards *told = rewards__game_rewards__unpack(
            &story->arena.allocator, reply->notices[i]->payload.len, reply->notices[i]->payload.data);
        assert_non_null(told);
        assert_int_equal(reply->notices[i]->seq, i + 1);
        if (*told->event_id) return told;
    }
    fail();
    return NULL;
}

static void chain_is_told_who_gets_what(void **state)
{
    struct story *story = *state;
    play(story->club, PEOPLE);
    club_make_guest(story->club, GUEST);
    club_tell(story->club);
    const Rewards__GameRewards *told = newest_rewards(story);
    assert_string_equal(told->event_id, story->club->event.text);
    assert_int_equal(told->n_rewards, PEOPLE);
    assert_int_equal(told->formula, 1);
    assert_int_equal(told->model, 0);
    for (size_t i = 0; i < PEOPLE; i++) {
        const Rewards__Reward *reward = told->rewards[i];
        double sum = 0;
        assert_string_equal(reward->who, story->club->ids[i].text);
        assert_int_equal(reward->n_marks, 4);
        for (size_t k = 0; k < 4; k++) sum += reward->marks[k];
        assert_int_equal(reward->class_, 6); // before there are classes
        assert_int_equal(reward->coins, (uint64_t)fmax(100, round(5 * sum)));
    }
}

static void who_was_not_there_gets_nothing(void **state)
{
    struct story *story = *state;
    play(story->club, PEOPLE);
    story->club->players[2].attendance = EVENTS__ATTENDANCE__VALUE__ABSENT;
    club_tell(story->club);
    const Rewards__GameRewards *told = newest_rewards(story);
    assert_int_equal(told->n_rewards, PEOPLE - 1);
    for (size_t i = 0; i < told->n_rewards; i++)
        assert_string_not_equal(told->rewards[i]->who, story->club->ids[2].text);
}

static void nobody_is_told_of_an_account_that_is_gone(void **state)
{
    struct story *story = *state;
    struct err err = {0};
    play(story->club, PEOPLE);
    club_tell(story->club);
    assert_true(games_forget(story->club->ai.games, club_person(1).text, story->club->now_ms, &err));
    const Rewards__GameRewards *told = newest_rewards(story);
    assert_int_equal(told->n_rewards, PEOPLE - 1);
    for (size_t i = 0; i < told->n_rewards; i++)
        assert_string_not_equal(told->rewards[i]->who, club_person(1).text);
}

static void nobody_but_chain_and_operators_reads_it(void **state)
{
    struct story *story = *state;
    play(story->club, PEOPLE);
    club_tell(story->club);
    assert_null(read_rewards(story, 1, CONSE__ASKER__VALUE__GATEWAY));
    assert_non_null(read_rewards(story, 1, CONSE__ASKER__VALUE__OPERATOR));
}

// Behind every thousandth game; then marks have classes, and the better ones more coins.
static void classes_follow_from_a_thousand_games(void **state)
{
    struct story *story = *state;
    struct club *club = story->club;
    struct err err = {0};
    for (unsigned i = 0; i < CLASSES_EVERY; i++) {
        play(club, MANY);
        club_tell(club);
    }
    const uint64_t head = head_of(club);
    club_expect_equal_bytes(club);
    club_restart(club);
    play(club, MANY);
    club_tell(club);
    assert_int_equal(head_of(club), head + 2); // the game, and the place
    assert_true(board_read_on(club->ai.board, &err));
    const struct standings *standings = board_hold(club->ai.board);
    assert_int_equal(standings->classes.version, 1);
    assert_int_equal(standings->classes.fitted, CLASSES_ROWS);
    board_release(club->ai.board);
    club_expect_equal_bytes(club);
}

static void a_model_that_does_not_follow_is_found(void **state)
{
    struct story *story = *state;
    struct club *club = story->club;
    struct err err = {0};
    for (unsigned i = 0; i < CLASSES_EVERY; i++) {
        play(club, PEOPLE);
        club_tell(club);
    }
    struct standings standings;
    struct store_entries page;
    uint64_t models = 0;
    standings_init(&standings);
    for (uint64_t head = head_of(club); standings.seq < head;) {
        arena_reset(&story->arena);
        assert_true(
            store_read(club->ai.store, STANDINGS_STREAM, standings.seq + 1, 1, &story->arena, &page, &err));
        Standings__Entry *entry =
            standings__entry__unpack(&story->arena.allocator, page.entries[0].len, page.entries[0].data);
        if (entry->body_case == STANDINGS__ENTRY__BODY_MODEL_FITTED) {
            models++;
            entry->model_fitted->centroids[3] += 1e-6;
            assert_false(check_entry(&standings, entry, NULL, &story->arena, &err));
            entry->model_fitted->centroids[3] -= 1e-6;
            assert_true(check_entry(&standings, entry, NULL, &story->arena, &err));
        }
        assert_true(standings_apply(&standings, standings.seq + 1, entry, &err));
    }
    assert_int_equal(models, 1);
    standings_finish(&standings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(chain_is_told_who_gets_what),
        TEST(who_was_not_there_gets_nothing),
        TEST(nobody_is_told_of_an_account_that_is_gone),
        TEST(nobody_but_chain_and_operators_reads_it),
        TEST(classes_follow_from_a_thousand_games),
        TEST(a_model_that_does_not_follow_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
