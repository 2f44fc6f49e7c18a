#include "services/ai/summaries/window.h"

#include <stdio.h>
#include <string.h>

#include "events.pb-c.h"
#include "lib/base/stamp.h"

enum { PAGE = 100, PAGE_ARENA = 8 << 20, WINDOW_ARENA = 4 << 20 };

// One room that is being read, from its newest message to older ones.
struct reading {
    struct window *window;
    const struct window_source *source;
    const char *room_id;
    int64_t since_ms;
    size_t messages_most, bytes_most; // of the window, when this room is read
    uint64_t before;                  // seq
    bool over;
};

void window_open(struct window *window)
{
    *window = (struct window){.count = 0};
    arena_init(&window->arena, WINDOW_ARENA);
    window->messages = arena_array(&window->arena, WINDOW_MESSAGES, sizeof *window->messages);
}

void window_close(struct window *window) { arena_finish(&window->arena); }

static bool out_of_memory(struct err *err)
{
    return err_fail(err, CALL_TOO_LARGE, "the messages need more memory than a call may use");
}

static bool keep_message(struct reading *reading, const Events__Message *message)
{
    struct window *window = reading->window;
    struct window_message *kept = &window->messages[window->count];
    snprintf(kept->id.text, sizeof kept->id.text, "%s", message->id);
    kept->room_id = reading->room_id;
    kept->author = arena_str(&window->arena, message->author ? message->author->username : "");
    kept->author_id = arena_str(&window->arena, message->account_id);
    kept->text = arena_str(&window->arena, message->text);
    kept->time_ms = stamp_ms(message->created_at);
    if (window->arena.failed) return false;
    window->bytes += strlen(kept->text);
    window->count++;
    return true;
}

// False when the arena is full.
static bool take_message(struct reading *reading, const Events__Message *message)
{
    struct window *window = reading->window;
    reading->before = message->seq;
    reading->over = stamp_ms(message->created_at) < reading->since_ms;
    if (reading->over) return true;
    if (!*message->text) return window->textless++, true;
    bool full = window->count >= reading->messages_most ||
                window->bytes + strlen(message->text) > reading->bytes_most;
    if (!full) return keep_message(reading, message);
    window->older = reading->over = true;
    return true;
}

static bool take_page(struct reading *reading, const Events__ListMessagesReply *page, struct err *err)
{
    for (size_t i = page->n_messages; i > 0 && !reading->over; i--)
        if (!take_message(reading, page->messages[i - 1])) return out_of_memory(err);
    if (!page->more_before || !page->n_messages) reading->over = true;
    return true;
}

static bool read_page(struct reading *reading, struct arena *arena, struct err *err)
{
    Events__ListMessagesRequest request = EVENTS__LIST_MESSAGES_REQUEST__INIT;
    ProtobufCMessage *page;
    request.room_id = reading->room_id;
    request.before = reading->before;
    request.page_size = PAGE;
    return reading->source->ask(reading->source->arg, "events.ListMessages", &request.base, arena, &page,
                                err) &&
           take_page(reading, (const Events__ListMessagesReply *)page, err);
}

static void turn_round(struct window_message *messages, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct window_message message = messages[i];
        messages[i] = messages[count - 1 - i];
        messages[count - 1 - i] = message;
    }
}

static bool read_all(struct reading *reading, struct err *err)
{
    size_t first = reading->window->count;
    struct arena arena;
    bool ok = true;
    arena_init(&arena, PAGE_ARENA);
    while (ok && !reading->over) {
        arena_reset(&arena);
        ok = read_page(reading, &arena, err);
    }
    arena_finish(&arena);
    if (!ok) reading->window->count = first; // nothing of a room that closed meanwhile
    turn_round(reading->window->messages + first, reading->window->count - first);
    return ok;
}

static bool read_share(struct window *window, const struct window_source *source, const char *room_id,
                       int64_t since_ms, size_t rooms_left, struct err *err)
{
    struct reading reading = {.window = window,
                              .source = source,
                              .room_id = arena_str(&window->arena, room_id),
                              .since_ms = since_ms,
                              .messages_most = window->count + (WINDOW_MESSAGES - window->count) / rooms_left,
                              .bytes_most = window->bytes + (WINDOW_BYTES - window->bytes) / rooms_left};
    if (!window->messages || !reading.room_id) return out_of_memory(err);
    return read_all(&reading, err);
}

bool window_read_room(struct window *window, const struct window_source *source, const char *room_id,
                      int64_t since_ms, struct err *err)
{
    return read_share(window, source, room_id, since_ms, 1, err);
}

// What a room leaves of its share is for those behind it. One that the reader lost meanwhile is left out.
static bool read_rooms(struct window *window, const struct window_source *source,
                       const Events__ListRoomsReply *rooms, int64_t since_ms, struct err *err)
{
    for (size_t i = 0; i < rooms->n_rooms; i++)
        if (!read_share(window, source, rooms->rooms[i]->id, since_ms, rooms->n_rooms - i, err) &&
            !err_is(err, NOT_FOUND))
            return false;
    *err = (struct err){0};
    return true;
}

bool window_read_event(struct window *window, const struct window_source *source, const char *event_id,
                       int64_t since_ms, struct err *err)
{
    Events__ListRoomsRequest request = EVENTS__LIST_ROOMS_REQUEST__INIT;
    ProtobufCMessage *rooms;
    struct arena arena;
    request.event_id = event_id;
    arena_init(&arena, PAGE_ARENA);
    bool ok = source->ask(source->arg, "events.ListRooms", &request.base, &arena, &rooms, err) &&
              read_rooms(window, source, (const Events__ListRoomsReply *)rooms, since_ms, err);
    arena_finish(&arena);
    return ok;
}

// ---- Some of it

struct picking {
    window_may *ask;
    void *arg;
    struct author {
        const char *id;
        bool may;
    } * authors; // who was asked about
    size_t count;
};

static bool pick_author(struct picking *picking, const char *author_id, bool *may, struct err *err)
{
    size_t at = 0;
    while (at < picking->count && strcmp(picking->authors[at].id, author_id) != 0) at++;
    struct author *author = &picking->authors[at];
    if (at == picking->count) {
        if (!picking->ask(picking->arg, author_id, &author->may, err)) return false;
        author->id = author_id;
        picking->count++;
    }
    *may = author->may;
    return true;
}

bool window_pick(struct window *window, window_may *ask, void *arg, struct window *picked, struct err *err)
{
    struct picking picking = {.ask = ask, .arg = arg};
    *picked = (struct window){.textless = window->textless, .older = window->older};
    picked->messages = arena_array(&window->arena, window->count + 1, sizeof *picked->messages);
    picking.authors = arena_array(&window->arena, window->count + 1, sizeof *picking.authors);
    if (!picked->messages || !picking.authors) return out_of_memory(err);
    for (size_t i = 0; i < window->count; i++) {
        bool may;
        if (!pick_author(&picking, window->messages[i].author_id, &may, err)) return false;
        if (!may) continue;
        picked->messages[picked->count++] = window->messages[i];
        picked->bytes += strlen(window->messages[i].text);
    }
    return true;
}
