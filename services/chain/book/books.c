// The ledger as an object of lib/live.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/chain/book/call.h"
#include "services/chain/book/snapshot.h"

// Each takes 16 to 32 bytes.
enum { LOAD_ARENA = 32 << 20, COMMANDS_MOST = 1 << 20 };

static struct book *book_of(const struct live_object *object) { return (struct book *)object; }

static bool apply_stored(void *arg, const ProtobufCBinaryData *bytes, struct err *err)
{
    struct book *book = arg;
    Ledger__Entry *entry = ledger__entry__unpack(NULL, bytes->len, bytes->data);
    bool ok = entry && book_check(book, entry, err);
    if (ok) book_apply(book, entry);
    if (entry) ledger__entry__free_unpacked(entry, NULL);
    if (ok || (entry && err_is(err, STORE_NEWER))) return ok;
    if (!entry)
        return err_fail(err, STORE_CORRUPT, "entry %llu of the ledger is none",
                        (unsigned long long)book->seq + 1);
    err->reason = CONSE__REASON__VALUE__STORE_CORRUPT;
    return false;
}

static bool read_on(struct book *book, struct err *err)
{
    struct arena arena;
    arena_init(&arena, LOAD_ARENA);
    bool ok = live_catch_up(&book->live, book->chain->store, BOOK_STREAM, book->seq + 1, apply_stored, book,
                            &arena, err);
    arena_finish(&arena);
    if (!ok) return false;
    atomic_store(&book->durable_seq, book->seq);
    book->committed_seq = book->seq;
    return true;
}

static void begin_book(struct live_object *object, void *chain) { book_of(object)->chain = chain; }

static bool load_book(struct live_object *object, void *chain, struct err *err)
{
    struct book *book = book_of(object);
    begin_book(object, chain);
    if (!book_init(book)) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return book_snapshot_load(book, chain, err) && read_on(book, err);
}

// What is in the state is still what is stored: a store may have lost its newest entries.
static bool is_stored(struct book *book)
{
    static const uint8_t none[BOOK_ENTRY_ID_BYTES];
    uint8_t id[BOOK_ENTRY_ID_BYTES];
    struct store_entries page;
    struct arena arena;
    struct err err = {0};
    if (memcmp(book->newest_id, none, sizeof none) == 0) return false;
    arena_init(&arena, LOAD_ARENA);
    bool found = store_read(book->chain->store, BOOK_STREAM, book->seq, 1, &arena, &page, &err) && page.count;
    Ledger__Entry *entry =
        found ? ledger__entry__unpack(&arena.allocator, page.entries[0].len, page.entries[0].data) : NULL;
    if (entry) book_entry_id(entry, id);
    bool same = entry && memcmp(id, book->newest_id, sizeof id) == 0;
    arena_finish(&arena);
    return same;
}

static bool take_back(struct live_object *object)
{
    struct book *book = book_of(object);
    return book_undo_all(book) && is_stored(book);
}

static bool catch_up(struct live_object *object, void *chain, struct err *err)
{
    (void)chain;
    return read_on(book_of(object), err);
}

static uint64_t seq_of(const struct live_object *object) { return book_of(object)->seq; }

static void name_stream(const struct live_object *object, char out[LIVE_STREAM])
{
    (void)object;
    snprintf(out, LIVE_STREAM, BOOK_STREAM);
}

static void forget_book(struct live_object *object) { book_finish(book_of(object)); }

// There is always one: it is begun when the service starts.
static bool is_there(const struct live_object *object)
{
    (void)object;
    return true;
}

// It never leaves, so nothing is won by counting.
static size_t weigh_book(const struct live_object *object)
{
    (void)object;
    return sizeof(struct book);
}

static const struct live_kind kind = {
    .name = "ledger",
    .log = "chain.load",
    .size = sizeof(struct book),
    .commands = COMMANDS_MOST,
    .load = load_book,
    .catch_up = catch_up,
    .take_back = take_back,
    .seq = seq_of,
    .stream = name_stream,
    .begin = begin_book,
    .forget = forget_book,
    .exists = is_there,
    .weigh = weigh_book,
};

bool books_open(struct chain *chain, struct err *err)
{
    return live_open(&chain->books, &kind, chain, chain->store, SIZE_MAX, err);
}

void book_note_head(struct chain *chain, uint64_t seq) { live_note_head(chain->books, BOOK_ID, seq); }
