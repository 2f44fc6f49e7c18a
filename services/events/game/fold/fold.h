// What the parts of the fold share; only the files of fold/ include it. A fold function applies one kind of
// entry to the state and returns its viewers; false means that the entry does not fit.
#ifndef EVENTS_GAME_FOLD_FOLD_H
#define EVENTS_GAME_FOLD_FOLD_H

#include "services/events/game/game.h"

typedef bool fold_function(struct game *game, const Game__Entry *entry, struct audience *audience);

#define AUDIENCE(kind_) ((struct audience){.kind = AUDIENCE_##kind_})
#define AUDIENCE_OF(kind_, who_) ((struct audience){.kind = AUDIENCE_##kind_, .who = (uint16_t)(who_)})

bool fold_id(struct uuid *id, const char *text);
bool fold_text(char **kept, const char *text); // replaces
bool fold_short(char *kept, size_t size, const char *text);
void fold_timer(struct timer *timer, int64_t closes_ms, int64_t remaining_ms, int64_t now_ms);
void fold_revision(struct game *game, const Game__Entry *entry); // for a public entry
// The secret of deal k; only a further one has siblings.
bool fold_secret(struct opened_secret *kept, int32_t k, const ProtobufCBinaryData *secret,
                 const ProtobufCBinaryData *siblings, size_t count);
bool fold_hash(uint8_t kept[DEAL_HASH], const ProtobufCBinaryData *bytes);
int fold_side(struct game *game, const char *side_id); // its place, added when new; 0: no room or no id
void fold_unbind(struct game *game, int person);       // the account that took over their seat has it no more
bool fold_seen(struct game *game, const char *user_id); // they may have seen all cards
bool fold_role(struct game *game, const Game__RoleFacts *role);

struct seat_taken {
    const char *user_id, *username;
    int32_t seat;
    bool guest;
};
// Who has it then; GAME_NO_ONE: it does not fit.
int fold_take_seat(struct game *game, const Game__Entry *entry, const struct seat_taken *taken);
// The seat was given to the person where others pay.
bool fold_given(struct game *game, int person, const char *payment_id);

// One for each kind of entry.
// event.c
fold_function fold_opened, fold_edited, fold_image_set, fold_handed_over, fold_reminded, fold_voted,
    fold_unchanged, fold_finished, fold_cancelled, fold_expired;
// seats.c
fold_function fold_reserved, fold_nonce_given, fold_waitlisted, fold_seat_freed, fold_waitlist_left,
    fold_seats_ordered, fold_attendance_set;
// holds.c
fold_function fold_seat_held, fold_hold_opened, fold_seat_paid, fold_seat_settled, fold_seat_held_again,
    fold_hold_ending, fold_hold_closed, fold_payment_final, fold_payment_told, fold_lock_awaited,
    fold_end_taken_back, fold_made_payable;
// claims.c
fold_function fold_guest_claimed, fold_guest_unclaimed;
// bans.c
fold_function fold_banned, fold_unbanned;
// deal.c
fold_function fold_locked, fold_reopened, fold_deal_burned, fold_revealed, fold_card_dealt, fold_deal_opened,
    fold_card_shown;
// beacon.c
fold_function fold_beacon_wanted, fold_beacon_named, fold_beacon_found, fold_beacon_given_up;
void fold_beacon_burn(struct game *game); // with its deal: the next deal's, if any, is in use
// phases.c
fold_function fold_phase_opened, fold_phase_paused, fold_phase_resumed, fold_phase_extended,
    fold_phase_closed;
// players.c
fold_function fold_card_opened, fold_status_set, fold_status_ended, fold_role_changed, fold_change_told,
    fold_ability_used, fold_chained, fold_last_move_drawn, fold_scored;
// notes.c
fold_function fold_noted;
// table.c
fold_function fold_fouled, fold_clock_started, fold_clock_stopped, fold_ready_asked, fold_ready;
// assistants.c
fold_function fold_assistant_added, fold_assistant_removed;
void fold_assistant_end(struct game *game, const char *user_id); // also of one that is none
// The clock of who speaks stops and goes on with the phase.
void fold_clock_pause(struct game *game, int64_t now_ms);
void fold_clock_resume(struct game *game, int64_t now_ms);
// polls.c
fold_function fold_poll_opened, fold_poll_weighted, fold_ballot_cast, fold_poll_closed, fold_poll_changed,
    fold_poll_extended;

// rooms.c
fold_function fold_room_slowed, fold_room_muted, fold_message_reported;

// undo.c
fold_function fold_undone;

#endif
