#include "services/chain/cluster/reading.h"

#include <string.h>

#include "services/chain/solana/rpc_call.h"
#include "services/chain/solana/wire.h"

static const char CLOCK[] = "SysvarC1ock11111111111111111111111111111111";
enum { CLOCK_UNIX_AT = 32, TYPE_BYTES = 8 };

// ---- How the cluster is

static bool check_health(struct solana_rpc *rpc, struct solana_fault *fault)
{
    json_t *result = solana_rpc_call(rpc, "getHealth", json_array(), fault);
    if (!result) return false;
    bool ok = json_is_string(result) && strcmp(json_string_value(result), "ok") == 0;
    json_decref(result);
    return ok || solana_fault_set(fault, SOLANA_NODE_BEHIND, "the node says that it is not healthy");
}

static bool read_genesis(struct solana_rpc *rpc, struct solana_key *genesis, struct solana_fault *fault)
{
    json_t *result = solana_rpc_call(rpc, "getGenesisHash", json_array(), fault);
    if (!result) return false;
    bool ok = solana_json_key(result, genesis) || solana_bad_reply(fault, "getGenesisHash");
    json_decref(result);
    return ok;
}

// Slot and height of one block.
static bool read_finalized(struct solana_rpc *rpc, struct pulse *pulse, struct solana_fault *fault)
{
    json_t *params = json_pack("[{s:s}]", "commitment", solana_rpc_commitment(rpc));
    json_t *result = solana_rpc_call(rpc, "getEpochInfo", params, fault);
    if (!result) return false;
    bool ok = solana_json_u64(json_object_get(result, "absoluteSlot"), &pulse->finalized_slot) &&
              solana_json_u64(json_object_get(result, "blockHeight"), &pulse->finalized_height);
    json_decref(result);
    return ok || solana_bad_reply(fault, "getEpochInfo");
}

static bool read_clock(struct solana_rpc *rpc, struct pulse *pulse, struct solana_fault *fault)
{
    struct solana_account account;
    struct solana_key key;
    if (!solana_key_parse(&key, CLOCK) || !solana_rpc_account(rpc, &key, &account, fault)) return false;
    struct solana_reader reader = solana_reader(account.data, account.data_len);
    solana_read_bytes(&reader, CLOCK_UNIX_AT);
    pulse->clock_s = solana_read_i64(&reader);
    solana_account_finish(&account);
    return !reader.failed || solana_bad_reply(fault, "getAccountInfo");
}

bool reading_pulse(struct solana_rpc *finalized, struct solana_rpc *confirmed, struct pulse *pulse,
                   struct solana_fault *fault)
{
    *pulse = (struct pulse){.clock_s = 0};
    return check_health(finalized, fault) && read_genesis(finalized, &pulse->genesis, fault) &&
           read_finalized(finalized, pulse, fault) &&
           solana_rpc_latest_blockhash(confirmed, &pulse->newest, fault) &&
           read_clock(confirmed, pulse, fault);
}

// ---- Accounts

static json_t *key_json(const struct solana_key *key)
{
    char text[SOLANA_KEY_TEXT];
    solana_key_format(key, text);
    return json_string(text);
}

static json_t *keys_json(const struct solana_key *keys, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++) {
        if (json_array_append_new(list, key_json(&keys[i])) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

static bool take_slot(const json_t *result, uint64_t min_slot, uint64_t *slot)
{
    return solana_json_u64(json_object_get(json_object_get(result, "context"), "slot"), slot) &&
           *slot >= min_slot;
}

static bool take_accounts(const json_t *result, size_t count, struct reading *reading)
{
    const json_t *list = json_object_get(result, "value");
    bool ok = json_array_size(list) == count;
    for (; ok && reading->count < count; reading->count++) {
        struct solana_account *account = &reading->accounts[reading->count];
        *account = (struct solana_account){.slot = reading->slot};
        ok = solana_json_account(json_array_get(list, reading->count), account);
        account->slot = reading->slot;
    }
    return ok;
}

bool reading_accounts(struct solana_rpc *rpc, const struct solana_key *keys, size_t count, uint64_t min_slot,
                      struct reading *reading, struct solana_fault *fault)
{
    json_t *params =
        json_pack("[o, {s:s, s:s, s:I}]", keys_json(keys, count), "encoding", "base64", "commitment",
                  solana_rpc_commitment(rpc), "minContextSlot", (json_int_t)min_slot);
    json_t *result = solana_rpc_call(rpc, "getMultipleAccounts", params, fault);
    reading->count = 0;
    if (!result) return false;
    bool ok = take_slot(result, min_slot, &reading->slot) && take_accounts(result, count, reading);
    json_decref(result);
    if (ok) return true;
    reading_finish(reading);
    return solana_bad_reply(fault, "getMultipleAccounts");
}

void reading_finish(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) solana_account_finish(&reading->accounts[i]);
    reading->count = 0;
}

// ---- All of a program

static bool give_each(const json_t *list, uint64_t slot, const struct reading_search *search)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        struct solana_account account = {.found = false};
        bool ok = solana_json_account(json_object_get(one, "account"), &account);
        account.slot = slot;
        if (ok) search->each(search->arg, &account);
        solana_account_finish(&account);
        if (!ok) return false;
    }
    return json_is_array(list);
}

bool reading_program(struct solana_rpc *rpc, const struct reading_search *search, struct solana_fault *fault)
{
    uint64_t slot;
    json_t *params = json_pack("[o, {s:s, s:s, s:b, s:I, s:[{s:{s:i, s:o}}]}]", key_json(&search->program),
                               "encoding", "base64", "commitment", solana_rpc_commitment(rpc), "withContext",
                               1, "minContextSlot", (json_int_t)search->min_slot, "filters", "memcmp",
                               "offset", TYPE_BYTES, "bytes", key_json(&search->owner));
    json_t *result = solana_rpc_call(rpc, "getProgramAccounts", params, fault);
    if (!result) return false;
    bool ok = take_slot(result, search->min_slot, &slot) &&
              give_each(json_object_get(result, "value"), slot, search);
    json_decref(result);
    return ok || solana_bad_reply(fault, "getProgramAccounts");
}
