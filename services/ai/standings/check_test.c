// What is stored follows from the games that are stored, and what does not is found.
#include "services/ai/standings/check.h"
#include "services/ai/testing/club.h"

enum { PEOPLE = 7, GUEST = 3 };

struct story {
    struct club *club;
    struct arena arena;
    struct store_entries page;
    Standings__Entry *entries[100];
};

static int set_up(void **state)
{
    struct story *story = *state = calloc(1, sizeof *story);
    struct club *club = story->club = club_at(NULL);
    struct err err = {0};
    for (int i = 0; i < 4; i++) club_play(club, PEOPLE);
    club_begin(club, PEOPLE);
    club_lock(club, false);
    club_tell(club);
    club_begin(club, PEOPLE);
    club_lock(club, true);
    club_begin(club, PEOPLE);
    club_make_guest(club, GUEST);
    club_tell(club);
    club_claim(club, GUEST, 30);
    club_tell(club);
    club_play(club, PEOPLE);
    arena_init(&story->arena, CLUB_ARENA);
    assert_true(store_read(club->ai.store, STANDINGS_STREAM, 1, 100, &story->arena, &story->page, &err));
    for (size_t i = 0; i < story->page.count; i++)
        story->entries[i] = standings__entry__unpack(&story->arena.allocator, story->page.entries[i].len,
                                                     story->page.entries[i].data);
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

// The number of the first entry that does not follow; 0: all do.
static uint64_t first_wrong(struct story *story)
{
    struct standings standings;
    uint64_t wrong = 0;
    standings_init(&standings);
    for (size_t i = 0; !wrong && i < story->page.count; i++) {
        struct err err = {0};
        const Standings__Entry *entry = story->entries[i];
        const Standings__Game *played = entry->body_case == STANDINGS__ENTRY__BODY_GUEST_CLAIMED
                                            ? story->entries[entry->guest_claimed->game - 1]->game
                                            : NULL;
        bool ok = check_entry(&standings, entry, played, &story->arena, &err) &&
                  standings_apply(&standings, i + 1, entry, &err);
        if (!ok) wrong = i + 1;
    }
    standings_finish(&standings);
    return wrong;
}

static uint64_t find_entry(const struct story *story, Standings__Entry__BodyCase kind)
{
    for (size_t i = story->page.count; i-- > 0;)
        if (story->entries[i]->body_case == kind) return i + 1;
    fail();
    return 0;
}

static void what_is_stored_follows_from_the_games(void **state) { assert_int_equal(first_wrong(*state), 0); }

static void each_number_of_a_game_is_looked_at(void **state)
{
    struct story *story = *state;
    uint64_t at = find_entry(story, STANDINGS__ENTRY__BODY_GAME);
    Standings__Game *game = story->entries[at - 1]->game;
    double *const numbers[] = {&game->scale,
                               &game->slope,
                               &game->players[0]->before->mu,
                               &game->players[1]->after->sigma,
                               &game->sides[0]->expected,
                               &game->sides[1]->chance,
                               &game->sides[1]->deviation,
                               &game->sides[0]->side_after->mu,
                               &game->sides[1]->deck_before->sigma};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const double was = *numbers[i];
        *numbers[i] += 1e-6;
        assert_int_equal(first_wrong(story), at);
        *numbers[i] = was;
    }
    game->sides[0]->won = !game->sides[0]->won;
    assert_int_equal(first_wrong(story), at);
}

static void coins_are_looked_at(void **state)
{
    struct story *story = *state;
    uint64_t at = find_entry(story, STANDINGS__ENTRY__BODY_GAME);
    Standings__Game__Player *player = story->entries[at - 1]->game->players[2];
    player->coins++;
    assert_int_equal(first_wrong(story), at);
    player->coins--;
    player->class_--;
    assert_int_equal(first_wrong(story), at);
    player->class_++;
    player->marks[1] += 1e-6;
    assert_int_equal(first_wrong(story), at);
    player->marks[1] -= 1e-6;
    player->part->kicked = true;
    assert_int_equal(first_wrong(story), at);
}

static void what_was_foretold_is_looked_at(void **state)
{
    struct story *story = *state;
    uint64_t at = find_entry(story, STANDINGS__ENTRY__BODY_FORETOLD) - 2; // the last one has no chances
    while (story->entries[at - 1]->body_case != STANDINGS__ENTRY__BODY_FORETOLD) at--;
    Standings__Foretold *told = story->entries[at - 1]->foretold;
    assert_int_equal(told->n_chances, 2);
    told->chances[0]->chance += 1e-6;
    assert_int_equal(first_wrong(story), at);
    told->chances[0]->chance -= 1e-6;
    told->n_chances--;
    assert_int_equal(first_wrong(story), at);
}

static void what_a_guest_left_is_looked_at(void **state)
{
    struct story *story = *state;
    uint64_t at = find_entry(story, STANDINGS__ENTRY__BODY_GUEST_CLAIMED);
    story->entries[at - 1]->guest_claimed->after->mu += 1e-6;
    assert_int_equal(first_wrong(story), at);
}

static void what_can_not_be_is_refused(void **state)
{
    struct story *story = *state;
    uint64_t at = find_entry(story, STANDINGS__ENTRY__BODY_GAME);
    Standings__Game *game = story->entries[at - 1]->game;
    const uint32_t was = game->players[0]->player;
    game->players[0]->player = 1000;
    assert_int_equal(first_wrong(story), at);
    game->players[0]->player = was;
    game->players[0]->side = 9;
    assert_int_equal(first_wrong(story), at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_stored_follows_from_the_games),
        TEST(each_number_of_a_game_is_looked_at),
        TEST(coins_are_looked_at),
        TEST(what_was_foretold_is_looked_at),
        TEST(what_a_guest_left_is_looked_at),
        TEST(what_can_not_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
