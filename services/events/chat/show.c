#include "services/events/chat/show.h"

#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/game/view/view.h"
#include "services/events/names/show.h"
#include "services/events/tables.h"

static Events__Person *show_player(const struct reader *reader, int person)
{
    const struct person *player = &reader->game->people[person];
    return view_person(player->user_id.text, person_name(player), reader->arena);
}

Events__Person *show_person(const struct reader *reader, const char *user_id, const char *username_then)
{
    char name[PERSON_NAME];
    int person = game_person(reader->game, user_id);
    if (person != GAME_NO_ONE) return show_player(reader, person);
    names_of(reader->events->names, user_id, name);
    return view_person(user_id, name[0] ? name : username_then, reader->arena);
}

static bool show_mentions(const struct reader *reader, const struct wording *wording,
                          Events__Message *message)
{
    message->mentions = arena_array(reader->arena, wording->mentions_count + 1u, sizeof *message->mentions);
    for (size_t i = 0; message->mentions && i < wording->mentions_count; i++) {
        message->mentions[i] = show_person(reader, wording->mentions[i].text, "");
        if (!message->mentions[i]) return false;
        message->n_mentions++;
    }
    return message->mentions;
}

static bool show_deletion(const struct reader *reader, const struct said *said, Events__Message *message)
{
    Events__Message__Deleted *deleted = arena_new(reader->arena, Events__Message__Deleted);
    if (!deleted) return false;
    events__message__deleted__init(deleted);
    deleted->by = (Events__Message__Deleted__By)said->deleted_by;
    deleted->at = stamp_new(reader->arena, said->deleted_ms);
    message->deleted = deleted;
    return deleted->at;
}

static Events__Message__Report *show_report(const struct reader *reader, const struct message_report *report)
{
    Events__Message__Report *shown = arena_new(reader->arena, Events__Message__Report);
    if (!shown) return NULL;
    events__message__report__init(shown);
    shown->user = show_person(reader, report->user_id.text, "");
    shown->reason = arena_str(reader->arena, report->reason);
    shown->time = stamp_new(reader->arena, report->time_ms);
    return shown->user && shown->time ? shown : NULL;
}

static bool show_reports(const struct reader *reader, const struct said *said, Events__Message *message)
{
    size_t at = 0, count = 0;
    if (!reader->moderates || !reader->game->reports_count) return true;
    while (game_report(reader->game, reader->part, said->id.text, &at)) count++;
    message->reports = arena_array(reader->arena, count + 1, sizeof *message->reports);
    if (!message->reports) return false;
    at = 0;
    for (const struct message_report *report;
         (report = game_report(reader->game, reader->part, said->id.text, &at));) {
        message->reports[message->n_reports] = show_report(reader, report);
        if (!message->reports[message->n_reports++]) return false;
    }
    return true;
}

static bool is_author(const struct reader *reader, const struct writer *writer)
{
    return *reader->user_id && strcmp(writer->user_id.text, reader->user_id) == 0;
}

// What it says, as of the reader's horizon.
static bool show_wording(const struct reader *reader, const struct said *said, Events__Message *message)
{
    int64_t at_ms = reader->horizon_ms ? reader->horizon_ms : INT64_MAX;
    const struct wording *wording = talk_wording(said, at_ms, &message->revision);
    if (message->revision > 1) message->edited_at = stamp_new(reader->arena, wording->time_ms);
    if (talk_is_deleted(said, at_ms)) return show_deletion(reader, said, message);
    message->erased = !wording->text || reader->past_keeping;
    if (message->erased) return true;
    message->text = arena_str(reader->arena, wording->text);
    return show_mentions(reader, wording, message);
}

Events__Message *show_message(const struct reader *reader, const struct said *said)
{
    struct arena *arena = reader->arena;
    const struct writer *writer = &reader->talk->writers[said->writer];
    Events__Message *message = arena_new(arena, Events__Message);
    if (!message) return NULL;
    events__message__init(message);
    message->id = arena_str(arena, said->id.text);
    message->seq = said->seq;
    message->author = show_person(reader, writer->user_id.text, writer->username);
    message->account_id = arena_str(arena, writer->user_id.text);
    if (said->reply_to)
        message->reply_to = arena_str(arena, reader->talk->messages[said->reply_to - 1].id.text);
    message->created_at = stamp_new(arena, said->time_ms);
    if (is_author(reader, writer)) message->client_id = arena_str(arena, said->client_id);
    bool filled =
        message->author && show_wording(reader, said, message) && show_reports(reader, said, message);
    return filled && !arena->failed ? message : NULL;
}

// ---- Rooms

static bool show_whose(const struct reader *reader, const struct room *room, Events__Room *shown)
{
    static const Events__Room__Kind kinds[ROOM_KINDS] = {EVENTS__ROOM__KIND__TABLE, EVENTS__ROOM__KIND__SIDE,
                                                         EVENTS__ROOM__KIND__DEAD, EVENTS__ROOM__KIND__GOD};
    shown->kind = kinds[room->kind];
    const char *whose = arena_str(reader->arena, room->whose.text);
    const struct title_place side = {.table = EVENTS_SIDES, .id = whose, .title = &shown->side};
    if (!whose) return false;
    if (room->kind == ROOM_GOD) shown->player = show_person(reader, whose, "");
    if (room->kind == ROOM_SIDE)
        return catalogue_titles(reader->events->catalogue, &side, 1, reader->arena) && shown->side;
    return room->kind != ROOM_GOD || shown->player;
}

static int64_t muted_until(const struct reader *reader, const struct room_right *right, int64_t now_ms)
{
    const struct mute *mute =
        right->person == GAME_NO_ONE ? NULL : game_mute(reader->game, reader->part, right->person);
    return mute && mute->until_ms > now_ms && !right->moderates ? mute->until_ms : 0;
}

Events__Room *show_room(const struct reader *reader, const struct room *room, const struct room_right *right,
                        int64_t now_ms)
{
    struct arena *arena = reader->arena;
    Events__Room *shown = arena_new(arena, Events__Room);
    if (!shown) return NULL;
    events__room__init(shown);
    shown->id = arena_str(arena, room_id(room).text);
    shown->event_id = arena_str(arena, room->event_id.text);
    if (!reader->horizon_ms) shown->slow_mode = game_slow_s(reader->game, reader->part);
    if (!show_whose(reader, room, shown)) return NULL;
    if (!*reader->user_id) return arena->failed ? NULL : shown;
    int64_t muted_ms = muted_until(reader, right, now_ms);
    shown->may_write = right->write && !muted_ms;
    struct err err = {.reason = muted_ms ? CONSE__REASON__VALUE__MUTED : right->why};
    if (!shown->may_write) shown->why_not = arena_str(arena, err_name(&err));
    if (muted_ms) shown->muted_until = stamp_new(arena, muted_ms);
    return arena->failed ? NULL : shown;
}
