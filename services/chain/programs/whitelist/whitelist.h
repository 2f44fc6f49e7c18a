#ifndef CHAIN_PROGRAMS_WHITELIST_WHITELIST_H
#define CHAIN_PROGRAMS_WHITELIST_WHITELIST_H

// The whitelist program's accounts as they lie in memory (which is their Borsh form), its refusals and
// instruction numbers. A list has no size of its own: each wallet on it and each mint burned for it is an
// account.

#include "services/chain/programs/sdk/abi.h"

enum { LIST_NAME_MAX = 32 };

// Discriminators: sha256("account:List"), sha256("global:add"), ..., the first eight bytes as a little-endian
// number.
#define LIST_TYPE UINT64_C(0x52be8b166eba18a9)
#define ENTRY_TYPE UINT64_C(0xfaddf6d77198123f)
#define BURNED_TYPE UINT64_C(0x784f936a6adc7423)

#define WHITELIST_INIT_LIST UINT64_C(0xad5703090f635e5e)
#define WHITELIST_ADD UINT64_C(0xb5386fc592f9f929)
#define WHITELIST_REMOVE UINT64_C(0x6a1881604f09bac7)
#define WHITELIST_BURN UINT64_C(0x5d2adb6b381d6e74)
#define WHITELIST_CLOSE UINT64_C(0x60ce416cb1c9a562)

enum {
    ERROR_INVALID_NAME = 6100,
    ERROR_WRONG_LIST_AUTHORITY,
    ERROR_WRONG_LIST,
    ERROR_WRONG_WALLET,
    ERROR_WRONG_RENT_PAYER,
    ERROR_ZERO_COUNT,
    ERROR_NOT_THAT_MANY,
    ERROR_LIST_NOT_EMPTY,
    ERROR_ZERO_AMOUNT,
    ERROR_MINT_ALREADY_BURNED,
    ERROR_TOKEN_FROZEN,
};

// PDA "list", authority, name
struct list {
    uint64_t type;
    struct pubkey authority;  // the only one that adds, removes and closes
    struct pubkey rent_payer; // the payer that made the list, and gets its rent
    uint64_t entries;         // wallets on the list
    uint64_t count;           // sum of their counts
    uint64_t burned;          // mints burned for the list
    uint32_t name_size;
    char name[LIST_NAME_MAX];
};

// PDA "entry", list, wallet
struct entry {
    uint64_t type;
    struct pubkey list, wallet;
    struct pubkey rent_payer; // the payer of the entry, which gets its rent
    uint64_t count;
    int64_t since_s;
};

// PDA "burned", list, mint: never closed, so a mint counts once per list
struct burned {
    uint64_t type;
    struct pubkey list, owner, mint;
    uint64_t amount;
    int64_t since_s;
};

_Static_assert(sizeof(struct list) == 136 && sizeof(struct entry) == 120 && sizeof(struct burned) == 120,
               "Borsh");

struct call;
uint64_t list_init(struct call *);
uint64_t list_close(struct call *);
uint64_t entry_add(struct call *);
uint64_t entry_remove(struct call *);
uint64_t burn(struct call *);

#endif
