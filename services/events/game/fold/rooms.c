// What the god does in the rooms, and what is reported to the god. Messages are no entries of the event.
#include "services/events/game/fold/fold.h"

#include <stdlib.h>
#include <string.h>

bool fold_room_slowed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__RoomSlowed *slowed = entry->room_slowed;
    *audience = AUDIENCE(GOD);
    if (slowed->seconds < 0 || !*slowed->room) return false;
    for (size_t i = 0; i < game->slow_count; i++)
        if (strcmp(game->slow[i].room, slowed->room) == 0)
            return game->slow[i].seconds = slowed->seconds, true;
    if (game->slow_count == GAME_MAX_SLOW) return false;
    struct slow_room *slow = array_add(&game->slow, &game->slow_count, sizeof *slow);
    if (!slow) return false;
    slow->seconds = slowed->seconds;
    return fold_short(slow->room, sizeof slow->room, slowed->room);
}

bool fold_room_muted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__RoomMuted *muted = entry->room_muted;
    int person = game_person(game, muted->user_id);
    *audience = AUDIENCE(GOD);
    if (person == GAME_NO_ONE || muted->until_ms < 0 || !*muted->room) return false;
    struct mute *mute = game_mute(game, muted->room, person);
    if (mute) return mute->until_ms = muted->until_ms, true;
    if (game->mutes_count == GAME_MAX_MUTES) return false;
    mute = array_add(&game->mutes, &game->mutes_count, sizeof *mute);
    if (!mute) return false;
    mute->person = (uint16_t)person;
    mute->until_ms = muted->until_ms;
    return fold_short(mute->room, sizeof mute->room, muted->room);
}

// Sealed: at the end everybody reads the rest of the log. Who leads sees it with the message.
bool fold_message_reported(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__MessageReported *reported = entry->message_reported;
    *audience = AUDIENCE(SEALED);
    if (game->reports_count == GAME_MAX_REPORTS) return false;
    struct message_report *report = array_add(&game->reports, &game->reports_count, sizeof *report);
    if (!report) return false;
    report->time_ms = entry->time_ms;
    return fold_id(&report->message_id, reported->message_id) && fold_id(&report->user_id, entry->actor) &&
           fold_short(report->room, sizeof report->room, reported->room) &&
           fold_text(&report->reason, reported->reason);
}
