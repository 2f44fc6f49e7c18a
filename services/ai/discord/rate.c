#include "services/ai/discord/rate.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAILS = 256,
    A_SECOND = 50,
    SECOND_MS = 1000,
    INVALID_MOST = 50,
    MINUTE_MS = 60000,
    DAY_S = 24 * 3600,
    MAJOR = 16,
};

// A bucket as it was told; before anything was, the route stands for it.
struct pail {
    char name[RATE_BUCKET];   // "": free
    uint8_t major[MAJOR];     // its hash: tokens are long, and nothing to keep
    int64_t limit, remaining; // -1: unknown
    int64_t reset_ms;         // from then on it is full
    int64_t used_ms;
};

struct rate {
    char buckets[RATE_ROUTES][RATE_BUCKET]; // by route; "": not told yet
    struct pail pails[PAILS];
    int64_t second_ms, all_until_ms, invalid_since_ms;
    unsigned in_second, invalid;
};

int64_t rate_ms(const char *text)
{
    double seconds = strtod(text, NULL);
    if (!(seconds >= 0)) return 0; // nor a number that is none
    return seconds < DAY_S ? (int64_t)(seconds * SECOND_MS) + (*text != 0) : (int64_t)DAY_S * SECOND_MS;
}

struct rate *rate_create(void) { return calloc(1, sizeof(struct rate)); }

void rate_destroy(struct rate *rate) { free(rate); }

// ---- Buckets

static void name_pail(const struct rate *rate, const struct rate_place *place, char name[RATE_BUCKET])
{
    const char *bucket = rate->buckets[place->route];
    if (*bucket)
        snprintf(name, RATE_BUCKET, "%s", bucket);
    else
        snprintf(name, RATE_BUCKET, "route %u", place->route);
}

// The one of the place, in the place of the one that was used the longest ago when it is new.
static struct pail *pail_of(struct rate *rate, const struct rate_place *place, int64_t now_ms)
{
    char name[RATE_BUCKET];
    uint8_t major[MAJOR];
    struct pail *oldest = rate->pails;
    name_pail(rate, place, name);
    crypto_generichash(major, MAJOR, (const uint8_t *)place->major, strlen(place->major), NULL, 0);
    for (struct pail *pail = rate->pails; pail < rate->pails + PAILS; pail++) {
        if (strcmp(pail->name, name) == 0 && memcmp(pail->major, major, MAJOR) == 0) {
            pail->used_ms = now_ms;
            return pail;
        }
        if (!*pail->name || pail->used_ms < oldest->used_ms) oldest = pail;
        if (!*pail->name) break;
    }
    *oldest = (struct pail){.limit = -1, .remaining = -1, .used_ms = now_ms};
    snprintf(oldest->name, sizeof oldest->name, "%s", name);
    memcpy(oldest->major, major, MAJOR);
    return oldest;
}

static void refill_pail(struct pail *pail, int64_t now_ms)
{
    if (pail->reset_ms && now_ms >= pail->reset_ms) {
        pail->remaining = pail->limit;
        pail->reset_ms = 0;
    }
}

// ---- All together

static int64_t wait_of_all(struct rate *rate, const struct rate_place *place, int64_t now_ms)
{
    if (now_ms < rate->all_until_ms) return rate->all_until_ms - now_ms;
    if (!place->by_bot) return 0;
    if (now_ms - rate->second_ms >= SECOND_MS) {
        rate->second_ms = now_ms;
        rate->in_second = 0;
    }
    return rate->in_second < A_SECOND ? 0 : rate->second_ms + SECOND_MS - now_ms;
}

static void stop_all(struct rate *rate, int64_t until_ms)
{
    if (until_ms > rate->all_until_ms) rate->all_until_ms = until_ms;
}

static void count_invalid(struct rate *rate, int64_t now_ms)
{
    if (now_ms - rate->invalid_since_ms >= MINUTE_MS) {
        rate->invalid_since_ms = now_ms;
        rate->invalid = 0;
    }
    if (++rate->invalid < INVALID_MOST) return;
    rate->invalid = 0;
    stop_all(rate, now_ms + MINUTE_MS);
}

// ----

int64_t rate_take(struct rate *rate, const struct rate_place *place, int64_t now_ms)
{
    int64_t wait_ms = wait_of_all(rate, place, now_ms);
    if (wait_ms) return wait_ms;
    struct pail *pail = pail_of(rate, place, now_ms);
    refill_pail(pail, now_ms);
    if (pail->remaining == 0) return pail->reset_ms > now_ms ? pail->reset_ms - now_ms : 1;
    if (pail->remaining > 0) pail->remaining--;
    if (place->by_bot) rate->in_second++;
    return 0;
}

void rate_learn(struct rate *rate, const struct rate_place *place, const struct rate_told *told,
                int64_t now_ms)
{
    bool shared = told->scope == RATE_OF_SHARED;
    if (*told->bucket) snprintf(rate->buckets[place->route], RATE_BUCKET, "%s", told->bucket);
    struct pail *pail = pail_of(rate, place, now_ms);
    if (told->limit >= 0) pail->limit = told->limit;
    // Others may be on their way since.
    if (told->remaining >= 0 && (pail->remaining < 0 || told->remaining < pail->remaining || !pail->reset_ms))
        pail->remaining = told->remaining;
    if (told->remaining >= 0) pail->reset_ms = now_ms + told->reset_after_ms;
    if (told->status == 429 && told->scope == RATE_OF_ALL) stop_all(rate, now_ms + told->retry_after_ms);
    if (told->status == 429 && told->scope != RATE_OF_ALL) {
        pail->remaining = 0;
        pail->reset_ms = now_ms + told->retry_after_ms;
    }
    if (told->status == 401 || told->status == 403 || (told->status == 429 && !shared))
        count_invalid(rate, now_ms);
}
