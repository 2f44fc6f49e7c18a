// A method whose object has an owner answers nothing and stores nothing unless its handler has judged the
// caller's right. The test tries every such method, with handlers that forget it.
#include "lib/base/reason.h"
#include "lib/rpc/testing/passports.h"

#include <unistd.h>

#define AN_ID "01890000-0000-7000-8000-000000000001"
enum { MOST = 256 };

static const char *an_id(void *arg, const char *method, const char *field)
{
    (void)arg, (void)method, (void)field;
    return AN_ID;
}

// ---- Handlers

static bool answer(struct rpc_call *call, const ProtobufCMessage *request, ProtobufCMessage *reply,
                   struct err *err)
{
    (void)call, (void)request, (void)reply, (void)err;
    return true;
}

static void write_unless_refused(struct rpc_call *call, const ProtobufCMessage *reply)
{
    uint8_t byte = 0;
    uint64_t head;
    struct err err;
    const ProtobufCBinaryData entry = {1, &byte};
    const struct store_write *write = rpc_seal(call, reply, NULL, NULL);
    if (call->arena->failed) return;
    assert_true(store_head(call->service, "written", &head, &err));
    rpc_after(call, store_append(call->service, "written", head + 1, &entry, 1, write));
}

static bool seal_and_write(struct rpc_call *call, const ProtobufCMessage *request, ProtobufCMessage *reply,
                           struct err *err)
{
    (void)request, (void)err;
    write_unless_refused(call, reply);
    return true;
}

static bool refuse_and_write(struct rpc_call *call, const ProtobufCMessage *request, ProtobufCMessage *reply,
                             struct err *err)
{
    (void)request;
    bool allowed = rpc_judge(call, false, err);
    write_unless_refused(call, reply);
    return !allowed;
}

static bool judge_and_write(struct rpc_call *call, const ProtobufCMessage *request, ProtobufCMessage *reply,
                            struct err *err)
{
    (void)request;
    if (!rpc_judge(call, true, err)) return false;
    write_unless_refused(call, reply);
    return true;
}

// ---- A service of all of them

struct judges {
    char folder[64];
    struct store *store;
    struct rpc_method methods[MOST + 1];
    size_t sizes[MOST][2], count;
    const struct rpc_method *tables[2];
    struct passports passports;
};

static void serve_owned(struct judges *judges, rpc_handler *handler)
{
    size_t count;
    const struct schema_method *all = schema_methods(&count);
    for (size_t i = 0; i < count && judges->count < MOST; i++) {
        if (!all[i].owners->kind) continue;
        size_t *sizes = judges->sizes[judges->count];
        sizes[0] = all[i].request->sizeof_message, sizes[1] = all[i].reply->sizeof_message;
        judges->methods[judges->count++] = (struct rpc_method){all[i].name, handler, sizes};
    }
    judges->tables[0] = judges->methods;
}

static void judges_open(struct judges *judges, rpc_handler *handler)
{
    char url[96];
    struct err err;
    *judges = (struct judges){0};
    test_folder_make(judges->folder);
    snprintf(url, sizeof url, "sqlite:%s/judges.db", judges->folder);
    static const struct store_table none[] = {{.name = NULL}};
    const struct store_options options = {.url = url, .tables = none};
    if (!store_open(&judges->store, &options, &err)) fail_msg("%s", err.message);
    serve_owned(judges, handler);
    judges->passports = (struct passports){.id = an_id,
                                           .user_id = AN_ID,
                                           .options = {.name = "events",
                                                       .methods = judges->tables,
                                                       .service = judges->store,
                                                       .store = judges->store,
                                                       .address = "inproc://judgement"}};
    passports_open(&judges->passports);
}

static void judges_close(struct judges *judges)
{
    passports_close(&judges->passports);
    store_close(judges->store);
    test_folder_remove(judges->folder);
}

static uint64_t try_all(rpc_handler *handler, Conse__Reason__Value expected)
{
    struct judges judges;
    struct err err;
    uint64_t written;
    const struct passports_form a_dev = {CONSE__ASKER__VALUE__GATEWAY, LEVEL_DEV, true, true, false};
    judges_open(&judges, handler);
    assert_true(judges.count >= 28);
    for (size_t i = 0; i < judges.count; i++) {
        const char *method = judges.methods[i].name;
        Conse__Reason__Value reason = passports_ask(&judges.passports, method, &a_dev).reason;
        if (reason != expected) fail_msg("%s: %s", method, reason_find(reason)->name);
    }
    assert_true(store_head(judges.store, "written", &written, &err));
    bool all = written == judges.count;
    judges_close(&judges);
    return all ? UINT64_MAX : written;
}

// ---- Tests

static void an_answer_without_a_judgement_is_a_fault(void **state)
{
    (void)state;
    assert_int_equal(try_all(answer, REASON(INTERNAL_ERROR)), 0);
}

static void a_write_without_a_judgement_is_not_made(void **state)
{
    (void)state;
    assert_int_equal(try_all(seal_and_write, REASON(INTERNAL_ERROR)), 0);
}

static void who_was_refused_gets_no_answer_and_no_write(void **state)
{
    (void)state;
    assert_int_equal(try_all(refuse_and_write, REASON(INTERNAL_ERROR)), 0);
}

static void who_was_allowed_gets_both(void **state)
{
    (void)state;
    assert_int_equal(try_all(judge_and_write, REASON(REASON_UNSPECIFIED)), UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_without_a_judgement_is_a_fault),
        cmocka_unit_test(a_write_without_a_judgement_is_not_made),
        cmocka_unit_test(who_was_refused_gets_no_answer_and_no_write),
        cmocka_unit_test(who_was_allowed_gets_both),
    };
    return cmocka_run_group_tests_name("judgement", tests, NULL, NULL);
}
