#include "services/gateway/feed/quota.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/stream/names.h"

enum { WHO_SIZE = 48, RETRY_S = 10 };

// A user, or a household: "u:..." or "a:...".
struct counted {
    struct name name;
    char text[WHO_SIZE];
    int64_t viewers, seated;
};

struct feed_quota {
    struct feed_limits limits;
    uint8_t key[crypto_shorthash_KEYBYTES];
    pthread_mutex_t lock; // of what follows
    struct names names;
    int64_t viewers;
};

bool feed_quota_create(struct feed_quota **out, const struct feed_limits *limits, struct err *err)
{
    struct feed_quota *quota = calloc(1, sizeof *quota);
    if (!quota) return err_fail(err, INTERNAL_ERROR, "no memory");
    quota->limits = *limits;
    crypto_shorthash_keygen(quota->key);
    pthread_mutex_init(&quota->lock, NULL);
    *out = quota;
    return true;
}

void feed_quota_destroy(struct feed_quota *quota)
{
    if (!quota) return;
    names_finish(&quota->names);
    pthread_mutex_destroy(&quota->lock);
    free(quota);
}

static struct counted *quota_find(struct feed_quota *quota, char kind, const char *who, bool make)
{
    char text[WHO_SIZE];
    uint64_t hash;
    snprintf(text, sizeof text, "%c:%s", kind, who);
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text, strlen(text), quota->key);
    struct name *found = names_find(&quota->names, text, hash);
    if (found || !make) return (struct counted *)found;
    struct counted *counted = calloc(1, sizeof *counted);
    if (!counted) abort();
    memcpy(counted->text, text, sizeof text);
    counted->name = (struct name){.hash = hash, .text = counted->text};
    if (!names_add(&quota->names, &counted->name)) abort();
    return counted;
}

static void quota_forget(struct feed_quota *quota, struct counted *counted)
{
    if (counted->viewers || counted->seated) return;
    names_remove(&quota->names, &counted->name);
    free(counted);
}

static int64_t most_of(struct feed_quota *quota, bool known, const struct counted *counted)
{
    if (known) return quota->limits.per_user;
    return counted->seated ? quota->limits.per_live_address : quota->limits.per_address;
}

static bool refuse_more(struct err *err)
{
    err->retry_after_s = RETRY_S;
    return false;
}

static bool quota_check(struct feed_quota *quota, bool known, const struct counted *counted, struct err *err)
{
    if (quota->viewers >= quota->limits.most)
        err_fail(err, SERVICE_BUSY, "too many streams are open");
    else if (counted->viewers >= most_of(quota, known, counted))
        err_fail(err, TOO_MANY_STREAMS,
                 known ? "at most %lld streams of one user are open at once"
                       : "at most %lld streams of one address are open without a token",
                 (long long)most_of(quota, known, counted));
    else
        return true;
    return refuse_more(err);
}

bool feed_quota_has_place(struct feed_quota *quota, struct err *err)
{
    pthread_mutex_lock(&quota->lock);
    bool full = quota->viewers >= quota->limits.most;
    pthread_mutex_unlock(&quota->lock);
    if (full) err_fail(err, SERVICE_BUSY, "too many streams are open");
    return !full || refuse_more(err);
}

bool feed_quota_take(struct feed_quota *quota, bool known, const char *who, struct err *err)
{
    pthread_mutex_lock(&quota->lock);
    struct counted *counted = quota_find(quota, known ? 'u' : 'a', who, true);
    bool taken = quota_check(quota, known, counted, err);
    counted->viewers += taken;
    quota->viewers += taken;
    quota_forget(quota, counted);
    pthread_mutex_unlock(&quota->lock);
    return taken;
}

void feed_quota_give(struct feed_quota *quota, bool known, const char *who)
{
    pthread_mutex_lock(&quota->lock);
    struct counted *counted = quota_find(quota, known ? 'u' : 'a', who, true);
    counted->viewers--;
    quota->viewers--;
    quota_forget(quota, counted);
    pthread_mutex_unlock(&quota->lock);
}

void feed_quota_seat(struct feed_quota *quota, const char *household, bool comes)
{
    pthread_mutex_lock(&quota->lock);
    struct counted *counted = quota_find(quota, 'a', household, true);
    counted->seated += comes ? 1 : -1;
    quota_forget(quota, counted);
    pthread_mutex_unlock(&quota->lock);
}
