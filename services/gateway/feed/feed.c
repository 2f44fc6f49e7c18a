#include "services/gateway/feed/feed.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "services/gateway/feed/channel.h"
#include "services/gateway/feed/quota.h"

enum {
    SLOT_MS = 100,
    SLOTS_A_LOOK = 10, // at who is behind
    MISSED_MOST = 2,
    REMIND_MS = 30000,
    LINGER_MS = 5000,
    SPREAD_MOST_MS = 10000, // of the ends at a drain
    SPREAD_OF_ONE_MS = 10,
    ARENA_BYTES = 16 << 20,
    VIEWERS_A_TURN = 32,
    HEAD_WEIGHS = 4, // viewers: nobody waits for a head, and one costs a send() of its own
};

const char *feed_end_name(enum feed_end why)
{
    static const char *const names[FEED_ENDS] = {"REVOKED", "EXPIRED", "SLOW", "DRAINING"};
    return names[why];
}

// ---- Topics

bool feed_check_topic(const char *topic, bool known, struct err *err)
{
    char id[FEED_TOPIC_SIZE];
    const struct source *source = strlen(topic) < FEED_TOPIC_SIZE ? source_find(topic, "", id) : NULL;
    if (!source)
        return err_field(
            err, INVALID_FIELD, "topics",
            "there are no streams but event:<id>, room:<id>, presence:<id>, topic:<name> and me");
    return known || !source->for_users || err_fail(err, TOKEN_INVALID, "an access token is needed");
}

const char *feed_topic(const struct feed_sub *sub) { return sub->channel->topic; }

void feed_cursor(const struct feed_sub *sub, char text[CURSOR_TEXT])
{
    struct cursor cursor = {.offset = sub->offset};
    memcpy(cursor.epoch, sub->epoch, sizeof cursor.epoch);
    *text = 0;
    if (sub->placed) cursor_write(&cursor, text);
}

const struct feed_sub *feed_next(const struct feed_viewer *viewer, const struct feed_sub *sub)
{
    return sub ? sub->next_of : viewer->subs;
}

// ---- Subscriptions

static struct channel *channel_of(struct name *name)
{
    return (struct channel *)((char *)name - offsetof(struct channel, name));
}

static void name_channel(char text[2 * FEED_TOPIC_SIZE], const char *topic, const char *user_id)
{
    char id[FEED_TOPIC_SIZE];
    source_find(topic, user_id, id);
    snprintf(text, 2 * FEED_TOPIC_SIZE, "%s %s", topic, id);
}

static struct channel *find_channel(struct feed *feed, const char *topic, const char *user_id,
                                    struct err *err)
{
    uint64_t hash;
    char text[2 * FEED_TOPIC_SIZE];
    name_channel(text, topic, user_id);
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text, strlen(text), feed->key);
    struct name *name = names_find(&feed->channels, text, hash);
    if (name) return channel_of(name);
    struct channel *channel = channel_create(feed, topic, user_id, err);
    if (!channel) return NULL;
    memcpy(channel->text, text, sizeof text);
    channel->name = (struct name){.hash = hash, .text = channel->text};
    if (names_add(&feed->channels, &channel->name)) return channel;
    channel_destroy(channel);
    return err_fail(err, INTERNAL_ERROR, "no memory"), NULL;
}

static void take_after(struct feed_sub *sub, const char *after)
{
    struct cursor cursor;
    if (!*after) return;
    sub->placed = cursor_parse(after, &cursor);
    sub->lost = !sub->placed;
    if (!sub->placed) return;
    memcpy(sub->epoch, cursor.epoch, sizeof sub->epoch);
    sub->offset = cursor.offset;
}

struct feed_sub *feed_subscribe(struct feed_viewer *viewer, const char *topic, const char *after,
                                struct err *err)
{
    if (viewer->subs_count == FEED_TOPICS_MOST)
        return err_field(err, INVALID_FIELD, "topics", "at most %d", FEED_TOPICS_MOST), NULL;
    struct channel *channel = find_channel(viewer->feed, topic, viewer->caller.claims.user_id, err);
    struct feed_sub *sub = channel ? calloc(1, sizeof *sub) : NULL;
    struct feed_sub **at = &viewer->subs;
    if (channel && !sub) err_fail(err, INTERNAL_ERROR, "no memory");
    if (!sub) return NULL;
    sub->viewer = viewer;
    take_after(sub, after);
    while (*at) at = &(*at)->next_of;
    *at = sub;
    viewer->subs_count++;
    channel_enter(channel, sub);
    return sub;
}

void feed_set_arg(struct feed_sub *sub, void *arg) { sub->arg = arg; }

void *feed_arg(const struct feed_sub *sub) { return sub->arg; }

void feed_unsubscribe(struct feed_sub *sub)
{
    struct feed_viewer *viewer = sub->viewer;
    struct channel *channel = sub->channel;
    struct feed_sub **at = &viewer->subs;
    channel_leave(sub);
    while (*at != sub) at = &(*at)->next_of;
    *at = sub->next_of;
    viewer->subs_count--;
    free(sub);
    if (channel->subs) return;
    channel->left_ms = loop_now_ms(viewer->feed->options.loop);
    channel_mark(channel, false);
}

// ---- Viewers

static void take_caller(struct feed_viewer *viewer, const struct caller *caller)
{
    viewer->caller = *caller;
    snprintf(viewer->address, sizeof viewer->address, "%s", caller->address);
    snprintf(viewer->household, sizeof viewer->household, "%s", caller->household);
    viewer->caller.address = viewer->address;
    viewer->caller.household = viewer->household;
}

static int64_t left_of_token_ms(const struct feed_viewer *viewer)
{
    return viewer->caller.claims.expires_s * 1000 - clock_unix_ms();
}

static void set_viewer_timer(struct feed_viewer *viewer)
{
    struct loop *loop = viewer->feed->options.loop;
    int64_t left_ms = left_of_token_ms(viewer);
    if (!viewer->caller.known) return;
    if (!viewer->reminded && left_ms > REMIND_MS) left_ms -= REMIND_MS;
    loop_timer_set(loop, &viewer->timer, loop_now_ms(loop) + (left_ms > 0 ? left_ms : 0));
}

static void on_viewer_timer(void *arg)
{
    struct feed_viewer *viewer = arg;
    if (viewer->feed->draining) return viewer_end(viewer, FEED_DRAINING, 0);
    if (left_of_token_ms(viewer) <= 0) return viewer_end(viewer, FEED_EXPIRED, 0);
    if (!viewer->reminded) viewer->transport->remind(viewer->arg);
    viewer->reminded = true;
    set_viewer_timer(viewer);
}

bool feed_join(struct feed *feed, struct feed_viewer *viewer, const struct feed_transport *transport,
               void *arg, const struct caller *caller, struct err *err)
{
    if (feed->draining) return err_fail(err, SERVICE_DRAINING, "the gateway is shutting down");
    const char *who = caller->known ? caller->claims.user_id : caller->household;
    if (!feed_quota_take(feed->options.quota, caller->known, who, err)) return false;
    viewer->feed = feed;
    viewer->transport = transport;
    viewer->arg = arg;
    viewer->counted = true;
    take_caller(viewer, caller);
    viewer->timer = (struct loop_timer){.fire = on_viewer_timer, .arg = viewer};
    viewer->link = &feed->viewers[randombytes_uniform(FEED_SLOTS)];
    viewer->next = *viewer->link;
    if (viewer->next) viewer->next->link = &viewer->next;
    *viewer->link = viewer;
    struct loop *loop = feed->options.loop;
    if (feed->viewers_count++ == 0) loop_timer_set(loop, &feed->wheel, loop_now_ms(loop) + feed->slot_ms);
    set_viewer_timer(viewer);
    metric_add(feed->count, 1);
    return true;
}

void feed_renew(struct feed_viewer *viewer, const struct caller *caller)
{
    bool other = viewer->caller.claims.level != caller->claims.level;
    viewer->caller.claims = caller->claims;
    viewer->caller.revocations = caller->revocations;
    viewer->caller.checked_ms = caller->checked_ms;
    viewer->reminded = false;
    if (!viewer->feed->draining) set_viewer_timer(viewer);
    for (struct feed_sub *sub = other ? viewer->subs : NULL; sub; sub = sub->next_of)
        channel_judge_again(sub);
}

static void viewer_unmark(struct feed_viewer *viewer)
{
    if (!viewer->link_due) return;
    *viewer->link_due = viewer->next_due;
    *(viewer->next_due ? &viewer->next_due->link_due : &viewer->feed->last_due) = viewer->link_due;
    viewer->link_due = NULL;
}

void feed_leave(struct feed_viewer *viewer)
{
    struct feed *feed = viewer->feed;
    const struct caller *caller = &viewer->caller;
    if (!viewer->counted) return;
    viewer->counted = false;
    for (struct feed_sub *sub = viewer->subs, *next; sub; sub = next) {
        next = sub->next_of;
        feed_unsubscribe(sub);
    }
    viewer_unmark(viewer);
    loop_timer_clear(feed->options.loop, &viewer->timer);
    *viewer->link = viewer->next;
    if (viewer->next) viewer->next->link = viewer->link;
    feed->behind -= viewer->behind_ms != 0;
    viewer->behind_ms = 0;
    feed_quota_give(feed->options.quota, caller->known,
                    caller->known ? caller->claims.user_id : caller->household);
    metric_add(feed->count, -1);
    feed->viewers_count--;
    if (feed->current == viewer) feed->current = NULL;
}

void viewer_end(struct feed_viewer *viewer, enum feed_end why, int64_t retry_ms)
{
    metric_add(viewer->feed->ended[why], 1);
    viewer->transport->end(viewer->arg, why, retry_ms);
}

void feed_count_slow(const struct feed_viewer *viewer) { metric_add(viewer->feed->ended[FEED_SLOW], 1); }

void feed_end_silent(struct feed_viewer *viewer)
{
    viewer->silent = true;
    viewer_end(viewer, FEED_SLOW, 0);
}

void feed_mark(struct feed_viewer *viewer)
{
    struct feed *feed = viewer->feed;
    if (viewer->link_due) return;
    viewer->next_due = NULL;
    viewer->link_due = feed->last_due;
    *feed->last_due = viewer;
    feed->last_due = &viewer->next_due;
    loop_again(feed->options.loop);
}

void feed_writable(struct feed_viewer *viewer)
{
    viewer->missed = 0;
    feed_mark(viewer);
    for (struct feed_sub *sub = viewer->subs; sub; sub = sub->next_of)
        if (sub->state == SUB_OUTSIDE) channel_mark(sub->channel, false);
}

// ---- Rights

bool feed_may_go_on(const struct feed_viewer *viewer)
{
    return !viewer->caller.known || !access_is_revoked(viewer->feed->options.access, &viewer->caller.claims);
}

// A viewer may end others: each time it begins again behind those that were looked at.
void feed_check_rights(struct feed *feed)
{
    unsigned heard = access_revocations(feed->options.access);
    if (heard == feed->revocations) return;
    feed->revocations = heard;
    for (size_t slot = 0; slot < FEED_SLOTS; slot++)
        for (struct feed_viewer *viewer = feed->viewers[slot], *next; viewer; viewer = next) {
            next = viewer->next;
            if (!feed_may_go_on(viewer)) viewer_end(viewer, FEED_REVOKED, 0);
        }
}

// ---- Turns

// Nothing else may happen before their time is over.
static void mark_behind(struct feed *feed)
{
    for (size_t slot = 0; feed->behind && slot < FEED_SLOTS; slot++)
        for (struct feed_viewer *viewer = feed->viewers[slot]; viewer; viewer = viewer->next)
            if (viewer->behind_ms) feed_mark(viewer);
}

// It stands still while there is nobody.
static void on_wheel(void *arg)
{
    struct feed *feed = arg;
    struct loop *loop = feed->options.loop;
    if (feed->viewers_count == 0) return;
    if (feed->slot % SLOTS_A_LOOK == 0) mark_behind(feed);
    feed->slot = (feed->slot + 1) % FEED_SLOTS;
    for (struct feed_viewer *viewer = feed->viewers[feed->slot]; viewer; viewer = viewer->next) {
        viewer->wants_head = true;
        feed_mark(viewer);
    }
    loop_timer_set(loop, &feed->wheel, loop_now_ms(loop) + feed->slot_ms);
}

// Who takes nothing between two heads is away, though its connection may not know.
static void tell_heads(struct feed_viewer *viewer)
{
    viewer->wants_head = false;
    bool takes = !viewer_takes_nothing(viewer) || viewer->transport->room(viewer->arg);
    viewer->missed = takes ? 0 : viewer->missed + 1;
    if (viewer->missed > MISSED_MOST) return viewer_end(viewer, FEED_SLOW, 0);
    if (!viewer->transport->room(viewer->arg)) return;
    if (viewer->transport->beat) return viewer->transport->beat(viewer->arg, clock_unix_ms());
    for (struct feed_sub *sub = viewer->subs; sub; sub = sub->next_of) {
        struct feed_message message = {.kind = FEED_HEAD, .time_ms = clock_unix_ms()};
        if (sub->placed) sub_tell(sub, &message);
    }
}

// There was no room for all in one go, and now there is.
static bool takes_more(const struct feed_viewer *viewer)
{
    bool waits = false;
    for (const struct feed_sub *sub = viewer->subs; sub; sub = sub->next_of)
        waits |= sub->state == SUB_MEMBER && (!sub->live || sub->offset < sub->group->ring.head);
    return waits && viewer->transport->room(viewer->arg);
}

static void ask_again(struct feed_viewer *viewer)
{
    for (struct feed_sub *sub = viewer->subs; sub; sub = sub->next_of) {
        if (!sub->held || !viewer->transport->room(viewer->arg)) continue;
        sub->held = false;
        channel_mark(sub->channel, false);
    }
}

static void look_at(struct feed *feed, struct feed_viewer *viewer)
{
    feed->current = viewer;
    for (struct feed_sub *sub = viewer->subs, *next; sub && feed->current; sub = next) {
        next = sub->next_of;
        if (sub->state == SUB_MEMBER) sub_advance(sub);
        if (feed->current && sub->state == SUB_MEMBER) sub_tell_typing(sub);
    }
    if (feed->current && viewer->wants_head) tell_heads(viewer);
    if (feed->current && viewer->written) {
        viewer->written = false;
        viewer->transport->flush(viewer->arg);
    }
    if (feed->current) ask_again(viewer);
    if (feed->current) viewer_unmark(viewer);
    if (feed->current && takes_more(viewer))
        feed_mark(viewer);
    else if (feed->current && viewer_is_slow(viewer))
        viewer_end(viewer, FEED_SLOW, 0);
    feed->current = NULL;
}

static void look_at_channel(struct channel *channel)
{
    struct feed *feed = channel->feed;
    struct loop *loop = feed->options.loop;
    int64_t until_ms = channel->left_ms + LINGER_MS;
    channel->listed = false;
    if (channel->subs) return channel_ask(channel);
    if (loop_now_ms(loop) < until_ms && !feed->draining)
        return loop_timer_set(loop, &channel->timer, until_ms);
    names_remove(&feed->channels, &channel->name);
    channel_destroy(channel);
}

// Requests and replies do not wait for a whole crowd to be told, and what is new meanwhile goes along with
// what its later half is told.
static void look_at_some(struct feed *feed)
{
    for (int looked = 0; feed->due_viewers && looked < VIEWERS_A_TURN;) {
        looked += feed->due_viewers->wants_head ? HEAD_WEIGHS : 1;
        look_at(feed, feed->due_viewers);
    }
    if (feed->due_viewers) loop_again(feed->options.loop);
}

void feed_turn(struct feed *feed)
{
    feed_check_rights(feed);
    look_at_some(feed);
    for (struct channel *channel = feed->due, *next = feed->due = NULL; channel; channel = next) {
        next = channel->next_due;
        look_at_channel(channel);
    }
}

// ---- Life

static void make_feed_metrics(struct feed *feed, struct metrics *metrics)
{
    static const char *const kinds[FEED_KINDS] = {"snapshot", "entry", "live",  "reset",
                                                  "head",     "error", "typing"};
    char labels[32];
    feed->count = metrics_gauge(metrics, "conse_stream_viewers", "Connections that follow streams.", "");
    for (int i = 0; i < FEED_ENDS; i++) {
        snprintf(labels, sizeof labels, "why=\"%s\"", feed_end_name((enum feed_end)i));
        feed->ended[i] =
            metrics_counter(metrics, "conse_stream_ends_total", "Streams ended from here.", labels);
    }
    for (int i = 0; i < FEED_KINDS; i++) {
        snprintf(labels, sizeof labels, "kind=\"%s\"", kinds[i]);
        feed->told[i] = metrics_counter(metrics, "conse_stream_messages_total",
                                        "Messages to viewers of streams.", labels);
    }
}

bool feed_create(struct feed **out, const struct feed_options *options, struct err *err)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed) return err_fail(err, INTERNAL_ERROR, "no memory");
    feed->options = *options;
    feed->last_due = &feed->due_viewers;
    feed->slot_ms = SLOT_MS;
    feed->revocations = access_revocations(options->access);
    crypto_shorthash_keygen(feed->key);
    arena_init(&feed->arena, ARENA_BYTES);
    make_feed_metrics(feed, options->metrics);
    feed->wheel = (struct loop_timer){.fire = on_wheel, .arg = feed};
    *out = feed;
    return true;
}

bool feed_has_place(const struct feed *feed, struct err *err)
{
    if (feed->draining) return err_fail(err, SERVICE_DRAINING, "the gateway is shutting down");
    return feed_quota_has_place(feed->options.quota, err);
}

static const char *holder_of(const struct caller *caller)
{
    return caller->known ? caller->claims.user_id : caller->household;
}

bool feed_take_wait(struct feed *feed, const struct caller *caller)
{
    return feed_quota_take_wait(feed->options.quota, caller->known, holder_of(caller));
}

void feed_give_wait(struct feed *feed, const struct caller *caller)
{
    feed_quota_give_wait(feed->options.quota, caller->known, holder_of(caller));
}

bool feed_take_stranger(struct feed *feed, const char *household, struct err *err)
{
    return feed_quota_take_stranger(feed->options.quota, household, err);
}

void feed_give_stranger(struct feed *feed, const char *household)
{
    feed_quota_give_stranger(feed->options.quota, household);
}

size_t feed_viewers(const struct feed *feed) { return feed->viewers_count; }

void feed_drain(struct feed *feed, int64_t most_ms)
{
    struct loop *loop = feed->options.loop;
    int64_t spread_ms = (int64_t)feed->viewers_count * SPREAD_OF_ONE_MS;
    if (most_ms > SPREAD_MOST_MS) most_ms = SPREAD_MOST_MS;
    if (spread_ms > most_ms) spread_ms = most_ms;
    feed->draining = true;
    for (size_t slot = 0; slot < FEED_SLOTS; slot++)
        for (struct feed_viewer *viewer = feed->viewers[slot]; viewer; viewer = viewer->next)
            loop_timer_set(loop, &viewer->timer,
                           loop_now_ms(loop) + randombytes_uniform((uint32_t)spread_ms + 1));
}

void feed_end_all(struct feed *feed)
{
    feed->draining = true;
    for (size_t slot = 0; slot < FEED_SLOTS; slot++)
        while (feed->viewers[slot]) viewer_end(feed->viewers[slot], FEED_DRAINING, 0);
    for (size_t i = 0; i < feed->channels.size; i++)
        for (struct name *name = feed->channels.buckets[i]; name; name = name->next)
            channel_mark(channel_of(name), false);
    feed_turn(feed);
}

void feed_destroy(struct feed *feed)
{
    if (!feed) return;
    loop_timer_clear(feed->options.loop, &feed->wheel);
    names_finish(&feed->channels);
    arena_finish(&feed->arena);
    free(feed);
}
