// Proofs of work: while log-in and the like are asked for by a crowd, who asks does some work first. The
// gateway gives a stamp, for one address, one route and two minutes; the proof is a number with which SHA-256
// begins with enough zero bits (as of hashcash). A stamp counts once. Nothing is kept of stamps that were
// given. Thread-safe like the limits.
#ifndef GATEWAY_ACCESS_PROOF_H
#define GATEWAY_ACCESS_PROOF_H

#include "services/gateway/access/limits.h"

enum { PROOF_STAMP_SIZE = 56, PROOF_LIFE_MS = 120000 };

struct proofs {
    const struct limits *limits;
    unsigned bits; // of zeros that are wanted
    uint8_t key[32];
};

// Who asks for what: the client's household and the route's pattern.
struct proof_subject {
    const char *household, *route;
};

// What is wanted.
struct proof_wish {
    char stamp[PROOF_STAMP_SIZE];
    unsigned bits;
};

// key: 32 bytes that all gateways have, or NULL: stamps are of this one alone. limits are the caller's, and
// learn how often a stamp may be used.
void proofs_init(struct proofs *proofs, struct limits *limits, unsigned bits, const uint8_t *key);
// Whether the call may go on: `given` ("<stamp>.<number>", NULL without one) proves work, or the crowd's
// limit has room. If not, PROOF_WANTED and what is wanted.
MUST_CHECK bool proofs_admit(const struct proofs *proofs, const struct proof_subject *subject,
                             const char *given, int64_t now_ms, struct proof_wish *wish, struct err *err);
#endif
