#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/sdk/sysvar.h"
#include "services/chain/programs/sdk/token.h"
#include "services/chain/programs/whitelist/whitelist.h"

#define TOKENS_BURNED UINT64_C(0x09e335e27122ffe6)

enum { OWNER, LIST, BURNED, MINT, TOKEN, TOKEN_PROGRAM_ACCOUNT };

static uint64_t check_tokens(const struct call *call, uint64_t amount)
{
    const struct account *accounts = call->accounts, *token = &accounts[TOKEN];
    uint64_t error = token_check_program(&accounts[TOKEN_PROGRAM_ACCOUNT]);
    if (error || (error = token_check_mint(&accounts[MINT], &accounts[TOKEN_PROGRAM_ACCOUNT]))) return error;
    if ((error = token_check_account(token, &accounts[MINT], accounts[OWNER].key))) return error;
    if (token_is_frozen(token)) return ERROR_TOKEN_FROZEN;
    return token_amount(token) < amount ? ERROR_INSUFFICIENT_FUNDS : SUCCESS;
}

static uint64_t burn_record(const struct call *call, uint64_t amount)
{
    struct account *accounts = call->accounts;
    struct pda pda = {.seeds = {{"burned", 6}, {accounts[LIST].key, 32}, {accounts[MINT].key, 32}},
                      .count = 3};
    struct creation creation = {&accounts[OWNER], &accounts[BURNED],     &pda,
                                &call->program,   sizeof(struct burned), 0};
    uint64_t error = pda_check(&pda, &accounts[BURNED], &call->program);
    if (error) return error;
    if (pubkey_equal(accounts[BURNED].owner, &call->program)) return ERROR_MINT_ALREADY_BURNED;
    if ((error = system_create(call, &creation))) return error;
    struct burned *burned = (struct burned *)accounts[BURNED].data;
    burned->type = BURNED_TYPE;
    burned->list = *accounts[LIST].key;
    burned->owner = *accounts[OWNER].key;
    burned->mint = *accounts[MINT].key;
    burned->amount = amount;
    burned->since_s = clock_now_s();
    return SUCCESS;
}

static void emit_burned(const struct call *call, uint64_t amount)
{
    uint8_t bytes[8 + 96 + 8];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, TOKENS_BURNED);
    borsh_write_pubkey(&w, call->accounts[LIST].key);
    borsh_write_pubkey(&w, call->accounts[OWNER].key);
    borsh_write_pubkey(&w, call->accounts[MINT].key);
    borsh_write_u64(&w, amount);
    event_emit(&w);
}

// [owner, list, burned, mint, token account, token program, system program](amount): the signer's own tokens,
// for good.
uint64_t burn(struct call *call)
{
    struct account *accounts = call->accounts;
    uint64_t amount = borsh_read_u64(&call->args);
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    if (amount == 0) return ERROR_ZERO_AMOUNT;
    uint64_t error = check_tokens(call, amount);
    if (error || (error = burn_record(call, amount))) return error;
    struct token_move move = {.program = &accounts[TOKEN_PROGRAM_ACCOUNT],
                              .mint = &accounts[MINT],
                              .from = &accounts[TOKEN],
                              .authority = &accounts[OWNER]};
    if ((error = token_burn(call, &move, amount))) return error;
    ((struct list *)accounts[LIST].data)->burned++;
    emit_burned(call, amount);
    return SUCCESS;
}
