#include "services/gateway/access/limits.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/cache/redis/exchange.h"

enum { CACHE_BYTES = 16 * 1024 * 1024 };

static bool limits_number(const char **at, double *value)
{
    char *end;
    if (!isdigit((unsigned char)**at)) return false;
    *value = strtod(*at, &end);
    *at = end;
    return *value >= 0.001 && *value <= 1e6;
}

bool limits_parse(const char *text, struct bucket *bucket, struct err *err)
{
    const char *at = text;
    if (limits_number(&at, &bucket->burst) && *at++ == '/' && limits_number(&at, &bucket->per_second) &&
        *at == 0 && bucket->burst >= 1)
        return true;
    return err_fail(err, INVALID_FIELD, "\"%s\" is not a limit like 120/2 (burst/per second)", text);
}

bool limits_open(struct limits *limits, const char *place, const uint8_t *key, struct metrics *metrics,
                 struct err *err)
{
    if (!cache_open(&limits->cache, CACHE_BYTES, err)) return false;
    if (strcmp(place, "memory:") == 0) return true;
    const struct exchange_options options = {limits->cache, place, key, metrics};
    return exchange_start(&limits->exchange, &options, err);
}

void limits_close(struct limits *limits)
{
    sharing_stop(limits->exchange);
    cache_close(limits->cache);
}

enum { NAME_SIZE = 64 };

static void name_bucket(char name[NAME_SIZE], enum limit_class class, const char *key)
{
    name[0] = (char)('0' + class);
    name[1] = ':';
    name[NAME_SIZE - 1] = 0;
    strncpy(name + 2, key, NAME_SIZE - 3);
}

// Logged each time: a limit that is not kept is worth a line.
static struct bucket_state limits_tell(bool kept, struct bucket_state state, const struct err *err)
{
    if (!kept) log_err(LOG_WARN, "limits", err);
    return state;
}

struct bucket_state limits_take(const struct limits *limits, enum limit_class class, const char *key)
{
    char name[NAME_SIZE];
    struct bucket_state state;
    struct err err;
    name_bucket(name, class, key);
    bool kept = cache_take(limits->cache, name, limits->classes[class], &state, &err);
    return limits_tell(kept, state, &err);
}

struct bucket_state limits_charge(const struct limits *limits, const struct limit_charge *charge)
{
    char name[NAME_SIZE];
    struct bucket_state state;
    struct err err;
    name_bucket(name, charge->class, charge->key);
    bool kept =
        cache_charge(limits->cache, name, limits->classes[charge->class], charge->tokens, &state, &err);
    return limits_tell(kept, state, &err);
}
