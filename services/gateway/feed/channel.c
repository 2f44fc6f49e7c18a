#include "services/gateway/feed/channel.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/feed/quota.h"
#include "services/gateway/presence/presence.h"

// ---- Life

static void on_news(void *arg, const struct news *told)
{
    struct channel_news *news = arg;
    struct channel *channel = news->channel;
    if (news->of->numbers && told->seq > channel->heard) channel->heard = told->seq;
    channel_mark(channel, strcmp(told->kind, NEWS_HINT) != 0);
}

// Others of the stream need not be asked for because of what this one is told elsewhere.
static void on_own_news(void *arg, const struct news *told)
{
    struct feed_sub *sub = arg;
    (void)told;
    if (sub->state == SUB_MEMBER) sub->group->due = true;
    channel_list(sub->channel, true);
}

static bool channel_hear(struct channel_news *news, struct err *err)
{
    char stream[2 * FEED_TOPIC_SIZE];
    const struct source_news *of = news->of;
    const char *id = of->of_event ? news->channel->event_id : news->channel->id;
    if (of->by_answer) id = news->channel->named;
    snprintf(stream, sizeof stream, "%s%s%s", of->before, id, of->after);
    news->subscription = (struct hub_subscription){.news = on_news, .arg = news};
    return hub_subscribe(news->channel->feed->options.hub, &news->subscription, stream, err);
}

static void channel_hear_no_more(struct channel *channel)
{
    for (size_t i = 0; i < SOURCE_NEWS; i++)
        hub_unsubscribe(channel->feed->options.hub, &channel->news[i].subscription);
}

static bool channel_hear_all(struct channel *channel, struct err *err)
{
    for (size_t i = 0; i < SOURCE_NEWS; i++) {
        const struct source_news *of = &channel->source->news[i];
        channel->news[i] = (struct channel_news){.channel = channel, .of = of};
        bool at_once = of->before && !of->for_leaders && !of->by_answer;
        if (at_once && !channel_hear(&channel->news[i], err)) return false;
    }
    return true;
}

struct channel *channel_create(struct feed *feed, const char *topic, const char *user_id, struct err *err)
{
    struct channel *channel = calloc(1, sizeof *channel);
    if (!channel) return err_fail(err, INTERNAL_ERROR, "no memory"), NULL;
    channel->feed = feed;
    snprintf(channel->topic, sizeof channel->topic, "%s", topic);
    channel->source = source_find(topic, user_id, channel->id);
    assert(channel->source);
    snprintf(channel->event_id, sizeof channel->event_id, "%s", channel->id);
    channel->timer = (struct loop_timer){.fire = channel_on_timer, .arg = channel};
    bool watches = channel->source->tells_states;
    if (watches && !presence_watch(feed->options.presence, channel->event_id, err))
        return free(channel), NULL;
    if (channel_hear_all(channel, err)) return channel;
    channel_hear_no_more(channel);
    if (watches) presence_unwatch(feed->options.presence, channel->event_id);
    free(channel);
    return NULL;
}

void channel_destroy(struct channel *channel)
{
    if (channel->question && channel->question->out)
        gateway_ask_cancel(channel->feed->options.asks, channel->question->id);
    free(channel->question);
    loop_timer_clear(channel->feed->options.loop, &channel->timer);
    channel_hear_no_more(channel);
    if (channel->source->tells_states) presence_unwatch(channel->feed->options.presence, channel->event_id);
    feed_item_drop(channel->typing);
    free(channel);
}

// What happened before it was heard is asked for once more.
static void hear_later(struct channel_news *news)
{
    struct err err;
    if (channel_hear(news, &err)) return channel_mark(news->channel, true);
    news->subscription.stream = NULL; // tried again after the next reply
}

static void hear_while(struct channel_news *news, bool leads)
{
    if (leads == (news->subscription.stream != NULL)) return;
    if (!leads) return hub_unsubscribe(news->channel->feed->options.hub, &news->subscription);
    hear_later(news);
}

void channel_hear_leaders(struct channel *channel)
{
    bool leads = false;
    for (const struct group *group = channel->groups; group; group = group->next) leads |= group->leads;
    for (size_t i = 0; i < SOURCE_NEWS; i++)
        if (channel->news[i].of->for_leaders) hear_while(&channel->news[i], leads);
}

void channel_hear_named(struct channel *channel, const char *stream)
{
    struct channel_news *news = channel->news;
    if (!news->of->by_answer || strlen(stream) >= sizeof channel->named) return;
    if (strcmp(channel->named, stream) != 0) {
        hub_unsubscribe(channel->feed->options.hub, &news->subscription);
        strcpy(channel->named, stream);
        channel->seq = channel->heard = 0;
    }
    if (*stream && !news->subscription.stream) hear_later(news);
}

void channel_list(struct channel *channel, bool fresh)
{
    channel->dirty = true;
    channel->fresh |= fresh;
    if (channel->listed) return;
    channel->listed = true;
    channel->next_due = channel->feed->due;
    channel->feed->due = channel;
    loop_again(channel->feed->options.loop);
}

void channel_mark(struct channel *channel, bool fresh)
{
    channel->all_due = true;
    channel_list(channel, fresh);
}

// ---- Groups

static void list_sub(struct feed_sub *sub, struct feed_sub **first)
{
    sub->next = *first;
    sub->link = first;
    if (sub->next) sub->next->link = &sub->next;
    *first = sub;
}

static void unlist_sub(struct feed_sub *sub)
{
    *sub->link = sub->next;
    if (sub->next) sub->next->link = sub->link;
    sub->link = NULL;
}

static void forget_group(struct group *group)
{
    struct question *question = group->channel->question;
    struct group **at = &group->channel->groups;
    for (size_t i = 0; question && i < question->count; i++)
        if (question->views[i].group == group) question->views[i] = (struct asked_view){0};
    while (*at != group) at = &(*at)->next;
    *at = group->next;
    ring_finish(&group->ring);
    feed_item_drop(group->state);
    free(group);
}

static struct group *find_group(struct channel *channel, const uint8_t key[CHANNEL_KEY], uint64_t head)
{
    for (struct group *group = channel->groups; group; group = group->next)
        if (memcmp(group->key, key, CHANNEL_KEY) == 0) return group;
    struct group *group = calloc(1, sizeof *group);
    if (!group) abort();
    *group = (struct group){.channel = channel, .next = channel->groups, .ring.head = head};
    memcpy(group->key, key, CHANNEL_KEY);
    cursor_epoch(key, group->epoch);
    return channel->groups = group;
}

static void group_lose(struct feed_sub *sub)
{
    struct group *group = sub->group;
    struct question *question = sub->channel->question;
    unlist_sub(sub);
    sub->group = NULL;
    if (!group->members) return forget_group(group);
    // Another one stands for the group in the question after.
    for (size_t i = 0; question && i < question->count; i++)
        if (question->views[i].group == group && question->views[i].sub == sub)
            question->views[i] = (struct asked_view){0}, channel_mark(sub->channel, true);
}

void channel_step_in(struct feed_sub *sub, const uint8_t key[CHANNEL_KEY], uint64_t head)
{
    struct group *group = find_group(sub->channel, key, head);
    unlist_sub(sub);
    sub->state = SUB_MEMBER;
    sub->group = group;
    list_sub(sub, &group->members);
    bool states = sub->channel->source->tells_states;
    if (!states && group->ring.head < head) channel_mark(sub->channel, false);
}

void channel_step_out(struct feed_sub *sub)
{
    if (sub->state == SUB_MEMBER) {
        group_lose(sub);
        list_sub(sub, &sub->channel->outside);
    }
    sub->state = SUB_OUTSIDE;
    channel_mark(sub->channel, false);
}

void channel_judge_again(struct feed_sub *sub)
{
    struct question *question = sub->channel->question;
    if (sub->state == SUB_PAGED) gateway_ask_cancel(sub->channel->feed->options.asks, sub->page_id);
    free(sub->page_request);
    sub->page_request = NULL;
    channel_step_out(sub);
    for (size_t i = 0; question && i < question->count; i++)
        if (question->views[i].sub == sub) question->views[i] = (struct asked_view){0};
}

void group_take_state(struct group *group, struct feed_item *item, uint64_t number)
{
    if (group->state == item) return;
    feed_item_drop(group->state);
    group->state = feed_item_hold(item);
    group->ring.head = number;
    for (struct feed_sub *sub = group->members; sub; sub = sub->next) feed_mark(sub->viewer);
}

// ---- Coming and going

void channel_admit(struct feed_sub *sub)
{
    const struct channel *channel = sub->channel;
    struct presence *presence = channel->feed->options.presence;
    const struct feed_viewer *viewer = sub->viewer;
    struct err err; // a crowd is not shown whole
    if (sub->admitted) return;
    sub->admitted = true;
    sub->present =
        presence && channel->source->is_present && viewer->caller.known &&
        presence_come(presence, channel->event_id, viewer->caller.claims.user_id, viewer->tab, &err);
}

static void note_absent(struct channel *channel, const struct feed_sub *sub)
{
    const struct feed_viewer *viewer = sub->viewer;
    if (sub->present)
        presence_go(channel->feed->options.presence, channel->event_id, viewer->caller.claims.user_id,
                    viewer->tab, viewer->silent);
}

void channel_seat(struct feed_sub *sub, bool seated)
{
    if (sub->seated == seated) return;
    sub->seated = seated;
    feed_quota_seat(sub->channel->feed->options.quota, sub->viewer->household, seated);
}

void channel_enter(struct channel *channel, struct feed_sub *sub)
{
    const struct feed_viewer *viewer = sub->viewer;
    struct err err;
    char stream[FEED_TOPIC_SIZE];
    sub->channel = channel;
    sub->state = SUB_OUTSIDE;
    channel->subs++;
    list_sub(sub, &channel->outside);
    if (viewer->caller.known && channel->source->hears_own) {
        snprintf(stream, sizeof stream, "users.%s", viewer->caller.claims.user_id);
        sub->own = (struct hub_subscription){.news = on_own_news, .arg = sub};
        if (!hub_subscribe(channel->feed->options.hub, &sub->own, stream, &err)) sub->own.stream = NULL;
    }
    channel_mark(channel, false);
}

void channel_leave(struct feed_sub *sub)
{
    struct channel *channel = sub->channel;
    struct question *question = channel->question;
    hub_unsubscribe(channel->feed->options.hub, &sub->own);
    note_absent(channel, sub);
    channel_seat(sub, false);
    if (sub->state == SUB_PAGED) gateway_ask_cancel(channel->feed->options.asks, sub->page_id);
    free(sub->page_request);
    if (sub->state == SUB_MEMBER)
        group_lose(sub);
    else
        unlist_sub(sub);
    for (size_t i = 0; question && i < question->count; i++)
        if (question->views[i].sub == sub) question->views[i] = (struct asked_view){0};
    channel->subs--;
}
