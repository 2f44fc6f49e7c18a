// Telling viewers what is theirs, in order, as far as they take it.
#include <string.h>

#include "services/gateway/feed/channel.h"

bool sub_has_room(const struct feed_sub *sub) { return sub->viewer->transport->room(sub->viewer->arg); }

void sub_tell(struct feed_sub *sub, struct feed_message *message)
{
    struct feed_viewer *viewer = sub->viewer;
    message->sub = sub;
    feed_cursor(sub, message->cursor);
    viewer->written = true;
    feed_mark(viewer);
    metric_add(sub->channel->feed->told[message->kind], 1);
    viewer->transport->deliver(viewer->arg, message);
}

void sub_tell_typing(struct feed_sub *sub)
{
    const struct channel *channel = sub->channel;
    struct feed_message message = {.kind = FEED_TYPING, .item = channel->typing};
    bool told_nothing = !sub->typing && !channel->anybody_types;
    if (sub->typing == channel->typing_changes || !sub->live) return;
    sub->typing = channel->typing_changes;
    if (sub->group->hears_typing && !told_nothing && sub_has_room(sub)) sub_tell(sub, &message);
}

static void tell_entry(struct feed_sub *sub, const struct feed_item *item)
{
    struct feed_message message = {.kind = FEED_ENTRY, .item = item};
    sub->offset = item->number;
    sub_tell(sub, &message);
}

static size_t waiting_for(const struct feed_viewer *viewer)
{
    return viewer->transport->waiting(viewer->arg);
}

// Who is behind what the ring has is slow, unless they came so, or it is not their client who holds it up.
static void fall_behind(struct feed_sub *sub)
{
    if (sub->live && waiting_for(sub->viewer) >= FEED_FULL) return viewer_end(sub->viewer, FEED_SLOW, 0);
    channel_step_out(sub);
}

static void sub_go_on(struct feed_sub *sub)
{
    const struct ring *ring = &sub->group->ring;
    while (sub->offset < ring->head && sub_has_room(sub)) {
        struct feed_item *item = ring_find(ring, sub->offset + 1);
        if (!item) return fall_behind(sub);
        tell_entry(sub, item);
    }
    bool behind = sub->offset < ring->head;
    if (behind && !ring_find(ring, sub->offset + 1)) return fall_behind(sub);
    if (behind || sub->live || !sub_has_room(sub)) return;
    struct feed_message message = {.kind = FEED_LIVE};
    sub->live = true;
    sub_tell(sub, &message);
}

// The newest one, whatever was between.
static void tell_state(struct feed_sub *sub)
{
    const struct group *group = sub->group;
    bool newer = group->state && sub->offset != group->ring.head;
    struct feed_message message = {.kind = newer ? FEED_SNAPSHOT : FEED_LIVE, .item = group->state};
    if ((!newer && sub->live) || !sub_has_room(sub)) return;
    if (newer) sub->offset = group->ring.head;
    sub->live = true;
    sub_tell(sub, &message);
}

void sub_advance(struct feed_sub *sub)
{
    if (sub->channel->source->tells_states) return tell_state(sub);
    sub_go_on(sub);
}

// ---- Who is too slow

struct behind {
    size_t bytes;
    uint64_t messages;
};

// What waits in rings. States do not: only the newest one is told.
static struct behind count_behind(const struct feed_viewer *viewer)
{
    struct behind behind = {0};
    for (const struct feed_sub *sub = viewer->subs; sub; sub = sub->next_of) {
        if (sub->state != SUB_MEMBER || !sub->live || sub->channel->source->tells_states) continue;
        behind.bytes += ring_bytes_after(&sub->group->ring, sub->offset);
        behind.messages += sub->group->ring.head - sub->offset;
    }
    return behind;
}

static void note_behind(struct feed_viewer *viewer, bool many)
{
    struct feed *feed = viewer->feed;
    if (many == (viewer->behind_ms != 0)) return;
    viewer->behind_ms = many ? loop_now_ms(feed->options.loop) : 0;
    feed->behind += many ? 1 : -1;
}

// One message alone may be larger than all that may wait, so of what is being sent only so much counts as
// makes it full.
bool viewer_is_slow(struct feed_viewer *viewer)
{
    const struct feed_pace *pace = &viewer->feed->options.pace;
    bool full = waiting_for(viewer) >= FEED_FULL;
    struct behind behind = full ? count_behind(viewer) : (struct behind){0};
    note_behind(viewer, behind.messages > pace->messages);
    if (behind.messages && behind.bytes + FEED_FULL > pace->bytes) return true;
    return viewer->behind_ms && loop_now_ms(viewer->feed->options.loop) - viewer->behind_ms >= pace->ms;
}

bool viewer_takes_nothing(struct feed_viewer *viewer)
{
    size_t waits = waiting_for(viewer), waited = viewer->waited;
    viewer->waited = waits;
    return waits >= waited;
}
