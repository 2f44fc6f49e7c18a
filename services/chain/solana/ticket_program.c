#include "services/chain/solana/ticket_program.h"

#include "services/chain/solana/wire.h"

static const uint64_t INIT_EVENT = UINT64_C(0x54f95e2de71d4cbb);
static const uint64_t RESERVE = UINT64_C(0x9dd5411cd1f4635c);
static const uint64_t LOCK_EVENT = UINT64_C(0x03e6fcf79fe3e339);
static const uint64_t CANCEL_EVENT = UINT64_C(0x7759f13b2d248f37);
static const uint64_t REFUND = UINT64_C(0x2e2ed03ffbb76002);
static const uint64_t BEGIN_SETTLE = UINT64_C(0xbd8a1d0b95103105);
static const uint64_t PAY_TICKET = UINT64_C(0xea7ca459a696f8fc);
static const uint64_t CLOSE_TICKET = UINT64_C(0x75b61b4bc572d142);
static const uint64_t CLOSE = UINT64_C(0x60ce416cb1c9a562);

struct builder {
    struct solana_instruction *ix;
    const struct solana_programs *programs;
    struct solana_writer w;
    uint8_t data[8 + 64];
};

static void ticket_program_begin(struct builder *b, struct solana_instruction *ix,
                                 const struct solana_programs *programs, uint64_t instruction)
{
    b->ix = ix;
    b->programs = programs;
    b->w = solana_writer(b->data, sizeof b->data);
    solana_write_u64(&b->w, instruction);
    solana_instruction_init(ix, &programs->ticket);
}

static void ticket_program_end(struct builder *b)
{
    solana_instruction_data(b->ix, b->data, b->w.len);
    if (b->w.failed) b->ix->failed = true;
}

static void ticket_program_account(struct builder *b, const struct solana_key *key, enum solana_role role)
{
    solana_instruction_account(b->ix, key, role);
}

// An optional account that is left out is given as the program's own address.
static void ticket_program_optional(struct builder *b, const struct solana_key *key, enum solana_role role)
{
    ticket_program_account(b, key ? key : &b->programs->ticket, key ? role : SOLANA_READONLY);
}

static void ticket_program_vault(struct builder *b, const struct solana_key *event)
{
    struct solana_key key;
    solana_vault_address(&key, b->programs, event);
    ticket_program_account(b, &key, SOLANA_WRITABLE);
}

static void ticket_program_ticket(struct builder *b, const struct solana_seat *seat)
{
    struct solana_key key;
    solana_ticket_address(&key, b->programs, &seat->event, &seat->reference);
    ticket_program_account(b, &key, SOLANA_WRITABLE);
}

// Whitelist, the player's entry, and the program that keeps them.
static void ticket_program_whitelist(struct builder *b, const struct solana_seat *seat)
{
    struct solana_key entry;
    solana_entry_address(&entry, b->programs, &seat->whitelist, &seat->player);
    ticket_program_account(b, &seat->whitelist, SOLANA_WRITABLE);
    ticket_program_account(b, &entry, SOLANA_WRITABLE);
    ticket_program_account(b, &b->programs->whitelist, SOLANA_READONLY);
}

// A wallet, or its token account when the price is in tokens.
static void ticket_program_purse(struct builder *b, const struct solana_key *wallet,
                                 const struct solana_currency *currency)
{
    struct solana_key key = *wallet;
    if (currency) solana_token_address(&key, wallet, &currency->mint, &currency->token_program);
    ticket_program_account(b, &key, SOLANA_WRITABLE);
}

static void ticket_program_mint(struct builder *b, const struct solana_currency *currency)
{
    ticket_program_optional(b, currency ? &currency->mint : NULL, SOLANA_READONLY);
}

static void token_program(struct builder *b, const struct solana_currency *currency)
{
    ticket_program_optional(b, currency ? &currency->token_program : NULL, SOLANA_READONLY);
}

// Mint, the player's token account, token program.
static void player_tokens(struct builder *b, const struct solana_seat *seat)
{
    struct solana_key key;
    const struct solana_currency *c = seat->currency;
    ticket_program_mint(b, c);
    if (c) solana_token_address(&key, &seat->player, &c->mint, &c->token_program);
    ticket_program_optional(b, c ? &key : NULL, SOLANA_WRITABLE);
    token_program(b, c);
}

void solana_ticket_init_event(struct solana_instruction *ix, const struct solana_programs *programs,
                              const struct solana_event_terms *terms)
{
    struct builder b;
    struct solana_key event;
    solana_event_address(&event, programs, &terms->authority, terms->id);
    ticket_program_begin(&b, ix, programs, INIT_EVENT);
    solana_write_bytes(&b.w, terms->id, sizeof terms->id);
    solana_write_u64(&b.w, terms->price);
    solana_write_u32(&b.w, terms->capacity);
    solana_write_i64(&b.w, terms->escape_at_s);
    ticket_program_account(&b, &terms->authority, SOLANA_SIGNER_WRITABLE);
    ticket_program_account(&b, &event, SOLANA_WRITABLE);
    ticket_program_vault(&b, &event);
    ticket_program_account(&b, &terms->pool, SOLANA_READONLY);
    ticket_program_account(&b, &terms->revenue, SOLANA_READONLY);
    ticket_program_account(&b, &terms->whitelist, SOLANA_READONLY);
    ticket_program_account(&b, &SOLANA_SYSTEM_PROGRAM, SOLANA_READONLY);
    ticket_program_mint(&b, terms->currency);
    token_program(&b, terms->currency);
    ticket_program_end(&b);
}

void solana_ticket_reserve(struct solana_instruction *ix, const struct solana_programs *programs,
                           const struct solana_seat *seat, const struct solana_permit *permit)
{
    struct builder b;
    ticket_program_begin(&b, ix, programs, RESERVE);
    solana_write_i64(&b.w, permit->not_after_s);
    ticket_program_account(&b, &seat->player, SOLANA_SIGNER_WRITABLE);
    ticket_program_account(&b, &permit->authority, SOLANA_SIGNER);
    ticket_program_account(&b, &seat->event, SOLANA_WRITABLE);
    ticket_program_vault(&b, &seat->event);
    ticket_program_ticket(&b, seat);
    ticket_program_account(&b, &seat->reference, SOLANA_READONLY);
    ticket_program_whitelist(&b, seat);
    ticket_program_account(&b, &SOLANA_SYSTEM_PROGRAM, SOLANA_READONLY);
    player_tokens(&b, seat);
    ticket_program_end(&b);
}

// What closes a ticket, without the money.
static void ticket_program_release(struct builder *b, const struct solana_seat *seat,
                                   const struct solana_key *caller)
{
    ticket_program_account(b, caller, SOLANA_SIGNER);
    ticket_program_account(b, &seat->event, SOLANA_WRITABLE);
    ticket_program_ticket(b, seat);
    ticket_program_account(b, &seat->player, SOLANA_WRITABLE);
    ticket_program_whitelist(b, seat);
}

void solana_ticket_refund(struct solana_instruction *ix, const struct solana_programs *programs,
                          const struct solana_seat *seat, const struct solana_key *caller)
{
    struct builder b;
    ticket_program_begin(&b, ix, programs, REFUND);
    ticket_program_release(&b, seat, caller);
    ticket_program_vault(&b, &seat->event);
    player_tokens(&b, seat);
    ticket_program_end(&b);
}

void solana_ticket_close_ticket(struct solana_instruction *ix, const struct solana_programs *programs,
                                const struct solana_seat *seat, const struct solana_key *caller)
{
    struct builder b;
    ticket_program_begin(&b, ix, programs, CLOSE_TICKET);
    ticket_program_release(&b, seat, caller);
    ticket_program_end(&b);
}

void solana_ticket_lock(struct solana_instruction *ix, const struct solana_programs *programs,
                        const struct solana_key *authority, const struct solana_key *event, bool locked)
{
    struct builder b;
    ticket_program_begin(&b, ix, programs, LOCK_EVENT);
    solana_write_bool(&b.w, locked);
    ticket_program_account(&b, authority, SOLANA_SIGNER);
    ticket_program_account(&b, event, SOLANA_WRITABLE);
    ticket_program_end(&b);
}

void solana_ticket_cancel(struct solana_instruction *ix, const struct solana_programs *programs,
                          const struct solana_key *authority, const struct solana_key *event)
{
    struct builder b;
    ticket_program_begin(&b, ix, programs, CANCEL_EVENT);
    ticket_program_account(&b, authority, SOLANA_SIGNER);
    ticket_program_account(&b, event, SOLANA_WRITABLE);
    ticket_program_end(&b);
}

static void write_tax(struct builder *b, const struct solana_settlement *s)
{
    if (s->tax_kind == SOLANA_TAX_PRESET && s->tax > UINT8_MAX) b->w.failed = true;
    solana_write_u8(&b->w, (uint8_t)s->tax_kind);
    if (s->tax_kind == SOLANA_TAX_PRESET)
        solana_write_u8(&b->w, (uint8_t)s->tax);
    else
        solana_write_u16(&b->w, s->tax);
}

void solana_ticket_begin_settle(struct solana_instruction *ix, const struct solana_programs *programs,
                                const struct solana_settlement *s)
{
    struct builder b;
    ticket_program_begin(&b, ix, programs, BEGIN_SETTLE);
    solana_write_u32(&b.w, s->tickets);
    solana_write_u32(&b.w, s->apart);
    write_tax(&b, s);
    solana_write_u16(&b.w, s->winners_bp);
    ticket_program_account(&b, &s->authority, SOLANA_SIGNER);
    ticket_program_account(&b, &s->event, SOLANA_WRITABLE);
    ticket_program_vault(&b, &s->event);
    ticket_program_purse(&b, &s->revenue, s->currency);
    ticket_program_purse(&b, &s->pool, s->currency);
    ticket_program_mint(&b, s->currency);
    token_program(&b, s->currency);
    ticket_program_end(&b);
}

void solana_ticket_pay(struct solana_instruction *ix, const struct solana_programs *programs,
                       const struct solana_seat *seat, const struct solana_key *authority, uint64_t amount)
{
    struct builder b;
    ticket_program_begin(&b, ix, programs, PAY_TICKET);
    solana_write_u64(&b.w, amount);
    ticket_program_release(&b, seat, authority);
    ticket_program_vault(&b, &seat->event);
    player_tokens(&b, seat);
    ticket_program_end(&b);
}

void solana_ticket_close(struct solana_instruction *ix, const struct solana_programs *programs,
                         const struct solana_event_end *e)
{
    struct builder b;
    ticket_program_begin(&b, ix, programs, CLOSE);
    ticket_program_account(&b, &e->authority, SOLANA_SIGNER_WRITABLE);
    ticket_program_account(&b, &e->event, SOLANA_WRITABLE);
    ticket_program_vault(&b, &e->event);
    ticket_program_purse(&b, &e->pool, e->currency);
    ticket_program_account(&b, &e->whitelist, SOLANA_WRITABLE);
    ticket_program_account(&b, &e->list_rent_payer, SOLANA_WRITABLE);
    ticket_program_account(&b, &b.programs->whitelist, SOLANA_READONLY);
    ticket_program_mint(&b, e->currency);
    token_program(&b, e->currency);
    ticket_program_end(&b);
}

enum solana_act solana_ticket_act(const uint8_t *data, size_t len)
{
    struct solana_reader r = solana_reader(data, len);
    const uint64_t instruction = solana_read_u64(&r);
    if (r.failed) return SOLANA_ACT_OTHER;
    if (instruction == RESERVE) return SOLANA_ACT_RESERVE;
    if (instruction == PAY_TICKET) return SOLANA_ACT_PAY;
    if (instruction == BEGIN_SETTLE) return SOLANA_ACT_SETTLE;
    return instruction == CLOSE ? SOLANA_ACT_CLOSE : SOLANA_ACT_OTHER;
}
