#include "lib/cache/redis/exchange.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/cache/buckets.h"

// Each key is a bucket; its words are burst, tokens per second, and tokens drawn. It answers what is
// left. The time is the server's, which never goes back within a bucket.
static const char SCRIPT[] = "local t = redis.call('TIME')\n"
                             "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
                             "local left = {}\n"
                             "for i, key in ipairs(KEYS) do\n"
                             "  local burst, rate = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])\n"
                             "  local level = redis.call('HMGET', key, 'tokens', 'at')\n"
                             "  local tokens, at = tonumber(level[1]) or burst, tonumber(level[2]) or now\n"
                             "  if now > at then tokens = tokens + (now - at) / 1000 * rate; at = now end\n"
                             "  tokens = math.max(math.min(burst, tokens) - tonumber(ARGV[3 * i]), -burst)\n"
                             "  left[i] = string.format('%.17g', tokens)\n"
                             "  redis.call('HSET', key, 'tokens', left[i], 'at', at)\n"
                             "  redis.call('PEXPIRE', key, math.ceil((burst - tokens) / rate * 1000) + 1)\n"
                             "end\n"
                             "return left\n";

static size_t exchange_collect(void *arg, void *items, size_t most) { return cache_drawn(arg, items, most); }

static const char *exchange_name(const void *item) { return ((const struct cache_drawn *)item)->key; }

static void exchange_words(void *arg, const void *item, char words[SHARING_WORDS][SHARING_WORD])
{
    const struct cache_drawn *drawn = item;
    (void)arg;
    snprintf(words[0], SHARING_WORD, "%.17g", drawn->bucket.burst);
    snprintf(words[1], SHARING_WORD, "%.17g", drawn->bucket.per_second);
    snprintf(words[2], SHARING_WORD, "%.17g", drawn->tokens);
}

static void exchange_settle(void *arg, const void *item, const char *answer)
{
    cache_settle(arg, item, strtod(answer, NULL));
}

static void exchange_again(void *arg, const void *item) { cache_tell_again(arg, item); }

static const struct sharing_kind buckets = {
    .what = "limits",
    .apart = "limits are not shared",
    .together = "limits are shared again",
    .prefix = "conse:limit:",
    .script = SCRIPT,
    .item = sizeof(struct cache_drawn),
    .collect = exchange_collect,
    .name = exchange_name,
    .words = exchange_words,
    .settle = exchange_settle,
    .again = exchange_again,
};

bool exchange_start(struct sharing **out, const struct exchange_options *options, struct err *err)
{
    cache_exchange(options->cache);
    const struct sharing_options sharing = {&buckets, options->cache, options->url, options->key,
                                            options->metrics};
    return sharing_start(out, &sharing, err);
}
