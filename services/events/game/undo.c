#include "services/events/game/undo.h"

#include <stdlib.h>
#include <string.h>

const char *undo_user(const Game__Entry *entry)
{
    switch (entry->body_case) {
    case GAME__ENTRY__BODY_STATUS_SET:
        return entry->status_set->user_id;
    case GAME__ENTRY__BODY_ROLE_CHANGED:
        return entry->role_changed->user_id;
    case GAME__ENTRY__BODY_ABILITY_USED:
        return entry->ability_used->user_id;
    case GAME__ENTRY__BODY_CHAINED:
        return entry->chained->user_id;
    case GAME__ENTRY__BODY_NOTED:
        return entry->noted->user_id;
    case GAME__ENTRY__BODY_SCORED:
        return entry->scored->user_id;
    case GAME__ENTRY__BODY_FOULED:
        return entry->fouled->user_id;
    case GAME__ENTRY__BODY_CARD_OPENED:
        return entry->card_opened->user_id;
    case GAME__ENTRY__BODY_ATTENDANCE_SET:
        return entry->attendance_set->user_id;
    default:
        return "";
    }
}

enum part { PART_NONE, PART_ACT, PART_BARRIER };

// What a kind of entry is for undo. What was told, drawn or put to a vote stays, with all that came before
// it; a new phase begins with what the last one left. The others change nothing that an act rests on.
static enum part part_of(Game__Entry__BodyCase which)
{
    switch (which) {
    case GAME__ENTRY__BODY_STATUS_SET:
    case GAME__ENTRY__BODY_ROLE_CHANGED:
    case GAME__ENTRY__BODY_ABILITY_USED:
    case GAME__ENTRY__BODY_CHAINED:
    case GAME__ENTRY__BODY_NOTED:
    case GAME__ENTRY__BODY_SCORED:
    case GAME__ENTRY__BODY_FOULED:
    case GAME__ENTRY__BODY_CARD_OPENED:
    case GAME__ENTRY__BODY_ATTENDANCE_SET:
        return PART_ACT;
    case GAME__ENTRY__BODY_CHANGE_TOLD:
    case GAME__ENTRY__BODY_LAST_MOVE_DRAWN:
    case GAME__ENTRY__BODY_POLL_OPENED:
    case GAME__ENTRY__BODY_POLL_CLOSED:
    case GAME__ENTRY__BODY_PHASE_OPENED:
    case GAME__ENTRY__BODY_PHASE_CLOSED:
    case GAME__ENTRY__BODY_STATUS_ENDED:
    case GAME__ENTRY__BODY_FINISHED:
    case GAME__ENTRY__BODY_CANCELLED:
    case GAME__ENTRY__BODY_EXPIRED:
        return PART_BARRIER;
    case GAME__ENTRY__BODY__NOT_SET:
    case GAME__ENTRY__BODY_OPENED:
    case GAME__ENTRY__BODY_EDITED:
    case GAME__ENTRY__BODY_IMAGE_SET:
    case GAME__ENTRY__BODY_HANDED_OVER:
    case GAME__ENTRY__BODY_REMINDED:
    case GAME__ENTRY__BODY_RESERVED:
    case GAME__ENTRY__BODY_NONCE_GIVEN:
    case GAME__ENTRY__BODY_WAITLISTED:
    case GAME__ENTRY__BODY_SEAT_FREED:
    case GAME__ENTRY__BODY_WAITLIST_LEFT:
    case GAME__ENTRY__BODY_VOTED:
    case GAME__ENTRY__BODY_SEATS_ORDERED:
    case GAME__ENTRY__BODY_CARD_SHOWN:
    case GAME__ENTRY__BODY_GUEST_CLAIMED:
    case GAME__ENTRY__BODY_GUEST_UNCLAIMED:
    case GAME__ENTRY__BODY_BANNED:
    case GAME__ENTRY__BODY_UNBANNED:
    case GAME__ENTRY__BODY_LOCKED:
    case GAME__ENTRY__BODY_REOPENED:
    case GAME__ENTRY__BODY_DEAL_BURNED:
    case GAME__ENTRY__BODY_REVEALED:
    case GAME__ENTRY__BODY_CARD_DEALT:
    case GAME__ENTRY__BODY_DEAL_OPENED:
    case GAME__ENTRY__BODY_PHASE_PAUSED:
    case GAME__ENTRY__BODY_PHASE_RESUMED:
    case GAME__ENTRY__BODY_PHASE_EXTENDED:
    case GAME__ENTRY__BODY_POLL_WEIGHTED:
    case GAME__ENTRY__BODY_BALLOT_CAST:
    case GAME__ENTRY__BODY_POLL_CHANGED:
    case GAME__ENTRY__BODY_POLL_EXTENDED:
    case GAME__ENTRY__BODY_CLOCK_STARTED:
    case GAME__ENTRY__BODY_CLOCK_STOPPED:
    case GAME__ENTRY__BODY_READY_ASKED:
    case GAME__ENTRY__BODY_READY:
    case GAME__ENTRY__BODY_ASSISTANT_ADDED:
    case GAME__ENTRY__BODY_ASSISTANT_REMOVED:
    case GAME__ENTRY__BODY_UNDONE:
    case GAME__ENTRY__BODY_ROOM_SLOWED:
    case GAME__ENTRY__BODY_ROOM_MUTED:
    case GAME__ENTRY__BODY_MESSAGE_REPORTED:
    case GAME__ENTRY__BODY_UNCHANGED:
    case GAME__ENTRY__BODY_SEAT_HELD:
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
    case _GAME__ENTRY__BODY__CASE_IS_INT_SIZE:
        return PART_NONE;
    }
    return PART_NONE;
}

// Only an entry of the god's may say so: to others it would count what is hidden.
static bool says_it_joins(const Game__Entry *entry)
{
    switch (entry->body_case) {
    case GAME__ENTRY__BODY_ROLE_CHANGED:
        return entry->role_changed->joins;
    case GAME__ENTRY__BODY_CHAINED:
        return entry->chained->joins;
    case GAME__ENTRY__BODY_CARD_OPENED: // always behind its status
        return true;
    case GAME__ENTRY__BODY_NOTED:
        return entry->noted->joins;
    default:
        return false;
    }
}

bool undo_ends(const Game__Entry *entry) { return part_of(entry->body_case) == PART_BARRIER; }

// Field by field, here and below: a snapshot keeps records as they lie in memory, and their padding is zero.
static void standing_keep(struct standing *before, const struct person *person)
{
    before->statuses = person->statuses;
    before->role = person->role;
    before->told_role = person->told_role;
    before->side = person->side;
    before->told_side = person->told_side;
    before->opened_role = person->opened_role;
    before->opened_side = person->opened_side;
    before->abilities_left = person->abilities_left;
    before->score = person->score;
    before->scored = person->scored;
    before->told_left = person->told_left;
    before->chained_since = person->chained_since;
    before->fouls = person->fouls;
    before->attendance = person->attendance;
}

static void standing_restore(struct person *person, const struct standing *before)
{
    person->statuses = before->statuses;
    person->role = before->role;
    person->told_role = before->told_role;
    person->side = before->side;
    person->told_side = before->told_side;
    person->opened_role = before->opened_role;
    person->opened_side = before->opened_side;
    person->abilities_left = before->abilities_left;
    person->score = before->score;
    person->scored = before->scored;
    person->told_left = before->told_left;
    person->chained_since = before->chained_since;
    person->fouls = before->fouls;
    person->attendance = before->attendance;
}

bool undo_begin(const struct game *game, const Game__Entry *entry, struct undo *record)
{
    if (!game_open_phase(game) || part_of(entry->body_case) != PART_ACT) return false;
    int person = game_person(game, undo_user(entry));
    memset(record, 0, sizeof *record);
    record->time_ms = entry->time_ms;
    record->which = entry->body_case;
    record->joins = says_it_joins(entry);
    record->person = person == GAME_NO_ONE ? UINT16_MAX : (uint16_t)person;
    record->roles = (uint16_t)game->roles_count;
    record->sides = (uint16_t)game->sides_count;
    record->notes = (uint16_t)game->notes_count;
    record->uses = (uint16_t)game->uses_count;
    record->chained = (uint16_t)game->chained_count;
    if (person != GAME_NO_ONE) standing_keep(&record->before, &game->people[person]);
    return true;
}

static void forget_oldest_act(struct game *game)
{
    size_t gone = 1;
    while (gone < game->undos_count && game->undos[gone].joins) gone++;
    game->undos_count -= gone;
    memmove(game->undos, game->undos + gone, game->undos_count * sizeof *game->undos);
}

bool undo_keep(struct game *game, struct undo *record, struct audience audience)
{
    if (!game->undos) game->undos = malloc(UNDO_MOST * sizeof *game->undos);
    if (!game->undos) return false;
    if (game->undos_count == UNDO_MOST) forget_oldest_act(game);
    record->joins &= game->undos_count > 0;
    record->seq = game->chain.seq;
    record->audience.kind = audience.kind;
    record->audience.who = audience.who;
    memcpy(&game->undos[game->undos_count++], record, sizeof *record);
    return true;
}

static bool standing_fits(const struct game *game, const struct undo *record)
{
    const struct standing *before = &record->before;
    bool statuses = !(before->statuses.on >> GAME_STATUSES) && !(before->statuses.told >> GAME_STATUSES);
    bool roles = before->role <= game->roles_count && before->told_role <= game->roles_count &&
                 before->opened_role <= game->roles_count;
    bool sides = before->side <= game->sides_count && before->told_side <= game->sides_count &&
                 before->opened_side <= game->sides_count;
    return statuses && roles && sides && before->abilities_left >= 0 &&
           before->abilities_left <= GAME_UNLIMITED && before->told_left >= 0 &&
           before->told_left <= GAME_UNLIMITED && before->chained_since <= game->chained_count &&
           before->score >= 0 && before->score <= UINT8_MAX &&
           before->attendance <= EVENTS__ATTENDANCE__VALUE__ABSENT;
}

// No record had more than the one above it, or than there is now: what is taken back only shortens lists.
static bool counts_fit(const struct game *game, const struct undo *record)
{
    const struct undo *below = undo_newest(game);
    bool now = record->roles <= game->roles_count && record->sides <= game->sides_count &&
               record->notes <= game->notes_count && record->uses <= game->uses_count &&
               record->chained <= game->chained_count;
    return now && (!below || (below->roles <= record->roles && below->sides <= record->sides &&
                              below->notes <= record->notes && below->uses <= record->uses &&
                              below->chained <= record->chained));
}

bool undo_restore(struct game *game, const struct undo *record)
{
    struct undo kept;
    memcpy(&kept, record, sizeof kept);
    bool person = kept.person == UINT16_MAX || kept.person < game->people_count;
    if (part_of(kept.which) != PART_ACT || !person || !counts_fit(game, &kept) ||
        !standing_fits(game, &kept) || game->undos_count == UNDO_MOST)
        return false;
    uint64_t seq = kept.seq;
    if (!undo_keep(game, &kept, kept.audience)) return false;
    game->undos[game->undos_count - 1].seq = seq;
    return seq <= game->chain.seq;
}

void undo_forget(struct game *game) { game->undos_count = 0; }

const struct undo *undo_newest(const struct game *game)
{
    return game->undos_count ? &game->undos[game->undos_count - 1] : NULL;
}

// Records are taken back newest first, so what was added since is at the ends of the lists.
void undo_take_back(struct game *game)
{
    const struct undo *record = &game->undos[--game->undos_count];
    if (record->person != UINT16_MAX) standing_restore(&game->people[record->person], &record->before);
    while (game->notes_count > record->notes) free(game->notes[--game->notes_count].text);
    game->uses_count = record->uses;
    game->chained_count = record->chained;
    game->roles_count = record->roles;
    game->sides_count = record->sides;
}

size_t undo_act(const struct game *game)
{
    size_t records = 0;
    while (records < game->undos_count && game->undos[game->undos_count - ++records].joins) continue;
    return records;
}
