#include "services/chain/cluster/history.h"

#include "services/chain/solana/transaction.h"

enum {
    PAGES_MOST = 16, // of what names an address
    TRIED_MOST = 32  // of the oldest of that
};

static bool find_account(const struct solana_transaction *tx, const struct solana_landed *landed,
                         const struct solana_key *account, size_t *index)
{
    uint8_t known;
    bool found = solana_transaction_find(tx, account, &known);
    if (found) *index = known;
    for (size_t i = 0; !found && i < landed->looked_up_count; i++) {
        found = solana_key_equal(&landed->looked_up[i], account);
        *index = tx->key_count + i;
    }
    return found;
}

bool history_balance_of(const struct solana_landed *landed, const struct solana_key *account,
                        struct history_balance *balance)
{
    struct solana_transaction tx;
    struct err err = {0};
    size_t index;
    if (!solana_transaction_parse(&tx, landed->bytes, landed->len, &err) ||
        !find_account(&tx, landed, account, &index) || index >= landed->balance_count)
        return false;
    *balance = (struct history_balance){landed->before[index], landed->after[index]};
    return true;
}

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
