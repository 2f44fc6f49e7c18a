// Seats that cost LAMPORTS: the transaction for a wallet, and what the wallet gives back.
#include "services/chain/outbox/outbox.h"
#include "services/chain/payments/explain.h"
#include "services/chain/testing/lamports.h"

#define IS(name) CONSE__REASON__VALUE__##name

static int set_up(void **state)
{
    struct lamports *lamports = calloc(1, sizeof *lamports);
    lamports_init(lamports, house_at(NULL));
    *state = lamports;
    return 0;
}

static int tear_down(void **state)
{
    struct lamports *lamports = *state;
    evening_check(&lamports->evening);
    lamports_close(lamports);
    free(lamports);
    return 0;
}

// ---- Asking

static const char *asks_for(const struct solana_key *account)
{
    static char request[160];
    char text[SOLANA_KEY_TEXT] = "";
    if (account) solana_key_format(account, text);
    snprintf(request, sizeof request, "{'event_id':'" EVENING "','account':'%s'}", text);
    return request;
}

static const Chain__PermitReply *ask(struct lamports *lamports, const struct solana_key *account)
{
    return house_must(lamports->evening.house, ANN, "chain.AskPermit", asks_for(account));
}

static void refuses(struct lamports *lamports, const struct solana_key *account, Conse__Reason__Value reason)
{
    house_refuses(lamports->evening.house, ANN, "chain.AskPermit", asks_for(account), reason);
}

static void refuses_field(struct lamports *lamports, const struct solana_key *account,
                          Conse__Reason__Value reason, const char *field)
{
    refuses(lamports, account, reason);
    assert_string_equal(lamports->evening.house->err.field, field);
}

static struct permit_bytes bytes_of(const ProtobufCBinaryData *transaction)
{
    struct permit_bytes bytes = {.len = transaction->len};
    assert_true(transaction->len && transaction->len <= sizeof bytes.bytes);
    memcpy(bytes.bytes, transaction->data, transaction->len);
    return bytes;
}

static struct permit_bytes asked_by(struct lamports *lamports, const struct solana_signer *wallet)
{
    const struct solana_key account = solana_signer_key(wallet);
    return bytes_of(&ask(lamports, &account)->transaction);
}

static struct payment payment_now(struct lamports *lamports)
{
    struct payment payment;
    assert_true(evening_payment(&lamports->evening, 1, &payment));
    return payment;
}

static const char *state_now(struct lamports *lamports)
{
    const struct payment payment = payment_now(lamports);
    return payment_state_name(payment_state(&payment));
}

static void a_permit_is_for_one_wallet_and_stays_the_same(void **state)
{
    struct lamports *lamports = *state;
    struct solana_transaction tx;
    struct err err;
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    lamports_begin(lamports);
    const Chain__PermitReply *reply = ask(lamports, &account);
    assert_int_equal(reply->last_valid_height, 250);
    assert_non_null(strstr(reply->url, "solana:https://play.example/payments/"));
    assert_non_null(strstr(reply->url, reply->reference));
    assert_string_equal(reply->payment_id, hold_id(1).text);
    const struct permit_bytes first = bytes_of(&reply->transaction);
    assert_true(solana_transaction_parse(&tx, first.bytes, first.len, &err));
    assert_true(solana_key_equal(&tx.keys[0], &account));
    assert_string_equal(state_now(lamports), "IN_FLIGHT");
    lamports_see(lamports, 140);
    const struct permit_bytes again = asked_by(lamports, &lamports->wallet);
    assert_memory_equal(again.bytes, first.bytes, first.len);
    lamports_restart(lamports);
    const struct permit_bytes later = asked_by(lamports, &lamports->wallet);
    assert_memory_equal(later.bytes, first.bytes, first.len);
}

static void another_wallet_waits_for_the_first(void **state)
{
    struct lamports *lamports = *state;
    const struct solana_key other = solana_signer_key(&lamports->other);
    lamports_begin(lamports);
    asked_by(lamports, &lamports->wallet);
    lamports_see(lamports, 150);
    refuses(lamports, &other, IS(PAYMENT_IN_FLIGHT));
    assert_int_equal(lamports->evening.house->err.retry_after_s, 40); // 100 blocks
}

static void accounts_of_ours_can_not_pay(void **state)
{
    struct lamports *lamports = *state;
    const struct cluster_now *now = &lamports->cluster.now;
    struct solana_key event;
    uint8_t id[TILL_ID_BYTES];
    lamports_begin(lamports);
    uuid_bytes(EVENING, id);
    solana_event_address(&event, &now->programs, &now->authority, id);
    const struct solana_key forbidden[] = {now->authority, now->pool, now->revenue, event,
                                           SOLANA_SYSTEM_PROGRAM};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        refuses_field(lamports, &forbidden[i], IS(ACCOUNT_FORBIDDEN), "account");
    house_refuses(lamports->evening.house, ANN, "chain.AskPermit",
                  "{'event_id':'" EVENING "','account':'no address'}", IS(INVALID_FIELD));
    assert_false(payment_now(lamports).standing.permit.live);
}

static void nothing_is_permitted_where_it_can_not_be_paid(void **state)
{
    struct lamports *lamports = *state;
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    lamports_price(lamports);
    lamports_hold(lamports, 1, ANN);
    refuses(lamports, &account, IS(EVENT_NOT_PAYABLE));
    lamports_make_payable(lamports, &account); // another authority's
    refuses(lamports, &account, IS(EVENT_NOT_PAYABLE));
}

static void while_the_cluster_is_away_nothing_is_permitted(void **state)
{
    struct lamports *lamports = *state;
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    lamports_begin(lamports);
    lamports->cluster.now.healthy = false;
    refuses(lamports, &account, IS(CLUSTER_AWAY));
    assert_true(lamports->evening.house->err.retry_after_s);
    lamports->evening.house->chain.cluster = NULL;
    refuses(lamports, &account, IS(CLUSTER_AWAY));
    lamports->evening.house->chain.cluster = &lamports->cluster;
    lamports_see(lamports, 100);
    asked_by(lamports, &lamports->wallet);
}

static void until_all_is_read_back_nobody_pays_and_no_time_is_over(void **state)
{
    struct lamports *lamports = *state;
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    lamports_begin(lamports);
    atomic_store(&lamports->cluster.read_back, false);
    refuses(lamports, &account, IS(CLUSTER_AWAY));
    evening_pass(&lamports->evening, EVENING_HOLD_S * 1000LL);
    lamports_see(lamports, 100);
    assert_int_equal(evening_letter(&lamports->evening, 1), 'H');
    atomic_store(&lamports->cluster.read_back, true);
    evening_pass(&lamports->evening, 0);
    assert_int_not_equal(evening_letter(&lamports->evening, 1), 'H');
}

static void the_linked_wallet_pays_when_none_is_named(void **state)
{
    struct lamports *lamports = *state;
    char wallet[SOLANA_KEY_TEXT];
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    lamports_begin(lamports);
    const Chain__PermitReply *reply = ask(lamports, NULL);
    assert_int_equal(reply->transaction.len, 0);
    assert_true(reply->url[0] && reply->reference[0]);
    assert_false(payment_now(lamports).standing.permit.live);
    solana_key_format(&account, wallet);
    house_teach(lamports->evening.house,
                (struct name_news){.user_id = ANN, .name = "ann", .level = LEVEL_PLAYER, .wallet = wallet});
    reply = ask(lamports, NULL);
    assert_string_equal(reply->account, wallet);
    assert_true(reply->transaction.len);
}

static void strangers_and_other_currencies_get_none(void **state)
{
    struct lamports *lamports = *state;
    struct house *house = lamports->evening.house;
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    evening_hold(&lamports->evening, 1, ANN, 0);
    refuses(lamports, &account, IS(PERMIT_NOT_NEEDED));
    house_refuses(house, BOB, "chain.AskPermit", asks_for(&account), IS(NOT_FOUND));
    house_refuses(house, STRANGER, "chain.AskPermit", asks_for(&account), IS(NOT_FOUND));
    house_refuses(house, ANN, "chain.GetPaymentQr", evening_request(1), IS(PERMIT_NOT_NEEDED));
}

static void the_account_does_not_pay_for_what_costs_lamports(void **state)
{
    struct lamports *lamports = *state;
    lamports_begin(lamports);
    house_refuses(lamports->evening.house, ANN, "chain.PayPayment", evening_request(1), IS(PERMIT_NEEDED));
}

// ---- Giving back

static bool give(struct lamports *lamports, const char *who, const struct permit_bytes *given)
{
    char request[2 * SOLANA_PACKET_MAX], text[2 * SOLANA_PACKET_MAX];
    sodium_bin2base64(text, sizeof text, given->bytes, given->len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(request, sizeof request, "{'payment_id':'%s','transaction':'%s'}", hold_id(1).text, text);
    return house_ask(lamports->evening.house, who, "chain.GiveTransaction", request);
}

static void give_refused(struct lamports *lamports, const struct permit_bytes *given,
                         Conse__Reason__Value reason)
{
    assert_false(give(lamports, ANN, given));
    assert_int_equal(lamports->evening.house->err.reason, reason);
}

static struct permit_bytes signed_by(struct permit_bytes bytes, const struct solana_signer *wallet)
{
    struct err err;
    assert_true(solana_transaction_sign(bytes.bytes, bytes.len, wallet, &err));
    return bytes;
}

// The bytes of the seat's job, and how many entries the ledger has.
static uint64_t look_for_job(struct lamports *lamports, struct permit_bytes *sent)
{
    struct house *house = lamports->evening.house;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct outbox_aim aim = {.kind = OUTBOX_SEAT};
    struct err err = {0};
    uuid_bytes(hold_id(1).text, aim.subject);
    aim.reference = payment_now(lamports).standing.reference;
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    const struct outbox_job *job = outbox_find(&b.book->outbox, &aim);
    *sent = (struct permit_bytes){.len = 0};
    if (job) {
        sent->len = job->len;
        memcpy(sent->bytes, job->bytes, job->len);
        assert_int_equal(job->last_valid_height, 250);
    }
    uint64_t entries = b.book->seq;
    book_end(&b);
    return entries;
}

static void signed_bytes_are_stored_once(void **state)
{
    struct lamports *lamports = *state;
    struct permit_bytes sent;
    lamports_begin(lamports);
    const struct permit_bytes given = signed_by(asked_by(lamports, &lamports->wallet), &lamports->wallet);
    look_for_job(lamports, &sent);
    assert_int_equal(sent.len, 0);
    assert_true(give(lamports, ANN, &given));
    uint64_t entries = look_for_job(lamports, &sent);
    assert_int_equal(sent.len, given.len);
    assert_memory_equal(sent.bytes, given.bytes, given.len);
    assert_true(give(lamports, ANN, &given));
    lamports_restart(lamports);
    assert_true(give(lamports, ANN, &given));
    assert_int_equal(look_for_job(lamports, &sent), entries);
    assert_false(give(lamports, BOB, &given));
    assert_int_equal(lamports->evening.house->err.reason, IS(NOT_FOUND));
}

static void other_bytes_are_refused(void **state)
{
    struct lamports *lamports = *state;
    struct permit_bytes sent, cut, changed;
    lamports_begin(lamports);
    const struct permit_bytes unsigned_yet = asked_by(lamports, &lamports->wallet);
    const struct permit_bytes given = signed_by(unsigned_yet, &lamports->wallet);
    give_refused(lamports, &unsigned_yet, IS(PERMIT_MISMATCH));
    assert_string_equal(lamports->evening.house->err.field, "transaction");
    cut = changed = given;
    cut.len--;
    give_refused(lamports, &cut, IS(MALFORMED));
    assert_string_equal(lamports->evening.house->err.field, "transaction");
    changed.bytes[changed.len - 1] ^= 1; // of the memo
    give_refused(lamports, &changed, IS(PERMIT_MISMATCH));
    look_for_job(lamports, &sent);
    assert_int_equal(sent.len, 0);
}

static void what_comes_too_late_is_refused(void **state)
{
    struct lamports *lamports = *state;
    lamports_begin(lamports);
    const struct permit_bytes given = signed_by(asked_by(lamports, &lamports->wallet), &lamports->wallet);
    lamports->evening.house->now_ms += EVENING_HOLD_S * 1000 + 1;
    give_refused(lamports, &given, IS(HOLD_OVER));
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    refuses(lamports, &account, IS(HOLD_OVER));
}

static void without_a_permit_no_bytes_are_taken(void **state)
{
    struct lamports *lamports = *state;
    struct permit_bytes sent;
    lamports_begin(lamports);
    const struct permit_bytes given = signed_by(asked_by(lamports, &lamports->wallet), &lamports->wallet);
    evening_end(&lamports->evening, 1, MONEY__SEAT_ENDING__BY__OWNER); // waits for the permit's end
    give_refused(lamports, &given, IS(HOLD_OVER));
    lamports_hold(lamports, 2, BOB);
    char request[2 * SOLANA_PACKET_MAX], text[2 * SOLANA_PACKET_MAX];
    sodium_bin2base64(text, sizeof text, given.bytes, given.len, sodium_base64_VARIANT_ORIGINAL);
    snprintf(request, sizeof request, "{'payment_id':'%s','transaction':'%s'}", hold_id(2).text, text);
    house_refuses(lamports->evening.house, BOB, "chain.GiveTransaction", request, IS(PERMIT_DEAD));
    look_for_job(lamports, &sent);
    assert_int_equal(sent.len, 0);
}

// ---- Solana Pay

static void wallets_ask_by_the_address_alone(void **state)
{
    struct lamports *lamports = *state;
    struct house *house = lamports->evening.house;
    char request[256], link[128], text[SOLANA_KEY_TEXT];
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    lamports_begin(lamports);
    const char *url = ask(lamports, NULL)->url;
    assert_int_equal(sscanf(url, "solana:https://play.example/payments/%127[^/]/solana-pay", link), 1);
    snprintf(request, sizeof request, "{'payment_id':'%s'}", link);
    const Chain__SolanaPayLabel *label = house_must(house, "", "chain.GetSolanaPay", request);
    assert_true(label->label[0]);
    assert_string_equal(label->icon, "https://play.example/events/" EVENING "/qr.svg");
    solana_key_format(&account, text);
    snprintf(request, sizeof request, "{'payment_id':'%s','account':'%s'}", link, text);
    const Chain__SolanaPayReply *reply = house_must(house, "", "chain.AskSolanaPay", request);
    assert_string_equal(reply->message, "A seat for 0.000001000 SOL");
    const struct permit_bytes asked = bytes_of(&reply->transaction);
    const struct permit_bytes same = asked_by(lamports, &lamports->wallet);
    assert_memory_equal(asked.bytes, same.bytes, same.len);
}

static void who_was_not_told_the_address_learns_nothing(void **state)
{
    struct lamports *lamports = *state;
    struct house *house = lamports->evening.house;
    char text[SOLANA_KEY_TEXT], link[128], request[256];
    const struct solana_key account = solana_signer_key(&lamports->wallet);
    lamports_begin(lamports);
    solana_key_format(&account, text);
    snprintf(link, sizeof link, "%s.%s", hold_id(1).text, text); // not its reference
    const char *links[] = {hold_id(1).text, link, "nothing.at-all", "."};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        snprintf(request, sizeof request, "{'payment_id':'%s','account':'%s'}", links[i], text);
        house_refuses(house, "", "chain.AskSolanaPay", request, IS(NOT_FOUND));
        snprintf(request, sizeof request, "{'payment_id':'%s'}", links[i]);
        house_refuses(house, "", "chain.GetSolanaPay", request, IS(NOT_FOUND));
    }
    assert_false(payment_now(lamports).standing.permit.live);
}

static void its_owner_gets_the_address_as_a_code(void **state)
{
    struct lamports *lamports = *state;
    lamports_begin(lamports);
    const Chain__PaymentQr *code =
        house_must(lamports->evening.house, ANN, "chain.GetPaymentQr", evening_request(1));
    assert_string_equal(code->content_type, "image/svg+xml");
    assert_memory_equal(code->body.data, "<svg ", 5);
    evening_refuses(&lamports->evening, BOB, "chain.GetPaymentQr", 1, IS(NOT_FOUND));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_permit_is_for_one_wallet_and_stays_the_same),
        TEST(another_wallet_waits_for_the_first),
        TEST(accounts_of_ours_can_not_pay),
        TEST(nothing_is_permitted_where_it_can_not_be_paid),
        TEST(while_the_cluster_is_away_nothing_is_permitted),
        TEST(until_all_is_read_back_nobody_pays_and_no_time_is_over),
        TEST(the_linked_wallet_pays_when_none_is_named),
        TEST(strangers_and_other_currencies_get_none),
        TEST(the_account_does_not_pay_for_what_costs_lamports),
        TEST(signed_bytes_are_stored_once),
        TEST(other_bytes_are_refused),
        TEST(what_comes_too_late_is_refused),
        TEST(without_a_permit_no_bytes_are_taken),
        TEST(wallets_ask_by_the_address_alone),
        TEST(who_was_not_told_the_address_learns_nothing),
        TEST(its_owner_gets_the_address_as_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
