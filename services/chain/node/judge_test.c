// A message moves what its sender signed, once; whatever else comes is told why not, and nothing is hashed
// for who could not pay.
#include "services/chain/book/walk.h"
#include "services/chain/node/addresses.h"
#include "services/chain/node/judge.h"
#include "services/chain/testing/holder.h"

struct scene {
    struct house *house;
    struct judge judge;
    struct holder one, two;
    struct judge_answer answer;
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
    assert_true(judge_open(&scene->judge, &scene->house->chain, &err));
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    judge_close(&scene->judge);
    house_close(scene->house);
    free(scene);
    return 0;
}

static struct coinixerr_digest address_of(struct scene *scene, const struct holder *holder)
{
    struct coinixerr_digest address;
    assert_true(coinixerr_digest_make(&address, &scene->judge.addresses, holder->key.bytes, 32));
    return address;
}

// As a wallet that is linked gets one.
static void make_known(struct scene *scene, const struct holder *holder)
{
    const char *address;
    struct err err = {0};
    assert_true(addresses_make(&scene->house->chain, &scene->judge.addresses, &holder->key,
                               &scene->house->arena, &address, &err));
}

static struct coinixerr_transaction transaction_of(struct scene *scene, int32_t amount)
{
    struct coinixerr_transaction transaction = {.type = COINIXERR_REGULAR,
                                                .amount = amount,
                                                .from = address_of(scene, &scene->one),
                                                .to = address_of(scene, &scene->two),
                                                .issued_s = scene->house->now_ms / 1000};
    coinixerr_sign(&transaction, scene->one.secret_key);
    return transaction;
}

static bool bring(struct scene *scene, const struct coinixerr_transaction *transaction)
{
    uint8_t bytes[COINIXERR_BYTES_MAX];
    size_t length = coinixerr_encode(transaction, bytes);
    judge_answer(&scene->judge, bytes, length, scene->house->now_ms, &scene->answer);
    return scene->answer.accepted;
}

static void is_refused(struct scene *scene, const struct coinixerr_transaction *transaction,
                       const char *reason)
{
    char line[JUDGE_ANSWER_MAX + 1] = "", start[64];
    assert_false(bring(scene, transaction));
    memcpy(line, scene->answer.bytes, scene->answer.length);
    snprintf(start, sizeof start, "refused %s: ", reason);
    if (strncmp(line, start, strlen(start)) != 0) fail_msg("%s, not %s", line, reason);
    assert_int_equal(line[scene->answer.length - 1], '\n');
    assert_int_equal(holder_balance(scene->house, &scene->one), 1000);
}

static void what_was_signed_moves_once(void **state)
{
    struct scene *scene = *state;
    struct coinixerr_transaction sent = transaction_of(scene, 300), back, again;
    make_known(scene, &scene->two);
    assert_true(bring(scene, &sent));
    assert_true(coinixerr_decode(&back, scene->answer.bytes, scene->answer.length));
    assert_int_equal(back.signed_s, scene->house->now_ms / 1000);
    assert_true(back.is_signed && back.has_hash && coinixerr_verify(&back));
    char text[COINIXERR_HASHED_MAX];
    assert_true(coinixerr_digest_fits(&back.hash, text, coinixerr_hashed_text(&back, text)));
    assert_int_equal(holder_balance(scene->house, &scene->one), 700);
    assert_int_equal(holder_balance(scene->house, &scene->two), 300);
    scene->house->now_ms += 3600 * 1000;
    sent.is_signed = true; // as some clients send it
    sent.signed_s = 5;
    assert_true(bring(scene, &sent));
    assert_true(coinixerr_decode(&again, scene->answer.bytes, scene->answer.length));
    assert_memory_equal(&again, &back, sizeof back);
    assert_int_equal(holder_balance(scene->house, &scene->one), 700);
    house_restart(scene->house);
    assert_int_equal(holder_balance(scene->house, &scene->two), 300);
}

static void what_is_no_message_is_refused(void **state)
{
    struct scene *scene = *state;
    make_known(scene, &scene->two);
    const struct coinixerr_transaction good = transaction_of(scene, 300);
    struct coinixerr_transaction bad = good;
    judge_answer(&scene->judge, (const uint8_t *)"hello", 5, scene->house->now_ms, &scene->answer);
    assert_false(scene->answer.accepted);
    bad.type = COINIXERR_CRC20;
    coinixerr_sign(&bad, scene->one.secret_key);
    is_refused(scene, &bad, "INVALID_FIELD");
    bad = transaction_of(scene, 0);
    is_refused(scene, &bad, "INVALID_FIELD");
    bad = transaction_of(scene, -300);
    is_refused(scene, &bad, "INVALID_FIELD");
    bad = good;
    bad.has_hash = true;
    bad.hash = good.from;
    is_refused(scene, &bad, "INVALID_FIELD");
    bad = good;
    bad.has_signature = false;
    is_refused(scene, &bad, "SIGNATURE_INVALID");
    bad = good;
    bad.amount = 301;
    is_refused(scene, &bad, "SIGNATURE_INVALID");
    bad = good;
    bad.issued_s -= 24 * 3600;
    coinixerr_sign(&bad, scene->one.secret_key);
    is_refused(scene, &bad, "ORDER_TOO_OLD");
    bad.issued_s = INT64_MIN;
    coinixerr_sign(&bad, scene->one.secret_key);
    is_refused(scene, &bad, "ORDER_TOO_OLD");
    bad.issued_s = INT64_MAX;
    coinixerr_sign(&bad, scene->one.secret_key);
    is_refused(scene, &bad, "ORDER_TOO_OLD");
}

static size_t known_addresses(struct scene *scene)
{
    const struct store_query query = {.limit = 100, .page_token = ""};
    struct store_rows rows;
    struct err err = {0};
    assert_true(store_find(scene->house->chain.store, &chain_tables[CHAIN_ADDRESSES], &query,
                           &scene->house->arena, &rows, &err));
    return rows.count;
}

static void addresses_are_judged(void **state)
{
    struct scene *scene = *state;
    struct coinixerr_transaction bad = transaction_of(scene, 1001);
    is_refused(scene, &bad, "FUNDS_SHORT");
    assert_int_equal(known_addresses(scene), 0); // nothing was hashed for it
    bad = transaction_of(scene, 300);
    is_refused(scene, &bad, "NOT_FOUND"); // nobody knows whose `to` is
    assert_int_equal(known_addresses(scene), 1);
    make_known(scene, &scene->two);
    bad.from = bad.to;
    coinixerr_sign(&bad, scene->one.secret_key);
    is_refused(scene, &bad, "INVALID_FIELD");
    bad = transaction_of(scene, 300);
    bad.to.text[10] = bad.to.text[10] == 'A' ? 'B' : 'A'; // another salt
    coinixerr_sign(&bad, scene->one.secret_key);
    is_refused(scene, &bad, "NOT_FOUND");
    bad = transaction_of(scene, 99);
    is_refused(scene, &bad, "ACCOUNT_ABSENT");
    bad = transaction_of(scene, 300);
    bad.to = bad.from;
    coinixerr_sign(&bad, scene->one.secret_key);
    is_refused(scene, &bad, "INVALID_FIELD");
}

// The salt is an installation's for good.
static void addresses_stay_after_a_restart(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    const struct coinixerr_salt before = scene->judge.addresses;
    make_known(scene, &scene->two);
    judge_close(&scene->judge);
    house_restart(scene->house);
    assert_true(judge_open(&scene->judge, &scene->house->chain, &err));
    assert_memory_equal(&before, &scene->judge.addresses, sizeof before);
}

// The fold refuses what the message does not say; who trusts nobody recomputes the addresses.
static void the_entry_is_checked_by_its_message(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    struct ledger_map seen;
    messages_seen_init(&seen);
    make_known(scene, &scene->two);
    const struct coinixerr_transaction sent = transaction_of(scene, 300);
    assert_true(bring(scene, &sent));
    struct book_call b = {.chain = &scene->house->chain, .arena = &scene->house->arena};
    assert_true(book_begin_own(&b, scene->house->now_ms, true, &err));
    const Ledger__Entry *entry = walk_read(b.chain, b.book->seq, b.arena, &err);
    assert_non_null(entry);
    for (int i = 0; i < 2; i++) assert_true(messages_verify(b.book, entry, &seen));
    assert_int_equal(seen.count, 2);
    entry->postings[0]->amount--;
    entry->postings[1]->amount++;
    assert_false(messages_verify(b.book, entry, &seen));
    assert_false(holders_check(b.book, entry, &err));
    entry->postings[0]->amount++;
    entry->postings[1]->amount--;
    assert_false(holders_check(b.book, entry, &err)); // it was carried out
    uint8_t *message = entry->coinixerr_transferred->message.data;
    message[200] = message[200] == 'A' ? 'B' : 'A'; // in `to`
    assert_false(messages_verify(b.book, entry, &seen));
    book_end(&b);
    ledger_map_finish(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_signed_moves_once),
        TEST(what_is_no_message_is_refused),
        TEST(addresses_are_judged),
        TEST(addresses_stay_after_a_restart),
        TEST(the_entry_is_checked_by_its_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
