#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/ticket/payout.h"
#include "services/chain/programs/ticket/stored.h"

#define EVENT_WAS_SETTLED UINT64_C(0x2c302e5d3ff8d72a)
#define WINNER_PAID UINT64_C(0x6e52c81d690907f9)

enum { AUTHORITY, EVENT, VAULT, REVENUE, POOL, MINT, PROGRAM, FIRST_WINNER };
enum { ACCOUNTS_PER_WINNER = 2 }; // ticket, recipient

struct division {
    struct tax tax;
    uint32_t count;
    uint16_t shares[PAYOUT_MAX_WINNERS];
};

static uint64_t read_division(struct call *call, struct division *d)
{
    d->tax.kind = borsh_read_u8(&call->args);
    d->tax.value = d->tax.kind == TAX_PRESET ? borsh_read_u8(&call->args) : borsh_read_u16(&call->args);
    d->count = borsh_read_u32(&call->args);
    if (d->count > PAYOUT_MAX_WINNERS) return ERROR_INVALID_SHARES;
    for (uint32_t i = 0; i < d->count; i++) d->shares[i] = borsh_read_u16(&call->args);
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    uint64_t wanted = FIRST_WINNER + ACCOUNTS_PER_WINNER * (uint64_t)d->count;
    if (call->count < wanted) return ERROR_NOT_ENOUGH_ACCOUNTS;
    return call->count > wanted ? ERROR_TOO_MANY_ACCOUNTS : SUCCESS;
}

static const struct account *ticket_at(const struct call *call, uint64_t winner)
{
    return &call->accounts[FIRST_WINNER + ACCOUNTS_PER_WINNER * winner];
}

static struct account *recipient_at(const struct call *call, uint64_t winner)
{
    return &call->accounts[FIRST_WINNER + ACCOUNTS_PER_WINNER * winner + 1];
}

static uint64_t check_event(const struct call *call)
{
    const struct account *accounts = call->accounts, *account = &accounts[EVENT];
    const struct event *event = event_of(account);
    uint64_t error = stored_check_authority(account, &accounts[AUTHORITY]);
    if (error) return error;
    if (event->state == EVENT_SETTLED || event->state == EVENT_CANCELLED) return ERROR_ALREADY_OVER;
    if (event->state != EVENT_LOCKED) return ERROR_NOT_LOCKED;
    if ((error = stored_check_vault(account, &accounts[VAULT]))) return error;
    if ((error = stored_check_tokens(call, account, MINT, PROGRAM))) return error;
    error = stored_check_recipient(account, &accounts[REVENUE], &accounts[MINT], &event->revenue);
    return error ? error : stored_check_recipient(account, &accounts[POOL], &accounts[MINT], &event->pool);
}

// A winner holds a live ticket of this event and is named once.
static uint64_t check_winner(const struct call *call, uint64_t winner)
{
    static const struct account_rule rule = {.type = TICKET_TYPE};
    const struct account *event = &call->accounts[EVENT], *ticket = ticket_at(call, winner);
    uint64_t error = account_check(ticket, &rule, &call->program);
    if (error || (error = stored_check_ticket(ticket, event, NULL))) return error;
    for (uint64_t i = 0; i < winner; i++)
        if (pubkey_equal(ticket->key, ticket_at(call, i)->key)) return ERROR_DUPLICATE_WINNER;
    return stored_check_recipient(event, recipient_at(call, winner), &call->accounts[MINT],
                                  &ticket_of(ticket)->player);
}

static uint64_t settle_pay(const struct call *call, struct account *to, uint64_t amount)
{
    struct account *accounts = call->accounts;
    struct payment payment = {&accounts[EVENT], &accounts[VAULT], to, &accounts[MINT], &accounts[PROGRAM]};
    return vault_pay(call, &payment, amount);
}

static uint64_t pay_all(const struct call *call, const struct payout *payout, uint64_t winners)
{
    uint64_t error = settle_pay(call, &call->accounts[REVENUE], payout->revenue);
    if (error || (error = settle_pay(call, &call->accounts[POOL], payout->pool))) return error;
    for (uint64_t i = 0; i < winners && !error; i++)
        error = settle_pay(call, recipient_at(call, i), payout->winners[i]);
    return error;
}

// Checked when everybody is paid: one wallet may be several recipients.
static uint64_t check_rents(const struct call *call, uint64_t winners)
{
    uint64_t error = account_check_rent(&call->accounts[REVENUE]);
    if (error || (error = account_check_rent(&call->accounts[POOL]))) return error;
    for (uint64_t i = 0; i < winners && !error; i++) error = account_check_rent(recipient_at(call, i));
    return error;
}

static void emit_winner(const struct call *call, uint64_t winner, uint64_t amount)
{
    uint8_t bytes[8 + 64 + 8];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, WINNER_PAID);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    borsh_write_pubkey(&w, &ticket_of(ticket_at(call, winner))->player);
    borsh_write_u64(&w, amount);
    event_emit(&w);
}

static void emit_settled(const struct call *call, const struct payout *payout)
{
    uint8_t bytes[8 + 32 + 24];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, EVENT_WAS_SETTLED);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    borsh_write_u64(&w, payout->revenue);
    borsh_write_u64(&w, payout->reward - payout->pool);
    borsh_write_u64(&w, payout->pool);
    event_emit(&w);
}

static uint64_t settle_divide(const struct call *call, const struct division *d, struct payout *payout)
{
    const struct account *vault = &call->accounts[VAULT];
    uint64_t revenue, amount = stored_vault_amount(event_of(&call->accounts[EVENT]), vault), error = SUCCESS;
    if (amount == 0) return ERROR_NOTHING_TO_SETTLE;
    if (!payout_tax(amount, &d->tax, &revenue)) return ERROR_INVALID_TAX;
    if (!payout_compute(amount, revenue, d->shares, d->count, payout)) return ERROR_INVALID_SHARES;
    for (uint64_t i = 0; i < d->count && !error; i++) error = check_winner(call, i);
    return error;
}

// [authority, event, vault, revenue, pool, mint?, token program?, (ticket, recipient)...](tax, shares)
uint64_t settle(struct call *call)
{
    struct division division;
    struct payout *payout =
        (struct payout *)(call->accounts + PROGRAM_MAX_ACCOUNTS); // on the heap, behind the accounts
    uint64_t error = read_division(call, &division);
    if (error || (error = check_event(call)) || (error = settle_divide(call, &division, payout)))
        return error;
    if ((error = pay_all(call, payout, division.count))) return error;
    bool tokens = event_takes_tokens(event_of(&call->accounts[EVENT]));
    if (!tokens && (error = check_rents(call, division.count))) return error;
    event_of(&call->accounts[EVENT])->state = EVENT_SETTLED;
    for (uint64_t i = 0; i < division.count; i++) emit_winner(call, i, payout->winners[i]);
    emit_settled(call, payout);
    return SUCCESS;
}
