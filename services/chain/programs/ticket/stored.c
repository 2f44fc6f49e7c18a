#include "services/chain/programs/ticket/stored.h"

uint64_t stored_check_authority(const struct account *event, const struct account *authority)
{
    return pubkey_equal(&event_of(event)->authority, authority->key) ? SUCCESS : ERROR_WRONG_EVENT_AUTHORITY;
}

uint64_t stored_check_vault(const struct account *event, const struct account *vault)
{
    return pubkey_equal(&event_of(event)->vault, vault->key) ? SUCCESS : ERROR_WRONG_VAULT;
}

uint64_t stored_check_whitelist(const struct account *event, const struct account *list)
{
    return pubkey_equal(&event_of(event)->whitelist, list->key) ? SUCCESS : ERROR_WRONG_WHITELIST;
}

uint64_t stored_check_recipient(const struct account *event, const struct account *recipient,
                                const struct account *mint, const struct pubkey *wallet)
{
    if (event_takes_tokens(event_of(event))) return token_check_account(recipient, mint, wallet);
    return pubkey_equal(recipient->key, wallet) ? SUCCESS : ERROR_WRONG_RECIPIENT;
}

uint64_t stored_check_ticket(const struct account *ticket, const struct account *event,
                             const struct account *player)
{
    if (!pubkey_equal(&ticket_of(ticket)->event, event->key)) return ERROR_WRONG_TICKET;
    if (!pubkey_equal(&ticket_of(ticket)->player, player->key)) return ERROR_WRONG_PLAYER;
    return SUCCESS;
}

uint64_t stored_check_tokens(const struct call *call, const struct account *event, uint64_t mint_index,
                             uint64_t program_index)
{
    const struct account *mint = &call->accounts[mint_index], *program = &call->accounts[program_index];
    if (!event_takes_tokens(event_of(event))) return SUCCESS;
    if (!call_has(call, mint_index) || !call_has(call, program_index)) return ERROR_NOT_ENOUGH_ACCOUNTS;
    if (!pubkey_equal(mint->key, &event_of(event)->mint)) return ERROR_WRONG_MINT;
    uint64_t error = token_check_program(program);
    return error ? error : token_check_mint(mint, program);
}

uint64_t stored_vault_amount(const struct event *event, const struct account *vault)
{
    return event_takes_tokens(event) ? token_amount(vault) : *vault->lamports - event->vault_rent;
}

uint64_t vault_pay(const struct call *call, const struct payment *p, uint64_t amount)
{
    if (!event_takes_tokens(event_of(p->event))) return account_pay(p->vault, p->to, amount);
    struct event_signer event;
    event_sign(&event, p->event);
    struct token_move move = {p->token_program, p->mint, p->vault, p->to, p->event, &event.signer};
    return token_transfer(call, &move, amount);
}

void event_sign(struct event_signer *s, const struct account *account)
{
    const struct event *event = event_of(account);
    s->seeds[0] = (struct slice){"event", 5};
    s->seeds[1] = (struct slice){&event->authority, sizeof event->authority};
    s->seeds[2] = (struct slice){event->id, sizeof event->id};
    s->seeds[3] = (struct slice){&event->bump, sizeof event->bump};
    s->signer = (struct signer){s->seeds, 4};
}
