// consectl ledger check: the blocks of a running server, and one's own transactions in them, as anybody may
// check them.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auth.pb-c.h"
#include "chain.pb-c.h"
#include "lib/base/base58.h"
#include "lib/base/stamp.h"
#include "lib/json/json.h"
#include "lib/keys/certificate.h"
#include "lib/net/http.h"
#include "services/chain/fields.h"
#include "services/chain/ledger/block.h"
#include "tools/consectl/consectl.h"

enum { TIMEOUT_MS = 15000, MAX_REPLY = 8 << 20, PATH = 1024, PAGE = 100, ROTATIONS = 8 };

struct ledger_reading {
    struct ctl *ctl;
    const char *url;
    struct http_client *client;
    struct ledger_account authority;
    struct merkle_hash chain, wanted;  // the hash that the next block must have; of the newest it is the head
    uint64_t next;                     // its index and one; 0: all were read
    Chain__ListTransactionsReply *own; // or NULL
    size_t found;                      // of them
    uint64_t blocks;
    uint64_t first, end; // entries: of the block that was read last, and behind the newest one
};

// ---- Asking

static bool ask_url(struct ledger_reading *reading, const char *path, const ProtobufCMessageDescriptor *type,
                    struct arena *arena, ProtobufCMessage **message, struct err *err)
{
    char url[PATH];
    struct http_reply reply;
    snprintf(url, sizeof url, "%s%s", reading->url, path);
    const struct http_request request = {
        .method = "GET", .url = url, .timeout_ms = TIMEOUT_MS, .max_reply_bytes = MAX_REPLY};
    if (!http_client_do(reading->client, &request, &reply, err)) return false;
    *message = json_message_new(type, arena);
    bool ok = reply.status == 200 || err_fail(err, SERVICE_AWAY, "%s: HTTP status %ld", url, reply.status);
    ok = ok && (*message || err_fail(err, INTERNAL_ERROR, "out of memory"));
    ok = ok && json_parse(reply.body.bytes, reply.body.len, *message, NULL, arena, err);
    http_reply_finish(&reply);
    return ok;
}

static bool copy_hash(const ProtobufCBinaryData *bytes, void *out, size_t len)
{
    if (bytes->len != len) return false;
    memcpy(out, bytes->data, len);
    return true;
}

static bool find_newest(struct ledger_reading *reading, struct arena *arena, struct err *err)
{
    ProtobufCMessage *message;
    if (!ask_url(reading, "/ledger/blocks?page_size=1", &chain__list_ledger_blocks_reply__descriptor, arena,
                 &message, err))
        return false;
    const Chain__ListLedgerBlocksReply *list = (const Chain__ListLedgerBlocksReply *)message;
    if (!list->n_blocks) return true;
    reading->next = list->blocks[0]->index + 1;
    return copy_hash(&list->blocks[0]->hash, &reading->wanted, sizeof reading->wanted) ||
           err_fail(err, MALFORMED, "the newest block has no hash");
}

static bool check_certificate(struct ledger_reading *reading, const ProtobufCBinaryData *certificate,
                              struct arena *arena, struct err *err)
{
    ProtobufCMessage *message;
    if (!ask_url(reading, "/.well-known/conse", &auth__identity__descriptor, arena, &message, err))
        return false;
    const Auth__Identity *identity = (const Auth__Identity *)message;
    return (identity->public_key.len == PUBLIC_KEY && certificate->len == KEY_CERTIFICATE &&
            certificate_check(identity->public_key.data, CERTIFIES_LEDGER, reading->authority.bytes,
                              certificate->data)) ||
           err_fail(err, STORE_CORRUPT, "the server's identity has not signed the ledger's key");
}

static bool find_authority(struct ledger_reading *reading, struct arena *arena, struct err *err)
{
    ProtobufCMessage *message;
    if (!ask_url(reading, "/ledger", &chain__ledger__descriptor, arena, &message, err)) return false;
    const Chain__Ledger *ledger = (const Chain__Ledger *)message;
    if (!copy_hash(&ledger->chain, &reading->chain, sizeof reading->chain) ||
        !copy_hash(&ledger->authority, &reading->authority, sizeof reading->authority))
        return err_fail(err, MALFORMED, "/ledger has no chain or key");
    return !ledger->certificate.len || check_certificate(reading, &ledger->certificate, arena, err);
}

// The key is that of the newest block when it was the same before and after that was read: another key may
// have sealed one in between.
static bool begin_reading(struct ledger_reading *reading, struct arena *arena, struct err *err)
{
    bool same = false;
    if (!find_authority(reading, arena, err)) return false;
    for (int i = 0; !same && i < ROTATIONS; i++) {
        const struct ledger_account before = reading->authority;
        reading->wanted = reading->chain;
        if (!find_newest(reading, arena, err) || !find_authority(reading, arena, err)) return false;
        same = ledger_account_equal(&before, &reading->authority);
    }
    return same || err_fail(err, SERVICE_BUSY, "the ledger's key is another one each time");
}

// ---- One's own

// What a record says openly. Its lines are at the end.
static bool is_of_record(const Chain__Transaction *shown, uint32_t *lines)
{
    struct fields_reader reader = {shown->record.data, shown->record.len, false};
    bool version = fields_get_uint(&reader, 1) == LEDGER_RECORD_VERSION;
    bool kind = fields_get_uint(&reader, 1) == (uint64_t)shown->kind;
    bool number = fields_get_uint(&reader, 8) == shown->id;
    bool time = shown->time && fields_get_uint(&reader, 8) == (uint64_t)stamp_ms(shown->time);
    fields_skip(&reader, MERKLE_HASH_BYTES); // detail
    *lines = (uint32_t)fields_get_uint(&reader, 2);
    fields_skip(&reader, (size_t)*lines * MERKLE_HASH_BYTES);
    return version && kind && number && time && fields_is_whole(&reader);
}

// Each line is opened once.
static bool opens_line(const Chain__Transaction *shown, size_t i, uint32_t lines)
{
    struct ledger_account account;
    struct merkle_hash blind;
    const Chain__OpenedLine *opened = shown->opened[i];
    if (opened->place >= lines || (i && opened->place <= shown->opened[i - 1]->place)) return false;
    size_t at = shown->record.len - (size_t)(lines - opened->place) * sizeof blind;
    if (!copy_hash(&opened->blind, &blind, sizeof blind) ||
        !base58_decode(account.bytes, sizeof account.bytes, shown->movements[i]->account))
        return false;
    const struct merkle_hash line = ledger_line(&blind, &account, opened->asset, shown->movements[i]->amount);
    return memcmp(line.bytes, shown->record.data + at, sizeof line) == 0;
}

static bool check_own(const Chain__ListTransactionsReply *own, struct err *err)
{
    for (size_t i = 0; i < own->n_transactions; i++) {
        const Chain__Transaction *shown = own->transactions[i];
        uint32_t lines;
        bool right = is_of_record(shown, &lines) && shown->n_opened == shown->n_movements &&
                     (!i || shown->id < own->transactions[i - 1]->id);
        for (size_t k = 0; right && k < shown->n_opened; k++) right = opens_line(shown, k, lines);
        if (!right)
            return err_fail(err, STORE_CORRUPT, "transaction %" PRIu64 " is not what its record says",
                            shown->id);
    }
    return true;
}

// Those of this block are among its leaves.
static bool find_own(struct ledger_reading *reading, const Chain__LedgerBlockReply *reply, struct err *err)
{
    const Chain__SealedBlock *block = reply->block;
    for (size_t i = 0; reading->own && i < reading->own->n_transactions; i++) {
        const Chain__Transaction *shown = reading->own->transactions[i];
        uint64_t place = shown->id - block->first_transaction;
        if (shown->id < block->first_transaction || place >= reply->n_leaves) continue;
        const struct merkle_hash leaf = merkle_leaf(shown->record.data, shown->record.len);
        if (memcmp(leaf.bytes, reply->leaves[place].data, sizeof leaf) != 0)
            return err_fail(err, STORE_CORRUPT, "transaction %" PRIu64 " is not in block %" PRIu64, shown->id,
                            block->index);
        reading->found++;
    }
    return true;
}

// ---- Blocks

static bool root_is(const Chain__LedgerBlockReply *reply, const struct merkle_hash *root, struct arena *arena)
{
    struct merkle_hash *leaves = arena_array(arena, reply->n_leaves + 1, sizeof *leaves);
    if (!leaves) return false;
    for (size_t i = 0; i < reply->n_leaves; i++)
        if (!copy_hash(&reply->leaves[i], &leaves[i], sizeof *leaves)) return false;
    const struct merkle_hash made = merkle_root(leaves, (uint32_t)reply->n_leaves);
    return merkle_hash_equal(&made, root);
}

// The numbers of entries are in no header: they follow from how many each block has, and its seal is one
// more.
static bool follows_on(struct ledger_reading *reading, const Chain__SealedBlock *block)
{
    uint64_t end = block->first_transaction + block->count;
    bool fits = !reading->blocks || end + 1 == reading->first;
    if (!reading->blocks) reading->end = end;
    reading->first = block->first_transaction;
    return fits && (block->index || block->first_transaction == 1);
}

// The newest block's signature vouches for all before it, because each names the one before.
static bool check_block(struct ledger_reading *reading, const Chain__LedgerBlockReply *reply,
                        struct arena *arena, struct err *err)
{
    struct ledger_block block;
    uint8_t signature[LEDGER_SIGNATURE_BYTES];
    uint64_t index = reading->next - 1;
    if (!reply->block || !ledger_block_decode(&block, reply->block->header.data, reply->block->header.len) ||
        !copy_hash(&reply->block->signature, signature, sizeof signature))
        return err_fail(err, MALFORMED, "block %" PRIu64 " is none", index);
    const struct merkle_hash hash = ledger_block_hash(&block);
    if (block.index != index || !merkle_hash_equal(&hash, &reading->wanted))
        return err_fail(err, STORE_CORRUPT, "block %" PRIu64 " is not the one that the next one names",
                        index);
    if (!reading->blocks && !ledger_block_verify(&block, &reading->authority, signature))
        return err_fail(err, STORE_CORRUPT, "block %" PRIu64 " is not signed by the ledger's key", index);
    if (block.count != reply->n_leaves || !root_is(reply, &block.root, arena))
        return err_fail(err, STORE_CORRUPT, "block %" PRIu64 " has other records than it was sealed with",
                        index);
    if (!follows_on(reading, reply->block))
        return err_fail(err, STORE_CORRUPT,
                        "block %" PRIu64 " has other transactions than those behind it leave", index);
    reading->wanted = block.previous;
    reading->next--;
    reading->blocks++;
    return find_own(reading, reply, err);
}

static bool read_blocks(struct ledger_reading *reading, struct err *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena, 4 * MAX_REPLY);
    while (ok && reading->next) {
        char path[64];
        ProtobufCMessage *message;
        arena_reset(&arena);
        snprintf(path, sizeof path, "/ledger/blocks/%" PRIu64, reading->next - 1);
        ok = ask_url(reading, path, &chain__ledger_block_reply__descriptor, &arena, &message, err) &&
             check_block(reading, (const Chain__LedgerBlockReply *)message, &arena, err);
    }
    arena_finish(&arena);
    return ok && (merkle_hash_equal(&reading->wanted, &reading->chain) ||
                  err_fail(err, STORE_CORRUPT, "the first block does not begin with the chain's id"));
}

// Only what waits to be sealed is in no block.
static bool all_found(const struct ledger_reading *reading, struct err *err)
{
    size_t sealed = 0;
    for (size_t i = 0; reading->own && i < reading->own->n_transactions; i++)
        sealed += reading->own->transactions[i]->id < reading->end;
    return sealed == reading->found || err_fail(err, STORE_CORRUPT, "of %zu transactions %zu are in no block",
                                                sealed, sealed - reading->found);
}

static bool read_own(struct ledger_reading *reading, const char *path, struct err *err)
{
    static char text[MAX_REPLY];
    FILE *file = fopen(path, "rb");
    if (!file) return err_fail(err, NOT_FOUND, "%s: cannot be opened", path);
    size_t len = fread(text, 1, sizeof text, file);
    bool whole = !ferror(file) && len < sizeof text;
    fclose(file);
    ProtobufCMessage *message =
        json_message_new(&chain__list_transactions_reply__descriptor, &reading->ctl->arena);
    if (!whole || !message) return err_fail(err, MALFORMED, "%s: cannot be read, or too large", path);
    reading->own = (Chain__ListTransactionsReply *)message;
    return json_parse(text, len, message, NULL, &reading->ctl->arena, err) && check_own(reading->own, err);
}

int ledger_check_url(struct ctl *ctl, int argc, char **argv)
{
    struct err err = {0};
    struct ledger_reading reading = {.ctl = ctl, .url = argv[0]};
    bool ok = (argc < 2 || read_own(&reading, argv[1], &err)) && http_client_create(&reading.client, &err) &&
              begin_reading(&reading, &ctl->arena, &err) && read_blocks(&reading, &err) &&
              all_found(&reading, &err);
    http_client_destroy(reading.client);
    if (!ok) return ctl_fail(ctl, &err);
    size_t own = reading.own ? reading.own->n_transactions : 0;
    printf(ctl->json ? "{\"blocks\": %" PRIu64 ", \"transactions\": %zu, \"sealed\": %zu}\n"
                     : "the chain of %" PRIu64
                       " blocks is whole\nof %zu transactions %zu are in it, and what they show is so\n",
           reading.blocks, own, reading.found);
    return STATUS_OK;
}
