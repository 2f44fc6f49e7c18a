#include "services/chain/cluster/strangers.h"

#include <string.h>

#include "lib/base/log.h"

void strangers_init(struct strangers *strangers)
{
    strangers->count = 0;
    pthread_mutex_init(&strangers->lock, NULL);
}

void strangers_finish(struct strangers *strangers) { pthread_mutex_destroy(&strangers->lock); }

// ---- Which

static bool is_event(const struct stranger *stranger) { return stranger->aim.kind == OUTBOX_CLOSE; }

static bool is_aim(const struct outbox_aim *a, const struct outbox_aim *b)
{
    return a->kind == b->kind && a->slot == b->slot &&
           memcmp(a->subject, b->subject, sizeof a->subject) == 0 &&
           memcmp(&a->reference, &b->reference, sizeof a->reference) == 0;
}

static const struct stranger *find_aim(const struct strangers *strangers, size_t count,
                                       const struct outbox_aim *aim)
{
    for (size_t i = 0; i < count; i++)
        if (is_aim(&strangers->all[i].aim, aim)) return &strangers->all[i];
    return NULL;
}

// ---- A reading

// Since when they are known stays, wherever they were in the list.
static void keep_times(const struct strangers *strangers, struct stranger *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct stranger *known = find_aim(strangers, strangers->count, &all[i].aim);
        if (known) all[i].since_ms = known->since_ms;
    }
}

static struct stranger stranger_of(const struct wish *wish, int64_t now_ms)
{
    struct stranger stranger = {.aim = wish->aim,
                                .authority = wish->cluster.authority,
                                .seen_slot = wish->seen_slot,
                                .since_ms = now_ms};
    memcpy(stranger.event, wish->event, sizeof stranger.event);
    return stranger;
}

void strangers_take(struct strangers *strangers, const struct wishes *found, int64_t now_ms)
{
    struct stranger all[STRANGERS_MOST];
    size_t count = found ? found->count : 0;
    if (count > STRANGERS_MOST) {
        log_warn("chain.cluster", F_STR("odd", "more on the cluster is not known than is kept at once"),
                 F_INT("count", (int64_t)count));
        count = STRANGERS_MOST;
    }
    for (size_t i = 0; i < count; i++) all[i] = stranger_of(&found->all[i], now_ms);
    pthread_mutex_lock(&strangers->lock);
    keep_times(strangers, all, count);
    memcpy(strangers->all, all, count * sizeof *all);
    strangers->count = count;
    pthread_mutex_unlock(&strangers->lock);
}

// ---- What becomes of them

static bool has_payment(const struct till_event *event, const struct payment_key *reference)
{
    const struct till_payment *of = event->first;
    while (of && memcmp(&of->payment.standing.reference, reference, sizeof *reference) != 0) of = of->next;
    return of;
}

// A ticket is taken when its event is there for the ledger, too.
static bool is_known(const struct stranger *stranger, const struct book *book)
{
    const struct till_event *event = till_find_event(&book->till, stranger->event);
    if (!event || is_event(stranger)) return event;
    return event->cluster.state != TILL_OFF && has_payment(event, &stranger->aim.reference);
}

static bool may_be_told(const struct stranger *stranger, const struct book *book, int64_t heard_ms)
{
    const struct till_event *event = till_find_event(&book->till, stranger->event);
    return heard_ms - stranger->since_ms < STRANGERS_WAIT_MS ||
           (event && has_payment(event, &stranger->aim.reference));
}

static void wish_gone(struct wishes *wishes, const struct book *book, const struct stranger *stranger)
{
    struct wish wish = {.aim = stranger->aim,
                        .cluster.authority = stranger->authority,
                        .seen_slot = stranger->seen_slot,
                        .wanted = true};
    memcpy(wish.event, stranger->event, sizeof wish.event);
    wishes_stray(wishes, book, &wish);
}

bool strangers_wish(struct strangers *strangers, struct wishes *wishes, const struct book *book,
                    int64_t heard_ms)
{
    size_t kept = 0;
    bool tickets = false;
    pthread_mutex_lock(&strangers->lock);
    for (size_t i = 0; i < strangers->count; i++) {
        const struct stranger stranger = strangers->all[i];
        if (is_known(&stranger, book)) {
            tickets |= !is_event(&stranger);
            continue;
        }
        if (!may_be_told(&stranger, book, heard_ms)) wish_gone(wishes, book, &stranger);
        strangers->all[kept++] = stranger;
    }
    strangers->count = kept;
    pthread_mutex_unlock(&strangers->lock);
    return tickets;
}

void strangers_drop(struct strangers *strangers, const struct outbox_aim *aim)
{
    pthread_mutex_lock(&strangers->lock);
    size_t kept = 0;
    for (size_t i = 0; i < strangers->count; i++)
        if (!is_aim(&strangers->all[i].aim, aim)) strangers->all[kept++] = strangers->all[i];
    strangers->count = kept;
    pthread_mutex_unlock(&strangers->lock);
}

bool strangers_have(struct strangers *strangers, const struct payment_key *reference)
{
    bool found = false;
    pthread_mutex_lock(&strangers->lock);
    for (size_t i = 0; i < strangers->count && !found; i++)
        found = !is_event(&strangers->all[i]) &&
                memcmp(&strangers->all[i].aim.reference, reference, sizeof *reference) == 0;
    pthread_mutex_unlock(&strangers->lock);
    return found;
}
