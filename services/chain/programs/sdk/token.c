#include "services/chain/programs/sdk/token.h"

// TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA, TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb
const struct pubkey TOKEN_PROGRAM = {
    {{0x06, 0xdd, 0xf6, 0xe1, 0xd7, 0x65, 0xa1, 0x93, 0xd9, 0xcb, 0xe1, 0x46, 0xce, 0xeb, 0x79, 0xac,
      0x1c, 0xb4, 0x85, 0xed, 0x5f, 0x5b, 0x37, 0x91, 0x3a, 0x8c, 0xf5, 0x85, 0x7e, 0xff, 0x00, 0xa9}}};
const struct pubkey TOKEN_2022_PROGRAM = {
    {{0x06, 0xdd, 0xf6, 0xe1, 0xee, 0x75, 0x8f, 0xde, 0x18, 0x42, 0x5d, 0xbc, 0xe4, 0x6c, 0xcd, 0xda,
      0xb6, 0x1a, 0xfc, 0x4d, 0x83, 0xb9, 0x0d, 0x27, 0xfe, 0xbd, 0xf9, 0x28, 0xd8, 0xa1, 0x8b, 0xfc}}};

enum {
    TOKEN_CLOSE = 9,
    TOKEN_TRANSFER_CHECKED = 12,
    TOKEN_BURN_CHECKED = 15,
    TOKEN_INITIALIZE_3 = 18,
    TOKEN_SIZE = 21
};
enum { MINT_BYTES = 82, TOKEN_BYTES = 165, MULTISIG_BYTES = 355 };
enum { MINT_DECIMALS = 44, MINT_INITIALIZED = 45, TYPE_BYTE = TOKEN_BYTES, EXTENSIONS = 166 };
enum { TYPE_MINT = 1, TYPE_ACCOUNT = 2 };

// Extensions by their number: close authority, interest (display only), metadata, groups and members with
// their pointers, scaled display. None of them lets a third party touch a balance.
static const uint64_t HARMLESS_EXTENSIONS =
    1u << 3 | 1u << 10 | 1u << 18 | 1u << 19 | 1u << 20 | 1u << 21 | 1u << 22 | 1u << 23 | 1u << 25;

uint64_t token_check_program(const struct account *program)
{
    bool known =
        pubkey_equal(program->key, &TOKEN_PROGRAM) || pubkey_equal(program->key, &TOKEN_2022_PROGRAM);
    return known ? SUCCESS : ERROR_WRONG_PROGRAM;
}

// A Token-2022 account that carries extensions says its type behind the longest base.
static bool has_layout(const struct account *a, uint64_t base_bytes, uint8_t type)
{
    if (a->size == base_bytes) return true;
    return a->size > TYPE_BYTE && a->size != MULTISIG_BYTES && a->data[TYPE_BYTE] == type;
}

uint64_t token_check_mint(const struct account *mint, const struct account *program)
{
    if (!pubkey_equal(mint->owner, program->key)) return ERROR_WRONG_OWNER;
    if (!has_layout(mint, MINT_BYTES, TYPE_MINT) || !mint->data[MINT_INITIALIZED]) return ERROR_WRONG_MINT;
    return SUCCESS;
}

uint64_t token_check_escrow_mint(const struct account *mint)
{
    struct borsh_reader r = {.at = mint->data + EXTENSIONS,
                             .left = mint->size > EXTENSIONS ? mint->size - EXTENSIONS : 0};
    while (r.left >= 4) {
        uint16_t type = borsh_read_u16(&r), length = borsh_read_u16(&r);
        if (type == 0) return SUCCESS; // padding
        if (type > 63 || !(HARMLESS_EXTENSIONS >> type & 1)) return ERROR_UNSUPPORTED_MINT;
        if (!borsh_read_bytes(&r, length)) return ERROR_WRONG_MINT;
    }
    return SUCCESS;
}

uint64_t token_check_account(const struct account *a, const struct account *mint, const struct pubkey *holder)
{
    if (!pubkey_equal(a->owner, mint->owner)) return ERROR_WRONG_OWNER;
    if (!has_layout(a, TOKEN_BYTES, TYPE_ACCOUNT) || !a->data[TOKEN_STATE_OFFSET])
        return ERROR_WRONG_TOKEN_ACCOUNT;
    if (!pubkey_equal((const struct pubkey *)a->data, mint->key)) return ERROR_WRONG_MINT;
    if (holder && !pubkey_equal((const struct pubkey *)(a->data + 32), holder))
        return ERROR_WRONG_TOKEN_ACCOUNT;
    return SUCCESS;
}

// tag, amount, decimals of the mint: what the checked instructions take
enum { CHECKED_BYTES = 10 };
static void checked_data(uint8_t *bytes, uint8_t tag, const struct account *mint, uint64_t amount)
{
    struct borsh_writer w = {.start = bytes, .capacity = CHECKED_BYTES};
    borsh_write_u8(&w, tag);
    borsh_write_u64(&w, amount);
    borsh_write_u8(&w, mint->data[MINT_DECIMALS]);
}

uint64_t token_transfer(const struct call *call, const struct token_move *m, uint64_t amount)
{
    uint8_t bytes[CHECKED_BYTES];
    checked_data(bytes, TOKEN_TRANSFER_CHECKED, m->mint, amount);
    struct account_meta metas[] = {{m->from->key, true, false},
                                   {m->mint->key, false, false},
                                   {m->to->key, true, false},
                                   {m->authority->key, false, true}};
    struct instruction instruction = {m->program->key, metas, 4, bytes, sizeof bytes};
    return amount == 0 ? SUCCESS : call_invoke(call, &instruction, m->signer);
}

uint64_t token_burn(const struct call *call, const struct token_move *m, uint64_t amount)
{
    uint8_t bytes[CHECKED_BYTES];
    checked_data(bytes, TOKEN_BURN_CHECKED, m->mint, amount);
    struct account_meta metas[] = {
        {m->from->key, true, false}, {m->mint->key, true, false}, {m->authority->key, false, true}};
    struct instruction instruction = {m->program->key, metas, 3, bytes, sizeof bytes};
    return call_invoke(call, &instruction, m->signer);
}

uint64_t token_close(const struct call *call, const struct token_move *m)
{
    uint8_t tag = TOKEN_CLOSE;
    struct account_meta metas[] = {
        {m->from->key, true, false}, {m->to->key, true, false}, {m->authority->key, false, true}};
    struct instruction instruction = {m->program->key, metas, 3, &tag, 1};
    return call_invoke(call, &instruction, m->signer);
}

uint64_t token_account_size(const struct call *call, const struct token_move *m, uint64_t *bytes)
{
    uint8_t tag = TOKEN_SIZE;
    struct pubkey from;
    struct account_meta meta = {m->mint->key, false, false};
    struct instruction instruction = {m->program->key, &meta, 1, &tag, 1};
    uint64_t error = call_invoke(call, &instruction, NULL);
    if (error) return error;
    uint64_t size = sol_get_return_data((uint8_t *)bytes, sizeof *bytes, &from);
    return size == sizeof *bytes && pubkey_equal(&from, m->program->key) ? SUCCESS : ERROR_WRONG_PROGRAM;
}

uint64_t token_initialize(const struct call *call, const struct token_move *m)
{
    uint8_t bytes[33];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u8(&w, TOKEN_INITIALIZE_3);
    borsh_write_pubkey(&w, m->authority->key);
    struct account_meta metas[] = {{m->to->key, true, false}, {m->mint->key, false, false}};
    struct instruction instruction = {m->program->key, metas, 2, bytes, w.size};
    return call_invoke(call, &instruction, NULL);
}
