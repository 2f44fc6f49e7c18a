#include "services/chain/book/snapshot.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/chain/book/parts.h"
#include "services/chain/tables.h"

enum {
    FORM = 17,
    CHUNK_BYTES = 4 << 20,
    CHUNKS_MOST = 16384,
    ID_BYTES = 16,
    ARENA = 16 << 20,
    KEPT_MS = 120000,
    SWEEP_AT_ONCE = 4,
    PAGE_TOKEN = 512
};

static const struct store_table *const chunks = &chain_tables[CHAIN_CHUNKS];

// ---- The state as bytes

static void write_assets(const struct book *book, struct fields_writer *writer)
{
    fields_put_uint(writer, book->assets_count, 4);
    for (uint32_t i = BOOK_FIRST_CARD; i < book->assets_count; i++)
        fields_put(writer, book->assets[i].role_id, UUID_LEN);
}

static size_t assets_size(const struct book *book)
{
    return 4 + (size_t)(book->assets_count - BOOK_FIRST_CARD) * UUID_LEN;
}

enum { HEAD_BYTES = 4 + 8 + 8 + LEDGER_ACCOUNT_BYTES + 4 + 8 + 8 + 8 };

static void write_head(const struct book *book, struct fields_writer *writer)
{
    fields_put_uint(writer, FORM, 4);
    fields_put_uint(writer, book->seq, 8);
    fields_put_uint(writer, (uint64_t)book->newest_ms, 8);
    fields_put(writer, &book->authority, sizeof book->authority);
    fields_put_uint(writer, book->authority_key, 4);
    fields_put_uint(writer, book->generation, 8);
    fields_put_uint(writer, book->open_first, 8);
    fields_put_uint(writer, (uint64_t)book->open_ms, 8);
}

static void write_state(const struct book *book, struct fields_writer *writer)
{
    write_head(book, writer);
    write_assets(book, writer);
    ledger_accounts_write(&book->accounts, writer);
    ledger_blocks_write(&book->blocks, writer);
    book_spent_write(book, writer);
    ledger_repeats_write(&book->repeats, writer);
    exchange_write(&book->exchange, writer);
    till_write(&book->till, writer);
    outbox_write(&book->outbox, writer);
    merit_write(&book->merit, writer);
    lists_write(&book->lists, writer);
    withdrawals_write(&book->withdrawals, writer);
}

bool book_snapshot_take(const struct book *book, struct book_snapshot *snapshot)
{
    size_t size = HEAD_BYTES + assets_size(book) + ledger_accounts_size(&book->accounts) +
                  ledger_blocks_size(&book->blocks) + book_spent_size(book) +
                  ledger_repeats_size(&book->repeats) + exchange_size(&book->exchange) +
                  till_size(&book->till) + outbox_size(&book->outbox) + merit_size(&book->merit) +
                  lists_size(&book->lists) + withdrawals_size(&book->withdrawals);
    *snapshot = (struct book_snapshot){book->seq, book->live.ticket, malloc(size), size};
    if (!snapshot->bytes) return false;
    struct fields_writer writer = {snapshot->bytes};
    write_state(book, &writer);
    return true;
}

void book_snapshot_drop(struct book_snapshot *snapshot)
{
    free(snapshot->bytes);
    *snapshot = (struct book_snapshot){.seq = 0};
}

static bool add_role(struct book *book, uint32_t asset)
{
    uint8_t role_id[16];
    if (!uuid_check(book->assets[asset].role_id)) return false;
    uuid_bytes(book->assets[asset].role_id, role_id);
    return exchange_add_role(&book->exchange, role_id);
}

static bool read_assets(struct book *book, struct fields_reader *reader)
{
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    if (count < BOOK_FIRST_CARD || count > BOOK_ASSETS_MAX) return false;
    for (uint32_t i = BOOK_FIRST_CARD; i < count; i++) {
        book->assets[i].kind = LEDGER__ASSET__KIND__CARD;
        fields_get(reader, book->assets[i].role_id, UUID_LEN);
        if (!add_role(book, i)) return false;
    }
    book->assets_count = count;
    return true;
}

static bool read_state(struct book *book, uint64_t seq, struct fields_reader *reader)
{
    if (fields_get_uint(reader, 4) != FORM || fields_get_uint(reader, 8) != seq) return false;
    book->seq = seq;
    book->newest_ms = (int64_t)fields_get_uint(reader, 8);
    fields_get(reader, &book->authority, sizeof book->authority);
    book->authority_key = (uint32_t)fields_get_uint(reader, 4);
    book->generation = fields_get_uint(reader, 8);
    book->open_first = fields_get_uint(reader, 8);
    book->open_ms = (int64_t)fields_get_uint(reader, 8);
    return read_assets(book, reader) && ledger_accounts_read(&book->accounts, reader) &&
           ledger_blocks_read(&book->blocks, reader) && book_spent_read(book, reader) &&
           ledger_repeats_read(&book->repeats, reader) && exchange_read(&book->exchange, reader) &&
           till_read(&book->till, reader) && outbox_read(&book->outbox, reader) &&
           merit_read(&book->merit, reader) && lists_read(&book->lists, reader) &&
           withdrawals_read(&book->withdrawals, reader) && fields_is_whole(reader);
}

// By OpenSSL, which has the processor do it.
static bool hash_bytes(const uint8_t *bytes, size_t size, uint8_t hash[crypto_hash_sha256_BYTES])
{
    return EVP_Digest(bytes, size, hash, NULL, EVP_sha256(), NULL) == 1;
}

// ---- Storing

static void chunk_id(const char *snapshot_id, uint32_t number, char out[ID_BYTES * 2 + 16])
{
    snprintf(out, ID_BYTES * 2 + 16, "%s-%05u", snapshot_id, number);
}

static bool store_chunk(struct chain *chain, const char *id, const struct book_snapshot *snapshot,
                        uint32_t number, struct err *err)
{
    Ledger__ChunkRow row = LEDGER__CHUNK_ROW__INIT;
    char name[ID_BYTES * 2 + 16];
    size_t from = (size_t)number * CHUNK_BYTES, left = snapshot->size - from;
    chunk_id(id, number, name);
    row.id = name;
    row.made_ms = clock_unix_ms();
    row.bytes = (ProtobufCBinaryData){left < CHUNK_BYTES ? left : CHUNK_BYTES, snapshot->bytes + from};
    const struct store_write write = {.done = NULL};
    return store_wait(chain->store, store_put(chain->store, chunks, &row.base, 0, &write), err);
}

static bool store_manifest(struct chain *chain, const struct book_snapshot *snapshot,
                           Ledger__Snapshot *manifest, struct err *err)
{
    uint8_t hash[crypto_hash_sha256_BYTES], packed[256];
    if (!hash_bytes(snapshot->bytes, snapshot->size, hash))
        return err_fail(err, INTERNAL_ERROR, "no SHA-256");
    manifest->hash = (ProtobufCBinaryData){sizeof hash, hash};
    const ProtobufCBinaryData state = {ledger__snapshot__pack(manifest, packed), packed};
    manifest->hash = (ProtobufCBinaryData){0}; // it ends with this function
    if (snapshot->ticket && !store_wait(chain->store, snapshot->ticket, err)) return false;
    return store_wait(chain->store, store_snapshot(chain->store, BOOK_STREAM, snapshot->seq, state), err);
}

bool book_snapshot_store(struct chain *chain, const struct book_snapshot *snapshot, struct err *err)
{
    Ledger__Snapshot manifest = LEDGER__SNAPSHOT__INIT;
    uint8_t random[ID_BYTES];
    char id[ID_BYTES * 2 + 1];
    randombytes_buf(random, sizeof random);
    hex_encode(id, random, sizeof random);
    manifest.form = FORM;
    manifest.chunks = id;
    manifest.size = snapshot->size;
    manifest.count = (uint32_t)((snapshot->size + CHUNK_BYTES - 1) / CHUNK_BYTES);
    for (uint32_t i = 0; i < manifest.count; i++)
        if (!store_chunk(chain, id, snapshot, i, err)) return false;
    return store_manifest(chain, snapshot, &manifest, err);
}

// ---- Loading

// The newest manifest, in the arena; NULL: there is none that this program reads.
static bool find_manifest(struct chain *chain, struct arena *arena, Ledger__Snapshot **manifest,
                          uint64_t *seq, struct err *err)
{
    ProtobufCBinaryData state;
    *manifest = NULL;
    if (!store_read_snapshot(chain->store, BOOK_STREAM, arena, seq, &state, err)) return false;
    if (!*seq) return true;
    Ledger__Snapshot *found = ledger__snapshot__unpack(&arena->allocator, state.len, state.data);
    bool fits = found && found->form == FORM && found->count <= CHUNKS_MOST &&
                found->size <= (uint64_t)found->count * CHUNK_BYTES &&
                found->hash.len == crypto_hash_sha256_BYTES && strlen(found->chunks) == ID_BYTES * 2;
    if (fits) *manifest = found;
    return true;
}

// False with an empty err: it is not there.
static bool load_chunk(struct chain *chain, const Ledger__Snapshot *manifest, uint32_t number, uint8_t *bytes,
                       struct err *err)
{
    char name[ID_BYTES * 2 + 16];
    struct arena arena;
    Ledger__ChunkRow *row;
    uint64_t version;
    size_t from = (size_t)number * CHUNK_BYTES, left = manifest->size - from;
    chunk_id(manifest->chunks, number, name);
    arena_init(&arena, ARENA);
    bool ok = store_get(chain->store, chunks, name, &arena, (ProtobufCMessage **)&row, &version, err) &&
              row && row->bytes.len == (left < CHUNK_BYTES ? left : CHUNK_BYTES);
    if (ok) memcpy(bytes + from, row->bytes.data, row->bytes.len);
    arena_finish(&arena);
    return ok;
}

static uint8_t *load_bytes(struct chain *chain, const Ledger__Snapshot *manifest, struct err *err)
{
    uint8_t *bytes = malloc(manifest->size), hash[crypto_hash_sha256_BYTES];
    bool ok = bytes;
    for (uint32_t i = 0; ok && i < manifest->count; i++) ok = load_chunk(chain, manifest, i, bytes, err);
    ok = ok && hash_bytes(bytes, manifest->size, hash) && memcmp(hash, manifest->hash.data, sizeof hash) == 0;
    if (ok) return bytes;
    free(bytes);
    return NULL;
}

static bool use_bytes(struct book *book, const uint8_t *bytes, size_t size, uint64_t seq, struct err *err)
{
    struct fields_reader reader = {bytes, size, false};
    if (bytes && read_state(book, seq, &reader)) {
        book->snapshot_seq = seq;
        return true;
    }
    log_warn("the ledger's snapshot can't be used; its entries are read from the first one");
    book_finish(book);
    return book_init(book) || err_fail(err, INTERNAL_ERROR, "out of memory");
}

bool book_snapshot_load(struct book *book, struct chain *chain, struct err *err)
{
    struct arena arena;
    Ledger__Snapshot *manifest;
    uint64_t seq;
    struct err why = {0};
    arena_init(&arena, 1 << 20);
    bool ok = find_manifest(chain, &arena, &manifest, &seq, err);
    if (ok && manifest) {
        uint8_t *bytes = load_bytes(chain, manifest, &why);
        if (!bytes && why.reason) *err = why;
        ok = bytes || !why.reason ? use_bytes(book, bytes, manifest->size, seq, err) : false;
        free(bytes);
    }
    arena_finish(&arena);
    return ok;
}

// ---- Sweeping

static bool is_of(const char *chunk, const Ledger__Snapshot *manifest)
{
    return manifest && strncmp(chunk, manifest->chunks, ID_BYTES * 2) == 0;
}

// The snapshot's own parts may be older than what is removed, so it goes on behind them.
static bool sweep_page(struct chain *chain, const Ledger__Snapshot *manifest, int64_t until_ms,
                       struct arena *arena, char token[PAGE_TOKEN], struct err *err)
{
    const struct store_value until = {.number = until_ms};
    const struct store_query query = {
        .index = "by_time", .to = &until, .limit = SWEEP_AT_ONCE, .page_token = token};
    struct store_rows rows;
    if (!store_find(chain->store, chunks, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const char *id = ((const Ledger__ChunkRow *)rows.messages[i])->id;
        const struct store_write write = {.done = NULL};
        if (is_of(id, manifest)) continue;
        if (!store_wait(chain->store, store_delete(chain->store, chunks, id, rows.versions[i], &write), err))
            return false;
    }
    snprintf(token, PAGE_TOKEN, "%s", rows.next_page_token);
    return true;
}

bool book_snapshot_sweep(struct chain *chain, int64_t now_ms, struct err *err)
{
    struct arena arena, pages;
    Ledger__Snapshot *manifest;
    uint64_t seq;
    char token[PAGE_TOKEN] = "";
    arena_init(&arena, 1 << 20);
    arena_init(&pages, 2 * ARENA);
    bool ok = find_manifest(chain, &arena, &manifest, &seq, err);
    do {
        arena_reset(&pages);
        ok = ok && sweep_page(chain, manifest, now_ms - KEPT_MS, &pages, token, err);
    } while (ok && *token);
    arena_finish(&pages);
    arena_finish(&arena);
    return ok;
}
