// Entries that carry out a message of the coiniXerr protocol, which its sender signed. It names addresses,
// and an address fits one key, so the message shows whom the entry may move.
#ifndef CHAIN_BOOK_MESSAGES_H
#define CHAIN_BOOK_MESSAGES_H

#include "services/chain/book/book.h"
#include "services/chain/coinixerr/coinixerr.h"

// The format from which on programs know such entries.
enum { MESSAGES_FORMAT = 6 };

// What a node adds to a message is not in its entry.
size_t messages_pack(const struct coinixerr_transaction *transaction, uint8_t bytes[COINIXERR_BYTES_MAX]);
// The message of an entry that moves what it says, from the key that signed; false: it is none.
bool messages_read(const struct book *book, const Ledger__Entry *entry,
                   struct coinixerr_transaction *transaction);

// Keys that were found to fit their addresses, which takes some milliseconds each.
void messages_seen_init(struct ledger_map *seen);
// Whether signature and addresses are those of the accounts that the entry moves. seen: NULL, or as above.
bool messages_verify(const struct book *book, const Ledger__Entry *entry, struct ledger_map *seen);

#endif
