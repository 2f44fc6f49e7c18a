// What became of a ticket that is gone, where its event does not say it any more: from the transactions that
// name its address.
#ifndef CHAIN_CLUSTER_ENDED_H
#define CHAIN_CLUSTER_ENDED_H

#include "services/chain/cluster/tickets.h"
#include "services/chain/solana/rpc_landed.h"

struct ticket_story {
    bool unclear; // the node does not know all of it, or too much names the address
    bool made;
    struct solana_signature signature; // of the transaction that made it
    struct solana_key payer;           // whom it made it for, and who paid
    uint64_t slot;
    int64_t time_s;
    int64_t paid; // into the event's vault
    bool ended;   // it is gone again
    int64_t back; // what the vault gave then: 0 to who has lost
    bool won;     // the authority paid that out of what a settlement owes
};

struct ended_search {
    struct solana_rpc *rpc; // finalized
    struct solana_key program, event, ticket, vault;
};

struct ended_search ended_search_of(struct solana_rpc *rpc, const struct solana_programs *programs,
                                    const struct watched *watched);
// The next transaction of the story, the oldest first.
void ended_note(struct ticket_story *story, const struct ended_search *search,
                const struct solana_landed *landed, const struct solana_signature *signature);
// Blocks. page: as history_find's. False: the node does not answer.
MUST_CHECK bool ended_read(const struct ended_search *search, struct solana_history_entry *page,
                           struct ticket_story *story);

#endif
