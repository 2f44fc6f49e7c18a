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

// Who is behind what the ring has is slow, unless they came so.
static void fall_behind(struct feed_sub *sub)
{
    if (sub->live) return viewer_end(sub->viewer, FEED_SLOW, 0);
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
