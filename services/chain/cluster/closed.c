#include "services/chain/cluster/closed.h"

#include "services/chain/solana/transaction.h"

static bool is_of(const struct solana_transaction *tx, const struct solana_instruction_view *ix,
                  const struct solana_key *event)
{
    return ix->account_count > SOLANA_ACT_EVENT && ix->accounts[SOLANA_ACT_EVENT] < tx->key_count &&
           solana_key_equal(&tx->keys[ix->accounts[SOLANA_ACT_EVENT]], event);
}

void closed_note(struct closed_event *past, const struct solana_landed *landed,
                 const struct solana_programs *programs, const struct solana_key *event)
{
    struct solana_transaction tx;
    struct err err = {0};
    if (!landed->found || *landed->error.name) return;
    if (!solana_transaction_parse(&tx, landed->bytes, landed->len, &err)) return;
    for (uint8_t i = 0; i < tx.instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx.instructions[i];
        if (!solana_key_equal(&tx.keys[ix->program], &programs->ticket) || !is_of(&tx, ix, event)) continue;
        enum solana_act act = solana_ticket_act(ix->data, ix->data_len);
        past->settled |= act == SOLANA_ACT_SETTLE;
        past->closed |= act == SOLANA_ACT_CLOSE;
    }
}

static bool note_one(const struct closed_search *search, const struct solana_signature *signature,
                     struct closed_event *past)
{
    struct solana_landed landed;
    struct solana_fault fault;
    if (!solana_rpc_transaction(search->rpc, signature, &landed, &fault)) return false;
    closed_note(past, &landed, search->programs, &search->event);
    solana_landed_finish(&landed);
    return true;
}

bool closed_read(const struct closed_search *search, struct closed_event *past)
{
    const struct solana_signature before = past->oldest;
    const struct solana_history_query query = {
        .address = search->event, .before = past->more ? &before : NULL, .limit = CLOSED_AT_ONCE};
    struct solana_history_entry page[CLOSED_AT_ONCE];
    struct solana_fault fault;
    size_t count;
    if (!solana_rpc_history(search->rpc, &query, page, &count, &fault)) return false;
    for (size_t i = 0; i < count && !(past->closed && past->settled); i++)
        if (!*page[i].error.name && !note_one(search, &page[i].signature, past)) return false;
    past->more = count == CLOSED_AT_ONCE && !(past->closed && past->settled);
    if (past->more) past->oldest = page[count - 1].signature;
    return true;
}
