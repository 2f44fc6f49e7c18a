// A job has one landing: bytes that may still land are not replaced, and what is done is gone.
#include "tests/test.h"

#include <sodium.h>

#include "services/chain/outbox/outbox.h"

static struct outbox outbox;
static int64_t now_ms;

static int set_up(void **state)
{
    static const uint8_t seed[16] = {7};
    (void)state;
    if (sodium_init() < 0) return -1;
    outbox_init(&outbox, seed);
    now_ms = 1000;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    outbox_finish(&outbox);
    return 0;
}

static struct outbox_aim refund_of(uint8_t payment, uint8_t slot)
{
    return (struct outbox_aim){.kind = OUTBOX_REFUND, .subject = {payment}, .slot = slot, .reference = {{9}}};
}

// Whether an entry that says so may follow; then it does.
static bool say_job(const struct outbox_aim *aim, enum outbox_state state, const char *bytes, uint64_t height)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__JobChanged changed = LEDGER__JOB_CHANGED__INIT;
    uint8_t id[OUTBOX_ID_BYTES];
    outbox_id(aim, id);
    entry.time_ms = now_ms;
    entry.body_case = LEDGER__ENTRY__BODY_JOB_CHANGED;
    entry.job_changed = &changed;
    changed.job = (ProtobufCBinaryData){sizeof id, id};
    changed.kind = aim->kind;
    changed.state = state;
    changed.subject = (ProtobufCBinaryData){sizeof aim->subject, (uint8_t *)aim->subject};
    changed.slot = aim->slot;
    changed.reference = (ProtobufCBinaryData){PAYMENT_KEY_BYTES, (uint8_t *)aim->reference.bytes};
    changed.transaction = (ProtobufCBinaryData){strlen(bytes), (uint8_t *)bytes};
    changed.last_valid_height = height;
    bool fits = !outbox_check(&outbox, &entry);
    if (fits) outbox_apply(&outbox, &entry);
    return fits;
}

static void bytes_that_may_land_stay(void **state)
{
    (void)state;
    const struct outbox_aim aim = refund_of(1, 0);
    assert_true(say_job(&aim, OUTBOX_SENT, "one", 100));
    assert_false(say_job(&aim, OUTBOX_SENT, "two", 200));
    assert_false(say_job(&aim, OUTBOX_DUE, "two", 100)); // they change with what is sent
    assert_false(say_job(&aim, OUTBOX_DUE, "one", 200));
    assert_true(say_job(&aim, OUTBOX_DUE, "one", 100));
    assert_true(say_job(&aim, OUTBOX_SENT, "two", 200));
    const struct outbox_job *job = outbox_find(&outbox, &aim);
    assert_int_equal(job->tries, 2);
    assert_int_equal(job->last_valid_height, 200);
    assert_memory_equal(job->bytes, "two", job->len);
}

static void what_is_done_is_gone(void **state)
{
    (void)state;
    const struct outbox_aim first = refund_of(1, 0), second = refund_of(1, 1);
    assert_true(say_job(&first, OUTBOX_SENT, "one", 100));
    assert_null(outbox_find(&outbox, &second));
    assert_true(say_job(&second, OUTBOX_SENT, "other", 100));
    assert_true(say_job(&first, OUTBOX_DONE, "one", 100));
    assert_null(outbox_find(&outbox, &first));
    assert_non_null(outbox_find(&outbox, &second));
    assert_null(outbox_next(&outbox, outbox_next(&outbox, NULL)));
}

static void a_job_begins_with_bytes(void **state)
{
    (void)state;
    const struct outbox_aim aim = refund_of(1, 0);
    assert_false(say_job(&aim, OUTBOX_DUE, "one", 100));
    assert_false(say_job(&aim, OUTBOX_DONE, "one", 100));
    assert_false(say_job(&aim, OUTBOX_SENT, "", 100));
    struct outbox_aim none = aim;
    none.kind = OUTBOX_KINDS;
    assert_false(say_job(&none, OUTBOX_SENT, "one", 100));
}

static void who_is_stuck_is_sent_again(void **state)
{
    (void)state;
    const struct outbox_aim aim = refund_of(1, 0);
    assert_true(say_job(&aim, OUTBOX_SENT, "one", 100));
    now_ms += 7000;
    assert_true(say_job(&aim, OUTBOX_STUCK, "one", 100));
    assert_true(say_job(&aim, OUTBOX_SENT, "two", 200));
    assert_int_equal(outbox_find(&outbox, &aim)->since_ms, 1000);
}

static void a_snapshot_has_all(void **state)
{
    static const uint8_t seed[16] = {8};
    (void)state;
    const struct outbox_aim first = refund_of(1, 0), second = {.kind = OUTBOX_CLOSE, .subject = {3}};
    assert_true(say_job(&first, OUTBOX_SENT, "one", 100));
    assert_true(say_job(&second, OUTBOX_SENT, "close", 300));
    assert_true(say_job(&second, OUTBOX_DUE, "close", 300));
    size_t size = outbox_size(&outbox);
    uint8_t *bytes = malloc(size);
    struct fields_writer writer = {bytes};
    outbox_write(&outbox, &writer);
    assert_ptr_equal(writer.at, bytes + size);

    struct outbox read;
    outbox_init(&read, seed);
    struct fields_reader reader = {bytes, size, false};
    assert_true(outbox_read(&read, &reader) && fields_is_whole(&reader));
    assert_memory_equal(outbox_find(&read, &first), outbox_find(&outbox, &first), sizeof(struct outbox_job));
    assert_int_equal(outbox_find(&read, &second)->state, OUTBOX_DUE);
    outbox_finish(&read);
    for (size_t cut = 0; cut < size; cut++) {
        outbox_init(&read, seed);
        reader = (struct fields_reader){bytes, cut, false};
        assert_false(outbox_read(&read, &reader));
        outbox_finish(&read);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_that_may_land_stay),   TEST(what_is_done_is_gone), TEST(a_job_begins_with_bytes),
        TEST(who_is_stuck_is_sent_again), TEST(a_snapshot_has_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
