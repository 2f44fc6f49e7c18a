#include "services/chain/cluster/ended.h"

#include "services/chain/cluster/history.h"
#include "services/chain/solana/ticket_program.h"
#include "services/chain/solana/transaction.h"

enum { LOOKED_INTO_MOST = 32 };

struct ended_search ended_search_of(struct solana_rpc *rpc, const struct solana_programs *programs,
                                    const struct watched *watched)
{
    struct ended_search search = {.rpc = rpc,
                                  .program = programs->ticket,
                                  .event = tickets_event(programs, &watched->authority, watched->event),
                                  .ticket = tickets_address(programs, watched)};
    solana_vault_address(&search.vault, programs, &search.event);
    return search;
}

// The program's instruction that does this to the ticket; NULL: there is none. No other program's can: all of
// these have the authority's signature, which names all that it is for.
static const struct solana_instruction_view *find_act(const struct solana_transaction *tx,
                                                      const struct ended_search *search, enum solana_act act,
                                                      uint16_t ticket)
{
    for (uint8_t i = 0; i < tx->instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx->instructions[i];
        if (solana_key_equal(&tx->keys[ix->program], &search->program) &&
            solana_ticket_act(ix->data, ix->data_len) == act && ix->account_count > ticket &&
            ix->accounts[ticket] < tx->key_count &&
            solana_key_equal(&tx->keys[ix->accounts[ticket]], &search->ticket))
            return ix;
    }
    return NULL;
}

static bool find_payer(const struct solana_transaction *tx, const struct ended_search *search,
                       struct solana_key *payer)
{
    const struct solana_instruction_view *ix = find_act(tx, search, SOLANA_ACT_RESERVE, SOLANA_ACT_RESERVED);
    bool known = ix && ix->accounts[SOLANA_ACT_PLAYER] < tx->key_count;
    if (known) *payer = tx->keys[ix->accounts[SOLANA_ACT_PLAYER]];
    return known;
}

// Anybody may send lamports to an address, before a ticket is there and behind it; the program alone takes
// them away. So one that ends and was never made began before what the node keeps.
void ended_note(struct ticket_story *story, const struct ended_search *search,
                const struct solana_landed *landed, const struct solana_signature *signature)
{
    struct history_balance ticket, vault;
    struct solana_transaction tx;
    struct solana_key payer;
    struct err err = {0};
    if (!landed->found || *landed->error.name || !history_balance_of(landed, &search->ticket, &ticket) ||
        !solana_transaction_parse(&tx, landed->bytes, landed->len, &err))
        return;
    bool moves = history_balance_of(landed, &search->vault, &vault);
    if (ticket.before && !ticket.after) {
        story->unclear |= !story->made;
        story->ended = true;
        story->won = find_act(&tx, search, SOLANA_ACT_PAY, SOLANA_ACT_PAID);
        story->back = moves ? (int64_t)(vault.before - vault.after) : 0;
    }
    if (!moves || vault.after <= vault.before || !find_payer(&tx, search, &payer)) return;
    *story = (struct ticket_story){.unclear = story->unclear,
                                   .made = true,
                                   .signature = *signature,
                                   .payer = payer,
                                   .slot = landed->slot,
                                   .time_s = landed->time_s,
                                   .paid = (int64_t)(vault.after - vault.before)};
}

static bool note_one(const struct ended_search *search, const struct solana_signature *signature,
                     struct ticket_story *story, struct solana_fault *fault)
{
    struct solana_landed landed;
    if (!solana_rpc_transaction(search->rpc, signature, &landed, fault)) return false;
    story->unclear |= !landed.bytes;
    ended_note(story, search, &landed, signature);
    solana_landed_finish(&landed);
    return true;
}

// A node of another cluster, or that has forgotten, does not know the event's either.
static bool knows_event(const struct ended_search *search, struct solana_history_entry *page, bool *knows,
                        struct solana_fault *fault)
{
    const struct solana_history_query query = {.address = search->event, .limit = 1};
    size_t count;
    if (!solana_rpc_history(search->rpc, &query, page, &count, fault)) return false;
    *knows = count;
    return true;
}

// Anybody may name an address; what names this one too often is left to somebody's own eyes.
static bool read_all(const struct ended_search *search, struct solana_history_entry *page,
                     struct ticket_story *story, struct solana_fault *fault)
{
    const struct solana_history_query query = {.address = search->ticket, .limit = SOLANA_HISTORY_MAX};
    size_t count, looked = 0;
    bool knows;
    if (!knows_event(search, page, &knows, fault) ||
        !solana_rpc_history(search->rpc, &query, page, &count, fault))
        return false;
    story->unclear = !knows || count == SOLANA_HISTORY_MAX;
    while (count-- && !story->unclear) {
        if (*page[count].error.name) continue;
        story->unclear = looked++ == LOOKED_INTO_MOST;
        if (!story->unclear && !note_one(search, &page[count].signature, story, fault)) return false;
    }
    return true;
}

// What it refuses to tell of one ticket, and will again, keeps it from telling of no other.
bool ended_read(const struct ended_search *search, struct solana_history_entry *page,
                struct ticket_story *story)
{
    struct solana_fault fault;
    *story = (struct ticket_story){.made = false};
    if (read_all(search, page, story, &fault)) return true;
    story->unclear = true;
    return !solana_fault_retryable(&fault);
}
