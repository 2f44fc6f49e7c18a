#include "services/chain/programs/sdk/program.h"

enum {
    NOT_DUPLICATE = 0xff,
    HEADER_BYTES = 88, // of an account, before its data
    GROWTH_BYTES = 10240,
    DISCRIMINATOR_BYTES = 8,
};

static uint64_t read_u64(const uint8_t *at) { return *(const uint64_t *)at; }

static const uint8_t *read_account(const uint8_t *at, struct account *a)
{
    a->is_signer = at[1];
    a->is_writable = at[2];
    a->is_executable = at[3];
    a->key = (struct pubkey *)(at + 8);
    a->owner = (struct pubkey *)(at + 40);
    a->lamports = (uint64_t *)(at + 72);
    a->size = read_u64(at + 80);
    a->data = (uint8_t *)(at + HEADER_BYTES);
    at += HEADER_BYTES + ((a->size + 7) & ~(uint64_t)7) + GROWTH_BYTES;
    a->rent_epoch = read_u64(at);
    return at + 8;
}

static uint64_t read_input(const uint8_t *at, struct call *call)
{
    call->count = read_u64(at);
    at += 8;
    if (call->count > PROGRAM_MAX_ACCOUNTS) return ERROR_TOO_MANY_ACCOUNTS;
    for (uint64_t i = 0; i < call->count; i++) {
        if (*at == NOT_DUPLICATE) {
            at = read_account(at, &call->accounts[i]);
        } else {
            call->accounts[i] = call->accounts[*at];
            at += 8;
        }
    }
    call->args = (struct borsh_reader){.at = at + 8, .left = read_u64(at)};
    __builtin_memcpy(call->program.bytes, call->args.at + call->args.left, sizeof call->program.bytes);
    return SUCCESS;
}

static const struct program_instruction *find_row(uint64_t discriminator,
                                                  const struct program_instruction *rows, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (rows[i].discriminator == discriminator) return &rows[i];
    return NULL;
}

static uint64_t check_accounts(const struct call *call, const struct program_instruction *row)
{
    uint64_t error = SUCCESS;
    if (call->count < row->rule_count) return ERROR_NOT_ENOUGH_ACCOUNTS;
    for (uint64_t i = 0; i < row->rule_count && !error; i++)
        error = account_check(&call->accounts[i], &row->rules[i], &call->program);
    return error;
}

uint64_t program_run(const uint8_t *input, const struct program_instruction *rows, uint64_t row_count)
{
    struct call *call = SOL_HEAP;
    call->accounts = (struct account *)(call + 1);
    uint64_t error = read_input(input, call);
    if (error) return error;
    if (call->args.left < DISCRIMINATOR_BYTES) return ERROR_UNKNOWN_INSTRUCTION;
    const struct program_instruction *row = find_row(borsh_read_u64(&call->args), rows, row_count);
    if (!row) return ERROR_UNKNOWN_INSTRUCTION;
    error = check_accounts(call, row);
    return error ? error : row->run(call);
}

uint64_t call_invoke(const struct call *call, const struct instruction *instruction,
                     const struct signer *signer)
{
    return sol_invoke_signed_c(instruction, call->accounts, call->count, signer, signer ? 1 : 0);
}

void event_emit(const struct borsh_writer *w)
{
    struct slice field = {w->start, w->size};
    if (!w->failed) sol_log_data(&field, 1);
}
