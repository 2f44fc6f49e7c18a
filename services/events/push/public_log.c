#include "services/events/push/public_log.h"

#include <string.h>

#include "lib/base/clock.h"
#include "services/events/topics/event_log.h"

bool public_read(struct events *events, const char *event_id, uint64_t from, size_t limit,
                 struct arena *arena, struct public_page *page, struct err *err)
{
    Rpc__Caller nobody = RPC__CALLER__INIT;
    struct rpc_call call = {.arena = arena,
                            .service = events,
                            .asker = CONSE__ASKER__VALUE__GATEWAY,
                            .caller = &nobody,
                            .now_ms = clock_unix_ms()};
    AUTO_COMMAND struct command command = {.call = &call};
    struct feed_page read = {.count = 0};
    *page = (struct public_page){.count = 0};
    if (!command_enter(&command, event_id, err)) return false;
    memcpy(page->god_id.text, command.game->god_id.text, sizeof page->god_id.text);
    uint64_t all = command.game->log.public_count;
    if (!command_look(&command, err) || !event_log_feed(&command, true, from, limit, &read, err))
        return false;
    page->notices = read.notices;
    page->count = read.count;
    page->head = read.head;
    page->late = read.head < all;
    return true;
}
