#include "services/chain/programs/sdk/system.h"

#include "services/chain/programs/sdk/sysvar.h"

const struct pubkey SYSTEM_PROGRAM = {{{0}}};

enum { SYSTEM_CREATE_ACCOUNT = 0, SYSTEM_ASSIGN = 1, SYSTEM_TRANSFER = 2, SYSTEM_ALLOCATE = 8 };

static uint64_t create_account(const struct call *call, const struct creation *c, uint64_t lamports)
{
    uint8_t bytes[52];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u32(&w, SYSTEM_CREATE_ACCOUNT);
    borsh_write_u64(&w, lamports);
    borsh_write_u64(&w, c->size);
    borsh_write_pubkey(&w, c->owner);
    struct account_meta metas[] = {{c->payer->key, true, true}, {c->account->key, true, true}};
    struct signer signer;
    pda_signer(c->pda, &signer);
    struct instruction instruction = {&SYSTEM_PROGRAM, metas, 2, bytes, w.size};
    return call_invoke(call, &instruction, &signer);
}

static uint64_t top_up(const struct call *call, const struct creation *c, uint64_t lamports)
{
    uint8_t bytes[12];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u32(&w, SYSTEM_TRANSFER);
    borsh_write_u64(&w, lamports);
    struct account_meta metas[] = {{c->payer->key, true, true}, {c->account->key, true, false}};
    struct instruction instruction = {&SYSTEM_PROGRAM, metas, 2, bytes, w.size};
    return lamports == 0 ? SUCCESS : call_invoke(call, &instruction, NULL);
}

static uint64_t system_allocate(const struct call *call, const struct creation *c)
{
    uint8_t bytes[12];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u32(&w, SYSTEM_ALLOCATE);
    borsh_write_u64(&w, c->size);
    struct account_meta meta = {c->account->key, true, true};
    struct signer signer;
    pda_signer(c->pda, &signer);
    struct instruction instruction = {&SYSTEM_PROGRAM, &meta, 1, bytes, w.size};
    return call_invoke(call, &instruction, &signer);
}

static uint64_t system_assign(const struct call *call, const struct creation *c)
{
    uint8_t bytes[36];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u32(&w, SYSTEM_ASSIGN);
    borsh_write_pubkey(&w, c->owner);
    struct account_meta meta = {c->account->key, true, true};
    struct signer signer;
    pda_signer(c->pda, &signer);
    struct instruction instruction = {&SYSTEM_PROGRAM, &meta, 1, bytes, w.size};
    return call_invoke(call, &instruction, &signer);
}

uint64_t system_create(const struct call *call, const struct creation *c)
{
    uint64_t rent, held = *c->account->lamports, lamports;
    if (!account_is_unused(c->account)) return ERROR_ALREADY_INITIALIZED;
    if (!pubkey_equal(c->payer->owner, &SYSTEM_PROGRAM)) return ERROR_WRONG_OWNER;
    uint64_t error = rent_minimum(c->size, &rent);
    if (error) return error;
    uint64_t missing = rent > held ? rent - held : 0;
    if (__builtin_add_overflow(missing, c->extra_lamports, &lamports)) return ERROR_OVERFLOW;
    if (*c->payer->lamports < lamports) return ERROR_INSUFFICIENT_FUNDS;
    if (held == 0) return create_account(call, c, lamports);
    if ((error = top_up(call, c, lamports)) || (error = system_allocate(call, c))) return error;
    return system_assign(call, c);
}
