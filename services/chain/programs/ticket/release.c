#include "services/chain/programs/ticket/stored.h"
#include "services/chain/programs/ticket/whitelist_call.h"

#define TICKET_REFUNDED UINT64_C(0xda84cd912bd5ad2e)
#define TICKET_CLOSED UINT64_C(0x478d1b1f6baf4530)

enum {
    CALLER,
    EVENT,
    TICKET,
    PLAYER,
    WHITELIST,
    ENTRY,
    WHITELIST_PROGRAM_ACCOUNT,
    VAULT,
    MINT,
    PLAYER_TOKEN,
    PROGRAM
};

static bool is_authority(const struct call *call)
{
    return stored_check_authority(&call->accounts[EVENT], &call->accounts[CALLER]) == SUCCESS;
}

static bool is_holder(const struct call *call)
{
    return pubkey_equal(&ticket_of(&call->accounts[TICKET])->player, call->accounts[CALLER].key);
}

static uint64_t check_ticket(const struct call *call)
{
    const struct account *accounts = call->accounts;
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    uint64_t error = stored_check_ticket(&accounts[TICKET], &accounts[EVENT], &accounts[PLAYER]);
    return error ? error : stored_check_whitelist(&accounts[EVENT], &accounts[WHITELIST]);
}

// Before the lock a refund is the authority's decision; after a cancellation it is the holder's right too.
static uint64_t check_refundable(const struct call *call)
{
    uint8_t state = event_of(&call->accounts[EVENT])->state;
    if (state != EVENT_OPEN && state != EVENT_CANCELLED) return ERROR_NOT_REFUNDABLE;
    bool may = is_authority(call) || (state == EVENT_CANCELLED && is_holder(call));
    return may ? SUCCESS : ERROR_WRONG_EVENT_AUTHORITY;
}

static uint64_t check_refund_accounts(const struct call *call)
{
    const struct account *accounts = call->accounts;
    uint64_t error = stored_check_vault(&accounts[EVENT], &accounts[VAULT]);
    if (error || (error = stored_check_tokens(call, &accounts[EVENT], MINT, PROGRAM))) return error;
    if (!event_takes_tokens(event_of(&accounts[EVENT]))) return SUCCESS;
    return token_check_account(&accounts[PLAYER_TOKEN], &accounts[MINT], accounts[PLAYER].key);
}

static uint64_t leave_whitelist(const struct call *call)
{
    const struct account *accounts = call->accounts;
    const struct whitelist_seat seat = {&accounts[EVENT], &accounts[WHITELIST], &accounts[ENTRY],
                                        &accounts[PLAYER]};
    return whitelist_remove(call, &seat);
}

static uint64_t close_ticket(const struct call *call)
{
    event_of(&call->accounts[EVENT])->reserved--;
    return account_close(&call->accounts[TICKET], &call->accounts[PLAYER]);
}

static void release_emit(const struct call *call, uint64_t type, uint64_t amount)
{
    uint8_t bytes[8 + 64 + 12];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, type);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    borsh_write_pubkey(&w, call->accounts[PLAYER].key);
    if (type == TICKET_REFUNDED) borsh_write_u64(&w, amount);
    borsh_write_u32(&w, event_of(&call->accounts[EVENT])->reserved);
    event_emit(&w);
}

// [authority or holder, event, ticket, player, whitelist, entry, whitelist program, vault, mint?, player's
// token account?, token program?]()
uint64_t ticket_refund(struct call *call)
{
    struct account *accounts = call->accounts;
    uint64_t paid = ticket_of(&accounts[TICKET])->paid;
    uint64_t error = check_ticket(call);
    if (error || (error = check_refundable(call)) || (error = check_refund_accounts(call))) return error;
    bool tokens = event_takes_tokens(event_of(&accounts[EVENT]));
    struct payment payment = {&accounts[EVENT], &accounts[VAULT], &accounts[tokens ? PLAYER_TOKEN : PLAYER],
                              &accounts[MINT], &accounts[PROGRAM]};
    if ((error = leave_whitelist(call)) || (error = vault_pay(call, &payment, paid))) return error;
    if ((error = close_ticket(call))) return error;
    release_emit(call, TICKET_REFUNDED, paid);
    return SUCCESS;
}

// [authority or holder, event, ticket, player, whitelist, entry, whitelist program]()
uint64_t ticket_close(struct call *call)
{
    uint64_t error = check_ticket(call);
    if (error) return error;
    if (event_of(&call->accounts[EVENT])->state != EVENT_SETTLED) return ERROR_NOT_SETTLED;
    if (!is_authority(call) && !is_holder(call)) return ERROR_WRONG_EVENT_AUTHORITY;
    if ((error = leave_whitelist(call)) || (error = close_ticket(call))) return error;
    release_emit(call, TICKET_CLOSED, 0);
    return SUCCESS;
}
