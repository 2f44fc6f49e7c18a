#include "services/chain/programs/ticket/stored.h"
#include "services/chain/programs/ticket/whitelist_call.h"

#define EVENT_WAS_CLOSED UINT64_C(0x5550ca8171058a88)

enum { AUTHORITY, EVENT, VAULT, POOL, WHITELIST, LIST_RENT_PAYER, WHITELIST_PROGRAM_ACCOUNT, MINT, PROGRAM };

static uint64_t check_event(const struct call *call)
{
    const struct account *accounts = call->accounts, *account = &accounts[EVENT];
    const struct event *event = event_of(account);
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    uint64_t error = stored_check_authority(account, &accounts[AUTHORITY]);
    if (error || (error = stored_check_vault(account, &accounts[VAULT]))) return error;
    if ((error = stored_check_whitelist(account, &accounts[WHITELIST]))) return error;
    if (event->state != EVENT_CANCELLED && event->state != EVENT_SETTLED) return ERROR_NOT_OVER;
    if (event->reserved != 0) return ERROR_TICKETS_REMAIN;
    return stored_check_tokens(call, account, MINT, PROGRAM);
}

// When everything is paid out, the vault holds only what strangers sent. It belongs to the pool.
static uint64_t close_sweep(const struct call *call, uint64_t surplus)
{
    struct account *accounts = call->accounts;
    const struct event *event = event_of(&accounts[EVENT]);
    struct payment payment = {&accounts[EVENT], &accounts[VAULT], &accounts[POOL], &accounts[MINT],
                              &accounts[PROGRAM]};
    if (surplus == 0) return SUCCESS;
    uint64_t error = stored_check_recipient(&accounts[EVENT], &accounts[POOL], &accounts[MINT], &event->pool);
    if (error || (error = vault_pay(call, &payment, surplus))) return error;
    return event_takes_tokens(event) ? SUCCESS : account_check_rent(&accounts[POOL]);
}

static uint64_t close_token_vault(const struct call *call)
{
    struct account *accounts = call->accounts;
    struct event_signer signing;
    event_sign(&signing, &accounts[EVENT]);
    struct token_move move = {&accounts[PROGRAM],   &accounts[MINT],  &accounts[VAULT],
                              &accounts[AUTHORITY], &accounts[EVENT], &signing.signer};
    return token_close(call, &move);
}

// [authority, event, vault, pool, whitelist, maker of the list, whitelist program, mint?, token program?]():
// the rents go back to their payers.
uint64_t event_close(struct call *call)
{
    struct account *accounts = call->accounts;
    uint64_t error = check_event(call);
    if (error) return error;
    error = whitelist_close(call, &accounts[EVENT], &accounts[WHITELIST], &accounts[LIST_RENT_PAYER]);
    if (error) return error;
    bool tokens = event_takes_tokens(event_of(&accounts[EVENT]));
    if ((error = close_sweep(call, stored_vault_amount(event_of(&accounts[EVENT]), &accounts[VAULT]))))
        return error;
    error = tokens ? close_token_vault(call) : account_close(&accounts[VAULT], &accounts[AUTHORITY]);
    if (error || (error = account_close(&accounts[EVENT], &accounts[AUTHORITY]))) return error;

    uint8_t bytes[8 + 32];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, EVENT_WAS_CLOSED);
    borsh_write_pubkey(&w, accounts[EVENT].key);
    event_emit(&w);
    return SUCCESS;
}
