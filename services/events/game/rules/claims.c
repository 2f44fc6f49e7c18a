// Accounts that take over guests' seats.
#include <string.h>

#include "services/events/game/rules/rules.h"

// So long after the end of a game, what it gave may be had by who takes a seat of it over.
static const int64_t LATE_MS = INT64_C(30) * 24 * 3600 * 1000;

static bool need_time(const struct game *game, int64_t now_ms, struct err *err)
{
    bool done = game->state == EVENTS__EVENT__STATE__DONE && !game->end_taken_back;
    return (done && now_ms - game->ended_ms < LATE_MS) || rules_need_not_over(game, err);
}

// Whoever saw the cards of all never gets one of them.
static bool may_claim(const struct game *game, const struct claiming *claiming, struct err *err)
{
    const char *user_id = claiming->user_id;
    if (game_takes_part(game, game_person(game, user_id)))
        return err_fail(err, TAKES_PART, "you have a seat in this event, or wait for one");
    if (claiming->dev || strcmp(game->god_id.text, user_id) == 0 || game_has_seen(game, user_id) ||
        game_assistant(game, user_id) != GAME_NO_ONE)
        return err_fail(err, GOD_MAY_NOT_PLAY,
                        "who leads an event, or led it after the deal, does not play in it");
    if (game_ban(game, user_id)) return err_fail(err, BANNED, "the god of this event keeps you out of it");
    return rules_need_common_room(game, err);
}

// A guest has no ballots and no nonce: an account that had the seat gave them, and the next one would read
// them. Secret ballots and nonces are to be seen by nobody else, also not by a friend of the god.
static bool need_unused(const struct person *guest, struct err *err)
{
    return (!guest->ballots && !guest->nonce_len) ||
           err_fail(err, SEAT_CLAIMED, "an account that had this seat voted, or gave a nonce");
}

bool rules_claim(struct game *game, struct entries *entries, const struct claiming *claiming, struct err *err)
{
    int person = game_player(game, claiming->guest_id);
    if (!need_time(game, entries->now_ms, err)) return false;
    if (person == GAME_NO_ONE) return err_fail(err, NOT_FOUND, "the guest has no seat any more");
    const struct person *guest = &game->people[person];
    if (person_is(guest, claiming->user_id)) return true;
    if (!guest->guest) return err_fail(err, SEAT_CLAIMED, "another account has claimed this seat");
    if (!need_unused(guest, err) || !may_claim(game, claiming, err)) return false;
    ENTRY(entries, game, GUEST_CLAIMED, GuestClaimed, guest_claimed, .guest_id = claiming->guest_id,
          .user_id = claiming->user_id, .username = claiming->username);
    return true;
}

bool rules_unclaim(struct game *game, struct entries *entries, const char *guest_id, struct err *err)
{
    int person;
    if (!rules_need_not_over(game, err) || !rules_need_player(game, guest_id, &person, err)) return false;
    const struct person claimed = game->people[person];
    if (claimed.guest) return true;
    if (!claimed.account.text[0]) return err_fail(err, NOT_A_GUEST, "this player came with an account");
    if (!rules_need_room(game, err)) return false;
    ENTRY(entries, game, GUEST_UNCLAIMED, GuestUnclaimed, guest_unclaimed, .guest_id = claimed.user_id.text,
          .user_id = claimed.account.text);
    return true;
}

bool rules_claimable(const struct game *game, const char *guest_id, int64_t now_ms, struct err *err)
{
    int person;
    if (!need_time(game, now_ms, err) || !rules_need_player(game, guest_id, &person, err)) return false;
    if (game->people[person].guest) return need_unused(&game->people[person], err);
    return game->people[person].account.text[0]
               ? err_fail(err, SEAT_CLAIMED, "an account has claimed this seat")
               : err_fail(err, NOT_A_GUEST, "this player came with an account");
}
