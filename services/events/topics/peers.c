#include "services/events/topics/peers.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/bus/listener.h"
#include "services/events/live/aggregates.h"
#include "services/events/streams.h"

#define SUFFIX ".log"
#define TOLD_PREFIX "told."

static bool hear_user(struct events *events, const char *stream)
{
    enum { PREFIX_LEN = sizeof TOLD_PREFIX - 1 };
    if (strncmp(stream, TOLD_PREFIX, PREFIX_LEN) != 0) return false;
    if (uuid_check(stream + PREFIX_LEN)) events->push_hooks->told(events->bells, stream + PREFIX_LEN);
    return true;
}

static void on_peer(void *arg, const char *stream, uint64_t seq)
{
    enum { PREFIX_LEN = sizeof EVENTS_PREFIX - 1 };
    char id[UUID_LEN + 1];
    if (hear_user(arg, stream) || strncmp(stream, EVENTS_PREFIX, PREFIX_LEN) != 0) return;
    snprintf(id, sizeof id, "%s", stream + PREFIX_LEN);
    if (!uuid_check(id) || strcmp(stream + PREFIX_LEN + UUID_LEN, SUFFIX) != 0) return;
    struct events *events = arg;
    aggregates_note_head(events, id, seq);
    events->push_hooks->wake(events->push, id);
}

bool events_peers_follow(struct events *events, const struct peers_source *source, struct err *err)
{
    const struct bus_listener_options options = {.service = "events",
                                                 .address = source->bus,
                                                 .bus_keys = source->bus_keys,
                                                 .hear = on_peer,
                                                 .arg = events};
    return !store_is_shared(events->store) || bus_listener_start(&events->peers, &options, err);
}

void events_peers_unfollow(struct events *events)
{
    bus_listener_stop(events->peers);
    events->peers = NULL;
}

void events_peers_tell_user(struct events *events, const char *user_id, uint64_t seq)
{
    char stream[STREAM_LEN];
    if (!store_is_shared(events->store)) return;
    snprintf(stream, sizeof stream, TOLD_PREFIX "%s", user_id);
    bus_tell_peers(events->publisher, stream, seq);
}

void events_peers_tell(struct events *events, const char *event_id, uint64_t seq)
{
    char stream[STREAM_LEN + sizeof SUFFIX];
    if (!store_is_shared(events->store)) return;
    snprintf(stream, sizeof stream, "%s" SUFFIX, events_stream(event_id).text);
    bus_tell_peers(events->publisher, stream, seq);
}
