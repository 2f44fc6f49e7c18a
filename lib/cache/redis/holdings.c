#include "lib/cache/redis/holdings.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/cache/redis/sharing.h"

enum { ME_BYTES = 8 };

// Each key is a hash of what each process holds, and when it said so; its words are the process, what it
// holds and how long that counts in ms. It answers what the others hold. The time is the server's.
static const char SCRIPT[] = "local t = redis.call('TIME')\n"
                             "local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
                             "local others = {}\n"
                             "for i, key in ipairs(KEYS) do\n"
                             "  local me, own, life = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]\n"
                             "  local all, sum = redis.call('HGETALL', key), 0\n"
                             "  for j = 1, #all, 2 do\n"
                             "    local held, at = string.match(all[j + 1], '^(%d+):(%d+)$')\n"
                             "    if not held or now - at > tonumber(life) then\n"
                             "      redis.call('HDEL', key, all[j])\n"
                             "    elseif all[j] ~= me then\n"
                             "      sum = sum + held\n"
                             "    end\n"
                             "  end\n"
                             "  if own == '0' then\n"
                             "    redis.call('HDEL', key, me)\n"
                             "  else\n"
                             "    redis.call('HSET', key, me, own .. ':' .. string.format('%.0f', now))\n"
                             "    redis.call('PEXPIRE', key, life)\n"
                             "  end\n"
                             "  others[i] = string.format('%.0f', sum)\n"
                             "end\n"
                             "return others\n";

struct holdings {
    struct holdings_options options;
    struct sharing *sharing;
    char me[2 * ME_BYTES + 1]; // this process, as long as it lives
};

static size_t holdings_collect(void *arg, void *items, size_t most)
{
    struct holdings *holdings = arg;
    return holdings->options.changed(holdings->options.arg, items, most);
}

static const char *holdings_name(const void *item) { return ((const struct held *)item)->name; }

static void holdings_words(void *arg, const void *item, char words[SHARING_WORDS][SHARING_WORD])
{
    const struct holdings *holdings = arg;
    snprintf(words[0], SHARING_WORD, "%s", holdings->me);
    snprintf(words[1], SHARING_WORD, "%" PRId64, ((const struct held *)item)->own);
    snprintf(words[2], SHARING_WORD, "%d", HELD_LIFE_MS);
}

static void holdings_settle(void *arg, const void *item, const char *answer)
{
    struct holdings *holdings = arg;
    holdings->options.settle(holdings->options.arg, item, strtoll(answer, NULL, 10));
}

static void holdings_again(void *arg, const void *item)
{
    struct holdings *holdings = arg;
    holdings->options.again(holdings->options.arg, item);
}

static const struct sharing_kind held_things = {
    .what = "streams",
    .apart = "streams are not counted together",
    .together = "streams are counted together again",
    .prefix = "conse:held:",
    .script = SCRIPT,
    .item = sizeof(struct held),
    .collect = holdings_collect,
    .name = holdings_name,
    .words = holdings_words,
    .settle = holdings_settle,
    .again = holdings_again,
};

bool holdings_start(struct holdings **out, const struct holdings_options *options, struct err *err)
{
    uint8_t me[ME_BYTES];
    struct holdings *holdings = calloc(1, sizeof *holdings);
    if (!holdings) return err_fail(err, INTERNAL_ERROR, "out of memory");
    holdings->options = *options;
    randombytes_buf(me, sizeof me);
    sodium_bin2hex(holdings->me, sizeof holdings->me, me, sizeof me);
    const struct sharing_options sharing = {&held_things, holdings, options->url, options->key,
                                            options->metrics};
    if (sharing_start(&holdings->sharing, &sharing, err)) return *out = holdings, true;
    free(holdings);
    return false;
}

void holdings_stop(struct holdings *holdings)
{
    if (!holdings) return;
    sharing_stop(holdings->sharing);
    free(holdings);
}
