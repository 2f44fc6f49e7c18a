// The instructions of a transaction that pays for a seat: the limit and the price of compute units,
// `reserve`, and a memo with the payment's id. Private to the room.
#ifndef CHAIN_PERMIT_FORM_H
#define CHAIN_PERMIT_FORM_H

#include "services/chain/permit/permit.h"

enum { FORM_UNIT_LIMIT, FORM_UNIT_PRICE, FORM_RESERVE, FORM_MEMO, FORM_INSTRUCTIONS };

// Nobody has signed it; the account pays. INVALID_FIELD, LIMIT_REACHED: terms that nothing is made of.
MUST_CHECK bool form_compose(const struct permit_terms *terms, struct permit_bytes *out, struct err *err);
// Exactly these instructions, so that nothing else is done, and no nonce lets the message outlive its
// blockhash; with the accounts and the end of `reserve` whatever they are.
bool form_fits(const struct solana_transaction *tx, const struct solana_programs *programs);
// Whether `reserve` names the accounts that it has for these terms.
bool form_reserves(const struct solana_transaction *tx, const struct permit_terms *terms);

#endif
