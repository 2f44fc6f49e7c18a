// The transaction that pays for a held seat with an account's credit: the authority's own wallet pays, and
// has the ticket. Nobody outside gets its bytes, and no account that somebody named has a part in it. Pure;
// sodium_init must have been called.
#ifndef CHAIN_PERMIT_CREDIT_H
#define CHAIN_PERMIT_CREDIT_H

#include "services/chain/permit/permit.h"

// Composed and signed. The account of the terms is not read. INVALID_FIELD, LIMIT_REACHED: terms that no
// transaction has; INTERNAL_ERROR: another key than the authority's, or a message that does something else.
MUST_CHECK bool credit_compose(const struct permit_terms *terms, const struct solana_signer *authority,
                               struct permit_bytes *out, struct err *err);

#endif
