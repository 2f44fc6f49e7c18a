#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/whitelist/whitelist.h"

#define LIST_CREATED UINT64_C(0x6684f02ddd70b405)
#define LIST_CLOSED UINT64_C(0x76ce05f452b74585)

static uint64_t create_list(const struct call *call, const struct slice *name)
{
    struct account *payer = &call->accounts[0], *authority = &call->accounts[1],
                   *account = &call->accounts[2];
    struct pda pda = {.seeds = {{"list", 4}, {authority->key, 32}, *name}, .count = 3};
    struct creation creation = {payer, account, &pda, &call->program, sizeof(struct list), 0};
    uint64_t error = pda_check(&pda, account, &call->program);
    return error ? error : system_create(call, &creation);
}

static void fill_list(const struct call *call, const struct slice *name)
{
    struct list *list = (struct list *)call->accounts[2].data;
    const char *text = name->start;
    list->type = LIST_TYPE;
    list->authority = *call->accounts[1].key;
    list->rent_payer = *call->accounts[0].key;
    list->name_size = (uint32_t)name->size;
    for (uint64_t i = 0; i < name->size; i++) list->name[i] = text[i];
}

// [payer, authority, list, system program](name): anybody may make a list for an authority, which need not
// sign and may be another program's address; the list obeys the authority alone.
uint64_t list_init(struct call *call)
{
    struct slice name;
    borsh_read_string(&call->args, LIST_NAME_MAX, &name);
    if (!borsh_finished(&call->args) || name.size == 0) return ERROR_INVALID_NAME;
    uint64_t error = create_list(call, &name);
    if (error) return error;
    fill_list(call, &name);

    uint8_t bytes[8 + 64 + 4 + LIST_NAME_MAX];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, LIST_CREATED);
    borsh_write_pubkey(&w, call->accounts[2].key);
    borsh_write_pubkey(&w, call->accounts[1].key);
    borsh_write_string(&w, &name);
    event_emit(&w);
    return SUCCESS;
}

// [authority, list, rent payer]()
uint64_t list_close(struct call *call)
{
    struct account *account = &call->accounts[1], *rent_payer = &call->accounts[2];
    const struct list *list = (const struct list *)account->data;
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    if (!pubkey_equal(call->accounts[0].key, &list->authority)) return ERROR_WRONG_LIST_AUTHORITY;
    if (!pubkey_equal(rent_payer->key, &list->rent_payer)) return ERROR_WRONG_RENT_PAYER;
    if (list->entries != 0) return ERROR_LIST_NOT_EMPTY;
    uint64_t error = account_close(account, rent_payer);
    if (error) return error;

    uint8_t bytes[8 + 32];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, LIST_CLOSED);
    borsh_write_pubkey(&w, account->key);
    event_emit(&w);
    return SUCCESS;
}
