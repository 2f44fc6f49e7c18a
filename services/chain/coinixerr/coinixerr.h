// The transaction of the coiniXerr stream, in borsh: u8 type, i32 amount, bytes public key, string from,
// string to, i64 issued, then optional i64 signed, bytes signature, string hash. It is canonical: every
// transaction has one encoding, and bytes that decode encode to the same bytes. Pure; sodium_init comes
// before sign and verify.
#ifndef CHAIN_COINIXERR_H
#define CHAIN_COINIXERR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COINIXERR_PUBLIC_KEY_BYTES = 32,
    COINIXERR_SIGNATURE_BYTES = 64,
    COINIXERR_DIGEST_CHARS = 137,
    COINIXERR_BYTES_MAX = 551, // with all optional fields; a signed request is 410
    COINIXERR_TEXT_MAX = 640,
    COINIXERR_HASHED_MAX = 1024,
    COINIXERR_ID_BYTES = 32,
    COINIXERR_MESSAGE_MAX = 1024, // the most that a peer may send at once
};

enum coinixerr_type {
    COINIXERR_REGULAR = 0x00,
    COINIXERR_CRC20 = 0x02,
    COINIXERR_CRC22 = 0x03,
    COINIXERR_CRC21 = 0xFF
};

// The tail of an encoded Argon2 hash, as addresses and transaction hashes are: "1$", 68 bytes of salt, "$",
// 32 of hash, both in base64 without padding. With a final NUL.
struct coinixerr_digest {
    char text[COINIXERR_DIGEST_CHARS + 1];
};

struct coinixerr_transaction {
    uint8_t type; // enum coinixerr_type
    int32_t amount;
    uint8_t public_key[COINIXERR_PUBLIC_KEY_BYTES];
    struct coinixerr_digest from;
    struct coinixerr_digest to;
    int64_t issued_s;
    bool is_signed; // the node has signed it, at signed_s
    bool has_signature;
    bool has_hash;
    int64_t signed_s;
    uint8_t signature[COINIXERR_SIGNATURE_BYTES];
    struct coinixerr_digest hash;
};

// The number of bytes; 0 when the type or a digest is invalid.
size_t coinixerr_encode(const struct coinixerr_transaction *transaction, uint8_t bytes[COINIXERR_BYTES_MAX]);
// Absent fields are zero in the transaction.
bool coinixerr_decode(struct coinixerr_transaction *transaction, const uint8_t *bytes, size_t length);

// The signed text: type to issued as compact JSON with the stream's own names (ttype, amount,
// public_key_bytes, from_address, to_address, issued). Returns its length; the NUL is extra.
size_t coinixerr_signed_text(const struct coinixerr_transaction *transaction, char text[COINIXERR_TEXT_MAX]);

// What the hash of an accepted transaction is of: the same with `signed` and `signature`. Both are present.
size_t coinixerr_hashed_text(const struct coinixerr_transaction *transaction,
                             char text[COINIXERR_HASHED_MAX]);
// By which a repetition is known: SHA-256("conse/ledger/coinixerr-id/1", public key, signed text).
void coinixerr_id(const struct coinixerr_transaction *transaction, uint8_t id[COINIXERR_ID_BYTES]);

// Ed25519, from libsodium's 64-byte secret key; fills public key and signature.
void coinixerr_sign(struct coinixerr_transaction *transaction, const uint8_t secret_key[64]);
// Whether the signature fits the public key. Whether the key fits the address is not checked here.
bool coinixerr_verify(const struct coinixerr_transaction *transaction);

#endif
