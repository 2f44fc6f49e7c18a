#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/sdk/sysvar.h"
#include "services/chain/programs/ticket/stored.h"
#include "services/chain/programs/ticket/whitelist_call.h"

#define TICKET_RESERVED UINT64_C(0x9b701e9879a338fe)

enum {
    PLAYER,
    AUTHORITY,
    EVENT,
    VAULT,
    TICKET,
    REFERENCE,
    WHITELIST,
    ENTRY,
    WHITELIST_PROGRAM_ACCOUNT,
    SYSTEM,
    MINT,
    PLAYER_TOKEN,
    PROGRAM,
};

// The authority signs for one reservation, and the permit ends at a time, which a transaction with a durable
// nonce would not.
static uint64_t check_permit(struct call *call)
{
    int64_t not_after_s = (int64_t)borsh_read_u64(&call->args);
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    uint64_t error = stored_check_authority(&call->accounts[EVENT], &call->accounts[AUTHORITY]);
    if (error) return error;
    return clock_now_s() > not_after_s ? ERROR_PERMIT_EXPIRED : SUCCESS;
}

static uint64_t check_event(const struct call *call)
{
    const struct account *account = &call->accounts[EVENT];
    const struct event *event = event_of(account);
    if (event->state != EVENT_OPEN) return ERROR_NOT_OPEN;
    if (event->reserved >= event->capacity) return ERROR_EVENT_FULL;
    uint64_t error = stored_check_vault(account, &call->accounts[VAULT]);
    if (error || (error = stored_check_whitelist(account, &call->accounts[WHITELIST]))) return error;
    return stored_check_tokens(call, account, MINT, PROGRAM);
}

// The mint is checked anew: one without tokens may have been closed and made again with other extensions.
static uint64_t check_purse(const struct call *call)
{
    const struct account *accounts = call->accounts;
    if (!event_takes_tokens(event_of(&accounts[EVENT])))
        return SUCCESS; // system_create looks at the lamports
    uint64_t error = token_check_escrow_mint(&accounts[MINT]);
    if (error) return error;
    error = token_check_account(&accounts[PLAYER_TOKEN], &accounts[MINT], accounts[PLAYER].key);
    if (error) return error;
    return token_amount(&accounts[PLAYER_TOKEN]) < event_of(&accounts[EVENT])->price
               ? ERROR_INSUFFICIENT_FUNDS
               : SUCCESS;
}

// Lamports of the price come with the ticket's rent and go on to the vault when all calls are done.
static uint64_t create_ticket(const struct call *call)
{
    struct account *accounts = call->accounts;
    const struct event *event = event_of(&accounts[EVENT]);
    struct pda pda = {.seeds = {{"ticket", 6}, {accounts[EVENT].key, 32}, {accounts[REFERENCE].key, 32}},
                      .count = 3};
    struct creation creation = {
        &accounts[PLAYER], &accounts[TICKET],     &pda,
        &call->program,    sizeof(struct ticket), event_takes_tokens(event) ? 0 : event->price};
    uint64_t error = pda_check(&pda, &accounts[TICKET], &call->program);
    if (error) return error;
    if (pubkey_equal(accounts[TICKET].owner, &call->program)) return ERROR_ALREADY_RESERVED;
    if ((error = system_create(call, &creation))) return error;
    struct ticket *ticket = ticket_of(&accounts[TICKET]);
    ticket->type = TICKET_TYPE;
    ticket->event = *accounts[EVENT].key;
    ticket->player = *accounts[PLAYER].key;
    ticket->reference = *accounts[REFERENCE].key;
    ticket->paid = event->price;
    ticket->reserved_at_s = clock_now_s();
    return SUCCESS;
}

static uint64_t take_tokens(const struct call *call)
{
    struct account *accounts = call->accounts;
    struct token_move move = {&accounts[PROGRAM], &accounts[MINT],   &accounts[PLAYER_TOKEN],
                              &accounts[VAULT],   &accounts[PLAYER], NULL};
    if (!event_takes_tokens(event_of(&accounts[EVENT]))) return SUCCESS;
    return token_transfer(call, &move, event_of(&accounts[EVENT])->price);
}

static uint64_t take_lamports(const struct call *call)
{
    struct account *accounts = call->accounts;
    if (event_takes_tokens(event_of(&accounts[EVENT]))) return SUCCESS;
    return account_pay(&accounts[TICKET], &accounts[VAULT], event_of(&accounts[EVENT])->price);
}

static void emit_reserved(const struct call *call)
{
    const struct event *event = event_of(&call->accounts[EVENT]);
    uint8_t bytes[8 + 96 + 12];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, TICKET_RESERVED);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    borsh_write_pubkey(&w, call->accounts[PLAYER].key);
    borsh_write_pubkey(&w, call->accounts[REFERENCE].key);
    borsh_write_u64(&w, event->price);
    borsh_write_u32(&w, event->reserved);
    event_emit(&w);
}

// [player, authority, event, vault, ticket, reference, whitelist, entry, whitelist program, system program,
// mint?, player's token account?, token program?](not_after): ticket, whitelist entry and price, all or
// nothing.
uint64_t ticket_reserve(struct call *call)
{
    struct account *accounts = call->accounts;
    const struct whitelist_seat seat = {&accounts[EVENT], &accounts[WHITELIST], &accounts[ENTRY],
                                        &accounts[PLAYER]};
    uint64_t error = check_permit(call);
    if (error || (error = check_event(call)) || (error = check_purse(call))) return error;
    if ((error = create_ticket(call)) || (error = take_tokens(call))) return error;
    if ((error = whitelist_add(call, &seat)) || (error = take_lamports(call))) return error;
    event_of(&accounts[EVENT])->reserved++;
    emit_reserved(call);
    return SUCCESS;
}
