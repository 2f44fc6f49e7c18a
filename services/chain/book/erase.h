// What goes with a user's account: that the ledger's account was theirs, and what they wrote beside
// transfers. What was moved stays.
#ifndef CHAIN_BOOK_ERASE_H
#define CHAIN_BOOK_ERASE_H

#include "services/chain/chain.h"

// A names_forget, with the struct chain as arg. It may be repeated; blocks.
bool erase_user(void *chain, const char *user_id, struct err *err);

#endif
