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

void reader_key(const struct visit *visit, enum reader_class class, uint8_t key[ROOM_KEY])
{
    static const char *const names[READER_CLASSES] = {"reader", "late", "leader"};
    const struct command *command = &visit->command;
    struct room_text id = room_id(&visit->room);
    const char *const words[] = {"room", id.text, names[class], "erased"};
    bool erased = erase_is_due(command->events, command->game, visit->now_ms);
    view_key_make(store_generation(command->events->store), words, erased ? 4 : 3, key);
}

void reader_tell_cursor(const struct visit *visit)
{
    struct cursor cursor = {.offset = visit_head(visit)};
    uint8_t key[ROOM_KEY];
    reader_key(visit, reader_class_of(&visit->right), key);
    cursor_epoch(key, cursor.epoch);
    cursor_write(&cursor, visit->command.call->cursor);
}

bool reader_add_texts(const struct reader *reader, struct said *said, Events__Message *message)
{
    message->texts = arena_array(reader->arena, (size_t)said->revision + 1, sizeof *message->texts);
    if (!message->texts) return false;
    for (size_t i = 0; i < (size_t)said->revision && !reader->past_keeping; i++) {
        const char *text = talk_nth_wording(said, i)->text;
        if (text) message->texts[message->n_texts++] = arena_str(reader->arena, text);
    }
    return !reader->arena->failed;
}
