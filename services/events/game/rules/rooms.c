// The pace of rooms, who is muted in them, and reports of messages.
#include <string.h>

#include "services/events/game/rules/rules.h"

static bool has_pace(const struct game *game, const char *room)
{
    for (size_t i = 0; i < game->slow_count; i++)
        if (strcmp(game->slow[i].room, room) == 0) return true;
    return false;
}

bool rules_slow(struct game *game, struct entries *entries, const char *room, int32_t seconds,
                struct err *err)
{
    if (!rules_need_room(game, err)) return false;
    if (game_slow_s(game, room) == seconds) return true;
    if (!has_pace(game, room) && game->slow_count == GAME_MAX_SLOW)
        return err_fail(err, LIMIT_REACHED, "the pace of %d rooms was set", GAME_MAX_SLOW);
    ENTRY(entries, game, ROOM_SLOWED, RoomSlowed, room_slowed, .room = room, .seconds = seconds);
    return true;
}

bool rules_mute(struct game *game, struct entries *entries, const struct muting *muting, struct err *err)
{
    int person = game_person(game, muting->user_id);
    if (!rules_need_room(game, err)) return false;
    if (person == GAME_NO_ONE) return err_fail(err, NOT_A_PLAYER, "this person is not in the event");
    const struct mute *mute = game_mute(game, muting->room, person);
    int64_t before_ms = mute ? mute->until_ms : 0,
            until_ms = muting->until_ms > entries->now_ms ? muting->until_ms : 0;
    if (before_ms == until_ms) return true;
    if (!mute && game->mutes_count == GAME_MAX_MUTES)
        return err_fail(err, LIMIT_REACHED, "an event has at most %d mutes", GAME_MAX_MUTES);
    ENTRY(entries, game, ROOM_MUTED, RoomMuted, room_muted, .room = muting->room, .user_id = muting->user_id,
          .until_ms = until_ms, .reason = muting->reason);
    return true;
}

static size_t count_reports(const struct game *game, const char *user_id)
{
    size_t count = 0;
    for (size_t i = 0; i < game->reports_count; i++)
        count += strcmp(game->reports[i].user_id.text, user_id) == 0;
    return count;
}

static bool was_reported(const struct game *game, const char *room, const char *message_id,
                         const char *user_id)
{
    size_t at = 0;
    for (const struct message_report *report; (report = game_report(game, room, message_id, &at));)
        if (strcmp(report->user_id.text, user_id) == 0) return true;
    return false;
}

bool rules_report_message(struct game *game, struct entries *entries, const char *room,
                          const char *message_id, const char *reason, struct err *err)
{
    if (was_reported(game, room, message_id, entries->actor)) return true;
    if (game->reports_count == GAME_MAX_REPORTS ||
        count_reports(game, entries->actor) >= GAME_MAX_REPORTS_EACH)
        return err_fail(err, LIMIT_REACHED, "there are as many reports as the event takes");
    if (!rules_need_common_room(game, err)) return false;
    ENTRY(entries, game, MESSAGE_REPORTED, MessageReported, message_reported, .room = room,
          .message_id = message_id, .reason = reason);
    return true;
}
