// One call on the ledger: locked, entries collected, left by itself at the end of the handler.
//     AUTO_BOOK struct book_call b = {.call = call};
//     return book_begin(&b, err) && ... book_add(&b, ...) ... && book_commit(&b, &reply->base, err);
// What refuses a call comes before its first entry: entries change the state at once, and what is not
// committed then has to be loaded again.
#ifndef CHAIN_BOOK_CALL_H
#define CHAIN_BOOK_CALL_H

#include "lib/rpc/server.h"
#include "services/chain/book/book.h"
#include "services/chain/chain.h"

struct book_told {
    bool book;       // else of an account
    uint32_t number; // the asset, or the account
};

struct book_call {
    struct rpc_call *call; // NULL: of the service's own
    struct chain *chain;   // of the service's own; else it is taken from the call
    struct arena *arena;   // the same
    uint64_t at_least;     // an entry that the ledger is known to have, so the copy has it too; 0: any
    int64_t now_ms;        // of its entries: not before the newest one, see book_time
    int64_t mono_ms;       // when it was entered
    struct book *book;
    ProtobufCBinaryData *entries;
    size_t count, room;
    uint64_t first;         // number of the first
    struct book_told *told; // of whom and of which books the market tells something
    size_t told_count, told_room;
    const Audit__Entry *act; // that the audit is told, see acts.h; or NULL
    bool failed;
    bool unfinished; // what was to be done needs another append, see BOOK_ENTRIES_AT_ONCE
};

// An append is of some hundred entries: what changes more goes on in another one.
enum { BOOK_ENTRIES_AT_ONCE = 200 };

#define AUTO_BOOK __attribute__((cleanup(book_end)))

// For chain->books.
MUST_CHECK bool books_open(struct chain *chain, struct err *err);
// Says on the bus how much was told of the market, of which a process that was killed may have said nothing.
MUST_CHECK bool book_tell_heads(struct chain *chain, struct err *err);
// Another process announced that it stored this entry. Never blocks.
void book_note_head(struct chain *chain, uint64_t seq);

// Enters a copy as fresh as the call needs, and finds a repetition.
MUST_CHECK bool book_begin(struct book_call *b, struct err *err);
// For the service's own work at this time; chain and arena are set. fresh: at a shared store confirmed now.
MUST_CHECK bool book_begin_own(struct book_call *b, int64_t now_ms, bool fresh, struct err *err);

// Adds an entry and folds it in. postings: as ledger_check takes them. The body is borrowed; what is
// returned, in the arena, has it too. NULL: it could not be added, and nothing will be committed.
const Ledger__Entry *book_add(struct book_call *b, Ledger__Entry__BodyCase which, ProtobufCMessage *body,
                              const struct ledger_posting *postings, size_t count);
// The number of the owner's account, which is opened when there is none.
uint32_t book_account(struct book_call *b, const struct ledger_owner *owner);
// What was written beside the next entry: its number, 0 without a text.
uint64_t book_memo(struct book_call *b, const char *text);
// Ends the open block, if it has a record.
void book_seal(struct book_call *b);

// Queues what was added, if anything; the reply must be filled, and rests on it.
MUST_CHECK bool book_commit(struct book_call *b, const ProtobufCMessage *reply, struct err *err);
// Leaves the ledger, which may be entered again: the store is read between. Twice is fine.
void book_end(struct book_call *b);

// True when filled; else the arena is full and err says so.
MUST_CHECK bool book_filled(const void *part, struct err *err);

#endif
