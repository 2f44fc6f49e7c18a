#include "services/chain/programs/sdk/sysvar.h"
#include "services/chain/programs/ticket/stored.h"
#include "services/chain/programs/ticket/whitelist_call.h"

#define TICKET_REFUNDED UINT64_C(0xda84cd912bd5ad2e)
#define WINNER_PAID UINT64_C(0x6e52c81d690907f9)
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

enum { NOBODY = 0, BY_AUTHORITY = 1, BY_HOLDER = 2 };

// Before the lock a refund is the authority's decision. It is the holder's right after a cancellation, and
// from escape_at on wherever the authority has not finished.
static unsigned refund_rights(const struct event *event)
{
    unsigned escape = clock_now_s() >= event->escape_at_s ? BY_HOLDER : NOBODY;
    if (event->state == EVENT_CANCELLED) return BY_AUTHORITY | BY_HOLDER;
    if (event->state == EVENT_OPEN) return BY_AUTHORITY | escape;
    return event->state == EVENT_SETTLED ? NOBODY : escape;
}

static uint64_t check_refundable(const struct call *call)
{
    unsigned rights = refund_rights(event_of(&call->accounts[EVENT]));
    if (rights == NOBODY) return ERROR_NOT_REFUNDABLE;
    bool may = (rights & BY_AUTHORITY && is_authority(call)) || (rights & BY_HOLDER && is_holder(call));
    return may ? SUCCESS : ERROR_WRONG_EVENT_AUTHORITY;
}

static uint64_t check_money(const struct call *call)
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

// Out of a settling event only what is owed is paid; with nothing owed it is settled.
static void owe_less(struct event *event, uint64_t amount)
{
    if (event->state != EVENT_SETTLING) return;
    event->owed -= amount;
    if (event->owed == 0) event->state = EVENT_SETTLED;
}

struct release {
    uint64_t type;   // of the Anchor event
    uint64_t amount; // paid to the player
};

static void release_emit(const struct call *call, const struct release *r)
{
    uint8_t bytes[8 + 96 + 12];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, r->type);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    borsh_write_pubkey(&w, call->accounts[TICKET].key);
    borsh_write_pubkey(&w, call->accounts[PLAYER].key);
    if (r->type != TICKET_CLOSED) borsh_write_u64(&w, r->amount);
    borsh_write_u32(&w, event_of(&call->accounts[EVENT])->reserved);
    event_emit(&w);
}

// Pays the player out of the vault and closes the ticket. All calls come before the lamports.
static uint64_t release_pay(const struct call *call, const struct release *r)
{
    struct account *accounts = call->accounts;
    bool tokens = event_takes_tokens(event_of(&accounts[EVENT]));
    struct payment payment = {&accounts[EVENT], &accounts[VAULT], &accounts[tokens ? PLAYER_TOKEN : PLAYER],
                              &accounts[MINT], &accounts[PROGRAM]};
    uint64_t error = leave_whitelist(call);
    if (error || (error = vault_pay(call, &payment, r->amount)) || (error = close_ticket(call))) return error;
    owe_less(event_of(&accounts[EVENT]), r->amount);
    release_emit(call, r);
    return SUCCESS;
}

// [authority or holder, event, ticket, player, whitelist, entry, whitelist program, vault, mint?, player's
// token account?, token program?](): the price back, or an equal part of what an unfinished settlement owes
uint64_t ticket_refund(struct call *call)
{
    const struct event *event = event_of(&call->accounts[EVENT]);
    struct release refund = {TICKET_REFUNDED, ticket_of(&call->accounts[TICKET])->paid};
    uint64_t error = check_ticket(call);
    if (error || (error = check_refundable(call)) || (error = check_money(call))) return error;
    if (event->state == EVENT_SETTLING) refund.amount = event->owed / event->reserved;
    return release_pay(call, &refund);
}

// The last live ticket takes all that is still owed: otherwise nobody could.
static uint64_t check_owed(const struct event *event, uint64_t amount)
{
    if (event->state != EVENT_SETTLING) return ERROR_NOT_SETTLING;
    if (amount > event->owed) return ERROR_NOT_THAT_MUCH_OWED;
    return event->reserved == 1 && amount != event->owed ? ERROR_LAST_TAKES_THE_REST : SUCCESS;
}

// [authority, then as refund](amount): a winner gets his part, and his ticket's closing makes it once only.
uint64_t ticket_pay(struct call *call)
{
    struct release win = {WINNER_PAID, borsh_read_u64(&call->args)};
    uint64_t error = check_ticket(call);
    if (error) return error;
    if (!is_authority(call)) return ERROR_WRONG_EVENT_AUTHORITY;
    error = check_owed(event_of(&call->accounts[EVENT]), win.amount);
    if (error || (error = check_money(call))) return error;
    return release_pay(call, &win);
}

// [authority or holder, event, ticket, player, whitelist, entry, whitelist program](): when nothing is owed
// any more, so that no winner's ticket can be closed unpaid.
uint64_t ticket_close(struct call *call)
{
    uint64_t error = check_ticket(call);
    if (error) return error;
    if (event_of(&call->accounts[EVENT])->state != EVENT_SETTLED) return ERROR_NOT_SETTLED;
    if (!is_authority(call) && !is_holder(call)) return ERROR_WRONG_EVENT_AUTHORITY;
    if ((error = leave_whitelist(call)) || (error = close_ticket(call))) return error;
    release_emit(call, &(struct release){TICKET_CLOSED, 0});
    return SUCCESS;
}
