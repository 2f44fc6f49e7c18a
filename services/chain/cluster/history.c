#include "services/chain/cluster/history.h"

enum {
    PAGES_MOST = 16, // of what names an address
    TRIED_MOST = 32  // of the oldest of that
};

static bool is_made_by(const struct history_search *search, const struct solana_signature *signature,
                       bool *found)
{
    struct solana_landed landed;
    struct solana_fault fault;
    if (!solana_rpc_transaction(search->rpc, signature, &landed, &fault)) return false;
    *found = search->made(search->arg, &landed);
    solana_landed_finish(&landed);
    return true;
}

// The oldest page, newest first; *count 0: there is none, or too much.
static bool read_oldest(const struct history_search *search, struct solana_history_entry *page, size_t *count)
{
    struct solana_history_query query = {.address = search->address, .limit = SOLANA_HISTORY_MAX};
    struct solana_signature before;
    struct solana_fault fault;
    for (int i = 0; i < PAGES_MOST; i++) {
        size_t more;
        if (!solana_rpc_history(search->rpc, &query, page, &more, &fault)) return false;
        if (more || !i) *count = more;
        if (more < SOLANA_HISTORY_MAX) return true;
        before = page[more - 1].signature;
        query.before = &before;
    }
    *count = 0;
    return true;
}

// Anybody may name an address, before anything is there too, so each is looked into.
bool history_find(const struct history_search *search, struct solana_history_entry *page,
                  struct solana_signature *signature, bool *found)
{
    size_t count = 0;
    *found = false;
    if (!read_oldest(search, page, &count)) return false;
    for (size_t tried = 0; !*found && count-- && tried < TRIED_MOST;) {
        if (*page[count].error.name) continue;
        tried++;
        *signature = page[count].signature;
        if (!is_made_by(search, signature, found)) return false;
    }
    return true;
}
