// Taking an answer apart: who is told what of it, in which group they go on, and when there will be more.
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "services/gateway/feed/channel.h"

enum { NEXT_LEAST_MS = 20 };

typedef const Events__FollowReply *follow_reply;
typedef const Events__FollowReply__View *follow_view;

// ---- Who may have changed

static bool is_changed(follow_reply reply, const struct caller *caller)
{
    if (reply->all_changed) return true;
    for (size_t i = 0; caller->known && i < reply->n_changed; i++)
        if (strcmp(reply->changed[i], caller->claims.user_id) == 0) return true;
    return false;
}

static bool was_judged(const struct question *question, const struct feed_sub *sub)
{
    for (size_t i = 0; i < question->count; i++)
        if (question->views[i].sub == sub) return true;
    return false;
}

// Before anything is told: they are asked for by themselves.
static void part_changed(struct channel *channel, follow_reply reply)
{
    bool any = reply->all_changed || reply->n_changed;
    for (struct group *group = any ? channel->groups : NULL, *next_group; group; group = next_group) {
        next_group = group->next;
        for (struct feed_sub *sub = group->members, *next; sub; sub = next) {
            next = sub->next;
            bool parts = is_changed(reply, &sub->viewer->caller) && !was_judged(channel->question, sub);
            if (parts) channel_step_out(sub); // the group ends with its last
        }
    }
}

// ---- Views

// The viewer may see nothing of it, or there is nothing.
static bool is_over(follow_view view) { return view->place->key.len == 0; }

static bool is_sound(follow_reply reply, follow_view view)
{
    bool sound = view->place && view->snapshot <= reply->n_snapshots;
    if (sound && is_over(view)) return view->n_body == 0 && view->snapshot == 0;
    sound = sound && view->place->key.len == CHANNEL_KEY;
    for (size_t i = 0; sound && i < view->n_body; i++) sound = view->body[i] < reply->n_bodies;
    return sound;
}

bool answer_is_sound(follow_reply reply)
{
    for (size_t i = 0; i < reply->n_bodies; i++)
        if (!source_body(reply->bodies[i])) return false;
    for (size_t i = 0; i < reply->n_snapshots; i++)
        if (!source_snapshot(reply->snapshots[i])) return false;
    for (size_t i = 0; i < reply->n_views; i++)
        if (!is_sound(reply, reply->views[i])) return false;
    return true;
}

void answer_admit(struct channel *channel, follow_reply reply)
{
    const struct question *question = channel->question;
    for (size_t i = 0; i < question->count; i++) {
        struct asked_view asked = question->views[i];
        if (asked.sub && !is_over(reply->views[asked.view])) channel_admit(asked.sub);
    }
}

static struct feed_item *make_entry(const struct channel *channel, follow_reply reply, follow_view view,
                                    size_t i)
{
    ProtobufCMessage *body = source_body(reply->bodies[view->body[i]]);
    struct cursor cursor = {.offset = view->from + i};
    char text[CURSOR_TEXT];
    cursor_epoch(view->place->key.data, cursor.epoch);
    cursor_write(&cursor, text);
    channel->source->number(body, cursor.offset, text);
    struct feed_item *item = feed_item_create(body, cursor.offset);
    channel->source->number(body, 0, "");
    if (!item) abort();
    return item;
}

static void mark_members(struct group *group)
{
    for (struct feed_sub *sub = group->members; sub; sub = sub->next) feed_mark(sub->viewer);
}

// Far behind what the service has at hand: each goes on by itself.
static void part_all(struct group *group)
{
    for (struct feed_sub *sub = group->members, *next; sub; sub = next) {
        next = sub->next;
        sub->wants_page = true;
        channel_step_out(sub);
    }
}

static void take_times(struct group *group, follow_view view)
{
    group->next_ms = (int64_t)view->place->next_ms;
    group->leads = view->place->leads;
    group->hears_typing = view->hears_typing;
}

// Its class stays when the game begins.
static void take_seats(struct group *group, bool seated)
{
    if (group->seated == seated) return;
    group->seated = seated;
    for (struct feed_sub *sub = group->members; sub; sub = sub->next) channel_seat(sub, seated);
}

static void take_group(struct group *group, follow_reply reply, follow_view view)
{
    take_seats(group, view->place->seated);
    if (group->channel->source->tells_states) return take_times(group, view);
    if (view->more && !view->n_body && group->channel->source->page) return part_all(group);
    for (size_t i = 0; i < view->n_body; i++)
        ring_add(&group->ring, make_entry(group->channel, reply, view, i));
    take_times(group, view);
    if (view->n_body) mark_members(group);
    if (view->more) channel_mark(group->channel, false);
}

static void place_sub(struct feed_sub *sub, const Events__Place *place)
{
    cursor_epoch(place->key.data, sub->epoch);
    sub->placed = true;
    sub->lost = false;
}

static void tell_reset(struct feed_sub *sub, const Events__Place *place)
{
    const ProtobufCEnumValue *reason =
        protobuf_c_enum_descriptor_get_value(&events__reset__reason__descriptor, (int)place->reset);
    struct feed_message message = {.kind = FEED_RESET, .reason = reason ? reason->name : "EPOCH"};
    sub_tell(sub, &message);
}

static void tell_snapshot(struct feed_sub *sub, struct feed_item *item, follow_view view)
{
    struct feed_message message = {.kind = FEED_SNAPSHOT, .item = item};
    if (view->place->reset) tell_reset(sub, view->place);
    place_sub(sub, view->place);
    sub->offset = view->place->offset;
    sub->live = true;
    if (view->mine) message.mine = source_mine(view->mine);
    sub_tell(sub, &message);
}

// False when there was no room for all.
static bool tell_entries(struct feed_sub *sub, follow_reply reply, follow_view view)
{
    for (size_t i = 0; i < view->n_body; i++) {
        if (!sub_has_room(sub)) return false;
        if (view->from + i <= sub->offset) continue;
        struct feed_message message = {.kind = FEED_ENTRY, .item = make_entry(sub->channel, reply, view, i)};
        sub->offset = view->from + i;
        sub_tell(sub, &message);
        feed_item_drop((struct feed_item *)message.item);
    }
    return true;
}

struct snapshots {
    struct feed_item **items; // by place in the reply
};

static struct feed_item *snapshot_of(struct snapshots *snapshots, follow_reply reply, follow_view view)
{
    struct feed_item **item = &snapshots->items[view->snapshot - 1];
    if (!*item) *item = feed_item_create(source_snapshot(reply->snapshots[view->snapshot - 1]), 0);
    if (!*item) abort();
    return *item;
}

// Told in the same way whether it is there or not.
static void end_view(struct feed_sub *sub, const Events__Place *place)
{
    struct err err;
    err_fail(&err, NOT_FOUND, "there is no such stream");
    if (sub->placed || sub->lost) tell_reset(sub, place);
    channel_end_sub(sub, &err);
}

// Of who is asked for by themselves.
static void take_view(struct feed_sub *sub, follow_reply reply, follow_view view, struct snapshots *snapshots)
{
    bool whole = !view->more;
    sub->state = SUB_OUTSIDE;
    sub->held = !sub_has_room(sub);
    if (sub->held) return feed_mark(sub->viewer); // asked again once there is room
    if (is_over(view)) return end_view(sub, view->place);
    if (view->more && !view->n_body && !view->snapshot) {
        sub->wants_page = sub->channel->source->page;
        return channel_mark(sub->channel, false);
    }
    if (view->snapshot)
        tell_snapshot(sub, snapshot_of(snapshots, reply, view), view);
    else
        whole &= tell_entries(sub, reply, view);
    if (!whole) return channel_mark(sub->channel, false);
    channel_step_in(sub, view->place->key.data, view->place->offset);
    if (view->snapshot && sub->channel->source->tells_states)
        group_take_state(sub->group, snapshot_of(snapshots, reply, view), view->place->offset);
    take_times(sub->group, view);
    channel_seat(sub, view->place->seated);
    take_seats(sub->group, view->place->seated);
    feed_mark(sub->viewer);
}

// Who stood for the group is of another class by now.
static bool has_left(const struct group *group, follow_view view)
{
    bool anew = view->snapshot && !group->channel->source->tells_states;
    return view->place->reset || anew || is_over(view) ||
           memcmp(view->place->key.data, group->key, CHANNEL_KEY) != 0;
}

// Who leaves without having changed does so for a reason that all share.
static void part_from(struct group *group, follow_reply reply, struct feed_sub *asked)
{
    bool alone = is_changed(reply, &asked->viewer->caller);
    for (struct feed_sub *sub = alone ? NULL : group->members, *next; sub; sub = next) {
        next = sub->next;
        if (sub != asked) channel_step_out(sub);
    }
    channel_step_out(asked); // the group ends with its last
}

static void take_views(struct channel *channel, follow_reply reply, struct snapshots *snapshots, bool groups)
{
    struct question *question = channel->question;
    for (size_t i = 0; i < question->count; i++) {
        struct asked_view asked = question->views[i];
        if (!asked.sub || (asked.group != NULL) != groups) continue;
        follow_view view = reply->views[asked.view];
        if (asked.group && !has_left(asked.group, view)) {
            take_group(asked.group, reply, view);
            if (view->snapshot)
                group_take_state(asked.group, snapshot_of(snapshots, reply, view), view->place->offset);
            continue;
        }
        if (asked.group) part_from(asked.group, reply, asked.sub);
        question->views[i] = (struct asked_view){0};
        take_view(asked.sub, reply, view, snapshots);
    }
}

// ---- Who writes just now

static bool is_same_typing(const struct channel *channel, const Events__RoomTyping *typing)
{
    if (!channel->typing) return typing->n_users == 0;
    size_t len = events__room_typing__get_packed_size(typing);
    if (len != channel->typing->len) return false;
    uint8_t *packed = arena_alloc(&channel->feed->arena, len + 1);
    if (!packed) abort();
    events__room_typing__pack(typing, packed);
    return memcmp(packed, channel->typing->packed, len) == 0;
}

static void take_typing(struct channel *channel, follow_reply reply)
{
    if (!reply->typing) return;
    channel->typing_until_ms =
        reply->typing_ms ? loop_now_ms(channel->feed->options.loop) + reply->typing_ms : 0;
    if (is_same_typing(channel, reply->typing)) return;
    struct feed_item *item = feed_item_create(&reply->typing->base, 0);
    if (!item) return; // it is volatile
    feed_item_drop(channel->typing);
    channel->typing = item;
    channel->typing_changes++;
    channel->anybody_types = reply->typing->n_users;
    for (struct group *group = channel->groups; group; group = group->next)
        if (group->hears_typing) mark_members(group);
}

// ---- When to ask again

static int64_t earlier_of(int64_t one, int64_t other) { return !one || (other && other < one) ? other : one; }

void channel_set_timer(struct channel *channel)
{
    int64_t next_ms = 0;
    if (channel->waits) return;
    for (const struct group *group = channel->groups; group; group = group->next)
        if (group->next_ms && (!next_ms || group->next_ms < next_ms)) next_ms = group->next_ms;
    int64_t now_ms = loop_now_ms(channel->feed->options.loop), typing_ms = channel->typing_until_ms;
    int64_t at_ms = next_ms ? now_ms + (next_ms - clock_unix_ms()) : 0;
    at_ms = earlier_of(earlier_of(at_ms, typing_ms), channel->pages_ms > now_ms ? channel->pages_ms : 0);
    if (!at_ms) return loop_timer_clear(channel->feed->options.loop, &channel->timer);
    channel_wait(channel, at_ms < now_ms + NEXT_LEAST_MS ? now_ms + NEXT_LEAST_MS : at_ms);
}

// ---- The whole of it

static struct snapshots make_snapshots(struct feed *feed, follow_reply reply)
{
    struct snapshots snapshots = {
        arena_array(&feed->arena, reply->n_snapshots + 1, sizeof(struct feed_item *))};
    if (!snapshots.items) abort();
    return snapshots;
}

static void drop_snapshots(struct snapshots *snapshots, follow_reply reply)
{
    for (size_t i = 0; i < reply->n_snapshots; i++) feed_item_drop(snapshots->items[i]);
}

void answer_take(struct channel *channel, follow_reply reply)
{
    struct snapshots snapshots = make_snapshots(channel->feed, reply);
    channel->retry_ms = 0;
    channel->seq = reply->seq > channel->seq ? reply->seq : channel->seq;
    channel->event_seq = reply->event_seq;
    channel->classes = reply->classes;
    part_changed(channel, reply);
    take_views(channel, reply, &snapshots, true);
    take_views(channel, reply, &snapshots, false);
    channel->question->count = 0;
    take_typing(channel, reply);
    drop_snapshots(&snapshots, reply);
    channel_hear_leaders(channel);
    channel_set_timer(channel);
}

void answer_take_page(struct feed_sub *sub, follow_reply reply)
{
    struct channel *channel = sub->channel; // it may end with this
    struct snapshots snapshots = make_snapshots(channel->feed, reply);
    if (!is_over(reply->views[0])) channel_admit(sub);
    if (feed_may_go_on(sub->viewer)) take_view(sub, reply, reply->views[0], &snapshots);
    drop_snapshots(&snapshots, reply);
    channel_hear_leaders(channel);
    channel_set_timer(channel);
}
