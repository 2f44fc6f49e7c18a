#include "services/gateway/feed/held.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/cache/redis/holdings.h"
#include "services/gateway/stream/names.h"

struct counted {
    struct name name;
    char text[HELD_NAME];
    int64_t own, others;
    int64_t told_ms;              // monotonic: when the others were told last
    bool changed;                 // since then, or the others' are wanted anew
    struct counted *next, **link; // of those that changed, or of those that were told, oldest first
};

struct counted_list {
    struct counted *first, **end;
};

struct held_counts {
    struct holdings *holdings; // NULL: nothing is shared
    uint8_t key[crypto_shorthash_KEYBYTES];
    pthread_mutex_t lock; // of what follows
    struct names names;
    struct counted_list changed, told;
};

// ---- Lists

static void counted_push(struct counted_list *list, struct counted *counted)
{
    counted->next = NULL;
    counted->link = list->end;
    *list->end = counted;
    list->end = &counted->next;
}

static struct counted_list *list_of(struct held_counts *counts, const struct counted *counted)
{
    return counted->changed ? &counts->changed : &counts->told;
}

static void counted_unlink(struct held_counts *counts, struct counted *counted)
{
    *counted->link = counted->next;
    if (counted->next)
        counted->next->link = counted->link;
    else
        list_of(counts, counted)->end = counted->link;
}

static void counted_move(struct held_counts *counts, struct counted *counted, bool changed)
{
    counted_unlink(counts, counted);
    counted->changed = changed;
    counted_push(list_of(counts, counted), counted);
}

// ---- Names

static struct counted *counted_find(struct held_counts *counts, const char *text, bool make)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text, strlen(text), counts->key);
    struct name *found = names_find(&counts->names, text, hash);
    if (found || !make) return (struct counted *)found;
    struct counted *counted = calloc(1, sizeof *counted);
    if (!counted) abort();
    snprintf(counted->text, sizeof counted->text, "%s", text);
    counted->name = (struct name){.hash = hash, .text = counted->text};
    if (!names_add(&counts->names, &counted->name)) abort();
    counted_push(&counts->told, counted);
    return counted;
}

static void counted_forget(struct held_counts *counts, struct counted *counted)
{
    counted_unlink(counts, counted);
    names_remove(&counts->names, &counted->name);
    free(counted);
}

static void counted_changed(struct held_counts *counts, struct counted *counted)
{
    if (counts->holdings) {
        if (!counted->changed) counted_move(counts, counted, true);
    } else if (counted->own == 0) {
        counted_forget(counts, counted);
    }
}

// ---- Holding

bool held_take(struct held_counts *counts, const char *name, int64_t most)
{
    pthread_mutex_lock(&counts->lock);
    struct counted *counted = counted_find(counts, name, true);
    bool taken = counted->own + counted->others < most;
    counted->own += taken;
    counted_changed(counts, counted);
    pthread_mutex_unlock(&counts->lock);
    return taken;
}

void held_give(struct held_counts *counts, const char *name)
{
    pthread_mutex_lock(&counts->lock);
    struct counted *counted = counted_find(counts, name, true);
    counted->own--;
    counted_changed(counts, counted);
    pthread_mutex_unlock(&counts->lock);
}

int64_t held_all(struct held_counts *counts, const char *name)
{
    pthread_mutex_lock(&counts->lock);
    struct counted *counted = counted_find(counts, name, counts->holdings != NULL);
    int64_t all = counted ? counted->own + counted->others : 0;
    if (counted) counted_changed(counts, counted); // and the others' are heard
    pthread_mutex_unlock(&counts->lock);
    return all;
}

// ---- Telling the others

static void counted_tell(struct held_counts *counts, struct counted *counted, struct held *held,
                         int64_t now_ms)
{
    snprintf(held->name, sizeof held->name, "%s", counted->text);
    held->own = counted->own;
    counted->told_ms = now_ms;
    counted_move(counts, counted, false);
}

// Of a name that nothing is held under, and that nobody asks about, nothing is known any more.
static size_t counts_changed(void *arg, struct held *held, size_t most)
{
    struct held_counts *counts = arg;
    int64_t now_ms = clock_mono_ms();
    size_t count = 0;
    pthread_mutex_lock(&counts->lock);
    while (counts->changed.first && count < most)
        counted_tell(counts, counts->changed.first, &held[count++], now_ms);
    for (struct counted *oldest;
         (oldest = counts->told.first) && now_ms - oldest->told_ms >= HELD_RENEW_MS;) {
        if (oldest->own == 0)
            counted_forget(counts, oldest);
        else if (count < most)
            counted_tell(counts, oldest, &held[count++], now_ms);
        else
            break;
    }
    pthread_mutex_unlock(&counts->lock);
    return count;
}

static void counts_settle(void *arg, const struct held *held, int64_t others)
{
    struct held_counts *counts = arg;
    pthread_mutex_lock(&counts->lock);
    struct counted *counted = counted_find(counts, held->name, false);
    if (counted) counted->others = others;
    pthread_mutex_unlock(&counts->lock);
}

// What the others hold is not known any longer than they would be believed.
static void counts_again(void *arg, const struct held *held)
{
    struct held_counts *counts = arg;
    pthread_mutex_lock(&counts->lock);
    struct counted *counted = counted_find(counts, held->name, false);
    if (counted) {
        counted->others = 0;
        if (!counted->changed) counted_move(counts, counted, true);
    }
    pthread_mutex_unlock(&counts->lock);
}

// ---- Life

bool held_create(struct held_counts **out, const char *url, const uint8_t *key, struct metrics *metrics,
                 struct err *err)
{
    struct held_counts *counts = calloc(1, sizeof *counts);
    if (!counts) return err_fail(err, INTERNAL_ERROR, "out of memory");
    crypto_shorthash_keygen(counts->key);
    pthread_mutex_init(&counts->lock, NULL);
    counts->changed.end = &counts->changed.first;
    counts->told.end = &counts->told.first;
    const struct holdings_options options = {counts, counts_changed, counts_settle, counts_again, url,
                                             key,    metrics};
    if (!url || holdings_start(&counts->holdings, &options, err)) return *out = counts, true;
    held_destroy(counts);
    return false;
}

void held_destroy(struct held_counts *counts)
{
    if (!counts) return;
    holdings_stop(counts->holdings);
    while (counts->changed.first) counted_forget(counts, counts->changed.first);
    while (counts->told.first) counted_forget(counts, counts->told.first);
    names_finish(&counts->names);
    pthread_mutex_destroy(&counts->lock);
    free(counts);
}
