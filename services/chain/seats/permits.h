// Permits of seats that are paid on the cluster: given to a wallet, and what the wallet gives back. Called
// between book_begin and book_commit.
#ifndef CHAIN_SEATS_PERMITS_H
#define CHAIN_SEATS_PERMITS_H

#include "services/chain/permit/permit.h"
#include "services/chain/seats/seats.h"

// The one that lives, or a new one for this account, signed by the event's authority. What is answered rests
// on what was added. Refused: the payment's reason; CLUSTER_AWAY, with Retry-After.
MUST_CHECK bool seats_ask_permit(struct book_call *b, struct till_payment *payment,
                                 const struct solana_key *account, struct permit_bytes *out, struct err *err);
// Has the signed bytes sent until they have landed, or can't any more; of bytes that are on their way nothing
// follows. Refused: as above; MALFORMED.
MUST_CHECK bool seats_give_bytes(struct book_call *b, struct till_payment *payment, const uint8_t *bytes,
                                 size_t len, struct err *err);
// Has credit of the account pay, which lies aside until the ticket is final or can't come any more. Asked
// again meanwhile, nothing follows. Refused: as above; FUNDS_SHORT.
MUST_CHECK bool seats_pay_by_credit(struct book_call *b, struct till_payment *payment, struct err *err);

#endif
