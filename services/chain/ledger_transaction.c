#include "services/chain/ledger_transaction.h"
#include "services/chain/fields.h"

#include <sodium.h>
#include <string.h>

enum { VERSION = 1, SIGNER_AT = 1 + LEDGER_KEY_BYTES + 8 };

static const char DOMAIN[] = "conse/ledger/transaction/1";

static int ledger_transaction_compare(const struct ledger_posting *a, const struct ledger_posting *b)
{
    int by_account = memcmp(&a->account, &b->account, sizeof(a->account));

    return by_account ? by_account : (a->asset > b->asset) - (a->asset < b->asset);
}

static bool well_formed(const struct ledger_transaction *transaction)
{
    const struct ledger_posting *postings = transaction->postings;

    if (transaction->posting_count < 2 || transaction->posting_count > LEDGER_POSTINGS_MAX ||
        transaction->memo_bytes > LEDGER_MEMO_MAX)
        return false;
    for (size_t i = 0; i < transaction->posting_count; i++) {
        if (postings[i].amount == 0 || postings[i].amount == INT64_MIN) return false;
        if (i && ledger_transaction_compare(&postings[i - 1], &postings[i]) >= 0) return false;
    }
    return true;
}

size_t ledger_transaction_encode(const struct ledger_transaction *transaction,
                                 uint8_t bytes[LEDGER_TRANSACTION_BYTES_MAX])
{
    struct fields_writer writer = {bytes};

    if (!well_formed(transaction)) return 0;
    fields_put_uint(&writer, VERSION, 1);
    fields_put(&writer, transaction->key, sizeof(transaction->key));
    fields_put_uint(&writer, transaction->issued_ms, 8);
    fields_put(&writer, &transaction->signer, sizeof(transaction->signer));
    fields_put_uint(&writer, transaction->memo_bytes, 1);
    fields_put(&writer, transaction->memo, transaction->memo_bytes);
    fields_put_uint(&writer, transaction->posting_count, 1);
    for (size_t i = 0; i < transaction->posting_count; i++) {
        fields_put(&writer, &transaction->postings[i].account, LEDGER_ACCOUNT_BYTES);
        fields_put_uint(&writer, transaction->postings[i].asset, 4);
        fields_put_uint(&writer, (uint64_t)transaction->postings[i].amount, 8);
    }
    fields_put(&writer, transaction->signature, sizeof(transaction->signature));
    return (size_t)(writer.at - bytes);
}

static void get_posting(struct fields_reader *reader, struct ledger_posting *posting)
{
    fields_get(reader, &posting->account, LEDGER_ACCOUNT_BYTES);
    posting->asset = (uint32_t)fields_get_uint(reader, 4);
    posting->amount = (int64_t)fields_get_uint(reader, 8);
}

bool ledger_transaction_decode(struct ledger_transaction *transaction, const uint8_t *bytes, size_t length)
{
    struct fields_reader reader = {bytes, length, false};

    memset(transaction, 0, sizeof(*transaction));
    if (fields_get_uint(&reader, 1) != VERSION) return false;
    fields_get(&reader, transaction->key, sizeof(transaction->key));
    transaction->issued_ms = fields_get_uint(&reader, 8);
    fields_get(&reader, &transaction->signer, sizeof(transaction->signer));
    transaction->memo_bytes = (uint8_t)fields_get_uint(&reader, 1);
    if (transaction->memo_bytes > LEDGER_MEMO_MAX) return false;
    fields_get(&reader, transaction->memo, transaction->memo_bytes);
    transaction->posting_count = (uint8_t)fields_get_uint(&reader, 1);
    if (transaction->posting_count > LEDGER_POSTINGS_MAX) return false;
    for (size_t i = 0; i < transaction->posting_count; i++) get_posting(&reader, &transaction->postings[i]);
    fields_get(&reader, transaction->signature, sizeof(transaction->signature));
    return fields_is_whole(&reader) && well_formed(transaction);
}

void ledger_transaction_sort(struct ledger_transaction *transaction)
{
    struct ledger_posting *postings = transaction->postings;

    for (size_t i = 1; i < transaction->posting_count; i++)
        for (size_t j = i; j && ledger_transaction_compare(&postings[j - 1], &postings[j]) > 0; j--) {
            struct ledger_posting swapped = postings[j];

            postings[j] = postings[j - 1];
            postings[j - 1] = swapped;
        }
}

// Sixteen amounts of 63 bits fit 128.
static bool asset_balances(const struct ledger_transaction *transaction, uint32_t asset)
{
    __int128 sum = 0;

    for (size_t i = 0; i < transaction->posting_count; i++)
        if (transaction->postings[i].asset == asset) sum += transaction->postings[i].amount;
    return sum == 0;
}

bool ledger_transaction_balances(const struct ledger_transaction *transaction)
{
    for (size_t i = 0; i < transaction->posting_count; i++)
        if (!asset_balances(transaction, transaction->postings[i].asset)) return false;
    return true;
}

static size_t signed_message(const uint8_t *body, size_t length, const struct merkle_hash *chain,
                             uint8_t *message)
{
    struct fields_writer writer = {message};

    fields_put(&writer, DOMAIN, sizeof(DOMAIN) - 1);
    fields_put(&writer, chain, sizeof(*chain));
    fields_put(&writer, body, length);
    return (size_t)(writer.at - message);
}

bool ledger_transaction_sign(struct ledger_transaction *transaction, const struct merkle_hash *chain,
                             const uint8_t secret_key[64])
{
    uint8_t bytes[LEDGER_TRANSACTION_BYTES_MAX];
    uint8_t message[sizeof(DOMAIN) + sizeof(*chain) + sizeof(bytes)];
    size_t length;

    crypto_sign_ed25519_sk_to_pk(transaction->signer.bytes, secret_key);
    length = ledger_transaction_encode(transaction, bytes);
    if (!length) return false;
    length = signed_message(bytes, length - LEDGER_SIGNATURE_BYTES, chain, message);
    return crypto_sign_detached(transaction->signature, NULL, message, length, secret_key) == 0;
}

bool ledger_transaction_verify(const uint8_t *bytes, size_t length, const struct merkle_hash *chain)
{
    uint8_t message[sizeof(DOMAIN) + sizeof(*chain) + LEDGER_TRANSACTION_BYTES_MAX];
    size_t body = length - LEDGER_SIGNATURE_BYTES;

    if (length > LEDGER_TRANSACTION_BYTES_MAX ||
        length < SIGNER_AT + LEDGER_ACCOUNT_BYTES + LEDGER_SIGNATURE_BYTES)
        return false;
    length = signed_message(bytes, body, chain, message);
    return crypto_sign_verify_detached(bytes + body, message, length, bytes + SIGNER_AT) == 0;
}
