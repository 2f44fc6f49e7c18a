#include "services/events/push/public_log.h"

#include <string.h>

#include "lib/base/clock.h"
#include "services/events/topics/event_log.h"

bool public_read(struct events *events, const struct public_query *query, struct arena *arena,
                 struct public_page *page, struct err *err)
{
    Rpc__Caller nobody = RPC__CALLER__INIT;
    struct rpc_call call = {.arena = arena,
                            .service = events,
                            .asker = CONSE__ASKER__VALUE__GATEWAY,
                            .caller = &nobody,
                            .now_ms = clock_unix_ms(),
                            .fresh_from_ns = query->since_ns};
    AUTO_COMMAND struct command command = {.call = &call};
    struct feed_page read = {.count = 0};
    *page = (struct public_page){.count = 0};
    if (!command_enter(&command, query->event_id, err)) return false;
    memcpy(page->god_id.text, command.game->god_id.text, sizeof page->god_id.text);
    memcpy(page->group_id.text, command.game->group_id.text, sizeof page->group_id.text);
    uint64_t all = command.game->log.public_count;
    if (!command_look(&command, err) ||
        !event_log_feed(&command, true, query->from, query->limit, &read, err))
        return false;
    page->notices = read.notices;
    page->count = read.count;
    page->head = read.head;
    page->late = read.head < all;
    return true;
}

bool topic_may_now(struct events *events, const Push__TopicRow *row, int64_t now_ms, struct arena *arena,
                   bool *may, struct err *err)
{
    struct public_page page = {.count = 0};
    const struct public_query query = {row->event_id, 1, 1, clock_mono_ns()};
    *may = false;
    if (strcmp(row->event_id, EVERY_EVENT) != 0 && !public_read(events, &query, arena, &page, err) &&
        !err_is(err, NOT_FOUND))
        return false;
    *may = topic_may(events, row, page.god_id.text, now_ms);
    return true;
}
