// Asking what the viewers of a stream have not seen: when, for whom, and again.
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/schema/schema.h"
#include "services/gateway/feed/channel.h"
#include "services/gateway/presence/presence.h"

enum {
    ASK_MS = 5000,
    PAGE_MORE_MS = 10000,
    RETRY_FIRST_MS = 100,
    RETRY_MOST_MS = 2000,
    VIEWERS_A_MS = 256, // of a crowd that has news
    CROWD_MOST_MS = 25,
    STALE_MOST = 6,
    GROUPS_AT_ONCE = CHANNEL_VIEWERS * 3 / 4
};

typedef const Events__FollowReply *follow_reply;

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
    for (; group && channel->question->count < GROUPS_AT_ONCE; last = group, group = group->next) {
        if (!channel->all_due && !group->due) continue;
        group->due = false;
        ask_for_sub(channel, request, group, group->members);
    }
    if (group && last) turn_groups(channel, last);
    if (!group) channel->all_due = false;
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
        .service = channel->source->of_chain ? channel->feed->options.chain : channel->feed->options.events,
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
    if (loop_now_ms(channel->feed->options.loop) < channel->pages_ms) return;
    for (struct feed_sub *sub = channel->outside; sub; sub = sub->next)
        if (sub->state == SUB_OUTSIDE && sub->wants_page && sub_has_room(sub)) ask_for_page(channel, sub);
}

// A crowd that is told in one go of what has happened meanwhile costs one send each, not one for each entry.
static int64_t pace_of(const struct channel *channel)
{
    int64_t crowd_ms = channel->fresh ? (int64_t)(channel->subs / VIEWERS_A_MS) : 0;
    if (channel->source->pace_ms) return channel->source->pace_ms;
    return crowd_ms < CROWD_MOST_MS ? crowd_ms : CROWD_MOST_MS;
}

// What others know is waited for; then it is asked at its pace.
static bool may_ask_now(struct channel *channel)
{
    const struct source *source = channel->source;
    int64_t pace_ms = pace_of(channel), now_ms = loop_now_ms(channel->feed->options.loop),
            at_ms = channel->asked_ms + pace_ms;
    if (source->tells_states && !presence_is_known(channel->feed->options.presence, channel->event_id))
        return false;
    if (pace_ms && channel->asked_ms && now_ms < at_ms) {
        channel->waits = true;
        channel_wait(channel, at_ms);
        return false;
    }
    channel->asked_ms = now_ms;
    return true;
}

void channel_ask(struct channel *channel)
{
    Events__FollowViewer *viewers[CHANNEL_VIEWERS];
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
void channel_end_sub(struct feed_sub *sub, const struct err *err)
{
    struct feed_message message = {.kind = FEED_ERROR, .err = err};
    sub_tell(sub, &message);
    feed_unsubscribe(sub);
}

static void end_channel(struct channel *channel, const struct err *err)
{
    for (size_t left = channel->subs; left > 0; left--)
        channel_end_sub(channel->outside ? channel->outside : channel->groups->members, err);
}

void channel_wait(struct channel *channel, int64_t at_ms)
{
    loop_timer_set(channel->feed->options.loop, &channel->timer, at_ms);
}

static int64_t next_wait_ms(int64_t wait_ms)
{
    int64_t next_ms = wait_ms ? wait_ms * 2 : RETRY_FIRST_MS;
    return next_ms < RETRY_MOST_MS ? next_ms : RETRY_MOST_MS;
}

static void retry_later(struct channel *channel)
{
    channel->retry_ms = next_wait_ms(channel->retry_ms);
    channel->dirty = channel->all_due = channel->fresh = channel->waits = true;
    channel_wait(channel, loop_now_ms(channel->feed->options.loop) + channel->retry_ms);
}

// Those who are up to date do not wait for it.
static void retry_pages(struct channel *channel)
{
    int64_t now_ms = loop_now_ms(channel->feed->options.loop);
    if (now_ms < channel->pages_ms) return;
    channel->page_retry_ms = next_wait_ms(channel->page_retry_ms);
    channel->pages_ms = now_ms + channel->page_retry_ms;
    channel_set_timer(channel);
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

// ---- Answers

// NULL: it can't be read.
static follow_reply read_reply(struct channel *channel, const struct ask_reply *reply, size_t views)
{
    struct arena *arena = &channel->feed->arena;
    arena_reset(arena);
    follow_reply read = events__follow_reply__unpack(&arena->allocator, reply->len, reply->payload);
    bool sound = read && read->n_views == views && answer_is_sound(read);
    if (!sound) log_error("an answer to who follows can't be read", F_STR("method", channel->source->method));
    return sound ? read : NULL;
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
    const struct source *source = channel->source;
    bool of_event = source->is_present || source->tells_states; // nights are told of no other
    bool known = !presence || !of_event ||
                 presence_night(presence, channel->event_id, reply->night_ms, reply->night_age_ms);
    if (known || !source->tells_states) return true;
    channel->question->count = 0;
    return !(channel->dirty = channel->all_due = true);
}

static void on_reply(void *arg, const struct ask_reply *reply)
{
    struct channel *channel = arg;
    struct question *question = channel->question;
    question->out = false;
    if (reply->err && is_lasting(reply->err)) return end_channel(channel, reply->err);
    follow_reply read = reply->err ? NULL : read_reply(channel, reply, question->views_asked);
    if (!read) return retry_later(channel);
    channel_hear_named(channel, read->stream);
    if (is_stale(channel, read)) return retry_stale(channel);
    if (read->seq >= channel->heard) channel->stale = 0;
    answer_admit(channel, read); // before the night is noted: who is there now may be so as it began
    if (!note_night(channel, read)) return;
    feed_check_rights(channel->feed);
    answer_take(channel, read);
    if (channel->dirty) return channel_list(channel, false);
    if (channel->subs && read->seq < channel->heard) retry_stale(channel);
}

static void on_page(void *arg, const struct ask_reply *reply)
{
    struct feed_sub *sub = arg;
    struct channel *channel = sub->channel;
    sub->state = SUB_OUTSIDE;
    free(sub->page_request);
    sub->page_request = NULL;
    if (reply->err && is_lasting(reply->err)) return channel_end_sub(sub, reply->err);
    follow_reply read = reply->err ? NULL : read_reply(channel, reply, 1);
    sub->wants_page = !read;
    if (!read) return retry_pages(channel);
    channel->page_retry_ms = channel->pages_ms = 0;
    if (is_stale(channel, read)) return channel_mark(channel, true);
    answer_take_page(sub, read);
}
