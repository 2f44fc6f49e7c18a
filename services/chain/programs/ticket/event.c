#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/sdk/sysvar.h"
#include "services/chain/programs/ticket/stored.h"
#include "services/chain/programs/ticket/whitelist_call.h"
#include "services/chain/programs/whitelist/whitelist.h"

#define EVENT_CREATED UINT64_C(0x5eee19f2afc7ba3b)
#define EVENT_LOCK_CHANGED UINT64_C(0xca95a98e8bc8a28e)
#define EVENT_WAS_CANCELLED UINT64_C(0x817c2bbcbf15c14a)

enum { AUTHORITY, EVENT, VAULT, POOL, REVENUE, WHITELIST, SYSTEM, MINT, PROGRAM };

struct terms {
    const uint8_t *id; // 16 bytes
    uint64_t price;
    uint32_t capacity;
    int64_t escape_at_s;
};

// Whether a * b needs more than 64 bits. In halves: there is no 128-bit product on this machine.
static bool exceeds_u64(uint64_t a, uint32_t b)
{
    uint64_t low = (a & UINT32_MAX) * b, high = (a >> 32) * b;
    return high + (low >> 32) > UINT32_MAX;
}

// A time that is past, or so far off that it must be in another unit, would protect nobody.
static uint64_t check_escape(int64_t escape_at_s)
{
    int64_t now_s = clock_now_s(), farthest_s = now_s + (int64_t)ESCAPE_FARTHEST_DAYS * DAY_S;
    return escape_at_s > now_s && escape_at_s <= farthest_s ? SUCCESS : ERROR_INVALID_ESCAPE;
}

static uint64_t read_terms(struct call *call, struct terms *terms)
{
    terms->id = borsh_read_bytes(&call->args, sizeof((struct event *)0)->id);
    terms->price = borsh_read_u64(&call->args);
    terms->capacity = borsh_read_u32(&call->args);
    terms->escape_at_s = (int64_t)borsh_read_u64(&call->args);
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    if (terms->price == 0) return ERROR_ZERO_PRICE;
    if (terms->capacity == 0) return ERROR_ZERO_CAPACITY;
    if (exceeds_u64(terms->price, terms->capacity)) return ERROR_OVERFLOW;
    return check_escape(terms->escape_at_s);
}

static bool is_event_or_vault(const struct call *call, const struct account *a)
{
    return pubkey_equal(a->key, call->accounts[EVENT].key) || pubkey_equal(a->key, call->accounts[VAULT].key);
}

static uint64_t check_parties(const struct call *call)
{
    static const struct account_rule list_rule = {.type = LIST_TYPE, .owner = &WHITELIST_PROGRAM};
    const struct account *accounts = call->accounts;
    if (is_event_or_vault(call, &accounts[POOL]) || is_event_or_vault(call, &accounts[REVENUE]))
        return ERROR_WRONG_RECIPIENT;
    uint64_t error = account_check(&accounts[WHITELIST], &list_rule, &call->program);
    if (error) return error;
    const struct list *list = (const struct list *)accounts[WHITELIST].data;
    return pubkey_equal(&list->authority, accounts[EVENT].key) ? SUCCESS : ERROR_WRONG_WHITELIST;
}

static uint64_t create_event(const struct call *call, struct terms *terms)
{
    struct account *accounts = call->accounts;
    struct pda pda = {.seeds = {{"event", 5}, {accounts[AUTHORITY].key, 32}, {terms->id, 16}}, .count = 3};
    struct creation creation = {&accounts[AUTHORITY], &accounts[EVENT],     &pda,
                                &call->program,       sizeof(struct event), 0};
    uint64_t error = pda_check(&pda, &accounts[EVENT], &call->program);
    if (error || (error = system_create(call, &creation))) return error;
    struct event *event = event_of(&accounts[EVENT]);
    event->type = EVENT_TYPE;
    event->authority = *accounts[AUTHORITY].key;
    event->vault = *accounts[VAULT].key;
    event->whitelist = *accounts[WHITELIST].key;
    event->pool = *accounts[POOL].key;
    event->revenue = *accounts[REVENUE].key;
    event->price = terms->price;
    event->capacity = terms->capacity;
    event->escape_at_s = terms->escape_at_s;
    __builtin_memcpy(event->id, terms->id, sizeof event->id);
    event->bump = pda.bump;
    return SUCCESS;
}

static uint64_t check_mint(const struct call *call)
{
    const struct account *mint = &call->accounts[MINT], *program = &call->accounts[PROGRAM];
    if (!call_has(call, PROGRAM)) return ERROR_NOT_ENOUGH_ACCOUNTS;
    uint64_t error = token_check_program(program);
    if (error || (error = token_check_mint(mint, program))) return error;
    return token_check_escrow_mint(mint);
}

// The vault of a lamport price is an empty account of this program; of a token price, a token account owned
// by the event.
static uint64_t create_vault(const struct call *call)
{
    struct account *accounts = call->accounts;
    bool tokens = call_has(call, MINT);
    struct pda pda = {.seeds = {{"vault", 5}, {accounts[EVENT].key, 32}}, .count = 2};
    struct creation creation = {&accounts[AUTHORITY], &accounts[VAULT], &pda, &call->program, 0, 0};
    struct token_move move = {.program = &accounts[PROGRAM],
                              .mint = &accounts[MINT],
                              .to = &accounts[VAULT],
                              .authority = &accounts[EVENT]};
    uint64_t error = pda_check(&pda, &accounts[VAULT], &call->program) ? ERROR_WRONG_VAULT : SUCCESS;
    if (error) return error;
    if (tokens) {
        creation.owner = accounts[PROGRAM].key;
        if ((error = check_mint(call)) || (error = token_account_size(call, &move, &creation.size)))
            return error;
    }
    if ((error = system_create(call, &creation))) return error;
    if ((error = rent_minimum(creation.size, &event_of(&accounts[EVENT])->vault_rent))) return error;
    if (!tokens) return SUCCESS;
    event_of(&accounts[EVENT])->mint = *accounts[MINT].key;
    return token_initialize(call, &move);
}

// [authority, event, vault, pool, revenue, whitelist, system program, mint?, token program?](id, price,
// capacity, escape_at)
uint64_t event_init(struct call *call)
{
    struct terms terms;
    uint64_t error = read_terms(call, &terms);
    if (error || (error = check_parties(call))) return error;
    if ((error = create_event(call, &terms)) || (error = create_vault(call))) return error;

    uint8_t bytes[8 + 96 + 20];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, EVENT_CREATED);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    borsh_write_pubkey(&w, call->accounts[AUTHORITY].key);
    borsh_write_pubkey(&w, &event_of(&call->accounts[EVENT])->mint);
    borsh_write_u64(&w, terms.price);
    borsh_write_u32(&w, terms.capacity);
    borsh_write_u64(&w, (uint64_t)terms.escape_at_s);
    event_emit(&w);
    return SUCCESS;
}

// [authority, event](locked)
uint64_t event_lock(struct call *call)
{
    bool locked = borsh_read_bool(&call->args);
    uint8_t wanted = locked ? EVENT_LOCKED : EVENT_OPEN;
    struct event *event = event_of(&call->accounts[EVENT]);
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    uint64_t error = stored_check_authority(&call->accounts[EVENT], &call->accounts[AUTHORITY]);
    if (error) return error;
    if (event->state != EVENT_OPEN && event->state != EVENT_LOCKED) return ERROR_ALREADY_OVER;
    if (event->state == wanted) return ERROR_ALREADY_IN_STATE;
    event->state = wanted;

    uint8_t bytes[8 + 32 + 1];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, EVENT_LOCK_CHANGED);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    borsh_write_u8(&w, locked);
    event_emit(&w);
    return SUCCESS;
}

// [authority, event]()
uint64_t event_cancel(struct call *call)
{
    struct event *event = event_of(&call->accounts[EVENT]);
    if (!borsh_finished(&call->args)) return ERROR_INVALID_ARGUMENTS;
    uint64_t error = stored_check_authority(&call->accounts[EVENT], &call->accounts[AUTHORITY]);
    if (error) return error;
    if (event->state != EVENT_OPEN && event->state != EVENT_LOCKED) return ERROR_ALREADY_OVER;
    event->state = EVENT_CANCELLED;

    uint8_t bytes[8 + 32];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    borsh_write_u64(&w, EVENT_WAS_CANCELLED);
    borsh_write_pubkey(&w, call->accounts[EVENT].key);
    event_emit(&w);
    return SUCCESS;
}
