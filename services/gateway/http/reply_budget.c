#include "services/gateway/http/reply_budget.h"

#include <pthread.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct reply_holder {
    struct address household;
    size_t bytes, answers;
};

struct reply_budget {
    struct reply_budget_options options;
    atomic_size_t bytes;  // of bodies alive
    pthread_mutex_t lock; // guards holders
    void *holders;        // a balanced tree of tsearch: an attacker chooses addresses
    struct metric *gauge, *refused[REPLY_FULL_FOR_ADDRESS + 1];
};

bool reply_budget_create(struct reply_budget **out, const struct reply_budget_options *options,
                         struct err *err)
{
    struct metrics *metrics = options->metrics;
    struct reply_budget *budget = calloc(1, sizeof *budget);
    if (!budget) return err_fail(err, INTERNAL_ERROR, "no memory");
    budget->options = *options;
    pthread_mutex_init(&budget->lock, NULL);
    budget->gauge = metrics_gauge(metrics, "conse_http_reply_bytes", "Bodies of replies in memory.", "");
    budget->refused[REPLY_FULL] = metrics_counter(metrics, "conse_http_refused_total",
                                                  "Replies that found no room.", "why=\"replies\"");
    budget->refused[REPLY_FULL_FOR_ADDRESS] = metrics_counter(
        metrics, "conse_http_refused_total", "Replies that found no room.", "why=\"address\"");
    *out = budget;
    return true;
}

void reply_budget_destroy(struct reply_budget *budget)
{
    if (!budget) return;
    tdestroy(budget->holders, free);
    pthread_mutex_destroy(&budget->lock);
    free(budget);
}

// ---- Bodies

static void on_gone(void *arg, size_t len)
{
    struct reply_budget *budget = arg;
    atomic_fetch_sub(&budget->bytes, len);
    metric_add(budget->gauge, -(int64_t)len);
}

void reply_budget_watch(struct reply_budget *budget, struct shared *body)
{
    if (body->len <= REPLY_SMALL_BYTES) return;
    body->gone = on_gone;
    body->arg = budget;
    atomic_fetch_add(&budget->bytes, body->len);
    metric_add(budget->gauge, (int64_t)body->len);
}

// ---- Households

size_t reply_charge_of(const struct shared *body, bool made)
{
    if (body->len <= REPLY_SMALL_BYTES) return 0;
    return made ? body->len : body->len / REPLY_SHARERS;
}

static int reply_budget_compare(const void *a, const void *b)
{
    return memcmp(&((const struct reply_holder *)a)->household, &((const struct reply_holder *)b)->household,
                  sizeof(struct address));
}

static struct reply_holder *reply_budget_find(struct reply_budget *budget, const struct address *household)
{
    const struct reply_holder wanted = {.household = *household};
    struct reply_holder *const *found = tfind(&wanted, &budget->holders, reply_budget_compare);
    return found ? *found : NULL;
}

static struct reply_holder *find_or_add(struct reply_budget *budget, const struct address *household)
{
    struct reply_holder *holder = reply_budget_find(budget, household);
    if (holder) return holder;
    holder = calloc(1, sizeof *holder);
    if (!holder) abort();
    holder->household = *household;
    if (!tsearch(holder, &budget->holders, reply_budget_compare)) abort();
    return holder;
}

static size_t held_by(struct reply_budget *budget, const struct address *household)
{
    pthread_mutex_lock(&budget->lock);
    const struct reply_holder *holder = reply_budget_find(budget, household);
    size_t bytes = holder ? holder->bytes : 0;
    pthread_mutex_unlock(&budget->lock);
    return bytes;
}

enum reply_room reply_budget_room(struct reply_budget *budget, const struct address *household, size_t bytes)
{
    size_t held = held_by(budget, household);
    enum reply_room room = REPLY_ROOM;
    if (atomic_load(&budget->bytes) > budget->options.most_bytes)
        room = REPLY_FULL;
    else if (held > 0 && held + bytes > budget->options.most_per_address)
        room = REPLY_FULL_FOR_ADDRESS;
    metric_add(budget->refused[room], 1);
    return room;
}

void reply_budget_take(struct reply_budget *budget, const struct address *household, size_t bytes,
                       struct reply_charge *charge)
{
    if (bytes == 0) return;
    pthread_mutex_lock(&budget->lock);
    struct reply_holder *holder = find_or_add(budget, household);
    holder->bytes += bytes;
    holder->answers++;
    pthread_mutex_unlock(&budget->lock);
    *charge = (struct reply_charge){holder, bytes};
}

void reply_budget_give(struct reply_budget *budget, struct reply_charge *charge)
{
    struct reply_holder *holder = charge->holder;
    if (!holder) return;
    pthread_mutex_lock(&budget->lock);
    holder->bytes -= charge->bytes;
    if (--holder->answers == 0) {
        tdelete(holder, &budget->holders, reply_budget_compare);
        free(holder);
    }
    pthread_mutex_unlock(&budget->lock);
    *charge = (struct reply_charge){0};
}
