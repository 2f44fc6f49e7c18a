#include "services/events/push/feeder.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "services/events/push/letter.h"
#include "services/events/push/public_log.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum { BATCH = 100, ROW_ID = 2 * UUID_LEN + 2 };

// One event on its way into one topic.
struct feeding {
    struct feeder *feeder;
    struct events *events;
    const Push__TopicRow *row;
    const char *event_id;
    int64_t since_ns; // when it was looked at
    char id[ROW_ID];  // of the row that says how far it is
    bool late, allowed;
};

static bool read_event(const struct feeding *f, uint64_t from, size_t limit, struct public_page *page,
                       struct err *err)
{
    const struct public_query query = {f->event_id, from, limit, f->since_ns};
    return public_read(f->events, &query, f->feeder->arena, page, err);
}

// ---- Where it goes on

// The number of the first entry that happened after the topic was made; numbers grow with time.
static bool find_start(struct feeding *f, uint64_t head, uint64_t *first, struct err *err)
{
    uint64_t low = 1, high = head + 1;
    while (low < high) {
        struct public_page page;
        uint64_t middle = low + (high - low) / 2;
        if (!read_event(f, middle, 1, &page, err)) return false;
        if (page.count && stamp_ms(page.notices[0]->time) <= f->row->created_ms)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    return true;
}

static bool find_place(struct feeding *f, uint64_t *first, struct err *err)
{
    Push__FedRow *fed;
    uint64_t version;
    struct public_page page;
    struct arena *arena = f->feeder->arena;
    snprintf(f->id, sizeof f->id, "%s/%s", f->row->id, f->event_id);
    if (!store_get(f->events->store, &events_tables[EVENTS_FED], f->id, arena, (ProtobufCMessage **)&fed,
                   &version, err))
        return false;
    if (fed) return *first = fed->index + 1, true;
    return read_event(f, 1, 1, &page, err) && find_start(f, page.head, first, err);
}

// ---- Appending

static uint64_t append_one(struct feeding *f, const Bus__Notice *notice, uint64_t after)
{
    Push__Published published = PUSH__PUBLISHED__INIT;
    struct stream_name from = topic_source(f->event_id);
    uint8_t bytes[256];
    published.stream = from.text;
    published.seq = notice->seq;
    published.time_ms = stamp_ms(notice->time);
    published.kind = notice->kind;
    if (push__published__get_packed_size(&published) > sizeof bytes) published.kind = "";
    const ProtobufCBinaryData packed = {push__published__pack(&published, bytes), bytes};
    const struct store_write write = {.after = after, .source = {from.text, notice->seq, 0}};
    return store_append_next(f->events->store, topic_stream(f->row->id).text, &packed, 1, &write);
}

static bool append_page(struct feeding *f, const struct public_page *page, struct err *err)
{
    Push__FedRow row = PUSH__FED_ROW__INIT;
    uint64_t ticket = 0;
    for (size_t i = 0; i < page->count; i++) ticket = append_one(f, page->notices[i], ticket);
    row.id = f->id;
    row.index = page->notices[page->count - 1]->seq;
    const struct store_write write = {.after = ticket};
    ticket = store_put_made(f->events->store, &events_tables[EVENTS_FED], &row.base, row.index, &write);
    return store_wait(f->events->store, ticket, err);
}

// ---- Telling

static bool tell_entry(const struct feeding *f, uint64_t index, const ProtobufCBinaryData *bytes,
                       struct err *err)
{
    struct arena *arena = f->feeder->arena;
    struct stream_name stream = topic_stream(f->row->id);
    Bus__Notice notice = BUS__NOTICE__INIT;
    const Push__Published *published = push__published__unpack(&arena->allocator, bytes->len, bytes->data);
    if (!published) return err_fail(err, INTERNAL_ERROR, "no memory for a topic");
    Events__TopicEntry *entry = letter_entry(f->events, f->row, index, published, arena, err);
    if (!entry) return false;
    Google__Protobuf__Timestamp time = stamp_of(published->time_ms);
    notice.stream = stream.text;
    notice.seq = index;
    notice.time = &time;
    notice.kind = published->kind;
    notice.payload.len = events__topic_entry__get_packed_size(entry);
    notice.payload.data = arena_alloc(arena, notice.payload.len);
    if (!notice.payload.data) return err_fail(err, INTERNAL_ERROR, "no memory for a topic");
    events__topic_entry__pack(entry, notice.payload.data);
    bus_publish(f->events->publisher, &notice);
    return true;
}

// On the bus, which may lose it.
static bool tell_bus(const struct feeding *f, uint64_t behind, struct err *err)
{
    struct store_entries page = {.more = true};
    struct stream_name stream = topic_stream(f->row->id);
    for (uint64_t from = behind + 1; f->events->publisher && page.more; from = page.first_seq + page.count) {
        if (!store_read(f->events->store, stream.text, from, BATCH, f->feeder->arena, &page, err))
            return false;
        for (size_t i = 0; i < page.count; i++)
            if (!tell_entry(f, page.first_seq + i, &page.entries[i], err)) return false;
        if (!page.count) break;
    }
    return true;
}

static bool feed_page_on(struct feeding *f, const struct public_page *page, struct err *err)
{
    uint64_t head;
    if (!store_head(f->events->store, topic_stream(f->row->id).text, &head, err) ||
        !append_page(f, page, err))
        return false;
    if (f->feeder->fed) f->feeder->fed(f->feeder->arg, f->row);
    return tell_bus(f, head, err);
}

static bool is_of_its_group(const struct feeding *f, bool *is, struct err *err)
{
    struct public_page page = {.count = 0};
    if (*f->row->group_id && !read_event(f, 1, 1, &page, err)) return false;
    *is = !*f->row->group_id || strcmp(f->row->group_id, page.group_id.text) == 0;
    return true;
}

static bool feed_topic(struct feeding *f, struct err *err)
{
    struct public_page page;
    uint64_t from;
    bool is;
    if (!is_of_its_group(f, &is, err)) return false;
    if (!is) return true;
    if (!find_place(f, &from, err)) return false;
    for (;;) {
        if (!read_event(f, from, BATCH, &page, err)) return false;
        f->late = page.late;
        f->allowed = topic_may(f->events, f->row, page.god_id.text, clock_unix_ms());
        if (!page.count || !f->allowed) return true;
        if (!feed_page_on(f, &page, err)) return false;
        from = page.notices[page.count - 1]->seq + 1;
        if (from > page.head) return true;
    }
}

static bool feed_all(struct feeder *feeder, const struct topic_rows *found, const char *event_id, bool *late,
                     struct err *err)
{
    int64_t since_ns = clock_mono_ns();
    for (size_t i = 0; i < found->count; i++) {
        struct feeding f = {.feeder = feeder,
                            .events = feeder->events,
                            .row = found->rows[i],
                            .event_id = event_id,
                            .since_ns = since_ns};
        if (!f.row) continue; // can't be read
        if (!feed_topic(&f, err)) return false;
        *late |= f.late && f.allowed;
    }
    return true;
}

bool feeder_look(struct feeder *feeder, const char *event_id, bool *late, struct err *err)
{
    struct topic_rows own, every;
    *late = false;
    if (!topics_of_event(feeder->events, event_id, feeder->arena, &own, err) ||
        !topics_of_event(feeder->events, EVERY_EVENT, feeder->arena, &every, err))
        return false;
    if (!own.count && !every.count) return true;
    bool ok = feed_all(feeder, &own, event_id, late, err) && feed_all(feeder, &every, event_id, late, err);
    return ok || err_is(err, NOT_FOUND); // the event is gone
}
