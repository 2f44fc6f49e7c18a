// What a key's account has is taken by nothing but its holder's signature, whatever else an entry says.
#include "services/chain/book/holders.h"
#include "services/chain/testing/holder.h"

struct scene {
    struct house *house;
    struct book_call b;
    struct holder one, two;
    uint32_t from, to;
    struct ledger_order order;
};

static int set_up(void **state)
{
    struct scene *scene = *state = calloc(1, sizeof *scene);
    struct err err = {0};
    assert_non_null(scene);
    scene->house = house_at(NULL);
    scene->one = holder_of(1);
    scene->two = holder_of(2);
    holder_begin(scene->house, &scene->one, 1000);
    holder_begin(scene->house, &scene->two, 1000);
    scene->order = holder_order(scene->house, &scene->one, &scene->two.key, 300, 1);
    scene->b = (struct book_call){.chain = &scene->house->chain, .arena = &scene->house->arena};
    assert_true(book_begin_own(&scene->b, scene->house->now_ms, true, &err));
    scene->from = ledger_accounts_find_bytes(&scene->b.book->accounts, &scene->one.key);
    scene->to = ledger_accounts_find_bytes(&scene->b.book->accounts, &scene->two.key);
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    book_end(&scene->b);
    house_close(scene->house);
    free(scene);
    return 0;
}

// Whether such an entry may follow, which it is then.
static bool follows(struct scene *scene, Ledger__Entry__BodyCase which, ProtobufCMessage *body,
                    const struct ledger_posting *postings, size_t count)
{
    scene->b.failed = false;
    return book_add(&scene->b, which, body, postings, count) != NULL;
}

static void no_other_kind_takes_from_a_key(void **state)
{
    struct scene *scene = *state;
    Ledger__Transferred transferred = LEDGER__TRANSFERRED__INIT;
    Ledger__Granted granted = LEDGER__GRANTED__INIT;
    Ledger__Memo memo = LEDGER__MEMO__INIT;
    const struct ledger_owner user = book_user(ANN);
    uint32_t ann = ledger_accounts_find(&scene->b.book->accounts, &user);
    const struct ledger_posting taking[] = {{ann, BOOK_CONSE, 300}, {scene->from, BOOK_CONSE, -300}};
    const struct ledger_posting burning[] = {{0, BOOK_CONSE, 300}, {scene->from, BOOK_CONSE, -300}};
    memo.text = "mine";
    assert_true(ann < scene->from);
    assert_false(follows(scene, LEDGER__ENTRY__BODY_TRANSFERRED, &transferred.base, taking, 2));
    assert_false(follows(scene, LEDGER__ENTRY__BODY_GRANTED, &granted.base, burning, 2));
    assert_false(follows(scene, LEDGER__ENTRY__BODY_MEMO, &memo.base, taking, 2));
    assert_int_equal(ledger_balance(&scene->b.book->accounts, scene->from, BOOK_CONSE), 1000);
}

static bool follows_order(struct scene *scene, const struct ledger_posting *postings, size_t count)
{
    Ledger__KeyTransferred body = LEDGER__KEY_TRANSFERRED__INIT;
    body.issued_ms = scene->order.issued_ms;
    body.nonce = (ProtobufCBinaryData){sizeof scene->order.nonce, scene->order.nonce};
    body.signature = (ProtobufCBinaryData){sizeof scene->order.signature, scene->order.signature};
    return follows(scene, LEDGER__ENTRY__BODY_KEY_TRANSFERRED, &body.base, postings, count);
}

static void an_order_moves_one_amount_of_conse(void **state)
{
    struct scene *scene = *state;
    const struct ledger_posting granting[] = {{0, BOOK_CONSE, -300}, {scene->to, BOOK_CONSE, 300}};
    const struct ledger_posting burning[] = {{0, BOOK_CONSE, 300}, {scene->from, BOOK_CONSE, -300}};
    assert_false(follows_order(scene, granting, 2));
    assert_false(follows_order(scene, burning, 2));
    assert_false(follows_order(scene, NULL, 0));
    const struct ledger_posting moving[] = {{scene->from, BOOK_CONSE, -300}, {scene->to, BOOK_CONSE, 300}};
    assert_true(scene->from < scene->to);
    assert_true(follows_order(scene, moving, 2));
    assert_false(follows_order(scene, moving, 2)); // it did
    scene->order.nonce[0]++;
    scene->order.issued_ms -= LEDGER_LATE_MS + 1;
    assert_false(follows_order(scene, moving, 2));
    assert_int_equal(ledger_balance(&scene->b.book->accounts, scene->from, BOOK_CONSE), 700);
}

// The fold trusts who decided; who trusts nobody checks the signature too.
static void who_verifies_checks_the_signature(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    Ledger__Posting from = LEDGER__POSTING__INIT, to = LEDGER__POSTING__INIT;
    Ledger__Posting *postings[] = {&from, &to};
    Ledger__KeyTransferred body = LEDGER__KEY_TRANSFERRED__INIT;
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    from = (Ledger__Posting){from.base, scene->from, BOOK_CONSE, -300};
    to = (Ledger__Posting){to.base, scene->to, BOOK_CONSE, 300};
    body.issued_ms = scene->order.issued_ms;
    body.nonce = (ProtobufCBinaryData){sizeof scene->order.nonce, scene->order.nonce};
    body.signature = (ProtobufCBinaryData){sizeof scene->order.signature, scene->order.signature};
    entry.postings = postings;
    entry.n_postings = 2;
    entry.body_case = LEDGER__ENTRY__BODY_KEY_TRANSFERRED;
    entry.key_transferred = &body;
    assert_true(holders_verify(scene->b.book, &entry, NULL, &err));
    from.amount = -301;
    to.amount = 301;
    assert_false(holders_verify(scene->b.book, &entry, NULL, &err));
    assert_int_equal(err.reason, IS(STORE_CORRUPT));
    entry.body_case = LEDGER__ENTRY__BODY_TRANSFERRED; // has none
    assert_true(holders_verify(scene->b.book, &entry, NULL, &err));
}

static void no_key_looks_like_an_account_that_is_kept(void **state)
{
    struct scene *scene = *state;
    const struct ledger_account kept = ledger_account_of((const uint8_t[16]){1});
    struct ledger_owner owner = {.kind = LEDGER_KEY};
    memcpy(owner.id, kept.bytes, sizeof owner.id);
    assert_int_equal(book_account(&scene->b, &owner), LEDGER_NO_ACCOUNT);
    scene->b.failed = false;
    assert_int_equal(book_account(&scene->b, &(struct ledger_owner){.kind = LEDGER_KEY}), LEDGER_NO_ACCOUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_other_kind_takes_from_a_key),
        TEST(an_order_moves_one_amount_of_conse),
        TEST(who_verifies_checks_the_signature),
        TEST(no_key_looks_like_an_account_that_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
