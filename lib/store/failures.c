#include "lib/store/failures.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/store/backend.h"

enum { KEPT = 65536 };

struct failure {
    uint64_t ticket;
    const char *why;
    Conse__Reason__Value reason;
};

// A stream with a failed append: jobs up to `until` were queued without knowing.
struct doomed {
    struct doomed *next;
    uint64_t until; // UINT64_MAX while the callers have not been told
    Conse__Reason__Value reason;
    char stream[];
};

struct store_failures {
    pthread_mutex_t lock;
    atomic_size_t count;
    size_t room;
    struct failure *failures; // by growing ticket
    struct doomed *doomed;    // for the commit thread alone
};

struct store_failures *store_failures_create(void)
{
    struct store_failures *failures = calloc(1, sizeof *failures);
    if (failures) pthread_mutex_init(&failures->lock, NULL);
    return failures;
}

static void forget_doomed(struct store_failures *failures, uint64_t decided)
{
    for (struct doomed **at = &failures->doomed; *at;) {
        struct doomed *doomed = *at;
        if (doomed->until > decided) {
            at = &doomed->next;
            continue;
        }
        *at = doomed->next;
        free(doomed);
    }
}

void store_failures_destroy(struct store_failures *failures)
{
    if (!failures) return;
    forget_doomed(failures, UINT64_MAX);
    pthread_mutex_destroy(&failures->lock);
    free(failures->failures);
    free(failures);
}

// A trim, a redaction, or an append to wherever the stream ends depends on no queued write, and no write
// depends on it.
static bool on_stream(const struct store_job *job)
{
    return job->name && !job->model && job->kind != STORE_TRIM_STREAM && job->kind != STORE_REDACT &&
           !job->at_end;
}

// Writes that depend on a failed one meet a conflict, unless nothing could be stored at all.
static Conse__Reason__Value reason_after(Conse__Reason__Value reason)
{
    bool none = reason == CONSE__REASON__VALUE__STORE_FULL || reason == CONSE__REASON__VALUE__STORE_AWAY;
    return none ? reason : CONSE__REASON__VALUE__CONFLICT;
}

static void failures_doom(struct store_failures *failures, const char *stream, Conse__Reason__Value reason)
{
    size_t len = strlen(stream) + 1;
    for (struct doomed *doomed = failures->doomed; doomed; doomed = doomed->next)
        if (strcmp(doomed->stream, stream) == 0) {
            doomed->until = UINT64_MAX;
            doomed->reason = reason_after(reason);
            return;
        }
    struct doomed *doomed = malloc(sizeof *doomed + len);
    if (!doomed) abort();
    doomed->until = UINT64_MAX;
    doomed->reason = reason_after(reason);
    memcpy(doomed->stream, stream, len);
    doomed->next = failures->doomed;
    failures->doomed = doomed;
}

static void make_room(struct store_failures *failures, size_t count)
{
    if (count < failures->room) return;
    if (count == KEPT) {
        memmove(failures->failures, failures->failures + KEPT / 2, KEPT / 2 * sizeof *failures->failures);
        atomic_store(&failures->count, KEPT / 2);
        return;
    }
    failures->room = failures->room ? failures->room * 2 : 64;
    failures->failures = realloc(failures->failures, failures->room * sizeof *failures->failures);
    if (!failures->failures) abort();
}

static void failures_record(struct store_failures *failures, struct failure failure)
{
    pthread_mutex_lock(&failures->lock);
    make_room(failures, atomic_load(&failures->count));
    size_t at = atomic_load(&failures->count);
    for (; at && failures->failures[at - 1].ticket > failure.ticket; at--)
        failures->failures[at] = failures->failures[at - 1];
    failures->failures[at] = failure;
    atomic_fetch_add(&failures->count, 1);
    pthread_mutex_unlock(&failures->lock);
}

static void failures_fail(struct store_failures *failures, struct store_job *job, Conse__Reason__Value reason,
                          const char *why)
{
    job->failed = true;
    failures_record(failures, (struct failure){job->ticket, why, reason});
}

void store_failures_add(struct store_failures *failures, struct store_job *job, Conse__Reason__Value reason,
                        const char *why)
{
    failures_fail(failures, job, reason, why);
    if (on_stream(job) && job->kind != STORE_SNAPSHOT) failures_doom(failures, job->name, reason);
}

static const char BUILT_ON[] = "what this was decided on could not be stored";

bool store_failures_doomed(struct store_failures *failures, struct store_job *job)
{
    for (struct doomed *doomed = failures->doomed; doomed; doomed = doomed->next)
        if (on_stream(job) && job->ticket <= doomed->until && strcmp(doomed->stream, job->name) == 0)
            return failures_fail(failures, job, doomed->reason, BUILT_ON), true;
    struct err err;
    if (!job->after || !store_failures_find(failures, job->after, &err)) return false;
    store_failures_add(failures, job, reason_after(err.reason), BUILT_ON);
    return true;
}

void store_failures_fence(struct store_failures *failures, uint64_t decided, uint64_t last)
{
    for (struct doomed *doomed = failures->doomed; doomed; doomed = doomed->next)
        if (doomed->until == UINT64_MAX) doomed->until = last;
    forget_doomed(failures, decided);
}

bool store_failures_find(struct store_failures *failures, uint64_t ticket, struct err *err)
{
    if (atomic_load(&failures->count) == 0) return false;
    pthread_mutex_lock(&failures->lock);
    size_t low = 0, high = atomic_load(&failures->count);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (failures->failures[middle].ticket < ticket)
            low = middle + 1;
        else
            high = middle;
    }
    struct failure found =
        low < atomic_load(&failures->count) ? failures->failures[low] : (struct failure){0};
    pthread_mutex_unlock(&failures->lock);
    if (found.ticket != ticket) return false;
    if (err) err_set(err, found.reason, NULL, "%s", found.why);
    if (err && err_is(err, STORE_AWAY)) err->retry_after_s = 1;
    return true;
}
