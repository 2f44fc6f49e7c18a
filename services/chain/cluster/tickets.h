// Tickets that are watched: those of permits that live, of seats whose payment may still be taken back, and
// of those who may take their money out by themselves. What was read of them happens to their payments. No
// node is asked here.
#ifndef CHAIN_CLUSTER_TICKETS_H
#define CHAIN_CLUSTER_TICKETS_H

#include "services/chain/book/call.h"
#include "services/chain/payments/outcome.h"
#include "services/chain/solana/programs.h"

struct watched {
    uint8_t payment[TILL_ID_BYTES], event[TILL_ID_BYTES];
    struct payment_key authority, reference;
};

void tickets_fill(struct watched *watched, const struct till_payment *of);
// Those of the ledger, into the arena; NULL without memory. clock_s: the cluster's.
struct watched *tickets_gather(const struct book *book, int64_t clock_s, struct arena *arena, size_t *count);

struct solana_key tickets_event(const struct solana_programs *programs, const struct payment_key *authority,
                                const uint8_t id[TILL_ID_BYTES]);
struct solana_key tickets_address(const struct solana_programs *programs, const struct watched *watched);

// One, as a state of the cluster has it.
struct sighting {
    const struct watched *watched;
    const struct solana_account *account; // absent, or a ticket, or what a stranger sent there
    bool finalized;
    bool settled;    // the event, in that state: a ticket that is gone took no money out
    uint64_t height; // of a finalized block that the state has; of others 0
};
// One for a hold whose account neither paid for it nor has its price: it is nobody's, as if no payment knew
// it. Not while credit is on its way back to the account, which may be what paid for it.
bool tickets_is_stray(const struct book_call *b, const struct solana_programs *programs,
                      const struct till_payment *payment, const struct sighting *sighting);
// What happens to one that is there or is not. receipt: of money that came, or NULL.
void tickets_happen(struct book_call *b, struct till_payment *payment, enum happens what,
                    const struct receipt *receipt);
bool tickets_is_unsettled(const struct payment *payment);
// Between book_begin and book_commit. What contradicts what was finalized before is not believed.
void tickets_take(struct book_call *b, const struct solana_programs *programs,
                  const struct sighting *sighting);

#endif
