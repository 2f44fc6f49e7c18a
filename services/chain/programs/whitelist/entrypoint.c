#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/whitelist/whitelist.h"

static const struct account_rule INIT_LIST[] = {
    {.flags = ACCOUNT_SIGNER | ACCOUNT_WRITABLE}, // payer
    {0},                                          // authority
    {.flags = ACCOUNT_WRITABLE},                  // list
    {.address = &SYSTEM_PROGRAM},
};
static const struct account_rule ADD[] = {
    {.flags = ACCOUNT_SIGNER}, // authority
    {.flags = ACCOUNT_WRITABLE, .type = LIST_TYPE},
    {.flags = ACCOUNT_WRITABLE},                  // entry
    {0},                                          // wallet
    {.flags = ACCOUNT_SIGNER | ACCOUNT_WRITABLE}, // payer
    {.address = &SYSTEM_PROGRAM},
};
static const struct account_rule REMOVE[] = {
    {.flags = ACCOUNT_SIGNER}, // authority
    {.flags = ACCOUNT_WRITABLE, .type = LIST_TYPE},
    {.flags = ACCOUNT_WRITABLE}, // entry
    {0},                         // wallet
    {.flags = ACCOUNT_WRITABLE}, // rent payer
};
static const struct account_rule BURN[] = {
    {.flags = ACCOUNT_SIGNER | ACCOUNT_WRITABLE}, // owner
    {.flags = ACCOUNT_WRITABLE, .type = LIST_TYPE},
    {.flags = ACCOUNT_WRITABLE}, // burned
    {.flags = ACCOUNT_WRITABLE}, // mint
    {.flags = ACCOUNT_WRITABLE}, // token account
    {0},                         // token program
    {.address = &SYSTEM_PROGRAM},
};
static const struct account_rule CLOSE[] = {
    {.flags = ACCOUNT_SIGNER}, // authority
    {.flags = ACCOUNT_WRITABLE, .type = LIST_TYPE},
    {.flags = ACCOUNT_WRITABLE}, // rent payer
};

#define RULES(rules) rules, sizeof(rules) / sizeof(*(rules))

static const struct program_instruction INSTRUCTIONS[] = {
    {WHITELIST_ADD, entry_add, RULES(ADD)},      {WHITELIST_REMOVE, entry_remove, RULES(REMOVE)},
    {WHITELIST_BURN, burn, RULES(BURN)},         {WHITELIST_INIT_LIST, list_init, RULES(INIT_LIST)},
    {WHITELIST_CLOSE, list_close, RULES(CLOSE)},
};

uint64_t entrypoint(const uint8_t *input);

uint64_t entrypoint(const uint8_t *input) { return program_run(input, RULES(INSTRUCTIONS)); }
