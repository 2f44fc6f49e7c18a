// The chain of blocks, as everybody may check it.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/chain/book/leaves.h"
#include "services/chain/certifier.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/tables.h"

enum { PAGE = 20, INDEX_DIGITS = 20 };

static const struct store_table *const blocks = &chain_tables[CHAIN_BLOCKS];

static ProtobufCBinaryData copy_bytes(struct arena *arena, const void *bytes, size_t len)
{
    return (ProtobufCBinaryData){len, arena_copy(arena, bytes, len)};
}

static Chain__SealedBlock *show_block(const Ledger__BlockRow *row, struct arena *arena)
{
    struct ledger_block block;
    Chain__SealedBlock *shown = arena_new(arena, Chain__SealedBlock);
    if (!shown || !ledger_block_decode(&block, row->header.data, row->header.len)) return NULL;
    chain__sealed_block__init(shown);
    shown->index = row->index;
    shown->hash = row->hash;
    shown->previous = copy_bytes(arena, &block.previous, sizeof block.previous);
    shown->root = copy_bytes(arena, &block.root, sizeof block.root);
    shown->sealed_at = stamp_new(arena, row->sealed_ms);
    shown->count = row->count;
    shown->header = row->header;
    shown->signature = row->signature;
    shown->first_transaction = row->first;
    return arena->failed ? NULL : shown;
}

// ---- The list

static ProtobufCBinaryData show_certificate(const struct book *book, struct arena *arena)
{
    uint8_t certificate[KEY_CERTIFICATE];
    bool there = certifier_get(book->chain->certifier, book->authority.bytes, certificate);
    return there ? copy_bytes(arena, certificate, sizeof certificate) : (ProtobufCBinaryData){0};
}

HANDLER(get_ledger, Chain__LedgerRequest, Chain__Ledger)
{
    AUTO_BOOK struct book_call b = {.call = call};
    if (!book_begin(&b, err)) return false;
    const struct ledger_blocks *sealed = &b.book->blocks;
    reply->chain = copy_bytes(call->arena, &sealed->chain, sizeof sealed->chain);
    reply->authority = copy_bytes(call->arena, &b.book->authority, sizeof b.book->authority);
    reply->head = copy_bytes(call->arena, &sealed->head, sizeof sealed->head);
    reply->height = sealed->height;
    reply->waiting = sealed->count;
    reply->conse = -ledger_balance(&b.book->accounts, 0, BOOK_CONSE);
    reply->certificate = show_certificate(b.book, call->arena);
    return !call->arena->failed || book_filled(NULL, err);
}

HANDLER(list_blocks, Chain__ListLedgerBlocksRequest, Chain__ListLedgerBlocksReply)
{
    const struct chain *chain = call->service;
    struct store_rows rows;
    const struct store_query query = {.descending = true,
                                      .limit = request->page_size > 0 ? (uint32_t)request->page_size : PAGE,
                                      .page_token = request->page_token};
    if (!store_find(chain->store, blocks, &query, call->arena, &rows, err)) return false;
    reply->blocks = arena_array(call->arena, rows.count + 1, sizeof *reply->blocks);
    for (size_t i = 0; i < rows.count && !call->arena->failed; i++)
        reply->blocks[reply->n_blocks++] =
            show_block((const Ledger__BlockRow *)rows.messages[i], call->arena);
    reply->next_page_token = rows.next_page_token;
    return !call->arena->failed || book_filled(NULL, err);
}

// ---- One

// A number as a path has it. What is none is nothing's.
static bool read_number(const char *text, const char *what, uint64_t *number, struct err *err)
{
    size_t len = strlen(text);
    bool fits = strspn(text, "0123456789") == len && len < INDEX_DIGITS;
    *number = fits ? strtoull(text, NULL, 10) : 0;
    return fits || err_fail(err, NOT_FOUND, "there is no such %s", what);
}

static bool find_block(struct rpc_call *call, const char *index, Ledger__BlockRow **row, struct err *err)
{
    const struct chain *chain = call->service;
    uint64_t number, version;
    char id[INDEX_DIGITS + 1];
    if (!read_number(index, "block", &number, err)) return false;
    snprintf(id, sizeof id, "%020" PRIu64, number);
    if (!store_get(chain->store, blocks, id, call->arena, (ProtobufCMessage **)row, &version, err))
        return false;
    return *row || err_fail(err, NOT_FOUND, "there is no such block");
}

static const struct merkle_hash *leaves_of(struct rpc_call *call, const Ledger__BlockRow *row,
                                           struct err *err)
{
    struct merkle_hash *leaves;
    return book_leaves(call, call->service, call->arena, row, &leaves, err) ? leaves : NULL;
}

HANDLER(get_block, Chain__LedgerBlockRequest, Chain__LedgerBlockReply)
{
    Ledger__BlockRow *row;
    if (!find_block(call, request->index, &row, err)) return false;
    const struct merkle_hash *leaves = leaves_of(call, row, err);
    if (!leaves) return false;
    reply->block = show_block(row, call->arena);
    reply->leaves = arena_array(call->arena, row->count, sizeof *reply->leaves);
    if (!reply->block || !reply->leaves) return book_filled(NULL, err);
    for (size_t i = 0; i < row->count; i++)
        reply->leaves[reply->n_leaves++] =
            (ProtobufCBinaryData){sizeof leaves[i], (uint8_t *)leaves[i].bytes};
    return true;
}

// ---- Proofs

static bool show_siblings(const struct merkle_proof *proof, Chain__LedgerProofReply *reply,
                          struct arena *arena)
{
    reply->siblings = arena_array(arena, proof->count + 1, sizeof *reply->siblings);
    for (size_t i = 0; i < proof->count && !arena->failed; i++)
        reply->siblings[reply->n_siblings++] =
            copy_bytes(arena, &proof->siblings[i], sizeof proof->siblings[i]);
    return !arena->failed;
}

HANDLER(get_proof, Chain__LedgerProofRequest, Chain__LedgerProofReply)
{
    Ledger__BlockRow *row;
    struct merkle_proof proof;
    uint64_t number;
    if (!read_number(request->transaction, "transaction", &number, err) ||
        !find_block(call, request->index, &row, err))
        return false;
    if (number < row->first || number >= row->first + row->count)
        return err_fail(err, NOT_FOUND, "the block has no such transaction");
    const struct merkle_hash *leaves = leaves_of(call, row, err);
    if (!leaves) return false;
    reply->place = (uint32_t)(number - row->first);
    merkle_prove(leaves, row->count, reply->place, &proof);
    reply->block = show_block(row, call->arena);
    reply->leaf = copy_bytes(call->arena, &leaves[reply->place], sizeof *leaves);
    bool shown = reply->block && reply->leaf.data && show_siblings(&proof, reply, call->arena);
    return shown || book_filled(NULL, err);
}

const struct rpc_method chain_block_methods[] = {
    RPC_METHOD("chain.GetLedger", get_ledger),
    RPC_METHOD("chain.ListLedgerBlocks", list_blocks),
    RPC_METHOD("chain.GetLedgerBlock", get_block),
    RPC_METHOD("chain.GetLedgerProof", get_proof),
    {0},
};
