#include "services/chain/book/messages.h"

#include <sodium.h>
#include <string.h>

#include "services/chain/coinixerr/digest.h"

static const uint64_t SEEN_MAX = UINT64_C(1) << 24;

struct seen_pair {
    uint64_t hash;
    uint8_t id[32]; // of an address and a key
};

size_t messages_pack(const struct coinixerr_transaction *transaction, uint8_t bytes[COINIXERR_BYTES_MAX])
{
    struct coinixerr_transaction plain = *transaction;
    plain.is_signed = plain.has_hash = false;
    return coinixerr_encode(&plain, bytes);
}

// From the key that signed to another one, the amount that it says. The postings balance.
static bool fits_postings(const struct book *book, const Ledger__Entry *entry,
                          const struct coinixerr_transaction *transaction)
{
    if (entry->n_postings != 2) return false;
    size_t debit = entry->postings[0]->amount < 0 ? 0 : 1;
    const Ledger__Posting *from = entry->postings[debit], *to = entry->postings[1 - debit];
    const struct ledger_holding *holdings = book->accounts.holdings;
    return from->asset == BOOK_CONSE && to->amount == transaction->amount &&
           holdings[from->account].owner_kind == LEDGER_KEY &&
           holdings[to->account].owner_kind == LEDGER_KEY &&
           memcmp(&holdings[from->account].account, transaction->public_key,
                  sizeof transaction->public_key) == 0;
}

bool messages_read(const struct book *book, const Ledger__Entry *entry,
                   struct coinixerr_transaction *transaction)
{
    if (entry->body_case != LEDGER__ENTRY__BODY_COINIXERR_TRANSFERRED) return false;
    const ProtobufCBinaryData *message = &entry->coinixerr_transferred->message;
    return coinixerr_decode(transaction, message->data, message->len) && transaction->has_signature &&
           !transaction->is_signed && !transaction->has_hash && transaction->type == COINIXERR_REGULAR &&
           fits_postings(book, entry, transaction);
}

// ---- Verifying

void messages_seen_init(struct ledger_map *seen)
{
    uint8_t seed[16];
    randombytes_buf(seed, sizeof seed);
    ledger_map_init(seen, sizeof(struct seen_pair), 32, SEEN_MAX, seed);
}

static bool fits_key(const struct coinixerr_digest *address, const struct ledger_account *key,
                     struct ledger_map *seen)
{
    uint8_t pair[COINIXERR_DIGEST_CHARS + sizeof *key], id[32];
    memcpy(pair, address->text, COINIXERR_DIGEST_CHARS);
    memcpy(pair + COINIXERR_DIGEST_CHARS, key, sizeof *key);
    crypto_hash_sha256(id, pair, sizeof pair);
    if (seen && seen->count && ledger_map_find(seen, id)) return true;
    if (!coinixerr_digest_fits(address, key->bytes, sizeof key->bytes)) return false;
    if (seen && ledger_map_reserve(seen, 1)) ledger_map_put(seen, id);
    return true;
}

bool messages_verify(const struct book *book, const Ledger__Entry *entry, struct ledger_map *seen)
{
    struct coinixerr_transaction transaction;
    if (!messages_read(book, entry, &transaction) || !coinixerr_verify(&transaction)) return false;
    for (size_t i = 0; i < 2; i++) {
        const struct ledger_account *key = &book->accounts.holdings[entry->postings[i]->account].account;
        bool gives = entry->postings[i]->amount < 0;
        if (!fits_key(gives ? &transaction.from : &transaction.to, key, seen)) return false;
    }
    return true;
}
