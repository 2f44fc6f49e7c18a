// Finding an event by its code, and the code to be scanned.
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/qr/qr.h"
#include "services/events/game/join.h"
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/join.h"
#include "services/events/handlers/titles.h"
#include "services/events/tables.h"

enum { MOST_OF_A_CODE = 100 };

static bool join_rows(struct events *events, const char *code, struct arena *arena, struct store_rows *rows,
                      struct err *err)
{
    const struct store_query query = {.index = "by_join_code",
                                      .equal = {{.text = code}},
                                      .equal_count = 1,
                                      .limit = MOST_OF_A_CODE,
                                      .page_token = ""};
    return store_find(events->store, &events_tables[EVENTS_EVENTS], &query, arena, rows, err);
}

static bool is_live(const Game__EventRow *row) { return row->state < EVENTS__EVENT__STATE__DONE; }

bool join_code_is_taken(struct events *events, const char *event_id, struct arena *arena, bool *taken,
                        struct err *err)
{
    struct store_rows rows;
    if (!join_rows(events, join_code_of(event_id).text, arena, &rows, err)) return false;
    *taken = false;
    for (size_t i = 0; i < rows.count; i++) {
        const Game__EventRow *row = (const Game__EventRow *)rows.messages[i];
        *taken |= is_live(row) && strcmp(row->id, event_id) != 0;
    }
    return true;
}

// One that is not over before those that are, and a newer before an older.
static bool comes_before(const Game__EventRow *row, const Game__EventRow *other)
{
    if (!other || is_live(row) != is_live(other)) return !other || is_live(row);
    return stamp_ms(row->summary->created_at) > stamp_ms(other->summary->created_at);
}

HANDLER(find_join, Events__JoinRequest, Events__JoinReply)
{
    struct store_rows rows;
    struct join_code code;
    const Game__EventRow *found = NULL;
    if (!join_code_read(&code, request->code)) return err_fail(err, NOT_FOUND, "no event has this code");
    if (!join_rows(call->service, code.text, call->arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Game__EventRow *row = (const Game__EventRow *)rows.messages[i];
        if (row->summary && comes_before(row, found)) found = row;
    }
    if (!found) return err_fail(err, NOT_FOUND, "no event has this code");
    reply->event_id = found->id;
    reply->event = found->summary;
    return titles_summary(call->service, reply->event, call->arena) || filled(NULL, err);
}

HANDLER(get_join_qr, Events__EventRequest, Events__File)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    const struct join_code code = join_code_of(command.game->id.text);
    char *url = arena_printf(call->arena, "%s/join/%s", command.events->settings.public_url, code.text);
    char *title = arena_printf(call->arena, "QR code: %s", url ? url : "");
    char *svg = url && title ? qr_svg(url, title, call->arena) : NULL;
    reply->content_type = "image/svg+xml";
    reply->body = (ProtobufCBinaryData){svg ? strlen(svg) : 0, (uint8_t *)svg};
    return filled(svg, err);
}

const struct rpc_method join_methods[] = {
    RPC_METHOD("events.FindJoin", find_join),
    RPC_METHOD("events.GetJoinQr", get_join_qr),
    {0},
};
