#include "services/events/handlers/explore.h"

#include <string.h>

#include "lib/base/stamp.h"
#include "lib/text/text_form.h"
#include "services/events/tables.h"

// Titles and texts to search for are bounded by proto/events.proto; a title is folded into the same room.
enum { MOST_LOOKED_AT = 1000, DEFAULT_PAGE = 20, FOLDED_ROOM = 256 * 4 * TEXT_FOLD_GROWTH + 1 };

struct search {
    const Events__ListEventsRequest *request;
    int64_t after_ms, before_ms; // 0: no bound
    struct store_query query;
    struct store_value from, to;
    char *wanted, *title; // folded; wanted is NULL without a text, title is room
};

static void choose_index(struct search *search)
{
    const Events__ListEventsRequest *request = search->request;
    struct store_query *query = &search->query;
    query->equal_count = 1;
    query->equal[0] = (struct store_value){.number = 1};
    query->index = "by_start";
    if (request->status) query->index = "by_state", query->equal[0].number = request->status;
    if (request->god_id[0])
        query->index = "by_god", query->equal[0] = (struct store_value){.text = request->god_id};
    if (request->group_id[0])
        query->index = "by_group", query->equal[0] = (struct store_value){.text = request->group_id};
    if (request->player_id[0])
        query->index = "by_user", query->equal[0] = (struct store_value){.text = request->player_id};
    query->descending = !request->starts_after;
    search->from.number = search->after_ms;
    search->to.number = search->before_ms;
    if (search->after_ms) query->from = &search->from;
    if (search->before_ms) query->to = &search->to;
}

static bool has_text(const struct search *search, const char *title)
{
    return text_fold(search->title, FOLDED_ROOM, title) && strstr(search->title, search->wanted);
}

static bool explore_fits(const struct search *search, const Game__EventRow *row)
{
    const Events__ListEventsRequest *request = search->request;
    return row && row->summary && (!request->status || row->state == request->status) &&
           (!request->group_id[0] || strcmp(row->group_id, request->group_id) == 0) &&
           (!request->god_id[0] || strcmp(row->god_id, request->god_id) == 0) &&
           (!search->after_ms || row->starts_ms >= search->after_ms) &&
           (!search->before_ms || row->starts_ms <= search->before_ms) &&
           (!search->wanted || has_text(search, row->summary->title));
}

static bool row_of(struct events *events, const struct search *search, ProtobufCMessage *found,
                   struct arena *arena, Game__EventRow **row, struct err *err)
{
    uint64_t version;
    *row = (Game__EventRow *)found;
    if (!search->request->player_id[0]) return true;
    const char *event_id = ((Game__SeatRow *)found)->event_id;
    return store_get(events->store, &events_tables[EVENTS_EVENTS], event_id, arena, (ProtobufCMessage **)row,
                     &version, err) ||
           err_is(err, STORE_CORRUPT); // it is left out, as in the other lists
}

static bool look_at(struct events *events, struct search *search, Events__ListEventsReply *reply,
                    struct arena *arena, size_t *looked, struct err *err)
{
    struct store_rows rows;
    const struct store_table *table =
        &events_tables[search->request->player_id[0] ? EVENTS_SEATS : EVENTS_EVENTS];
    if (!store_find(events->store, table, &search->query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        Game__EventRow *row;
        if (!row_of(events, search, rows.messages[i], arena, &row, err)) return false;
        if (explore_fits(search, row)) reply->events[reply->n_events++] = row->summary;
    }
    *looked += rows.count;
    reply->next_page_token = search->query.page_token = rows.next_page_token;
    return true;
}

static bool fold_wanted(struct search *search, struct arena *arena)
{
    const char *q = search->request->q;
    if (!q[0]) return true;
    search->wanted = arena_alloc(arena, FOLDED_ROOM);
    search->title = arena_alloc(arena, FOLDED_ROOM);
    return search->wanted && search->title && text_fold(search->wanted, FOLDED_ROOM, q);
}

bool explore(struct events *events, const Events__ListEventsRequest *request, Events__ListEventsReply *reply,
             struct arena *arena, struct err *err)
{
    size_t wanted = request->page_size ? (size_t)request->page_size : DEFAULT_PAGE, looked = 0;
    struct search search = {.request = request, .query = {.page_token = request->page_token}};
    if (request->starts_after) search.after_ms = stamp_ms(request->starts_after);
    if (request->starts_before) search.before_ms = stamp_ms(request->starts_before);
    choose_index(&search);
    reply->events = arena_array(arena, wanted + 1, sizeof *reply->events);
    if (!reply->events || !fold_wanted(&search, arena))
        return err_fail(err, CALL_TOO_LARGE, "the list needs more memory than a call may use");
    do {
        search.query.limit = (uint32_t)(wanted - reply->n_events);
        if (!look_at(events, &search, reply, arena, &looked, err)) return false;
    } while (reply->n_events < wanted && reply->next_page_token[0] && looked < MOST_LOOKED_AT);
    return true;
}
