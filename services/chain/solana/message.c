#include "services/chain/solana/message.h"

#include <string.h>

#include "services/chain/solana/wire.h"

enum { ACCOUNTS_MAX = 256, TABLES_MAX = 32, V0_PREFIX = 0x80, NO_TABLE = 0xff };

// An account with the rights that all instructions together need, and its place.
struct account {
    struct solana_key key;
    bool signer, writable, invoked;
    uint8_t table; // NO_TABLE: among the static keys
    uint8_t table_index;
    uint8_t position; // by which instructions name it
};

struct compiler {
    struct account accounts[ACCOUNTS_MAX];
    size_t count;
    size_t static_count;
    const struct solana_draft *draft;
};

static struct account *find_or_add(struct compiler *c, const struct solana_key *key)
{
    for (size_t i = 0; i < c->count; i++)
        if (solana_key_equal(&c->accounts[i].key, key)) return &c->accounts[i];
    if (c->count == ACCOUNTS_MAX) return NULL;
    c->accounts[c->count] = (struct account){.key = *key, .table = NO_TABLE};
    return &c->accounts[c->count++];
}

static bool add_instruction(struct compiler *c, const struct solana_instruction *ix)
{
    struct account *program = find_or_add(c, &ix->program);
    if (!program) return false;
    program->invoked = true;
    for (size_t i = 0; i < ix->meta_count; i++) {
        struct account *a = find_or_add(c, &ix->metas[i].key);
        if (!a) return false;
        a->signer |= (ix->metas[i].role & SOLANA_SIGNER) != 0;
        a->writable |= (ix->metas[i].role & SOLANA_WRITABLE) != 0;
    }
    return true;
}

static bool message_collect(struct compiler *c)
{
    struct account *payer = find_or_add(c, &c->draft->payer);
    payer->signer = payer->writable = true;
    for (size_t i = 0; i < c->draft->instruction_count; i++)
        if (!add_instruction(c, &c->draft->instructions[i])) return false;
    return true;
}

static bool table_find(const struct solana_table *table, const struct solana_key *key, uint8_t *index)
{
    for (size_t i = 0; i < table->count; i++) {
        if (!solana_key_equal(&table->addresses[i], key)) continue;
        *index = (uint8_t)i;
        return true;
    }
    return false;
}

// Signers and programs must be static keys; the others go to the first table that has them.
static void assign_tables(struct compiler *c)
{
    for (size_t t = 0; t < c->draft->table_count; t++)
        for (size_t i = 0; i < c->count; i++) {
            struct account *a = &c->accounts[i];
            if (a->signer || a->invoked || a->table != NO_TABLE) continue;
            if (table_find(&c->draft->tables[t], &a->key, &a->table_index)) a->table = (uint8_t)t;
        }
}

static uint8_t number_static(struct compiler *c, bool signer, bool writable, uint8_t next)
{
    for (size_t i = 0; i < c->count; i++) {
        struct account *a = &c->accounts[i];
        if (a->table == NO_TABLE && a->signer == signer && a->writable == writable) a->position = next++;
    }
    return next;
}

static uint8_t number_looked_up(struct compiler *c, uint8_t table, bool writable, uint8_t next)
{
    for (size_t i = 0; i < c->count; i++) {
        struct account *a = &c->accounts[i];
        if (a->table == table && a->writable == writable) a->position = next++;
    }
    return next;
}

struct header {
    uint8_t signers, readonly_signed, readonly_unsigned;
};

static struct header number_all(struct compiler *c)
{
    uint8_t signed_writable = number_static(c, true, true, 0);
    uint8_t signers = number_static(c, true, false, signed_writable);
    uint8_t writable = number_static(c, false, true, signers);
    uint8_t next = number_static(c, false, false, writable);
    struct header header = {signers, (uint8_t)(signers - signed_writable), (uint8_t)(next - writable)};
    c->static_count = next;
    for (int writes = 1; writes >= 0; writes--)
        for (size_t t = 0; t < c->draft->table_count; t++)
            next = number_looked_up(c, (uint8_t)t, writes, next);
    return header;
}

static void write_keys(struct compiler *c, struct solana_writer *w)
{
    solana_write_compact(w, c->static_count);
    for (size_t position = 0; position < c->static_count; position++)
        for (size_t i = 0; i < c->count; i++)
            if (c->accounts[i].table == NO_TABLE && c->accounts[i].position == position)
                solana_write_key(w, &c->accounts[i].key);
}

static void write_instruction(struct compiler *c, struct solana_writer *w,
                              const struct solana_instruction *ix)
{
    solana_write_u8(w, find_or_add(c, &ix->program)->position);
    solana_write_compact(w, ix->meta_count);
    for (size_t i = 0; i < ix->meta_count; i++)
        solana_write_u8(w, find_or_add(c, &ix->metas[i].key)->position);
    solana_write_compact(w, ix->data_len);
    solana_write_bytes(w, ix->data, ix->data_len);
}

static size_t count_in_table(const struct compiler *c, size_t table, bool writable)
{
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        count += c->accounts[i].table == table && c->accounts[i].writable == writable;
    return count;
}

static void write_indexes(const struct compiler *c, struct solana_writer *w, size_t table, bool writable)
{
    solana_write_compact(w, count_in_table(c, table, writable));
    for (size_t i = 0; i < c->count; i++)
        if (c->accounts[i].table == table && c->accounts[i].writable == writable)
            solana_write_u8(w, c->accounts[i].table_index);
}

static void write_lookups(const struct compiler *c, struct solana_writer *w)
{
    size_t used = 0;
    for (size_t t = 0; t < c->draft->table_count; t++)
        used += count_in_table(c, t, true) + count_in_table(c, t, false) > 0;
    solana_write_compact(w, used);
    for (size_t t = 0; t < c->draft->table_count; t++) {
        if (count_in_table(c, t, true) + count_in_table(c, t, false) == 0) continue;
        solana_write_key(w, &c->draft->tables[t].key);
        write_indexes(c, w, t, true);
        write_indexes(c, w, t, false);
    }
}

static void write_transaction(struct compiler *c, struct solana_writer *w)
{
    static const uint8_t unsigned_yet[SOLANA_SIGNATURE_BYTES];
    struct header header = number_all(c);
    solana_write_compact(w, header.signers);
    for (size_t i = 0; i < header.signers; i++) solana_write_bytes(w, unsigned_yet, sizeof unsigned_yet);
    if (c->draft->versioned) solana_write_u8(w, V0_PREFIX);
    solana_write_u8(w, header.signers);
    solana_write_u8(w, header.readonly_signed);
    solana_write_u8(w, header.readonly_unsigned);
    write_keys(c, w);
    solana_write_key(w, &c->draft->blockhash);
    solana_write_compact(w, c->draft->instruction_count);
    for (size_t i = 0; i < c->draft->instruction_count; i++)
        write_instruction(c, w, &c->draft->instructions[i]);
    if (c->draft->versioned) write_lookups(c, w);
}

static bool check_draft(const struct solana_draft *draft, struct err *err)
{
    if (draft->table_count && !draft->versioned)
        return err_field(err, INVALID_FIELD, "tables", "a legacy message has no lookup tables");
    if (draft->table_count > TABLES_MAX)
        return err_fail(err, LIMIT_REACHED, "more than %d lookup tables", TABLES_MAX);
    for (size_t i = 0; i < draft->table_count; i++)
        if (draft->tables[i].count > SOLANA_TABLE_ADDRESSES_MAX)
            return err_field(err, INVALID_FIELD, "tables", "a lookup table has at most 256 addresses");
    for (size_t i = 0; i < draft->instruction_count; i++)
        if (draft->instructions[i].failed)
            return err_field(err, INVALID_FIELD, "instructions", "instruction %zu is too large", i);
    return true;
}

bool solana_message_compile(const struct solana_draft *draft, uint8_t out[SOLANA_PACKET_MAX], size_t *len,
                            struct err *err)
{
    if (!check_draft(draft, err)) return false;
    struct compiler c = {.draft = draft};
    if (!message_collect(&c))
        return err_fail(err, LIMIT_REACHED, "more than %d accounts in one transaction", ACCOUNTS_MAX);
    assign_tables(&c);
    struct solana_writer w = solana_writer(out, SOLANA_PACKET_MAX);
    write_transaction(&c, &w);
    if (w.failed)
        return err_fail(err, LIMIT_REACHED, "the transaction is larger than %d bytes", SOLANA_PACKET_MAX);
    *len = w.len;
    return true;
}
