// What finished games give on the ledger: cards, to whom, once; and what they do not give.
#include "chain.pb-c.h"
#include "services/chain/testing/played.h"

enum { PEOPLE = 6 };

static int set_up(void **state)
{
    struct played *played = *state = malloc(sizeof *played);
    played_init(played, house_at(NULL), PEOPLE);
    return 0;
}

static int tear_down(void **state)
{
    struct played *played = *state;
    house_close(played->house);
    free(played);
    return 0;
}

static size_t cards_of_all(struct played *played)
{
    size_t cards = 0;
    for (unsigned i = 0; i < PEOPLE; i++) cards += played_cards(played, i);
    return cards;
}

static void restart_house(struct played *played)
{
    house_restart(played->house);
    played_settings(played->house);
}

// ---- Once

static void everybody_gets_the_card_that_they_held(void **state)
{
    struct played *played = *state;
    played_game(played, PEOPLE, 0);
    for (unsigned i = 0; i < PEOPLE; i++) {
        const Chain__ListCardsReply *reply =
            house_must(played->house, played_person(i).text, "chain.ListCards", "{}");
        assert_int_equal(reply->n_cards, 1);
        assert_string_equal(reply->cards[0]->role_id, i % 2 ? ROLE_TWO : ROLE_ONE);
        assert_string_equal(reply->cards[0]->event_id, played->event.text);
    }
}

static void a_card_shows_that_it_was_dealt(void **state)
{
    struct played *played = *state;
    char request[96];
    played_game(played, PEOPLE, 0);
    const struct uuid who = played_person(1);
    const Chain__ListCardsReply *own = house_must(played->house, who.text, "chain.ListCards", "{}");
    uint64_t number = own->cards[0]->transaction_id;
    snprintf(request, sizeof request, "{'user_id': '%s'}", who.text);
    const Chain__ListTransactionsReply *reply =
        house_must(played->house, who.text, "chain.ListTransactions", request);
    const Chain__CardOrigin *origin = reply->transactions[0]->card;
    assert_true(reply->transactions[0]->id == number && origin->number == 1);
    assert_string_equal(origin->event_id, played->event.text);
    assert_memory_equal(origin->deal->root.data, &played->root, MERKLE_HASH_BYTES);
    assert_int_equal(origin->deal->index, 1);
    assert_int_equal(origin->deal->n_siblings, played->paths[1].count);
}

static void a_game_is_rewarded_once(void **state)
{
    struct played *played = *state;
    played_game(played, PEOPLE, 0);
    played_say(played); // told again
    restart_house(played);
    played_say(played);
    assert_int_equal(cards_of_all(played), PEOPLE);
}

// Whose store was restored tells all from its first entry.
static void a_stream_that_begins_anew_gives_nothing_again(void **state)
{
    struct played *played = *state;
    played_game(played, PEOPLE, 0);
    played->generation++;
    played->told = 0;
    played_say(played);
    assert_int_equal(cards_of_all(played), PEOPLE);
    played_game(played, PEOPLE, 0);
    assert_int_equal(cards_of_all(played), 2 * PEOPLE);
}

static void what_was_read_is_not_read_again(void **state)
{
    struct played *played = *state;
    struct err err = {0};
    played_game(played, PEOPLE, 0);
    played_begin(played, PEOPLE, 0); // another game under the same number
    played_deal(played);
    assert_true(played_hand_over(played, (struct bus_place){1, played->told}, &err));
    assert_int_equal(cards_of_all(played), PEOPLE);
}

static void a_game_that_earned_nothing_earns_nothing_later(void **state)
{
    struct played *played = *state;
    played_know(played->house, 20, false);
    played_begin(played, 5, 0);
    for (unsigned i = 0; i < 5; i++) played->ids[i] = played_person(20);
    played_tell(played);
    played_know(played->house, 20, true); // a moment too late
    played_say(played);
    assert_int_equal(played_cards(played, 20), 0);
}

// Nobody remembers whether it was.
static void an_old_game_is_judged_no_more(void **state)
{
    struct played *played = *state;
    const int64_t now_ms = played->house->now_ms;
    played_game(played, PEOPLE, 0);
    played->house->now_ms += MERIT_KNOWN_MS;
    played_game(played, PEOPLE, 0); // which has the other one forgotten
    assert_int_equal(cards_of_all(played), 2 * PEOPLE);
    played->number -= 2;
    played_begin(played, PEOPLE, 0);
    played->game.finished_ms = now_ms;
    played->game.started_ms = now_ms - PLAYED_MS;
    played_tell(played);
    assert_int_equal(cards_of_all(played), 2 * PEOPLE);
}

// ---- Who gets none

static void who_did_not_hold_the_role_to_the_end_gets_none(void **state)
{
    struct played *played = *state;
    played_begin(played, PEOPLE, 0);
    played->players[0].statuses = 1U << EVENTS__STATUS__VALUE__KICKED;
    played->players[1].statuses = 1U << EVENTS__STATUS__VALUE__EXITED;
    played->players[2].statuses = 1U << EVENTS__STATUS__VALUE__DEAD;
    played->players[3].role = 3 - played->players[3].dealt_role;
    played->players[4].attendance = EVENTS__ATTENDANCE__VALUE__LATE;
    played_tell(played);
    assert_int_equal(played_cards(played, 0) + played_cards(played, 1) + played_cards(played, 3), 0);
    assert_int_equal(played_cards(played, 2) + played_cards(played, 4), 2); // the dead hold it too
}

static void who_was_not_there_gets_none(void **state)
{
    struct played *played = *state;
    played_begin(played, PEOPLE, 0);
    played->players[2].attendance = EVENTS__ATTENDANCE__VALUE__ABSENT;
    played_tell(played);
    assert_int_equal(played_cards(played, 2), 0);
    assert_int_equal(cards_of_all(played), PEOPLE - 1);
    played_begin(played, PEOPLE, 0);
    for (unsigned i = 0; i < 2; i++)
        played->players[i].attendance = EVENTS__ATTENDANCE__VALUE__ATTENDANCE_UNSPECIFIED;
    played_tell(played); // four were there
    assert_int_equal(cards_of_all(played), PEOPLE - 1);
}

static void a_card_that_is_not_proved_is_none(void **state)
{
    struct played *played = *state;
    played_begin(played, PEOPLE, 0);
    played_deal(played);
    played->salts[0][0] ^= 1;
    played->proofs[1].index = 5;
    played->players[2].proof = NULL;
    played->players[3].dealt_role = played->players[3].role = 3 - played->players[3].role;
    played->proofs[4].n_siblings--;
    played_say(played);
    assert_int_equal(cards_of_all(played), 1);
    assert_int_equal(played_cards(played, 5), 1);
    played_begin(played, PEOPLE, 0); // of an older program, which proved nothing
    played_say(played);
    assert_int_equal(cards_of_all(played), 1);
}

// Neither who is nobody, nor who is no more.
static void who_is_not_verified_gets_none(void **state)
{
    struct played *played = *state;
    const struct uuid wallet = played_person(1), gone = played_person(2), unknown = played_person(99);
    house_teach(played->house, (struct name_news){.user_id = wallet.text,
                                                  .name = "person1",
                                                  .wallet = "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T"});
    house_teach(played->house, (struct name_news){.user_id = gone.text, .name = "deleted", .deleted = true});
    played_know(played->house, 3, false);
    played_begin(played, PEOPLE, 0);
    played->ids[5] = unknown;
    played_tell(played);
    assert_int_equal(played_cards(played, 0) + played_cards(played, 1) + played_cards(played, 4), 3);
    assert_int_equal(played_cards(played, 3) + played_cards(played, 5), 0);
    assert_int_equal(cards_of_all(played), 3);
}

// ---- Days

static void three_games_of_a_day_count(void **state)
{
    struct played *played = *state;
    for (int i = 0; i < 5; i++) played_game(played, PEOPLE, 0);
    assert_int_equal(played_cards(played, 0), 3);
    restart_house(played);
    played_game(played, PEOPLE, 0);
    assert_int_equal(played_cards(played, 0), 3);
    played->house->now_ms += MERIT_DAY_MS;
    played_game(played, PEOPLE, 0);
    assert_int_equal(played_cards(played, 0), 4);
}

// A game of before comes late, or its clock was ahead: the day is not begun again.
static void no_day_is_begun_twice(void **state)
{
    struct played *played = *state;
    for (int i = 0; i < 3; i++) played_game(played, PEOPLE, 0);
    played_begin(played, PEOPLE, 0);
    played->game.finished_ms += MERIT_AHEAD_MS;
    played_tell(played);
    played_begin(played, PEOPLE, 0);
    played->game.finished_ms -= MERIT_DAY_MS;
    played->game.started_ms -= MERIT_DAY_MS;
    played_tell(played);
    assert_int_equal(played_cards(played, 0), 3);
}

static void five_games_of_a_god_count(void **state)
{
    enum { OTHERS = 30 };
    struct played *played = *state;
    for (unsigned i = PEOPLE; i < OTHERS + 5; i++) played_know(played->house, i, true);
    for (unsigned game = 0; game < 6; game++) { // five others each time
        played_begin(played, 5, 0);
        for (unsigned i = 0; i < 5; i++) played->ids[i] = played_person(5 + game * 5 + i);
        played_tell(played);
    }
    assert_int_equal(played_cards(played, 5) + played_cards(played, 29), 2);
    assert_int_equal(played_cards(played, 30), 0);
    played_begin(played, 5, 0);
    for (unsigned i = 0; i < 5; i++) played->ids[i] = played_person(30 + i);
    played->game.god_id = BOB; // another god's
    played_tell(played);
    assert_int_equal(played_cards(played, 30), 1);
}

// ---- Guests

static void a_guests_card_waits_for_an_account(void **state)
{
    struct played *played = *state;
    played_game(played, PEOPLE, 1);
    assert_int_equal(cards_of_all(played), PEOPLE - 1);
    restart_house(played);
    played_claim(played, 0, 0);
    played_say(played);
    played_say(played);
    assert_int_equal(played_cards(played, 0), 1);
    assert_int_equal(cards_of_all(played), PEOPLE);
}

static void a_guests_card_waits_for_thirty_days(void **state)
{
    struct played *played = *state;
    played_game(played, PEOPLE, 2);
    played->house->now_ms += MERIT_HELD_MS - 1;
    played_claim(played, 0, 0);
    played_say(played);
    assert_int_equal(played_cards(played, 0), 1);
    played->house->now_ms++;
    played_claim(played, 1, 1);
    played_say(played);
    assert_int_equal(played_cards(played, 1), 0);
    played_game(played, PEOPLE, 0); // which has the others forgotten
    assert_int_equal(played_cards(played, 1), 1);
}

static void a_guests_card_goes_to_nobody_else(void **state)
{
    struct played *played = *state;
    played_know(played->house, 20, false);
    played_game(played, PEOPLE, 2);
    played_claim(played, 0, 20); // who is nobody
    played_say(played);
    played_know(played->house, 20, true);
    played_say(played);
    assert_int_equal(played_cards(played, 20), 0);
    for (int i = 0; i < 2; i++) played_game(played, PEOPLE, 0);
    assert_int_equal(played_cards(played, 1), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everybody_gets_the_card_that_they_held),
        TEST(a_card_shows_that_it_was_dealt),
        TEST(a_game_is_rewarded_once),
        TEST(a_stream_that_begins_anew_gives_nothing_again),
        TEST(what_was_read_is_not_read_again),
        TEST(a_game_that_earned_nothing_earns_nothing_later),
        TEST(an_old_game_is_judged_no_more),
        TEST(who_did_not_hold_the_role_to_the_end_gets_none),
        TEST(who_was_not_there_gets_none),
        TEST(a_card_that_is_not_proved_is_none),
        TEST(who_is_not_verified_gets_none),
        TEST(three_games_of_a_day_count),
        TEST(no_day_is_begun_twice),
        TEST(five_games_of_a_god_count),
        TEST(a_guests_card_waits_for_an_account),
        TEST(a_guests_card_waits_for_thirty_days),
        TEST(a_guests_card_goes_to_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
