#include "services/chain/book/acts.h"

static Audit__Entry *act_begin(struct book_call *b, Audit__AuditKind__Value kind, const char *target)
{
    Audit__Entry *entry = audit_act(b->chain->audit, b->call, kind, target);
    b->failed |= !entry;
    b->act = entry;
    return entry;
}

// All members of the oneof are pointers in one place.
static void act_tell(struct book_call *b, Audit__Entry *entry, Audit__Entry__DetailCase which, void *detail)
{
    b->failed |= !detail;
    if (!entry || !detail) return;
    entry->detail_case = which;
    entry->granted = detail;
}

void book_act_granted(struct book_call *b, const char *user_id, Money__Currency__Value currency,
                      uint64_t amount)
{
    Audit__Entry *entry = act_begin(b, AUDIT__AUDIT_KIND__VALUE__GRANTED, user_id);
    Audit__Granted *detail = arena_new(b->arena, Audit__Granted);
    if (detail) {
        audit__granted__init(detail);
        detail->user_id = user_id;
        detail->currency = currency;
        detail->amount = amount;
    }
    act_tell(b, entry, AUDIT__ENTRY__DETAIL_GRANTED, detail);
}

void book_act_settled(struct book_call *b, const char *event_id)
{
    act_begin(b, AUDIT__AUDIT_KIND__VALUE__DISPUTES_SETTLED, event_id);
}

void book_act_card(struct book_call *b, const char *role_id, const char *user_id)
{
    Audit__Entry *entry = act_begin(b, AUDIT__AUDIT_KIND__VALUE__CARD_MADE, role_id);
    Audit__CardMade *detail = arena_new(b->arena, Audit__CardMade);
    if (detail) {
        audit__card_made__init(detail);
        detail->user_id = user_id;
    }
    act_tell(b, entry, AUDIT__ENTRY__DETAIL_CARD_MADE, detail);
}

void book_act_stopped(struct book_call *b, const char *role_id, bool stopped)
{
    Audit__Entry *entry = act_begin(b, AUDIT__AUDIT_KIND__VALUE__ROLE_STOPPED, role_id);
    Audit__RoleStopped *detail = arena_new(b->arena, Audit__RoleStopped);
    if (detail) {
        audit__role_stopped__init(detail);
        detail->stopped = stopped;
    }
    act_tell(b, entry, AUDIT__ENTRY__DETAIL_ROLE_STOPPED, detail);
}

void book_act_list(struct book_call *b, Audit__AuditKind__Value kind, const char *name, size_t count)
{
    Audit__Entry *entry = act_begin(b, kind, name);
    Audit__ListChanged *detail = arena_new(b->arena, Audit__ListChanged);
    if (detail) {
        audit__list_changed__init(detail);
        detail->count = (uint32_t)count;
    }
    act_tell(b, entry, AUDIT__ENTRY__DETAIL_LIST_CHANGED, detail);
}
