#include "services/events/topics/told.h"

#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/streams.h"
#include "services/events/tables.h"
#include "services/events/topics/peers.h"
#include "services/events/topics/view_key.h"

// ---- A reader's place

void told_view_make(struct told_view *view, struct store *store, const char *user_id)
{
    const char *const words[] = {"me", user_id};
    view_key_make(store_generation(store), words, sizeof words / sizeof *words, view->key);
    cursor_epoch(view->key, view->epoch);
}

void told_cursor(const struct told_view *view, uint64_t seq, char text[CURSOR_TEXT])
{
    struct cursor cursor = {.offset = seq};
    memcpy(cursor.epoch, view->epoch, sizeof cursor.epoch);
    cursor_write(&cursor, text);
}

// ---- What was told

Events__MeEntry *told_entry(const ProtobufCBinaryData *bytes, struct arena *arena)
{
    const Game__UserNotice *notice = game__user_notice__unpack(&arena->allocator, bytes->len, bytes->data);
    Events__MeEntry *entry = arena_new(arena, Events__MeEntry);
    if (!notice || !entry) return NULL;
    events__me_entry__init(entry);
    entry->time = stamp_new(arena, notice->time_ms);
    entry->kind = notice->kind;
    entry->event_id = notice->event_id;
    entry->title = notice->title;
    entry->payload = notice->entry;
    entry->salt = notice->salt;
    entry->room_id = notice->room_id;
    entry->message_id = notice->message_id;
    return entry;
}

Events__Preferences__About told_about(const char *kind)
{
    static const char *const seats[] = {
        "RESERVED",        "SEAT_FREED",      "WAITLISTED",        "GUEST_CLAIMED",
        "GUEST_UNCLAIMED", "ASSISTANT_ADDED", "ASSISTANT_REMOVED", "SEAT_HELD",
        "HOLD_OPENED",     "SEAT_PAID",       "SEAT_HELD_AGAIN",   "HOLD_ENDING",
        "HOLD_CLOSED",     "OFFERED",         "OFFER_SEATED",      "OFFER_ENDED"};
    if (strcmp(kind, "MENTIONED") == 0) return EVENTS__PREFERENCES__ABOUT__MENTION;
    if (strcmp(kind, "REMINDED") == 0) return EVENTS__PREFERENCES__ABOUT__REMINDER;
    for (size_t i = 0; i < sizeof seats / sizeof *seats; i++)
        if (strcmp(kind, seats[i]) == 0) return EVENTS__PREFERENCES__ABOUT__SEAT;
    return EVENTS__PREFERENCES__ABOUT__GAME;
}

// ---- Telling of it

// Private notices carry a number alone, so the newest stands for those before it.
bool told_publish(struct events *events, const char *user_id, struct err *err)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    struct stream_name topic = users_stream(user_id);
    notice.stream = topic.text;
    if (!events->publisher) return true;
    if (!store_head(events->store, topic.text, &notice.seq, err)) return false;
    bus_publish(events->publisher, &notice);
    events_peers_tell_user(events, user_id, notice.seq);
    events->push_hooks->told(events->bells, user_id);
    return true;
}

// ---- Forgetting

bool told_forget(struct events *events, const char *user_id, struct err *err)
{
    static const enum events_table tables[] = {EVENTS_SEEN, EVENTS_PREFERENCES};
    struct store *store = events->store;
    const struct store_write first = {.begins = true}; // nobody is told later who was not told yet
    uint64_t ticket = store_delete_stream(store, users_stream(user_id).text, 0, &first);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct store_write write = {.after = ticket};
        ticket = store_delete_made(store, &events_tables[tables[i]], user_id, INT64_MAX, &write);
    }
    return store_wait(store, ticket, err);
}
