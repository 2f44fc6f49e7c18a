#include "services/events/push/topic_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/names/names.h"
#include "lib/schema/passport.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

#define PUBLIC_SUFFIX ".public"

enum { PAGE = 200, ARENA = 1 << 20 };

static const struct store_table *const topics = &events_tables[EVENTS_TOPICS];

struct stream_name topic_stream(const char *topic_id)
{
    struct stream_name name;
    snprintf(name.text, sizeof name.text, TOPICS_PREFIX "%s", topic_id);
    return name;
}

struct stream_name topic_source(const char *event_id)
{
    struct stream_name name;
    snprintf(name.text, sizeof name.text, EVENTS_PREFIX "%s" PUBLIC_SUFFIX, event_id);
    return name;
}

bool topic_pattern_parse(const char *pattern, char event_id[UUID_LEN + 1])
{
    size_t before = sizeof EVENTS_PREFIX - 1, behind = sizeof PUBLIC_SUFFIX - 1, len = strlen(pattern);
    if (len <= before + behind || strncmp(pattern, EVENTS_PREFIX, before) != 0 ||
        strcmp(pattern + len - behind, PUBLIC_SUFFIX) != 0 || len - before - behind > UUID_LEN)
        return false;
    snprintf(event_id, UUID_LEN + 1, "%.*s", (int)(len - before - behind), pattern + before);
    return strcmp(event_id, EVERY_EVENT) == 0 || uuid_check(event_id);
}

static bool topics_find(struct events *events, const char *index, const char *value, struct arena *arena,
                        struct topic_rows *found, struct err *err)
{
    const struct store_query query = {
        .index = index, .equal = {{.text = value}}, .equal_count = 1, .limit = PAGE, .page_token = ""};
    struct store_rows rows;
    if (!store_find(events->store, topics, &query, arena, &rows, err)) return false;
    *found = (struct topic_rows){(Push__TopicRow **)rows.messages, rows.versions, rows.count};
    return true;
}

bool topics_of_owner(struct events *events, const char *owner_id, struct arena *arena,
                     struct topic_rows *found, struct err *err)
{
    return topics_find(events, "by_owner", owner_id, arena, found, err);
}

bool topics_of_event(struct events *events, const char *event_id, struct arena *arena,
                     struct topic_rows *found, struct err *err)
{
    return topics_find(events, "by_event", event_id, arena, found, err);
}

bool topic_find(struct events *events, const char *name, struct arena *arena, Push__TopicRow **row,
                uint64_t *version, struct err *err)
{
    struct topic_rows found;
    if (!topics_find(events, "by_name", name, arena, &found, err)) return false;
    *row = found.count ? found.rows[0] : NULL;
    *version = found.count ? found.versions[0] : 0;
    return true;
}

bool topic_by_id(struct events *events, const char *topic_id, struct arena *arena, Push__TopicRow **row,
                 struct err *err)
{
    uint64_t version;
    return store_get(events->store, topics, topic_id, arena, (ProtobufCMessage **)row, &version, err);
}

struct turn_of turn_of_topic(const struct events *events, const Push__TopicRow *row)
{
    struct turn_of of = {.site = ""};
    snprintf(of.name, sizeof of.name, "%s", row->name);
    snprintf(of.owner, sizeof of.owner, "%s", row->owner_id);
    if (row->webhook) turn_site(of.site, row->webhook->url, events->settings.push_loopback);
    return of;
}

bool topic_may(const struct events *events, const Push__TopicRow *row, const char *god_id, int64_t now_ms)
{
    struct name_told owner;
    if (!names_get(events->names, row->owner_id, &owner) || owner.suspended_until_ms > now_ms) return false;
    if (owner.level == LEVEL_DEV) return true;
    if (*row->group_id) return owner.level == LEVEL_GOD && (!*god_id || strcmp(row->owner_id, god_id) == 0);
    return owner.level == LEVEL_GOD && strcmp(row->event_id, EVERY_EVENT) != 0 &&
           strcmp(row->owner_id, god_id) == 0;
}

bool topic_is_stopped(struct events *events, const Push__TopicRow *row, int64_t now_ms, struct arena *arena,
                      bool *stopped, struct err *err)
{
    Game__EventRow *event = NULL;
    uint64_t version;
    if (strcmp(row->event_id, EVERY_EVENT) != 0 &&
        !store_get(events->store, &events_tables[EVENTS_EVENTS], row->event_id, arena,
                   (ProtobufCMessage **)&event, &version, err))
        return false;
    *stopped = !topic_may(events, row, event ? event->god_id : "", now_ms);
    return true;
}

// ---- A reader's place

void topic_key(const struct events *events, const char *topic_id, uint8_t key[VIEW_KEY])
{
    const char *const words[] = {"topic", topic_id};
    view_key_make(store_generation(events->store), words, sizeof words / sizeof *words, key);
}

void topic_cursor(const struct events *events, const char *topic_id, uint64_t index, char text[CURSOR_TEXT])
{
    struct cursor cursor = {.offset = index};
    uint8_t key[VIEW_KEY];
    topic_key(events, topic_id, key);
    cursor_epoch(key, cursor.epoch);
    cursor_write(&cursor, text);
}

// ---- Its end

struct ending {
    struct events *events;
    struct stream_name stream;
};

// Who follows it is to ask, and hears that there is none.
static void hint_at_end(void *arg, bool durable)
{
    struct ending *ending = arg;
    Bus__Notice hint = BUS__NOTICE__INIT;
    hint.stream = ending->stream.text;
    if (durable) bus_hint(ending->events->publisher, &hint);
    free(ending);
}

uint64_t topic_end(struct events *events, const Push__TopicRow *row, uint64_t version,
                   const struct store_write *write)
{
    uint64_t ticket = store_delete(events->store, topics, row->id, version, write);
    struct ending *ending = calloc(1, sizeof *ending);
    struct store_write behind = {.after = ticket, .begins = true};
    if (ending) {
        *ending = (struct ending){events, topic_stream(row->id)};
        behind.done = hint_at_end;
        behind.arg = ending;
    }
    return store_delete_stream(events->store, topic_stream(row->id).text, 0, &behind);
}

bool topics_forget(struct events *events, const char *owner_id, struct err *err)
{
    struct topic_rows found;
    struct arena arena;
    uint64_t ticket = 0;
    arena_init(&arena, ARENA);
    bool ok = topics_of_owner(events, owner_id, &arena, &found, err);
    for (size_t i = 0; ok && i < found.count; i++)
        if (found.rows[i])
            ticket =
                topic_end(events, found.rows[i], found.versions[i], &(struct store_write){.after = ticket});
    ok = ok && (!ticket || store_wait(events->store, ticket, err));
    arena_finish(&arena);
    return ok;
}
