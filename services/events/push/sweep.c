// What is left of topics that were ended, what is too old in the others, and what belongs to nobody.
#include <stdio.h>
#include <string.h>

#include "lib/names/names.h"
#include "services/events/push/browsers.h"
#include "services/events/push/push.h"
#include "services/events/push/topic_rows.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

// KEPT_MS: of a topic's entries; those that a webhook has not delivered are kept for WAITING_MS.
enum { PAGE = 200, ARENA = 8 << 20, TOKEN = 512 };
static const int64_t KEPT_MS = INT64_C(7) * 86400 * 1000, WAITING_MS = INT64_C(30) * 86400 * 1000;

struct sweep {
    struct events *events;
    struct arena *arena;
    int64_t now_ms;
};

// ---- What is too old

static bool delivered_to(const struct sweep *sweep, const Push__TopicRow *row, uint64_t *index,
                         struct err *err)
{
    Push__DeliveryRow *place;
    uint64_t version;
    *index = UINT64_MAX;
    if (!row->webhook) return true;
    if (!store_get(sweep->events->store, &events_tables[EVENTS_DELIVERIES], row->id, sweep->arena,
                   (ProtobufCMessage **)&place, &version, err))
        return false;
    *index = place ? place->index : 0;
    return true;
}

static bool is_old(const struct sweep *sweep, const ProtobufCBinaryData *bytes, bool delivered)
{
    const Push__Published *published =
        push__published__unpack(&sweep->arena->allocator, bytes->len, bytes->data);
    return published && published->time_ms < sweep->now_ms - (delivered ? KEPT_MS : WAITING_MS);
}

static bool trim_topic(const struct sweep *sweep, const Push__TopicRow *row, struct err *err)
{
    struct stream_name stream = topic_stream(row->id);
    struct store *store = sweep->events->store;
    struct store_entries page;
    uint64_t delivered, oldest;
    if (!delivered_to(sweep, row, &delivered, err) || !store_oldest(store, stream.text, &oldest, err))
        return false;
    if (!oldest) return true;
    if (!store_read(store, stream.text, oldest, PAGE, sweep->arena, &page, err)) return false;
    size_t old = 0;
    while (old < page.count && is_old(sweep, &page.entries[old], page.first_seq + old <= delivered)) old++;
    return !old || store_trim_stream(store, stream.text, page.first_seq + old, err);
}

// ---- All rows of a table

typedef bool sweep_row(const struct sweep *sweep, const ProtobufCMessage *row, struct err *err);

static bool sweep_rows(const struct sweep *sweep, enum events_table table, sweep_row *each, struct err *err)
{
    char token[TOKEN] = "";
    do {
        const struct store_query query = {.limit = PAGE, .page_token = token};
        struct store_rows rows;
        arena_reset(sweep->arena);
        if (!store_find(sweep->events->store, &events_tables[table], &query, sweep->arena, &rows, err))
            return false;
        for (size_t i = 0; i < rows.count; i++)
            if (rows.messages[i] && !each(sweep, rows.messages[i], err)) return false;
        snprintf(token, TOKEN, "%s", rows.next_page_token);
    } while (*token);
    return true;
}

// A call that was under way while its account was deleted may have made a topic, or a browser, behind that.
static bool sweep_topic(const struct sweep *sweep, const ProtobufCMessage *message, struct err *err)
{
    const Push__TopicRow *row = (const Push__TopicRow *)message;
    if (names_is_deleted(sweep->events->names, row->owner_id))
        return topics_forget(sweep->events, row->owner_id, err);
    return trim_topic(sweep, row, err);
}

static bool sweep_browser(const struct sweep *sweep, const ProtobufCMessage *message, struct err *err)
{
    const Push__BrowserRow *row = (const Push__BrowserRow *)message;
    return !names_is_deleted(sweep->events->names, row->user_id) ||
           browsers_forget(sweep->events, row->user_id, err);
}

// ---- What is left

static bool is_topic(const struct sweep *sweep, const char *text, bool *is, struct err *err)
{
    Push__TopicRow *row;
    char id[UUID_LEN + 1];
    snprintf(id, sizeof id, "%.*s", UUID_LEN, text);
    if (!topic_by_id(sweep->events, id, sweep->arena, &row, err)) return false;
    *is = row != NULL;
    return true;
}

// Rows whose ids begin with that of their topic.
static bool drop_rows(struct sweep *sweep, enum events_table table, struct err *err)
{
    char token[TOKEN] = "";
    struct store *store = sweep->events->store;
    do {
        const struct store_query query = {.limit = PAGE, .page_token = token};
        struct store_rows rows;
        uint64_t ticket = 0;
        arena_reset(sweep->arena);
        if (!store_find(store, &events_tables[table], &query, sweep->arena, &rows, err)) return false;
        for (size_t i = 0; i < rows.count; i++) {
            const char *id = rows.messages[i] ? store_row_id(&events_tables[table], rows.messages[i]) : NULL;
            bool is = true;
            if (id && !is_topic(sweep, id, &is, err)) return false;
            if (!is)
                ticket = store_delete_made(store, &events_tables[table], id, rows.versions[i],
                                           &(struct store_write){0});
        }
        snprintf(token, TOKEN, "%s", rows.next_page_token);
        if (ticket && !store_wait(store, ticket, err)) return false;
    } while (*token);
    return true;
}

static bool drop_streams(struct sweep *sweep, struct err *err)
{
    char after[STREAM_LEN] = "";
    struct store *store = sweep->events->store;
    for (size_t count = PAGE; count == PAGE;) {
        struct store_head *heads;
        arena_reset(sweep->arena);
        if (!store_heads(store, TOPICS_PREFIX, after, PAGE, sweep->arena, &heads, &count, err)) return false;
        for (size_t i = 0; i < count; i++) {
            bool is;
            if (!is_topic(sweep, heads[i].stream + strlen(TOPICS_PREFIX), &is, err)) return false;
            if (!is && !store_wait(store, store_delete_stream(store, heads[i].stream, 0, NULL), err))
                return false;
            snprintf(after, sizeof after, "%s", heads[i].stream);
        }
    }
    return true;
}

bool push_sweep(struct events *events, int64_t now_ms, struct err *err)
{
    struct arena arena;
    arena_init(&arena, ARENA);
    struct sweep sweep = {events, &arena, now_ms};
    bool ok = sweep_rows(&sweep, EVENTS_TOPICS, sweep_topic, err) &&
              sweep_rows(&sweep, EVENTS_BROWSERS, sweep_browser, err) && drop_streams(&sweep, err) &&
              drop_rows(&sweep, EVENTS_FED, err) && drop_rows(&sweep, EVENTS_DELIVERIES, err) &&
              drop_rows(&sweep, EVENTS_DEAD_LETTERS, err);
    arena_finish(&arena);
    return ok;
}
