// Account data of any content: a reader may refuse it, but accepted values keep their bounds.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "services/chain/solana/lookup.h"
#include "services/chain/solana/programs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void read_all(const struct solana_account *account, const struct solana_programs *programs)
{
    struct solana_event event;
    struct solana_ticket ticket;
    struct solana_list list;
    struct solana_entry entry;
    struct solana_burned burned;
    struct solana_table table;
    if (solana_event_read(&event, account, programs)) assert(event.state <= SOLANA_EVENT_SETTLED);
    if (solana_list_read(&list, account, programs)) assert(strlen(list.name) <= SOLANA_LIST_NAME_MAX);
    if (solana_table_read(&table, &account->owner, account))
        assert(table.count <= SOLANA_TABLE_ADDRESSES_MAX);
    int kinds = solana_ticket_read(&ticket, account, programs) +
                solana_entry_read(&entry, account, programs) + solana_burned_read(&burned, account, programs);
    assert(kinds <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0 || sodium_init() < 0) return 0;
    struct solana_programs programs = solana_programs_default();
    const struct solana_key *const owners[] = {&programs.ticket, &programs.whitelist,
                                               &SOLANA_LOOKUP_TABLE_PROGRAM};
    struct solana_account account = {.found = true, .owner = *owners[bytes[0] % 3], .data_len = len - 1};
    account.data = malloc(len); // of exactly its size, so that a read past the end is seen
    memcpy(account.data, bytes + 1, len - 1);
    account.data = realloc(account.data, len - 1 ? len - 1 : 1);
    read_all(&account, &programs);
    solana_account_finish(&account);
    return 0;
}
