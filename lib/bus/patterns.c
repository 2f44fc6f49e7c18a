#include "lib/bus/patterns.h"

#include <stdlib.h>
#include <string.h>

#include "lib/bus/bus.h"
#include "lib/bus/wire.h"

void bus_patterns_init(struct bus_patterns *patterns)
{
    *patterns = (struct bus_patterns){.first = NULL};
    pthread_mutex_init(&patterns->lock, NULL);
}

void bus_patterns_finish(struct bus_patterns *patterns)
{
    for (struct bus_pattern *pattern = patterns->first, *next; pattern; pattern = next) {
        next = pattern->next;
        free(pattern);
    }
    pthread_mutex_destroy(&patterns->lock);
}

static struct bus_pattern *patterns_find(const struct bus_patterns *patterns, const char *text)
{
    struct bus_pattern *pattern = patterns->first;
    while (pattern && strcmp(pattern->text, text) != 0) pattern = pattern->next;
    return pattern;
}

static bool patterns_add(struct bus_patterns *patterns, const char *text, struct err *err)
{
    struct bus_pattern *pattern = patterns_find(patterns, text);
    size_t size = strlen(text) + 1;
    if (pattern) return pattern->untold = true, ++pattern->users;
    if (strcmp(text, BUS_HEADS_TOPIC) == 0)
        return err_fail(err, INVALID_FIELD, "every subscriber hears the heads");
    if (size == 1 || size > BUS_MAX_STREAM + 1)
        return err_fail(err, INVALID_FIELD, "a topic has 1 to %d bytes", BUS_MAX_STREAM);
    if (patterns->count == BUS_PATTERNS_MOST)
        return err_fail(err, INVALID_FIELD, "at most %d topics are followed at once", BUS_PATTERNS_MOST);
    pattern = calloc(1, sizeof *pattern + size);
    if (!pattern) return err_fail(err, INTERNAL_ERROR, "out of memory");
    memcpy(pattern->text, text, size);
    pattern->users = 1;
    pattern->untold = true;
    pattern->next = patterns->first;
    patterns->first = pattern;
    return ++patterns->count;
}

bool bus_patterns_add(struct bus_patterns *patterns, const char *text, struct err *err)
{
    pthread_mutex_lock(&patterns->lock);
    bool ok = patterns_add(patterns, text, err);
    pthread_mutex_unlock(&patterns->lock);
    return ok;
}

void bus_patterns_remove(struct bus_patterns *patterns, const char *text)
{
    pthread_mutex_lock(&patterns->lock);
    struct bus_pattern *pattern = patterns_find(patterns, text);
    if (pattern && pattern->users) pattern->users--;
    pthread_mutex_unlock(&patterns->lock);
}

struct bus_pattern *bus_patterns_all(struct bus_patterns *patterns)
{
    pthread_mutex_lock(&patterns->lock);
    struct bus_pattern *first = patterns->first;
    pthread_mutex_unlock(&patterns->lock);
    return first;
}

bool bus_patterns_used(struct bus_patterns *patterns, const struct bus_pattern *pattern)
{
    pthread_mutex_lock(&patterns->lock);
    bool used = pattern->users;
    pthread_mutex_unlock(&patterns->lock);
    return used;
}

bool bus_patterns_tell(struct bus_patterns *patterns, struct bus_pattern *pattern)
{
    pthread_mutex_lock(&patterns->lock);
    bool untold = pattern->untold;
    pattern->untold = false;
    pthread_mutex_unlock(&patterns->lock);
    return untold;
}

bool bus_patterns_drop(struct bus_patterns *patterns, struct bus_pattern *pattern)
{
    pthread_mutex_lock(&patterns->lock);
    bool unused = pattern->users == 0;
    struct bus_pattern **link = &patterns->first;
    while (unused && *link != pattern) link = &(*link)->next;
    if (unused) *link = pattern->next;
    patterns->count -= unused;
    pthread_mutex_unlock(&patterns->lock);
    if (unused) free(pattern);
    return unused;
}

bool bus_patterns_fit(struct bus_patterns *patterns, const char *stream)
{
    struct bus_pattern *pattern = bus_patterns_all(patterns);
    while (pattern && !(pattern->subscribed && bus_matches(pattern->text, stream))) pattern = pattern->next;
    return pattern;
}

void bus_patterns_unlist(struct bus_patterns *patterns)
{
    for (struct bus_pattern *pattern = bus_patterns_all(patterns); pattern; pattern = pattern->next) {
        pattern->listed = false;
        pattern->list_after[0] = 0;
    }
}
