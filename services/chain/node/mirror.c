#include "services/chain/node/mirror.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "services/chain/book/leaves.h"
#include "services/chain/fields.h"
#include "services/chain/node/wire.h"
#include "services/chain/tables.h"

#define GREETING "conse/mirror/1"

enum {
    PERIOD_MS = 200,
    FIRST_PAUSE_MS = 500,
    LONGEST_PAUSE_MS = 60000,
    ARENA = 32 << 20,
    GREETING_BYTES = sizeof GREETING - 1 + MERKLE_HASH_BYTES + LEDGER_ACCOUNT_BYTES,
    HEIGHT_BYTES = 8,
    BLOCK_MOST = LEDGER_BLOCK_BYTES + LEDGER_SIGNATURE_BYTES + LEDGER_BLOCK_RECORDS_MAX * MERKLE_HASH_BYTES
};

struct mirror {
    struct chain *chain;
    pthread_t thread;
    struct arena arena; // of one block
    struct wire wire;
    uint64_t next; // the block that the other node gets next
    uint64_t back; // how far one goes back when it does not take that
    int pause_ms;  // after a failure
    bool told;     // of it
};

// ---- Our blocks

// NULL with an empty err: there is none of that number yet.
static Ledger__BlockRow *find_row(struct mirror *mirror, uint64_t index, struct err *err)
{
    Ledger__BlockRow *row;
    uint64_t version;
    char id[24];
    snprintf(id, sizeof id, "%020" PRIu64, index);
    return store_get(mirror->chain->store, &chain_tables[CHAIN_BLOCKS], id, &mirror->arena,
                     (ProtobufCMessage **)&row, &version, err)
               ? row
               : NULL;
}

static bool read_height(struct mirror *mirror, uint64_t *height, struct err *err)
{
    const struct store_query query = {.descending = true, .limit = 1, .page_token = ""};
    struct store_rows rows;
    if (!store_find(mirror->chain->store, &chain_tables[CHAIN_BLOCKS], &query, &mirror->arena, &rows, err))
        return false;
    *height = rows.count ? ((const Ledger__BlockRow *)rows.messages[0])->index + 1 : 0;
    return true;
}

// Header, signature, leaves. 0: err says why.
static size_t pack_block(struct mirror *mirror, const Ledger__BlockRow *row, uint8_t *bytes, struct err *err)
{
    struct merkle_hash *leaves;
    struct fields_writer writer = {bytes};
    if (row->count > LEDGER_BLOCK_RECORDS_MAX || row->header.len != LEDGER_BLOCK_BYTES ||
        row->signature.len != LEDGER_SIGNATURE_BYTES)
        return err_fail(err, STORE_CORRUPT, "row %s of blocks is none", row->id), 0;
    if (!book_leaves(NULL, mirror->chain, &mirror->arena, row, &leaves, err)) return 0;
    fields_put(&writer, row->header.data, row->header.len);
    fields_put(&writer, row->signature.data, row->signature.len);
    fields_put(&writer, leaves, row->count * sizeof *leaves);
    return (size_t)(writer.at - bytes);
}

// ---- The other node

static bool take_height(struct mirror *mirror, uint64_t *height, struct err *err)
{
    uint8_t bytes[HEIGHT_BYTES];
    struct fields_reader reader = {bytes, sizeof bytes, false};
    if (!wire_take(&mirror->wire, bytes, sizeof bytes, err)) return false;
    *height = fields_get_uint(&reader, HEIGHT_BYTES);
    return true;
}

static bool read_authority(struct mirror *mirror, struct ledger_account *authority, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = mirror->chain, .arena = &mirror->arena};
    if (!book_begin_own(&b, 0, false, err)) return false;
    *authority = b.book->authority;
    return true;
}

// What the other one has above our height is void: its newest of ours is sent again.
static bool greet_node(struct mirror *mirror, struct err *err)
{
    uint8_t greeting[GREETING_BYTES];
    struct fields_writer writer = {greeting};
    struct ledger_account authority;
    uint64_t own, height;
    if (!read_authority(mirror, &authority, err) || !read_height(mirror, &own, err) ||
        !wire_open(&mirror->wire, mirror->chain->settings.mirror, err))
        return false;
    fields_put(&writer, GREETING, sizeof GREETING - 1);
    fields_put(&writer, &mirror->chain->id, sizeof mirror->chain->id);
    fields_put(&writer, &authority, sizeof authority);
    if (!wire_send(&mirror->wire, greeting, sizeof greeting, err) || !take_height(mirror, &height, err))
        return false;
    mirror->next = height <= own ? height : own ? own - 1 : 0;
    mirror->back = 1;
    log_info("mirrors blocks", F_STR("to", mirror->chain->settings.mirror), F_INT("from", mirror->next));
    return true;
}

// What it did not take does not follow from what it has: the ledger was restored below.
static bool go_back(struct mirror *mirror, struct err *err)
{
    if (!mirror->next) return err_fail(err, SERVICE_AWAY, "the other node takes no block of this ledger");
    mirror->next = mirror->next > mirror->back ? mirror->next - mirror->back : 0;
    mirror->back *= 2;
    return true;
}

static bool send_block(struct mirror *mirror, const Ledger__BlockRow *row, struct err *err)
{
    uint64_t height;
    uint8_t *bytes = arena_alloc(&mirror->arena, BLOCK_MOST);
    size_t length = bytes ? pack_block(mirror, row, bytes, err) : 0;
    if (!length) return bytes ? false : book_filled(NULL, err);
    if (!wire_send(&mirror->wire, bytes, length, err) || !take_height(mirror, &height, err)) return false;
    if (height != row->index + 1) return go_back(mirror, err);
    mirror->next = height;
    mirror->back = 1;
    mirror->pause_ms = FIRST_PAUSE_MS;
    mirror->told = false;
    return true;
}

static bool send_blocks(struct mirror *mirror, struct err *err)
{
    if (mirror->wire.fd < 0 && !greet_node(mirror, err)) return false;
    while (!wire_pause(&mirror->wire, 0)) {
        arena_reset(&mirror->arena);
        const Ledger__BlockRow *row = find_row(mirror, mirror->next, err);
        if (!row) return !err->reason;
        if (!send_block(mirror, row, err)) return false;
    }
    return true;
}

// ---- The thread

static int mirror_work(struct mirror *mirror)
{
    struct err err = {0};
    arena_reset(&mirror->arena);
    bool mine = replica_holds(mirror->chain->replica, CHAIN_PROJECTS);
    if (!mine) wire_close(&mirror->wire);
    if (!mine || send_blocks(mirror, &err)) return PERIOD_MS;
    wire_close(&mirror->wire);
    if (!mirror->told && !wire_pause(&mirror->wire, 0)) log_err(LOG_WARN, "blocks are not mirrored", &err);
    mirror->told = true;
    int pause_ms = mirror->pause_ms;
    mirror->pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    return pause_ms;
}

static void *mirror_main(void *arg)
{
    struct mirror *mirror = arg;
    while (!wire_pause(&mirror->wire, mirror_work(mirror))) continue;
    wire_close(&mirror->wire);
    return NULL;
}

static void mirror_free(struct mirror *mirror)
{
    if (mirror->wire.stop >= 0) close(mirror->wire.stop);
    arena_finish(&mirror->arena);
    free(mirror);
}

bool mirror_start(struct mirror **out, struct chain *chain, struct err *err)
{
    if (!chain->settings.mirror || !*chain->settings.mirror) return true;
    struct mirror *mirror = calloc(1, sizeof *mirror);
    if (!mirror) return err_fail(err, INTERNAL_ERROR, "out of memory");
    mirror->chain = chain;
    mirror->pause_ms = FIRST_PAUSE_MS;
    mirror->wire = (struct wire){-1, eventfd(0, EFD_CLOEXEC)};
    arena_init(&mirror->arena, ARENA);
    int rv = mirror->wire.stop < 0 ? errno : pthread_create(&mirror->thread, NULL, mirror_main, mirror);
    if (!rv) return *out = mirror, true;
    mirror_free(mirror);
    return err_errno(err, rv, "chain.mirror");
}

void mirror_stop(struct mirror *mirror)
{
    if (!mirror) return;
    const uint64_t one = 1;
    if (write(mirror->wire.stop, &one, sizeof one) < 0) abort(); // an eventfd takes it
    pthread_join(mirror->thread, NULL);
    mirror_free(mirror);
}
