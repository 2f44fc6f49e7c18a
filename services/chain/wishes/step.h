// What is done next for a wish, as the cluster is. Pure.
#ifndef CHAIN_WISHES_STEP_H
#define CHAIN_WISHES_STEP_H

#include "services/chain/wishes/wishes.h"
#include "services/chain/solana/programs.h"

enum {
    STEP_STUCK_MS = 7 * 24 * 60 * 60 * 1000,
    STEP_WITHDRAWAL_TRIES = 3, // so often it is made anew
    STEP_FUNDS_LEFT = 10000000 // what a withdrawal leaves the authority, for fees and rents
};

// A finalized state.
struct sight {
    uint64_t slot, height; // of a finalized block that the state has
    struct solana_event event;
    struct solana_ticket ticket; // that the wish is about
    int64_t back;                // with has_ended: what the ticket gave back then
    uint64_t funds;              // of a withdrawal: what the authority has
    bool has_event, has_ticket, has_list;
    bool has_ended;   // it is known how the ticket that is gone has ended, where that was looked for
    bool was_settled; // an event that is gone: its pot was divided, by its history
    bool has_mark;    // of a withdrawal: it has landed
};

enum step {
    STEP_WAIT,
    STEP_LANDED,  // it is so
    STEP_DEAD,    // its bytes can't land any more
    STEP_DROP,    // and nobody wants it any more
    STEP_COMPOSE, // it needs bytes
    STEP_SEND,    // it has bytes
    STEP_STICK,   // it waits for a week
    STEP_CREDIT,  // nobody can take the money out of the ticket any more: its owner gets credit
    STEP_FAIL     // it does not land: the account has its credit again
};

// Whether the ticket that is gone gave what the wish is for. Of a pot that a restored ledger has not all
// seats of, a part may be more; never less.
bool step_was_given(const struct wish *wish, const struct sight *sight);
// The ticket is gone, and its event does not say with what.
bool step_asks_history(const struct wish *wish, const struct sight *sight);
enum step step_of(const struct wish *wish, const struct sight *sight, int64_t now_ms);

#endif
