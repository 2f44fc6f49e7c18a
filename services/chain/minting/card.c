#include "services/chain/minting/card.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "services/chain/solana/token_2022.h"
#include "services/chain/solana/wire.h"

#define DOMAIN "conse/card/1"
#define MEMO "conse/card/1 "
#define NAME "Conse role card"
#define SYMBOL "CONSE"

enum {
    UNIT_LIMIT_AT,
    UNIT_PRICE_AT,
    PAY_AT,
    ALLOCATE_AT,
    ASSIGN_AT,
    POINT_AT,
    INIT_AT,
    DESCRIBE_AT,
    KEEP_AT,
    TOKEN_ACCOUNT_AT,
    MINT_AT,
    END_AT,
    MEMO_AT,
    INSTRUCTIONS,
    BASE = 1, // among the accounts of ALLOCATE and ASSIGN
    SEED_USED = SOLANA_SEED_BYTES_MAX / 2,
    TEXT_ROOM = 192
};
static const char INDEX_SEED[] = "conse/cards";

// ---- Addresses

static void seed_of(const struct card_id *id, char seed[SOLANA_SEED_BYTES_MAX + 1])
{
    uint8_t numbers[8], hash[crypto_hash_sha256_BYTES];
    struct solana_writer w = solana_writer(numbers, sizeof numbers);
    crypto_hash_sha256_state state;
    solana_write_u32(&w, id->card);
    solana_write_u32(&w, id->number);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)DOMAIN, strlen(DOMAIN));
    crypto_hash_sha256_update(&state, id->chain.bytes, sizeof id->chain.bytes);
    crypto_hash_sha256_update(&state, id->role, sizeof id->role);
    crypto_hash_sha256_update(&state, id->event, sizeof id->event);
    crypto_hash_sha256_update(&state, numbers, sizeof numbers);
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(seed, SOLANA_SEED_BYTES_MAX + 1, hash, SEED_USED);
}

void card_address(struct solana_key *out, const struct card_id *id)
{
    char seed[SOLANA_SEED_BYTES_MAX + 1];
    seed_of(id, seed);
    solana_seeded_address(out, &id->authority, seed, &SOLANA_TOKEN_2022_PROGRAM);
}

void card_index(struct solana_key *out, const struct solana_key *authority)
{
    solana_seeded_address(out, authority, INDEX_SEED, &SOLANA_SYSTEM_PROGRAM);
}

bool card_is_there(const struct solana_account *account)
{
    return account->found && solana_key_equal(&account->owner, &SOLANA_TOKEN_2022_PROGRAM);
}

// ---- Composing

// The account as the mint's, with what its whole length has to have.
static void compose_account(struct solana_instruction ix[INSTRUCTIONS], const struct card_terms *terms,
                            const struct solana_key *mint, const struct token_2022_metadata *metadata)
{
    char seed[SOLANA_SEED_BYTES_MAX + 1];
    const struct solana_seeded at = {*mint, terms->id.authority, SOLANA_TOKEN_2022_PROGRAM, seed};
    struct solana_key index;
    seed_of(&terms->id, seed);
    card_index(&index, &terms->id.authority);
    solana_transfer(&ix[PAY_AT], &terms->wallet, mint, token_2022_lamports(metadata));
    solana_instruction_account(&ix[PAY_AT], &index, SOLANA_READONLY);
    solana_allocate_seeded(&ix[ALLOCATE_AT], &at, TOKEN_2022_MINT_BYTES);
    solana_assign_seeded(&ix[ASSIGN_AT], &at);
}

// The wallet may change it until the last of these, which are all carried out or none.
static void compose_token(struct solana_instruction ix[INSTRUCTIONS], const struct card_terms *terms,
                          const struct solana_key *mint, const struct token_2022_metadata *metadata)
{
    struct solana_key account;
    const struct solana_key *wallet = &terms->wallet;
    solana_token_address(&account, wallet, mint, &SOLANA_TOKEN_2022_PROGRAM);
    token_2022_point(&ix[POINT_AT], mint);
    token_2022_init(&ix[INIT_AT], mint, wallet);
    token_2022_describe(&ix[DESCRIBE_AT], mint, wallet, metadata);
    token_2022_keep_description(&ix[KEEP_AT], mint, wallet);
    solana_token_account_create(&ix[TOKEN_ACCOUNT_AT], wallet, wallet, mint, &SOLANA_TOKEN_2022_PROGRAM);
    token_2022_mint_one(&ix[MINT_AT], mint, &account, wallet);
    token_2022_end(&ix[END_AT], mint, wallet);
}

static void compose_memo(struct solana_instruction *ix, const struct card_terms *terms)
{
    char account[SOLANA_KEY_TEXT], memo[TEXT_ROOM];
    struct solana_key key;
    memcpy(key.bytes, terms->account.bytes, sizeof key.bytes);
    solana_key_format(&key, account);
    snprintf(memo, sizeof memo, MEMO "%s %" PRIu32 " %" PRIu32 " %s", uuid_text(terms->id.role).text,
             terms->id.card, terms->id.number, account);
    solana_memo(ix, memo, NULL);
}

bool card_compose(const struct card_terms *terms, struct card_bytes *out, struct err *err)
{
    struct solana_instruction ix[INSTRUCTIONS];
    char uri[TEXT_ROOM];
    const struct token_2022_metadata metadata = {NAME, SYMBOL, uri};
    struct solana_key mint;
    uint64_t price =
        terms->unit_price < CARD_UNIT_PRICE_MAX ? terms->unit_price : (uint64_t)CARD_UNIT_PRICE_MAX;
    if (solana_key_equal(&terms->wallet, &terms->id.authority))
        return err_field(err, INVALID_FIELD, "wallet", "the authority pays for nothing");
    snprintf(uri, sizeof uri, "conse:card:%s:%" PRIu32, uuid_text(terms->id.role).text, terms->id.card);
    card_address(&mint, &terms->id);
    solana_compute_unit_limit(&ix[UNIT_LIMIT_AT], CARD_UNITS);
    solana_compute_unit_price(&ix[UNIT_PRICE_AT], price);
    compose_account(ix, terms, &mint, &metadata);
    compose_token(ix, terms, &mint, &metadata);
    compose_memo(&ix[MEMO_AT], terms);
    const struct solana_draft draft = {.payer = terms->wallet,
                                       .blockhash = terms->blockhash,
                                       .instructions = ix,
                                       .instruction_count = INSTRUCTIONS};
    return solana_message_compile(&draft, out->bytes, &out->len, err);
}

// ---- Signing

// Which program each instruction is of.
static const struct solana_key *const programs[INSTRUCTIONS] = {
    [UNIT_LIMIT_AT] = &SOLANA_COMPUTE_BUDGET_PROGRAM,
    [UNIT_PRICE_AT] = &SOLANA_COMPUTE_BUDGET_PROGRAM,
    [PAY_AT] = &SOLANA_SYSTEM_PROGRAM,
    [ALLOCATE_AT] = &SOLANA_SYSTEM_PROGRAM,
    [ASSIGN_AT] = &SOLANA_SYSTEM_PROGRAM,
    [POINT_AT] = &SOLANA_TOKEN_2022_PROGRAM,
    [INIT_AT] = &SOLANA_TOKEN_2022_PROGRAM,
    [DESCRIBE_AT] = &SOLANA_TOKEN_2022_PROGRAM,
    [KEEP_AT] = &SOLANA_TOKEN_2022_PROGRAM,
    [TOKEN_ACCOUNT_AT] = &SOLANA_ASSOCIATED_TOKEN_PROGRAM,
    [MINT_AT] = &SOLANA_TOKEN_2022_PROGRAM,
    [END_AT] = &SOLANA_TOKEN_2022_PROGRAM,
    [MEMO_AT] = &SOLANA_MEMO_PROGRAM,
};

static bool has_tag(const struct solana_transaction *tx, size_t at, const struct solana_instruction *like)
{
    const struct solana_instruction_view *given = &tx->instructions[at];
    return given->account_count == like->meta_count && given->data_len == like->data_len &&
           memcmp(given->data, like->data, sizeof(uint32_t)) == 0;
}

// Whether the two that the authority signs are what they are meant to be, for some address of its own.
static bool makes_account(const struct solana_transaction *tx)
{
    char seed[SOLANA_SEED_BYTES_MAX + 1];
    struct solana_instruction allocate, assign;
    memset(seed, '0', SOLANA_SEED_BYTES_MAX);
    seed[SOLANA_SEED_BYTES_MAX] = '\0';
    const struct solana_seeded any = {.seed = seed};
    solana_allocate_seeded(&allocate, &any, 0);
    solana_assign_seeded(&assign, &any);
    return has_tag(tx, ALLOCATE_AT, &allocate) && has_tag(tx, ASSIGN_AT, &assign);
}

// Exactly these, so that nothing pays but the wallet, and no nonce lets the message outlive its blockhash.
static bool has_form(const struct solana_transaction *tx)
{
    bool same = !tx->versioned && tx->instruction_count == INSTRUCTIONS;
    for (size_t i = 0; same && i < INSTRUCTIONS; i++)
        same = solana_key_equal(&tx->keys[tx->instructions[i].program], programs[i]);
    return same && makes_account(tx);
}

static bool only_reads(const struct solana_transaction *tx, const struct solana_key *authority)
{
    uint8_t at;
    return tx->signer_count == 2 && solana_transaction_find(tx, authority, &at) && at != 0 &&
           solana_transaction_is_signer(tx, at) && !solana_transaction_is_writable(tx, at) &&
           tx->instructions[ALLOCATE_AT].accounts[BASE] == at &&
           tx->instructions[ASSIGN_AT].accounts[BASE] == at && solana_transaction_uses(tx, at) == 2;
}

bool card_sign(struct card_bytes *bytes, const struct solana_signer *authority, struct err *err)
{
    struct solana_transaction tx;
    const struct solana_key key = solana_signer_key(authority);
    if (!solana_transaction_parse(&tx, bytes->bytes, bytes->len, err)) return false;
    if (!has_form(&tx) || !only_reads(&tx, &key))
        return err_fail(err, INTERNAL_ERROR, "the authority does not sign this message");
    return solana_transaction_sign(bytes->bytes, bytes->len, authority, err);
}
