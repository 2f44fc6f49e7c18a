// Everything that needs no node: keys, program-derived addresses, instructions, messages, signatures,
// parsing, Borsh.
#include <stdlib.h>
#include <string.h>

#include "services/chain/solana/transaction.h"
#include "services/chain/solana/wire.h"
#include "tests/solana-client/driver/driver.h"

enum { LIST_MAX = 64 };

static json_t *parse_key(const json_t *request)
{
    struct solana_key key;
    if (!solana_key_parse(&key, get_text(request, "text"))) return refusal("INVALID", "no key");
    return put_bytes(key.bytes, sizeof key.bytes);
}

static json_t *format_key(const json_t *request)
{
    struct bytes b = get_bytes(request, "bytes");
    return put_key((const struct solana_key *)b.bytes);
}

static json_t *format_signature(const json_t *request)
{
    struct bytes b = get_bytes(request, "bytes");
    char text[SOLANA_SIGNATURE_TEXT];
    solana_signature_format((const struct solana_signature *)b.bytes, text);
    return json_string(text);
}

static json_t *on_curve(const json_t *request)
{
    struct solana_key key = get_key(request, "key");
    return json_boolean(solana_key_on_curve(&key));
}

static json_t *find_pda(const json_t *request)
{
    struct bytes bytes[LIST_MAX];
    struct solana_seed seeds[LIST_MAX];
    size_t i;
    json_t *seed;
    json_array_foreach(json_object_get(request, "seeds"), i, seed)
    {
        bytes[i] = get_bytes(seed, "hex");
        seeds[i] = (struct solana_seed){bytes[i].bytes, bytes[i].len};
    }
    struct solana_key program = get_key(request, "program"), address;
    uint8_t bump;
    if (!solana_pda_find(&address, &bump, &program, seeds, i)) return refusal("INVALID", "bad seeds");
    return json_pack("{s:o, s:i}", "address", put_key(&address), "bump", bump);
}

static json_t *token_address(const json_t *request)
{
    struct solana_key owner = get_key(request, "owner"), mint = get_key(request, "mint"), out;
    struct solana_key program = get_key(request, "token_program");
    solana_token_address(&out, &owner, &mint, &program);
    return put_key(&out);
}

static json_t *build_transfer(const json_t *request)
{
    struct solana_key from = get_key(request, "from"), to = get_key(request, "to");
    struct solana_instruction ix;
    solana_transfer(&ix, &from, &to, get_number(request, "lamports"));
    return put_instruction(&ix);
}

static json_t *build_unit_limit(const json_t *request)
{
    struct solana_instruction ix;
    solana_compute_unit_limit(&ix, (uint32_t)get_number(request, "units"));
    return put_instruction(&ix);
}

static json_t *build_unit_price(const json_t *request)
{
    struct solana_instruction ix;
    solana_compute_unit_price(&ix, get_number(request, "micro_lamports"));
    return put_instruction(&ix);
}

static json_t *build_memo(const json_t *request)
{
    struct solana_instruction ix;
    struct solana_key signer = get_key(request, "signer");
    solana_memo(&ix, get_text(request, "text"), &signer);
    return put_instruction(&ix);
}

static json_t *build_token_transfer(const json_t *request)
{
    struct solana_token_move move = {
        .token_program = get_key(request, "token_program"),
        .source = get_key(request, "source"),
        .mint = get_key(request, "mint"),
        .destination = get_key(request, "destination"),
        .owner = get_key(request, "owner"),
        .amount = get_number(request, "amount"),
        .decimals = (uint8_t)get_number(request, "decimals"),
    };
    struct solana_instruction ix;
    solana_token_transfer(&ix, &move);
    return put_instruction(&ix);
}

static json_t *build_token_account(const json_t *request)
{
    struct solana_key payer = get_key(request, "payer"), owner = get_key(request, "owner");
    struct solana_key mint = get_key(request, "mint"), program = get_key(request, "token_program");
    struct solana_instruction ix;
    solana_token_account_create(&ix, &payer, &owner, &mint, &program);
    return put_instruction(&ix);
}

// A draft with the memory behind it.
struct drafted {
    struct solana_draft draft;
    struct solana_instruction instructions[LIST_MAX];
    struct solana_table tables[LIST_MAX];
    struct solana_key addresses[LIST_MAX][SOLANA_TABLE_ADDRESSES_MAX];
};

static void read_tables(struct drafted *d, const json_t *list)
{
    size_t t, i;
    json_t *table, *address;
    json_array_foreach(list, t, table)
    {
        json_array_foreach(json_object_get(table, "addresses"), i, address)
            solana_key_parse(&d->addresses[t][i], json_string_value(address));
        d->tables[t] = (struct solana_table){get_key(table, "key"), d->addresses[t], i};
    }
    d->draft.tables = d->tables;
    d->draft.table_count = t;
}

static json_t *compile_drafted(struct drafted *d, const json_t *request)
{
    struct err err;
    uint8_t out[SOLANA_PACKET_MAX];
    size_t len, i;
    if (!solana_message_compile(&d->draft, out, &len, &err)) return refusal_err(&err);
    json_t *seed;
    json_array_foreach(json_object_get(request, "signers"), i, seed)
    {
        struct solana_signer signer;
        solana_signer_init(&signer, get_bytes(seed, "seed").bytes);
        if (!solana_transaction_sign(out, len, &signer, &err)) return refusal_err(&err);
    }
    return put_bytes(out, len);
}

static json_t *compile(const json_t *request)
{
    struct drafted *d = calloc(1, sizeof *d);
    d->draft.payer = get_key(request, "payer");
    d->draft.blockhash = get_key(request, "blockhash");
    d->draft.versioned = json_is_true(json_object_get(request, "versioned"));
    size_t i;
    json_t *ix;
    json_array_foreach(json_object_get(request, "instructions"), i, ix) d->instructions[i] =
        get_instruction(ix);
    d->draft.instructions = d->instructions;
    d->draft.instruction_count = i;
    read_tables(d, json_object_get(request, "tables"));
    json_t *answer = compile_drafted(d, request);
    free(d);
    return answer;
}

static json_t *put_keys(const struct solana_transaction *tx)
{
    json_t *list = json_array();
    for (size_t i = 0; i < tx->key_count; i++) json_array_append_new(list, put_key(&tx->keys[i]));
    return list;
}

static json_t *put_flags(const struct solana_transaction *tx)
{
    json_t *list = json_array();
    for (size_t i = 0; i < tx->account_count; i++) {
        int role =
            (solana_transaction_is_signer(tx, i) ? SOLANA_SIGNER : 0) + solana_transaction_is_writable(tx, i);
        json_array_append_new(list, json_integer(role));
    }
    return list;
}

static json_t *put_instructions(const struct solana_transaction *tx)
{
    json_t *list = json_array();
    for (size_t i = 0; i < tx->instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx->instructions[i];
        json_array_append_new(list, json_pack("{s:i, s:o, s:o}", "program", ix->program, "accounts",
                                              put_bytes(ix->accounts, ix->account_count), "data",
                                              put_bytes(ix->data, ix->data_len)));
    }
    return list;
}

static json_t *put_lookups(const struct solana_transaction *tx)
{
    json_t *list = json_array();
    for (size_t i = 0; i < tx->lookup_count; i++) {
        const struct solana_lookup_view *l = &tx->lookups[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "table", put_key(l->table), "writable",
                                              put_bytes(l->writable, l->writable_count), "readonly",
                                              put_bytes(l->readonly, l->readonly_count)));
    }
    return list;
}

static json_t *parse(const json_t *request)
{
    struct bytes b = get_bytes(request, "bytes");
    struct solana_transaction tx;
    struct err err;
    if (!solana_transaction_parse(&tx, b.bytes, b.len, &err)) return refusal_err(&err);
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:b}", "versioned", tx.versioned, "blockhash",
                     put_key(tx.blockhash), "keys", put_keys(&tx), "roles", put_flags(&tx), "instructions",
                     put_instructions(&tx), "lookups", put_lookups(&tx), "signed",
                     solana_transaction_verify(&tx, &err));
}

static json_t *write_borsh(const json_t *request)
{
    uint8_t out[BYTES_MAX];
    struct solana_writer w = solana_writer(out, sizeof out);
    struct solana_key key = get_key(request, "key");
    solana_write_u8(&w, (uint8_t)get_number(request, "u8"));
    solana_write_u16(&w, (uint16_t)get_number(request, "u16"));
    solana_write_u32(&w, (uint32_t)get_number(request, "u32"));
    solana_write_u64(&w, get_number(request, "u64"));
    solana_write_i64(&w, (int64_t)get_number(request, "u64"));
    solana_write_bool(&w, json_is_true(json_object_get(request, "bool")));
    solana_write_string(&w, get_text(request, "string"));
    solana_write_key(&w, &key);
    return w.failed ? refusal("INVALID", "too large") : put_bytes(out, w.len);
}

const struct operation_row VECTOR_OPERATIONS[] = {
    {"parse_key", parse_key},
    {"format_key", format_key},
    {"format_signature", format_signature},
    {"on_curve", on_curve},
    {"find_pda", find_pda},
    {"token_address", token_address},
    {"transfer", build_transfer},
    {"unit_limit", build_unit_limit},
    {"unit_price", build_unit_price},
    {"memo", build_memo},
    {"token_transfer", build_token_transfer},
    {"token_account", build_token_account},
    {"compile", compile},
    {"parse", parse},
    {"borsh", write_borsh},
    {NULL, NULL},
};
