#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/sdk/sysvar.h"
#include "services/chain/programs/whitelist/whitelist.h"

#define ENTRY_ADDED UINT64_C(0x2f39d141b7ea4086)
#define ENTRY_REMOVED UINT64_C(0xce8c87c82e4335e9)

enum { AUTHORITY, LIST, ENTRY, WALLET, PAYER };

static uint64_t check_authority(const struct call *call)
{
    const struct list *list = (const struct list *)call->accounts[LIST].data;
    return pubkey_equal(call->accounts[AUTHORITY].key, &list->authority) ? SUCCESS
                                                                         : ERROR_WRONG_LIST_AUTHORITY;
}

// The entry of the call belongs to its list and its wallet.
static uint64_t check_entry(const struct call *call)
{
    static const struct account_rule rule = {.type = ENTRY_TYPE};
    const struct account *account = &call->accounts[ENTRY];
    const struct entry *entry = (const struct entry *)account->data;
    uint64_t error = account_check(account, &rule, &call->program);
    if (error) return error;
    if (!pubkey_equal(&entry->list, call->accounts[LIST].key)) return ERROR_WRONG_LIST;
    if (!pubkey_equal(&entry->wallet, call->accounts[WALLET].key)) return ERROR_WRONG_WALLET;
    return SUCCESS;
}

static uint64_t create_entry(const struct call *call)
{
    struct account *accounts = call->accounts;
    struct pda pda = {.seeds = {{"entry", 5}, {accounts[LIST].key, 32}, {accounts[WALLET].key, 32}},
                      .count = 3};
    struct creation creation = {&accounts[PAYER], &accounts[ENTRY],     &pda,
                                &call->program,   sizeof(struct entry), 0};
    uint64_t error = pda_check(&pda, &accounts[ENTRY], &call->program);
    if (error || (error = system_create(call, &creation))) return error;
    struct entry *entry = (struct entry *)accounts[ENTRY].data;
    entry->type = ENTRY_TYPE;
    entry->list = *accounts[LIST].key;
    entry->wallet = *accounts[WALLET].key;
    entry->rent_payer = *accounts[PAYER].key;
    entry->since_s = clock_now_s();
    ((struct list *)accounts[LIST].data)->entries++;
    return SUCCESS;
}

static void emit_change(const struct call *call, uint64_t event, uint64_t entry_count, uint64_t list_count)
{
    uint8_t bytes[8 + 64 + 16];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, event);
    borsh_write_pubkey(&w, call->accounts[LIST].key);
    borsh_write_pubkey(&w, call->accounts[WALLET].key);
    borsh_write_u64(&w, entry_count);
    borsh_write_u64(&w, list_count);
    event_emit(&w);
}

// [authority, list, entry, wallet, payer, system program](count)
uint64_t entry_add(struct call *call)
{
    uint64_t count = borsh_read_u64(&call->args), list_count;
    struct list *list = (struct list *)call->accounts[LIST].data;
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    if (count == 0) return ERROR_ZERO_COUNT;
    uint64_t error = check_authority(call);
    if (error) return error;
    if (__builtin_add_overflow(list->count, count, &list_count)) return ERROR_OVERFLOW;
    error = account_is_unused(&call->accounts[ENTRY]) ? create_entry(call) : check_entry(call);
    if (error) return error;
    struct entry *entry = (struct entry *)call->accounts[ENTRY].data;
    entry->count += count; // at most the list's count
    list->count = list_count;
    emit_change(call, ENTRY_ADDED, entry->count, list_count);
    return SUCCESS;
}

// [authority, list, entry, wallet, rent payer](count): the entry that reaches zero is closed.
uint64_t entry_remove(struct call *call)
{
    uint64_t count = borsh_read_u64(&call->args);
    struct list *list = (struct list *)call->accounts[LIST].data;
    struct entry *entry = (struct entry *)call->accounts[ENTRY].data;
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    if (count == 0) return ERROR_ZERO_COUNT;
    uint64_t error = check_authority(call);
    if (error || (error = check_entry(call))) return error;
    if (!pubkey_equal(call->accounts[PAYER].key, &entry->rent_payer)) return ERROR_WRONG_RENT_PAYER;
    if (entry->count < count) return ERROR_NOT_THAT_MANY;
    uint64_t left = entry->count - count;
    entry->count = left;
    list->count -= count;
    emit_change(call, ENTRY_REMOVED, left, list->count);
    if (left != 0) return SUCCESS;
    list->entries--;
    return account_close(&call->accounts[ENTRY], &call->accounts[PAYER]);
}
