#include "services/chain/burn/burn.h"

#include <string.h>

#include "services/chain/solana/transaction.h"
#include "services/chain/solana/whitelist_program.h"
#include "services/chain/solana/wire.h"

// ---- Composing

static void compose_mint(struct solana_instruction *ix, const struct burn_terms *terms,
                         const struct burn_mint *mint)
{
    struct solana_burn burn = {.owner = terms->account,
                               .list = terms->list,
                               .mint = mint->mint,
                               .token_program = mint->token_program,
                               .amount = 1};
    solana_token_address(&burn.token_account, &burn.owner, &burn.mint, &burn.token_program);
    solana_whitelist_burn(ix, &terms->programs, &burn);
}

bool burn_compose(const struct burn_terms *terms, struct burn_bytes *out, struct err *err)
{
    struct solana_instruction all[2 + BURN_MINTS_MAX];
    size_t count = 2;
    uint64_t price =
        terms->unit_price < BURN_UNIT_PRICE_MAX ? terms->unit_price : (uint64_t)BURN_UNIT_PRICE_MAX;
    if (!terms->count || terms->count > BURN_MINTS_MAX)
        return err_field(err, INVALID_FIELD, "mints", "one burns 1 to %d mints at once", BURN_MINTS_MAX);
    solana_compute_unit_limit(&all[0], terms->units);
    solana_compute_unit_price(&all[1], price);
    for (size_t i = 0; i < terms->count; i++) compose_mint(&all[count++], terms, &terms->mints[i]);
    const struct solana_draft draft = {.payer = terms->account,
                                       .blockhash = terms->blockhash,
                                       .instructions = all,
                                       .instruction_count = count};
    return solana_message_compile(&draft, out->bytes, &out->len, err);
}

// ---- Accounts of tokens, which begin alike for both programs

enum {
    MINT_BYTES = 82,
    TOKEN_BYTES = 165,
    STATE_AT = 108, // after mint, owner, amount and delegate
    STATE_USABLE = 1
};

static bool is_token_program(const struct solana_key *key)
{
    return solana_key_equal(key, &SOLANA_TOKEN_PROGRAM) || solana_key_equal(key, &SOLANA_TOKEN_2022_PROGRAM);
}

bool burn_is_mint(const struct solana_account *account, struct solana_key *program)
{
    if (!account->found || !is_token_program(&account->owner) || account->data_len < MINT_BYTES) return false;
    *program = account->owner;
    return true;
}

bool burn_has_token(const struct solana_account *account, const struct burn_mint *mint,
                    const struct solana_key *wallet)
{
    if (!account->found || !solana_key_equal(&account->owner, &mint->token_program) ||
        account->data_len < TOKEN_BYTES)
        return false;
    struct solana_reader reader = solana_reader(account->data, account->data_len);
    const struct solana_key of = solana_read_key(&reader), owner = solana_read_key(&reader);
    uint64_t amount = solana_read_u64(&reader);
    return solana_key_equal(&of, &mint->mint) && solana_key_equal(&owner, wallet) && amount &&
           account->data[STATE_AT] == STATE_USABLE;
}

// ---- What landed

static const struct solana_key *key_at(const struct solana_transaction *tx,
                                       const struct solana_landed *landed, uint8_t index)
{
    if (index < tx->key_count) return &tx->keys[index];
    size_t looked_up = index - tx->key_count;
    return looked_up < landed->looked_up_count ? &landed->looked_up[looked_up] : NULL;
}

static bool is_burn(const struct solana_instruction_view *ix)
{
    const struct solana_burn none = {.amount = 1};
    const struct solana_programs programs = solana_programs_default();
    struct solana_instruction burn;
    solana_whitelist_burn(&burn, &programs, &none);
    return ix->data_len == burn.data_len && ix->account_count >= burn.meta_count &&
           memcmp(ix->data, burn.data, sizeof(uint64_t)) == 0;
}

bool burn_made(const struct solana_landed *landed, const struct solana_programs *programs,
               const struct solana_key *record)
{
    enum { RECORD = 2 }; // among the accounts of a burn
    struct solana_transaction tx;
    struct err err = {0};
    if (!landed->found || *landed->error.name) return false;
    if (!solana_transaction_parse(&tx, landed->bytes, landed->len, &err)) return false;
    for (size_t i = 0; i < tx.instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx.instructions[i];
        if (!solana_key_equal(&tx.keys[ix->program], &programs->whitelist) || !is_burn(ix)) continue;
        const struct solana_key *key = key_at(&tx, landed, ix->accounts[RECORD]);
        if (key && solana_key_equal(key, record)) return true;
    }
    return false;
}
