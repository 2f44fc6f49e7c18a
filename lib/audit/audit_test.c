// What rows owe to the audit, what ends in between, and what its pages show.
#include <inttypes.h>
#include <sodium.h>

#include "accounts.pb-c.h"
#include "lib/audit/audit.h"
#include "lib/audit/record.h"
#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/metrics.h"
#include "lib/base/stamp.h"
#include "lib/store/testing/shared.h"
#include "tests/test.h"

#define NOW_MS INT64_C(1800000000000)
#define DORA "01926f3a-0000-7000-8000-000000000001"
#define EVE "01926f3a-0000-7000-8000-000000000002"
#define TRACE "0af7651916cd43dd8448eb211c80319c"

static const struct store_table tables[] = {{.name = "reports",
                                             .type = &accounts__report__descriptor,
                                             .key = "id",
                                             .version = 1,
                                             .indexes = {AUDIT_OWED}},
                                            {0}};

static struct world {
    char folder[TEST_FOLDER_BYTES], url[128];
    struct store *store;
    struct audit *audit;
    struct metrics *metrics;
    struct arena arena;
    struct err err;
} w;

#define must(truth)                                                                                          \
    do {                                                                                                     \
        if (!(truth)) fail_msg("%s", w.err.message);                                                         \
    } while (0)

static struct audit *open_audit(struct store *store)
{
    struct audit *audit;
    const struct audit_options options = {
        .service = "auth", .store = store, .tables = tables, .metrics = w.metrics};
    must(audit_open(&audit, &options, &w.err));
    return audit;
}

static struct store *open_store(void)
{
    struct store *store = NULL;
    must(store_open(&store, &(struct store_options){.url = w.url, .tables = tables}, &w.err));
    return store;
}

static int set_up(void **state)
{
    memset(&w, 0, sizeof w);
    test_folder_make(w.folder);
    arena_init(&w.arena, 16 << 20);
    shared_store_register();
    if (*state)
        snprintf(w.url, sizeof w.url, "%s", (const char *)*state);
    else
        snprintf(w.url, sizeof w.url, "sqlite:%s/auth.db", w.folder);
    w.metrics = metrics_create();
    w.store = open_store();
    w.audit = open_audit(w.store);
    return 0;
}

static int tear_down(void **state)
{
    audit_close(w.audit);
    store_close(w.store);
    metrics_destroy(w.metrics);
    if (*state) shared_store_drop(*state);
    arena_finish(&w.arena);
    test_folder_remove(w.folder);
    return 0;
}

// ---- What is done

static struct rpc_call call_of(const Rpc__Caller *caller, Conse__Asker__Value asker, int64_t now_ms)
{
    return (struct rpc_call){.arena = &w.arena,
                             .asker = asker,
                             .caller = caller,
                             .traceparent = "00-" TRACE "-b7ad6b7169203331-01",
                             .now_ms = now_ms};
}

static Audit__Entry *act_by(const char *user_id, Audit__AuditKind__Value kind, int64_t now_ms)
{
    static Rpc__Caller caller = RPC__CALLER__INIT;
    caller.user_id = user_id;
    caller.session_id = "of-" DORA;
    const struct rpc_call call = call_of(&caller, CONSE__ASKER__VALUE__GATEWAY, now_ms);
    Audit__Entry *entry = audit_act(w.audit, &call, kind, EVE);
    assert_non_null(entry);
    return entry;
}

static Accounts__Report *row_of(const char *id, uint64_t *version)
{
    Accounts__Report *row;
    must(store_get(w.store, tables, id, &w.arena, (ProtobufCMessage **)&row, version, &w.err));
    if (row) return row;
    row = arena_new(&w.arena, Accounts__Report);
    accounts__report__init(row);
    row->id = id;
    return row;
}

// Changes the row, with the entry that tells of it, and is killed before the entry is in the stream.
static void change(const char *id, const Audit__Entry *entry)
{
    uint64_t version = 0;
    Accounts__Report *row = row_of(id, &version);
    must(audit_owe(&row->owed, entry, &w.arena, &w.err));
    must(store_wait(w.store, store_put(w.store, tables, &row->base, version, NULL), &w.err));
}

static void do_to(const char *id, const char *by, int64_t now_ms)
{
    change(id, act_by(by, AUDIT__AUDIT_KIND__VALUE__REPORT_RESOLVED, now_ms));
    audit_settle(w.audit, tables, id);
}

static uint64_t head(void)
{
    uint64_t seq;
    must(store_head(w.store, audit_stream(w.audit), &seq, &w.err));
    return seq;
}

static Audit__ListReply *list(Audit__ListRequest request)
{
    if (!request.actor_id) request.actor_id = "";
    if (!request.page_token) request.page_token = "";
    Audit__ListReply *reply = arena_new(&w.arena, Audit__ListReply);
    audit__list_reply__init(reply);
    must(audit_list(w.audit, &request, &w.arena, reply, &w.err));
    return reply;
}

// By the fields that are given.
#define LIST(...) list((Audit__ListRequest){__VA_ARGS__})

// Whether each record follows from those before; how many there are.
static uint64_t follow(void)
{
    struct hash_chain chain = {0};
    struct store_entries page;
    must(store_read(w.store, audit_stream(w.audit), 1, 1000, &w.arena, &page, &w.err));
    for (size_t i = 0; i < page.count; i++) {
        Audit__Record *record;
        Audit__Entry *entry;
        must(audit_record_read(page.entries[i], i + 1, &w.arena, &record, &entry, &w.err));
        must(audit_record_follow(&chain, record, &w.err));
    }
    return chain.seq;
}

// ---- Tests

static void an_entry_says_who_did_what_and_how(void **state)
{
    (void)state;
    do_to("r1", DORA, NOW_MS);
    const Audit__ListReply *reply = LIST(.page_size = 0);
    assert_int_equal(reply->n_entries, 1);
    const Audit__Entry *entry = reply->entries[0]->entry;
    assert_int_equal(reply->entries[0]->number, 1);
    assert_true(uuid_check(entry->id));
    assert_int_equal(stamp_ms(entry->time), NOW_MS);
    assert_int_equal(entry->kind, AUDIT__AUDIT_KIND__VALUE__REPORT_RESOLVED);
    assert_string_equal(entry->service, "auth");
    assert_string_equal(entry->actor->user_id, DORA);
    assert_string_equal(entry->actor->session_id, "of-" DORA);
    assert_int_equal(entry->actor->way, AUDIT__AUDIT_WAY__VALUE__SESSION);
    assert_string_equal(entry->target, EVE);
    assert_string_equal(entry->trace_id, TRACE);
}

static Audit__AuditWay__Value way_of(bool files, Conse__Asker__Value asker, bool key)
{
    Rpc__Caller caller = RPC__CALLER__INIT;
    struct audit *audit;
    const struct audit_options options = {
        .service = "auth", .store = w.store, .tables = tables, .files = files};
    must(audit_open(&audit, &options, &w.err));
    if (asker == CONSE__ASKER__VALUE__GATEWAY) caller.user_id = DORA;
    caller.key = key;
    const struct rpc_call call = call_of(&caller, asker, NOW_MS);
    Audit__AuditWay__Value way =
        audit_act(audit, &call, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, EVE)->actor->way;
    audit_close(audit);
    return way;
}

static void each_way_to_ask_is_told_from_the_others(void **state)
{
    (void)state;
    assert_int_equal(way_of(false, CONSE__ASKER__VALUE__GATEWAY, false), AUDIT__AUDIT_WAY__VALUE__SESSION);
    assert_int_equal(way_of(false, CONSE__ASKER__VALUE__GATEWAY, true), AUDIT__AUDIT_WAY__VALUE__API_KEY);
    assert_int_equal(way_of(false, CONSE__ASKER__VALUE__OPERATOR, false), AUDIT__AUDIT_WAY__VALUE__OPERATOR);
    assert_int_equal(way_of(true, CONSE__ASKER__VALUE__OPERATOR, false), AUDIT__AUDIT_WAY__VALUE__FILES);
    assert_int_equal(way_of(false, CONSE__ASKER__VALUE__EVENTS, false), AUDIT__AUDIT_WAY__VALUE__SERVICE);
}

static void what_a_row_owes_is_in_the_stream_once(void **state)
{
    (void)state;
    uint64_t version;
    change("r1", act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS));
    change("r1", act_by(DORA, AUDIT__AUDIT_KIND__VALUE__USER_SUSPENDED, NOW_MS + 1));
    change("r2", act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS + 2));
    assert_int_equal(head(), 0);
    must(audit_collect(w.audit, &w.err));
    assert_int_equal(head(), 3);
    must(audit_collect(w.audit, &w.err));
    audit_settle(w.audit, tables, "r1");
    audit_settle(w.audit, tables, "nobody");
    assert_int_equal(head(), 3);
    const Accounts__Report *row = row_of("r1", &version);
    assert_true(row->owed->made == 2 && !row->owed->since && !row->owed->n_entries);
    do_to("r1", DORA, NOW_MS + 3);
    assert_int_equal(head(), 4);
    assert_int_equal(follow(), 4);
}

// Killed between the stream and the row: the row still owes what is there.
static void what_was_taken_already_is_not_taken_again(void **state)
{
    (void)state;
    uint64_t version;
    change("r1", act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS));
    Accounts__Report *owing = row_of("r1", &version);
    audit_settle(w.audit, tables, "r1");
    row_of("r1", &version);
    must(store_wait(w.store, store_put(w.store, tables, &owing->base, version, NULL), &w.err));
    must(audit_collect(w.audit, &w.err));
    assert_int_equal(head(), 1);
    assert_int_equal(row_of("r1", &version)->owed->n_entries, 0);
}

static void a_change_that_failed_is_not_told(void **state)
{
    (void)state;
    uint64_t version = 0;
    Accounts__Report *row = row_of("r1", &version);
    must(audit_owe(&row->owed, act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS), &w.arena, &w.err));
    assert_false(store_wait(w.store, store_put(w.store, tables, &row->base, 7, NULL), &w.err));
    audit_settle(w.audit, tables, "r1");
    must(audit_collect(w.audit, &w.err));
    assert_int_equal(head(), 0);
}

static void what_follows_from_another_stream_is_told_once(void **state)
{
    (void)state;
    const struct store_source source = {"events.1", 7, 0};
    for (int i = 0; i < 2; i++)
        must(audit_add(w.audit, act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS), &source, &w.err));
    assert_int_equal(head(), 1);
}

static void entries_are_counted_by_kind(void **state)
{
    (void)state;
    struct buf text;
    const struct store_source source = {"events.1", 7, 0};
    for (int i = 0; i < 2; i++)
        must(audit_add(w.audit, act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS), &source, &w.err));
    buf_init(&text, 1 << 20);
    metrics_write(w.metrics, &text);
    assert_non_null(strstr(text.bytes, "conse_audit_entries_total{kind=\"LEVEL_SET\"} 1\n"));
    assert_non_null(strstr(text.bytes, "conse_audit_entries_total{kind=\"USER_SUSPENDED\"} 0\n"));
    buf_finish(&text);
}

static void pages_go_back_from_the_newest(void **state)
{
    (void)state;
    char token[32] = "";
    uint64_t expected = 25;
    for (int i = 0; i < 25; i++) do_to("r1", i % 5 ? DORA : EVE, NOW_MS + i * 1000);
    for (int pages = 0; pages == 0 || *token; pages++) {
        const Audit__ListReply *page = LIST(.page_size = 10, .page_token = token);
        for (size_t i = 0; i < page->n_entries; i++) assert_int_equal(page->entries[i]->number, expected--);
        snprintf(token, sizeof token, "%s", page->next_page_token);
        assert_true(pages < 3);
    }
    assert_int_equal(expected, 0);
}

static void a_page_has_what_is_asked_for_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) do_to("r1", i % 5 ? DORA : EVE, NOW_MS + i * 1000);
    change("r1", act_by(EVE, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS + 10000));
    audit_settle(w.audit, tables, "r1");
    assert_int_equal(LIST(.actor_id = EVE)->n_entries, 3);
    assert_int_equal(LIST(.kind = AUDIT__AUDIT_KIND__VALUE__LEVEL_SET)->n_entries, 1);
    assert_int_equal(LIST(.kind = AUDIT__AUDIT_KIND__VALUE__SESSIONS_ENDED)->n_entries, 0);
    assert_int_equal(LIST(.actor_id = EVE, .kind = AUDIT__AUDIT_KIND__VALUE__REPORT_RESOLVED)->n_entries, 2);
    Google__Protobuf__Timestamp since = stamp_of(NOW_MS + 8000);
    assert_int_equal(LIST(.since = &since)->n_entries, 3);
}

static void a_token_of_another_list_is_refused(void **state)
{
    (void)state;
    const char *const tokens[] = {"x", "0", "-1", "+1", "1x", " 1", "99999999999999999999999"};
    do_to("r1", DORA, NOW_MS);
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        Audit__ListRequest request = AUDIT__LIST_REQUEST__INIT;
        Audit__ListReply reply = AUDIT__LIST_REPLY__INIT;
        request.page_token = tokens[i];
        assert_false(audit_list(w.audit, &request, &w.arena, &reply, &w.err));
        assert_true(err_is(&w.err, BAD_PAGE_TOKEN));
        assert_string_equal(w.err.field, "page_token");
    }
}

static void what_was_changed_is_found(void **state)
{
    (void)state;
    struct store_entries page;
    struct hash_chain chain = {0};
    Audit__Record *record;
    Audit__Entry *entry;
    do_to("r1", DORA, NOW_MS);
    do_to("r1", DORA, NOW_MS);
    must(store_read(w.store, audit_stream(w.audit), 1, 10, &w.arena, &page, &w.err));
    must(audit_record_read(page.entries[0], 1, &w.arena, &record, &entry, &w.err));
    must(audit_record_follow(&chain, record, &w.err));
    must(audit_record_read(page.entries[1], 2, &w.arena, &record, &entry, &w.err));
    record->entry.data[record->entry.len / 2] ^= 1;
    assert_false(audit_record_follow(&chain, record, &w.err));
    assert_true(err_is(&w.err, STORE_CORRUPT));
    assert_non_null(strstr(w.err.message, "entry 2 "));
    page.entries[1].data[0] ^= 0xff;
    assert_false(audit_record_read(page.entries[1], 2, &w.arena, &record, &entry, &w.err));
    assert_true(err_is(&w.err, STORE_CORRUPT));
}

// ---- The chain, as it is watched

static void add_many(int count, int wrong)
{
    struct hash_chain chain = {0};
    const Audit__Entry *entry = act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS);
    ProtobufCBinaryData packed, bytes;
    must(audit_attach(entry, &w.arena, &packed, &w.err));
    for (int i = 1; i <= count; i++) {
        if (i == wrong) chain.head[0] ^= 1;
        bytes = audit_record_make(&chain, packed, &w.arena);
        assert_non_null(bytes.data);
        const uint64_t ticket = store_append(w.store, audit_stream(w.audit), chain.seq, &bytes, 1, NULL);
        if (i == count || i % 100 == 0) must(store_wait(w.store, ticket, &w.err));
    }
}

static bool is_broken(void)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    metrics_write(w.metrics, &text);
    const char *at = strstr(text.bytes, "\nconse_audit_broken ");
    assert_non_null(at);
    const bool broken = atoi(strchr(at, ' ')) == 1;
    buf_finish(&text);
    return broken;
}

// Ten seconds later, so many times.
static void watch(int times)
{
    static int64_t mono_ms = NOW_MS;
    for (int i = 0; i < times; i++) {
        clock_hold_mono(mono_ms += 10000);
        audit_check_some(w.audit);
        audit_check_some(w.audit); // too early
    }
    clock_hold_mono(-1);
}

static void a_chain_that_holds_is_not_called_broken(void **state)
{
    (void)state;
    watch(2);
    assert_false(is_broken());
    add_many(501, 0);
    watch(5);
    assert_false(is_broken());
    do_to("r1", DORA, NOW_MS);
    watch(5);
    assert_false(is_broken());
}

static void a_broken_chain_is_told_of_until_it_is_whole(void **state)
{
    (void)state;
    add_many(1010, 1005);
    watch(2);
    assert_false(is_broken());
    watch(1); // which comes to the place
    assert_true(is_broken());
    watch(1); // and this to the beginning
    assert_true(is_broken());
}

// ---- Two processes

static void two_processes_make_one_chain(void **state)
{
    (void)state;
    struct store *second_store = open_store();
    struct audit *second = open_audit(second_store);
    for (uint64_t i = 1; i <= 10; i++) {
        const struct store_source source = {"events.1", i, 0};
        const Audit__Entry *entry = act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS);
        must(audit_add(i % 2 ? w.audit : second, entry, &source, &w.err));
        must(audit_add(i % 2 ? second : w.audit, entry, &source, &w.err));
    }
    assert_int_equal(follow(), 10);
    audit_close(second);
    store_close(second_store);
}

static void who_comes_second_follows_the_first(void **state)
{
    (void)state;
    struct store *second_store = open_store();
    struct audit *second = open_audit(second_store);
    const struct store_source one = {"events.1", 1, 0}, two = {"events.1", 2, 0};
    const Audit__Entry *entry = act_by(DORA, AUDIT__AUDIT_KIND__VALUE__LEVEL_SET, NOW_MS);
    shared_store_depose(second_store); // it reads what there is now, until a barrier fails
    must(audit_add(w.audit, entry, &one, &w.err));
    struct err err;
    if (!audit_add(second, entry, &two, &err)) must(audit_add(second, entry, &two, &w.err));
    assert_int_equal(follow(), 2);
    audit_close(second);
    store_close(second_store);
}

#define SHARED "shared:audit"
#define TEST_SHARED(name) cmocka_unit_test_prestate_setup_teardown(name, set_up, tear_down, SHARED)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_entry_says_who_did_what_and_how),
        TEST(each_way_to_ask_is_told_from_the_others),
        TEST(what_a_row_owes_is_in_the_stream_once),
        TEST_SHARED(what_a_row_owes_is_in_the_stream_once),
        TEST(what_was_taken_already_is_not_taken_again),
        TEST(a_change_that_failed_is_not_told),
        TEST(what_follows_from_another_stream_is_told_once),
        TEST(entries_are_counted_by_kind),
        TEST(pages_go_back_from_the_newest),
        TEST(a_page_has_what_is_asked_for_alone),
        TEST(a_token_of_another_list_is_refused),
        TEST(what_was_changed_is_found),
        TEST(a_chain_that_holds_is_not_called_broken),
        TEST(a_broken_chain_is_told_of_until_it_is_whole),
        TEST_SHARED(a_broken_chain_is_told_of_until_it_is_whole),
        TEST_SHARED(two_processes_make_one_chain),
        TEST_SHARED(who_comes_second_follows_the_first),
    };
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
