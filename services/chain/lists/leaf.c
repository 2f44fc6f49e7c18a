#include "services/chain/lists/leaf.h"

#include <sodium.h>
#include <string.h>

#include "services/chain/fields.h"

static const char OWNER_DOMAIN[] = "conse/whitelist/owner/1";
static const char STATEMENT_DOMAIN[] = "conse/whitelist/1";

enum {
    HEAD_BYTES = sizeof OWNER_DOMAIN - 1 + LIST_KEY_BYTES + 8 + 4,
    MARK_BYTES = LIST_KEY_BYTES + 1 + 4 + 8 + LIST_SIGNATURE_BYTES
};
_Static_assert(sizeof STATEMENT_DOMAIN - 1 == 17, "LIST_STATEMENT_MAX has it");

static void write_head(const uint8_t wallet[LIST_KEY_BYTES], uint64_t score, uint32_t count,
                       uint8_t bytes[HEAD_BYTES])
{
    struct fields_writer writer = {bytes};
    fields_put(&writer, OWNER_DOMAIN, sizeof OWNER_DOMAIN - 1);
    fields_put(&writer, wallet, LIST_KEY_BYTES);
    fields_put_uint(&writer, score, 8);
    fields_put_uint(&writer, count, 4);
}

static void write_mark(const struct list_mark *mark, uint8_t bytes[MARK_BYTES])
{
    struct fields_writer writer = {bytes};
    fields_put(&writer, mark->mint, sizeof mark->mint);
    fields_put_uint(&writer, mark->way, 1);
    fields_put_uint(&writer, mark->points, 4);
    fields_put_uint(&writer, (uint64_t)mark->time_ms, 8);
    fields_put(&writer, mark->signature, sizeof mark->signature);
}

// As merkle_leaf makes it, of bytes that are never in one piece.
struct merkle_hash list_leaf(const uint8_t wallet[LIST_KEY_BYTES], uint64_t score,
                             const struct list_mark *marks, uint32_t count)
{
    static const uint8_t prefix = 0;
    crypto_hash_sha256_state state;
    uint8_t head[HEAD_BYTES], bytes[MARK_BYTES];
    struct merkle_hash hash;
    write_head(wallet, score, count, head);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &prefix, sizeof prefix);
    crypto_hash_sha256_update(&state, head, sizeof head);
    for (uint32_t i = 0; i < count; i++) {
        write_mark(&marks[i], bytes);
        crypto_hash_sha256_update(&state, bytes, sizeof bytes);
    }
    crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}

size_t list_statement_write(const struct list_statement *statement, uint8_t bytes[LIST_STATEMENT_MAX])
{
    struct fields_writer writer = {bytes};
    size_t len = strlen(statement->name);
    fields_put(&writer, STATEMENT_DOMAIN, sizeof STATEMENT_DOMAIN - 1);
    fields_put(&writer, &statement->chain, sizeof statement->chain);
    fields_put_uint(&writer, len, 1);
    fields_put(&writer, statement->name, len);
    fields_put_uint(&writer, statement->version, 8);
    fields_put_uint(&writer, (uint64_t)statement->time_ms, 8);
    fields_put_uint(&writer, statement->owners, 4);
    fields_put_uint(&writer, statement->marks, 4);
    fields_put(&writer, &statement->root, sizeof statement->root);
    return (size_t)(writer.at - bytes);
}
