#include "lib/rpc_client.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/peers.h"
#include "lib/rpc_frame.h"
#include "lib/rpc_link.h"

enum { MAX_IN_FLIGHT = 4096, MOST_IN_FLIGHT = 65536, FIRST_CONNECT_MS = 200, EVENTS = 32, REPLY_ARENA = 24 * 1024 * 1024 };

// Ids of calls that failed before they had a slot are above all others.
#define UNSENT (UINT64_C(1) << 32)

struct peer {
    char address[256];
    struct rpc_link fast, slow;
    bool leaving; // no longer among the addresses: closed when its calls are done
    struct peer *next;
};

struct unsent { // a call that failed at once; told in the next rpc_client_process
    uint64_t id;
    rpc_done *done;
    void *arg;
    struct err err;
    struct unsent *next;
};

struct rpc_client {
    char service[32];
    uint8_t key[RPC_KEY_BYTES];
    const uint8_t *bus_key;
    bool has_slow;
    bool was_connected;
    int epoll_fd, event_fd, timer_fd;
    int64_t alarm_ms; // what the timer is set to; INT64_MAX: not set
    struct peers *addresses;
    uint64_t addresses_version;
    struct peer *peers;
    struct rpc_calls calls;
    struct unsent *unsent, **unsent_end;
    uint64_t unsent_id;
    struct arena arena; // of one reply
};

// ---- Peers

static bool watch(struct rpc_client *client, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    return epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void unwatch(struct rpc_client *client, const struct rpc_link *link)
{
    if (link->closed) return;
    epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, link->receive_fd, NULL);
    if (link->watched) epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, link->send_fd, NULL);
}

static bool open_link(struct rpc_client *client, struct rpc_link *link, const char *address, struct err *err)
{
    if (!rpc_link_open(link, address, client->bus_key, client->event_fd, err)) return false;
    return watch(client, link->receive_fd, link) || err_fail(err, INTERNAL_ERROR, "cannot watch a socket");
}

static bool open_slow(struct rpc_client *client, struct peer *peer, struct err *err)
{
    char address[256];
    if (!client->has_slow) return true;
    if (!rpc_slow_address(peer->address, address, sizeof address))
        return err_fail(err, INVALID_FIELD, "%s is no address of a service", peer->address);
    return open_link(client, &peer->slow, address, err);
}

static void close_peer(struct rpc_client *client, struct peer *peer)
{
    unwatch(client, &peer->fast);
    unwatch(client, &peer->slow);
    rpc_link_close(&peer->fast);
    rpc_link_close(&peer->slow);
    free(peer);
}

static bool add_peer(struct rpc_client *client, const char *address, struct err *err)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) return err_fail(err, INTERNAL_ERROR, "out of memory");
    peer->fast.closed = peer->slow.closed = true;
    snprintf(peer->address, sizeof peer->address, "%s", address);
    if (!open_link(client, &peer->fast, address, err) || !open_slow(client, peer, err)) {
        close_peer(client, peer);
        return false;
    }
    peer->next = client->peers;
    client->peers = peer;
    return true;
}

static bool listed(const struct peers_list *list, const char *address)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->addresses[i], address) == 0) return true;
    return false;
}

static struct peer *find_peer(struct rpc_client *client, const char *address)
{
    struct peer *peer = client->peers;
    while (peer && strcmp(peer->address, address) != 0) peer = peer->next;
    return peer;
}

static bool update_peers(struct rpc_client *client, struct err *err)
{
    struct peers_list list;
    if (!peers_changed(client->addresses, &client->addresses_version, &list)) return true;
    for (struct peer *peer = client->peers; peer; peer = peer->next) peer->leaving = !listed(&list, peer->address);
    bool ok = true;
    for (size_t i = 0; ok && i < list.count; i++)
        if (!find_peer(client, list.addresses[i])) ok = add_peer(client, list.addresses[i], err);
    return ok;
}

static void sweep_leaving(struct rpc_client *client)
{
    struct peer **at = &client->peers;
    while (*at) {
        struct peer *peer = *at;
        if (peer->leaving && peer->fast.calls_count + peer->slow.calls_count == 0) {
            *at = peer->next;
            close_peer(client, peer);
        } else {
            at = &peer->next;
        }
    }
}

// Rendezvous hashing: the same stream meets the same peer, and only a gone peer's streams move.
static uint64_t weight(const char *stream, const char *address)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = stream; *c; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    for (const char *c = address; *c; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 33;
}

static struct rpc_link *link_of(struct peer *peer, Conse__Class class)
{
    return class == CONSE__CLASS__SLOW ? &peer->slow : &peer->fast;
}

static struct rpc_link *choose(struct rpc_client *client, const struct rpc_request *request)
{
    struct rpc_link *best = NULL;
    uint64_t best_weight = 0;
    for (struct peer *peer = client->peers; peer; peer = peer->next) {
        struct rpc_link *link = link_of(peer, request->method->class);
        if (peer->leaving || !rpc_link_connected(link)) continue;
        uint64_t w = request->stream ? weight(request->stream, peer->address) : UINT64_MAX - link->calls_count;
        if (best && w <= best_weight) continue;
        best = link;
        best_weight = w;
    }
    return best;
}

// ---- Calls

static void wake(struct rpc_client *client) { eventfd_write(client->event_fd, 1); }

static uint64_t fail_unsent(struct rpc_client *client, rpc_done *done, void *arg, const struct err *err)
{
    struct unsent *unsent = malloc(sizeof *unsent);
    if (!unsent) abort();
    *unsent = (struct unsent){UNSENT + ++client->unsent_id, done, arg, *err, NULL};
    *client->unsent_end = unsent;
    client->unsent_end = &unsent->next;
    wake(client);
    return unsent->id;
}

static void pack_envelope(Rpc__Request *envelope, const struct rpc_request *request, uint32_t id)
{
    rpc__request__init(envelope);
    envelope->id = id;
    envelope->method = (char *)(request->name ? request->name : request->method->name);
    envelope->timeout_ms = request->timeout_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)request->timeout_ms;
    envelope->caller = (Rpc__Caller *)request->caller;
    if (request->idempotency_key) envelope->idempotency_key = (char *)request->idempotency_key;
    if (request->traceparent) envelope->traceparent = (char *)request->traceparent;
    envelope->payload = request->payload;
}

static void set_alarm(struct rpc_client *client)
{
    const struct rpc_waiting *earliest = rpc_calls_earliest(&client->calls);
    if (!earliest || earliest->deadline_ms >= client->alarm_ms) return;
    client->alarm_ms = earliest->deadline_ms;
    struct itimerspec at = {.it_value = {client->alarm_ms / 1000, client->alarm_ms % 1000 * 1000000 + 1}};
    timerfd_settime(client->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static bool place_call(struct rpc_client *client, const struct rpc_request *request, struct rpc_link **link,
                       struct rpc_waiting **call, struct err *err)
{
    if (request->timeout_ms <= 0) return err_fail(err, DEADLINE_PASSED, "no time is left for the call");
    *link = choose(client, request);
    if (!*link) {
        err_fail(err, SERVICE_AWAY, "%s is away", client->service);
        err->retry_after_s = 1;
        return false;
    }
    *call = rpc_calls_take(&client->calls, clock_mono_ms() + request->timeout_ms);
    if (*call) return true;
    err_fail(err, SERVICE_BUSY, "too many calls to %s are in flight", client->service);
    err->retry_after_s = 1;
    return false;
}

uint64_t rpc_client_call(struct rpc_client *client, const struct rpc_request *request, rpc_done *done, void *arg)
{
    struct err err;
    struct rpc_link *link = NULL;
    struct rpc_waiting *call = NULL;
    if (!place_call(client, request, &link, &call, &err)) return fail_unsent(client, done, arg, &err);
    call->done = done;
    call->arg = arg;
    Rpc__Request envelope;
    pack_envelope(&envelope, request, call->id);
    if (!rpc_link_add(link, request->method->class, &envelope.base)) {
        rpc_calls_free(&client->calls, call);
        err_fail(&err, INTERNAL_ERROR, "out of memory");
        return fail_unsent(client, done, arg, &err);
    }
    rpc_link_attach(link, call);
    set_alarm(client);
    return call->id;
}

static void end_call(struct rpc_client *client, struct rpc_waiting *call)
{
    rpc_link_detach(call->link, call);
    rpc_calls_free(&client->calls, call);
}

static void cancel_unsent(struct rpc_client *client, uint64_t id)
{
    for (struct unsent *unsent = client->unsent; unsent; unsent = unsent->next)
        if (unsent->id == id) unsent->done = NULL;
}

void rpc_client_cancel(struct rpc_client *client, uint64_t id)
{
    if (id >= UNSENT) {
        cancel_unsent(client, id);
        return;
    }
    struct rpc_waiting *call = rpc_calls_find(&client->calls, (uint32_t)id);
    if (call) end_call(client, call);
}

static void fail_call(struct rpc_client *client, struct rpc_waiting *call, const struct err *err)
{
    rpc_done *done = call->done;
    void *arg = call->arg;
    end_call(client, call);
    done(arg, false, NULL, 0, err);
}

// ---- Replies

static void read_err(struct err *err, const Rpc__Reply *reply)
{
    err_set(err, reply->reason, reply->field, "%s", reply->message);
    if (reply->reason == CONSE__REASON__VALUE__REASON_UNSPECIFIED) err->reason = CONSE__REASON__VALUE__INTERNAL_ERROR;
    err->retry_after_s = reply->retry_after_s;
}

static bool take_reply(struct rpc_client *client, struct rpc_link *link, ProtobufCBinaryData envelope)
{
    arena_reset(&client->arena);
    const Rpc__Reply *reply = rpc__reply__unpack(&client->arena.allocator, envelope.len, envelope.data);
    if (!reply) return false;
    struct rpc_waiting *call = rpc_calls_find(&client->calls, reply->id);
    if (!call || call->link != link) return true;
    struct err err = {0};
    bool ok = reply->code == CONSE__CODE__OK;
    if (!ok) read_err(&err, reply);
    rpc_done *done = call->done;
    void *arg = call->arg;
    end_call(client, call);
    done(arg, ok, reply->payload.data, reply->payload.len, &err);
    return true;
}

static void take_message(struct rpc_client *client, struct rpc_link *link, nng_msg *message)
{
    struct rpc_frames frames;
    ProtobufCBinaryData envelope;
    bool ok = rpc_frames_open(&frames, nng_msg_body(message), nng_msg_len(message));
    while (ok && rpc_frames_next(&frames, &envelope)) ok = take_reply(client, link, envelope);
    if (!ok) {
        log_warn("reply can't be read", F_STR("service", client->service));
        nng_pipe_close(nng_msg_get_pipe(message));
    }
    nng_msg_free(message);
}

static void take_replies(struct rpc_client *client, struct rpc_link *link)
{
    nng_msg *message;
    while ((message = rpc_link_receive(link)) != NULL) take_message(client, link, message);
}

static void take_loss(struct rpc_client *client, struct rpc_link *link)
{
    if (link->closed || !rpc_link_lost(link)) return;
    take_replies(client, link);
    rpc_link_forget(link);
    struct err err;
    err_fail(&err, SERVICE_AWAY, "%s went away during the call; its outcome is unknown", client->service);
    err.retry_after_s = 1;
    struct rpc_waiting *last = NULL; // calls made meanwhile by a callback come before it and stay
    for (struct rpc_waiting *call = link->calls; call; call = call->next) last = call;
    while (last) {
        struct rpc_waiting *call = last;
        last = call->previous;
        fail_call(client, call, &err);
    }
}

static void take_deadlines(struct rpc_client *client, int64_t now_ms)
{
    struct err err;
    err_fail(&err, DEADLINE_PASSED, "%s did not answer in time", client->service);
    struct rpc_waiting *call;
    while ((call = rpc_calls_earliest(&client->calls)) && call->deadline_ms <= now_ms) fail_call(client, call, &err);
    if (client->alarm_ms <= now_ms) client->alarm_ms = INT64_MAX;
    set_alarm(client);
}

static void take_unsent(struct rpc_client *client)
{
    struct unsent *unsent = client->unsent;
    client->unsent = NULL;
    client->unsent_end = &client->unsent;
    while (unsent) {
        struct unsent *next = unsent->next;
        if (unsent->done) unsent->done(unsent->arg, false, NULL, 0, &unsent->err);
        free(unsent);
        unsent = next;
    }
}

// ---- The loop's side

int rpc_client_fd(const struct rpc_client *client) { return client->epoll_fd; }

static void take_events(struct rpc_client *client)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(client->epoll_fd, events, EVENTS, 0);
    uint64_t ignored;
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr == &client->event_fd) eventfd_read(client->event_fd, &ignored);
        if (events[i].data.ptr == &client->timer_fd && read(client->timer_fd, &ignored, sizeof ignored) < 0) continue;
    }
}

static void each_link(struct rpc_client *client, void (*take)(struct rpc_client *client, struct rpc_link *link))
{
    for (struct peer *peer = client->peers; peer; peer = peer->next) {
        if (!peer->fast.closed) take(client, &peer->fast);
        if (!peer->slow.closed) take(client, &peer->slow);
    }
}

void rpc_client_process(struct rpc_client *client, int64_t now_ms)
{
    take_events(client);
    struct err err;
    if (!update_peers(client, &err)) log_err(LOG_WARN, "peer not usable", &err);
    each_link(client, take_replies);
    each_link(client, take_loss);
    take_deadlines(client, now_ms);
    take_unsent(client);
    sweep_leaving(client);
    rpc_client_flush(client);
}

static void flush_link(struct rpc_client *client, struct rpc_link *link)
{
    rpc_link_flush(link);
    if (link->blocked == link->watched) return;
    if (link->blocked)
        watch(client, link->send_fd, link);
    else
        epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, link->send_fd, NULL);
    link->watched = link->blocked;
}

void rpc_client_flush(struct rpc_client *client) { each_link(client, flush_link); }

static bool connected(const struct rpc_client *client, const struct peer *peer)
{
    return !peer->leaving && rpc_link_connected(&peer->fast) && (!client->has_slow || rpc_link_connected(&peer->slow));
}

uint32_t rpc_client_peers(const struct rpc_client *client)
{
    uint32_t count = 0;
    for (const struct peer *peer = client->peers; peer; peer = peer->next) count += connected(client, peer);
    return count;
}

bool rpc_client_connected(const struct rpc_client *client) { return rpc_client_peers(client) > 0; }

// ---- Life

static bool open_fds(struct rpc_client *client, struct err *err)
{
    client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    client->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    client->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (client->epoll_fd < 0 || client->event_fd < 0 || client->timer_fd < 0 ||
        !watch(client, client->event_fd, &client->event_fd) || !watch(client, client->timer_fd, &client->timer_fd))
        return err_fail(err, INTERNAL_ERROR, "cannot open the RPC client's descriptors");
    return true;
}

static bool open_client(struct rpc_client *client, const struct rpc_client_options *options, struct err *err)
{
    uint32_t size = options->max_in_flight ? options->max_in_flight : MAX_IN_FLIGHT;
    if (size > MOST_IN_FLIGHT) size = MOST_IN_FLIGHT;
    if (!rpc_calls_init(&client->calls, size)) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return open_fds(client, err) && peers_open(&client->addresses, options->address, client->event_fd, err) &&
           update_peers(client, err);
}

bool rpc_client_create(struct rpc_client **out, const struct rpc_client_options *options, struct err *err)
{
    struct rpc_client *client = calloc(1, sizeof *client);
    if (!client) return err_fail(err, INTERNAL_ERROR, "out of memory");
    snprintf(client->service, sizeof client->service, "%s", options->service);
    if (options->bus_key) client->bus_key = memcpy(client->key, options->bus_key, RPC_KEY_BYTES);
    client->has_slow = rpc_has_slow(options->service);
    client->epoll_fd = client->event_fd = client->timer_fd = -1;
    client->alarm_ms = INT64_MAX;
    client->unsent_end = &client->unsent;
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
    while ((call = rpc_calls_earliest(&client->calls))) fail_call(client, call, &err);
    while (client->unsent) take_unsent(client);
}

void rpc_client_destroy(struct rpc_client *client)
{
    if (!client) return;
    if (client->calls.heap) fail_all(client);
    peers_close(client->addresses);
    while (client->peers) {
        struct peer *peer = client->peers;
        client->peers = peer->next;
        close_peer(client, peer);
    }
    if (client->timer_fd >= 0) close(client->timer_fd);
    if (client->event_fd >= 0) close(client->event_fd);
    if (client->epoll_fd >= 0) close(client->epoll_fd);
    rpc_calls_finish(&client->calls);
    arena_finish(&client->arena);
    free(client);
}

// ---- Without a loop

static void wait_events(struct rpc_client *client, int64_t until_ms)
{
    int64_t left_ms = until_ms - clock_mono_ms();
    struct pollfd fd = {.fd = client->epoll_fd, .events = POLLIN};
    if (left_ms > 0) poll(&fd, 1, left_ms > 1000 ? 1000 : (int)left_ms);
    rpc_client_process(client, clock_mono_ms());
}

bool rpc_client_wait(struct rpc_client *client, int64_t timeout_ms)
{
    int64_t until_ms = clock_mono_ms() + timeout_ms;
    while (!rpc_client_connected(client) && clock_mono_ms() < until_ms) wait_events(client, until_ms);
    if (rpc_client_connected(client)) client->was_connected = true;
    return client->was_connected && rpc_client_connected(client);
}

struct asked {
    bool done, ok;
    ProtobufCBinaryData payload;
    struct arena *arena;
    struct err err;
};

static void take_answer(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct asked *asked = arg;
    asked->done = true;
    asked->ok = ok;
    asked->err = *err;
    if (ok) asked->payload = (ProtobufCBinaryData){len, arena_copy(asked->arena, payload, len)};
}

static bool unpack_answer(const struct asked *asked, const struct schema_method *method, ProtobufCMessage **reply,
                          struct err *err)
{
    if (!asked->ok) return *err = asked->err, false;
    struct arena *arena = asked->arena;
    if (asked->payload.data)
        *reply = protobuf_c_message_unpack(method->reply, &arena->allocator, asked->payload.len, asked->payload.data);
    if (asked->payload.data && *reply) return true;
    if (arena->failed) return err_fail(err, CALL_TOO_LARGE, "the reply needs too much memory");
    return err_fail(err, INTERNAL_ERROR, "the reply of %s can't be read", method->name);
}

bool rpc_client_ask(struct rpc_client *client, const char *name, const Rpc__Caller *caller, const ProtobufCMessage *message,
                    int64_t timeout_ms, struct arena *arena, ProtobufCMessage **reply, struct err *err)
{
    struct rpc_request request = {.name = name, .method = rpc_schema_of(name), .caller = caller, .timeout_ms = timeout_ms};
    if (!request.method) return err_fail(err, NO_METHOD, "there is no method %s", name);
    request.payload.len = protobuf_c_message_get_packed_size(message);
    request.payload.data = arena_alloc(arena, request.payload.len);
    if (!request.payload.data) return err_fail(err, CALL_TOO_LARGE, "the request needs too much memory");
    protobuf_c_message_pack(message, request.payload.data);
    if (!client->was_connected) rpc_client_wait(client, timeout_ms < FIRST_CONNECT_MS ? timeout_ms : FIRST_CONNECT_MS);
    struct asked asked = {.arena = arena};
    int64_t until_ms = clock_mono_ms() + timeout_ms;
    rpc_client_call(client, &request, take_answer, &asked);
    rpc_client_flush(client);
    while (!asked.done) wait_events(client, until_ms + 1);
    return unpack_answer(&asked, request.method, reply, err);
}
