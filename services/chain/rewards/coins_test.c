// Coins for finished games: given once to whom the ledger rewards, whether ai or events is heard first.
#include "chain.pb-c.h"
#include "rewards.pb-c.h"
#include "services/chain/book/snapshot.h"
#include "services/chain/rewards/coins.h"
#include "services/chain/testing/played.h"

enum { PEOPLE = 6, GUEST = 0, CLAIMER = 20 };

struct story {
    struct played played;
    uint64_t told, generation; // entries of ai.rewards
};

static int set_up(void **state)
{
    struct story *story = *state = calloc(1, sizeof *story);
    story->generation = 1;
    played_init(&story->played, house_at(NULL), PEOPLE);
    return 0;
}

static int tear_down(void **state)
{
    struct story *story = *state;
    house_close(story->played.house);
    free(story);
    return 0;
}

// Of the game that is being told of: 200 coins for the first of its players, one more for each that follows.
static void hand_coins_over(struct story *story, struct bus_place place)
{
    static const double marks[] = {10, 10, 15, 5};
    struct err err = {0};
    struct arena arena;
    Rewards__GameRewards told = REWARDS__GAME_REWARDS__INIT;
    Rewards__Reward rewards[PLAYED_MOST], *list[PLAYED_MOST];
    Bus__Notice notice = BUS__NOTICE__INIT, *notices = &notice;
    told.event_id = story->played.event.text;
    told.finished_ms = story->played.game.finished_ms;
    told.formula = 1;
    told.model = 2;
    told.rewards = list;
    for (; told.n_rewards < story->played.game.n_players; told.n_rewards++) {
        Rewards__Reward *reward = list[told.n_rewards] = &rewards[told.n_rewards];
        rewards__reward__init(reward);
        reward->who = story->played.ids[told.n_rewards].text;
        reward->marks = (double *)marks;
        reward->n_marks = 4;
        reward->class_ = 4;
        reward->percent = 100;
        reward->coins = 200 + told.n_rewards;
    }
    arena_init(&arena, 1 << 20);
    notice.seq = place.seq;
    notice.payload.len = rewards__game_rewards__get_packed_size(&told);
    notice.payload.data = arena_alloc(&arena, notice.payload.len);
    rewards__game_rewards__pack(&told, notice.payload.data);
    const struct bus_batch batch = {.notices = &notices, .count = 1, .place = place};
    if (!coins_learn(&story->played.house->chain, &batch, story->played.house->now_ms, &err))
        fail_msg("%s", err.message);
    arena_finish(&arena);
}

static void offer(struct story *story)
{
    hand_coins_over(story, (struct bus_place){story->generation, ++story->told});
}

static int64_t coins_of(struct story *story, unsigned person)
{
    return house_balance(story->played.house, played_person(person).text);
}

static int64_t coins_of_all(struct story *story)
{
    int64_t coins = 0;
    for (unsigned i = 0; i < PEOPLE; i++) coins += coins_of(story, i);
    return coins;
}

enum { ALL = PEOPLE * 200 + PEOPLE * (PEOPLE - 1) / 2 };

static void restart(struct story *story)
{
    house_restart(story->played.house);
    played_settings(story->played.house);
}

// ---- Once

static void coins_come_behind_the_cards(void **state)
{
    struct story *story = *state;
    played_game(&story->played, PEOPLE, 0);
    assert_int_equal(coins_of_all(story), 0);
    offer(story);
    for (unsigned i = 0; i < PEOPLE; i++) assert_int_equal(coins_of(story, i), 200 + i);
}

static void coins_wait_for_the_cards(void **state)
{
    struct story *story = *state;
    played_begin(&story->played, PEOPLE, 0);
    offer(story);
    assert_int_equal(coins_of_all(story), 0);
    restart(story);
    played_tell(&story->played);
    assert_int_equal(coins_of_all(story), ALL);
}

static void nothing_is_given_twice(void **state)
{
    struct story *story = *state;
    played_game(&story->played, PEOPLE, 0);
    offer(story);
    offer(story); // told again
    hand_coins_over(story, (struct bus_place){story->generation, story->told});
    restart(story);
    played_say(&story->played);
    story->generation++; // ai's store was restored
    story->told = 0;
    offer(story);
    assert_int_equal(coins_of_all(story), ALL);
}

static void a_snapshot_has_what_waits(void **state)
{
    struct story *story = *state;
    struct err err = {0};
    struct book_snapshot snapshot;
    played_begin(&story->played, PEOPLE, 0);
    offer(story);
    struct chain *chain = &story->played.house->chain;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct book_call b = {.chain = chain, .arena = &arena};
    assert_true(book_begin_own(&b, story->played.house->now_ms, false, &err));
    assert_true(book_snapshot_take(b.book, &snapshot));
    book_end(&b);
    assert_true(book_snapshot_store(chain, &snapshot, &err));
    book_snapshot_drop(&snapshot);
    arena_finish(&arena);
    restart(story);
    played_tell(&story->played);
    assert_int_equal(coins_of_all(story), ALL);
}

// ---- Who gets none

static void who_gets_no_card_gets_no_coins(void **state)
{
    struct story *story = *state;
    played_know(story->played.house, CLAIMER, false); // who is nobody
    played_begin(&story->played, PEOPLE, 0);
    story->played.ids[1] = played_person(CLAIMER);
    story->played.players[2].attendance = EVENTS__ATTENDANCE__VALUE__ABSENT;
    offer(story);
    played_tell(&story->played);
    offer(story);
    assert_int_equal(coins_of(story, CLAIMER), 0);
    assert_int_equal(coins_of(story, 2), 0);
    assert_int_equal(coins_of(story, 3), 203);
}

static void a_game_that_was_none_gives_none(void **state)
{
    struct story *story = *state;
    played_begin(&story->played, PEOPLE, 0);
    story->played.game.started_ms = story->played.game.finished_ms;
    offer(story);
    played_tell(&story->played);
    offer(story);
    assert_int_equal(coins_of_all(story), 0);
}

static void a_day_has_so_many_games(void **state)
{
    struct story *story = *state;
    for (int i = 0; i < 5; i++) {
        played_game(&story->played, PEOPLE, 0);
        offer(story);
    }
    assert_int_equal(coins_of_all(story), 3 * ALL);
}

static void an_old_game_gives_none(void **state)
{
    struct story *story = *state;
    played_begin(&story->played, PEOPLE, 0);
    story->played.game.finished_ms -= MERIT_LATE_MS + 1;
    offer(story);
    played_tell(&story->played);
    assert_int_equal(coins_of_all(story), 0);
}

// ---- Guests

static void a_guest_gets_them_with_an_account(void **state)
{
    struct story *story = *state;
    struct played *played = &story->played;
    played_know(played->house, CLAIMER, true);
    played_begin(played, PEOPLE, 1);
    offer(story);
    played_tell(played);
    played_claim(played, GUEST, CLAIMER);
    played_say(played);
    assert_int_equal(coins_of(story, CLAIMER), 200);
    played_say(played);
    assert_int_equal(coins_of(story, CLAIMER), 200);
}

static void a_guest_waits_for_ai_too(void **state)
{
    struct story *story = *state;
    struct played *played = &story->played;
    played_know(played->house, CLAIMER, true);
    played_game(played, PEOPLE, 1);
    offer(story);
    played_claim(played, GUEST, CLAIMER);
    played_say(played);
    assert_int_equal(coins_of(story, CLAIMER), 200);
}

// ---- Shown

static void they_are_shown_with_what_made_them(void **state)
{
    struct story *story = *state;
    struct house *house = story->played.house;
    char request[96];
    played_game(&story->played, PEOPLE, 0);
    offer(story);
    snprintf(request, sizeof request, "{'event_id': '%s'}", story->played.event.text);
    const struct uuid first = played_person(0);
    const Chain__EventRewards *shown = house_must(house, first.text, "chain.GetEventRewards", request);
    assert_true(shown->judged);
    assert_int_equal(shown->n_coins, PEOPLE);
    const Chain__GivenCoins *given = shown->coins[0];
    assert_string_equal(given->user_id, first.text);
    assert_true(given->attendance == 10 && given->discipline == 15 && given->score == 5 &&
                given->factor == 1);
    assert_int_equal(given->class_, CHAIN__GIVEN_COINS__CLASS__D);
    assert_int_equal(given->coins, 200);
    assert_int_equal(given->formula, 1);
    assert_int_equal(given->model, 2);
    const uint64_t number = given->transaction_id;
    snprintf(request, sizeof request, "{'user_id': '%s'}", first.text);
    const Chain__ListTransactionsReply *own =
        house_must(house, first.text, "chain.ListTransactions", request);
    assert_true(own->transactions[0]->id == number);
    assert_int_equal(own->transactions[0]->kind, CHAIN__TRANSACTION__KIND__COINS_GIVEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(coins_come_behind_the_cards),
        TEST(coins_wait_for_the_cards),
        TEST(nothing_is_given_twice),
        TEST(a_snapshot_has_what_waits),
        TEST(who_gets_no_card_gets_no_coins),
        TEST(a_game_that_was_none_gives_none),
        TEST(a_day_has_so_many_games),
        TEST(an_old_game_gives_none),
        TEST(a_guest_gets_them_with_an_account),
        TEST(a_guest_waits_for_ai_too),
        TEST(they_are_shown_with_what_made_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
