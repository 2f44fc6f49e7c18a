// What names the address of withdrawals is read once: a process that starts again goes on where the one
// before it was, and so does one that had not come to the end.
#include "services/chain/testing/lamports.h"
#include "services/chain/testing/node.h"

#include <sodium.h>

#include "services/chain/cluster/forgotten.h"
#include "services/chain/solana/rpc_landed.h"

enum { PAGE = SOLANA_HISTORY_MAX, TEXT = 1 << 18 };

static struct lamports lamports;
static struct node node;
static atomic_uint landed; // of all that there are; failed ones, of which no more is read
static atomic_uint told;   // how many of them the node has told since the last look
static atomic_uint pages;  // it answers no more than that

// ---- The node

static void number_text(unsigned number, char text[SOLANA_SIGNATURE_TEXT])
{
    const struct solana_signature signature = {{1, (uint8_t)number, (uint8_t)(number >> 8)}};
    solana_signature_format(&signature, text);
}

// Of one that the request has behind a name; none when it has none.
static unsigned number_behind(const char *request, const char *name, unsigned none)
{
    char text[SOLANA_SIGNATURE_TEXT];
    struct solana_signature signature;
    node_field(request, name, text, sizeof text);
    if (!solana_signature_parse(&signature, text)) return none;
    return signature.bytes[1] | (unsigned)signature.bytes[2] << 8;
}

// The newest has the highest number; the first one is 1.
static const char *says(const char *method, const char *request)
{
    static char page[TEXT];
    unsigned from = number_behind(request, "\"before\":\"", atomic_load(&landed) + 1),
             until = number_behind(request, "\"until\":\"", 0), count = 0;
    size_t len = (size_t)snprintf(page, sizeof page, "[");
    (void)method;
    if (!atomic_load(&pages)) return NULL;
    atomic_fetch_sub(&pages, 1);
    for (unsigned i = from - 1; i > until && count < PAGE; i--, count++) {
        char text[SOLANA_SIGNATURE_TEXT];
        number_text(i, text);
        len += (size_t)snprintf(page + len, sizeof page - len,
                                "%s{\"signature\":\"%s\",\"slot\":5,\"blockTime\":6,"
                                "\"err\":\"AccountInUse\"}",
                                count ? "," : "", text);
    }
    snprintf(page + len, sizeof page - len, "]");
    atomic_fetch_add(&told, count);
    return page;
}

// ---- A process

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    lamports.cluster.chain = &lamports.evening.house->chain;
    node_start(&node, says);
    atomic_store(&landed, 0);
    atomic_store(&told, 0);
    atomic_store(&pages, UINT_MAX / 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    node_stop(&node);
    lamports_close(&lamports);
    return 0;
}

static bool read_all(struct forgotten *forgotten, struct err *err)
{
    struct arena arena;
    const struct readback readback = {&lamports.cluster, node.rpc, 1, 1};
    *err = (struct err){0};
    arena_init(&arena, 128 << 20);
    bool ok = forgotten_read(forgotten, &readback, &arena, err);
    arena_finish(&arena);
    return ok;
}

// How many the node had to tell for it.
static unsigned read_by(struct forgotten *forgotten)
{
    struct err err;
    atomic_store(&told, 0);
    if (!read_all(forgotten, &err)) fail_msg("%s", err.message);
    return atomic_load(&told);
}

static void each_is_read_once(void **state)
{
    (void)state;
    struct forgotten forgotten = {.begun = false};
    assert_int_equal(read_by(&forgotten), 0);
    atomic_store(&landed, 3);
    assert_int_equal(read_by(&forgotten), 3);
    assert_int_equal(read_by(&forgotten), 0);
    atomic_store(&landed, 5);
    assert_int_equal(read_by(&forgotten), 2);
}

static void a_process_goes_on_where_another_was(void **state)
{
    (void)state;
    struct forgotten first = {.begun = false}, second = first, third = first;
    atomic_store(&landed, PAGE + 7);
    assert_int_equal(read_by(&first), PAGE + 7);
    atomic_store(&landed, PAGE + 9);
    assert_int_equal(read_by(&second), 2);
    lamports_restart(&lamports);
    assert_int_equal(read_by(&third), 0);
}

// Another authority has withdrawals of its own.
static void an_authority_has_a_place_of_its_own(void **state)
{
    (void)state;
    struct forgotten forgotten = {.begun = false}, other = forgotten;
    atomic_store(&landed, 4);
    assert_int_equal(read_by(&forgotten), 4);
    lamports.cluster.now.authority = lamports_key(9);
    assert_int_equal(read_by(&other), 4);
}

// Nothing is passed over: what is below the page that did not come is read, and then counts as read.
static void a_reading_that_broke_off_goes_on(void **state)
{
    (void)state;
    struct forgotten forgotten = {.begun = false}, next = forgotten;
    struct err err;
    atomic_store(&landed, 2 * PAGE + 5);
    atomic_store(&pages, 1);
    assert_false(read_all(&forgotten, &err));
    assert_true(err_is(&err, CLUSTER_AWAY));
    atomic_store(&pages, UINT_MAX / 2);
    assert_int_equal(read_by(&next), 2 * PAGE + 5); // a process of its own, of which none has come to the end
    lamports.cluster.now.authority = lamports_key(9);
    forgotten.begun = true;
    assert_int_equal(read_by(&forgotten), PAGE + 5);
    assert_int_equal(read_by(&forgotten), 0);
}

static void so_much_is_read_at_once_and_no_more(void **state)
{
    (void)state;
    enum { MANY = (FORGOTTEN_PAGES - 1) * PAGE };
    struct forgotten forgotten = {.begun = false};
    struct err err;
    atomic_store(&landed, MANY + PAGE + 3);
    assert_false(read_all(&forgotten, &err));
    assert_true(err_is(&err, SERVICE_BUSY));
    assert_int_equal(read_by(&forgotten), 3);
    assert_int_equal(read_by(&forgotten), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_is_read_once),
        TEST(a_process_goes_on_where_another_was),
        TEST(an_authority_has_a_place_of_its_own),
        TEST(a_reading_that_broke_off_goes_on),
        TEST(so_much_is_read_at_once_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
