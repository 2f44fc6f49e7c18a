// Parts of the fold. Private to the room.
#ifndef CHAIN_BOOK_PARTS_H
#define CHAIN_BOOK_PARTS_H

#include "services/chain/book/book.h"

// Adds to what an account has given away today.
void book_spend(struct book *book, uint32_t account, int64_t amount, int64_t now_ms);
size_t book_spent_size(const struct book *book);
void book_spent_write(const struct book *book, struct fields_writer *writer);
bool book_spent_read(struct book *book, struct fields_reader *reader);

#endif
