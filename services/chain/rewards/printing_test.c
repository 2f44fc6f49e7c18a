// A god who wants cards and plays with nobody: months of it give nothing, and with friends no more than the
// limits.
#include "services/chain/testing/played.h"

enum { TABLE = 8, DAYS = 60, GAMES_A_DAY = 12, APART_MS = PLAYED_MS, LATE_GAMES = 60 };

static struct played *open_house(unsigned people, bool verified)
{
    struct played *played = malloc(sizeof *played);
    played_init(played, house_at(NULL), 0);
    for (unsigned i = 0; i < people; i++) played_know(played->house, i, verified);
    return played;
}

static void close_house(struct played *played)
{
    house_close(played->house);
    free(played);
}

// What all cards are worth, whoever has them: how many came into being.
static size_t count_cards(struct played *played)
{
    struct book_call b = {.chain = &played->house->chain, .arena = &played->house->arena};
    struct err err = {0};
    size_t count = 0;
    assert_true(book_begin_own(&b, played->house->now_ms, false, &err));
    for (uint32_t i = BOOK_FIRST_CARD; i < b.book->assets_count; i++)
        count += exchange_role(&b.book->exchange, i)->cards.count;
    book_end(&b);
    return count;
}

static void play_days(struct played *played, size_t guests)
{
    for (int day = 0; day < DAYS; day++) {
        for (int i = 0; i < GAMES_A_DAY; i++) {
            played_game(played, TABLE, guests);
            played->house->now_ms += APART_MS;
        }
        played->house->now_ms += MERIT_DAY_MS - (int64_t)GAMES_A_DAY * APART_MS;
    }
}

static void a_god_with_eight_guests_earns_nothing(void **state)
{
    (void)state;
    struct played *played = open_house(0, false);
    play_days(played, TABLE);
    assert_int_equal(count_cards(played), 0);
    close_house(played);
}

static void a_god_with_eight_fresh_accounts_earns_nothing(void **state)
{
    (void)state;
    struct played *played = open_house(TABLE, false);
    play_days(played, 0);
    assert_int_equal(count_cards(played), 0);
    close_house(played);
}

// They take the seats of guests over, each time with other accounts of nobody.
static void accounts_of_nobody_that_claim_earn_nothing(void **state)
{
    (void)state;
    struct played *played = open_house(TABLE, false);
    for (int i = 0; i < GAMES_A_DAY; i++) {
        played_game(played, TABLE, TABLE);
        for (unsigned place = 0; place < TABLE; place++) played_claim(played, place, place);
        played_say(played);
    }
    assert_int_equal(count_cards(played), 0);
    close_house(played);
}

static void a_god_with_eight_friends_is_bounded(void **state)
{
    (void)state;
    struct played *played = open_house(TABLE, true);
    play_days(played, 0);
    assert_int_equal(count_cards(played), DAYS * 3 * TABLE);
    for (unsigned i = 0; i < TABLE; i++) assert_int_equal(played_cards(played, i), DAYS * 3);
    close_house(played);
}

// One friend and seven guests: the friend's three a day, and no more when all the others' seats are claimed
// by the same one.
static void one_friend_is_one(void **state)
{
    (void)state;
    struct played *played = open_house(TABLE, false);
    played_know(played->house, TABLE - 1, true);
    play_days(played, TABLE - 1);
    assert_int_equal(count_cards(played), DAYS * 3);
    played->house->now_ms += MERIT_DAY_MS;
    played_game(played, TABLE, TABLE - 1);
    for (unsigned place = 0; place < TABLE - 1; place++) played_claim(played, place, TABLE - 1);
    played_say(played);
    assert_int_equal(count_cards(played), DAYS * 3 + 3);
    close_house(played);
}

// ---- Orders

static unsigned pick(uint32_t *seed, unsigned below)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % below;
}

static size_t count_days(const int64_t *days, size_t count)
{
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i; k++) is_new &= days[k] != days[i];
        distinct += is_new;
    }
    return distinct;
}

// One of the games is told of, perhaps days after its end, and perhaps twice.
static int64_t play_late(struct played *played, unsigned number, uint32_t *seed)
{
    const int64_t hour_ms = 3600 * 1000;
    played->house->now_ms += pick(seed, 12) * hour_ms;
    const int64_t late_ms = pick(seed, 60) * hour_ms;
    for (unsigned again = 0; again <= pick(seed, 2); again++) {
        played->number = number;
        played_begin(played, TABLE, 0);
        played->game.finished_ms -= late_ms;
        played->game.started_ms -= late_ms;
        played_tell(played);
    }
    return played->game.finished_ms / MERIT_DAY_MS;
}

static void no_order_gives_more_than_its_days(void **state)
{
    (void)state;
    for (uint32_t seed = 1, from = 1; from <= 20; seed = ++from) {
        struct played *played = open_house(TABLE, true);
        int64_t days[LATE_GAMES];
        for (unsigned i = 0; i < LATE_GAMES; i++) {
            days[i] = play_late(played, i, &seed);
            assert_true(played_cards(played, i % TABLE) <= 3 * count_days(days, i + 1));
        }
        assert_true(played_cards(played, 0) >= 3);
        close_house(played);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_god_with_eight_guests_earns_nothing),
        cmocka_unit_test(a_god_with_eight_fresh_accounts_earns_nothing),
        cmocka_unit_test(accounts_of_nobody_that_claim_earn_nothing),
        cmocka_unit_test(a_god_with_eight_friends_is_bounded),
        cmocka_unit_test(one_friend_is_one),
        cmocka_unit_test(no_order_gives_more_than_its_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
