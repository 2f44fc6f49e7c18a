// Wishes as they are added to their list. Private to the room.
#ifndef CHAIN_WISHES_ADDING_H
#define CHAIN_WISHES_ADDING_H

#include "services/chain/wishes/wishes.h"

// Without anything in it; NULL: no memory, which the list remembers.
struct wish *wishes_add(struct wishes *wishes);
// What is on its way for it, and since when.
void wishes_take_job(struct wish *wish, const struct book *book);

#endif
