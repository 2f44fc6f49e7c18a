// Instructions of the ticket program. Vault, ticket, whitelist entry and token accounts are derived, so a
// caller cannot mix up those of two events. Pure.
#ifndef CHAIN_SOLANA_TICKET_PROGRAM_H
#define CHAIN_SOLANA_TICKET_PROGRAM_H

#include "services/chain/solana/instruction.h"
#include "services/chain/solana/programs.h"

// The currency of a price that is not in lamports.
struct solana_currency {
    struct solana_key mint, token_program;
};

struct solana_event_terms {
    struct solana_key authority; // signs and pays
    uint8_t id[SOLANA_EVENT_ID_BYTES];
    struct solana_key pool, revenue; // wallets
    struct solana_key whitelist;     // a list whose authority is the event's address
    uint64_t price;
    uint32_t capacity;
    int64_t escape_at_s;                    // Unix time
    const struct solana_currency *currency; // NULL: lamports
};
void solana_ticket_init_event(struct solana_instruction *ix, const struct solana_programs *programs,
                              const struct solana_event_terms *terms);

struct solana_seat {
    struct solana_key event, player, whitelist;
    struct solana_key reference;            // of the hold: names the ticket, and by it the payment is found
    const struct solana_currency *currency; // of the event
};
struct solana_permit {
    struct solana_key authority; // of the event
    int64_t not_after_s;         // Unix time, by the cluster's clock
};
// The player and the authority sign.
void solana_ticket_reserve(struct solana_instruction *ix, const struct solana_programs *programs,
                           const struct solana_seat *seat, const struct solana_permit *permit);
// caller: the event's authority; after cancelling and from escape_at on the player.
void solana_ticket_refund(struct solana_instruction *ix, const struct solana_programs *programs,
                          const struct solana_seat *seat, const struct solana_key *caller);
void solana_ticket_close_ticket(struct solana_instruction *ix, const struct solana_programs *programs,
                                const struct solana_seat *seat, const struct solana_key *caller);

void solana_ticket_lock(struct solana_instruction *ix, const struct solana_programs *programs,
                        const struct solana_key *authority, const struct solana_key *event, bool locked);
void solana_ticket_cancel(struct solana_instruction *ix, const struct solana_programs *programs,
                          const struct solana_key *authority, const struct solana_key *event);

enum solana_tax_kind { SOLANA_TAX_PRESET, SOLANA_TAX_BASIS_POINTS };

struct solana_settlement {
    struct solana_key authority, event, pool, revenue; // the wallets
    uint32_t tickets;                                  // for which it was computed
    uint32_t apart;                                    // of them, those that are owed their price
    enum solana_tax_kind tax_kind;
    uint16_t tax;        // number of the preset, or basis points
    uint16_t winners_bp; // of what the tax leaves
    const struct solana_currency *currency;
};
void solana_ticket_begin_settle(struct solana_instruction *ix, const struct solana_programs *programs,
                                const struct solana_settlement *settlement);
// Pays a winner out of what the settlement owes, and closes his ticket.
void solana_ticket_pay(struct solana_instruction *ix, const struct solana_programs *programs,
                       const struct solana_seat *seat, const struct solana_key *authority, uint64_t amount);

struct solana_event_end {
    struct solana_key authority, event, pool, whitelist;
    struct solana_key list_rent_payer; // the payer that made the whitelist
    const struct solana_currency *currency;
};
enum solana_act { SOLANA_ACT_OTHER, SOLANA_ACT_RESERVE, SOLANA_ACT_SETTLE, SOLANA_ACT_PAY, SOLANA_ACT_CLOSE };
// What an instruction of the program does, by its data; and where it has what that is done to: the ticket of
// RESERVE, and of PAY.
enum {
    SOLANA_ACT_PLAYER = 0, // of RESERVE
    SOLANA_ACT_EVENT = 1,  // of those that are the authority's alone
    SOLANA_ACT_RESERVED = 4,
    SOLANA_ACT_PAID = 2
};
enum solana_act solana_ticket_act(const uint8_t *data, size_t len);

void solana_ticket_close(struct solana_instruction *ix, const struct solana_programs *programs,
                         const struct solana_event_end *end);

#endif
