#include "services/gateway/waits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "lib/bus.h"
#include "lib/stamp.h"
#include "services/gateway/gateway.h"

enum { BETWEEN_ASKS_MS = 20, DEADLINE_MARGIN_MS = 2000 };

struct wait {
    struct call *call;
    struct waits *waits;
    struct wait *next, **link;
    char event[64], user[64]; // "events.<id>." and "users.<id>"
    bool noticed;             // guarded by waits->lock
    bool parked;              // the loop's from here on
    int64_t until_ms, asked_ms;
    struct loop_timer timer;
    ProtobufCBinaryData reply; // the last one, without news
};

struct waits {
    struct gateway *gateway;
    struct bus_subscriber *events, *users;
    pthread_mutex_t lock; // guards the list and `noticed`
    struct wait *first;
    size_t count, parked;
    bool released;
};

// On a subscriber's thread.
static bool on_notice(void *arg, const Bus__Notice *notice)
{
    struct waits *waits = arg;
    bool any = false;
    pthread_mutex_lock(&waits->lock);
    for (struct wait *wait = waits->first; wait; wait = wait->next) {
        if (wait->noticed) continue;
        if (strncmp(notice->stream, wait->event, strlen(wait->event)) != 0 &&
            strcmp(notice->stream, wait->user) != 0)
            continue;
        wait->noticed = any = true;
    }
    pthread_mutex_unlock(&waits->lock);
    if (any) loop_wake(waits->gateway->loop);
    return true;
}

static bool subscribe(struct bus_subscriber **subscriber, struct waits *waits, const char *pattern,
                      struct err *err)
{
    struct service *service = waits->gateway->service;
    struct bus_subscriber_options options = {.pattern = pattern,
                                             .address = service_bus_of(service, "events"),
                                             .feed_service = "events",
                                             .feed_address = service_listen_of(service, "events"),
                                             .bus_key = service->bus_key,
                                             .handler = on_notice,
                                             .arg = waits};
    return bus_subscriber_start(subscriber, &options, err);
}

bool waits_start(struct waits **out, struct gateway *gateway, struct err *err)
{
    struct waits *waits = calloc(1, sizeof *waits);
    if (!waits) return err_fail(err, INTERNAL_ERROR, "no memory");
    waits->gateway = gateway;
    pthread_mutex_init(&waits->lock, NULL);
    if (!subscribe(&waits->events, waits, "events.*", err) ||
        !subscribe(&waits->users, waits, "users.*", err))
        return waits_stop(waits), false;
    *out = waits;
    return true;
}

void waits_stop(struct waits *waits)
{
    if (!waits) return;
    if (waits->events) bus_subscriber_stop(waits->events);
    if (waits->users) bus_subscriber_stop(waits->users);
    pthread_mutex_destroy(&waits->lock);
    free(waits);
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

static void unpark(struct wait *wait)
{
    if (!wait->parked) return;
    wait->parked = false;
    wait->waits->parked--;
    metric_set(wait->waits->gateway->metrics.parked, (int64_t)wait->waits->parked);
}

static void ask_again(struct wait *wait)
{
    struct waits *waits = wait->waits;
    pthread_mutex_lock(&waits->lock);
    wait->noticed = false;
    pthread_mutex_unlock(&waits->lock);
    unpark(wait);
    wait->asked_ms = loop_now_ms(waits->gateway->loop);
    call_send(wait->call);
}

static void answer(struct wait *wait)
{
    unpark(wait);
    reply_message(wait->call, wait->reply.data, wait->reply.len);
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
    if (is_noticed(wait) && loop_now_ms(wait->waits->gateway->loop) < wait->until_ms)
        ask_again(wait);
    else
        answer(wait);
}

static struct wait *wait_create(struct call *call, int64_t wait_ms)
{
    struct waits *waits = call->gateway->waits;
    struct wait *wait = arena_new(&call->arena, struct wait);
    if (!wait) return NULL;
    *wait = (struct wait){.call = call, .waits = waits};
    wait->timer = (struct loop_timer){.fire = on_timer, .arg = wait};
    wait->asked_ms = loop_now_ms(waits->gateway->loop);
    wait->until_ms = wait->asked_ms + (wait_ms < WAIT_LONGEST_MS ? wait_ms : WAIT_LONGEST_MS);
    snprintf(wait->event, sizeof wait->event, "events.%.36s.", call->match.params[0]);
    snprintf(wait->user, sizeof wait->user, "users.%s", call->claims.user_id);
    pthread_mutex_lock(&waits->lock);
    wait->next = waits->first;
    wait->link = &waits->first;
    if (wait->next) wait->next->link = &wait->next;
    waits->first = wait;
    waits->count++;
    pthread_mutex_unlock(&waits->lock);
    return wait;
}

// The call is known before it is sent, so that no notice falls between the service's look and the parking.
void waits_prepare(struct call *call, ProtobufCMessage *request)
{
    struct waits *waits = call->gateway->waits;
    int64_t wait_ms = duration_ms(take_duration(request));
    if (wait_ms > 0 && waits->count < WAITS_MOST && !waits->released) call->wait = wait_create(call, wait_ms);
}

// No news: the reply's first field, a list, is empty.
static bool is_empty(const struct call *call, const uint8_t *reply, size_t len)
{
    const ProtobufCFieldDescriptor *list = &call->method->reply->fields[0];
    ProtobufCMessage *message = protobuf_c_message_unpack(
        call->method->reply, (ProtobufCAllocator *)&call->arena.allocator, len, reply);
    return message && *(const size_t *)((const char *)message + list->quantifier_offset) == 0;
}

bool waits_keep(struct call *call, const uint8_t *reply, size_t len)
{
    struct wait *wait = call->wait;
    struct loop *loop = call->gateway->loop;
    if (wait->waits->released || loop_now_ms(loop) >= wait->until_ms || !is_empty(call, reply, len))
        return false;
    wait->reply = (ProtobufCBinaryData){len, arena_copy(&call->arena, reply, len)};
    if (!wait->reply.data) return false;
    wait->parked = true;
    wait->waits->parked++;
    metric_set(wait->waits->gateway->metrics.parked, (int64_t)wait->waits->parked);
    http_park(call->http, wait->until_ms + DEADLINE_MARGIN_MS);
    loop_timer_set(loop, &wait->timer, is_noticed(wait) ? wait->asked_ms + BETWEEN_ASKS_MS : wait->until_ms);
    return true;
}

bool waits_expire(struct call *call)
{
    if (!call->wait || !call->wait->parked) return false;
    answer(call->wait);
    return true;
}

void waits_forget(struct call *call)
{
    struct wait *wait = call->wait;
    if (!wait) return;
    struct waits *waits = wait->waits;
    call->wait = NULL;
    unpark(wait);
    loop_timer_clear(waits->gateway->loop, &wait->timer);
    pthread_mutex_lock(&waits->lock);
    *wait->link = wait->next;
    if (wait->next) wait->next->link = wait->link;
    waits->count--;
    pthread_mutex_unlock(&waits->lock);
}

void waits_awake(struct waits *waits)
{
    struct loop *loop = waits->gateway->loop;
    pthread_mutex_lock(&waits->lock);
    for (struct wait *wait = waits->first; wait; wait = wait->next)
        if (wait->noticed && wait->parked)
            loop_timer_set(loop, &wait->timer, wait->asked_ms + BETWEEN_ASKS_MS);
    pthread_mutex_unlock(&waits->lock);
}

// The list is changed only by this thread, so walking it here needs no lock.
void waits_release(struct waits *waits)
{
    waits->released = true;
    for (struct wait *wait = waits->first; wait; wait = wait->next)
        if (wait->parked) answer(wait);
}

size_t waits_parked(const struct waits *waits) { return waits->parked; }
