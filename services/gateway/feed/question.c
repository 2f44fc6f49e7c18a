// Asking what the viewers of a stream have not seen, and taking the answer apart.
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "lib/schema/schema.h"
#include "services/gateway/feed/channel.h"
#include "services/gateway/presence/presence.h"

enum {
    ASK_MS = 5000,
    PAGE_MORE_MS = 10000,
    RETRY_FIRST_MS = 100,
    RETRY_MOST_MS = 2000,
    NEXT_LEAST_MS = 20,
    STALE_MOST = 6,
    GROUPS_AT_ONCE = CHANNEL_VIEWERS * 3 / 4
};

typedef const Events__FollowReply *follow_reply;
typedef const Events__FollowReply__View *follow_view;

// ---- Asking

static Events__FollowViewer *make_viewer(struct feed *feed, const struct feed_sub *sub, const char *after)
{
    const struct caller *caller = &sub->viewer->caller;
    Events__FollowViewer *viewer = arena_new(&feed->arena, Events__FollowViewer);
    if (!viewer) abort();
    events__follow_viewer__init(viewer);
    if (caller->known) viewer->user_id = arena_str(&feed->arena, caller->claims.user_id);
    if (caller->known) viewer->level = caller->claims.level;
    viewer->after = arena_str(&feed->arena, after);
    return viewer;
}

static void write_after(const struct feed_sub *sub, char after[CURSOR_TEXT])
{
    struct cursor cursor = {.offset = sub->offset};
    memcpy(cursor.epoch, sub->epoch, sizeof cursor.epoch);
    *after = 0;
    if (sub->placed)
        cursor_write(&cursor, after);
    else if (sub->lost)
        strcpy(after, "-"); // no cursor at all
}

// Of nobodies with the same cursor one is asked for.
static size_t add_viewer(struct source_ask *request, Events__FollowViewer *viewer)
{
    for (size_t i = 0; !*viewer->user_id && i < request->count; i++)
        if (!*request->viewers[i]->user_id && strcmp(request->viewers[i]->after, viewer->after) == 0)
            return i;
    request->viewers[request->count] = viewer;
    return request->count++;
}

static void ask_for_sub(struct channel *channel, struct source_ask *request, struct group *group,
                        struct feed_sub *sub)
{
    struct question *question = channel->question;
    char after[CURSOR_TEXT];
    struct cursor cursor = {0};
    write_after(sub, after);
    if (group) {
        memcpy(cursor.epoch, group->epoch, sizeof cursor.epoch);
        cursor.offset = group->ring.head;
        cursor_write(&cursor, after);
    }
    size_t view = add_viewer(request, make_viewer(channel->feed, sub, after));
    question->views[question->count++] = (struct asked_view){group, sub, view};
}

// The others come first in the next question.
static void turn_groups(struct channel *channel, struct group *last)
{
    struct group *first = channel->groups, *end = last;
    channel->groups = last->next;
    last->next = NULL;
    for (end = channel->groups; end->next;) end = end->next;
    end->next = first;
}

static bool ask_for_groups(struct channel *channel, struct source_ask *request)
{
    struct group *group = channel->groups, *last = NULL;
    for (; group && channel->question->count < GROUPS_AT_ONCE; last = group, group = group->next)
        ask_for_sub(channel, request, group, group->members);
    if (group && last) turn_groups(channel, last);
    return group;
}

// True when there are more of them.
static bool ask_for_outside(struct channel *channel, struct source_ask *request)
{
    struct feed_sub *sub = channel->outside;
    for (; sub && channel->question->count < CHANNEL_VIEWERS; sub = sub->next)
        if (sub->state == SUB_OUTSIDE && !sub->wants_page && sub_has_room(sub))
            ask_for_sub(channel, request, NULL, sub);
    return sub;
}

static void on_reply(void *arg, const struct ask_reply *reply);
static void on_page(void *arg, const struct ask_reply *reply);

static struct ask make_ask(const struct channel *channel, const char *method, ProtobufCBinaryData payload)
{
    return (struct ask){
        .method = schema_method(method),
        .service = channel->feed->options.events,
        .payload = payload,
        .stream = channel->event_id,
        .deadline_ms = loop_now_ms(channel->feed->options.loop) + ASK_MS,
        .fresh = channel->fresh,
    };
}

static struct source_ask begin_request(struct channel *channel, Events__FollowViewer **viewers)
{
    arena_reset(&channel->feed->arena);
    return (struct source_ask){.id = channel->id,
                               .at_least = channel->heard > channel->seq ? channel->heard : channel->seq,
                               .event_at_least = channel->event_seq,
                               .classes_known = channel->classes,
                               .viewers = viewers,
                               .presence = channel->feed->options.presence,
                               .arena = &channel->feed->arena};
}

static void ask_for_page(struct channel *channel, struct feed_sub *sub)
{
    char after[CURSOR_TEXT];
    Events__FollowViewer *viewer;
    struct source_ask request = begin_request(channel, &viewer);
    write_after(sub, after);
    viewer = make_viewer(channel->feed, sub, after);
    request.count = 1;
    sub->state = SUB_PAGED;
    sub->wants_page = false;
    ProtobufCBinaryData payload = channel->source->pack(&request);
    sub->page_request = payload.data; // it may wait for its turn
    struct ask ask = make_ask(channel, channel->source->page, payload);
    ask.caller = &sub->viewer->caller;
    ask.deadline_ms += PAGE_MORE_MS;
    sub->page_id = gateway_ask(channel->feed->options.asks, &ask, on_page, sub);
}

static void ask_for_pages(struct channel *channel)
{
    for (struct feed_sub *sub = channel->outside; sub; sub = sub->next)
        if (sub->state == SUB_OUTSIDE && sub->wants_page && sub_has_room(sub)) ask_for_page(channel, sub);
}

static void channel_wait(struct channel *channel, int64_t at_ms);

// What others know is waited for; then it is asked at its pace.
static bool may_ask_now(struct channel *channel)
{
    const struct source *source = channel->source;
    int64_t now_ms = loop_now_ms(channel->feed->options.loop), at_ms = channel->asked_ms + source->pace_ms;
    if (source->tells_states && !presence_is_known(channel->feed->options.presence, channel->event_id))
        return false;
    if (source->pace_ms && channel->asked_ms && now_ms < at_ms) {
        channel->waits = true;
        channel_wait(channel, at_ms);
        return false;
    }
    channel->asked_ms = now_ms;
    return true;
}

void channel_ask(struct channel *channel)
{
    static Events__FollowViewer *viewers[CHANNEL_VIEWERS];
    _Static_assert(sizeof viewers <= 4096, "small");
    struct question *question = channel->question;
    if (channel->waits || !channel->dirty || (question && question->out) || !may_ask_now(channel)) return;
    if (!question) question = channel->question = calloc(1, sizeof *question);
    if (!question) abort();
    ask_for_pages(channel);
    struct source_ask request = begin_request(channel, viewers);
    question->count = 0;
    channel->dirty = ask_for_groups(channel, &request);
    channel->dirty |= ask_for_outside(channel, &request);
    if (!request.count) return;
    question->out = true;
    question->views_asked = request.count;
    ProtobufCBinaryData payload = channel->source->pack(&request);
    struct ask ask = make_ask(channel, channel->source->method, payload);
    question->id = gateway_ask(channel->feed->options.asks, &ask, on_reply, channel);
    free(payload.data); // it has gone out
    channel->fresh = false;
}

// ---- Failures

static bool is_lasting(const struct err *err)
{
    Conse__Code code = err_code(err);
    return code == CONSE__CODE__NOT_FOUND || code == CONSE__CODE__INVALID_ARGUMENT;
}

// The stream is no more, or never was.
static void end_sub(struct feed_sub *sub, const struct err *err)
{
    struct feed_message message = {.kind = FEED_ERROR, .err = err};
    sub_tell(sub, &message);
    feed_unsubscribe(sub);
}

static void end_channel(struct channel *channel, const struct err *err)
{
    for (size_t left = channel->subs; left > 0; left--)
        end_sub(channel->outside ? channel->outside : channel->groups->members, err);
}

static void channel_wait(struct channel *channel, int64_t at_ms)
{
    loop_timer_set(channel->feed->options.loop, &channel->timer, at_ms);
}

static void retry_later(struct channel *channel)
{
    int64_t wait_ms = channel->retry_ms ? channel->retry_ms * 2 : RETRY_FIRST_MS;
    channel->retry_ms = wait_ms < RETRY_MOST_MS ? wait_ms : RETRY_MOST_MS;
    channel->dirty = channel->fresh = channel->waits = true;
    channel_wait(channel, loop_now_ms(channel->feed->options.loop) + channel->retry_ms);
}

// The store may have been put back to what it was before: then everybody is judged anew.
static void retry_stale(struct channel *channel)
{
    retry_later(channel);
    if (++channel->stale < STALE_MOST) return;
    channel->stale = 0;
    channel->seq = channel->event_seq = channel->classes = channel->heard = 0;
    for (struct group *group = channel->groups, *next; group; group = next) {
        next = group->next;
        for (struct feed_sub *sub = group->members, *after; sub; sub = after) {
            after = sub->next;
            channel_step_out(sub);
        }
    }
}

void channel_on_timer(void *arg)
{
    struct channel *channel = arg;
    channel->waits = false;
    channel_mark(channel, false);
}

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

static bool is_known(follow_reply reply)
{
    for (size_t i = 0; i < reply->n_bodies; i++)
        if (!source_body(reply->bodies[i])) return false;
    for (size_t i = 0; i < reply->n_snapshots; i++)
        if (!source_snapshot(reply->snapshots[i])) return false;
    return true;
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

static void take_group(struct group *group, follow_reply reply, follow_view view)
{
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
    end_sub(sub, &err);
}

// Of who is asked for by themselves.
static void take_view(struct feed_sub *sub, follow_reply reply, follow_view view, struct snapshots *snapshots)
{
    bool whole = !view->more;
    sub->state = SUB_OUTSIDE;
    if (!sub_has_room(sub)) return; // asked again once there is
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
    channel_step_in(sub, view->place->key.data);
    if (view->snapshot && sub->channel->source->tells_states)
        group_take_state(sub->group, snapshot_of(snapshots, reply, view), view->place->offset);
    take_times(sub->group, view);
    if (view->place->seated) feed_seat(sub->viewer);
    feed_mark(sub->viewer);
}

// Who stood for the group is of another class by now.
static bool has_left(const struct group *group, follow_view view)
{
    bool anew = view->snapshot && !group->channel->source->tells_states;
    return view->place->reset || anew || is_over(view) ||
           memcmp(view->place->key.data, group->key, CHANNEL_KEY) != 0;
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
        if (asked.group) channel_step_out(asked.sub);
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

static void set_timer(struct channel *channel)
{
    int64_t next_ms = 0;
    if (channel->waits) return; // a page has failed meanwhile
    for (const struct group *group = channel->groups; group; group = group->next)
        if (group->next_ms && (!next_ms || group->next_ms < next_ms)) next_ms = group->next_ms;
    int64_t now_ms = loop_now_ms(channel->feed->options.loop), typing_ms = channel->typing_until_ms;
    int64_t at_ms = next_ms ? now_ms + (next_ms - clock_unix_ms()) : typing_ms;
    if (typing_ms && typing_ms < at_ms) at_ms = typing_ms;
    if (!at_ms) return loop_timer_clear(channel->feed->options.loop, &channel->timer);
    channel_wait(channel, at_ms < now_ms + NEXT_LEAST_MS ? now_ms + NEXT_LEAST_MS : at_ms);
}

// ---- Answers

// NULL: it can't be read.
static follow_reply read_reply(struct channel *channel, const struct ask_reply *reply, size_t views)
{
    struct arena *arena = &channel->feed->arena;
    arena_reset(arena);
    follow_reply read = events__follow_reply__unpack(&arena->allocator, reply->len, reply->payload);
    bool sound = read && read->n_views == views && is_known(read);
    for (size_t i = 0; sound && i < views; i++) sound = is_sound(read, read->views[i]);
    if (!sound) log_error("an answer to who follows can't be read", F_STR("method", channel->source->method));
    return sound ? read : NULL;
}

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

static void take_reply(struct channel *channel, follow_reply reply)
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
    set_timer(channel);
}

// A copy of the stream that lacks what was heard of is asked again.
static bool is_stale(const struct channel *channel, follow_reply reply)
{
    return reply->classes < channel->classes || reply->seq < channel->seq ||
           reply->event_seq < channel->event_seq;
}

// False when a state can't be told yet; it is asked for again when there is a hint.
static bool note_night(struct channel *channel, follow_reply reply)
{
    struct presence *presence = channel->feed->options.presence;
    bool known =
        !presence || presence_night(presence, channel->event_id, reply->night_ms, reply->night_age_ms);
    if (known || !channel->source->tells_states) return true;
    channel->question->count = 0;
    return !(channel->dirty = true);
}

static void on_reply(void *arg, const struct ask_reply *reply)
{
    struct channel *channel = arg;
    struct question *question = channel->question;
    question->out = false;
    if (reply->err && is_lasting(reply->err)) return end_channel(channel, reply->err);
    follow_reply read = reply->err ? NULL : read_reply(channel, reply, question->views_asked);
    if (!read) return retry_later(channel);
    if (is_stale(channel, read)) return retry_stale(channel);
    if (read->seq >= channel->heard) channel->stale = 0;
    if (!note_night(channel, read)) return;
    feed_check_rights(channel->feed);
    take_reply(channel, read);
    if (channel->dirty) return channel_mark(channel, false);
    if (channel->subs && read->seq < channel->heard) retry_stale(channel);
}

static void on_page(void *arg, const struct ask_reply *reply)
{
    struct feed_sub *sub = arg;
    struct channel *channel = sub->channel;
    sub->state = SUB_OUTSIDE;
    free(sub->page_request);
    sub->page_request = NULL;
    if (reply->err && is_lasting(reply->err)) return end_sub(sub, reply->err);
    follow_reply read = reply->err ? NULL : read_reply(channel, reply, 1);
    if (!read) return retry_later(channel);
    if (is_stale(channel, read)) return channel_mark(channel, true);
    struct snapshots snapshots = make_snapshots(channel->feed, read);
    if (feed_may_go_on(sub->viewer)) take_view(sub, read, read->views[0], &snapshots);
    drop_snapshots(&snapshots, read);
    channel_hear_leaders(channel);
}
