// The signature under a block.
#ifndef CHAIN_BOOK_SEAL_H
#define CHAIN_BOOK_SEAL_H

#include "services/chain/book/book.h"
#include "services/chain/chain.h"

// The header of the open block, which must have a record, and its signature by the ledger's authority.
MUST_CHECK bool seal_make(struct chain *chain, const struct book *book, int64_t now_ms,
                          uint8_t header[LEDGER_BLOCK_BYTES], uint8_t signature[LEDGER_SIGNATURE_BYTES],
                          struct err *err);
// The public key of a key of the ring, by its number; 0: of the one in use, whose number is written.
MUST_CHECK bool seal_authority(struct chain *chain, uint32_t *number, struct ledger_account *authority,
                               struct err *err);

#endif
