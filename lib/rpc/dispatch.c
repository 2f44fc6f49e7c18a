#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/run.h"
#include "lib/rpc/state.h"

// One frame on its way through a handler.
struct job {
    struct rpc_server *server;
    struct rpc_batch *batch;
    struct rpc_attempt attempt;
    const Rpc__Request *request; // NULL: it can't be read
    const struct rpc_served *method;
    struct rpc_call call;
    ProtobufCBinaryData payload; // packed reply
    struct span *span;           // of the last try, or NULL
};

static void dispatch_log_trace(const char *traceparent)
{
    char id[33];
    bool whole = strlen(traceparent) >= 55 && traceparent[2] == '-' && traceparent[35] == '-';
    if (!whole) return;
    memcpy(id, traceparent + 3, 32);
    id[32] = 0;
    log_trace(id);
}

static bool in_time(struct job *job, struct err *err)
{
    struct rpc_batch *batch = job->batch;
    if (job->request->timeout_ms == 0) return err_fail(err, MALFORMED, "the call has no deadline");
    int64_t deadline_ms = batch->received_ms + job->request->timeout_ms;
    if (deadline_ms < batch->deadline_ms) batch->deadline_ms = deadline_ms;
    if (clock_mono_ms() < batch->deadline_ms) return true;
    return err_fail(err, DEADLINE_PASSED, "the call did not finish in time");
}

static bool dispatch_alone(const struct job *job, size_t frames)
{
    return frames == 1 || job->method->schema->class == CONSE__CLASS__READ ||
           job->method->schema->class == CONSE__CLASS__WRITE;
}

static bool accept_call(struct job *job, size_t frames, struct err *err)
{
    const struct rpc_server *server = job->server;
    if (atomic_load(&server->draining) && !job->attempt.tries) {
        err_fail(err, SERVICE_DRAINING, "%s is shutting down", server->options.name);
        err->retry_after_s = 1;
        return false;
    }
    if (!job->method) return err_fail(err, NO_METHOD, "%s has no such method", server->options.name);
    bool slow = job->method->schema->class == CONSE__CLASS__SLOW;
    if (slow != job->batch->lane->slow)
        return err_fail(err, MALFORMED, "%s listens elsewhere", job->method->name);
    if (!dispatch_alone(job, frames))
        return err_fail(err, MALFORMED, "%s comes alone in its message", job->method->name);
    job->call.method = job->method->schema;
    return in_time(job, err) && rpc_identify(&job->call, job->request->asker, job->request->caller, err) &&
           rpc_admit(&job->call, err);
}

static bool pack_reply(struct job *job, const ProtobufCMessage *reply, struct err *err)
{
    if (job->call.sealed.data || job->call.repeated) {
        job->payload = job->call.sealed;
        return true;
    }
    job->payload.len = protobuf_c_message_get_packed_size(reply);
    if (job->payload.len > RPC_MAX_REPLY_BYTES)
        return err_fail(err, REPLY_TOO_LARGE, "the reply would be larger than 2 MiB");
    job->payload.data = arena_alloc(job->call.arena, job->payload.len);
    if (!job->payload.data) return err_fail(err, CALL_TOO_LARGE, "the reply needs too much memory");
    protobuf_c_message_pack(reply, job->payload.data);
    return true;
}

static bool dispatch_unpack(struct job *job, ProtobufCMessage **message, struct err *err)
{
    struct arena *arena = job->call.arena;
    *message = protobuf_c_message_unpack(job->method->schema->request, &arena->allocator,
                                         job->request->payload.len, job->request->payload.data);
    if (*message) return schema_check(*message, err);
    if (arena->failed) return err_fail(err, CALL_TOO_LARGE, "the request needs too much memory");
    return err_fail(err, MALFORMED, "the request's payload can't be read");
}

static bool run_handler(struct job *job, struct err *err)
{
    ProtobufCMessage *request, *reply;
    if (!dispatch_unpack(job, &request, err)) return false;
    struct rpc_call *call = &job->call;
    call->request = request;
    rpc_set_freshness(call, job->attempt.fresh);
    return rpc_command_begin(&job->server->commands, job->batch, job->attempt.envelope.data, call,
                             job->request, err) &&
           rpc_run(call, job->method->handler, &reply, err) && pack_reply(job, reply, err);
}

static bool dispatch_busy(struct err *err, const char *why)
{
    err_fail(err, SERVICE_BUSY, "%s", why);
    err->retry_after_s = 1;
    return false;
}

// The effects of a write must fit: the write into the store's queue, its reply into the message.
static bool has_room(const struct job *job, struct err *err)
{
    const struct store *store = job->server->options.store;
    if (!store || schema_reads(job->method->schema)) return true;
    if (!store_accepts(store, err)) return false;
    return rpc_batch_has_room(job->batch) ||
           dispatch_busy(err, "the replies to the calls before it fill the message");
}

static bool run_job(struct job *job, size_t frames, struct err *err)
{
    return accept_call(job, frames, err) && has_room(job, err) && run_handler(job, err);
}

static void count_error(const struct job *job, const struct err *err)
{
    struct metrics *metrics = job->server->options.metrics;
    if (!metrics) return;
    char labels[160];
    snprintf(labels, sizeof labels, "method=\"%s\",reason=\"%s\"", job->method ? job->method->name : "",
             err_name(err));
    metric_add(metrics_counter(metrics, "conse_rpc_errors_total", "Calls refused or failed.", labels), 1);
}

static void dispatch_measure(const struct job *job, int64_t began_ns, bool ok, const struct err *err)
{
    if (!ok) count_error(job, err);
    if (!job->method) return;
    metric_add(job->method->calls, 1);
    histogram_observe(job->method->seconds, clock_mono_ns() - began_ns);
}

static bool add_reply(struct job *job, bool ok, const struct err *err)
{
    const struct rpc_call *call = &job->call;
    uint32_t id = job->request ? job->request->id : 0;
    if (!ok) return rpc_batch_add_winner(job->batch, id, err, call->winner ? call->winner : "", call->ticket);
    Rpc__Reply reply = RPC__REPLY__INIT;
    reply.id = id;
    reply.payload = job->payload;
    reply.cursor = call->cursor;
    reply.again_ms = call->again_ms;
    return rpc_batch_add(job->batch, &reply, call->ticket);
}

static void trace_frame(struct job *job)
{
    span_end(job->span); // of a try whose answer nobody gets
    job->span = job->method ? span_begin(SPAN_SERVER, job->method->name, job->request->traceparent) : NULL;
    span_enter(job->span);
}

// The frame's span goes on until the answer leaves.
static void trace_answer(struct job *job, struct rpc_answer *answer, bool ok, const struct err *err)
{
    if (!ok) span_refuse(job->span, err);
    answer->span = job->span;
    if (answer->ticket) answer->commit = span_child(job->span, "commit");
    job->batch->traced = true;
}

// A slow method may have had effects outside before its write, unless the write is that of an object.
static bool may_be_repeated(const struct job *job)
{
    return job->method && (job->method->schema->class != CONSE__CLASS__SLOW || job->call.decided_on_ns);
}

static bool add_answer(struct job *job, bool ok, const struct err *err)
{
    struct rpc_batch *batch = job->batch;
    rpc_batch_wait_for(batch, job->call.rows_ticket);
    rpc_batch_wait_for(batch, job->call.parked);
    if (!add_reply(job, ok, err)) return span_end(job->span), false;
    struct rpc_answer *answer = &batch->answers[batch->answers_count - 1];
    answer->attempt = job->attempt;
    answer->parked = ok ? 0 : job->call.parked;
    answer->changes = job->method && !schema_reads(job->method->schema);
    answer->repeatable = may_be_repeated(job);
    if (job->span) trace_answer(job, answer, ok, err);
    return true;
}

static enum keyed_outcome outcome_of(bool ok, const struct err *err)
{
    if (ok) return KEYED_WELL;
    return rpc_is_finding(err) ? KEYED_BADLY : KEYED_NEITHER;
}

static void fill_call(struct job *job, struct arena *arena, int64_t now_ms)
{
    job->call = (struct rpc_call){.arena = arena,
                                  .service = job->server->options.service,
                                  .now_ms = now_ms,
                                  .arrived_ns = job->batch->received_ns,
                                  .tries = job->attempt.tries,
                                  .fresh = job->request->fresh,
                                  .movable = job->request->movable,
                                  .traceparent = job->request->traceparent,
                                  .acts = job->request->acts,
                                  .acts_count = job->request->n_acts};
}

static bool try_frame(struct job *job, struct arena *arena, int64_t now_ms, struct err *err)
{
    int64_t began_ns = clock_mono_ns();
    ProtobufCBinaryData envelope = job->attempt.envelope;
    *err = (struct err){0};
    arena_reset(arena);
    job->request = rpc__request__unpack(&arena->allocator, envelope.len, envelope.data);
    if (!job->request) return err_fail(err, MALFORMED, "the envelope can't be read");
    fill_call(job, arena, now_ms);
    dispatch_log_trace(job->request->traceparent);
    job->method = rpc_server_find(job->server, job->request->method);
    if (traces_on()) trace_frame(job);
    bool ok = run_job(job, job->batch->frames.count, err);
    if (!ok && err_internal(err)) log_err(LOG_ERROR, job->method ? job->method->name : "call", err);
    dispatch_measure(job, began_ns, ok, err);
    if (job->span) span_enter(NULL);
    log_trace(NULL);
    return ok;
}

static bool is_shared(const struct job *job)
{
    const struct store *store = job->server->options.store;
    return store && store_is_shared(store);
}

// Whether a call is to be decided anew at once: its answer rests on an old copy, or the handler saw its write
// meet another process's.
static bool decides_again(struct job *job, bool ok, const struct err *err)
{
    bool stale = job->method && rpc_is_stale(&job->call, ok, err);
    bool met = !ok && is_shared(job) && err_is(err, CONFLICT) && may_be_repeated(job);
    if (job->call.parked || job->attempt.tries >= RPC_MOST_TRIES || !(stale || met)) return false;
    job->attempt.fresh |= stale;
    job->attempt.tries++;
    metric_add(job->server->again, 1);
    return true;
}

static bool run_frame(struct rpc_batch *batch, struct arena *arena, struct rpc_attempt attempt,
                      int64_t now_ms)
{
    struct err err;
    struct job job = {.server = batch->lane->server, .batch = batch, .attempt = attempt};
    bool ok = try_frame(&job, arena, now_ms, &err);
    while (decides_again(&job, ok, &err)) ok = try_frame(&job, arena, now_ms, &err);
    if (!ok && err_is(&err, CONFLICT) && is_shared(&job)) rpc_again_give_up(&err);
    batch->outcome = outcome_of(ok, &err);
    return add_answer(&job, ok, &err);
}

// Opens an authentic message and begins an empty reply message.
static bool open_batch(struct rpc_batch *batch)
{
    if (!rpc_unseal(batch)) return false;
    batch->deadline_ms = INT64_MAX;
    return rpc_batch_begin(batch);
}

static bool refuse_malformed(struct rpc_batch *batch)
{
    struct err err;
    err_fail(&err, MALFORMED, "the message is not 1 to %d whole frames", RPC_MAX_FRAMES);
    return rpc_batch_add_err(batch, 0, &err, 0);
}

static bool run_frames(struct rpc_batch *batch, struct arena *arena)
{
    struct rpc_attempt attempt = {.tries = 0};
    int64_t now_ms = clock_unix_ms();
    while (rpc_frames_next(&batch->frames, &attempt.envelope))
        if (!run_frame(batch, arena, attempt, now_ms)) return false;
    return true;
}

static bool dispatch_first(struct rpc_batch *batch, struct arena *arena)
{
    if (!open_batch(batch)) return false;
    if (!rpc_frames_open(&batch->frames, nng_msg_body(batch->request), nng_msg_len(batch->request)))
        return refuse_malformed(batch);
    return run_frames(batch, arena);
}

// Frames that are run again.
struct rerun {
    struct rpc_batch *batch;
    struct arena *arena;
    int64_t now_ms;
};

static bool is_marked(void *arg, const struct rpc_answer *answer)
{
    (void)arg;
    return answer->again;
}

static bool run_marked(void *arg, const struct rpc_answer *answer)
{
    const struct rerun *rerun = arg;
    struct rpc_attempt attempt = answer->attempt;
    attempt.tries++;
    metric_add(rerun->batch->lane->server->again, 1);
    return run_frame(rerun->batch, rerun->arena, attempt, rerun->now_ms);
}

static bool dispatch_again(struct rpc_batch *batch, struct arena *arena)
{
    struct rerun rerun = {batch, arena, clock_unix_ms()};
    const struct rpc_remaking remaking = {is_marked, run_marked, &rerun};
    batch->again = false;
    return rpc_batch_rebuild(batch, &remaking);
}

enum keyed_outcome rpc_dispatch(struct rpc_batch *batch, struct arena *arena)
{
    bool ok = batch->again ? dispatch_again(batch, arena) : dispatch_first(batch, arena);
    arena_reset(arena);
    if (!ok) rpc_batch_clear(batch);
    enum keyed_outcome outcome = batch->outcome;
    rpc_pending_add(&batch->lane->server->pending, batch);
    return outcome;
}

static bool refuse_frame(struct rpc_batch *batch, struct arena *arena, ProtobufCBinaryData envelope,
                         const struct err *err)
{
    arena_reset(arena);
    const Rpc__Request *request = rpc__request__unpack(&arena->allocator, envelope.len, envelope.data);
    return rpc_batch_add_err(batch, request ? request->id : 0, err, 0);
}

bool rpc_refuse(struct rpc_batch *batch, const struct err *err)
{
    if (!open_batch(batch)) return false;
    if (!rpc_frames_open(&batch->frames, nng_msg_body(batch->request), nng_msg_len(batch->request)))
        return refuse_malformed(batch);
    struct arena arena;
    arena_init(&arena, RPC_MAX_MESSAGE_BYTES);
    ProtobufCBinaryData envelope;
    bool ok = true;
    while (ok && rpc_frames_next(&batch->frames, &envelope)) ok = refuse_frame(batch, &arena, envelope, err);
    arena_finish(&arena);
    return ok;
}
