#include "services/chain/ledger/record.h"

#include <sodium.h>
#include <string.h>

#include "services/chain/fields.h"

static void hash_text(crypto_hash_sha256_state *state, const char *domain)
{
    crypto_hash_sha256_init(state);
    crypto_hash_sha256_update(state, (const uint8_t *)domain, strlen(domain));
}

static struct merkle_hash hash_end(crypto_hash_sha256_state *state)
{
    struct merkle_hash hash;
    crypto_hash_sha256_final(state, hash.bytes);
    return hash;
}

struct merkle_hash ledger_blind(const uint8_t key[LEDGER_KEY_BYTES], uint16_t place)
{
    const uint8_t bytes[2] = {(uint8_t)place, (uint8_t)(place >> 8)};
    crypto_hash_sha256_state state;
    hash_text(&state, "conse/ledger/blind/1");
    crypto_hash_sha256_update(&state, key, LEDGER_KEY_BYTES);
    crypto_hash_sha256_update(&state, bytes, sizeof bytes);
    return hash_end(&state);
}

struct merkle_hash ledger_line(const struct merkle_hash *blind, const struct ledger_account *account,
                               uint32_t asset, int64_t amount)
{
    uint8_t bytes[4 + 8];
    struct fields_writer writer = {bytes};
    crypto_hash_sha256_state state;
    fields_put_uint(&writer, asset, 4);
    fields_put_uint(&writer, (uint64_t)amount, 8);
    hash_text(&state, "conse/ledger/line/1");
    crypto_hash_sha256_update(&state, blind->bytes, sizeof blind->bytes);
    crypto_hash_sha256_update(&state, account->bytes, sizeof account->bytes);
    crypto_hash_sha256_update(&state, bytes, sizeof bytes);
    return hash_end(&state);
}

struct merkle_hash ledger_detail(const struct merkle_hash *blind, const void *body, size_t length)
{
    crypto_hash_sha256_state state;
    hash_text(&state, "conse/ledger/detail/1");
    crypto_hash_sha256_update(&state, blind->bytes, sizeof blind->bytes);
    crypto_hash_sha256_update(&state, body, length);
    return hash_end(&state);
}

size_t ledger_record_encode(const struct ledger_record *record, uint8_t bytes[LEDGER_RECORD_BYTES_MAX])
{
    struct fields_writer writer = {bytes};
    fields_put_uint(&writer, LEDGER_RECORD_VERSION, 1);
    fields_put_uint(&writer, record->kind, 1);
    fields_put_uint(&writer, record->number, 8);
    fields_put_uint(&writer, record->time_ms, 8);
    fields_put(&writer, &record->detail, sizeof record->detail);
    fields_put_uint(&writer, record->count, 2);
    fields_put(&writer, record->lines, record->count * sizeof *record->lines);
    return (size_t)(writer.at - bytes);
}
