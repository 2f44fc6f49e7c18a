// What a user said, in all rooms: for their export.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/events/chat/erase.h"
#include "services/events/chat/handlers/methods.h"
#include "services/events/chat/handlers/readers.h"
#include "services/events/tables.h"

enum { PAGE = 50, TOKEN = ROOM_ID + 24 };

struct exporting {
    struct rpc_call *call;
    Events__ExportMessagesReply *reply;
    size_t most;
    char room_id[ROOM_ID]; // goes on there,
    uint64_t after;        // behind this entry
};

static bool parse_token(struct exporting *e, const char *token, struct err *err)
{
    char *end = NULL;
    const char *bar = strchr(token, ':');
    struct room room;
    if (!*token) return true;
    if (bar && (size_t)(bar - token) < sizeof e->room_id) {
        memcpy(e->room_id, token, (size_t)(bar - token));
        e->after = strtoull(bar + 1, &end, 10);
    }
    return (end && !*end && room_parse(&room, e->room_id)) ||
           err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token of this list");
}

static bool add_own(struct exporting *e, const struct reader *reader, const char *room,
                    const struct said *said)
{
    Events__OwnMessage *own = arena_new(reader->arena, Events__OwnMessage);
    if (!own) return false;
    events__own_message__init(own);
    own->room_id = arena_str(reader->arena, room);
    own->message = show_message(reader, said);
    e->reply->messages[e->reply->n_messages++] = own;
    return own->message;
}

// Until the page is full; then the token says where the next one begins.
static bool export_room(struct exporting *e, const char *id, struct err *err)
{
    AUTO_VISIT struct visit visit = {.command = {.call = e->call}};
    const char *user_id = e->call->caller->user_id;
    if (!visit_begin(&visit, id, VISIT_OWN, err)) return err_is(err, NOT_FOUND);
    const struct talk *talk = &visit.open->talk;
    struct room_text part = room_part(&visit.room);
    const struct reader reader = reader_of(&visit, &part);
    for (size_t i = talk_place(talk, e->after); i < talk->count; i++) {
        const struct said *said = &talk->messages[i];
        if (strcmp(talk->writers[said->writer].user_id.text, user_id) != 0) continue;
        if (e->reply->n_messages == e->most) {
            e->reply->next_page_token =
                arena_printf(e->call->arena, "%s:%llu", id, (unsigned long long)e->after);
            return filled(e->reply->next_page_token, err);
        }
        if (!add_own(e, &reader, id, said)) return filled(NULL, err);
        e->after = said->seq;
    }
    e->after = 0;
    return true;
}

static bool export_rooms(struct exporting *e, struct err *err)
{
    const struct events *events = e->call->service;
    const char *user_id = e->call->caller->user_id;
    const char *from = arena_printf(e->call->arena, "%s/%s", user_id, e->room_id),
               *to = arena_printf(e->call->arena, "%s0", user_id); // behind the slash
    const struct store_value first = {.text = from}, last = {.text = to};
    struct store_query query = {.from = &first, .to = &last, .limit = PAGE};
    struct store_rows rows = {.more = true};
    if (!from || !to) return filled(NULL, err);
    for (query.page_token = ""; rows.more; query.page_token = rows.next_page_token) {
        if (!store_find(events->store, &events_tables[EVENTS_ROOM_WRITERS], &query, e->call->arena, &rows,
                        err))
            return false;
        for (size_t i = 0; i < rows.count; i++) {
            const Chat__WriterRow *row = (const Chat__WriterRow *)rows.messages[i];
            if (!row || strlen(row->id) <= UUID_LEN + 1) continue;
            if (!export_room(e, row->id + UUID_LEN + 1, err)) return false;
            if (*e->reply->next_page_token) return true;
        }
    }
    return true;
}

HANDLER(export_messages, Events__ExportMessagesRequest, Events__ExportMessagesReply)
{
    struct exporting e = {.call = call, .reply = reply};
    e.most = request->page_size ? (size_t)request->page_size : PAGE;
    reply->messages = arena_array(call->arena, e.most + 1, sizeof *reply->messages);
    return filled(reply->messages, err) && parse_token(&e, request->page_token, err) && export_rooms(&e, err);
}

const struct rpc_method own_message_methods[] = {
    RPC_METHOD("events.ExportMessages", export_messages),
    {0},
};
