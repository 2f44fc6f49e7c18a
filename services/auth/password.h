// argon2id with bounded memory: a fixed number of hashes at once, a short queue behind them, then
// SERVICE_BUSY. Thread-safe; blocks the calling thread while it hashes or queues. What is hashed is the
// password's NFC, so that it fits on every keyboard; older hashes may be of what was typed.
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum { PASSWORD_HASH_LEN = 128 }; // crypto_pwhash_STRBYTES

struct password_gate;

struct password_cost {
    size_t memory_bytes; // of one hash
    uint64_t ops;        // passes over the memory
    uint32_t at_once;    // hashes running
    uint32_t queue;      // hashes waiting
};

struct password_gate *password_gate_create(const struct password_cost *cost);
void password_gate_destroy(struct password_gate *gate);

MUST_CHECK bool password_hash(struct password_gate *gate, const char *password, char hash[PASSWORD_HASH_LEN],
                              struct err *err);
enum password_match {
    PASSWORD_WRONG = 0,
    PASSWORD_FITS,
    PASSWORD_OUTDATED, // it fits, but the hash is of another cost than today's, or not of NFC: make it anew
};

// Tries what was typed, and then its NFC. So a wrong one that is not in NFC takes two hashes, whoever's hash
// it is. False only when the gate is full.
MUST_CHECK bool password_verify(struct password_gate *gate, const char *hash, const char *password,
                                enum password_match *match, struct err *err);

// A hash that no password has, and that takes as long to verify as any other; made without hashing.
void password_unmatched(const struct password_cost *cost, char hash[PASSWORD_HASH_LEN]);

#endif
