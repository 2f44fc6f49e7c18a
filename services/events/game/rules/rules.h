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

// ---- Guests' seats that accounts take over (claims.c)

struct claiming {
    const char *guest_id, *user_id, *username;
    bool dev;
};
// The caller has checked the ticket. Who has the seat keeps it, without an entry.
MUST_CHECK bool rules_claim(struct game *game, struct entries *entries, const struct claiming *claiming,
                            struct err *err);
MUST_CHECK bool rules_unclaim(struct game *game, struct entries *entries, const char *guest_id,
                              struct err *err);
MUST_CHECK bool rules_claimable(const struct game *game, const char *guest_id, struct err *err);

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
MUST_CHECK bool rules_show_card(struct game *game, struct entries *entries, const char *user_id,
                                struct err *err);
// Burns the deal in use and deals with the next secret.
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
// Whether there is room for one more command's entries, of the god or the clock; of anybody else.
MUST_CHECK bool rules_need_room(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_common_room(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_not_over(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_open(const struct game *game, struct err *err);
MUST_CHECK bool rules_need_note(const struct game *game, struct err *err); // room for one more
void rules_promote_waiting(struct game *game, struct entries *entries);    // while seats are free
const char *rules_state_name(Events__Event__State state);                  // "locked"

#endif
