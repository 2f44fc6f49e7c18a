// Uses of one ticket by anybody, each two bytes and a text: what is given as ticket and as secret is the
// right one, or the text. The stream opens once, and again to its secret alone, for the same topics.
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/feed/tickets.h"

enum { TEXT = 40, NOW_S = 1796000000, CACHE_BYTES = 1 << 20 };

struct attempt {
    bool ticket, secret, topics; // is the right one
    char text[TEXT + 1];
};

static const char *const topics[] = {"event:1", "me"};

static const uint8_t *take_attempt(const uint8_t *bytes, const uint8_t *end, struct attempt *attempt)
{
    size_t len = bytes[1] % (TEXT + 1u);
    if (len > (size_t)(end - bytes - 2)) len = (size_t)(end - bytes - 2);
    *attempt = (struct attempt){.ticket = bytes[0] & 1, .secret = bytes[0] & 2, .topics = bytes[0] & 4};
    memcpy(attempt->text, bytes + 2, len);
    return bytes + 2 + len;
}

static bool try_once(const struct ticket_store *store, const struct attempt *attempt, const char *ticket,
                     char secret[TICKET_SIZE])
{
    struct err err;
    struct ticket_use use = {.ticket = attempt->ticket ? ticket : attempt->text,
                             .topics = topics[!attempt->topics]};
    snprintf(use.secret, sizeof use.secret, "%s", attempt->secret ? secret : attempt->text);
    bool right_ticket = strcmp(use.ticket, ticket) == 0, first = !use.secret[0];
    bool again = secret[0] && strcmp(use.secret, secret) == 0 && attempt->topics;
    bool opens = ticket_use(store, &use, INT64_C(1000) * NOW_S, &err);
    assert(opens == (right_ticket && (first ? !secret[0] : again)));
    if (!opens) return err_is(&err, TICKET_INVALID);
    assert(use.claims.level == 3);
    if (!first) return true;
    memcpy(secret, use.secret, TICKET_SIZE);
    return attempt->topics;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = bytes + size;
    const struct token_claims claims = {.level = 3, .expires_s = NOW_S + 900};
    char ticket[TICKET_SIZE], secret[TICKET_SIZE] = "";
    struct cache *cache;
    struct err err;
    struct attempt attempt;
    if (sodium_init() < 0 || !cache_open(&cache, CACHE_BYTES, &err)) abort();
    struct ticket_store store = ticket_store_here(cache);
    if (!ticket_create(&store, &claims, ticket, &err)) abort();
    bool goes_on = true; // until it is bound to other topics than the right ones
    while (goes_on && end - bytes >= 2) {
        bytes = take_attempt(bytes, end, &attempt);
        goes_on = try_once(&store, &attempt, ticket, secret);
    }
    cache_close(cache);
    return 0;
}
