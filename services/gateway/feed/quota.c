#include "services/gateway/feed/quota.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/cache/redis/holdings.h"
#include "services/gateway/feed/held.h"

enum { RETRY_S = 10 };

enum holder {
    HOLDER_USER = 'u',
    HOLDER_ADDRESS = 'a',
    HOLDER_SEATED = 's',
    HOLDER_USER_WAITS = 'w',
    HOLDER_ADDRESS_WAITS = 'v',
    HOLDER_STRANGERS = 'n'
};

struct feed_quota {
    struct feed_limits limits;
    struct held_counts *held;
    _Atomic int64_t viewers; // of this process
};

bool feed_quota_create(struct feed_quota **out, const struct feed_limits *limits,
                       const struct feed_quota_place *place, struct err *err)
{
    struct feed_quota *quota = calloc(1, sizeof *quota);
    if (!quota) return err_fail(err, INTERNAL_ERROR, "no memory");
    quota->limits = *limits;
    if (held_create(&quota->held, place ? place->url : NULL, place ? place->key : NULL,
                    place ? place->metrics : NULL, err))
        return *out = quota, true;
    free(quota);
    return false;
}

void feed_quota_destroy(struct feed_quota *quota)
{
    if (!quota) return;
    held_destroy(quota->held);
    free(quota);
}

static const char *holder_name(char name[HELD_NAME], enum holder kind, const char *who)
{
    snprintf(name, HELD_NAME, "%c:%s", kind, who);
    return name;
}

static bool refuse_more(struct err *err)
{
    err->retry_after_s = RETRY_S;
    return false;
}

static bool refuse_full(struct err *err)
{
    err_fail(err, SERVICE_BUSY, "too many streams are open");
    return refuse_more(err);
}

static bool refuse_holder(bool known, int64_t most, struct err *err)
{
    err_fail(err, TOO_MANY_STREAMS,
             known ? "at most %lld streams of one user are open at once"
                   : "at most %lld streams of one address are open without a token",
             (long long)most);
    return refuse_more(err);
}

static int64_t most_of(struct feed_quota *quota, bool known, const char *who)
{
    char name[HELD_NAME];
    if (known) return quota->limits.per_user;
    bool venue = held_all(quota->held, holder_name(name, HOLDER_SEATED, who)) > 0;
    return venue ? quota->limits.per_live_address : quota->limits.per_address;
}

bool feed_quota_has_place(struct feed_quota *quota, struct err *err)
{
    return atomic_load(&quota->viewers) < quota->limits.most || refuse_full(err);
}

static const char *waits_name(char name[HELD_NAME], bool known, const char *who)
{
    return holder_name(name, known ? HOLDER_USER_WAITS : HOLDER_ADDRESS_WAITS, who);
}

bool feed_quota_take_wait(struct feed_quota *quota, bool known, const char *who)
{
    char name[HELD_NAME];
    return held_take(quota->held, waits_name(name, known, who), most_of(quota, known, who));
}

void feed_quota_give_wait(struct feed_quota *quota, bool known, const char *who)
{
    char name[HELD_NAME];
    held_give(quota->held, waits_name(name, known, who));
}

// All who are at a venue may come at once.
bool feed_quota_take_stranger(struct feed_quota *quota, const char *household, struct err *err)
{
    char name[HELD_NAME];
    int64_t most = quota->limits.per_live_address;
    if (held_take(quota->held, holder_name(name, HOLDER_STRANGERS, household), most)) return true;
    err_fail(err, TOO_MANY_STREAMS, "at most %lld sockets of one address begin at once", (long long)most);
    return refuse_more(err);
}

void feed_quota_give_stranger(struct feed_quota *quota, const char *household)
{
    char name[HELD_NAME];
    held_give(quota->held, holder_name(name, HOLDER_STRANGERS, household));
}

bool feed_quota_take(struct feed_quota *quota, bool known, const char *who, struct err *err)
{
    char name[HELD_NAME];
    int64_t most = most_of(quota, known, who);
    holder_name(name, known ? HOLDER_USER : HOLDER_ADDRESS, who);
    bool full = atomic_fetch_add(&quota->viewers, 1) >= quota->limits.most;
    bool taken = !full && held_take(quota->held, name, most);
    if (!taken) atomic_fetch_sub(&quota->viewers, 1);
    return taken || (full ? refuse_full(err) : refuse_holder(known, most, err));
}

void feed_quota_give(struct feed_quota *quota, bool known, const char *who)
{
    char name[HELD_NAME];
    held_give(quota->held, holder_name(name, known ? HOLDER_USER : HOLDER_ADDRESS, who));
    atomic_fetch_sub(&quota->viewers, 1);
}

void feed_quota_seat(struct feed_quota *quota, const char *household, bool comes)
{
    char name[HELD_NAME];
    holder_name(name, HOLDER_SEATED, household);
    if (!comes) return held_give(quota->held, name);
    if (!held_take(quota->held, name, INT64_MAX)) abort(); // without a limit
}
