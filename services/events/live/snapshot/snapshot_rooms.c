#include "services/events/live/snapshot/snapshot_rooms.h"

#include "services/events/game/fold/fold.h"
#include "services/events/live/snapshot/snapshot_parts.h"

void snapshot_save_rooms(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->ended_ms = game->ended_ms;
    saved->slow =
        snapshot_messages(arena, &game__snapshot__slow__descriptor, game->slow_count, &saved->n_slow);
    for (size_t i = 0; i < saved->n_slow; i++) {
        saved->slow[i]->room = game->slow[i].room;
        saved->slow[i]->seconds = game->slow[i].seconds;
    }
    saved->mutes =
        snapshot_messages(arena, &game__snapshot__mute__descriptor, game->mutes_count, &saved->n_mutes);
    for (size_t i = 0; i < saved->n_mutes; i++) {
        saved->mutes[i]->room = game->mutes[i].room;
        saved->mutes[i]->person = game->mutes[i].person;
        saved->mutes[i]->until_ms = game->mutes[i].until_ms;
    }
    saved->reports =
        snapshot_messages(arena, &game__snapshot__report__descriptor, game->reports_count, &saved->n_reports);
    for (size_t i = 0; i < saved->n_reports; i++) {
        saved->reports[i]->room = game->reports[i].room;
        saved->reports[i]->message_id = game->reports[i].message_id.text;
        saved->reports[i]->user_id = game->reports[i].user_id.text;
        saved->reports[i]->reason = game->reports[i].reason;
        saved->reports[i]->time_ms = game->reports[i].time_ms;
    }
}

static bool restore_slow(struct game *game, const Game__Snapshot__Slow *saved)
{
    if (saved->seconds < 0 || game->slow_count == GAME_MAX_SLOW) return false;
    struct slow_room *slow = array_add(&game->slow, &game->slow_count, sizeof *slow);
    if (!slow) return false;
    slow->seconds = saved->seconds;
    return fold_short(slow->room, sizeof slow->room, saved->room);
}

static bool restore_mute(struct game *game, const Game__Snapshot__Mute *saved)
{
    if (!snapshot_within(saved->person, game->people_count) || saved->until_ms < 0 ||
        game->mutes_count == GAME_MAX_MUTES || game_mute(game, saved->room, saved->person))
        return false;
    struct mute *mute = array_add(&game->mutes, &game->mutes_count, sizeof *mute);
    if (!mute) return false;
    mute->person = (uint16_t)saved->person;
    mute->until_ms = saved->until_ms;
    return fold_short(mute->room, sizeof mute->room, saved->room);
}

static bool restore_report(struct game *game, const Game__Snapshot__Report *saved)
{
    if (game->reports_count == GAME_MAX_REPORTS) return false;
    struct message_report *report = array_add(&game->reports, &game->reports_count, sizeof *report);
    if (!report) return false;
    report->time_ms = saved->time_ms;
    return fold_id(&report->message_id, saved->message_id) && fold_id(&report->user_id, saved->user_id) &&
           fold_short(report->room, sizeof report->room, saved->room) &&
           fold_text(&report->reason, saved->reason);
}

bool snapshot_restore_rooms(struct game *game, const Game__Snapshot *saved)
{
    bool ok = saved->ended_ms >= 0;
    game->ended_ms = saved->ended_ms;
    for (size_t i = 0; ok && i < saved->n_slow; i++) ok = restore_slow(game, saved->slow[i]);
    for (size_t i = 0; ok && i < saved->n_mutes; i++) ok = restore_mute(game, saved->mutes[i]);
    for (size_t i = 0; ok && i < saved->n_reports; i++) ok = restore_report(game, saved->reports[i]);
    return ok;
}
