// Reports: who may make how many, and who resolves them.
#include "services/auth/reports.h"
#include "services/auth/sweeper.h"
#include "services/auth/testing/world.h"

static const int64_t day_ms = 24 * 3600 * 1000;

static Auth__Report *report(const char *user_id)
{
    Auth__ReportRequest request = AUTH__REPORT_REQUEST__INIT;
    request.user_id = user_id;
    request.reason = AUTH__REPORT_REASON__VALUE__INSULT;
    request.text = "said it twice";
    Auth__ReportReply *reply = ask("auth.CreateReport", &request);
    return reply ? reply->report : NULL;
}

// As a dev, whose id is w.caller's.
static Auth__Report *resolve(const char *id, Auth__Resolution__Value resolution, const char *note)
{
    Auth__ResolveReportRequest request = AUTH__RESOLVE_REPORT_REQUEST__INIT;
    request.id = id;
    request.resolution = resolution;
    request.note = note;
    w.caller.level = LEVEL_DEV;
    Auth__ReportReply *reply = ask("auth.ResolveReport", &request);
    return reply ? reply->report : NULL;
}

static Auth__ListReportsReply *list(Auth__ReportState__Value state, int page_size, const char *token)
{
    Auth__ListReportsRequest request = AUTH__LIST_REPORTS_REQUEST__INIT;
    request.state = state;
    request.page_size = page_size;
    request.page_token = token;
    w.caller.level = LEVEL_DEV;
    return ask("auth.ListReports", &request);
}

#define OPEN AUTH__REPORT_STATE__VALUE__OPEN
#define RESOLVED AUTH__REPORT_STATE__VALUE__RESOLVED

static void a_report_waits_until_it_is_resolved(void **state)
{
    (void)state;
    const char *mallory = sign_up("mallory", "")->id, *mira = sign_up("mira", "")->id;
    enter("mira");
    const Auth__Report *made = report(mallory);
    assert_int_equal(made->state, OPEN);
    assert_string_equal(made->reporter->username, "mira");
    assert_string_equal(made->user->username, "mallory");
    assert_int_equal(list(OPEN, 0, "")->n_reports, 1);
    assert_int_equal(list(RESOLVED, 0, "")->n_reports, 0);
    const Auth__Report *done = resolve(made->id, AUTH__RESOLUTION__VALUE__WARNED, "talked to them");
    assert_int_equal(done->state, RESOLVED);
    assert_string_equal(done->resolved_by->id, mira);
    assert_int_equal(stamp_ms(done->resolved_at), w.now_ms);
    assert_int_equal(list(OPEN, 0, "")->n_reports, 0);
    assert_string_equal(list(RESOLVED, 0, "")->reports[0]->note, "talked to them");
}

static void only_others_that_there_are_can_be_reported(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", "")->id, *lena = sign_up("lena", "")->id;
    enter("mira");
    refused(report(mira), "INVALID_FIELD");
    refused(report("01890000-0000-7000-8000-000000000999"), "NOT_FOUND");
    Auth__ReportRequest request = AUTH__REPORT_REQUEST__INIT;
    request.user_id = lena;
    request.reason = AUTH__REPORT_REASON__VALUE__OTHER;
    refused(ask("auth.CreateReport", &request), "INVALID_FIELD");
    assert_string_equal(w.err.field, "text");
}

static void one_person_has_one_open_report_on_another_and_twenty_in_all(void **state)
{
    (void)state;
    char name[16];
    const char *ids[REPORTS_OPEN_MOST + 1];
    for (int i = 0; i <= REPORTS_OPEN_MOST; i++) {
        snprintf(name, sizeof name, "person-%d", i);
        ids[i] = sign_up(name, "")->id;
    }
    sign_up("mira", "");
    enter("mira");
    const char *first = report(ids[0])->id;
    refused(report(ids[0]), "ALREADY_REPORTED");
    for (int i = 1; i < REPORTS_OPEN_MOST; i++) assert_non_null(report(ids[i]));
    refused(report(ids[REPORTS_OPEN_MOST]), "LIMIT_REACHED");
    enter("person-1");
    assert_non_null(report(ids[0])); // counts for each reporter
    resolve(first, AUTH__RESOLUTION__VALUE__DISMISSED, "");
    enter("mira");
    assert_non_null(report(ids[0])); // once more, after it was resolved
}

static void the_second_operator_is_told_that_it_is_done(void **state)
{
    (void)state;
    const char *mallory = sign_up("mallory", "")->id;
    sign_up("mira", "");
    sign_up("anna", "");
    enter("mira");
    const char *id = report(mallory)->id;
    enter("anna");
    assert_non_null(resolve(id, AUTH__RESOLUTION__VALUE__DISMISSED, "nothing"));
    w.now_ms += 1000;
    const Auth__Report *again = resolve(id, AUTH__RESOLUTION__VALUE__DISMISSED, "nothing"); // a retry
    assert_int_equal(stamp_ms(again->resolved_at), w.now_ms - 1000);
    refused(resolve(id, AUTH__RESOLUTION__VALUE__WARNED, "nothing"), "REPORT_RESOLVED");
    refused(resolve(id, AUTH__RESOLUTION__VALUE__DISMISSED, "something"), "REPORT_RESOLVED");
    enter("mira");
    refused(resolve(id, AUTH__RESOLUTION__VALUE__DISMISSED, "nothing"), "REPORT_RESOLVED");
    refused(resolve("01890000-0000-7000-8000-000000000999", AUTH__RESOLUTION__VALUE__WARNED, ""),
            "NOT_FOUND");
}

static void open_ones_come_oldest_first_and_by_pages(void **state)
{
    (void)state;
    char name[16];
    const char *made[5];
    sign_up("mira", "");
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "person-%d", i);
        const char *id = sign_up(name, "")->id;
        enter("mira");
        w.now_ms += 1000;
        made[i] = report(id)->id;
    }
    const Auth__ListReportsReply *page = list(OPEN, 3, "");
    for (int i = 0; i < 3; i++) assert_string_equal(page->reports[i]->id, made[i]);
    page = list(OPEN, 3, page->next_page_token);
    assert_int_equal(page->n_reports, 2);
    assert_string_equal(page->reports[1]->id, made[4]);
    assert_string_equal(page->next_page_token, "");
    assert_string_equal(list(0, 1, "")->reports[0]->id, made[4]); // of all, the newest
    refused(list(OPEN, 3, "nonsense"), "BAD_PAGE_TOKEN");
}

static void resolved_ones_stay_for_a_year_and_open_ones_for_ever(void **state)
{
    (void)state;
    const char *mallory = sign_up("mallory", "")->id, *lena = sign_up("lena", "")->id;
    sign_up("mira", "");
    enter("mira");
    const char *id = report(mallory)->id;
    report(lena);
    w.now_ms += 400 * day_ms;
    resolve(id, AUTH__RESOLUTION__VALUE__WARNED, "");
    w.now_ms += 365 * day_ms - 1;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(list(0, 0, "")->n_reports, 2);
    w.now_ms += 1;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(list(0, 0, "")->n_reports, 1);
    assert_int_equal(list(OPEN, 0, "")->n_reports, 1);
}

// By a clock that was ahead.
static void one_resolved_in_the_future_stays_for_a_year_from_now(void **state)
{
    (void)state;
    const char *mallory = sign_up("mallory", "")->id;
    sign_up("mira", "");
    enter("mira");
    const char *id = report(mallory)->id;
    const int64_t now_ms = w.now_ms;
    w.now_ms += 4000 * day_ms;
    resolve(id, AUTH__RESOLUTION__VALUE__WARNED, "");
    w.now_ms = now_ms;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(stamp_ms(list(0, 0, "")->reports[0]->resolved_at), now_ms);
}

static void a_reporter_is_forgotten_and_the_report_stays(void **state)
{
    (void)state;
    const char *mallory = sign_up("mallory", "")->id, *mira = sign_up("mira", "")->id;
    enter("mira");
    report(mallory);
    assert_true(reports_forget_reporter(&w.auth, mira, &w.err));
    const Auth__ListReportsReply *reports = list(OPEN, 0, "");
    assert_int_equal(reports->n_reports, 1);
    assert_null(reports->reports[0]->reporter);
    assert_string_equal(reports->reports[0]->user->id, mallory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_report_waits_until_it_is_resolved),
        TEST(only_others_that_there_are_can_be_reported),
        TEST(one_person_has_one_open_report_on_another_and_twenty_in_all),
        TEST(the_second_operator_is_told_that_it_is_done),
        TEST(open_ones_come_oldest_first_and_by_pages),
        TEST(resolved_ones_stay_for_a_year_and_open_ones_for_ever),
        TEST(one_resolved_in_the_future_stays_for_a_year_from_now),
        TEST(a_reporter_is_forgotten_and_the_report_stays),
    };
    return RUN(tests);
}
