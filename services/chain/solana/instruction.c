#include "services/chain/solana/instruction.h"

#include <string.h>

#include "services/chain/solana/wire.h"

enum {
    SYSTEM_TRANSFER = 2,
    ALLOCATE_WITH_SEED = 9,
    ASSIGN_WITH_SEED = 10,
    SEEDED_BYTES = 128,
    UNIT_LIMIT = 2,
    UNIT_PRICE = 3,
    TOKEN_TRANSFER_CHECKED = 12,
    CREATE_IDEMPOTENT = 1
};

void solana_instruction_init(struct solana_instruction *ix, const struct solana_key *program)
{
    ix->program = *program;
    ix->meta_count = 0;
    ix->data_len = 0;
    ix->failed = false;
}

void solana_instruction_account(struct solana_instruction *ix, const struct solana_key *key,
                                enum solana_role role)
{
    if (ix->meta_count == SOLANA_METAS_MAX) {
        ix->failed = true;
        return;
    }
    ix->metas[ix->meta_count++] = (struct solana_meta){*key, role};
}

void solana_instruction_data(struct solana_instruction *ix, const void *bytes, size_t len)
{
    if (len > sizeof ix->data - ix->data_len) {
        ix->failed = true;
        return;
    }
    memcpy(ix->data + ix->data_len, bytes, len);
    ix->data_len = (uint16_t)(ix->data_len + len);
}

void solana_transfer(struct solana_instruction *ix, const struct solana_key *from,
                     const struct solana_key *to, uint64_t lamports)
{
    uint8_t data[12];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u32(&w, SYSTEM_TRANSFER);
    solana_write_u64(&w, lamports);
    solana_instruction_init(ix, &SOLANA_SYSTEM_PROGRAM);
    solana_instruction_account(ix, from, SOLANA_SIGNER_WRITABLE);
    solana_instruction_account(ix, to, SOLANA_WRITABLE);
    solana_instruction_data(ix, data, w.len);
}

static struct solana_writer begin_seeded(uint8_t data[SEEDED_BYTES], uint32_t tag,
                                         const struct solana_seeded *at)
{
    struct solana_writer w = solana_writer(data, SEEDED_BYTES);
    solana_write_u32(&w, tag);
    solana_write_key(&w, &at->base);
    solana_write_u64(&w, strlen(at->seed));
    solana_write_bytes(&w, at->seed, strlen(at->seed));
    return w;
}

static void end_seeded(struct solana_instruction *ix, const struct solana_seeded *at, struct solana_writer *w)
{
    solana_write_key(w, &at->owner);
    solana_instruction_init(ix, &SOLANA_SYSTEM_PROGRAM);
    solana_instruction_account(ix, &at->account, SOLANA_WRITABLE);
    solana_instruction_account(ix, &at->base, SOLANA_SIGNER);
    solana_instruction_data(ix, w->bytes, w->len);
    ix->failed |= w->failed;
}

void solana_allocate_seeded(struct solana_instruction *ix, const struct solana_seeded *at, uint64_t bytes)
{
    uint8_t data[SEEDED_BYTES];
    struct solana_writer w = begin_seeded(data, ALLOCATE_WITH_SEED, at);
    solana_write_u64(&w, bytes);
    end_seeded(ix, at, &w);
}

void solana_assign_seeded(struct solana_instruction *ix, const struct solana_seeded *at)
{
    uint8_t data[SEEDED_BYTES];
    struct solana_writer w = begin_seeded(data, ASSIGN_WITH_SEED, at);
    end_seeded(ix, at, &w);
}

void solana_compute_unit_limit(struct solana_instruction *ix, uint32_t units)
{
    uint8_t data[5];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u8(&w, UNIT_LIMIT);
    solana_write_u32(&w, units);
    solana_instruction_init(ix, &SOLANA_COMPUTE_BUDGET_PROGRAM);
    solana_instruction_data(ix, data, w.len);
}

void solana_compute_unit_price(struct solana_instruction *ix, uint64_t micro_lamports)
{
    uint8_t data[9];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u8(&w, UNIT_PRICE);
    solana_write_u64(&w, micro_lamports);
    solana_instruction_init(ix, &SOLANA_COMPUTE_BUDGET_PROGRAM);
    solana_instruction_data(ix, data, w.len);
}

void solana_memo(struct solana_instruction *ix, const char *text, const struct solana_key *signer)
{
    solana_instruction_init(ix, &SOLANA_MEMO_PROGRAM);
    if (signer) solana_instruction_account(ix, signer, SOLANA_SIGNER);
    solana_instruction_data(ix, text, strlen(text));
}

bool solana_is_memo_program(const struct solana_key *program)
{
    return solana_key_equal(program, &SOLANA_MEMO_PROGRAM) ||
           solana_key_equal(program, &SOLANA_MEMO_V1_PROGRAM);
}

void solana_token_transfer(struct solana_instruction *ix, const struct solana_token_move *move)
{
    uint8_t data[10];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u8(&w, TOKEN_TRANSFER_CHECKED);
    solana_write_u64(&w, move->amount);
    solana_write_u8(&w, move->decimals);
    solana_instruction_init(ix, &move->token_program);
    solana_instruction_account(ix, &move->source, SOLANA_WRITABLE);
    solana_instruction_account(ix, &move->mint, SOLANA_READONLY);
    solana_instruction_account(ix, &move->destination, SOLANA_WRITABLE);
    solana_instruction_account(ix, &move->owner, SOLANA_SIGNER);
    solana_instruction_data(ix, data, w.len);
}

void solana_token_account_create(struct solana_instruction *ix, const struct solana_key *payer,
                                 const struct solana_key *owner, const struct solana_key *mint,
                                 const struct solana_key *token_program)
{
    struct solana_key account;
    solana_token_address(&account, owner, mint, token_program);
    solana_instruction_init(ix, &SOLANA_ASSOCIATED_TOKEN_PROGRAM);
    solana_instruction_account(ix, payer, SOLANA_SIGNER_WRITABLE);
    solana_instruction_account(ix, &account, SOLANA_WRITABLE);
    solana_instruction_account(ix, owner, SOLANA_READONLY);
    solana_instruction_account(ix, mint, SOLANA_READONLY);
    solana_instruction_account(ix, &SOLANA_SYSTEM_PROGRAM, SOLANA_READONLY);
    solana_instruction_account(ix, token_program, SOLANA_READONLY);
    solana_instruction_data(ix, (const uint8_t[]){CREATE_IDEMPOTENT}, 1);
}
