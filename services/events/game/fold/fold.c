// Applies entries to the state, each by the function of its kind.
#include "services/events/game/fold/fold.h"

#include <stdlib.h>
#include <string.h>

#include "services/events/game/known.h"
#include "services/events/game/times.h"
#include "services/events/game/undo.h"

bool fold_id(struct uuid *id, const char *text)
{
    if (!uuid_check(text)) return false;
    memcpy(id->text, text, sizeof id->text);
    return true;
}

bool fold_text(char **kept, const char *text)
{
    char *copy = strdup(text);
    if (!copy) return false;
    free(*kept);
    *kept = copy;
    return true;
}

bool fold_short(char *kept, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size) return false;
    memcpy(kept, text, len + 1);
    return true;
}

bool fold_hash(uint8_t kept[DEAL_HASH], const ProtobufCBinaryData *bytes)
{
    if (bytes->len != DEAL_HASH) return false;
    memcpy(kept, bytes->data, DEAL_HASH);
    return true;
}

bool fold_secret(struct opened_secret *kept, int32_t k, const ProtobufCBinaryData *secret,
                 const ProtobufCBinaryData *siblings, size_t count)
{
    if (kept->siblings || !fold_hash(kept->bytes, secret)) return false;
    if (k <= DEAL_SECRETS) return count == 0;
    if (count != DEAL_PROOF || !(kept->siblings = calloc(DEAL_PROOF, DEAL_HASH))) return false;
    for (size_t i = 0; i < count; i++)
        if (!fold_hash(kept->siblings[i], &siblings[i])) return false;
    return true;
}

int fold_side(struct game *game, const char *side_id)
{
    for (size_t i = 0; i < game->sides_count; i++)
        if (strcmp(game->sides[i].text, side_id) == 0) return (int)i + 1;
    if (!uuid_check(side_id) || game->sides_count == GAME_MAX_SIDES) return 0;
    struct uuid *side = array_add(&game->sides, &game->sides_count, sizeof *side);
    return side && fold_id(side, side_id) ? (int)game->sides_count : 0;
}

bool fold_role(struct game *game, const Game__RoleFacts *facts)
{
    if (game->roles_count == GAME_MAX_ROLES || !fold_side(game, facts->side_id)) return false;
    if (facts->abilities < 0 || facts->abilities > GAME_UNLIMITED || facts->copies < 0 ||
        facts->copies > DEAL_MAX_CARDS)
        return false;
    struct role_facts *role = array_add(&game->roles, &game->roles_count, sizeof *role);
    if (!role) return false;
    role->abilities = facts->abilities;
    role->copies = facts->copies;
    role->meets = facts->meets;
    return fold_id(&role->id, facts->role_id) && fold_id(&role->side_id, facts->side_id);
}

void fold_timer(struct timer *timer, int64_t closes_ms, int64_t remaining_ms, int64_t now_ms)
{
    if (closes_ms)
        timer_run(timer, closes_ms, now_ms);
    else
        timer_stop(timer, remaining_ms);
}

void fold_revision(struct game *game, const Game__Entry *entry)
{
    game->revision = game->log.public_count + 1;
    game->revised_ms = entry->time_ms;
}

static fold_function *const folds[] = {
    [GAME__ENTRY__BODY_OPENED] = fold_opened,
    [GAME__ENTRY__BODY_EDITED] = fold_edited,
    [GAME__ENTRY__BODY_IMAGE_SET] = fold_image_set,
    [GAME__ENTRY__BODY_HANDED_OVER] = fold_handed_over,
    [GAME__ENTRY__BODY_REMINDED] = fold_reminded,
    [GAME__ENTRY__BODY_RESERVED] = fold_reserved,
    [GAME__ENTRY__BODY_NONCE_GIVEN] = fold_nonce_given,
    [GAME__ENTRY__BODY_WAITLISTED] = fold_waitlisted,
    [GAME__ENTRY__BODY_SEAT_FREED] = fold_seat_freed,
    [GAME__ENTRY__BODY_WAITLIST_LEFT] = fold_waitlist_left,
    [GAME__ENTRY__BODY_VOTED] = fold_voted,
    [GAME__ENTRY__BODY_SEATS_ORDERED] = fold_seats_ordered,
    [GAME__ENTRY__BODY_ATTENDANCE_SET] = fold_attendance_set,
    [GAME__ENTRY__BODY_CARD_SHOWN] = fold_card_shown,
    [GAME__ENTRY__BODY_GUEST_CLAIMED] = fold_guest_claimed,
    [GAME__ENTRY__BODY_GUEST_UNCLAIMED] = fold_guest_unclaimed,
    [GAME__ENTRY__BODY_BANNED] = fold_banned,
    [GAME__ENTRY__BODY_UNBANNED] = fold_unbanned,
    [GAME__ENTRY__BODY_LOCKED] = fold_locked,
    [GAME__ENTRY__BODY_REOPENED] = fold_reopened,
    [GAME__ENTRY__BODY_DEAL_BURNED] = fold_deal_burned,
    [GAME__ENTRY__BODY_REVEALED] = fold_revealed,
    [GAME__ENTRY__BODY_CARD_DEALT] = fold_card_dealt,
    [GAME__ENTRY__BODY_DEAL_OPENED] = fold_deal_opened,
    [GAME__ENTRY__BODY_PHASE_OPENED] = fold_phase_opened,
    [GAME__ENTRY__BODY_PHASE_PAUSED] = fold_phase_paused,
    [GAME__ENTRY__BODY_PHASE_RESUMED] = fold_phase_resumed,
    [GAME__ENTRY__BODY_PHASE_EXTENDED] = fold_phase_extended,
    [GAME__ENTRY__BODY_PHASE_CLOSED] = fold_phase_closed,
    [GAME__ENTRY__BODY_STATUS_SET] = fold_status_set,
    [GAME__ENTRY__BODY_STATUS_ENDED] = fold_status_ended,
    [GAME__ENTRY__BODY_ROLE_CHANGED] = fold_role_changed,
    [GAME__ENTRY__BODY_CHANGE_TOLD] = fold_change_told,
    [GAME__ENTRY__BODY_ABILITY_USED] = fold_ability_used,
    [GAME__ENTRY__BODY_CHAINED] = fold_chained,
    [GAME__ENTRY__BODY_NOTED] = fold_noted,
    [GAME__ENTRY__BODY_LAST_MOVE_DRAWN] = fold_last_move_drawn,
    [GAME__ENTRY__BODY_SCORED] = fold_scored,
    [GAME__ENTRY__BODY_POLL_OPENED] = fold_poll_opened,
    [GAME__ENTRY__BODY_POLL_WEIGHTED] = fold_poll_weighted,
    [GAME__ENTRY__BODY_BALLOT_CAST] = fold_ballot_cast,
    [GAME__ENTRY__BODY_POLL_CLOSED] = fold_poll_closed,
    [GAME__ENTRY__BODY_POLL_CHANGED] = fold_poll_changed,
    [GAME__ENTRY__BODY_POLL_EXTENDED] = fold_poll_extended,
    [GAME__ENTRY__BODY_FINISHED] = fold_finished,
    [GAME__ENTRY__BODY_CANCELLED] = fold_cancelled,
    [GAME__ENTRY__BODY_EXPIRED] = fold_expired,
    [GAME__ENTRY__BODY_FOULED] = fold_fouled,
    [GAME__ENTRY__BODY_UNDONE] = fold_undone,
    [GAME__ENTRY__BODY_CLOCK_STARTED] = fold_clock_started,
    [GAME__ENTRY__BODY_CLOCK_STOPPED] = fold_clock_stopped,
    [GAME__ENTRY__BODY_READY_ASKED] = fold_ready_asked,
    [GAME__ENTRY__BODY_READY] = fold_ready,
    [GAME__ENTRY__BODY_ASSISTANT_ADDED] = fold_assistant_added,
    [GAME__ENTRY__BODY_ASSISTANT_REMOVED] = fold_assistant_removed,
    [GAME__ENTRY__BODY_CARD_OPENED] = fold_card_opened,
    [GAME__ENTRY__BODY_ROOM_SLOWED] = fold_room_slowed,
    [GAME__ENTRY__BODY_ROOM_MUTED] = fold_room_muted,
    [GAME__ENTRY__BODY_MESSAGE_REPORTED] = fold_message_reported,
    [GAME__ENTRY__BODY_UNCHANGED] = fold_unchanged,
    [GAME__ENTRY__BODY_SEAT_HELD] = fold_seat_held,
    [GAME__ENTRY__BODY_HOLD_OPENED] = fold_hold_opened,
    [GAME__ENTRY__BODY_SEAT_PAID] = fold_seat_paid,
    [GAME__ENTRY__BODY_SEAT_SETTLED] = fold_seat_settled,
    [GAME__ENTRY__BODY_SEAT_HELD_AGAIN] = fold_seat_held_again,
    [GAME__ENTRY__BODY_HOLD_ENDING] = fold_hold_ending,
    [GAME__ENTRY__BODY_HOLD_CLOSED] = fold_hold_closed,
    [GAME__ENTRY__BODY_PAYMENT_FINAL] = fold_payment_final,
    [GAME__ENTRY__BODY_PAYMENT_TOLD] = fold_payment_told,
    [GAME__ENTRY__BODY_LOCK_AWAITED] = fold_lock_awaited,
    [GAME__ENTRY__BODY_END_TAKEN_BACK] = fold_end_taken_back,
    [GAME__ENTRY__BODY_MADE_PAYABLE] = fold_made_payable,
    [GAME__ENTRY__BODY_BEACON_WANTED] = fold_beacon_wanted,
    [GAME__ENTRY__BODY_BEACON_NAMED] = fold_beacon_named,
    [GAME__ENTRY__BODY_BEACON_FOUND] = fold_beacon_found,
    [GAME__ENTRY__BODY_BEACON_GIVEN_UP] = fold_beacon_given_up,
};

static fold_function *fold_of(Game__Entry__BodyCase which)
{
    unsigned at = (unsigned)which;
    return at < sizeof folds / sizeof *folds ? folds[at] : NULL;
}

// Whether a person did it of themselves, by whichever of their ids.
static bool is_own(const struct game *game, const Game__Entry *entry, const char *user_id)
{
    int person = game_person(game, user_id);
    return person != GAME_NO_ONE && person_is(&game->people[person], entry->actor);
}

// Whether the god, an assistant, a dev or the clock did it: none of them takes part. A player's own steps,
// and their consequences, are no acts.
static bool is_act(const struct game *game, const Game__Entry *entry)
{
    bool came_never =
        game_person(game, entry->actor) == GAME_NO_ONE && !idmap_find(&game->claims, entry->actor);
    switch (entry->body_case) {
    case GAME__ENTRY__BODY_NONCE_GIVEN:
    case GAME__ENTRY__BODY_VOTED:
    case GAME__ENTRY__BODY_BALLOT_CAST:
    case GAME__ENTRY__BODY_MESSAGE_REPORTED:
    case GAME__ENTRY__BODY_UNCHANGED:
    case GAME__ENTRY__BODY_HOLD_OPENED: // what follows from a player's own payment
    case GAME__ENTRY__BODY_SEAT_PAID:
    case GAME__ENTRY__BODY_SEAT_SETTLED:
    case GAME__ENTRY__BODY_SEAT_HELD_AGAIN:
    case GAME__ENTRY__BODY_HOLD_CLOSED:
    case GAME__ENTRY__BODY_PAYMENT_FINAL:
    case GAME__ENTRY__BODY_PAYMENT_TOLD:
    case GAME__ENTRY__BODY_BEACON_NAMED: // as the cluster has it
    case GAME__ENTRY__BODY_BEACON_FOUND:
        return false;
    case GAME__ENTRY__BODY_SEAT_HELD:
    case GAME__ENTRY__BODY_RESERVED: // by one that left: the first of the waitlist moves up
    case GAME__ENTRY__BODY_WAITLISTED:
        return came_never || strcmp(entry->actor, game->god_id.text) == 0 ||
               game_assistant(game, entry->actor) != GAME_NO_ONE;
    case GAME__ENTRY__BODY_SEAT_FREED:
        return !is_own(game, entry, entry->seat_freed->user_id);
    case GAME__ENTRY__BODY_WAITLIST_LEFT:
        return !is_own(game, entry, entry->waitlist_left->user_id);
    default:
        return !game_takes_part(game, game_person(game, entry->actor));
    }
}

static void note_act(struct game *game, const Game__Entry *entry)
{
    if (!is_act(game, entry)) return;
    game->act = game->chain.seq;
    if (entry->actor[0]) game->acted_ms = entry->time_ms;
}

// What is said of nobody's seat, part, side or time changes no right in a room.
static bool changes_no_room(Game__Entry__BodyCase which)
{
    switch (which) {
    case GAME__ENTRY__BODY_IMAGE_SET:
    case GAME__ENTRY__BODY_REMINDED:
    case GAME__ENTRY__BODY_NONCE_GIVEN:
    case GAME__ENTRY__BODY_VOTED:
    case GAME__ENTRY__BODY_ATTENDANCE_SET:
    case GAME__ENTRY__BODY_CARD_SHOWN:
    case GAME__ENTRY__BODY_ABILITY_USED:
    case GAME__ENTRY__BODY_NOTED:
    case GAME__ENTRY__BODY_SCORED:
    case GAME__ENTRY__BODY_BALLOT_CAST:
    case GAME__ENTRY__BODY_POLL_CHANGED:
    case GAME__ENTRY__BODY_FOULED:
    case GAME__ENTRY__BODY_READY:
    case GAME__ENTRY__BODY_MESSAGE_REPORTED:
    case GAME__ENTRY__BODY_UNCHANGED:
    case GAME__ENTRY__BODY_HOLD_OPENED:
    case GAME__ENTRY__BODY_SEAT_PAID:
    case GAME__ENTRY__BODY_SEAT_SETTLED:
    case GAME__ENTRY__BODY_SEAT_HELD_AGAIN:
    case GAME__ENTRY__BODY_HOLD_ENDING:
    case GAME__ENTRY__BODY_HOLD_CLOSED:
    case GAME__ENTRY__BODY_PAYMENT_FINAL:
    case GAME__ENTRY__BODY_PAYMENT_TOLD:
    case GAME__ENTRY__BODY_LOCK_AWAITED:
    case GAME__ENTRY__BODY_END_TAKEN_BACK:
    case GAME__ENTRY__BODY_MADE_PAYABLE:
    case GAME__ENTRY__BODY_BEACON_WANTED:
    case GAME__ENTRY__BODY_BEACON_NAMED:
    case GAME__ENTRY__BODY_BEACON_FOUND:
    case GAME__ENTRY__BODY_BEACON_GIVEN_UP:
        return true;
    default:
        return false;
    }
}

bool game_fold(struct game *game, const Game__Entry *entry, const uint8_t leaf[HASH_CHAIN_HASH])
{
    fold_function *fold = fold_of(entry->body_case);
    bool first = entry->body_case == GAME__ENTRY__BODY_OPENED;
    if (!fold || first == (game->state != EVENTS__EVENT__STATE__STATE_UNSPECIFIED)) return false;
    hash_chain_advance(&game->chain, leaf);
    struct audience audience = AUDIENCE(GOD);
    struct undo record;
    bool can_undo = undo_begin(game, entry, &record);
    struct class_before classes;
    classes_begin(game, entry, &classes);
    if (!fold(game, entry, &audience) || !log_index_add(&game->log, audience)) return false;
    if (can_undo && !undo_keep(game, &record, audience)) return false;
    classes_end(game, &classes);
    if (undo_ends(entry)) undo_forget(game);
    note_act(game, entry);
    game->newest_ms = entry->time_ms;
    if (!changes_no_room(entry->body_case)) game->room_rights = game->chain.seq;
    if (game_over(game) && !game->ended_ms) game->ended_ms = entry->time_ms;
    return true;
}

bool game_apply(struct game *game, const uint8_t salt[HASH_CHAIN_SALT], const void *bytes, size_t len)
{
    Game__Entry *entry = game__entry__unpack(NULL, len, bytes);
    if (!entry) return false;
    uint8_t leaf[HASH_CHAIN_HASH];
    hash_chain_leaf(leaf, salt, bytes, len);
    bool fits = entry_is_known(entry) && times_fit(&entry->base) && game_fold(game, entry, leaf);
    game__entry__free_unpacked(entry, NULL);
    return fits;
}
