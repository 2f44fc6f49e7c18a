#include "services/gateway/graph/share.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct share {
    struct name name;
    char text[64];
    struct graphs *graphs;
    size_t bytes, takers;
};

static uint64_t hash_of(const struct graphs *graphs, const char *text)
{
    uint64_t hash;
    _Static_assert(sizeof graphs->key >= crypto_shorthash_KEYBYTES, "a key of the hash");
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)text, strlen(text), graphs->key);
    return hash;
}

static struct share *share_of(struct graphs *graphs, const struct caller *owner)
{
    const char *text = owner->known ? owner->claims.user_id : owner->household;
    uint64_t hash = hash_of(graphs, text);
    struct share *share = (struct share *)names_find(&graphs->shares, text, hash);
    if (share) return share;
    if (!(share = calloc(1, sizeof *share))) abort();
    _Static_assert(sizeof share->text >= sizeof owner->claims.user_id, "it fits");
    _Static_assert(sizeof share->text >= sizeof owner->household, "it fits");
    memcpy(share->text, text, strlen(text) + 1);
    share->graphs = graphs;
    share->name = (struct name){.hash = hash, .text = share->text};
    if (!names_add(&graphs->shares, &share->name)) abort();
    return share;
}

static void drop_unused(struct share *share)
{
    if (share->takers) return;
    names_remove(&share->graphs->shares, &share->name);
    free(share);
}

bool share_take(struct share **out, struct graphs *graphs, const struct caller *owner, size_t bytes,
                struct err *err)
{
    struct share *share = share_of(graphs, owner);
    bool fits = share->bytes + bytes <= SHARE_MOST;
    if (fits) share->bytes += bytes, share->takers++;
    *out = fits ? share : NULL;
    drop_unused(share);
    return fits || err_fail(err, TOO_MANY_STREAMS, "the documents that you follow take too much memory");
}

void share_give(struct share *share, size_t bytes)
{
    if (!share) return;
    share->bytes -= bytes;
    share->takers--;
    drop_unused(share);
}
