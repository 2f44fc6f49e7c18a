// What was decided here and is not stored yet, so that it can be taken back when another process came first:
// then only what that one stored has to be read. Entries that move money, open accounts or end blocks, and
// most of seats, can be taken back; any other, and what came before it, can't. A part of the book, of a
// shared store.
#ifndef CHAIN_BOOK_UNDO_H
#define CHAIN_BOOK_UNDO_H

#include <stdbool.h>

#include "ledger.pb-c.h"

struct book;
struct undo_step;

struct book_undo {
    uint64_t from;           // what came behind this entry can be taken back
    struct undo_step *steps; // these, in their order
    size_t count, room;
};

void book_undo_finish(struct book_undo *undo);
// Before an entry is applied that was decided here. Best effort: without memory it can't be taken back.
void book_undo_note(struct book *book, const Ledger__Entry *entry, const ProtobufCBinaryData *packed);
// Takes back what is not on the disk; no write is on its way. False: it can't be, and the state is useless.
bool book_undo_all(struct book *book);

#endif
