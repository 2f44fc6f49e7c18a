// Instructions of the ticket and whitelist programs, and their accounts as the node gives them.
#include <string.h>

#include "services/chain/solana/ticket_program.h"
#include "services/chain/solana/whitelist_program.h"
#include "tests/solana-client/driver/driver.h"

// Programs that the test deployed elsewhere are named in the request.
static struct solana_programs get_programs(const json_t *request)
{
    struct solana_programs programs = solana_programs_default();
    if (json_object_get(request, "ticket_program")) programs.ticket = get_key(request, "ticket_program");
    if (json_object_get(request, "whitelist_program"))
        programs.whitelist = get_key(request, "whitelist_program");
    return programs;
}

static const struct solana_currency *get_currency(const json_t *request, struct solana_currency *currency)
{
    if (!json_object_get(request, "mint")) return NULL;
    *currency = (struct solana_currency){get_key(request, "mint"), get_key(request, "token_program")};
    return currency;
}

static json_t *list_address(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_key authority = get_key(request, "authority"), out;
    if (!solana_list_address(&out, &programs, &authority, get_text(request, "name")))
        return refusal("INVALID", "name");
    return put_key(&out);
}

static json_t *event_address(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_key authority = get_key(request, "authority"), out;
    solana_event_address(&out, &programs, &authority, get_bytes(request, "id").bytes);
    return put_key(&out);
}

static json_t *whitelist_init(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_key payer = get_key(request, "payer"), authority = get_key(request, "authority");
    struct solana_instruction ix;
    solana_whitelist_init(&ix, &programs, &payer, &authority, get_text(request, "name"));
    return put_instruction(&ix);
}

static struct solana_entry_change get_change(const json_t *request)
{
    return (struct solana_entry_change){
        .authority = get_key(request, "authority"),
        .list = get_key(request, "list"),
        .wallet = get_key(request, "wallet"),
        .rent_payer = get_key(request, "rent_payer"),
        .count = get_number(request, "count"),
    };
}

static json_t *whitelist_add(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_entry_change change = get_change(request);
    struct solana_instruction ix;
    solana_whitelist_add(&ix, &programs, &change);
    return put_instruction(&ix);
}

static json_t *whitelist_remove(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_entry_change change = get_change(request);
    struct solana_instruction ix;
    solana_whitelist_remove(&ix, &programs, &change);
    return put_instruction(&ix);
}

static json_t *whitelist_burn(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_burn burn = {
        .owner = get_key(request, "owner"),
        .list = get_key(request, "list"),
        .mint = get_key(request, "mint"),
        .token_account = get_key(request, "token_account"),
        .token_program = get_key(request, "token_program"),
        .amount = get_number(request, "amount"),
    };
    struct solana_instruction ix;
    solana_whitelist_burn(&ix, &programs, &burn);
    return put_instruction(&ix);
}

static json_t *whitelist_close(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_key authority = get_key(request, "authority"), list = get_key(request, "list");
    struct solana_key rent_payer = get_key(request, "rent_payer");
    struct solana_instruction ix;
    solana_whitelist_close(&ix, &programs, &authority, &list, &rent_payer);
    return put_instruction(&ix);
}

static json_t *ticket_init_event(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_currency currency;
    struct solana_event_terms terms = {
        .authority = get_key(request, "authority"),
        .pool = get_key(request, "pool"),
        .revenue = get_key(request, "revenue"),
        .whitelist = get_key(request, "whitelist"),
        .price = get_number(request, "price"),
        .capacity = (uint32_t)get_number(request, "capacity"),
        .escape_at_s = (int64_t)get_number(request, "escape_at"),
        .currency = get_currency(request, &currency),
    };
    memcpy(terms.id, get_bytes(request, "id").bytes, sizeof terms.id);
    struct solana_instruction ix;
    solana_ticket_init_event(&ix, &programs, &terms);
    return put_instruction(&ix);
}

static struct solana_seat get_seat(const json_t *request, struct solana_currency *currency)
{
    return (struct solana_seat){
        .event = get_key(request, "event"),
        .player = get_key(request, "player"),
        .whitelist = get_key(request, "whitelist"),
        .reference = get_key(request, "reference"),
        .currency = get_currency(request, currency),
    };
}

static json_t *ticket_reserve(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_currency currency;
    struct solana_seat seat = get_seat(request, &currency);
    struct solana_permit permit = {get_key(request, "authority"), (int64_t)get_number(request, "not_after")};
    struct solana_instruction ix;
    solana_ticket_reserve(&ix, &programs, &seat, &permit);
    return put_instruction(&ix);
}

static json_t *ticket_refund(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_currency currency;
    struct solana_seat seat = get_seat(request, &currency);
    struct solana_key caller = get_key(request, "caller");
    struct solana_instruction ix;
    solana_ticket_refund(&ix, &programs, &seat, &caller);
    return put_instruction(&ix);
}

static json_t *ticket_close_ticket(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_currency currency;
    struct solana_seat seat = get_seat(request, &currency);
    struct solana_key caller = get_key(request, "caller");
    struct solana_instruction ix;
    solana_ticket_close_ticket(&ix, &programs, &seat, &caller);
    return put_instruction(&ix);
}

static json_t *ticket_lock(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_key authority = get_key(request, "authority"), event = get_key(request, "event");
    struct solana_instruction ix;
    solana_ticket_lock(&ix, &programs, &authority, &event, json_is_true(json_object_get(request, "locked")));
    return put_instruction(&ix);
}

static json_t *ticket_cancel(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_key authority = get_key(request, "authority"), event = get_key(request, "event");
    struct solana_instruction ix;
    solana_ticket_cancel(&ix, &programs, &authority, &event);
    return put_instruction(&ix);
}

static json_t *ticket_begin_settle(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_currency currency;
    bool preset = json_object_get(request, "preset") != NULL;
    struct solana_settlement s = {
        .authority = get_key(request, "authority"),
        .event = get_key(request, "event"),
        .pool = get_key(request, "pool"),
        .revenue = get_key(request, "revenue"),
        .tickets = (uint32_t)get_number(request, "tickets"),
        .apart = (uint32_t)get_number(request, "apart"),
        .tax_kind = preset ? SOLANA_TAX_PRESET : SOLANA_TAX_BASIS_POINTS,
        .tax = (uint16_t)get_number(request, preset ? "preset" : "tax_bp"),
        .winners_bp = (uint16_t)get_number(request, "winners_bp"),
        .currency = get_currency(request, &currency),
    };
    struct solana_instruction ix;
    solana_ticket_begin_settle(&ix, &programs, &s);
    return put_instruction(&ix);
}

static json_t *ticket_pay(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_currency currency;
    struct solana_seat seat = get_seat(request, &currency);
    struct solana_key authority = get_key(request, "authority");
    struct solana_instruction ix;
    solana_ticket_pay(&ix, &programs, &seat, &authority, get_number(request, "amount"));
    return put_instruction(&ix);
}

static json_t *ticket_close(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_currency currency;
    struct solana_event_end end = {
        .authority = get_key(request, "authority"),
        .event = get_key(request, "event"),
        .pool = get_key(request, "pool"),
        .whitelist = get_key(request, "whitelist"),
        .list_rent_payer = get_key(request, "list_rent_payer"),
        .currency = get_currency(request, &currency),
    };
    struct solana_instruction ix;
    solana_ticket_close(&ix, &programs, &end);
    return put_instruction(&ix);
}

static json_t *put_event(const struct solana_event *e)
{
    static const char *const states[] = {"open", "locked", "cancelled", "settling", "settled"};
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:s, s:i}",
                     "authority", put_key(&e->authority), "vault", put_key(&e->vault), "whitelist",
                     put_key(&e->whitelist), "pool", put_key(&e->pool), "revenue", put_key(&e->revenue),
                     "mint", put_key(&e->mint), "price", put_number(e->price), "vault_rent",
                     put_number(e->vault_rent_lamports), "owed", put_number(e->owed), "escape_at",
                     put_number((uint64_t)e->escape_at_s), "capacity", (json_int_t)e->capacity, "reserved",
                     (json_int_t)e->reserved, "id", put_bytes(e->id, sizeof e->id), "state", states[e->state],
                     "bump", e->bump);
}

static json_t *put_ticket(const struct solana_ticket *t)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "event", put_key(&t->event), "player", put_key(&t->player),
                     "reference", put_key(&t->reference), "paid", put_number(t->paid), "reserved_at",
                     put_number((uint64_t)t->reserved_at_s));
}

static json_t *put_list(const struct solana_list *l)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "authority", put_key(&l->authority), "rent_payer",
                     put_key(&l->rent_payer), "entries", put_number(l->entries), "count",
                     put_number(l->count), "burned", put_number(l->burned), "name", l->name);
}

static json_t *put_entry(const struct solana_entry *e)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "list", put_key(&e->list), "wallet", put_key(&e->wallet),
                     "rent_payer", put_key(&e->rent_payer), "count", put_number(e->count), "since",
                     put_number((uint64_t)e->since_s));
}

static json_t *put_burned(const struct solana_burned *b)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "list", put_key(&b->list), "owner", put_key(&b->owner),
                     "mint", put_key(&b->mint), "amount", put_number(b->amount), "since",
                     put_number((uint64_t)b->since_s));
}

// {owner, data} of any account: its kind, or null when it is none of ours.
static json_t *read_account(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct bytes data = get_bytes(request, "data");
    struct solana_account a = {
        .found = true, .owner = get_key(request, "owner"), .data = data.bytes, .data_len = data.len};
    struct solana_event event;
    struct solana_ticket ticket;
    struct solana_list list;
    struct solana_entry entry;
    struct solana_burned burned;
    if (solana_event_read(&event, &a, &programs)) return json_pack("{s:o}", "event", put_event(&event));
    if (solana_ticket_read(&ticket, &a, &programs)) return json_pack("{s:o}", "ticket", put_ticket(&ticket));
    if (solana_list_read(&list, &a, &programs)) return json_pack("{s:o}", "list", put_list(&list));
    if (solana_entry_read(&entry, &a, &programs)) return json_pack("{s:o}", "entry", put_entry(&entry));
    if (solana_burned_read(&burned, &a, &programs)) return json_pack("{s:o}", "burned", put_burned(&burned));
    return json_null();
}

static json_t *derived_address(const json_t *request)
{
    struct solana_programs programs = get_programs(request);
    struct solana_key of = get_key(request, "of"), out;
    const char *kind = get_text(request, "kind");
    if (strcmp(kind, "vault") == 0) {
        solana_vault_address(&out, &programs, &of);
        return put_key(&out);
    }
    struct solana_key with = get_key(request, "with");
    if (strcmp(kind, "ticket") == 0)
        solana_ticket_address(&out, &programs, &of, &with);
    else if (strcmp(kind, "entry") == 0)
        solana_entry_address(&out, &programs, &of, &with);
    else
        solana_burned_address(&out, &programs, &of, &with);
    return put_key(&out);
}

static json_t *refusal_name(const json_t *request)
{
    const char *name = solana_refusal_name((uint32_t)get_number(request, "custom"));
    return name ? json_string(name) : json_null();
}

const struct operation_row PROGRAM_OPERATIONS[] = {
    {"list_address", list_address},
    {"event_address", event_address},
    {"derived_address", derived_address},
    {"whitelist_init", whitelist_init},
    {"whitelist_add", whitelist_add},
    {"whitelist_remove", whitelist_remove},
    {"whitelist_burn", whitelist_burn},
    {"whitelist_close", whitelist_close},
    {"ticket_init_event", ticket_init_event},
    {"ticket_reserve", ticket_reserve},
    {"ticket_lock", ticket_lock},
    {"ticket_cancel", ticket_cancel},
    {"ticket_refund", ticket_refund},
    {"ticket_begin_settle", ticket_begin_settle},
    {"ticket_pay", ticket_pay},
    {"ticket_close_ticket", ticket_close_ticket},
    {"ticket_close", ticket_close},
    {"read_account", read_account},
    {"refusal_name", refusal_name},
    {NULL, NULL},
};
