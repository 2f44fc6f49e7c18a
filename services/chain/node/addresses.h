// Addresses of the coiniXerr protocol, and the keys that they are of, as rows: an address is a slow hash of
// its key, and no way leads back. Thread-safe, blocks. Private to the room.
#ifndef CHAIN_NODE_ADDRESSES_H
#define CHAIN_NODE_ADDRESSES_H

#include "lib/base/arena.h"
#include "services/chain/chain.h"
#include "services/chain/coinixerr/digest.h"
#include "services/chain/ledger/accounts.h"

// The row's text, in the arena; "" when there is none.
MUST_CHECK bool addresses_find(struct chain *chain, const struct ledger_account *key, struct arena *arena,
                               const char **address, struct err *err);
// The same, made with this salt and stored when there is none.
MUST_CHECK bool addresses_make(struct chain *chain, const struct coinixerr_salt *salt,
                               const struct ledger_account *key, struct arena *arena, const char **address,
                               struct err *err);
// NOT_FOUND: nobody was seen who has this address.
MUST_CHECK bool addresses_key(struct chain *chain, const struct coinixerr_digest *address,
                              struct arena *arena, struct ledger_account *key, struct err *err);

#endif
