#ifndef CHAIN_PROGRAMS_TICKET_STORED_H
#define CHAIN_PROGRAMS_TICKET_STORED_H

// What the accounts of an instruction must be according to the stored event: its authority, vault, whitelist
// and tokens.

#include "services/chain/programs/sdk/program.h"
#include "services/chain/programs/sdk/token.h"
#include "services/chain/programs/ticket/ticket.h"

static inline struct event *event_of(const struct account *a) { return (struct event *)a->data; }

static inline struct ticket *ticket_of(const struct account *a) { return (struct ticket *)a->data; }

static inline bool event_takes_tokens(const struct event *event)
{
    return (event->mint.words[0] | event->mint.words[1] | event->mint.words[2] | event->mint.words[3]) != 0;
}

uint64_t stored_check_authority(const struct account *event, const struct account *authority);

// ERROR_WRONG_VAULT, ERROR_WRONG_WHITELIST
uint64_t stored_check_vault(const struct account *event, const struct account *vault);
uint64_t stored_check_whitelist(const struct account *event, const struct account *list);

// The ticket is of this event and of this player.
uint64_t stored_check_ticket(const struct account *ticket, const struct account *event,
                             const struct account *player);

// The recipient is this wallet, or with a token price a token account of it.
uint64_t stored_check_recipient(const struct account *event, const struct account *recipient,
                                const struct account *mint, const struct pubkey *wallet);

// The optional mint and token program: given when the price is in tokens, and then equal to the stored mint.
uint64_t stored_check_tokens(const struct call *, const struct account *event, uint64_t mint_index,
                             uint64_t program_index);

// What the vault holds beyond its own rent, in the unit of the price: the money of the tickets, and what
// strangers sent.
uint64_t stored_vault_amount(const struct event *, const struct account *vault);

// Pays out of the vault, signed by the event when it is tokens; lamports only after the last cross-program
// call.
struct payment {
    struct account *event, *vault, *to;
    const struct account *mint, *token_program; // of a token price
};
uint64_t vault_pay(const struct call *, const struct payment *, uint64_t amount);

// Signs for the event. Borrows the bump of the event's data.
struct event_signer {
    struct slice seeds[4];
    struct signer signer;
};
void event_sign(struct event_signer *, const struct account *event);

#endif
