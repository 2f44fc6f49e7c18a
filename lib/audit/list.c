// Pages of the audit, newest first. What is asked for is looked for backwards; a page ends when it is full,
// or when much was looked at.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/audit/record.h"
#include "lib/audit/state.h"
#include "lib/base/stamp.h"

enum { PAGE = 50, STEP = 200, MOST_LOOKED_AT = 1000 };

struct search {
    const struct audit *audit;
    const Audit__ListRequest *request;
    struct arena *arena;
    Audit__ListReply *reply;
    size_t limit, looked_at;
    uint64_t next; // the number that is looked at next; 0: none
};

bool audit_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice, struct err *err)
{
    Audit__Record *record;
    Audit__Entry *entry;
    if (!audit_record_read(bytes, notice->seq, call->arena, &record, &entry, err)) return false;
    notice->kind = audit_kind_name(entry->kind);
    notice->time = entry->time;
    notice->payload = bytes;
    return true;
}

static bool read_token(const char *token, uint64_t *before, struct err *err)
{
    char *end;
    *before = 0;
    if (!*token) return true;
    *before = strtoull(token, &end, 10);
    return (*before && *end == 0 && *token >= '1' && *token <= '9' && strlen(token) < 20) ||
           err_field(err, BAD_PAGE_TOKEN, "page_token", "the page token is not of this list");
}

static bool is_wanted(const Audit__ListRequest *request, const Audit__Entry *entry)
{
    const char *who = entry->actor ? entry->actor->user_id : "";
    return (!request->kind || entry->kind == request->kind) &&
           (!request->actor_id[0] || strcmp(who, request->actor_id) == 0) &&
           (!request->since || stamp_ms(entry->time) >= stamp_ms(request->since));
}

static bool search_take(struct search *search, uint64_t number, ProtobufCBinaryData bytes, struct err *err)
{
    Audit__Record *record;
    Audit__Entry *entry;
    if (!audit_record_read(bytes, number, search->arena, &record, &entry, err)) return false;
    if (!is_wanted(search->request, entry)) return true;
    Audit__ListReply__Numbered *numbered = arena_new(search->arena, Audit__ListReply__Numbered);
    if (!numbered) return err_fail(err, CALL_TOO_LARGE, "the page needs too much memory");
    audit__list_reply__numbered__init(numbered);
    numbered->number = number;
    numbered->entry = entry;
    numbered->hash = record->hash;
    search->reply->entries[search->reply->n_entries++] = numbered;
    return true;
}

// From `next` back, at most STEP entries.
static bool search_step(struct search *search, struct err *err)
{
    struct store_entries page;
    uint64_t last = search->next, first = last > STEP ? last - STEP + 1 : 1;
    if (!store_read(search->audit->options.store, search->audit->stream, first, STEP, search->arena, &page,
                    err))
        return false;
    if (page.first_seq + page.count <= last)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of %s is gone", last, search->audit->stream);
    for (; search->next >= page.first_seq && search->next >= first; search->next--, search->looked_at++) {
        if (search->reply->n_entries == search->limit) return true;
        if (!search_take(search, search->next, page.entries[search->next - page.first_seq], err))
            return false;
    }
    if (page.first_seq > first) search->next = 0;
    return true;
}

static bool search_start(struct search *search, struct err *err)
{
    const Audit__ListRequest *request = search->request;
    uint64_t before, head;
    search->limit = request->page_size > 0 ? (size_t)request->page_size : PAGE;
    search->reply->entries = arena_array(search->arena, search->limit, sizeof *search->reply->entries);
    if (!search->reply->entries) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!read_token(request->page_token, &before, err) ||
        !store_head(search->audit->options.store, search->audit->stream, &head, err))
        return false;
    search->next = before && before <= head ? before - 1 : head;
    return true;
}

bool audit_list(const struct audit *audit, const Audit__ListRequest *request, struct arena *arena,
                Audit__ListReply *reply, struct err *err)
{
    struct search search = {.audit = audit, .request = request, .arena = arena, .reply = reply};
    if (!search_start(&search, err)) return false;
    while (search.next && reply->n_entries < search.limit && search.looked_at < MOST_LOOKED_AT)
        if (!search_step(&search, err)) return false;
    if (search.next) reply->next_page_token = arena_printf(arena, "%" PRIu64, search.next + 1);
    return !arena->failed || err_fail(err, CALL_TOO_LARGE, "the page needs too much memory");
}
