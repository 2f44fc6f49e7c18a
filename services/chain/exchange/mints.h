// Role cards on the cluster: which are on their way there, there, burned, and home again. A card is in the
// installation's fund from the moment at which a transaction that mints it may land, so nobody has it twice.
// What becomes of it is known from the cluster alone. Pure.
#ifndef CHAIN_EXCHANGE_MINTS_H
#define CHAIN_EXCHANGE_MINTS_H

#include "ledger.pb-c.h"
#include "services/chain/fields.h"
#include "services/chain/ledger/accounts.h"
#include "services/chain/ledger/map.h"

enum {
    MINTS_SINCE = 17, // CONSE_FORMAT: older programs don't know the entries
    MINT_KEY_BYTES = 32
};

enum mint_state {
    MINT_SENT = 1, // its bytes may land, or have landed without being final
    MINT_THERE,    // whoever has the token has the card
    MINT_DEAD,     // its bytes can't land any more: the account has the card again
    MINT_BURNED,   // nobody has the token; the card is for who burned it
    MINT_BACK,     // the account of who burned it has the card
    MINT_STATES
};

// The newest mint of a card. Valid until the next change.
struct card_mint {
    uint64_t hash;
    uint32_t asset, card;
    uint32_t number;  // of the card's, from 1: the next one after DEAD has it too
    uint32_t account; // whose card it was; whose it is, BACK
    uint64_t last_valid_height;
    enum mint_state state;
    uint8_t address[MINT_KEY_BYTES];
    uint8_t wallet[MINT_KEY_BYTES]; // that gets the token; that burned it
};

struct card_mints {
    struct ledger_map all;       // by card
    struct ledger_map addresses; // of those that are SENT, THERE or BURNED
    struct ledger_map sent;      // by account, which has one at a time
    uint32_t there, burned;      // in these states
    uint32_t back;               // how often one was
};

struct exchange;

void mints_init(struct card_mints *mints, const uint8_t seed[16]);
void mints_finish(struct card_mints *mints);

// NULL: the card was never minted.
const struct card_mint *mints_find(const struct card_mints *mints, uint32_t asset, uint32_t card);
// NULL: no card has it now.
const struct card_mint *mints_at(const struct card_mints *mints, const uint8_t address[MINT_KEY_BYTES]);
// The one that is SENT for an account; NULL: there is none.
const struct card_mint *mints_sent(const struct card_mints *mints, uint32_t account);
// The one behind it, in no order; NULL: the first, and the end. Of those that are SENT; of all.
const struct card_mint *mints_next_sent(const struct card_mints *mints, const struct card_mint *mint);
const struct card_mint *mints_next(const struct card_mints *mints, const struct card_mint *mint);
// Whether the fund has the card.
bool mints_is_away(const struct card_mint *mint);
// The number that the card's next mint has; a card that is away has none.
uint32_t mints_next_number(const struct card_mints *mints, uint32_t asset, uint32_t card);
struct ledger_owner mints_fund(void);

// What is wrong with an entry; NULL: it may follow, and there is memory for it.
const char *mints_check(struct exchange *exchange, const struct ledger_accounts *accounts,
                        const Ledger__Entry *entry);
// Makes what was checked the newest.
void mints_apply(struct exchange *exchange, const Ledger__CardMinted *minted);

// Parts of a snapshot. Read into empty ones; false when they are damaged, or memory is short.
size_t mints_size(const struct card_mints *mints);
void mints_write(const struct card_mints *mints, struct fields_writer *writer);
bool mints_read(struct exchange *exchange, struct fields_reader *reader);

#endif
