// Carries out what the holder of a key signed, for whoever brings it. The signature has been checked.
#ifndef CHAIN_BOOK_PAY_H
#define CHAIN_BOOK_PAY_H

#include "services/chain/book/call.h"

struct book_payment {
    struct ledger_account from, to;
    uint64_t amount; // of CONSE; 1 to 2^53 - 1
    uint64_t issued_ms;
    struct merkle_hash id; // by which a repetition is known
    uint32_t format;       // from which on programs know the entry
    Ledger__Entry__BodyCase which;
    ProtobufCMessage *body;
};

// Adds the entry; the receiver's account is opened when there is none. *earlier: the entry that carried it
// out before, and nothing was added; 0: none did.
MUST_CHECK bool book_pay(struct book_call *b, const struct book_payment *payment, const Ledger__Entry **entry,
                         uint64_t *earlier, struct err *err);

// Whether an amount may go to the account; nobody opens accounts for nothing.
MUST_CHECK bool book_may_receive(const struct book_call *b, const struct ledger_account *to, uint64_t amount,
                                 struct err *err);
// The number of such an account, which is opened when it is a key's and there is none.
uint32_t book_receiver(struct book_call *b, const struct ledger_account *to);

#endif
