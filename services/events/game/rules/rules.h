// The entries that follow from a command: each function checks the command against the state and adds its
// entries, or refuses with err filled and nothing changed. The caller has checked rights before, and the form
// of ids. Pure.
#ifndef EVENTS_GAME_RULES_RULES_H
#define EVENTS_GAME_RULES_RULES_H

#include "lib/base/err.h"
#include "services/events/game/entries.h"

// ---- The event (event.c)

// The caller fills opened->terms and the deck; the event must be new.
MUST_CHECK bool rules_open(struct game *game, struct entries *entries, const Game__Opened *opened,
                           struct err *err);
MUST_CHECK bool rules_edit(struct game *game, struct entries *entries, const Game__Terms *terms,
                           struct err *err);
MUST_CHECK bool rules_terms(const Game__Terms *terms, int64_t now_ms, struct err *err);
MUST_CHECK bool rules_image(struct game *game, struct entries *entries, const uint8_t sha256[32],
                            const char *type, struct err *err);
MUST_CHECK bool rules_hand_over(struct game *game, struct entries *entries, const char *god_id,
                                struct err *err);
MUST_CHECK bool rules_vote(struct game *game, struct entries *entries, Events__Vote__Value vote,
                           struct err *err);
MUST_CHECK bool rules_deletable(const struct game *game, struct err *err);

// secrets open the deal, if there was one.
MUST_CHECK bool rules_finish(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                             const char **winning_side_ids, size_t count, struct err *err);
MUST_CHECK bool rules_cancel(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                             struct err *err);

// ---- What a seat costs (price.c)

MUST_CHECK bool rules_price(const Game__Terms *terms, struct err *err);
bool rules_price_changes(const struct terms *before, const Game__Terms *terms); // of terms that are possible
// A start that is moved is still in time for tickets that may be paid for on the cluster.
MUST_CHECK bool rules_start_edit(const struct game *game, const Game__Terms *terms, struct err *err);
// Who holds a seat keeps their price and the terms that they saw.
MUST_CHECK bool rules_price_edit(const struct game *game, const Game__Terms *terms, struct err *err);

// ---- Assistants (assistants.c)

// The caller knows that there is such a user.
MUST_CHECK bool rules_add_assistant(struct game *game, struct entries *entries, const char *user_id,
                                    const char *username, struct err *err);
MUST_CHECK bool rules_remove_assistant(struct game *game, struct entries *entries, const char *user_id,
                                       struct err *err);

// ---- Seats and the waitlist (seats.c)

// The actor takes a seat or a place in the waitlist; an actor that has one keeps it. nonce: 0 or 32 bytes.
MUST_CHECK bool rules_reserve(struct game *game, struct entries *entries, const char *username,
                              ProtobufCBinaryData nonce, struct err *err);
// For the event's leader: the same for somebody else, unless they gave their place back themselves.
MUST_CHECK bool rules_reserve_for(struct game *game, struct entries *entries, const char *user_id,
                                  const char *username, struct err *err);
// The same, but a seat alone, and without a payment.
MUST_CHECK bool rules_give_seat(struct game *game, struct entries *entries, const char *user_id,
                                const char *username, struct err *err);
// For the event's leader: a seat for a person without an account, which gets an id. USERNAME_TAKEN when a
// person in the event is shown by that name, in any case.
MUST_CHECK bool rules_reserve_guest(struct game *game, struct entries *entries, const char *name,
                                    struct uuid *guest_id, struct err *err);
// Whether who has a seat can't leave, because many deals were burned.
bool rules_roster_frozen(const struct game *game);
// secrets may be NULL while the event is neither locked nor dealt: a change of a locked roster burns the
// secret in use.
MUST_CHECK bool rules_leave(struct game *game, struct entries *entries, const char *user_id,
                            const struct deal_secrets *secrets, struct err *err);

// Everybody with a seat, each once: the first gets seat 1.
MUST_CHECK bool rules_order_seats(struct game *game, struct entries *entries, const char **user_ids,
                                  size_t count, struct err *err);
MUST_CHECK bool rules_attendance(struct game *game, struct entries *entries, const char *user_id,
                                 Events__Attendance__Value attendance, struct err *err);

// ---- Places that cost something (holds.c)

// What an entry of chain.payments says, which stands there in its stream. What is known, or of no hold of the
// event, adds nothing.
MUST_CHECK bool rules_payment(struct game *game, struct entries *entries, const Money__FromChain *said,
                              const struct payments_told *place, struct err *err);
// By a dev: the pot of a finished game is not divided. Whether it was already, chain knows.
MUST_CHECK bool rules_take_back_end(struct game *game, struct entries *entries, struct err *err);
// Ends the holds, and locks the event when they have ended; at once when none is open.
MUST_CHECK bool rules_lock_ending(struct game *game, struct entries *entries, struct err *err);

// ---- Guests' seats that accounts take over, for some weeks also of a game that is done (claims.c)

struct claiming {
    const char *guest_id, *user_id, *username;
    bool dev;
};
// The caller has checked the ticket. Who has the seat keeps it, without an entry.
MUST_CHECK bool rules_claim(struct game *game, struct entries *entries, const struct claiming *claiming,
                            struct err *err);
MUST_CHECK bool rules_unclaim(struct game *game, struct entries *entries, const char *guest_id,
                              struct err *err);
MUST_CHECK bool rules_claimable(const struct game *game, const char *guest_id, int64_t now_ms,
                                struct err *err);

// ---- Bans (bans.c)

struct banned {
    const char *user_id, *username, *reason;
    const char *field; // of the request, that names them
};
// Frees the seat or the place that they hold before the deal; secrets as for leaving. A ban with the reason
// that it has adds nothing.
MUST_CHECK bool rules_ban(struct game *game, struct entries *entries, const struct banned *banned,
                          const struct deal_secrets *secrets, struct err *err);
MUST_CHECK bool rules_unban(struct game *game, struct entries *entries, const char *user_id, struct err *err);

// ---- Lock and deal (deal.c)

MUST_CHECK bool rules_lock(struct game *game, struct entries *entries, struct err *err);
MUST_CHECK bool rules_unlock(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                             struct err *err);
MUST_CHECK bool rules_reveal(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                             struct err *err);
// Without the beacon that was waited for ten minutes, for a reason that everybody is told. One that is there
// stays.
MUST_CHECK bool rules_give_beacon_up(struct game *game, struct entries *entries, const char *reason,
                                     struct err *err);
MUST_CHECK bool rules_show_card(struct game *game, struct entries *entries, const char *user_id,
                                struct err *err);
// Burns the deal in use and deals with the next secret. With a beacon the first call asks for the next one.
MUST_CHECK bool rules_redeal(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                             const char *reason, struct err *err);

// ---- Phases (phases.c)

MUST_CHECK bool rules_open_phase(struct game *game, struct entries *entries, Events__Phase__Kind kind,
                                 int64_t timer_ms, struct err *err);
enum pause { PAUSE_KEEP, PAUSE_ON, PAUSE_OFF };
MUST_CHECK bool rules_time_phase(struct game *game, struct entries *entries, enum pause pause,
                                 int64_t extend_ms, struct err *err);
MUST_CHECK bool rules_close_phase(struct game *game, struct entries *entries, struct err *err);

// ---- The clock (clock.c)

enum { REMINDERS_MAX = 8 };
struct reminders {
    int32_t before_s[REMINDERS_MAX]; // 0 ends
    int64_t idle_ms; // a running game without an act of who leads it for so long expires; 0: never
};
// When the clock must next act on this event; 0: never.
int64_t rules_due(const struct game *game, const struct reminders *reminders);
// Does what is due by entries->now_ms: expiry, reminders, closings; resets timers that a clock ahead of this
// one has set. Adds nothing when nothing is due.
void rules_tick(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                const struct reminders *reminders);

// ---- Players (players.c)

// What becomes of a player; what is 0 or NULL stays. A status ROLE_CHANGED or SIDE_CHANGED tells the player
// what was changed, now or before.
struct player_update {
    const char *user_id;
    Events__Status__Value status;
    const Game__RoleFacts *role;
    const char *side_id;
};
MUST_CHECK bool rules_update(struct game *game, struct entries *entries, const struct player_update *update,
                             struct err *err);
MUST_CHECK bool rules_use_ability(struct game *game, struct entries *entries,
                                  const Events__UseAbilityRequest *use, struct err *err);
MUST_CHECK bool rules_chain(struct game *game, struct entries *entries, const char *user_id,
                            const char *to_id, struct err *err);
MUST_CHECK bool rules_draw(struct game *game, struct entries *entries, const char *user_id,
                           struct uuid *last_move_id, struct err *err);
MUST_CHECK bool rules_score(struct game *game, struct entries *entries, const char *user_id, int32_t score,
                            struct err *err);

// ---- Notes (notes.c)

MUST_CHECK bool rules_note(struct game *game, struct entries *entries, const Events__NoteRequest *note,
                           struct err *err);
// To TABLE or DEAD, or for the god alone and about nobody.
MUST_CHECK bool rules_table_note(struct game *game, struct entries *entries,
                                 const Events__TableNoteRequest *note, struct err *err);

// ---- The table (table.c)

MUST_CHECK bool rules_foul(struct game *game, struct entries *entries, const char *user_id, struct err *err);
MUST_CHECK bool rules_set_clock(struct game *game, struct entries *entries, const Events__ClockRequest *clock,
                                struct err *err);
MUST_CHECK bool rules_ask_ready(struct game *game, struct entries *entries, int32_t seconds, struct err *err);
// For a player by themselves, or for a guest by the event's leader.
MUST_CHECK bool rules_say_ready(struct game *game, struct entries *entries, const char *user_id,
                                struct err *err);

// ---- Rooms (rooms.c)

// The caller knows the room, and who is named there. What is so already makes no entry.
MUST_CHECK bool rules_slow(struct game *game, struct entries *entries, const char *room, int32_t seconds,
                           struct err *err);
struct muting {
    const char *room, *user_id, *reason;
    int64_t until_ms; // not after now: no more
};
MUST_CHECK bool rules_mute(struct game *game, struct entries *entries, const struct muting *muting,
                           struct err *err);
// By the actor; who reported the message before does so no more.
MUST_CHECK bool rules_report_message(struct game *game, struct entries *entries, const char *room,
                                     const char *message_id, const char *reason, struct err *err);

// ---- Undo (undo.c)

// Takes back the newest act of the open phase, which seq, the number of one of its entries, must belong to.
MUST_CHECK bool rules_undo(struct game *game, struct entries *entries, uint64_t seq, struct err *err);

// ---- Polls (polls.c)

MUST_CHECK bool rules_open_poll(struct game *game, struct entries *entries,
                                const Events__OpenPollRequest *open, struct err *err);
MUST_CHECK bool rules_cast(struct game *game, struct entries *entries, const char *poll_id,
                           const char *candidate_id, struct err *err);
MUST_CHECK bool rules_extend_poll(struct game *game, struct entries *entries, const char *poll_id,
                                  int64_t extend_ms, struct err *err);
MUST_CHECK bool rules_close_poll(struct game *game, struct entries *entries, const char *poll_id,
                                 struct err *err);

// ---- Shared by the rules

void rules_add_phase_end(
    struct game *game,
    struct entries *entries); // closes an open phase and its poll, and ends what ends with it
// The time left on the open phase's or poll's timer, running or stopped.
void rules_add_phase_timer(struct game *game, struct entries *entries, int64_t left_ms);
void rules_add_poll_timer(struct game *game, struct entries *entries, int64_t left_ms);
void rules_add_clock_timer(struct game *game, struct entries *entries, int64_t left_ms); // of who speaks
MUST_CHECK bool rules_extension(const struct timer *timer, int64_t now_ms, int64_t extend_ms,
                                int64_t longest_ms, struct err *err);
void rules_add_poll_end(struct game *game, struct entries *entries);
// What everyone knows of a player and a poll depends on: whether they are a candidate, whether their ballot
// counts.
unsigned rules_voting_facts(const struct game *game, int player);
// A status, and the card that it opens by the terms.
void rules_add_status(struct game *game, struct entries *entries, int player, Events__Status__Value status);
// Adds the candidates and the ballots that count in the open poll, when these have changed.
void rules_add_poll_change(struct game *game, struct entries *entries);
void rules_add_deal_opening(struct game *game, struct entries *entries, const struct deal_secrets *secrets);
MUST_CHECK bool rules_need_player(const struct game *game, const char *user_id, int *player, struct err *err);
MUST_CHECK bool rules_need_playing(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_running(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_phase(const struct game *game, struct err *err); // an open one
struct seating {
    const char *user_id, *username;
    int32_t seat;
    bool guest;
};
// For the deal of this number, by this reason.
void rules_add_beacon(struct game *game, struct entries *entries, int32_t k, const char *reason);
MUST_CHECK bool rules_need_beacon(const struct beacon *beacon, struct err *err);
// What chain says of it; whether it is news.
bool rules_beacon_is_news(const struct game *game, const Money__FromChain *said);
void rules_take_beacon(struct game *game, struct entries *entries, const Money__FromChain *said);
bool rules_can_hold(const struct game *game);
void rules_add_hold(struct game *game, struct entries *entries, const struct seating *seating);
void rules_add_given(struct game *game, struct entries *entries, const struct seating *seating);
// Nothing when it is to end already by one who counts as much.
void rules_end_hold(struct game *game, struct entries *entries, const struct hold *hold,
                    Money__SeatEnding__By by);
// Who leaves the waitlist gets back what they wait with.
void rules_end_paid_wait(struct game *game, struct entries *entries, int person);
MUST_CHECK bool rules_payments_final(const struct game *game, struct err *err);
MUST_CHECK bool rules_seats_are_paid(const struct game *game, struct err *err); // and for good
MUST_CHECK bool rules_lockable(const struct game *game, struct err *err);       // whatever is paid
// Seats whose payment ended while the roster was fixed, and then the places of those that wait.
void rules_free_ended(struct game *game, struct entries *entries);
void rules_give_lock_up(struct game *game, struct entries *entries);
// Whether there is room for one more command's entries, of the god or the clock; of anybody else.
MUST_CHECK bool rules_need_room(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_common_room(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_not_over(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_open(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_note(const struct game *game, struct err *err); // room for one more
void rules_promote_waiting(struct game *game, struct entries *entries);    // while seats are free
int rules_free_seat(const struct game *game);                              // from 1; 0: none
const char *rules_state_name(Events__Event__State state);                  // "locked"

#endif
