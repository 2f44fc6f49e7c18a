// Forecasts of events that are not locked: by the ratings of who has a seat, whoever is dealt what; players
// are for who leads the event alone.
#include "services/ai/handlers/event_forecast.h"

#include <math.h>

#include "services/ai/testing/club.h"

#define SEER "01890000-0000-7000-8000-000000000071"
#define HUNTER "01890000-0000-7000-8000-000000000072"
#define WOLF "01890000-0000-7000-8000-000000000073"

enum { PEOPLE = 8, WAITING = 2, QUEUE = 10, ROLES = 3, STRONG = 5 }; // of the queue two have played

struct story {
    struct club *club;
    struct arena arena;
    Events__Event event;
    Events__Player players[PEOPLE], *player_list[PEOPLE];
    Events__Deck deck;
    Events__DeckCard cards[ROLES], *card_list[ROLES];
    Events__ListWaitlistReply waitlist;
    Events__Waiting waiting[QUEUE], *waiting_list[QUEUE];
    struct uuid ids[PEOPLE + QUEUE];
    Ai__EventForecast reply;
    struct err err;
};

static void seat_people(struct story *story)
{
    for (unsigned i = 0; i < PEOPLE + QUEUE; i++) story->ids[i] = club_person(i);
    for (unsigned i = 0; i < PEOPLE; i++) {
        events__player__init(story->player_list[i] = &story->players[i]);
        story->players[i].user_id = story->players[i].account_id = story->ids[i].text;
    }
    for (unsigned i = 0; i < QUEUE; i++) {
        events__waiting__init(story->waiting_list[i] = &story->waiting[i]);
        story->waiting[i].user_id = story->ids[PEOPLE + i].text;
    }
    events__list_waitlist_reply__init(&story->waitlist);
    story->waitlist.waitlist = story->waiting_list;
    story->waitlist.n_waitlist = WAITING;
}

static void set_card(struct story *story, int at, const char *role, const char *side, int copies)
{
    events__deck_card__init(story->card_list[at] = &story->cards[at]);
    story->cards[at].role_id = role;
    story->cards[at].side_id = side;
    story->cards[at].copies = copies;
}

static int set_up(void **state)
{
    struct story *story = *state = calloc(1, sizeof *story);
    if (!story) _exit(1);
    story->club = club_at(NULL);
    arena_init(&story->arena, CLUB_ARENA);
    seat_people(story);
    events__event__init(&story->event);
    story->event.id = "01890000-0000-7000-8000-000000000e01";
    story->event.deck_id = DECK;
    story->event.state = EVENTS__EVENT__STATE__OPEN;
    story->event.players = story->player_list;
    story->event.n_players = PEOPLE;
    story->event.min_players = 5;
    events__deck__init(&story->deck);
    set_card(story, 0, WOLF, WOLVES, 2);
    set_card(story, 1, SEER, TOWN, 1);
    set_card(story, 2, HUNTER, TOWN, 7);
    story->deck.cards = story->card_list;
    story->deck.n_cards = ROLES;
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

static const Ai__EventForecast *forecast(struct story *story, bool leads)
{
    const struct event_shown shown = {&story->event, &story->deck, leads ? &story->waitlist : NULL};
    Rpc__Caller who = RPC__CALLER__INIT;
    struct rpc_call call = {
        .arena = &story->arena, .service = &story->club->ai, .caller = &who, .now_ms = story->club->now_ms};
    arena_reset(&story->arena);
    ai__event_forecast__init(&story->reply);
    story->err = (struct err){0};
    if (!board_read_on(story->club->ai.board, &story->err) ||
        !event_forecast_fill(&call, &shown, &story->reply, &story->err))
        fail_msg("%s", story->err.message);
    return &story->reply;
}

static double sum_of(const Ai__EventForecast *reply)
{
    double sum = 0;
    for (size_t i = 0; i < reply->n_sides; i++) sum += reply->sides[i]->chance;
    return sum;
}

// Games of these people, of whom each is a wolf now and then; `role` is that of the first wolf.
static void play(struct story *story, int games, bool wolves_win)
{
    struct club *club = story->club;
    for (int i = 0; i < games; i++) {
        club_begin(club, PEOPLE + WAITING);
        for (unsigned k = 0; k < PEOPLE + WAITING; k++) club->players[k].side = (k + (unsigned)i) % 5 ? 2 : 1;
        club->winners[0] = wolves_win ? WOLVES : TOWN;
        club_tell(club);
    }
}

static void newcomers_are_even_and_all_is_prior(void **state)
{
    const Ai__EventForecast *reply = forecast(*state, false);
    assert_int_equal(reply->n_sides, 2);
    assert_string_equal(reply->sides[0]->side_id, WOLVES);
    for (size_t i = 0; i < 2; i++) {
        assert_true(fabs(reply->sides[i]->chance - 0.5) < 1e-9);
        assert_true(reply->sides[i]->low < 0.5 && reply->sides[i]->high > 0.5);
        assert_true(reply->sides[i]->side_is_prior && reply->sides[i]->deck_is_prior);
    }
    assert_true(reply->players == PEOPLE && reply->newcomers == PEOPLE);
    assert_int_equal(reply->n_swaps + reply->n_seated, 0);
}

static void who_is_missing_is_taken_for_a_newcomer(void **state)
{
    struct story *story = *state;
    story->event.n_players = 2;
    const Ai__EventForecast *reply = forecast(story, true);
    assert_true(reply->players == 5 && reply->newcomers == 5 && reply->n_seated == 2);
    story->event.n_players = 0;
    assert_int_equal(forecast(story, true)->players, 5);
}

static void a_side_that_won_is_likely_to_win(void **state)
{
    struct story *story = *state;
    play(story, 30, false);
    const Ai__EventForecast *reply = forecast(story, false);
    assert_true(reply->sides[1]->chance > 0.6 && fabs(sum_of(reply) - 1) < 1e-9);
    assert_true(reply->sides[1]->games == 30 && reply->sides[1]->deck_games == 30);
    assert_false(reply->sides[1]->side_is_prior || reply->sides[1]->deck_is_prior);
    assert_int_equal(reply->newcomers, 0);
}

static void it_is_the_same_whenever_it_is_asked(void **state)
{
    struct story *story = *state;
    play(story, 10, true);
    const double first = forecast(story, false)->sides[0]->chance;
    assert_true(forecast(story, true)->sides[0]->chance == first);
}

static void players_are_for_who_leads(void **state)
{
    struct story *story = *state;
    play(story, 5, false);
    story->players[3].account_id = "";
    assert_int_equal(forecast(story, false)->n_seated, 0);
    const Ai__EventForecast *reply = forecast(story, true);
    assert_int_equal(reply->n_seated, PEOPLE - 1); // a guest is nobody's
    assert_string_equal(reply->seated[0]->user_id, story->ids[0].text);
    assert_int_equal(reply->seated[0]->games, 5);
    assert_true(reply->seated[0]->rating->mu == club_belief(story->club, 0).mu);
}

static void whose_rating_is_hidden_is_not_named(void **state)
{
    struct story *story = *state;
    play(story, 5, false);
    club_opt_out(story->club, 2, NAMES_NO_RATING);
    const Ai__EventForecast *reply = forecast(story, true);
    assert_int_equal(reply->n_seated, PEOPLE - 1);
    for (size_t i = 0; i < reply->n_seated; i++)
        assert_string_not_equal(reply->seated[i]->user_id, story->ids[2].text);
    assert_int_equal(reply->newcomers, 1);
}

// Of a story in which somebody else did what the hidden one has done, everything else is the same.
static ProtobufCBinaryData told_of_a_hidden_one(bool played, bool leads, struct arena *into)
{
    void *state;
    assert_int_equal(set_up(&state), 0);
    struct story *story = state;
    const unsigned hidden = played ? STRONG : PEOPLE + WAITING, waits = PEOPLE;
    for (int i = 0; i < 40; i++) {
        club_begin(story->club, PEOPLE + WAITING);
        story->club->ids[STRONG] = club_person(hidden);
        story->club->ids[waits] = club_person(played ? waits : PEOPLE + WAITING + 1);
        for (unsigned k = 0; k < PEOPLE + WAITING; k++)
            story->club->players[k].side = (k + (unsigned)i) % 3 ? 2 : 1;
        const unsigned best = i % 4 ? STRONG : waits;
        story->club->winners[0] = story->club->sides[story->club->players[best].side - 1];
        club_tell(story->club);
    }
    club_opt_out(story->club, STRONG, NAMES_NO_RATING);
    club_opt_out(story->club, waits, NAMES_NO_RATING);
    const Ai__EventForecast *reply = forecast(story, leads);
    ProtobufCBinaryData bytes = {ai__event_forecast__get_packed_size(reply), NULL};
    bytes.data = arena_alloc(into, bytes.len);
    ai__event_forecast__pack(reply, bytes.data);
    tear_down(&state);
    return bytes;
}

static void chances_tell_nothing_of_whose_rating_is_hidden(void **state)
{
    struct story *story = *state;
    for (int leads = 0; leads < 2; leads++) {
        const ProtobufCBinaryData one = told_of_a_hidden_one(false, leads, &story->arena);
        const ProtobufCBinaryData other = told_of_a_hidden_one(true, leads, &story->arena);
        assert_true(one.len > 0 && one.len == other.len);
        assert_memory_equal(one.data, other.data, one.len);
    }
}

// As the event names them, they have the guest's id.
static void who_took_a_guests_seat_over_is_rated_as_themselves(void **state)
{
    struct story *story = *state;
    play(story, 30, false);
    const double chance = forecast(story, false)->sides[1]->chance;
    story->players[4].user_id = "01890000-0000-7000-8000-00000000beef";
    const Ai__EventForecast *reply = forecast(story, true);
    assert_true(reply->newcomers == 0 && reply->sides[1]->chance == chance);
    assert_int_equal(reply->n_seated, PEOPLE);
    assert_string_equal(reply->seated[4]->user_id, story->ids[4].text);
    assert_int_equal(reply->seated[4]->games, 30);
}

// One plays far better than the others: where they sit, deals are uneven.
static void make_one_strong(struct story *story)
{
    struct club *club = story->club;
    unsigned short seed[3] = {2, 7, 1};
    for (int i = 0; i < 60; i++) {
        club_begin(club, PEOPLE + WAITING);
        for (unsigned k = 0; k < PEOPLE + WAITING; k++) club->players[k].side = erand48(seed) < 0.5 ? 1 : 2;
        club->winners[0] = club->sides[club->players[STRONG].side - 1];
        club_tell(club);
    }
}

static void somebody_who_waits_makes_it_more_even(void **state)
{
    struct story *story = *state;
    make_one_strong(story);
    assert_int_equal(forecast(story, false)->n_swaps, 0);
    const Ai__EventForecast *reply = forecast(story, true);
    assert_true(reply->n_swaps > 0 && reply->n_swaps <= 3);
    for (size_t i = 0; i < reply->n_swaps; i++) {
        assert_int_equal(reply->swaps[i]->kind, AI__EVENT_SWAP__KIND__PLAYER);
        assert_int_equal(reply->swaps[i]->n_chances_after, 2);
        assert_true(fabs(reply->swaps[i]->chances_after[0] + reply->swaps[i]->chances_after[1] - 1) < 1e-9);
    }
    assert_string_equal(reply->swaps[0]->out_id, story->ids[STRONG].text);
    assert_int_equal(reply->swaps[0]->games, 60);
    club_opt_out(story->club, STRONG, NAMES_NO_RATING);
    reply = forecast(story, true);
    for (size_t i = 0; i < reply->n_swaps; i++)
        assert_string_not_equal(reply->swaps[i]->out_id, story->ids[STRONG].text);
}

// Those who are not to be named take nobody's place in the queue.
static void who_waits_and_has_played_nothing_is_offered_too(void **state)
{
    struct story *story = *state;
    make_one_strong(story);
    story->waitlist.n_waitlist = QUEUE;
    for (unsigned i = 0; i < QUEUE - 1; i++) club_opt_out(story->club, PEOPLE + i, NAMES_NO_RATING);
    const Ai__EventForecast *reply = forecast(story, true);
    assert_true(reply->n_swaps > 0);
    assert_string_equal(reply->swaps[0]->out_id, story->ids[STRONG].text);
    assert_string_equal(reply->swaps[0]->in_id, story->ids[PEOPLE + QUEUE - 1].text);
    assert_int_equal(reply->swaps[0]->games, 0);
}

// Where the seer is dealt the town wins, else the wolves.
static void a_card_less_of_the_stronger_side_makes_it_more_even(void **state)
{
    struct story *story = *state;
    struct club *club = story->club;
    Game__RoleFacts roles[ROLES], *list[ROLES];
    for (int i = 0; i < ROLES; i++) {
        game__role_facts__init(list[i] = &roles[i]);
        roles[i].role_id = story->cards[i].role_id;
        roles[i].side_id = story->cards[i].side_id;
    }
    for (int i = 0; i < 60; i++) {
        club_begin(club, PEOPLE + WAITING);
        club->game.roles = list;
        club->game.n_roles = ROLES;
        for (unsigned k = 0; k < PEOPLE + WAITING; k++) {
            club->players[k].side = (k + (unsigned)i) % 5 ? 2 : 1;
            club->players[k].dealt_role = club->players[k].side == 1 ? 1 : 3;
        }
        const unsigned seer = ((unsigned)i + 2) % 5 == 0 ? 1 : 0;
        for (unsigned k = 0; i % 3 && k < PEOPLE + WAITING && !seer; k++)
            if (club->players[k].side == 2) club->players[k].dealt_role = 2, k = PEOPLE + WAITING;
        bool dealt = false;
        for (unsigned k = 0; k < PEOPLE + WAITING; k++) dealt |= club->players[k].dealt_role == 2;
        club->winners[0] = dealt || i % 4 ? TOWN : WOLVES;
        club_tell(club);
    }
    const Ai__EventForecast *reply = forecast(story, false);
    assert_true(reply->sides[1]->chance > 0.6);
    assert_true(reply->n_swaps > 0);
    for (size_t i = 0; i < reply->n_swaps; i++) {
        assert_int_equal(reply->swaps[i]->kind, AI__EVENT_SWAP__KIND__ROLE);
        assert_string_equal(reply->swaps[i]->in_id, WOLF);
        assert_true(reply->swaps[i]->games > 0);
        assert_true(reply->swaps[i]->chances_after[1] < reply->sides[1]->chance);
    }
    assert_string_equal(reply->swaps[0]->out_id, SEER);
}

static void once_it_is_locked_there_is_none(void **state)
{
    struct story *story = *state;
    static const Events__Event__State over[] = {EVENTS__EVENT__STATE__LOCKED, EVENTS__EVENT__STATE__REVEALED,
                                                EVENTS__EVENT__STATE__RUNNING, EVENTS__EVENT__STATE__DONE,
                                                EVENTS__EVENT__STATE__CANCELLED};
    assert_true(event_forecast_is_due(&story->event, &story->err));
    for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
        story->event.state = over[i];
        assert_false(event_forecast_is_due(&story->event, &story->err));
        assert_int_equal(story->err.reason, IS(EVENT_NOT_OPEN));
    }
}

static void of_one_side_alone_nothing_is_told(void **state)
{
    struct story *story = *state;
    story->deck.n_cards = 1;
    story->cards[0].copies = PEOPLE;
    const Ai__EventForecast *reply = forecast(story, true);
    assert_int_equal(reply->n_sides + reply->n_swaps, 0);
    assert_int_equal(reply->n_seated, PEOPLE);
    story->deck.n_cards = 2; // nine cards
    story->event.min_players = 10;
    assert_int_equal(forecast(story, false)->n_sides, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(newcomers_are_even_and_all_is_prior),
        TEST(who_is_missing_is_taken_for_a_newcomer),
        TEST(a_side_that_won_is_likely_to_win),
        TEST(it_is_the_same_whenever_it_is_asked),
        TEST(players_are_for_who_leads),
        TEST(whose_rating_is_hidden_is_not_named),
        TEST(chances_tell_nothing_of_whose_rating_is_hidden),
        TEST(who_took_a_guests_seat_over_is_rated_as_themselves),
        TEST(somebody_who_waits_makes_it_more_even),
        TEST(who_waits_and_has_played_nothing_is_offered_too),
        TEST(a_card_less_of_the_stronger_side_makes_it_more_even),
        TEST(once_it_is_locked_there_is_none),
        TEST(of_one_side_alone_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
