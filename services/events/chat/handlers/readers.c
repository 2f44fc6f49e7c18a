#include "services/events/chat/handlers/readers.h"

#include <string.h>

#include "lib/base/cursor.h"
#include "services/events/chat/erase.h"
#include "services/events/topics/view_key.h"

struct reader reader_of(const struct visit *visit, const struct room_text *part)
{
    const struct command *command = &visit->command;
    return (struct reader){.events = command->events,
                           .game = command->game,
                           .talk = &visit->open->talk,
                           .part = part->text,
                           .user_id = visit->viewer.user_id,
                           .moderates = visit->right.moderates,
                           .past_keeping = erase_is_due(command->events, command->game, visit->now_ms),
                           .horizon_ms = visit->right.behind_ms ? visit->now_ms - visit->right.behind_ms : 0,
                           .arena = command->call->arena};
}

enum reader_class reader_class_of(const struct room_right *right)
{
    if (right->moderates) return CLASS_LEADER;
    return right->behind_ms ? CLASS_LATE_READER : CLASS_READER;
}

void reader_key(const struct events *events, const struct room *room, enum reader_class class,
                uint8_t key[ROOM_KEY])
{
    static const char *const names[READER_CLASSES] = {"reader", "late", "leader"};
    struct room_text id = room_id(room);
    const char *const words[] = {"room", id.text, names[class]};
    view_key_make(store_generation(events->store), words, sizeof words / sizeof *words, key);
}

void reader_tell_cursor(const struct visit *visit)
{
    struct cursor cursor = {.offset = visit_head(visit)};
    uint8_t key[ROOM_KEY];
    reader_key(visit->command.events, &visit->room, reader_class_of(&visit->right), key);
    cursor_epoch(key, cursor.epoch);
    cursor_write(&cursor, visit->command.call->cursor);
}

static const char *text_of(const Chat__Link *link, struct arena *arena)
{
    const Chat__Entry *entry =
        link->entry.len ? chat__entry__unpack(&arena->allocator, link->entry.len, link->entry.data) : NULL;
    if (!entry) return NULL;
    if (entry->body_case == CHAT__ENTRY__BODY_SAID) return entry->said->text;
    return entry->body_case == CHAT__ENTRY__BODY_EDITED ? entry->edited->text : NULL;
}

static bool add_text(const struct visit *visit, uint64_t seq, Events__Message *message, struct err *err)
{
    struct arena *arena = visit->command.call->arena;
    struct store_entries page;
    if (!store_read(visit->command.events->store, room_stream(&visit->room).text, seq, 1, arena, &page, err))
        return false;
    const Chat__Link *link =
        page.count ? chat__link__unpack(&arena->allocator, page.entries[0].len, page.entries[0].data) : NULL;
    const char *text = link ? text_of(link, arena) : NULL;
    if (text) message->texts[message->n_texts++] = arena_str(arena, text);
    return arena->failed ? filled(NULL, err) : true;
}

bool reader_add_texts(const struct visit *visit, const struct said *said, Events__Message *message,
                      struct err *err)
{
    const struct talk *talk = &visit->open->talk;
    uint32_t place = (uint32_t)(said - talk->messages);
    message->texts =
        arena_array(visit->command.call->arena, (size_t)said->revision + 1, sizeof *message->texts);
    if (!filled(message->texts, err)) return false;
    int32_t left = said->revision;
    for (uint64_t seq = said->seq; left && seq <= talk->deeds_count; seq++) {
        const struct deed *deed = &talk->deeds[seq - 1];
        if (deed->message != place || deed->which == CHAT__ENTRY__BODY_DELETED) continue;
        if (!add_text(visit, seq, message, err)) return false;
        left--;
    }
    return true;
}
