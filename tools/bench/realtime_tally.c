#include "tools/bench/realtime_tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t tally_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// ---- Latencies

static int highest_bit(uint64_t value) { return 63 - __builtin_clzll(value); }

static size_t bucket_of(uint64_t us)
{
    if (us < LATENCY_SUBS) return us;
    int shift = highest_bit(us) - highest_bit(LATENCY_SUBS);
    return (size_t)(shift + 1) * LATENCY_SUBS + (us >> shift) % LATENCY_SUBS;
}

// The largest that is counted there.
static uint64_t bucket_us(size_t bucket)
{
    if (bucket < LATENCY_SUBS) return bucket;
    int shift = (int)(bucket / LATENCY_SUBS) - 1;
    return ((LATENCY_SUBS + bucket % LATENCY_SUBS + 1) << shift) - 1;
}

void latencies_add(struct latencies *latencies, int64_t ns)
{
    uint64_t us = ns < 0 ? 0 : (uint64_t)ns / 1000;
    latencies->count++;
    latencies->buckets[bucket_of(us)]++;
    if (us > latencies->most) latencies->most = us;
}

double latencies_ms(const struct latencies *latencies, double share)
{
    uint64_t within = 0, wanted = (uint64_t)((double)latencies->count * share);
    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        within += latencies->buckets[i];
        if (within > wanted)
            return (double)(bucket_us(i) < latencies->most ? bucket_us(i) : latencies->most) / 1000;
    }
    return (double)latencies->most / 1000;
}

// ---- Messages

static void *zeroed_alloc(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (!memory) abort();
    return memory;
}

void tally_begin(struct tally *tally, size_t lines, size_t count)
{
    uint64_t first = tally->first + tally->count;
    tally_finish(tally);
    *tally = (struct tally){.first = first, .count = count, .words = (count + 63) / 64};
    tally->seen = zeroed_alloc(lines * tally->words, sizeof *tally->seen);
    tally->last_ns = zeroed_alloc(count, sizeof *tally->last_ns);
    tally->due_ns = zeroed_alloc(count, sizeof *tally->due_ns);
}

void tally_finish(struct tally *tally)
{
    free(tally->seen);
    free(tally->last_ns);
    free(tally->due_ns);
    tally->seen = NULL;
    tally->last_ns = tally->due_ns = NULL;
}

void tally_mark(struct tally *tally, size_t i, int64_t due_ns, size_t size, char *text)
{
    int len = snprintf(text, TALLY_MARK, "@%" PRIu64 ":%" PRId64 "@", tally->first + i, due_ns);
    tally->due_ns[i] = due_ns;
    for (size_t at = (size_t)len; at < size; at++) text[at] = 'x';
    text[size > (size_t)len ? size : (size_t)len] = 0;
}

static void take_mark(struct tally *tally, size_t line, uint64_t number, int64_t now_ns)
{
    uint64_t i = number - tally->first;
    if (i >= tally->count) {
        tally->strange++;
        return;
    }
    uint64_t *word = &tally->seen[line * tally->words + i / 64], bit = 1ULL << i % 64;
    if (*word & bit) {
        tally->twice++;
        return;
    }
    *word |= bit;
    tally->got++;
    tally->got_ns = tally->last_ns[i] = now_ns;
    latencies_add(&tally->told, now_ns - tally->due_ns[i]);
}

bool tally_take(struct tally *tally, size_t line, const char *text, size_t len, int64_t now_ns)
{
    const char *end = text + len, *at = text;
    bool any = false;
    while (at && (at = memchr(at, '@', (size_t)(end - at))) != NULL) {
        uint64_t number = 0;
        for (at++; at < end && *at >= '0' && *at <= '9'; at++) number = number * 10 + (uint64_t)(*at - '0');
        if (at == end || *at != ':') continue;
        take_mark(tally, line, number, now_ns);
        any = true;
        at = memchr(at, '@', (size_t)(end - at));
        if (at) at++;
    }
    if (any) tally->bytes += len;
    return any;
}

void tally_last(const struct tally *tally, struct latencies *last)
{
    memset(last, 0, sizeof *last);
    for (size_t i = 0; i < tally->count; i++)
        if (tally->last_ns[i]) latencies_add(last, tally->last_ns[i] - tally->due_ns[i]);
}
