#include "services/chain/solana/token_2022.h"

#include <string.h>

#include "services/chain/solana/wire.h"

enum {
    SET_AUTHORITY = 6,
    MINT_TO = 7,
    INITIALIZE_MINT_2 = 20,
    METADATA_POINTER = 39,
    MINT_TOKENS = 0, // of which the authority is set
    INITIALIZE = 0,
    NONE = 0,
    HEAD_BYTES = 4, // before an extension, and before a text
    ACCOUNT_BYTES = 128,
    DATA_ROOM = 512
};

// The first bytes of SHA-256 of "spl_token_metadata_interface:initialize_account" and
// ":update_the_authority".
static const uint8_t DESCRIBE[8] = {210, 225, 30, 162, 88, 184, 77, 141},
                     SET_DESCRIBER[8] = {215, 228, 166, 228, 84, 100, 86, 123};

static void begin_token(struct solana_instruction *ix, const struct solana_key *mint)
{
    solana_instruction_init(ix, &SOLANA_TOKEN_2022_PROGRAM);
    solana_instruction_account(ix, mint, SOLANA_WRITABLE);
}

static void end_token(struct solana_instruction *ix, const struct solana_writer *w)
{
    solana_instruction_data(ix, w->bytes, w->len);
    ix->failed |= w->failed;
}

// Update authority, mint, three texts, and how many other fields there are.
static uint64_t metadata_bytes(const struct token_2022_metadata *metadata)
{
    return HEAD_BYTES + 2 * SOLANA_KEY_BYTES + 3 * HEAD_BYTES + strlen(metadata->name) +
           strlen(metadata->symbol) + strlen(metadata->uri) + HEAD_BYTES;
}

uint64_t token_2022_lamports(const struct token_2022_metadata *metadata)
{
    return (ACCOUNT_BYTES + TOKEN_2022_MINT_BYTES + metadata_bytes(metadata)) * TOKEN_2022_LAMPORTS_BYTE;
}

void token_2022_point(struct solana_instruction *ix, const struct solana_key *mint)
{
    uint8_t data[DATA_ROOM];
    const struct solana_key nobody = {{0}};
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u8(&w, METADATA_POINTER);
    solana_write_u8(&w, INITIALIZE);
    solana_write_key(&w, &nobody);
    solana_write_key(&w, mint);
    begin_token(ix, mint);
    end_token(ix, &w);
}

void token_2022_init(struct solana_instruction *ix, const struct solana_key *mint,
                     const struct solana_key *authority)
{
    uint8_t data[DATA_ROOM];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u8(&w, INITIALIZE_MINT_2);
    solana_write_u8(&w, 0); // decimals
    solana_write_key(&w, authority);
    solana_write_u8(&w, NONE);
    begin_token(ix, mint);
    end_token(ix, &w);
}

void token_2022_describe(struct solana_instruction *ix, const struct solana_key *mint,
                         const struct solana_key *authority, const struct token_2022_metadata *metadata)
{
    uint8_t data[DATA_ROOM];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_bytes(&w, DESCRIBE, sizeof DESCRIBE);
    solana_write_string(&w, metadata->name);
    solana_write_string(&w, metadata->symbol);
    solana_write_string(&w, metadata->uri);
    begin_token(ix, mint);
    solana_instruction_account(ix, authority, SOLANA_READONLY); // who may change it
    solana_instruction_account(ix, mint, SOLANA_READONLY);
    solana_instruction_account(ix, authority, SOLANA_SIGNER);
    end_token(ix, &w);
}

void token_2022_keep_description(struct solana_instruction *ix, const struct solana_key *mint,
                                 const struct solana_key *authority)
{
    uint8_t data[DATA_ROOM];
    const struct solana_key nobody = {{0}};
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_bytes(&w, SET_DESCRIBER, sizeof SET_DESCRIBER);
    solana_write_key(&w, &nobody);
    begin_token(ix, mint);
    solana_instruction_account(ix, authority, SOLANA_SIGNER);
    end_token(ix, &w);
}

void token_2022_mint_one(struct solana_instruction *ix, const struct solana_key *mint,
                         const struct solana_key *account, const struct solana_key *authority)
{
    uint8_t data[DATA_ROOM];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u8(&w, MINT_TO);
    solana_write_u64(&w, 1);
    begin_token(ix, mint);
    solana_instruction_account(ix, account, SOLANA_WRITABLE);
    solana_instruction_account(ix, authority, SOLANA_SIGNER);
    end_token(ix, &w);
}

void token_2022_end(struct solana_instruction *ix, const struct solana_key *mint,
                    const struct solana_key *authority)
{
    uint8_t data[DATA_ROOM];
    struct solana_writer w = solana_writer(data, sizeof data);
    solana_write_u8(&w, SET_AUTHORITY);
    solana_write_u8(&w, MINT_TOKENS);
    solana_write_u8(&w, NONE);
    begin_token(ix, mint);
    solana_instruction_account(ix, authority, SOLANA_SIGNER);
    end_token(ix, &w);
}
