#include "services/auth/reports.h"

#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"

static const struct store_table *const table = &auth_tables[AUTH_REPORTS];

enum { PAGE = 100, ARENA = 4 << 20 };
static const char ALREADY[] = "your report on this person is still open";

static bool open_of(struct auth *auth, const char *reporter_id, struct arena *arena, struct store_rows *rows,
                    struct err *err)
{
    const struct store_query query = {
        .index = "by_reporter",
        .equal = {{.text = reporter_id}, {.number = AUTH__REPORT_STATE__VALUE__OPEN}},
        .equal_count = 2,
        .limit = PAGE,
        .page_token = ""};
    return store_find(auth->store, table, &query, arena, rows, err);
}

static bool may_report(struct auth *auth, const ProtobufCMessage *message, bool added, struct arena *arena,
                       struct err *err)
{
    const Accounts__Report *row = (const Accounts__Report *)message;
    struct store_rows rows;
    if (!open_of(auth, row->reporter_id, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count && !added; i++) // the index does not have those of older programs
        if (strcmp(((const Accounts__Report *)rows.messages[i])->user_id, row->user_id) == 0)
            return err_fail(err, ALREADY_REPORTED, ALREADY);
    return rows.count < REPORTS_OPEN_MOST + (size_t)added ||
           err_fail(err, LIMIT_REACHED, "%d of your reports are still open", REPORTS_OPEN_MOST);
}

static const struct auth_room room = {may_report, AUTH_REPORTS};

bool report_create(struct auth *auth, Accounts__Report *row, struct arena *arena, int64_t now_ms,
                   struct err *err)
{
    row->id = arena_str(arena, uuid_new(now_ms).text);
    row->state = AUTH__REPORT_STATE__VALUE__OPEN;
    row->created_at = stamp_new(arena, now_ms);
    row->open_for = arena_printf(arena, "%s:%s", row->reporter_id, row->user_id);
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return auth_add_within(auth, &room, &row->base, arena, err) ||
           (err_is(err, ALREADY_REPORTED) && err_fail(err, ALREADY_REPORTED, ALREADY));
}

static bool is_same(const Accounts__Report *row, const struct report_verdict *verdict)
{
    return row->resolution == verdict->resolution && strcmp(row->note, verdict->note) == 0 &&
           strcmp(row->resolved_by, verdict->by_id) == 0;
}

static bool owe_act(Accounts__Report *row, Audit__Entry *act, struct arena *arena, struct err *err)
{
    act->report_resolved->user_id = row->user_id;
    return audit_owe(&row->owed, act, arena, err);
}

static bool resolve_once(struct auth *auth, const char *id, const struct report_verdict *verdict,
                         struct arena *arena, int64_t now_ms, Accounts__Report **report, struct err *err)
{
    uint64_t version;
    if (!store_get(auth->store, table, id, arena, (ProtobufCMessage **)report, &version, err)) return false;
    Accounts__Report *row = *report;
    if (!row) return err_fail(err, NOT_FOUND, "there is no such report");
    if (row->state == AUTH__REPORT_STATE__VALUE__RESOLVED)
        return is_same(row, verdict) ||
               err_fail(err, REPORT_RESOLVED, "the report has been resolved already");
    row->state = AUTH__REPORT_STATE__VALUE__RESOLVED;
    row->open_for = "";
    row->resolution = verdict->resolution;
    row->note = verdict->note;
    row->resolved_by = verdict->by_id;
    row->resolved_at = stamp_new(arena, now_ms);
    if (arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (verdict->act && !owe_act(row, verdict->act, arena, err)) return false;
    if (!auth_save(auth, AUTH_REPORTS, &row->base, version, err)) return false;
    if (verdict->act) audit_settle(auth->audit, table, id);
    return true;
}

bool report_resolve(struct auth *auth, const char *id, const struct report_verdict *verdict,
                    struct arena *arena, int64_t now_ms, Accounts__Report **row, struct err *err)
{
    for (int tries = 0; !resolve_once(auth, id, verdict, arena, now_ms, row, err);)
        if (!account_again(&tries, err)) return false; // another operator was quicker: read what they did
    return true;
}

bool reports_find(struct auth *auth, const struct reports_query *wanted, struct arena *arena,
                  struct store_rows *rows, struct err *err)
{
    const struct store_query query = {
        .index = wanted->state ? "by_state" : NULL,
        .equal = {{.number = wanted->state}},
        .equal_count = wanted->state ? 1 : 0,
        .descending = wanted->state != AUTH__REPORT_STATE__VALUE__OPEN,
        .limit = wanted->limit,
        .page_token = wanted->page_token,
    };
    return store_find(auth->store, table, &query, arena, rows, err);
}

static bool forget_page(struct auth *auth, const char *user_id, struct arena *arena, bool *more,
                        struct err *err)
{
    const struct store_query query = {.index = "by_reporter",
                                      .equal = {{.text = user_id}},
                                      .equal_count = 1,
                                      .limit = PAGE,
                                      .page_token = ""};
    struct store_rows rows;
    if (!store_find(auth->store, table, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        Accounts__Report *row = (Accounts__Report *)rows.messages[i];
        row->reporter_id = row->open_for = "";
        if (!auth_save(auth, AUTH_REPORTS, &row->base, rows.versions[i], err) && !err_is(err, CONFLICT))
            return false;
    }
    *more = rows.count > 0;
    return true;
}

bool reports_forget_reporter(struct auth *auth, const char *user_id, struct err *err)
{
    struct arena arena;
    bool ok = true;
    arena_init(&arena, ARENA);
    for (bool more = true; ok && more; arena_reset(&arena))
        ok = forget_page(auth, user_id, &arena, &more, err);
    arena_finish(&arena);
    return ok;
}

bool report_bring_back(const struct auth *auth, ProtobufCMessage *row, int64_t now_ms, struct arena *arena)
{
    (void)auth;
    return auth_bring_back(&((Accounts__Report *)row)->resolved_at, now_ms, arena);
}
