#include "services/gateway/stream/waits.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/metrics.h"

enum { BETWEEN_ASKS_MS = 20, RETRY_MS = 200 };

struct waits {
    struct waits_options options;
    struct wait *first;
    bool released;
};

bool waits_create(struct waits **out, const struct waits_options *options, struct err *err)
{
    struct waits *waits = calloc(1, sizeof *waits);
    if (!waits) return err_fail(err, INTERNAL_ERROR, "no memory");
    waits->options = *options;
    *out = waits;
    return true;
}

void waits_destroy(struct waits *waits) { free(waits); }

static struct wait *first_parked(const struct waits *waits)
{
    struct wait *wait = waits->first;
    while (wait && !wait->parked) wait = wait->next;
    return wait;
}

// Looked for anew each time, as an owner may end any of them.
void waits_release(struct waits *waits)
{
    waits->released = true;
    for (struct wait *wait; (wait = first_parked(waits));) {
        wait_unpark(wait);
        wait->over(wait->arg);
    }
}

// ---- One wait

static bool wait_holds(const struct wait *wait) { return !wait->holds || wait->holds(wait->arg); }

static void on_timer(void *arg)
{
    struct wait *wait = arg;
    int64_t now_ms = loop_now_ms(wait->waits->options.loop);
    bool due = wait->due_ms && now_ms >= wait->due_ms;
    wait_unpark(wait);
    if ((!wait->noticed && !due) || now_ms >= wait->until_ms) return wait->over(wait->arg);
    wait->noticed = false;
    wait->due_ms = 0;
    wait->asked_ms = now_ms;
    wait->again(wait->arg);
}

static void on_any_news(void *arg, const struct news *news)
{
    struct wait *wait = arg;
    (void)news;
    wait->noticed = true;
    if (wait->parked)
        loop_timer_set(wait->waits->options.loop, &wait->timer, wait->asked_ms + BETWEEN_ASKS_MS);
}

// Hints are of nothing that is read.
static void on_news(void *arg, const struct news *news)
{
    if (strcmp(news->kind, NEWS_HINT) != 0) on_any_news(arg, news);
}

static bool listen_to(struct wait *wait, const char *stream,
                      void (*heard)(void *arg, const struct news *news))
{
    struct err err;
    size_t i = 0;
    while (i < WAIT_STREAMS_MOST && wait->subscriptions[i].stream) i++;
    if (i == WAIT_STREAMS_MOST) return false;
    wait->subscriptions[i] = (struct hub_subscription){.news = heard, .arg = wait};
    return hub_subscribe(wait->waits->options.hub, &wait->subscriptions[i], stream, &err);
}

static bool listen_to_all(struct wait *wait, const char *const *streams)
{
    for (size_t i = 0; i < WAIT_STREAMS_MOST && streams[i]; i++)
        if (!listen_to(wait, streams[i], on_news)) return false;
    return true;
}

// Whether there was room; the place is taken in any case.
static bool waits_enter(struct wait *wait)
{
    struct waits_count *waiting = wait->waits->options.waiting;
    bool full = atomic_fetch_add(&waiting->all, 1) >= WAITS_MOST;
    if (wait->anonymous) full |= atomic_fetch_add(&waiting->anonymous, 1) >= WAITS_ANONYMOUS_MOST;
    return !full;
}

static void waits_leave(struct wait *wait)
{
    struct waits_count *waiting = wait->waits->options.waiting;
    for (size_t i = 0; i < WAIT_STREAMS_MOST; i++)
        hub_unsubscribe(wait->waits->options.hub, &wait->subscriptions[i]);
    atomic_fetch_sub(&waiting->all, 1);
    if (wait->anonymous) atomic_fetch_sub(&waiting->anonymous, 1);
}

static void link_first(struct wait *wait, struct wait **link)
{
    wait->next = *link;
    wait->link = link;
    if (wait->next) wait->next->link = &wait->next;
    *link = wait;
}

bool wait_begin(struct wait *wait, struct waits *waits, const struct wait_plan *plan)
{
    int64_t now_ms = loop_now_ms(waits->options.loop);
    *wait = (struct wait){.waits = waits,
                          .again = plan->again,
                          .over = plan->over,
                          .holds = plan->holds,
                          .arg = plan->arg,
                          .anonymous = plan->anonymous};
    wait->timer = (struct loop_timer){.fire = on_timer, .arg = wait};
    wait->asked_ms = now_ms;
    wait->until_ms = now_ms + (plan->wait_ms < WAIT_LONGEST_MS ? plan->wait_ms : WAIT_LONGEST_MS);
    bool room = waits_enter(wait);
    if (!room || waits->released || plan->wait_ms <= 0 || !listen_to_all(wait, plan->streams))
        return waits_leave(wait), false;
    link_first(wait, &waits->first);
    return true;
}

bool wait_hear(struct wait *wait, const char *stream)
{
    return wait->noticed = listen_to(wait, stream, on_any_news);
}

void wait_expect(struct wait *wait, int64_t in_ms)
{
    if (in_ms < BETWEEN_ASKS_MS) in_ms = BETWEEN_ASKS_MS;
    wait->due_ms = loop_now_ms(wait->waits->options.loop) + in_ms;
}

static int64_t wake_ms(const struct wait *wait)
{
    if (wait->noticed) return wait->asked_ms + BETWEEN_ASKS_MS;
    return wait->due_ms && wait->due_ms < wait->until_ms ? wait->due_ms : wait->until_ms;
}

bool wait_park(struct wait *wait)
{
    const struct waits_options *options = &wait->waits->options;
    if (wait->waits->released || loop_now_ms(options->loop) >= wait->until_ms) return false;
    wait->parked = true;
    wait->noticed |= !wait_holds(wait); // lost meanwhile
    metric_add(options->parked, 1);
    loop_timer_set(options->loop, &wait->timer, wake_ms(wait));
    return true;
}

bool wait_retry(struct wait *wait)
{
    struct loop *loop = wait->waits->options.loop;
    if (!wait_park(wait)) return false;
    wait->noticed = true;
    loop_timer_set(loop, &wait->timer, loop_now_ms(loop) + RETRY_MS);
    return true;
}

void wait_unpark(struct wait *wait)
{
    if (!wait->parked) return;
    wait->parked = false;
    loop_timer_clear(wait->waits->options.loop, &wait->timer);
    metric_add(wait->waits->options.parked, -1);
}

void wait_end(struct wait *wait)
{
    wait_unpark(wait);
    waits_leave(wait);
    *wait->link = wait->next;
    if (wait->next) wait->next->link = wait->link;
}

// Who asks again ends nobody else's wait within that.
void waits_check(struct waits *waits)
{
    for (struct wait *wait = waits->first, *next; wait; wait = next) {
        next = wait->next;
        if (!wait->parked || wait_holds(wait)) continue;
        wait_unpark(wait);
        wait->noticed = false;
        wait->asked_ms = loop_now_ms(waits->options.loop);
        wait->again(wait->arg);
    }
}
