// Suggestions with events and auth as the hall plays them: what they may tell, and of whom.
#include "services/ai/handlers/suggestions.h"

#include "services/ai/testing/evening.h"

enum { STRONG = 8, CALLER = 10 };

static const Ai__ListSuggestionsReply *suggestions(struct evening *evening, unsigned number)
{
    const struct outside outside = hall_outside(&evening->hall);
    const struct uuid id = club_person(number);
    Rpc__Caller who = RPC__CALLER__INIT;
    struct err err = {0};
    arena_reset(&evening->club->arena);
    who.user_id = arena_str(&evening->club->arena, id.text);
    struct rpc_call call = {.arena = &evening->club->arena,
                            .service = &evening->club->ai,
                            .caller = &who,
                            .now_ms = now(evening)};
    Ai__ListSuggestionsReply *reply = arena_new(&evening->club->arena, Ai__ListSuggestionsReply);
    ai__list_suggestions_reply__init(reply);
    if (!suggestions_fill(&call, &outside, reply, &err)) fail_msg("%s", err.message);
    return reply;
}

static double closeness(struct evening *evening)
{
    const Ai__ListSuggestionsReply *reply = suggestions(evening, CALLER);
    assert_int_equal(reply->n_suggestions, 1);
    return reply->suggestions[0]->parts->closeness;
}

static void who_plays_as_well_is_near(void **state)
{
    struct evening *evening = *state;
    for (int i = 0; i < 20; i++) club_play(evening->club, STRONG + 1);
    assert_true(club_belief(evening->club, STRONG).mu > 27);
    hall_seat(open_event(evening, 2, 4), STRONG);
    assert_true(closeness(evening) < 0.99);
}

static void no_suggestion_tells_a_rating_that_is_hidden(void **state)
{
    struct evening *evening = *state;
    for (int i = 0; i < 20; i++) club_play(evening->club, STRONG + 1);
    club_belief(evening->club, STRONG); // the board has read on
    club_opt_out(evening->club, STRONG, NAMES_NO_RATING);
    hall_seat(open_event(evening, 2, 4), STRONG);
    assert_true(closeness(evening) == 1); // as beside a newcomer
}

static void where_one_sits_in_a_guests_seat_is_not_suggested(void **state)
{
    struct evening *evening = *state;
    hall_claim(open_event(evening, 2, 4), CALLER);
    assert_int_equal(suggestions(evening, CALLER)->n_suggestions, 0);
    assert_int_equal(suggestions(evening, CALLER - 1)->n_suggestions, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_plays_as_well_is_near),
        TEST(no_suggestion_tells_a_rating_that_is_hidden),
        TEST(where_one_sits_in_a_guests_seat_is_not_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
