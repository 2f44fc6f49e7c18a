#include "services/gateway/graph/bodies.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

// As many as a ring has entries, so that those of one stream never take each other's place.
enum { BODIES = RING_ITEMS };

struct body {
    const struct shape *shape; // NULL: free. It stays as long as the turn, or its place is taken
    struct feed_item *item;    // held
    char cursor[CURSOR_TEXT];
    struct shared *json;
    struct body *next; // in use
};

// ---- What is told

static const struct {
    bool told;
    enum gql_member member;
} kinds[FEED_KINDS] = {[FEED_SNAPSHOT] = {true, GQL_SNAPSHOT},
                       [FEED_ENTRY] = {true, GQL_ENTRY},
                       [FEED_LIVE] = {true, GQL_LIVE},
                       [FEED_RESET] = {true, GQL_RESET},
                       [FEED_TYPING] = {true, GQL_TYPING}};

bool body_is_told(const struct feed_message *message) { return kinds[message->kind].told; }

enum gql_member body_member(const struct feed_message *message) { return kinds[message->kind].member; }

bool body_tell(struct gql_tell *tell, const struct feed_message *message, struct arena *arena)
{
    const struct feed_item *item = message->item;
    const ProtobufCMessage *unpacked =
        item ? protobuf_c_message_unpack(item->type, &arena->allocator, item->len, item->packed) : NULL;
    *tell = (struct gql_tell){.what = body_member(message),
                              .cursor = message->cursor,
                              .mine = message->mine,
                              .reason = message->reason,
                              .time_ms = clock_unix_ms()};
    if (tell->what == GQL_SNAPSHOT)
        tell->state = unpacked;
    else
        tell->entry = unpacked;
    return unpacked || !item;
}

// ---- Written once

static struct shared *body_write(struct shape *shape, const struct feed_message *message)
{
    struct graphs *graphs = shape->graphs;
    struct gql_tell tell;
    struct trace trace;
    struct err err;
    trace_begin(&graphs->traces, NULL, &trace);
    buf_reset(&graphs->text);
    bool told = body_tell(&tell, message, &graphs->scratch);
    if (told) gql_run_tell(shape->run, &tell, &graphs->scratch, trace.id, &graphs->text);
    arena_reset(&graphs->scratch);
    if (!told || graphs->text.failed) {
        err_fail(&err, REPLY_TOO_LARGE, "what is told needs too much memory");
        buf_reset(&graphs->text);
        gql_error_write(&err, trace.id, &graphs->text);
    }
    struct shared *json = shared_create(graphs->text.bytes, graphs->text.len);
    if (!json) abort();
    return json;
}

static struct body *body_place(const struct shape *shape, const struct feed_item *item)
{
    size_t some = (uintptr_t)shape / sizeof *shape * 37;
    return &shape->graphs->bodies[(item->number + some) % BODIES];
}

static void body_free(struct body *body)
{
    feed_item_drop(body->item);
    shared_drop(body->json);
    body->item = NULL;
    body->json = NULL;
}

static void body_keep(struct body *body, const struct shape *shape, const struct feed_message *message,
                      struct shared *json)
{
    struct body *first = &shape->graphs->bodies[BODIES];
    if (!body->item) {
        body->next = first->next;
        first->next = body;
    }
    body_free(body);
    body->shape = shape;
    body->item = feed_item_hold((struct feed_item *)message->item);
    memcpy(body->cursor, message->cursor, sizeof body->cursor);
    body->json = shared_hold(json);
}

struct shared *bodies_get(struct shape *shape, const struct feed_message *message)
{
    if (!message->item || message->mine) return body_write(shape, message);
    struct body *body = body_place(shape, message->item);
    bool known =
        body->item == message->item && body->shape == shape && strcmp(body->cursor, message->cursor) == 0;
    if (known) return shared_hold(body->json);
    struct shared *json = body_write(shape, message);
    body_keep(body, shape, message, json);
    return json;
}

// ---- Life

// One more is the head of the list of those in use.
void bodies_create(struct graphs *graphs)
{
    graphs->bodies = calloc(BODIES + 1, sizeof *graphs->bodies);
    if (!graphs->bodies) abort();
}

void bodies_drop(struct graphs *graphs)
{
    struct body *first = &graphs->bodies[BODIES];
    for (struct body *body = first->next; body; body = body->next) body_free(body);
    first->next = NULL;
}

void bodies_destroy(struct graphs *graphs)
{
    bodies_drop(graphs);
    free(graphs->bodies);
    graphs->bodies = NULL;
}
