#include "services/chain/solana/programs.h"

#include <assert.h>
#include <string.h>

#include "services/chain/solana/wire.h"

static const char TICKET[] = "bArDn16ERF32oHbL3Qvbsfz55xkj1CdbPV8VYXJtCtk";
static const char WHITELIST[] = "2YQmwuktcWmmhXXAzjizxzie3QWEkZC8HQ4ZnRtrKF7p";

static const uint64_t EVENT_TYPE = UINT64_C(0xe99873099e7dc07d);
static const uint64_t TICKET_TYPE = UINT64_C(0xc8eb5a4ea518e429);
static const uint64_t LIST_TYPE = UINT64_C(0x52be8b166eba18a9);
static const uint64_t ENTRY_TYPE = UINT64_C(0xfaddf6d77198123f);
static const uint64_t BURNED_TYPE = UINT64_C(0x784f936a6adc7423);

struct solana_programs solana_programs_default(void)
{
    struct solana_programs programs;
    bool good =
        solana_key_parse(&programs.ticket, TICKET) && solana_key_parse(&programs.whitelist, WHITELIST);
    assert(good);
    (void)good;
    return programs;
}

// The address of a word and up to two further seeds; b may have no bytes.
static void programs_derive(struct solana_key *out, const struct solana_key *program, const char *word,
                            struct solana_seed a, struct solana_seed b)
{
    const struct solana_seed seeds[] = {{word, strlen(word)}, a, b};
    uint8_t bump;
    bool found = solana_pda_find(out, &bump, program, seeds, b.bytes ? 3 : 2);
    assert(found);
    (void)found;
}

static struct solana_seed key_seed(const struct solana_key *key)
{
    return (struct solana_seed){key->bytes, sizeof key->bytes};
}

bool solana_list_address(struct solana_key *out, const struct solana_programs *programs,
                         const struct solana_key *authority, const char *name)
{
    if (strlen(name) > SOLANA_LIST_NAME_MAX) return false;
    programs_derive(out, &programs->whitelist, "list", key_seed(authority),
                    (struct solana_seed){name, strlen(name)});
    return true;
}

void solana_entry_address(struct solana_key *out, const struct solana_programs *programs,
                          const struct solana_key *list, const struct solana_key *wallet)
{
    programs_derive(out, &programs->whitelist, "entry", key_seed(list), key_seed(wallet));
}

void solana_burned_address(struct solana_key *out, const struct solana_programs *programs,
                           const struct solana_key *list, const struct solana_key *mint)
{
    programs_derive(out, &programs->whitelist, "burned", key_seed(list), key_seed(mint));
}

void solana_event_address(struct solana_key *out, const struct solana_programs *programs,
                          const struct solana_key *authority, const uint8_t id[SOLANA_EVENT_ID_BYTES])
{
    programs_derive(out, &programs->ticket, "event", key_seed(authority),
                    (struct solana_seed){id, SOLANA_EVENT_ID_BYTES});
}

void solana_vault_address(struct solana_key *out, const struct solana_programs *programs,
                          const struct solana_key *event)
{
    programs_derive(out, &programs->ticket, "vault", key_seed(event), (struct solana_seed){0});
}

void solana_ticket_address(struct solana_key *out, const struct solana_programs *programs,
                           const struct solana_key *event, const struct solana_key *reference)
{
    programs_derive(out, &programs->ticket, "ticket", key_seed(event), key_seed(reference));
}

// A reader behind the type number. Failed at once for an account of another program or type.
static struct solana_reader open_account(const struct solana_account *account,
                                         const struct solana_key *program, uint64_t type)
{
    struct solana_reader r = solana_reader(account->data, account->data_len);
    bool ours = account->found && solana_key_equal(&account->owner, program);
    if (!ours || solana_read_u64(&r) != type) r.failed = true;
    return r;
}

bool solana_event_read(struct solana_event *out, const struct solana_account *account,
                       const struct solana_programs *programs)
{
    struct solana_reader r = open_account(account, &programs->ticket, EVENT_TYPE);
    struct solana_key *const keys[] = {&out->authority, &out->vault,   &out->whitelist,
                                       &out->pool,      &out->revenue, &out->mint};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) *keys[i] = solana_read_key(&r);
    out->price = solana_read_u64(&r);
    out->vault_rent_lamports = solana_read_u64(&r);
    out->owed = solana_read_u64(&r);
    out->escape_at_s = solana_read_i64(&r);
    out->capacity = solana_read_u32(&r);
    out->reserved = solana_read_u32(&r);
    const uint8_t *id = solana_read_bytes(&r, sizeof out->id);
    if (id) memcpy(out->id, id, sizeof out->id);
    uint8_t state = solana_read_u8(&r);
    out->state = (enum solana_event_state)state;
    out->bump = solana_read_u8(&r);
    r.left = r.failed ? r.left : 0; // the account is rounded up to eight bytes
    return solana_read_done(&r) && state <= SOLANA_EVENT_SETTLED;
}

bool solana_ticket_read(struct solana_ticket *out, const struct solana_account *account,
                        const struct solana_programs *programs)
{
    struct solana_reader r = open_account(account, &programs->ticket, TICKET_TYPE);
    out->event = solana_read_key(&r);
    out->player = solana_read_key(&r);
    out->reference = solana_read_key(&r);
    out->paid = solana_read_u64(&r);
    out->reserved_at_s = solana_read_i64(&r);
    return solana_read_done(&r);
}

bool solana_list_read(struct solana_list *out, const struct solana_account *account,
                      const struct solana_programs *programs)
{
    struct solana_reader r = open_account(account, &programs->whitelist, LIST_TYPE);
    out->authority = solana_read_key(&r);
    out->rent_payer = solana_read_key(&r);
    out->entries = solana_read_u64(&r);
    out->count = solana_read_u64(&r);
    out->burned = solana_read_u64(&r);
    solana_read_string(&r, out->name, sizeof out->name);
    return !r.failed; // the account has room for the longest name
}

bool solana_entry_read(struct solana_entry *out, const struct solana_account *account,
                       const struct solana_programs *programs)
{
    struct solana_reader r = open_account(account, &programs->whitelist, ENTRY_TYPE);
    out->list = solana_read_key(&r);
    out->wallet = solana_read_key(&r);
    out->rent_payer = solana_read_key(&r);
    out->count = solana_read_u64(&r);
    out->since_s = solana_read_i64(&r);
    return solana_read_done(&r);
}

bool solana_burned_read(struct solana_burned *out, const struct solana_account *account,
                        const struct solana_programs *programs)
{
    struct solana_reader r = open_account(account, &programs->whitelist, BURNED_TYPE);
    out->list = solana_read_key(&r);
    out->owner = solana_read_key(&r);
    out->mint = solana_read_key(&r);
    out->amount = solana_read_u64(&r);
    out->since_s = solana_read_i64(&r);
    return solana_read_done(&r);
}

enum { TICKET_REFUSALS = 6000, WHITELIST_REFUSALS = 6100 };

static const char *const ticket_refusals[] = {
    "UnknownInstruction",
    "InvalidArguments",
    "NotEnoughAccounts",
    "TooManyAccounts",
    "MissingSigner",
    "NotWritable",
    "WrongProgram",
    "WrongOwner",
    "WrongAccountType",
    "NotInitialized",
    "AlreadyInitialized",
    "WrongAddress",
    "InsufficientFunds",
    "WrongMint",
    "WrongTokenAccount",
    "UnsupportedMint",
    "Overflow",
    "UnsupportedRent",
    "RecipientNotRentExempt",
    "DuplicateAccount",
    "ZeroPrice",
    "ZeroCapacity",
    "WrongRecipient",
    "WrongEventAuthority",
    "WrongVault",
    "WrongWhitelist",
    "WrongTicket",
    "WrongPlayer",
    "NotOpen",
    "NotLocked",
    "NotSettled",
    "AlreadyInState",
    "AlreadyOver",
    "NotRefundable",
    "EventFull",
    "AlreadyReserved",
    "InvalidTax",
    "InvalidShare",
    "TicketsChanged",
    "NothingToSettle",
    "TicketsRemain",
    "NotOver",
    "InvalidEscape",
    "PermitExpired",
    "NotSettling",
    "NotThatMuchOwed",
    "LastTakesTheRest",
};

static const char *const whitelist_refusals[] = {
    "InvalidName", "WrongListAuthority", "WrongList",  "WrongWallet",       "WrongRentPayer", "ZeroCount",
    "NotThatMany", "ListNotEmpty",       "ZeroAmount", "MintAlreadyBurned", "TokenFrozen",
};

const char *solana_refusal_name(uint32_t custom)
{
    const uint32_t ticket = custom - TICKET_REFUSALS, whitelist = custom - WHITELIST_REFUSALS;
    if (ticket < sizeof ticket_refusals / sizeof ticket_refusals[0]) return ticket_refusals[ticket];
    if (whitelist < sizeof whitelist_refusals / sizeof whitelist_refusals[0])
        return whitelist_refusals[whitelist];
    return NULL;
}
