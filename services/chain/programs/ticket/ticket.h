#ifndef CHAIN_PROGRAMS_TICKET_TICKET_H
#define CHAIN_PROGRAMS_TICKET_TICKET_H

// The ticket program's accounts as they lie in memory (which is their Borsh form), its refusals and
// instruction numbers.

#include "services/chain/programs/sdk/abi.h"

// Discriminators: sha256("account:Event"), sha256("global:reserve"), ..., the first eight bytes as a
// little-endian number.
#define EVENT_TYPE UINT64_C(0xe99873099e7dc07d)
#define TICKET_TYPE UINT64_C(0xc8eb5a4ea518e429)

#define TICKET_INIT_EVENT UINT64_C(0x54f95e2de71d4cbb)
#define TICKET_RESERVE UINT64_C(0x9dd5411cd1f4635c)
#define TICKET_LOCK_EVENT UINT64_C(0x03e6fcf79fe3e339)
#define TICKET_CANCEL_EVENT UINT64_C(0x7759f13b2d248f37)
#define TICKET_REFUND UINT64_C(0x2e2ed03ffbb76002)
#define TICKET_BEGIN_SETTLE UINT64_C(0xbd8a1d0b95103105)
#define TICKET_PAY_TICKET UINT64_C(0xea7ca459a696f8fc)
#define TICKET_CLOSE_TICKET UINT64_C(0x75b61b4bc572d142)
#define TICKET_CLOSE UINT64_C(0x60ce416cb1c9a562)

enum {
    ERROR_ZERO_PRICE = 6020,
    ERROR_ZERO_CAPACITY,
    ERROR_WRONG_RECIPIENT,
    ERROR_WRONG_EVENT_AUTHORITY,
    ERROR_WRONG_VAULT,
    ERROR_WRONG_WHITELIST,
    ERROR_WRONG_TICKET,
    ERROR_WRONG_PLAYER,
    ERROR_NOT_OPEN,
    ERROR_NOT_LOCKED,
    ERROR_NOT_SETTLED,
    ERROR_ALREADY_IN_STATE,
    ERROR_ALREADY_OVER,
    ERROR_NOT_REFUNDABLE,
    ERROR_EVENT_FULL,
    ERROR_ALREADY_RESERVED,
    ERROR_INVALID_TAX,
    ERROR_INVALID_SHARE,
    ERROR_TICKETS_CHANGED,
    ERROR_NOTHING_TO_SETTLE,
    ERROR_TICKETS_REMAIN,
    ERROR_NOT_OVER,
    ERROR_INVALID_ESCAPE,
    ERROR_PERMIT_EXPIRED,
    ERROR_NOT_SETTLING,
    ERROR_NOT_THAT_MUCH_OWED,
    ERROR_LAST_TAKES_THE_REST,
};

// A settling event owes its winners something and has live tickets; a settled one owes nothing.
enum event_state { EVENT_OPEN, EVENT_LOCKED, EVENT_CANCELLED, EVENT_SETTLING, EVENT_SETTLED };

enum { DAY_S = 24 * 3600, ESCAPE_FARTHEST_DAYS = 2000, SETTLEMENT_DAYS = 30 };

// PDA "event", authority, id. It is the authority of its whitelist and the owner of its token vault.
struct event {
    uint64_t type;
    struct pubkey authority; // the one that permits, locks, cancels, settles, closes
    struct pubkey vault, whitelist;
    struct pubkey pool, revenue; // wallets; with a token price their token accounts are paid
    struct pubkey mint;          // of the price, zero: lamports
    uint64_t price;
    uint64_t vault_rent; // lamports of the vault that are not the players'
    uint64_t owed;       // of what the settlement fixed for winners, not paid out yet
    int64_t escape_at_s; // from then on holders need nobody to get their money out
    uint32_t capacity;
    uint32_t reserved; // live tickets
    uint8_t id[16];
    uint8_t state; // enum event_state
    uint8_t bump;
};

// PDA "ticket", event, reference: one wallet may hold several
struct ticket {
    uint64_t type;
    struct pubkey event, player, reference;
    uint64_t paid; // moved into the vault: lamports or token units
    int64_t reserved_at_s;
};

_Static_assert(sizeof(struct event) == 264 && offsetof(struct event, id) == 240, "Borsh");
_Static_assert(sizeof(struct ticket) == 120, "Borsh");

struct call;
uint64_t event_init(struct call *);
uint64_t event_lock(struct call *);
uint64_t event_cancel(struct call *);
uint64_t event_close(struct call *);
uint64_t ticket_reserve(struct call *);
uint64_t ticket_refund(struct call *);
uint64_t ticket_pay(struct call *);
uint64_t ticket_close(struct call *);
uint64_t settle_begin(struct call *);

#endif
