#include "services/gateway/feed/tickets.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { HASH = 16, NAME_SIZE = 48 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

// Of the parts of claims: the form is the same in every process that runs this program.
struct kept {
    uint32_t version;
    struct token_claims claims;
};

enum { KEPT_VERSION = 1 };

// What a stream that was opened by a ticket may be opened for again.
struct bound {
    struct kept kept;
    uint8_t ticket[HASH], topics[HASH];
};

_Static_assert(sizeof(struct bound) <= SHELF_VALUE, "it fits");

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

// Without its padding, which may be anything.
static struct kept kept_of(const struct token_claims *claims)
{
    struct kept kept;
    memset(&kept, 0, sizeof kept);
    kept.version = KEPT_VERSION;
    kept.claims = *claims;
    return kept;
}

static bool is_kept(const struct kept *kept) { return kept->version == KEPT_VERSION; }

bool ticket_create(const struct ticket_store *store, const struct token_claims *claims,
                   char ticket[TICKET_SIZE], struct err *err)
{
    const struct kept kept = kept_of(claims);
    char name[NAME_SIZE];
    make_secret(ticket);
    ticket_name(name, "ticket", ticket);
    return store->put(store->arg, name, &kept, sizeof kept, TICKET_MS, err);
}

static bool refuse_ticket(struct err *err)
{
    return err_fail(err, TICKET_INVALID, "the ticket was used before, or is too old, or none");
}

static bool bind_stream(const struct ticket_store *store, struct ticket_use *use, int64_t unix_ms,
                        struct err *err)
{
    struct bound bound;
    char name[NAME_SIZE];
    int64_t left_ms = use->claims.expires_s * 1000 - unix_ms;
    memset(&bound, 0, sizeof bound);
    bound.kept = kept_of(&use->claims);
    hash_text(bound.ticket, use->ticket);
    hash_text(bound.topics, use->topics);
    make_secret(use->secret);
    ticket_name(name, "stream", use->secret);
    return store->put(store->arg, name, &bound, sizeof bound, left_ms > 1 ? left_ms : 1, err);
}

static bool use_first(const struct ticket_store *store, struct ticket_use *use, int64_t unix_ms,
                      struct err *err)
{
    struct kept kept;
    char name[NAME_SIZE];
    long len;
    ticket_name(name, "ticket", use->ticket);
    if (!store->take(store->arg, name, &kept, sizeof kept, &len, err)) return false;
    if (len != (long)sizeof kept || !is_kept(&kept)) return refuse_ticket(err);
    use->claims = kept.claims;
    return bind_stream(store, use, unix_ms, err);
}

static bool use_again(const struct ticket_store *store, struct ticket_use *use, struct err *err)
{
    struct bound bound;
    uint8_t ticket[HASH], topics[HASH];
    char name[NAME_SIZE];
    long len;
    ticket_name(name, "stream", use->secret);
    hash_text(ticket, use->ticket);
    hash_text(topics, use->topics);
    if (!store->get(store->arg, name, &bound, sizeof bound, &len, err)) return false;
    bool same = len == (long)sizeof bound && is_kept(&bound.kept) &&
                sodium_memcmp(bound.ticket, ticket, HASH) == 0 &&
                sodium_memcmp(bound.topics, topics, HASH) == 0;
    if (!same) return refuse_ticket(err);
    use->claims = bound.kept.claims;
    return true;
}

bool ticket_use(const struct ticket_store *store, struct ticket_use *use, int64_t unix_ms, struct err *err)
{
    if (strnlen(use->ticket, TICKET_SIZE) >= TICKET_SIZE) return refuse_ticket(err);
    return use->secret[0] ? use_again(store, use, err) : use_first(store, use, unix_ms, err);
}

// ---- Stores

static bool put_here(void *arg, const char *name, const void *value, size_t len, int64_t ttl_ms,
                     struct err *err)
{
    return cache_set(arg, name, value, len, ttl_ms, err);
}

static bool get_here(void *arg, const char *name, void *value, size_t size, long *len, struct err *err)
{
    return cache_get(arg, name, value, size, len, err);
}

// Of all that find it one is the first to say so.
static bool take_here(void *arg, const char *name, void *value, size_t size, long *len, struct err *err)
{
    char taken[NAME_SIZE + 8];
    bool first;
    if (!cache_get(arg, name, value, size, len, err)) return false;
    if (*len < 0) return true;
    snprintf(taken, sizeof taken, "taken:%s", name);
    if (!cache_add(arg, taken, 2 * TICKET_MS, &first, err)) return false;
    if (!first) *len = -1;
    return !first || cache_delete(arg, name, err);
}

struct ticket_store ticket_store_here(struct cache *cache)
{
    return (struct ticket_store){cache, put_here, take_here, get_here};
}

static bool put_shared(void *arg, const char *name, const void *value, size_t len, int64_t ttl_ms,
                       struct err *err)
{
    return shelf_put(arg, name, value, len, ttl_ms, err);
}

static bool take_shared(void *arg, const char *name, void *value, size_t size, long *len, struct err *err)
{
    return shelf_take(arg, name, value, size, len, err);
}

static bool get_shared(void *arg, const char *name, void *value, size_t size, long *len, struct err *err)
{
    return shelf_get(arg, name, value, size, len, err);
}

struct ticket_store ticket_store_shared(struct shelf *shelf)
{
    return (struct ticket_store){shelf, put_shared, take_shared, get_shared};
}
