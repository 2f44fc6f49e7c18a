#include "services/gateway/stream/waits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "lib/base/stamp.h"
#include "services/gateway/gateway.h"

enum { BETWEEN_ASKS_MS = 20, DEADLINE_MARGIN_MS = 2000 };

struct wait {
    struct call *call;
    struct waits *waits;
    struct wait *next, **link;
    char event[64], user[64]; // "events.<id>." and "users.<id>"
    bool noticed;             // guarded by waits->lock
    int64_t until_ms, asked_ms;
    struct loop_timer timer;
    ProtobufCBinaryData reply; // the last one, without news
};

struct waits {
    struct gateway_loop *home;
    pthread_mutex_t lock; // guards the list and `noticed`
    struct wait *first;
    bool released;
};

bool waits_create(struct waits **out, struct gateway_loop *home, struct err *err)
{
    struct waits *waits = calloc(1, sizeof *waits);
    if (!waits) return err_fail(err, INTERNAL_ERROR, "no memory");
    waits->home = home;
    pthread_mutex_init(&waits->lock, NULL);
    *out = waits;
    return true;
}

void waits_destroy(struct waits *waits)
{
    if (!waits) return;
    pthread_mutex_destroy(&waits->lock);
    free(waits);
}

void waits_notice(struct waits *waits, const char *stream)
{
    bool any = false;
    pthread_mutex_lock(&waits->lock);
    for (struct wait *wait = waits->first; wait; wait = wait->next) {
        if (wait->noticed) continue;
        if (strncmp(stream, wait->event, strlen(wait->event)) != 0 && strcmp(stream, wait->user) != 0)
            continue;
        wait->noticed = any = true;
    }
    pthread_mutex_unlock(&waits->lock);
    if (any) loop_wake(waits->home->loop);
}

// ---- One waiting call

static Google__Protobuf__Duration *take_duration(ProtobufCMessage *request)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "wait");
    Google__Protobuf__Duration **slot = (Google__Protobuf__Duration **)((char *)request + field->offset);
    Google__Protobuf__Duration *duration = *slot;
    *slot = NULL;
    return duration;
}

static bool is_parked(const struct wait *wait) { return wait->call->state == CALL_PARKED; }

void waits_unpark(struct call *call)
{
    struct waits *waits = call->home->waits;
    loop_timer_clear(waits->home->loop, &call->wait->timer);
    metric_add(waits->home->gateway->metrics.parked, -1);
}

static void ask_again(struct wait *wait)
{
    struct waits *waits = wait->waits;
    pthread_mutex_lock(&waits->lock);
    wait->noticed = false;
    pthread_mutex_unlock(&waits->lock);
    wait->asked_ms = loop_now_ms(waits->home->loop);
    call_send(wait->call);
}

void waits_answer(struct call *call)
{
    const struct wait *wait = call->wait;
    reply_message(call, wait->reply.data, wait->reply.len);
}

static bool is_noticed(struct wait *wait)
{
    pthread_mutex_lock(&wait->waits->lock);
    bool noticed = wait->noticed;
    pthread_mutex_unlock(&wait->waits->lock);
    return noticed;
}

static void on_timer(void *arg)
{
    struct wait *wait = arg;
    if (is_noticed(wait) && loop_now_ms(wait->waits->home->loop) < wait->until_ms)
        ask_again(wait);
    else
        waits_answer(wait->call);
}

static struct wait *wait_create(struct call *call, int64_t wait_ms)
{
    struct waits *waits = call->home->waits;
    struct wait *wait = arena_new(&call->arena, struct wait);
    if (!wait) return NULL;
    *wait = (struct wait){.call = call, .waits = waits};
    wait->timer = (struct loop_timer){.fire = on_timer, .arg = wait};
    wait->asked_ms = loop_now_ms(waits->home->loop);
    wait->until_ms = wait->asked_ms + (wait_ms < WAIT_LONGEST_MS ? wait_ms : WAIT_LONGEST_MS);
    snprintf(wait->event, sizeof wait->event, "events.%.36s.", call->match.params[0]);
    snprintf(wait->user, sizeof wait->user, "users.%s", call->caller.claims.user_id);
    pthread_mutex_lock(&waits->lock);
    wait->next = waits->first;
    wait->link = &waits->first;
    if (wait->next) wait->next->link = &wait->next;
    waits->first = wait;
    pthread_mutex_unlock(&waits->lock);
    return wait;
}

// The call is known before it is sent, so that no notice falls between the service's look and the parking.
void waits_prepare(struct call *call, ProtobufCMessage *request)
{
    int64_t wait_ms = duration_ms(take_duration(request));
    if (wait_ms <= 0 || call->home->waits->released) return;
    if (atomic_fetch_add(&call->gateway->waiting, 1) < WAITS_MOST) call->wait = wait_create(call, wait_ms);
    if (!call->wait) atomic_fetch_sub(&call->gateway->waiting, 1);
}

// No news: the list of the reply is empty.
static bool is_empty(const struct call *call, const uint8_t *reply, size_t len)
{
    const ProtobufCFieldDescriptor *list = call->facts.news;
    ProtobufCMessage *message = protobuf_c_message_unpack(
        call->method->reply, (ProtobufCAllocator *)&call->arena.allocator, len, reply);
    return message && *(const size_t *)((const char *)message + list->quantifier_offset) == 0;
}

bool waits_keep(struct call *call, const uint8_t *reply, size_t len)
{
    struct wait *wait = call->wait;
    struct loop *loop = call->home->loop;
    if (wait->waits->released || loop_now_ms(loop) >= wait->until_ms || !is_empty(call, reply, len))
        return false;
    wait->reply = (ProtobufCBinaryData){len, arena_copy(&call->arena, reply, len)};
    if (!wait->reply.data) return false;
    call_move(call, CALL_PARKED);
    metric_add(call->gateway->metrics.parked, 1);
    http_park(call->http, wait->until_ms + DEADLINE_MARGIN_MS);
    loop_timer_set(loop, &wait->timer, is_noticed(wait) ? wait->asked_ms + BETWEEN_ASKS_MS : wait->until_ms);
    return true;
}

void waits_forget(struct call *call)
{
    struct wait *wait = call->wait;
    if (!wait) return;
    struct waits *waits = wait->waits;
    call->wait = NULL;
    pthread_mutex_lock(&waits->lock);
    *wait->link = wait->next;
    if (wait->next) wait->next->link = wait->link;
    pthread_mutex_unlock(&waits->lock);
    atomic_fetch_sub(&call->gateway->waiting, 1);
}

void waits_awake(struct waits *waits)
{
    struct loop *loop = waits->home->loop;
    pthread_mutex_lock(&waits->lock);
    for (struct wait *wait = waits->first; wait; wait = wait->next)
        if (wait->noticed && is_parked(wait))
            loop_timer_set(loop, &wait->timer, wait->asked_ms + BETWEEN_ASKS_MS);
    pthread_mutex_unlock(&waits->lock);
}

// The list is changed only by this thread, so walking it here needs no lock.
void waits_release(struct waits *waits)
{
    waits->released = true;
    for (struct wait *wait = waits->first; wait; wait = wait->next)
        if (is_parked(wait)) waits_answer(wait->call);
}
