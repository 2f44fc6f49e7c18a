#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/ticket/ticket.h"
#include "services/chain/programs/ticket/whitelist_call.h"

static const struct account_rule INIT_EVENT[] = {
    {.flags = ACCOUNT_SIGNER | ACCOUNT_WRITABLE}, // authority
    {.flags = ACCOUNT_WRITABLE},                  // event
    {.flags = ACCOUNT_WRITABLE},                  // vault
    {0},                                          // pool
    {0},                                          // revenue
    {0},                                          // whitelist
    {.address = &SYSTEM_PROGRAM},
    {.flags = ACCOUNT_OPTIONAL}, // mint
    {.flags = ACCOUNT_OPTIONAL}, // token program
};
static const struct account_rule RESERVE[] = {
    {.flags = ACCOUNT_SIGNER | ACCOUNT_WRITABLE}, // player
    {.flags = ACCOUNT_SIGNER},                    // authority
    {.flags = ACCOUNT_WRITABLE, .type = EVENT_TYPE},
    {.flags = ACCOUNT_WRITABLE}, // vault
    {.flags = ACCOUNT_WRITABLE}, // ticket
    {0},                         // reference
    {.flags = ACCOUNT_WRITABLE}, // whitelist
    {.flags = ACCOUNT_WRITABLE}, // entry
    {.address = &WHITELIST_PROGRAM},
    {.address = &SYSTEM_PROGRAM},
    {.flags = ACCOUNT_OPTIONAL},                    // mint
    {.flags = ACCOUNT_OPTIONAL | ACCOUNT_WRITABLE}, // player's token account
    {.flags = ACCOUNT_OPTIONAL},                    // token program
};
static const struct account_rule LOCK_OR_CANCEL[] = {
    {.flags = ACCOUNT_SIGNER}, // authority
    {.flags = ACCOUNT_WRITABLE, .type = EVENT_TYPE},
};
static const struct account_rule RELEASE[] = {
    {.flags = ACCOUNT_SIGNER}, // authority or holder
    {.flags = ACCOUNT_WRITABLE, .type = EVENT_TYPE},
    {.flags = ACCOUNT_WRITABLE, .type = TICKET_TYPE},
    {.flags = ACCOUNT_WRITABLE}, // player
    {.flags = ACCOUNT_WRITABLE}, // whitelist
    {.flags = ACCOUNT_WRITABLE}, // entry
    {.address = &WHITELIST_PROGRAM},
    {.flags = ACCOUNT_WRITABLE},                    // vault
    {.flags = ACCOUNT_OPTIONAL},                    // mint
    {.flags = ACCOUNT_OPTIONAL | ACCOUNT_WRITABLE}, // player's token account
    {.flags = ACCOUNT_OPTIONAL},                    // token program
};
enum { CLOSE_TICKET_ACCOUNTS = 7 }; // those of a release without the money
static const struct account_rule BEGIN_SETTLE[] = {
    {.flags = ACCOUNT_SIGNER}, // authority
    {.flags = ACCOUNT_WRITABLE, .type = EVENT_TYPE},
    {.flags = ACCOUNT_WRITABLE}, // vault
    {.flags = ACCOUNT_WRITABLE}, // revenue
    {.flags = ACCOUNT_WRITABLE}, // pool
    {.flags = ACCOUNT_OPTIONAL}, // mint
    {.flags = ACCOUNT_OPTIONAL}, // token program
};
static const struct account_rule CLOSE[] = {
    {.flags = ACCOUNT_SIGNER | ACCOUNT_WRITABLE}, // authority
    {.flags = ACCOUNT_WRITABLE, .type = EVENT_TYPE},
    {.flags = ACCOUNT_WRITABLE}, // vault
    {.flags = ACCOUNT_WRITABLE}, // pool
    {.flags = ACCOUNT_WRITABLE}, // whitelist
    {.flags = ACCOUNT_WRITABLE}, // the payer that made the list
    {.address = &WHITELIST_PROGRAM},
    {.flags = ACCOUNT_OPTIONAL}, // mint
    {.flags = ACCOUNT_OPTIONAL}, // token program
};

#define RULES(rules) rules, sizeof(rules) / sizeof(*(rules))

static const struct program_instruction INSTRUCTIONS[] = {
    {TICKET_RESERVE, ticket_reserve, RULES(RESERVE)},
    {TICKET_REFUND, ticket_refund, RULES(RELEASE)},
    {TICKET_PAY_TICKET, ticket_pay, RULES(RELEASE)},
    {TICKET_CLOSE_TICKET, ticket_close, RELEASE, CLOSE_TICKET_ACCOUNTS},
    {TICKET_BEGIN_SETTLE, settle_begin, RULES(BEGIN_SETTLE)},
    {TICKET_LOCK_EVENT, event_lock, RULES(LOCK_OR_CANCEL)},
    {TICKET_CANCEL_EVENT, event_cancel, RULES(LOCK_OR_CANCEL)},
    {TICKET_INIT_EVENT, event_init, RULES(INIT_EVENT)},
    {TICKET_CLOSE, event_close, RULES(CLOSE)},
};

uint64_t entrypoint(const uint8_t *input);

uint64_t entrypoint(const uint8_t *input) { return program_run(input, RULES(INSTRUCTIONS)); }
