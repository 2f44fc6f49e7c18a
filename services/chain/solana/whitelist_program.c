#include "services/chain/solana/whitelist_program.h"

#include "services/chain/solana/wire.h"

static const uint64_t INIT_LIST = UINT64_C(0xad5703090f635e5e);
static const uint64_t ADD = UINT64_C(0xb5386fc592f9f929);
static const uint64_t REMOVE = UINT64_C(0x6a1881604f09bac7);
static const uint64_t BURN = UINT64_C(0x5d2adb6b381d6e74);
static const uint64_t CLOSE = UINT64_C(0x60ce416cb1c9a562);

static void set_number(struct solana_instruction *ix, uint64_t instruction, uint64_t argument)
{
    uint8_t data[16];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u64(&w, instruction);
    solana_write_u64(&w, argument);
    solana_instruction_data(ix, data, w.len);
}

void solana_whitelist_init(struct solana_instruction *ix, const struct solana_programs *programs,
                           const struct solana_key *payer, const struct solana_key *authority,
                           const char *name)
{
    struct solana_key list = {{0}};
    uint8_t data[8 + 4 + SOLANA_LIST_NAME_MAX];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u64(&w, INIT_LIST);
    solana_write_string(&w, name);
    bool derived = solana_list_address(&list, programs, authority, name);
    solana_instruction_init(ix, &programs->whitelist);
    solana_instruction_account(ix, payer, SOLANA_SIGNER_WRITABLE);
    solana_instruction_account(ix, authority, SOLANA_READONLY);
    solana_instruction_account(ix, &list, SOLANA_WRITABLE);
    solana_instruction_account(ix, &SOLANA_SYSTEM_PROGRAM, SOLANA_READONLY);
    solana_instruction_data(ix, data, w.len);
    if (!derived || w.failed) ix->failed = true;
}

static void begin_change(struct solana_instruction *ix, const struct solana_programs *programs,
                         const struct solana_entry_change *change)
{
    struct solana_key entry;
    solana_entry_address(&entry, programs, &change->list, &change->wallet);
    solana_instruction_init(ix, &programs->whitelist);
    solana_instruction_account(ix, &change->authority, SOLANA_SIGNER);
    solana_instruction_account(ix, &change->list, SOLANA_WRITABLE);
    solana_instruction_account(ix, &entry, SOLANA_WRITABLE);
    solana_instruction_account(ix, &change->wallet, SOLANA_READONLY);
}

void solana_whitelist_add(struct solana_instruction *ix, const struct solana_programs *programs,
                          const struct solana_entry_change *change)
{
    begin_change(ix, programs, change);
    solana_instruction_account(ix, &change->rent_payer, SOLANA_SIGNER_WRITABLE);
    solana_instruction_account(ix, &SOLANA_SYSTEM_PROGRAM, SOLANA_READONLY);
    set_number(ix, ADD, change->count);
}

void solana_whitelist_remove(struct solana_instruction *ix, const struct solana_programs *programs,
                             const struct solana_entry_change *change)
{
    begin_change(ix, programs, change);
    solana_instruction_account(ix, &change->rent_payer, SOLANA_WRITABLE);
    set_number(ix, REMOVE, change->count);
}

void solana_whitelist_burn(struct solana_instruction *ix, const struct solana_programs *programs,
                           const struct solana_burn *burn)
{
    struct solana_key burned;
    solana_burned_address(&burned, programs, &burn->list, &burn->mint);
    solana_instruction_init(ix, &programs->whitelist);
    solana_instruction_account(ix, &burn->owner, SOLANA_SIGNER_WRITABLE);
    solana_instruction_account(ix, &burn->list, SOLANA_WRITABLE);
    solana_instruction_account(ix, &burned, SOLANA_WRITABLE);
    solana_instruction_account(ix, &burn->mint, SOLANA_WRITABLE);
    solana_instruction_account(ix, &burn->token_account, SOLANA_WRITABLE);
    solana_instruction_account(ix, &burn->token_program, SOLANA_READONLY);
    solana_instruction_account(ix, &SOLANA_SYSTEM_PROGRAM, SOLANA_READONLY);
    set_number(ix, BURN, burn->amount);
}

void solana_whitelist_close(struct solana_instruction *ix, const struct solana_programs *programs,
                            const struct solana_key *authority, const struct solana_key *list,
                            const struct solana_key *rent_payer)
{
    uint8_t data[8];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u64(&w, CLOSE);
    solana_instruction_init(ix, &programs->whitelist);
    solana_instruction_account(ix, authority, SOLANA_SIGNER);
    solana_instruction_account(ix, list, SOLANA_WRITABLE);
    solana_instruction_account(ix, rent_payer, SOLANA_WRITABLE);
    solana_instruction_data(ix, data, w.len);
}
