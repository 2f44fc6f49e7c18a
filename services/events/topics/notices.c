#include "services/events/topics/notices.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/streams.h"

enum { MOST_HELD = 256 };

struct held {
    struct uuid event_id;
    uint64_t god_index;
    int64_t time_ms;
};

struct notices {
    struct events *events;
    pthread_mutex_t mutex; // also orders what is sent of one event
    struct held held[MOST_HELD];
    size_t held_count;
};

bool notices_open(struct notices **notices, struct events *events, struct err *err)
{
    *notices = calloc(1, sizeof **notices);
    if (!*notices) return err_fail(err, INTERNAL_ERROR, "out of memory");
    (*notices)->events = events;
    pthread_mutex_init(&(*notices)->mutex, NULL);
    return true;
}

void notices_close(struct notices *notices)
{
    if (!notices) return;
    notices_flush(notices);
    pthread_mutex_destroy(&notices->mutex);
    free(notices);
}

static void send_public(struct notices *notices, const char *event_id, const struct notice *notice)
{
    char stream[STREAM_LEN + 8];
    Google__Protobuf__Timestamp time = stamp_of(notice->time_ms);
    Bus__Notice message = BUS__NOTICE__INIT;
    snprintf(stream, sizeof stream, "%s.public", events_stream(event_id).text);
    message.stream = stream;
    message.seq = notice->public_index;
    message.time = &time;
    message.kind = game_kind(notice->which);
    message.payload = notice->public_payload;
    bus_publish(notices->events->publisher, &message);
}

static void send_god(struct notices *notices, const char *event_id, uint64_t index, int64_t time_ms)
{
    char stream[STREAM_LEN + 8];
    Google__Protobuf__Timestamp time = stamp_of(time_ms);
    Bus__Notice message = BUS__NOTICE__INIT;
    snprintf(stream, sizeof stream, "%s.god", events_stream(event_id).text);
    message.stream = stream;
    message.seq = index;
    message.time = &time;
    bus_publish(notices->events->publisher, &message);
}

static struct held *find_held(struct notices *notices, const char *event_id)
{
    for (size_t i = 0; i < notices->held_count; i++)
        if (strcmp(notices->held[i].event_id.text, event_id) == 0) return &notices->held[i];
    return NULL;
}

// False when there is no room: the notice is then sent at once.
static bool notices_hold(struct notices *notices, const char *event_id, const struct notice *notice)
{
    struct held *held = find_held(notices, event_id);
    if (!held && notices->held_count == MOST_HELD) return false;
    if (!held) {
        held = &notices->held[notices->held_count++];
        snprintf(held->event_id.text, sizeof held->event_id.text, "%s", event_id);
    }
    held->god_index = notice->god_index;
    held->time_ms = notice->time_ms;
    return true;
}

static void forget_held(struct notices *notices, const char *event_id)
{
    struct held *held = find_held(notices, event_id);
    if (held) *held = notices->held[--notices->held_count];
}

static void tell_god(struct notices *notices, const char *event_id, const struct notice *notice)
{
    if (!notice->god_index) return;
    if (notice->which == GAME__ENTRY__BODY_BALLOT_CAST && notices_hold(notices, event_id, notice)) return;
    forget_held(notices, event_id);
    send_god(notices, event_id, notice->god_index, notice->time_ms);
}

void notices_publish(struct notices *notices, const char *event_id, const struct notice *list, size_t count)
{
    if (!notices->events->publisher) return;
    pthread_mutex_lock(&notices->mutex);
    for (size_t i = 0; i < count; i++)
        if (list[i].public_index) send_public(notices, event_id, &list[i]);
    for (size_t i = 0; i < count; i++) tell_god(notices, event_id, &list[i]);
    pthread_mutex_unlock(&notices->mutex);
}

void notices_flush(struct notices *notices)
{
    pthread_mutex_lock(&notices->mutex);
    for (size_t i = 0; i < notices->held_count && notices->events->publisher; i++) {
        const struct held *held = &notices->held[i];
        send_god(notices, held->event_id.text, held->god_index, held->time_ms);
    }
    notices->held_count = 0;
    pthread_mutex_unlock(&notices->mutex);
}
