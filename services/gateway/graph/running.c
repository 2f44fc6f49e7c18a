#include "services/gateway/graph/running.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/log.h"
#include "services/gateway/graph/request.h"

enum { ARENA_MOST = 16 << 20, ANSWER_MOST = 4 << 20 };

struct running *running_create(struct graphs *graphs, const struct caller *caller,
                               const struct running_owner *owner, void *arg)
{
    struct running *running = calloc(1, sizeof *running);
    if (!running) abort();
    running->graphs = graphs;
    running->owner = owner;
    running->arg = arg;
    running->caller = *caller;
    snprintf(running->address, sizeof running->address, "%s", caller->address);
    snprintf(running->household, sizeof running->household, "%s", caller->household);
    running->caller.address = running->address;
    running->caller.household = running->household;
    trace_begin(&graphs->traces, NULL, &running->trace);
    running->begun_ms = loop_now_ms(graphs->lent.loop);
    arena_init(&running->arena, ARENA_MOST);
    graphs->running++;
    return running;
}

static void running_record(const struct running *running)
{
    const struct span span = trace_span(&running->trace, "graphql", running->begun_ms);
    span_record(&span);
}

static void running_destroy(struct running *running)
{
    if (running->trace.sampled) running_record(running);
    if (running->asker.graphs) asker_finish(&running->asker);
    running->graphs->running--;
    json_decref(running->message);
    arena_finish(&running->arena);
    free(running);
}

// ---- Limits

static const char *counted_as(const struct running *running)
{
    return running->caller.known ? running->caller.claims.user_id : running->caller.household;
}

static bool running_draw(const struct running *running, struct err *err)
{
    const struct limits *limits = running->graphs->lent.limits;
    struct bucket_state state = limits_take(limits, LIMIT_OTHER, counted_as(running));
    if (state.allowed) return true;
    err_fail(err, RATE_LIMITED, "too many requests; try again in %u s", state.retry_after_s);
    err->retry_after_s = state.retry_after_s;
    return false;
}

// Questions beyond the first, as requests of their own.
static void running_charge(const struct running *running)
{
    if (running->failed) return;
    size_t asked = gql_run_asked(running->asker.run);
    struct limit_charge charge = {LIMIT_OTHER, counted_as(running), (double)asked - 1};
    if (asked > 1) limits_charge(running->graphs->lent.limits, &charge);
}

// ---- Its way

static void running_done(struct running *running)
{
    running->over = true;
    running_charge(running);
    if (!running->owner) return running_destroy(running);
    log_trace(running->trace.id);
    running->owner->done(running->arg);
}

static void on_done(void *arg) { running_done(arg); }

static void on_renew(void *arg, struct question *question, const struct gql_ask *ask)
{
    struct running *running = arg;
    running->owner->renew(running->arg, question, ask);
}

static bool running_prepare(struct running *running, struct gql_refusal *refusal)
{
    struct graphs *graphs = running->graphs;
    running->asker = (struct asker){.graphs = graphs,
                                    .caller = &running->caller,
                                    .trace = running->trace.parent,
                                    .deadline_ms = loop_now_ms(graphs->lent.loop) + graphs->lent.timeout_ms,
                                    .arena = &running->arena,
                                    .done = on_done,
                                    .renew = running->owner->renew ? on_renew : NULL,
                                    .arg = running,
                                    .tab = running->tab};
    return asker_begin(&running->asker, &running->request, refusal);
}

bool running_read(struct running *running, const json_t *message, struct buf *errors)
{
    struct err err = {0};
    struct gql_refusal refusal;
    running->message = json_incref((json_t *)message);
    running->request.follows = true;
    if (!running_draw(running, &err) || !request_read(&running->request, message, running->graphs, &err))
        return gql_error_list(&err, running->trace.id, errors), false;
    if (running_prepare(running, &refusal)) return true;
    gql_refusal_list(&refusal, running->request.text, running->request.len, running->trace.id, errors);
    return false;
}

void running_start(struct running *running)
{
    running->started = true;
    if (gql_run_start(running->asker.run)) running_done(running);
}

static ProtobufCMessage *message_copy(const ProtobufCMessage *message, struct arena *arena)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = arena_alloc(arena, len);
    if (!packed) return NULL;
    protobuf_c_message_pack(message, packed);
    return protobuf_c_message_unpack(message->descriptor, &arena->allocator, len, packed);
}

static bool keep_tell(struct running *running, const struct feed_message *message)
{
    struct arena *arena = &running->arena;
    if (!body_tell(&running->tell, message, arena)) return false;
    running->tell.cursor = arena_str(arena, message->cursor);
    if (message->mine) running->tell.mine = message_copy(message->mine, arena);
    return !arena->failed;
}

void running_tell(struct running *running, const struct shape *shape, const struct feed_message *message)
{
    struct gql_refusal refusal;
    running->request = shape->request;
    running->message = json_incref((json_t *)shape->request.variables);
    running->failed = !running_prepare(running, &refusal) || !keep_tell(running, message);
    running->started = true;
    if (running->failed || gql_run_start_telling(running->asker.run, &running->tell)) running_done(running);
}

static void write_refusal(const struct running *running, const struct err *err, struct buf *out)
{
    buf_reset(out);
    gql_error_write(err, running->trace.id, out);
}

void running_write(struct running *running, struct buf *out)
{
    struct err err;
    buf_reset(out);
    err_fail(&err, CALL_TOO_LARGE, "the answer needs too much memory");
    if (running->failed) return write_refusal(running, &err, out);
    gql_run_write(running->asker.run, running->trace.id, out);
    if (!out->failed && out->len <= ANSWER_MOST) return;
    err_fail(&err, REPLY_TOO_LARGE, "the answer would be larger than %d bytes", ANSWER_MOST);
    write_refusal(running, &err, out);
}

void running_leave(struct running *running)
{
    if (!running) return;
    bool writes = running->started && !running->over && gql_run_writes(running->asker.run);
    running->owner = NULL;
    running->asker.renew = NULL;
    if (!writes) running_destroy(running);
}
