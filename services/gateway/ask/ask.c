#include "services/gateway/ask/ask.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "lib/base/clock.h"
#include "lib/rpc/client.h"
#include "services/gateway/ask/ask_turns.h"

enum {
    CHUNK = 256,
    BULK_AT_ONCE = 4, // of a peer; this many large replies are in memory, and converted in a turn
    FRESH_MS = 1000,  // this long after a token was checked its expiry needs no check
};

// A service, as this loop asks it.
struct backend {
    struct asks_service service;
    struct asks *asks;
    struct rpc_client *client;
    struct loop_source source;
    struct turns turns; // large reads that wait for a place
    size_t bulk_out;
};

enum asked_state {
    ASKED_FREE,
    ASKED_QUEUED,  // waits for its turn
    ASKED_OUT,     // the service has it
    ASKED_DROPPED, // the same, but its asker has left; it keeps its place, so leaving gains nothing
    ASKED_REFUSED, // reported at the next turn
};

struct asked {
    struct ask ask;
    ask_done *done;
    void *arg;
    struct backend *backend;
    uint64_t rpc_id;
    struct err *refusal; // owned
    uint32_t place, generation;
    enum asked_state state;
    bool bulk; // takes a place
    struct turn turn;
    struct asked *next, **link; // of those free (next), or refused
};

struct asks {
    struct loop *loop;
    struct access *access;
    struct backend backends[ASKS_SERVICES_MOST];
    size_t count;
    bool disconnected;
    struct asked **chunks;
    size_t chunks_count;
    struct asked *free, *refused, **refused_end;
    size_t refused_count;
};

// ---- Slots

static void add_chunk(struct asks *asks)
{
    struct asked *chunk = calloc(CHUNK, sizeof *chunk);
    asks->chunks = realloc(asks->chunks, (asks->chunks_count + 1) * sizeof(struct asked *));
    if (!chunk || !asks->chunks) abort();
    for (uint32_t i = CHUNK; i-- > 0;) {
        chunk[i].place = (uint32_t)asks->chunks_count * CHUNK + i;
        chunk[i].next = asks->free;
        asks->free = &chunk[i];
    }
    asks->chunks[asks->chunks_count++] = chunk;
}

static struct asked *take_slot(struct asks *asks)
{
    if (!asks->free) add_chunk(asks);
    struct asked *asked = asks->free;
    asks->free = asked->next;
    asked->generation++;
    return asked;
}

static void free_slot(struct asks *asks, struct asked *asked)
{
    asked->state = ASKED_FREE;
    asked->next = asks->free;
    asks->free = asked;
}

static uint64_t id_of(const struct asked *asked) { return (uint64_t)asked->generation << 32 | asked->place; }

static struct asked *find_slot(const struct asks *asks, uint64_t id)
{
    uint32_t place = (uint32_t)id;
    if (id == 0 || place / CHUNK >= asks->chunks_count) return NULL;
    struct asked *asked = &asks->chunks[place / CHUNK][place % CHUNK];
    return asked->state != ASKED_FREE && id_of(asked) == id ? asked : NULL;
}

// ---- Refusals: reported at the next turn, because gateway_ask itself never calls back

static void ask_refuse(struct asks *asks, struct asked *asked, const struct err *err)
{
    asked->refusal = malloc(sizeof *err);
    if (!asked->refusal) abort();
    *asked->refusal = *err;
    asked->state = ASKED_REFUSED;
    asked->next = NULL;
    asked->link = asks->refused_end;
    *asks->refused_end = asked;
    asks->refused_end = &asked->next;
    asks->refused_count++;
    loop_again(asks->loop);
}

static void refuse_draining(struct asks *asks, struct asked *asked)
{
    struct err err;
    err_fail(&err, SERVICE_DRAINING, "the gateway is shutting down");
    ask_refuse(asks, asked, &err);
}

static void take_refusal(struct asks *asks, struct asked *asked)
{
    *asked->link = asked->next;
    if (asked->next)
        asked->next->link = asked->link;
    else
        asks->refused_end = asked->link;
    asks->refused_count--;
    free(asked->refusal);
    asked->refusal = NULL;
}

static void tell_refusal(struct asks *asks, struct asked *asked)
{
    assert(asked->refusal);
    struct err err = *asked->refusal;
    struct ask_reply reply = {.err = &err, .cursor = ""};
    ask_done *done = asked->done;
    void *arg = asked->arg;
    take_refusal(asks, asked);
    free_slot(asks, asked);
    done(arg, &reply);
}

// ---- Asking

// A caller may have been checked a while ago: a body comes late, news even later.
static bool may_ask(const struct asks *asks, const struct caller *caller, struct err *err)
{
    int64_t now_ms = loop_now_ms(asks->loop);
    if (!caller || !caller->known) return true;
    if (caller->revocations != access_revocations(asks->access) &&
        access_is_revoked(asks->access, &caller->claims))
        return err_fail(err, TOKEN_INVALID, "the access token was revoked");
    return now_ms - caller->checked_ms <= FRESH_MS || caller->claims.expires_s * 1000 > clock_unix_ms() ||
           err_fail(err, TOKEN_INVALID, "the access token has expired");
}

static void on_done(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct asked *asked = arg;
    bool dropped = asked->state == ASKED_DROPPED;
    const struct rpc_client *client = asked->backend->client;
    struct ask_reply reply = {ok ? NULL : err, payload, len, rpc_client_cursor(client),
                              rpc_client_again_ms(client)};
    ask_done *done = asked->done;
    void *done_arg = asked->arg;
    asked->backend->bulk_out -= asked->bulk;
    free_slot(asked->backend->asks, asked);
    if (!dropped) done(done_arg, &reply);
}

static void send_out(struct asks *asks, struct asked *asked)
{
    const struct ask *ask = &asked->ask;
    const struct caller *who = ask->caller;
    Rpc__Caller caller = RPC__CALLER__INIT;
    if (who && who->known) {
        caller.user_id = (char *)who->claims.user_id;
        caller.username = (char *)who->claims.username;
        caller.session_id = (char *)who->claims.session_id;
        caller.level = who->claims.level;
        caller.key = who->claims.key_id[0] != 0;
        caller.expires_s = who->claims.expires_s;
    }
    if (who && ask->tells_address) caller.address = (char *)who->address;
    struct rpc_request request = {
        .method = ask->method,
        .name = ask->name,
        .caller = who && (who->known || ask->tells_address) ? &caller : NULL,
        .payload = ask->payload,
        .idempotency_key = ask->key,
        .traceparent = ask->trace,
        .acts = ask->acts,
        .acts_count = ask->acts_count,
        .stream = ask->method->object ? ask->method->object : ask->stream,
        .fresh = ask->fresh,
        .timeout_ms = ask->deadline_ms - loop_now_ms(asks->loop),
    };
    asked->state = ASKED_OUT;
    asked->backend->bulk_out += asked->bulk;
    asked->rpc_id = rpc_client_call(asked->backend->client, &request, on_done, asked);
}

// ---- Large reads, by turns

static bool has_place(const struct backend *backend)
{
    uint32_t peers = rpc_client_peers(backend->client);
    return backend->bulk_out < (size_t)(peers ? peers : 1) * BULK_AT_ONCE; // without one they wait or fail
}

static struct asked *of_turn(struct turn *turn)
{
    return (struct asked *)((char *)turn - offsetof(struct asked, turn));
}

static void wait_turn(struct asks *asks, struct asked *asked)
{
    struct err err;
    asked->state = ASKED_QUEUED;
    struct turn *gives_way = turns_add(&asked->backend->turns, &asked->turn, asked->ask.caller->household);
    if (!gives_way) return;
    err_fail(&err, SERVICE_BUSY, "too many large reads wait for %s", asked->backend->service.name);
    err.retry_after_s = 1;
    ask_refuse(asks, of_turn(gives_way), &err);
}

static void send_next(struct asks *asks, struct backend *backend)
{
    struct err err;
    struct turn *turn;
    while (has_place(backend) && (turn = turns_next(&backend->turns)) != NULL) {
        struct asked *asked = of_turn(turn);
        if (may_ask(asks, asked->ask.caller, &err))
            send_out(asks, asked);
        else
            ask_refuse(asks, asked, &err);
    }
}

uint64_t gateway_ask(struct asks *asks, const struct ask *ask, ask_done *done, void *arg)
{
    struct err err;
    struct asked *asked = take_slot(asks);
    uint64_t id = id_of(asked);
    asked->ask = *ask;
    asked->done = done;
    asked->arg = arg;
    if (asks->disconnected) return refuse_draining(asks, asked), id;
    assert(ask->service < asks->count);
    asked->backend = &asks->backends[ask->service];
    asked->bulk = ask->caller && ask->method->class == CONSE__CLASS__BULK;
    if (!may_ask(asks, ask->caller, &err)) return ask_refuse(asks, asked, &err), id;
    if (asked->bulk && (asked->backend->turns.count > 0 || !has_place(asked->backend)))
        wait_turn(asks, asked);
    else
        send_out(asks, asked);
    return id;
}

void gateway_ask_cancel(struct asks *asks, uint64_t id)
{
    struct asked *asked = find_slot(asks, id);
    if (!asked) return;
    if (asked->state == ASKED_DROPPED) return;
    if (asked->state == ASKED_REFUSED) take_refusal(asks, asked);
    if (asked->state == ASKED_QUEUED) turns_remove(&asked->backend->turns, &asked->turn);
    if (asked->state == ASKED_OUT && asked->bulk) {
        asked->state = ASKED_DROPPED;
        return;
    }
    if (asked->state == ASKED_OUT) rpc_client_cancel(asked->backend->client, asked->rpc_id);
    free_slot(asks, asked);
}

// ---- In the loop

static void on_ready(void *arg, uint32_t events)
{
    struct backend *backend = arg;
    (void)events;
    rpc_client_process(backend->client, loop_now_ms(backend->asks->loop));
}

// What the callbacks add waits for the next turn.
void asks_turn(struct asks *asks)
{
    for (size_t left = asks->refused_count; left > 0 && asks->refused; left--)
        tell_refusal(asks, asks->refused);
    for (size_t i = 0; i < asks->count; i++) send_next(asks, &asks->backends[i]);
}

void asks_flush(struct asks *asks)
{
    for (size_t i = 0; i < asks->count; i++) rpc_client_flush(asks->backends[i].client);
}

bool asks_connected(const struct asks *asks, size_t service)
{
    return service < asks->count && rpc_client_connected(asks->backends[service].client);
}

// ---- Life

void asks_create(struct asks **out, struct loop *loop, struct access *access)
{
    struct asks *asks = calloc(1, sizeof *asks);
    if (!asks) abort();
    asks->loop = loop;
    asks->access = access;
    asks->refused_end = &asks->refused;
    *out = asks;
}

bool asks_connect(struct asks *asks, const struct asks_service *services, size_t count,
                  struct bus_keys *bus_keys, struct err *err)
{
    assert(count <= ASKS_SERVICES_MOST);
    for (size_t i = 0; i < count; i++) {
        struct backend *backend = &asks->backends[i];
        struct rpc_client_options options = {.service = services[i].name,
                                             .self = CONSE__ASKER__VALUE__GATEWAY,
                                             .address = services[i].address,
                                             .bus_keys = bus_keys};
        if (!rpc_client_create(&backend->client, &options, err)) return err_wrap(err, services[i].name);
        asks->count++;
        turns_init(&backend->turns);
        backend->service = services[i];
        backend->asks = asks;
        backend->source = (struct loop_source){rpc_client_fd(backend->client), on_ready, backend};
        if (!loop_watch(asks->loop, &backend->source, EPOLLIN, err)) return false;
    }
    return true;
}

void asks_disconnect(struct asks *asks)
{
    if (!asks) return;
    asks->disconnected = true;
    for (size_t i = 0; i < asks->count; i++) {
        struct backend *backend = &asks->backends[i];
        loop_unwatch(asks->loop, &backend->source);
        rpc_client_destroy(backend->client);
        for (struct turn *turn; (turn = turns_next(&backend->turns)) != NULL;)
            refuse_draining(asks, of_turn(turn));
    }
    asks->count = 0;
    while (asks->refused) asks_turn(asks);
}

void asks_destroy(struct asks *asks)
{
    if (!asks) return;
    while (asks->refused) take_refusal(asks, asks->refused);
    for (size_t i = 0; i < asks->chunks_count; i++) free(asks->chunks[i]);
    free(asks->chunks);
    free(asks);
}
