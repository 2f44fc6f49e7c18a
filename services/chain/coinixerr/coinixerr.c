#include "services/chain/coinixerr/coinixerr.h"
#include "services/chain/fields.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { SALT_AT = 2, SALT_CHARS = 91, HASH_AT = SALT_AT + SALT_CHARS + 1, HASH_CHARS = 43 };

static bool is_type(uint8_t type)
{
    return type == COINIXERR_REGULAR || type == COINIXERR_CRC20 || type == COINIXERR_CRC22 ||
           type == COINIXERR_CRC21;
}

// Two bits of the last character are unused, so they are zero.
static bool is_base64(const char *text, size_t length)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *last = memchr(alphabet, text[length - 1], sizeof(alphabet) - 1);

    for (size_t i = 0; i < length; i++)
        if (!memchr(alphabet, text[i], sizeof(alphabet) - 1)) return false;
    return last && (last - alphabet) % 4 == 0;
}

static bool is_digest(const struct coinixerr_digest *digest)
{
    const char *text = digest->text;

    return text[0] == '1' && text[1] == '$' && is_base64(text + SALT_AT, SALT_CHARS) &&
           text[HASH_AT - 1] == '$' && is_base64(text + HASH_AT, HASH_CHARS) && !text[COINIXERR_DIGEST_CHARS];
}

static bool is_well_formed(const struct coinixerr_transaction *transaction)
{
    return is_type(transaction->type) && is_digest(&transaction->from) && is_digest(&transaction->to) &&
           (!transaction->has_hash || is_digest(&transaction->hash));
}

static void put_counted(struct fields_writer *writer, const void *bytes, uint32_t length)
{
    fields_put_uint(writer, length, 4);
    fields_put(writer, bytes, length);
}

static void put_option(struct fields_writer *writer, bool present, const void *bytes, uint32_t length)
{
    fields_put_uint(writer, present, 1);
    if (present) put_counted(writer, bytes, length);
}

size_t coinixerr_encode(const struct coinixerr_transaction *transaction, uint8_t bytes[COINIXERR_BYTES_MAX])
{
    struct fields_writer writer = {bytes};

    if (!is_well_formed(transaction)) return 0;
    fields_put_uint(&writer, transaction->type, 1);
    fields_put_uint(&writer, (uint32_t)transaction->amount, 4);
    put_counted(&writer, transaction->public_key, COINIXERR_PUBLIC_KEY_BYTES);
    put_counted(&writer, transaction->from.text, COINIXERR_DIGEST_CHARS);
    put_counted(&writer, transaction->to.text, COINIXERR_DIGEST_CHARS);
    fields_put_uint(&writer, (uint64_t)transaction->issued_s, 8);
    fields_put_uint(&writer, transaction->is_signed, 1);
    if (transaction->is_signed) fields_put_uint(&writer, (uint64_t)transaction->signed_s, 8);
    put_option(&writer, transaction->has_signature, transaction->signature, COINIXERR_SIGNATURE_BYTES);
    put_option(&writer, transaction->has_hash, transaction->hash.text, COINIXERR_DIGEST_CHARS);
    return (size_t)(writer.at - bytes);
}

// Every sequence of this protocol has one length; another one fails the reader.
static void get_counted(struct fields_reader *reader, void *bytes, uint32_t length)
{
    if (fields_get_uint(reader, 4) != length) reader->failed = true;
    fields_get(reader, bytes, length);
}

static bool get_flag(struct fields_reader *reader)
{
    uint64_t flag = fields_get_uint(reader, 1);

    if (flag > 1) reader->failed = true;
    return flag == 1;
}

bool coinixerr_decode(struct coinixerr_transaction *transaction, const uint8_t *bytes, size_t length)
{
    struct fields_reader reader = {bytes, length, false};

    memset(transaction, 0, sizeof(*transaction));
    transaction->type = (uint8_t)fields_get_uint(&reader, 1);
    transaction->amount = (int32_t)fields_get_uint(&reader, 4);
    get_counted(&reader, transaction->public_key, COINIXERR_PUBLIC_KEY_BYTES);
    get_counted(&reader, transaction->from.text, COINIXERR_DIGEST_CHARS);
    get_counted(&reader, transaction->to.text, COINIXERR_DIGEST_CHARS);
    transaction->issued_s = (int64_t)fields_get_uint(&reader, 8);
    transaction->is_signed = get_flag(&reader);
    if (transaction->is_signed) transaction->signed_s = (int64_t)fields_get_uint(&reader, 8);
    transaction->has_signature = get_flag(&reader);
    if (transaction->has_signature) get_counted(&reader, transaction->signature, COINIXERR_SIGNATURE_BYTES);
    transaction->has_hash = get_flag(&reader);
    if (transaction->has_hash) get_counted(&reader, transaction->hash.text, COINIXERR_DIGEST_CHARS);
    return fields_is_whole(&reader) && is_well_formed(transaction);
}

static int print_bytes(const uint8_t *bytes, size_t count, char *text)
{
    int length = 0;

    for (size_t i = 0; i < count; i++) length += sprintf(text + length, "%s%u", i ? "," : "", bytes[i]);
    return length;
}

// No part needs escaping: numbers, and digests of a closed alphabet.
size_t coinixerr_signed_text(const struct coinixerr_transaction *transaction, char text[COINIXERR_TEXT_MAX])
{
    int length =
        snprintf(text, COINIXERR_TEXT_MAX, "{\"ttype\":%u,\"amount\":%" PRId32 ",\"public_key_bytes\":[",
                 transaction->type, transaction->amount);

    length += print_bytes(transaction->public_key, COINIXERR_PUBLIC_KEY_BYTES, text + length);
    length += snprintf(text + length, COINIXERR_TEXT_MAX - (size_t)length,
                       "],\"from_address\":\"%s\",\"to_address\":\"%s\",\"issued\":%" PRId64 "}",
                       transaction->from.text, transaction->to.text, transaction->issued_s);
    return (size_t)length;
}

size_t coinixerr_hashed_text(const struct coinixerr_transaction *transaction, char text[COINIXERR_HASHED_MAX])
{
    size_t length = coinixerr_signed_text(transaction, text) - 1; // without its last brace

    length += (size_t)snprintf(text + length, COINIXERR_HASHED_MAX - length,
                               ",\"signed\":%" PRId64 ",\"signature\":[", transaction->signed_s);
    length += (size_t)print_bytes(transaction->signature, COINIXERR_SIGNATURE_BYTES, text + length);
    return length + (size_t)snprintf(text + length, COINIXERR_HASHED_MAX - length, "]}");
}

void coinixerr_id(const struct coinixerr_transaction *transaction, uint8_t id[COINIXERR_ID_BYTES])
{
    static const char domain[] = "conse/ledger/coinixerr-id/1";
    crypto_hash_sha256_state state;
    char text[COINIXERR_TEXT_MAX];
    size_t length = coinixerr_signed_text(transaction, text);

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)domain, sizeof domain - 1);
    crypto_hash_sha256_update(&state, transaction->public_key, sizeof transaction->public_key);
    crypto_hash_sha256_update(&state, (const uint8_t *)text, length);
    crypto_hash_sha256_final(&state, id);
}

void coinixerr_sign(struct coinixerr_transaction *transaction, const uint8_t secret_key[64])
{
    char text[COINIXERR_TEXT_MAX];
    size_t length;

    crypto_sign_ed25519_sk_to_pk(transaction->public_key, secret_key);
    length = coinixerr_signed_text(transaction, text);
    crypto_sign_detached(transaction->signature, NULL, (const uint8_t *)text, length, secret_key);
    transaction->has_signature = true;
}

bool coinixerr_verify(const struct coinixerr_transaction *transaction)
{
    char text[COINIXERR_TEXT_MAX];
    size_t length = coinixerr_signed_text(transaction, text);

    return transaction->has_signature &&
           crypto_sign_verify_detached(transaction->signature, (const uint8_t *)text, length,
                                       transaction->public_key) == 0;
}
