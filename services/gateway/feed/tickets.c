#include "services/gateway/feed/tickets.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { HASH = 16, NAME_SIZE = 48 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

// What a stream that was opened by a ticket may be opened for again.
struct bound {
    uint8_t ticket[HASH], topics[HASH];
    struct token_claims claims;
};

static void hash_text(uint8_t hash[HASH], const char *text)
{
    crypto_generichash(hash, HASH, (const uint8_t *)text, strlen(text), NULL, 0);
}

// The cache's name for what a secret text opens.
static void ticket_name(char name[NAME_SIZE], const char *kind, const char *secret)
{
    uint8_t hash[HASH];
    char hex[2 * HASH + 1];
    hash_text(hash, secret);
    snprintf(name, NAME_SIZE, "%s:%s", kind, sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

static void make_secret(char secret[IDS_SECRET + 1])
{
    uint8_t random[IDS_SECRET];
    randombytes_buf(random, sizeof random);
    for (int i = 0; i < IDS_SECRET; i++) secret[i] = letters[random[i] & 31];
    secret[IDS_SECRET] = 0;
    sodium_memzero(random, sizeof random);
}

bool ticket_create(struct cache *cache, const struct token_claims *claims, char ticket[TICKET_SIZE],
                   struct err *err)
{
    char name[NAME_SIZE];
    make_secret(ticket);
    ticket_name(name, "ticket", ticket);
    return cache_set(cache, name, claims, sizeof *claims, TICKET_MS, err);
}

static bool refuse_ticket(struct err *err)
{
    return err_fail(err, TICKET_INVALID, "the ticket was used before, or is too old, or none");
}

static bool bind_stream(struct cache *cache, struct ticket_use *use, int64_t unix_ms, struct err *err)
{
    struct bound bound = {.claims = use->claims};
    char name[NAME_SIZE];
    int64_t left_ms = use->claims.expires_s * 1000 - unix_ms;
    hash_text(bound.ticket, use->ticket);
    hash_text(bound.topics, use->topics);
    make_secret(use->secret);
    ticket_name(name, "stream", use->secret);
    return cache_set(cache, name, &bound, sizeof bound, left_ms > 1 ? left_ms : 1, err);
}

// Of all that try at once, one is first.
static bool use_first(struct cache *cache, struct ticket_use *use, bool *known, struct err *err)
{
    char name[NAME_SIZE], used[NAME_SIZE];
    long len;
    bool first;
    *known = false;
    ticket_name(name, "ticket", use->ticket);
    ticket_name(used, "used", use->ticket);
    if (!cache_get(cache, name, &use->claims, sizeof use->claims, &len, err)) return false;
    if (len != (long)sizeof use->claims) return true;
    if (!cache_add(cache, used, 2 * TICKET_MS, &first, err)) return false;
    *known = first;
    return !first || cache_delete(cache, name, err);
}

static bool use_again(struct cache *cache, struct ticket_use *use, struct err *err)
{
    struct bound bound;
    uint8_t ticket[HASH], topics[HASH];
    char name[NAME_SIZE];
    long len;
    if (!use->secret[0]) return refuse_ticket(err);
    ticket_name(name, "stream", use->secret);
    hash_text(ticket, use->ticket);
    hash_text(topics, use->topics);
    if (!cache_get(cache, name, &bound, sizeof bound, &len, err)) return false;
    bool same = len == (long)sizeof bound && sodium_memcmp(bound.ticket, ticket, HASH) == 0 &&
                sodium_memcmp(bound.topics, topics, HASH) == 0;
    if (!same) return refuse_ticket(err);
    use->claims = bound.claims;
    return true;
}

bool ticket_use(struct cache *cache, struct ticket_use *use, int64_t unix_ms, struct err *err)
{
    bool known;
    if (strnlen(use->ticket, TICKET_SIZE) >= TICKET_SIZE) return refuse_ticket(err);
    if (use->secret[0]) return use_again(cache, use, err);
    if (!use_first(cache, use, &known, err)) return false;
    return known ? bind_stream(cache, use, unix_ms, err) : refuse_ticket(err);
}
