#include "services/ai/pool/waits.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "services/ai/pool/rows.h"

enum { OLD_MS = 1000, ARENA = 64 << 20 };

struct waits {
    pthread_mutex_t mutex;
    int64_t joined_ms[ROWS_MOST]; // of those who wait, ascending
    uint32_t waiting;
    int64_t waited_ms[WAITS_SEATED]; // ascending
    uint32_t seated;
    int64_t read_ms; // monotonic; 0: never
};

bool waits_create(struct waits **out, struct err *err)
{
    struct waits *waits = *out = calloc(1, sizeof *waits);
    if (!waits) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&waits->mutex, NULL);
    return true;
}

void waits_destroy(struct waits *waits)
{
    if (!waits) return;
    pthread_mutex_destroy(&waits->mutex);
    free(waits);
}

static int by_size(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static bool read_waits(struct waits *waits, struct store *store, struct arena *arena, struct err *err)
{
    struct tickets waiting, seated;
    if (!tickets_waiting(store, arena, &waiting, err) ||
        !tickets_seated(store, WAITS_SEATED, arena, &seated, err))
        return false;
    waits->waiting = (uint32_t)waiting.count;
    for (size_t i = 0; i < waiting.count; i++) waits->joined_ms[i] = waiting.all[i].row->joined_ms;
    waits->seated = (uint32_t)seated.count;
    for (size_t i = 0; i < seated.count; i++) waits->waited_ms[i] = seated.all[i].row->waited_ms;
    qsort(waits->waited_ms, waits->seated, sizeof *waits->waited_ms, by_size);
    return true;
}

static bool keep_fresh(struct waits *waits, struct store *store, struct err *err)
{
    struct arena arena;
    if (waits->read_ms && clock_mono_ms() < waits->read_ms + OLD_MS) return true;
    arena_init(&arena, ARENA);
    bool ok = read_waits(waits, store, &arena, err);
    arena_finish(&arena);
    if (ok) waits->read_ms = clock_mono_ms();
    return ok;
}

static uint32_t count_before(const struct waits *waits, int64_t joined_ms)
{
    uint32_t low = 0, high = waits->waiting;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (waits->joined_ms[middle] < joined_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The least that so many in a hundred did not exceed.
static int64_t waits_percentile(const struct waits *waits, uint32_t percent)
{
    return waits->seated ? waits->waited_ms[(waits->seated * percent + 99) / 100 - 1] : 0;
}

bool waits_tell(struct waits *waits, struct store *store, int64_t joined_ms, struct waits_told *told,
                struct err *err)
{
    pthread_mutex_lock(&waits->mutex);
    bool ok = keep_fresh(waits, store, err);
    if (ok) {
        told->ahead = count_before(waits, joined_ms);
        told->waiting = waits->waiting > told->ahead ? waits->waiting : told->ahead + 1;
        told->seated = waits->seated;
        told->p50_ms = waits_percentile(waits, 50);
        told->p90_ms = waits_percentile(waits, 90);
    }
    pthread_mutex_unlock(&waits->mutex);
    return ok;
}
