// Records of burns for a whitelist, as the cluster has them: which mints of it may have one, what is read of
// them, and that they are on the list then.
#ifndef CHAIN_CLUSTER_RECORDS_H
#define CHAIN_CLUSTER_RECORDS_H

#include "services/chain/book/call.h"
#include "services/chain/cluster/reading.h"
#include "services/chain/solana/rpc_landed.h"

enum { RECORDS_AT_ONCE = READING_KEYS_MAX };

struct records_list {
    uint32_t number;
    struct solana_key address;
    uint32_t burned, wanted;  // as the ledger has it
    struct solana_key *mints; // that it takes and does not have
    size_t mints_count;
};

// Lists that are on the cluster, without their mints; in the arena. NULL: there is no memory.
struct records_list *records_lists(const struct book *book, struct arena *arena, size_t *count);
// The mints too.
bool records_fill(struct records_list *list, const struct book *book, struct arena *arena);

struct record {
    struct solana_burned burned;
    struct solana_signature signature; // of the transaction that burned
};
struct records {
    struct record all[RECORDS_AT_ONCE];
    size_t count;
    bool whole; // false: of some the node does not know the transaction
    struct reading reading;
    struct solana_history_entry page[SOLANA_HISTORY_MAX]; // for reading: what names one of them
};
struct records_search {
    struct solana_rpc *rpc; // finalized
    const struct solana_programs *programs;
    const struct records_list *list;
    uint64_t min_slot;
};
// Those of RECORDS_AT_ONCE mints, from this one on. Blocks. False: the node does not answer.
MUST_CHECK bool records_read(const struct records_search *search, size_t from, struct records *records);

// Has the wallet on the list for it, unless the mint is there already, or not taken, or there is no room.
// Between book_begin_own and book_commit.
void records_enter(struct book_call *b, const struct records_list *list, const struct record *record);

#endif
