// The JSON-RPC client: one node at a time, opened by `open`.
#include <stdlib.h>
#include <string.h>

#include "services/chain/solana/lookup.h"
#include "services/chain/solana/rpc_blocks.h"
#include "services/chain/solana/rpc_landed.h"
#include "tests/solana-client/driver/driver.h"

static struct solana_rpc *node;

static json_t *put_fault(const struct solana_fault *fault)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:b, s:I, s:i, s:I}", "error", solana_code_name(fault->code),
                     "message", fault->message, "name", fault->tx.name, "instruction", fault->tx.instruction,
                     "has_custom", fault->tx.has_custom, "custom", (json_int_t)fault->tx.custom, "http",
                     fault->http_status, "retry_after_ms", (json_int_t)fault->retry_after_ms);
}

static json_t *put_tx_error(const struct solana_tx_error *error)
{
    if (!error->name[0]) return json_null();
    return json_pack("{s:s, s:i, s:I}", "name", error->name, "instruction", error->instruction, "custom",
                     error->has_custom ? (json_int_t)error->custom : -1);
}

static uint32_t get_optional(const json_t *request, const char *field)
{
    return (uint32_t)json_integer_value(json_object_get(request, field));
}

static json_t *open_node(const json_t *request)
{
    struct solana_fault fault;
    struct solana_rpc_options options = {
        .url = get_text(request, "url"),
        .commitment = (enum solana_commitment)get_optional(request, "commitment"),
        .deadline_ms = get_optional(request, "deadline_ms"),
        .try_ms = get_optional(request, "try_ms"),
        .reply_max = get_optional(request, "reply_max"),
        .retry = {get_optional(request, "retries"), get_optional(request, "retry_min_ms"),
                  get_optional(request, "retry_max_ms")},
    };
    solana_rpc_destroy(node);
    node = NULL;
    return solana_rpc_create(&node, &options, &fault) ? json_true() : put_fault(&fault);
}

static json_t *close_node(const json_t *request)
{
    (void)request;
    solana_rpc_destroy(node);
    node = NULL;
    return json_true();
}

static json_t *blockhash(const json_t *request)
{
    (void)request;
    struct solana_fault fault;
    struct solana_blockhash b;
    if (!solana_rpc_latest_blockhash(node, &b, &fault)) return put_fault(&fault);
    return json_pack("{s:o, s:o, s:o}", "hash", put_key(&b.hash), "last_valid_height",
                     put_number(b.last_valid_height), "slot", put_number(b.slot));
}

static json_t *slot(const json_t *request)
{
    (void)request;
    struct solana_fault fault;
    uint64_t number;
    return solana_rpc_slot(node, &number, &fault) ? put_number(number) : put_fault(&fault);
}

static json_t *block_height(const json_t *request)
{
    (void)request;
    struct solana_fault fault;
    uint64_t number;
    return solana_rpc_block_height(node, &number, &fault) ? put_number(number) : put_fault(&fault);
}

static json_t *first_block(const json_t *request)
{
    struct solana_fault fault;
    struct solana_block block;
    if (!solana_rpc_first_block(node, get_number(request, "from"), &block, &fault)) return put_fault(&fault);
    if (!block.found) return json_null();
    return json_pack("{s:o, s:o}", "slot", put_number(block.slot), "hash", put_key(&block.hash));
}

static json_t *rent(const json_t *request)
{
    struct solana_fault fault;
    uint64_t number;
    return solana_rpc_rent(node, get_number(request, "bytes"), &number, &fault) ? put_number(number)
                                                                                : put_fault(&fault);
}

static json_t *balance(const json_t *request)
{
    struct solana_fault fault;
    uint64_t number;
    struct solana_key key = get_key(request, "key");
    return solana_rpc_balance(node, &key, &number, &fault) ? put_number(number) : put_fault(&fault);
}

static json_t *account(const json_t *request)
{
    struct solana_fault fault;
    struct solana_account a;
    struct solana_key key = get_key(request, "key");
    if (!solana_rpc_account(node, &key, &a, &fault)) return put_fault(&fault);
    json_t *answer = a.found ? json_pack("{s:o, s:o, s:o, s:b}", "lamports", put_number(a.lamports), "owner",
                                         put_key(&a.owner), "data", put_bytes(a.data, a.data_len),
                                         "executable", a.executable)
                             : json_null();
    solana_account_finish(&a);
    return answer;
}

static json_t *lookup_table(const json_t *request)
{
    struct solana_fault fault;
    struct solana_account a;
    struct solana_table table;
    struct solana_key key = get_key(request, "key");
    if (!solana_rpc_account(node, &key, &a, &fault)) return put_fault(&fault);
    json_t *answer = json_null();
    if (solana_table_read(&table, &key, &a)) {
        answer = json_array();
        for (size_t i = 0; i < table.count; i++) json_array_append_new(answer, put_key(&table.addresses[i]));
    }
    solana_account_finish(&a);
    return answer;
}

static json_t *send(const json_t *request)
{
    struct solana_fault fault;
    struct solana_signature signature;
    struct bytes b = get_bytes(request, "bytes");
    struct solana_bytes tx = {b.bytes, b.len};
    bool unchecked = json_is_true(json_object_get(request, "unchecked"));
    bool ok = unchecked ? solana_rpc_send_unchecked(node, tx, &signature, &fault)
                        : solana_rpc_send(node, tx, &signature, &fault);
    if (!ok) return put_fault(&fault);
    char text[SOLANA_SIGNATURE_TEXT];
    solana_signature_format(&signature, text);
    return json_string(text);
}

static json_t *simulate(const json_t *request)
{
    struct solana_fault fault;
    struct solana_simulation s;
    struct bytes b = get_bytes(request, "bytes");
    if (!solana_rpc_simulate(node, (struct solana_bytes){b.bytes, b.len}, &s, &fault))
        return put_fault(&fault);
    json_t *answer = json_pack("{s:o, s:o, s:s}", "err", put_tx_error(&s.error), "units", put_number(s.units),
                               "logs", s.logs);
    solana_simulation_finish(&s);
    return answer;
}

static struct solana_signature get_signature(const json_t *request, const char *field)
{
    struct solana_signature signature;
    if (!solana_signature_parse(&signature, get_text(request, field))) abort();
    return signature;
}

static json_t *statuses(const json_t *request)
{
    enum { FEW = 8 };
    static const char *const levels[] = {"processed", "confirmed", "finalized"};
    struct solana_fault fault;
    struct solana_signature signatures[FEW];
    struct solana_status found[FEW];
    const json_t *list = json_object_get(request, "signatures");
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count && i < FEW; i++)
        if (!solana_signature_parse(&signatures[i], json_string_value(json_array_get(list, i)))) abort();
    if (!solana_rpc_statuses(node, signatures, count, found, &fault)) return put_fault(&fault);
    json_t *answer = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(answer, !found[i].found
                                          ? json_null()
                                          : json_pack("{s:s, s:o, s:o}", "reached", levels[found[i].reached],
                                                      "slot", put_number(found[i].slot), "err",
                                                      put_tx_error(&found[i].error)));
    return answer;
}

static json_t *put_history(const struct solana_history_entry *entries, size_t count)
{
    json_t *answer = json_array();
    for (size_t i = 0; i < count; i++) {
        char text[SOLANA_SIGNATURE_TEXT];
        solana_signature_format(&entries[i].signature, text);
        json_array_append_new(answer,
                              json_pack("{s:s, s:o, s:o}", "signature", text, "slot",
                                        put_number(entries[i].slot), "err", put_tx_error(&entries[i].error)));
    }
    return answer;
}

static json_t *history(const json_t *request)
{
    enum { FEW = 16 };
    struct solana_fault fault;
    struct solana_history_entry entries[FEW];
    struct solana_history_query query = {.address = get_key(request, "address"),
                                         .limit = get_number(request, "limit")};
    struct solana_signature before, until;
    size_t count;
    if (json_object_get(request, "before")) {
        before = get_signature(request, "before");
        query.before = &before;
    }
    if (json_object_get(request, "until")) {
        until = get_signature(request, "until");
        query.until = &until;
    }
    if (!solana_rpc_history(node, &query, entries, &count, &fault)) return put_fault(&fault);
    return put_history(entries, count);
}

static json_t *put_lamports(const uint64_t *lamports, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(list, put_number(lamports[i]));
    return list;
}

static json_t *put_landed(const struct solana_landed *l)
{
    struct solana_transaction tx;
    struct err err;
    if (!solana_transaction_parse(&tx, l->bytes, l->len, &err)) return refusal_err(&err);
    json_t *accounts = json_array();
    const struct solana_key *key;
    for (size_t i = 0; (key = solana_landed_account(l, &tx, i)); i++)
        json_array_append_new(accounts, put_key(key));
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "slot", put_number(l->slot), "fee",
                     put_number(l->fee), "err", put_tx_error(&l->error), "bytes", put_bytes(l->bytes, l->len),
                     "before", put_lamports(l->before, l->balance_count), "after",
                     put_lamports(l->after, l->balance_count), "accounts", accounts);
}

static json_t *transaction(const json_t *request)
{
    struct solana_fault fault;
    struct solana_landed landed;
    struct solana_signature signature = get_signature(request, "signature");
    if (!solana_rpc_transaction(node, &signature, &landed, &fault)) return put_fault(&fault);
    json_t *answer = landed.found ? put_landed(&landed) : json_null();
    solana_landed_finish(&landed);
    return answer;
}

const struct operation_row RPC_OPERATIONS[] = {
    {"open", open_node},  {"close", close_node},          {"blockhash", blockhash},
    {"slot", slot},       {"block_height", block_height}, {"rent", rent},
    {"balance", balance}, {"account", account},           {"lookup_table", lookup_table},
    {"send", send},       {"simulate", simulate},         {"statuses", statuses},
    {"history", history}, {"transaction", transaction},   {"first_block", first_block},
    {NULL, NULL},
};
