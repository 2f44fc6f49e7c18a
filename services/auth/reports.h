// Reports: what people tell operators about each other. They stay for a year after they were resolved.
#ifndef AUTH_REPORTS_H
#define AUTH_REPORTS_H

#include "services/auth/accounts.h"

enum { REPORTS_OPEN_MOST = 20 }; // of one reporter

// Stores a report whose other fields are set; its id, state and time are filled in here. ALREADY_REPORTED
// when the reporter's report on the same person is open; LIMIT_REACHED.
MUST_CHECK bool report_create(struct auth *auth, Accounts__Report *row, struct arena *arena, int64_t now_ms,
                              struct err *err);

struct report_verdict {
    Auth__Resolution__Value resolution;
    const char *note, *by_id;
    Audit__Entry *act; // that tells of it, and gets to know whom; or NULL
};
// REPORT_RESOLVED when it was resolved in another way, or by another operator; the same once more is fine.
// NOT_FOUND. *row is the report as stored.
MUST_CHECK bool report_resolve(struct auth *auth, const char *id, const struct report_verdict *verdict,
                               struct arena *arena, int64_t now_ms, Accounts__Report **row, struct err *err);
// A page of reports in a state, of all when 0: open ones oldest first, others newest first.
struct reports_query {
    Auth__ReportState__Value state;
    uint32_t limit;
    const char *page_token;
};
MUST_CHECK bool reports_find(struct auth *auth, const struct reports_query *query, struct arena *arena,
                             struct store_rows *rows, struct err *err);
// Takes a person out of the reports that they have made.
MUST_CHECK bool reports_forget_reporter(struct auth *auth, const char *user_id, struct err *err);
bring_back report_bring_back;

#endif
