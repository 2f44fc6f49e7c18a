#include "services/events/topics/topics.h"

#include "services/events/topics/notices.h"
#include "services/events/topics/peers.h"
#include "services/events/topics/projector.h"

static void tell_stored(struct events *events, const struct commit *commit)
{
    const char *event_id = commit->aggregate->live.id.text;
    notices_publish(events->notices, event_id, commit->notices, commit->count);
    events_peers_tell(events, event_id, commit->last_seq);
    if (commit->personal) projector_wake(events->projector, event_id);
    events->push_hooks->wake(events->push, event_id);
}

static void make_anew(struct events *events, const char *event_id, bool at_once)
{
    (at_once ? projector_wake : projector_wake_later)(events->projector, event_id);
}

static void send_held(struct events *events) { notices_flush(events->notices); }

static bool has_caught_up(const struct events *events) { return projector_caught_up(events->projector); }

const struct events_hooks topics_hooks = {tell_stored, make_anew, send_held, has_caught_up};
