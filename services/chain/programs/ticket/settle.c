#include "services/chain/programs/sdk/sysvar.h"
#include "services/chain/programs/ticket/payout.h"
#include "services/chain/programs/ticket/stored.h"

#define SETTLEMENT_BEGUN UINT64_C(0xcca0ee07c5a5a2c4)

enum { AUTHORITY, EVENT, VAULT, REVENUE, POOL, MINT, PROGRAM };

struct division {
    uint32_t tickets; // for which it was computed
    uint32_t apart;   // of them, those whose price is owed back: they have no part in it
    struct tax tax;
    uint16_t winners_bp;
};

static uint64_t read_division(struct call *call, struct division *d)
{
    d->tickets = borsh_read_u32(&call->args);
    d->apart = borsh_read_u32(&call->args);
    d->tax.kind = borsh_read_u8(&call->args);
    d->tax.value = d->tax.kind == TAX_PRESET ? borsh_read_u8(&call->args) : borsh_read_u16(&call->args);
    d->winners_bp = borsh_read_u16(&call->args);
    return borsh_finished(&call->args) ? SUCCESS : ERROR_INVALID_ARGUMENTS;
}

static uint64_t check_event(const struct call *call)
{
    const struct account *accounts = call->accounts, *account = &accounts[EVENT];
    const struct event *event = event_of(account);
    uint64_t error = stored_check_authority(account, &accounts[AUTHORITY]);
    if (error) return error;
    if (event->state != EVENT_OPEN && event->state != EVENT_LOCKED) return ERROR_ALREADY_OVER;
    if (event->state != EVENT_LOCKED) return ERROR_NOT_LOCKED;
    if ((error = stored_check_vault(account, &accounts[VAULT]))) return error;
    if ((error = stored_check_tokens(call, account, MINT, PROGRAM))) return error;
    error = stored_check_recipient(account, &accounts[REVENUE], &accounts[MINT], &event->revenue);
    return error ? error : stored_check_recipient(account, &accounts[POOL], &accounts[MINT], &event->pool);
}

// What the tickets paid is divided, not what lies in the vault: strangers' money cannot change the sums.
static uint64_t settle_divide(const struct event *event, const struct division *d, struct payout *payout)
{
    uint64_t revenue, paid = event->price * (event->reserved - d->apart); // fits: event_init checked it
    if (event->reserved != d->tickets || d->apart > d->tickets) return ERROR_TICKETS_CHANGED;
    if (paid == 0) return ERROR_NOTHING_TO_SETTLE;
    if (!payout_tax(paid, &d->tax, &revenue)) return ERROR_INVALID_TAX;
    if (!payout_compute(paid, revenue, d->winners_bp, payout)) return ERROR_INVALID_SHARE;
    payout->owed += event->price * d->apart;
    return SUCCESS;
}

static uint64_t settle_pay(const struct call *call, struct account *to, uint64_t amount)
{
    struct account *accounts = call->accounts;
    struct payment payment = {&accounts[EVENT], &accounts[VAULT], to, &accounts[MINT], &accounts[PROGRAM]};
    return vault_pay(call, &payment, amount);
}

// Rents are checked when both are paid: they may be one wallet.
static uint64_t pay_both(const struct call *call, const struct payout *payout)
{
    struct account *revenue = &call->accounts[REVENUE], *pool = &call->accounts[POOL];
    uint64_t error = settle_pay(call, revenue, payout->revenue);
    if (error || (error = settle_pay(call, pool, payout->pool))) return error;
    if (event_takes_tokens(event_of(&call->accounts[EVENT]))) return SUCCESS;
    return (error = account_check_rent(revenue)) ? error : account_check_rent(pool);
}

static void emit_begun(const struct call *call, const struct payout *payout)
{
    const struct event *event = event_of(&call->accounts[EVENT]);
    uint8_t bytes[8 + 32 + 4 + 32];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, SETTLEMENT_BEGUN);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    borsh_write_u32(&w, event->reserved);
    borsh_write_u64(&w, payout->revenue);
    borsh_write_u64(&w, payout->owed);
    borsh_write_u64(&w, payout->pool);
    borsh_write_u64(&w, (uint64_t)event->escape_at_s);
    event_emit(&w);
}

// [authority, event, vault, revenue, pool, mint?, token program?](tickets, apart, tax, winners_bp): pays
// revenue and pool, and fixes what the winners get, and those whose refund could not be carried out. From now
// on the holders wait SETTLEMENT_DAYS, however near their escape was, so that none of them can take a part of
// a settlement that is being carried out.
uint64_t settle_begin(struct call *call)
{
    struct division division;
    struct payout payout;
    struct event *event = event_of(&call->accounts[EVENT]);
    uint64_t error = read_division(call, &division);
    if (error || (error = check_event(call)) || (error = settle_divide(event, &division, &payout)))
        return error;
    if ((error = pay_both(call, &payout))) return error;
    event->owed = payout.owed;
    event->state = payout.owed ? EVENT_SETTLING : EVENT_SETTLED;
    event->escape_at_s = clock_now_s() + (int64_t)SETTLEMENT_DAYS * DAY_S;
    emit_begun(call, &payout);
    return SUCCESS;
}
