#include "lib/rpc/client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/address.h"
#include "lib/rpc/frame.h"
#include "lib/rpc/sent.h"

enum {
    MAX_IN_FLIGHT = 4096,
    MOST_IN_FLIGHT = 65536,
    EVENTS = 32,
    REPLY_ARENA = 24 * 1024 * 1024,
    ABSENT_MS = 5000,                 // without a connection for this long, calls do not wait
    PATIENT_BYTES = 16 * 1024 * 1024, // of calls that wait for a connection
};

// Ids of calls that failed before they had a slot are above all others.
#define UNSENT (UINT64_C(1) << 32)

// ---- Making a call

static uint64_t fail_unsent(struct rpc_client *client, rpc_done *done, void *arg, const struct err *err)
{
    struct unsent *unsent = malloc(sizeof *unsent);
    if (!unsent) abort();
    *unsent = (struct unsent){UNSENT + ++client->unsent_id, done, arg, *err, NULL};
    *client->unsent_end = unsent;
    client->unsent_end = &unsent->next;
    eventfd_write(client->event_fd, 1);
    return unsent->id;
}

static void pack_envelope(const struct rpc_client *client, const struct rpc_request *request, uint32_t id,
                          Rpc__Request *envelope)
{
    rpc__request__init(envelope);
    envelope->id = id;
    envelope->asker = client->self;
    envelope->method = request->name ? request->name : request->method->name;
    envelope->timeout_ms = request->timeout_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)request->timeout_ms;
    if (client->self != CONSE__ASKER__VALUE__OPERATOR) envelope->caller = (Rpc__Caller *)request->caller;
    if (request->idempotency_key) envelope->idempotency_key = request->idempotency_key;
    if (request->traceparent) envelope->traceparent = request->traceparent;
    envelope->acts = (uint64_t *)request->acts;
    envelope->n_acts = request->acts_count;
    envelope->fresh = request->fresh;
    envelope->payload = request->payload;
}

static void set_alarm(struct rpc_client *client)
{
    const struct rpc_waiting *earliest = rpc_calls_earliest(&client->calls);
    int64_t wanted_ms = client->tend_ms;
    if (earliest && earliest->deadline_ms < wanted_ms) wanted_ms = earliest->deadline_ms;
    if (client->patient && client->patient->patience_ms < wanted_ms) wanted_ms = client->patient->patience_ms;
    if (wanted_ms >= client->alarm_ms) return;
    client->alarm_ms = wanted_ms;
    struct itimerspec at = {.it_value = {client->alarm_ms / 1000, client->alarm_ms % 1000 * 1000000 + 1}};
    timerfd_settime(client->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

// A service that was there a moment ago, or has another address, is likely to be back at once.
static bool may_wait(const struct rpc_client *client, const struct rpc_request *request)
{
    bool expected = rpc_pool_has_link(&client->pool) || clock_mono_ms() - client->lost_ms < ABSENT_MS;
    return expected && client->patient_bytes + request->payload.len <= PATIENT_BYTES;
}

static bool place_call(struct rpc_client *client, const struct rpc_request *request, struct rpc_link **link,
                       struct rpc_waiting **call, struct err *err)
{
    if (request->timeout_ms <= 0) return err_fail(err, DEADLINE_PASSED, "no time is left for the call");
    if (request->payload.len > RPC_MAX_PAYLOAD_BYTES)
        return err_fail(err, CALL_TOO_LARGE, "a request has at most 3 MiB");
    *link = rpc_pool_choose(&client->pool, request->method->class, request->stream, NULL);
    if (!*link && !may_wait(client, request))
        return err_fail(err, SERVICE_AWAY, "%s is away", client->service) || rpc_retry_soon(err);
    if (!*link || !rpc_link_full(*link))
        *call = rpc_calls_take(&client->calls, clock_mono_ms() + request->timeout_ms);
    if (*call) return true;
    return err_fail(err, SERVICE_BUSY, "too many calls to %s are in flight", client->service) ||
           rpc_retry_soon(err);
}

static bool is_keyed(const struct rpc_request *request)
{
    bool known = request->caller && request->caller->user_id[0];
    bool counts = request->method->keyed_table || request->method->keyed_stream;
    return known && counts && request->idempotency_key && request->idempotency_key[0];
}

// Only a call that may still go elsewhere needs to know what it is about.
static bool keep_stream(const struct rpc_client *client, struct rpc_waiting *call, const char *stream,
                        const struct rpc_link *link)
{
    bool needed = stream && (!link || call->keyed || rpc_pool_has_choice(&client->pool));
    return !needed || (call->stream = strdup(stream)) != NULL;
}

// What is asked for a traced call is a part of it.
static void trace_call(struct rpc_waiting *call, const struct rpc_request *request, Rpc__Request *envelope,
                       char traceparent[TRACEPARENT_SIZE])
{
    const char *parent = request->traceparent ? request->traceparent : span_entered();
    call->span = span_begin(SPAN_CLIENT, request->method->name, parent);
    if (!call->span) return;
    trace_context_write(&call->span->context, traceparent);
    envelope->traceparent = traceparent;
}

uint64_t rpc_client_call(struct rpc_client *client, const struct rpc_request *request, rpc_done *done,
                         void *arg)
{
    struct err err;
    struct rpc_link *link = NULL;
    struct rpc_waiting *call = NULL;
    if (!place_call(client, request, &link, &call, &err)) return fail_unsent(client, done, arg, &err);
    call->done = done;
    call->arg = arg;
    call->class = request->method->class;
    call->repeatable = request->method->repeatable;
    call->keyed = is_keyed(request);
    call->lost = false;
    Rpc__Request envelope;
    char traceparent[TRACEPARENT_SIZE];
    pack_envelope(client, request, call->id, &envelope);
    if (traces_on()) trace_call(call, request, &envelope, traceparent);
    bool ok = keep_stream(client, call, request->stream, link);
    if (ok) ok = link ? rpc_sent_send(client, call, link, &envelope) : rpc_sent_keep(client, call, &envelope);
    if (!ok) {
        rpc_calls_free(&client->calls, call);
        err_fail(&err, INTERNAL_ERROR, "out of memory");
        return fail_unsent(client, done, arg, &err);
    }
    set_alarm(client);
    return call->id;
}

// ---- Ending a call

void rpc_client_cancel(struct rpc_client *client, uint64_t id)
{
    if (id >= UNSENT) {
        for (struct unsent *unsent = client->unsent; unsent; unsent = unsent->next)
            if (unsent->id == id) unsent->done = NULL;
        return;
    }
    struct rpc_waiting *call = rpc_calls_find(&client->calls, (uint32_t)id);
    if (call) rpc_sent_end(client, call);
}

// ---- Events

static void read_err(struct err *err, const Rpc__Reply *reply)
{
    err_set(err, reply->reason, reply->field, "%s", reply->message);
    if (reply->reason == CONSE__REASON__VALUE__REASON_UNSPECIFIED)
        err->reason = CONSE__REASON__VALUE__INTERNAL_ERROR;
    err->retry_after_s = reply->retry_after_s;
}

// Who was asked second speaks for itself: the first may carry it out a moment later, unless the request is
// wrong for anybody.
static void judge_second(const struct rpc_waiting *call, const Rpc__Reply *reply, struct err *err)
{
    bool final = reply->code == CONSE__CODE__OK || reply->code == CONSE__CODE__INVALID_ARGUMENT;
    if (!call->lost || !call->keyed || final) return;
    err_set(err, CONSE__REASON__VALUE__OUTCOME_UNKNOWN, NULL,
            "the service went away during the call; its outcome is unknown");
}

static bool take_reply(struct rpc_client *client, struct rpc_link *link, ProtobufCBinaryData frame)
{
    arena_reset(&client->arena);
    const Rpc__Reply *reply = rpc__reply__unpack(&client->arena.allocator, frame.len, frame.data);
    if (!reply) return false;
    struct rpc_waiting *call = rpc_calls_find(&client->calls, reply->id);
    if (!call || call->link != link) return true;
    if (reply->reason == CONSE__REASON__VALUE__WRONG_PEER && rpc_sent_ask_winner(client, call, reply->winner))
        return true;
    if (reply->reason == CONSE__REASON__VALUE__STORE_NEWER && rpc_sent_ask_newer(client, call, reply->winner))
        return true;
    if (reply->code == CONSE__CODE__UNAVAILABLE && rpc_sent_ask_another(client, call)) return true;
    if (reply->reason == CONSE__REASON__VALUE__SERVICE_DRAINING && rpc_sent_ask_elsewhere(client, call))
        return true;
    struct err err = {0};
    bool ok = reply->code == CONSE__CODE__OK;
    if (!ok) read_err(&err, reply);
    judge_second(call, reply, &err);
    rpc_done *done = call->done;
    void *arg = call->arg;
    if (!ok) span_refuse(call->span, &err);
    rpc_sent_end(client, call);
    client->told = reply;
    done(arg, ok, reply->payload.data, reply->payload.len, &err);
    client->told = NULL;
    return true;
}

const char *rpc_client_cursor(const struct rpc_client *client)
{
    return client->told ? client->told->cursor : "";
}

int64_t rpc_client_again_ms(const struct rpc_client *client)
{
    return client->told ? client->told->again_ms : 0;
}

static void take_message(struct rpc_client *client, struct rpc_link *link, nng_msg *message)
{
    struct rpc_frames frames;
    ProtobufCBinaryData frame;
    bool ok = rpc_frames_open(&frames, nng_msg_body(message), nng_msg_len(message));
    while (ok && rpc_frames_next(&frames, &frame)) ok = take_reply(client, link, frame);
    if (!ok) {
        log_warn("reply can't be read", F_STR("service", client->service));
        rpc_link_cut(link);
    }
    nng_msg_free(message);
}

static void take_replies(void *arg, struct rpc_link *link)
{
    nng_msg *message;
    while ((message = rpc_link_receive(link)) != NULL) take_message(arg, link, message);
}

static void take_loss(void *arg, struct rpc_link *link)
{
    struct rpc_client *client = arg;
    if (!rpc_link_lost(link)) return;
    take_replies(client, link);
    rpc_link_forget(link);
    client->lost_ms = clock_mono_ms();
    rpc_sent_lose(client, link);
}

static void take_deadlines(struct rpc_client *client, int64_t now_ms)
{
    struct rpc_waiting *call;
    while ((call = rpc_calls_earliest(&client->calls)) != NULL && call->deadline_ms <= now_ms)
        rpc_sent_fail_late(client, call);
    if (client->alarm_ms <= now_ms) client->alarm_ms = INT64_MAX;
    set_alarm(client);
}

static void take_unsent(struct rpc_client *client)
{
    uint64_t last = UNSENT + client->unsent_id; // callbacks add to the next turn
    while (client->unsent && client->unsent->id <= last) {
        struct unsent *unsent = client->unsent;
        client->unsent = unsent->next;
        if (!client->unsent) client->unsent_end = &client->unsent;
        if (unsent->done) unsent->done(unsent->arg, false, NULL, 0, &unsent->err);
        free(unsent);
    }
}

// ---- The loop's side

int rpc_client_fd(const struct rpc_client *client) { return client->epoll_fd; }

static void clear_events(struct rpc_client *client)
{
    struct epoll_event events[EVENTS];
    uint64_t ignored;
    int count = epoll_wait(client->epoll_fd, events, EVENTS, 0);
    for (int i = 0; i < count; i++) {
        bool ours = events[i].data.fd == client->event_fd || events[i].data.fd == client->timer_fd;
        if (ours && read(events[i].data.fd, &ignored, sizeof ignored) < 0) continue; // taken meanwhile
    }
}

void rpc_client_process(struct rpc_client *client, int64_t now_ms)
{
    clear_events(client);
    rpc_pool_update(&client->pool);
    int64_t watch_ms = rpc_pool_watch(&client->pool, now_ms);
    rpc_pool_each(&client->pool, take_replies, client);
    rpc_pool_each(&client->pool, take_loss, client);
    int64_t redial_ms = rpc_pool_redial(&client->pool, now_ms);
    client->tend_ms = redial_ms < watch_ms ? redial_ms : watch_ms;
    if (client->patient) rpc_sent_take_patient(client, now_ms);
    take_deadlines(client, now_ms);
    take_unsent(client);
    rpc_client_flush(client);
}

void rpc_client_flush(struct rpc_client *client) { rpc_pool_flush(&client->pool); }

uint32_t rpc_client_peers(const struct rpc_client *client) { return rpc_pool_connected(&client->pool); }

bool rpc_client_connected(const struct rpc_client *client) { return rpc_client_peers(client) > 0; }

// ---- Life

static bool client_watch(struct rpc_client *client, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_fds(struct rpc_client *client, struct err *err)
{
    client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    client->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    client->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    bool ok = client->epoll_fd >= 0 && client->event_fd >= 0 && client->timer_fd >= 0 &&
              client_watch(client, client->event_fd) && client_watch(client, client->timer_fd);
    return ok || err_fail(err, INTERNAL_ERROR, "cannot open the RPC client's descriptors");
}

static bool open_client(struct rpc_client *client, const struct rpc_client_options *options, struct err *err)
{
    uint32_t size = options->max_in_flight ? options->max_in_flight : MAX_IN_FLIGHT;
    if (!rpc_calls_init(&client->calls, size < MOST_IN_FLIGHT ? size : MOST_IN_FLIGHT))
        return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!rpc_address_check(options->address, options->bus_keys, NULL, err) || !open_fds(client, err))
        return false;
    client->pool.epoll_fd = client->epoll_fd;
    client->pool.event_fd = client->event_fd;
    if (!rpc_pool_open(&client->pool, options->address, err)) return false;
    client->tend_ms = rpc_pool_redial(&client->pool, clock_mono_ms());
    set_alarm(client);
    return true;
}

bool rpc_client_create(struct rpc_client **out, const struct rpc_client_options *options, struct err *err)
{
    assert(options->self);
    struct rpc_client *client = calloc(1, sizeof *client);
    if (!client) return err_fail(err, INTERNAL_ERROR, "out of memory");
    snprintf(client->service, sizeof client->service, "%s", options->service);
    client->self = options->self;
    rpc_seals_init(&client->pool.seals, options->bus_keys, options->service);
    client->pool.has_slow = rpc_has_slow(options->service);
    client->epoll_fd = client->event_fd = client->timer_fd = -1;
    client->alarm_ms = INT64_MAX;
    client->unsent_end = &client->unsent;
    client->lost_ms = clock_mono_ms();
    arena_init(&client->arena, REPLY_ARENA);
    if (!open_client(client, options, err)) {
        rpc_client_destroy(client);
        return false;
    }
    *out = client;
    return true;
}

static void fail_all(struct rpc_client *client)
{
    struct err err;
    err_fail(&err, SERVICE_DRAINING, "the client is shutting down");
    struct rpc_waiting *call;
    while ((call = rpc_calls_earliest(&client->calls)) != NULL) rpc_sent_fail(client, call, &err);
    while (client->unsent) take_unsent(client);
}

void rpc_client_destroy(struct rpc_client *client)
{
    if (!client) return;
    if (client->calls.heap) fail_all(client);
    rpc_pool_close(&client->pool);
    rpc_seals_finish(&client->pool.seals);
    if (client->timer_fd >= 0) close(client->timer_fd);
    if (client->event_fd >= 0) close(client->event_fd);
    if (client->epoll_fd >= 0) close(client->epoll_fd);
    rpc_calls_finish(&client->calls);
    arena_finish(&client->arena);
    free(client);
}
