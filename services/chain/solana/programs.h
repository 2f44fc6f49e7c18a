// Our two programs on chain: their addresses, the accounts they keep, and the names of their refusals.
// Layouts follow services/chain/programs/idl. Pure.
#ifndef CHAIN_SOLANA_PROGRAMS_H
#define CHAIN_SOLANA_PROGRAMS_H

#include "services/chain/solana/rpc.h"

enum { SOLANA_EVENT_ID_BYTES = 16, SOLANA_LIST_NAME_MAX = 32 };

struct solana_programs {
    struct solana_key ticket, whitelist;
};

// Where they are on the public clusters.
struct solana_programs solana_programs_default(void);

bool solana_list_address(struct solana_key *out, const struct solana_programs *programs,
                         const struct solana_key *authority, const char *name); // false: longer than 32 bytes
void solana_entry_address(struct solana_key *out, const struct solana_programs *programs,
                          const struct solana_key *list, const struct solana_key *wallet);
void solana_burned_address(struct solana_key *out, const struct solana_programs *programs,
                           const struct solana_key *list, const struct solana_key *mint);
void solana_event_address(struct solana_key *out, const struct solana_programs *programs,
                          const struct solana_key *authority, const uint8_t id[SOLANA_EVENT_ID_BYTES]);
void solana_vault_address(struct solana_key *out, const struct solana_programs *programs,
                          const struct solana_key *event);
void solana_ticket_address(struct solana_key *out, const struct solana_programs *programs,
                           const struct solana_key *event, const struct solana_key *reference);

enum solana_event_state {
    SOLANA_EVENT_OPEN,
    SOLANA_EVENT_LOCKED,
    SOLANA_EVENT_CANCELLED,
    SOLANA_EVENT_SETTLING, // winners are still owed
    SOLANA_EVENT_SETTLED
};

struct solana_event {
    struct solana_key authority, vault, whitelist, pool, revenue;
    struct solana_key mint; // of the price; zero: lamports
    uint64_t price;
    uint64_t vault_rent_lamports; // not part of the players' money
    uint64_t owed;                // to winners, of what the settlement fixed
    int64_t escape_at_s;          // from then on holders take their money out by themselves
    uint32_t capacity;
    uint32_t reserved;
    uint8_t id[SOLANA_EVENT_ID_BYTES];
    enum solana_event_state state;
    uint8_t bump;
};

struct solana_ticket {
    struct solana_key event, player, reference;
    uint64_t paid;
    int64_t reserved_at_s;
};

struct solana_list {
    struct solana_key authority, rent_payer;
    uint64_t entries, count, burned;
    char name[SOLANA_LIST_NAME_MAX + 1];
};

struct solana_entry {
    struct solana_key list, wallet, rent_payer;
    uint64_t count;
    int64_t since_s;
};

struct solana_burned {
    struct solana_key list, owner, mint;
    uint64_t amount;
    int64_t since_s;
};

// The readers return false for an account that is absent, of another program or of another type.
bool solana_event_read(struct solana_event *out, const struct solana_account *account,
                       const struct solana_programs *programs);
bool solana_ticket_read(struct solana_ticket *out, const struct solana_account *account,
                        const struct solana_programs *programs);
bool solana_list_read(struct solana_list *out, const struct solana_account *account,
                      const struct solana_programs *programs);
bool solana_entry_read(struct solana_entry *out, const struct solana_account *account,
                       const struct solana_programs *programs);
bool solana_burned_read(struct solana_burned *out, const struct solana_account *account,
                        const struct solana_programs *programs);

// "EventFull" for 6034; NULL for a number that neither program uses.
const char *solana_refusal_name(uint32_t custom);

#endif
