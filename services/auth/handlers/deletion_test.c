// Deleting an account, and what is left of it; what is kept of a person.
#include "lib/base/ids.h"
#include "services/auth/erasure.h"
#include "services/auth/names.h"
#include "services/auth/otp/otp.h"
#include "services/auth/sweeper.h"
#include "services/auth/testing/world.h"

static const char phone[] = "+989121234567";

static void *delete_me(void)
{
    Auth__DeleteMeRequest request = AUTH__DELETE_ME_REQUEST__INIT;
    return ask("auth.DeleteMe", &request);
}

static Auth__Export *export_me(void)
{
    Auth__ExportMeRequest request = AUTH__EXPORT_ME_REQUEST__INIT;
    return ask("auth.ExportMe", &request);
}

static void *unlink_wallet(void)
{
    Auth__UnlinkWalletRequest request = AUTH__UNLINK_WALLET_REQUEST__INIT;
    return ask("auth.UnlinkWallet", &request);
}

static void set_level(const char *user_id, Auth__Level__Value level)
{
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.user_id = user_id;
    request.level = level;
    assert_non_null(ask("auth.SetLevel", &request));
}

// ---- What is stored

struct search {
    const char *text;
    size_t found, in_released, rows;
};

static bool search_item(void *arg, const struct store_item *item, struct err *err)
{
    (void)err;
    struct search *search = arg;
    size_t len = strlen(search->text);
    bool found = strstr(item->id, search->text) != NULL;
    for (size_t i = 0; !found && i + len <= item->bytes.len; i++)
        found = memcmp(item->bytes.data + i, search->text, len) == 0;
    bool released = item->table == &auth_tables[AUTH_RELEASED] ||
                    (item->table && strcmp(item->table->name, "released") == 0);
    if (found && released) search->in_released++;
    if (found && !released) search->found++;
    if (found && !released && item->table) search->rows++;
    return true;
}

// How many rows and entries, but those of names that wait, have the text.
static struct search search(const char *text)
{
    struct search search = {.text = text};
    assert_true(store_each(w.auth.store, search_item, &search, &w.err));
    return search;
}

struct person {
    const char *id, *hash, *session, *token;
    struct wallet wallet;
};

// With all that an account may have: a phone and a code to it, a wallet, an earlier name, failures.
static struct person make_person(void)
{
    struct person person = {.wallet = make_wallet()};
    struct account account;
    sign_up("miranda", phone);
    person.id = enter("miranda")->user->id;
    send_code(phone);
    assert_non_null(use_code(phone, code_of(phone), ""));
    show();
    assert_non_null(prove(&person.wallet, challenge(&person.wallet)));
    assert_non_null(rename_to(person.id, "rosalind"));
    w.now_ms += 60000;
    send_code(phone);
    refused(use_code(phone, "wrong!", ""), "OTP_INVALID");
    const char *device = log_in("rosalind", PASSWORD)->device_token;
    refused(log_in("rosalind", "wrong password"), "BAD_CREDENTIALS");
    w.device_token = device;
    refused(log_in("rosalind", "wrong password"), "BAD_CREDENTIALS");
    w.device_token = "";
    person.token = enter("rosalind")->refresh_token;
    Auth__CreateApiKeyRequest key = AUTH__CREATE_API_KEY_REQUEST__INIT;
    key.name = "nightly figures";
    show();
    assert_non_null(ask("auth.CreateApiKey", &key));
    Auth__BlockRequest block = AUTH__BLOCK_REQUEST__INIT;
    Auth__ReportRequest report = AUTH__REPORT_REQUEST__INIT;
    block.user_id = report.user_id = sign_up("nora", "")->id;
    report.reason = AUTH__REPORT_REASON__VALUE__INSULT;
    report.text = "what nora said";
    assert_non_null(ask("auth.BlockUser", &block));
    assert_non_null(ask("auth.CreateReport", &report));
    person.session = w.caller.session_id;
    refused(show_password("wrong password"), "BAD_CREDENTIALS");
    assert_true(account_get(&w.auth, person.id, &w.arena, &account, &w.err));
    person.hash = account.row->password_hash;
    return person;
}

static void assert_erased(const struct person *person)
{
    assert_int_equal(search(phone).found, 0);
    assert_int_equal(search(person->wallet.address).found, 0);
    assert_int_equal(search(person->hash).found, 0);
    assert_int_equal(search("rosalind").found, 0);
    assert_int_equal(search("miranda").found, 0);
    assert_int_equal(search(person->session).found, 0);
    assert_int_equal(search("nightly figures").found, 0);
    assert_int_equal(search("what nora said").found, 1);
    assert_int_equal(search(person->id).rows, 1); // the tombstone
    assert_int_equal(search("rosalind").in_released, 1);
    assert_int_equal(search("miranda").in_released, 1);
}

// Revocations say when tokens of the id ended, for a day; challenges go after minutes.
static void wait_out_challenges(void)
{
    w.now_ms += w.settings.siws_ms + 1000;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
}

static Auth__Name *name_kept_of(const char *user_id)
{
    struct store_entries page;
    Auth__Name *newest = NULL;
    assert_true(store_read(w.auth.store, NAMES_STREAM, 1, 1000, &w.arena, &page, &w.err));
    for (size_t i = 0; i < page.count; i++) {
        Auth__Name *name = auth__name__unpack(&w.arena.allocator, page.entries[i].len, page.entries[i].data);
        if (strcmp(name->user_id, user_id) == 0) newest = name;
    }
    return newest;
}

static void nothing_is_left_but_a_tombstone(void **state)
{
    (void)state;
    const struct person person = make_person();
    struct account account;
    assert_true(search(person.session).found > 0);
    show();
    assert_non_null(delete_me());
    assert_true(account_load(&w.auth, person.id, &w.arena, &account, &w.err));
    assert_memory_equal(account.row->username_key, "deleted-", 8);
    assert_int_equal(strlen(account.row->username_key), 24);
    wait_out_challenges();
    assert_erased(&person);
    assert_true(name_kept_of(person.id)->deleted);
    assert_string_equal(name_kept_of(person.id)->username, account.row->username_key);
    assert_true(account_load(&w.auth, person.id, &w.arena, &account, &w.err));
    assert_null(account.row->erasing_since);
    w.now_ms += w.settings.username_kept_ms;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(search("rosalind").in_released + search("miranda").in_released, 0);
}

static void nothing_opens_it(void **state)
{
    (void)state;
    const struct person person = make_person();
    show();
    uint64_t before = revocations();
    assert_non_null(delete_me());
    assert_int_equal(revocations(), before + 1);
    refused(delete_me(), "TOKEN_INVALID");
    refused(list_sessions(), "TOKEN_INVALID");
    refused(export_me(), "TOKEN_INVALID");
    refused(show_password(PASSWORD), "TOKEN_INVALID");
    leave();
    refused(refresh(person.token), "REFRESH_INVALID");
    refused(log_in("rosalind", PASSWORD), "BAD_CREDENTIALS");
    refused(log_in(name_kept_of(person.id)->username, PASSWORD), "BAD_CREDENTIALS");
    refused(prove(&person.wallet, challenge(&person.wallet)), "WALLET_PROOF_INVALID");
    assert_non_null(send_code(phone)); // the pauses are gone too
    assert_string_not_equal(use_code(phone, code_of(phone), "")->user->id, person.id);
    refused(sign_up("rosalind", ""), "USERNAME_TAKEN");
}

static void operators_find_it_no_more(void **state)
{
    (void)state;
    Auth__GetUserRequest one = AUTH__GET_USER_REQUEST__INIT;
    Auth__ListUsersRequest all = AUTH__LIST_USERS_REQUEST__INIT;
    Auth__SetLevelRequest level = AUTH__SET_LEVEL_REQUEST__INIT;
    sign_up("nora", "");
    one.user_id = level.user_id = sign_up("mira", "")->id;
    level.level = AUTH__LEVEL__VALUE__GOD;
    enter("mira");
    show();
    assert_non_null(delete_me());
    refused(ask("auth.SetLevel", &level), "NOT_FOUND");
    assert_int_equal(((Auth__ListUsersReply *)ask("auth.ListUsers", &all))->n_users, 1);
    w.caller.level = LEVEL_DEV;
    refused(ask("auth.GetUser", &one), "NOT_FOUND");
}

static void it_takes_a_proof_and_no_level(void **state)
{
    (void)state;
    const char *mira = sign_up("mira", phone)->id;
    enter("mira");
    send_code(phone);
    assert_non_null(use_code(phone, code_of(phone), ""));
    refused(delete_me(), "PROOF_NEEDED");
    w.now_ms += 60000;
    send_code(phone);
    assert_non_null(show_code(code_of(phone)));
    refused(delete_me(), "PROOF_NEEDED"); // who has stolen the number erases nothing
    for (Auth__Level__Value level = AUTH__LEVEL__VALUE__DEV; level <= AUTH__LEVEL__VALUE__GOD; level++) {
        set_level(mira, level);
        enter("mira");
        show();
        refused(delete_me(), "LEVEL_HELD");
    }
    set_level(mira, AUTH__LEVEL__VALUE__PLAYER);
    assert_non_null(delete_me());
}

static void a_kill_in_between_leaves_nothing_for_good(void **state)
{
    (void)state;
    const struct person person = make_person();
    struct account account;
    assert_true(account_get(&w.auth, person.id, &w.arena, &account, &w.err));
    account_bury(&account, &w.arena, w.now_ms);
    assert_true(otp_erase(&w.auth, phone, &w.arena, &w.err));
    assert_true(account_save(&w.auth, &account, &w.err)); // and killed here
    auth_close(&w.auth);
    open_world();
    const uint64_t before = revocations();
    assert_true(revocations_catch_up(&w.auth, w.now_ms, &w.err));
    assert_true(revocations() > before);
    refused(refresh(person.token), "REFRESH_INVALID");
    wait_out_challenges();
    assert_erased(&person);
}

static void former_names_do_not_stand_in_the_way(void **state)
{
    (void)state;
    char name[16];
    const char *mira = sign_up("mira", "")->id;
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "mira%d", i);
        assert_non_null(rename_to(mira, name));
    }
    enter("mira19");
    show();
    assert_non_null(delete_me());
}

static void nobody_takes_a_name_of_the_dead(void **state)
{
    (void)state;
    refused(sign_up("Deleted-0123456789abcdef", ""), "USERNAME_RESERVED");
    assert_string_equal(w.err.field, "username");
    const char *mira = sign_up("mira", "")->id;
    refused(rename_to(mira, "DELETED-1"), "USERNAME_RESERVED");
}

static void names_are_cleaned_once_a_day(void **state)
{
    (void)state;
    const char *const names[] = {"mira", "nora"};
    for (int i = 0; i < 2; i++) {
        sign_up(names[i], "");
        enter(names[i]);
        show();
        assert_non_null(delete_me());
        assert_true(sweep(&w.auth, w.now_ms, &w.err));
    }
    assert_int_equal(search("mira").found, 0);
    assert_true(search("nora").found > 0);
    w.now_ms += 86400000;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(search("nora").found, 0);
}

static void names_are_cleaned_after_a_clock_was_ahead(void **state)
{
    (void)state;
    const int64_t ahead_ms = 365LL * 86400000;
    w.now_ms += ahead_ms;
    sign_up("mira", "");
    enter("mira");
    show();
    assert_non_null(delete_me());
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    w.now_ms -= ahead_ms;
    sign_up("nora", "");
    enter("nora");
    show();
    assert_non_null(delete_me());
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(search("nora").found, 0);
}

// ---- Export

static void all_that_is_kept_is_exported(void **state)
{
    (void)state;
    const struct person person = make_person();
    refused(export_me(), "PROOF_NEEDED");
    show();
    const Auth__Export *export = export_me();
    assert_string_equal(export->user->username, "rosalind");
    assert_string_equal(export->user->phone, phone);
    assert_string_equal(export->user->wallet, person.wallet.address);
    assert_true(export->has_password && export->phone_verified);
    assert_true(export->n_sessions >= 5);
    assert_int_equal(export->n_former_usernames, 1);
    assert_string_equal(export->former_usernames[0]->username, "miranda");
    assert_int_equal(export->n_failed_tries, 1); // a log-in that succeeded has cleared the account's
    assert_int_equal(export->failed_tries[0]->count, 1);
    assert_int_equal(export->n_api_keys, 1);
    assert_string_equal(export->api_keys[0]->name, "nightly figures");
    assert_int_equal(export->n_blocks, 1);
    assert_string_equal(export->blocks[0]->user->username, "nora");
    assert_int_equal(export->n_reports, 1);
    assert_string_equal(export->reports[0]->text, "what nora said");
    assert_non_null(export->code);
    assert_false(export->code->used);
    refused(export_me(), "PROOF_NEEDED"); // one proof, one export
}

static void no_secret_is_exported(void **state)
{
    (void)state;
    static uint8_t packed[1 << 16];
    const struct person person = make_person();
    show();
    const Auth__Export *export = export_me();
    size_t len = auth__export__pack(export, packed);
    const char *const secrets[] = {person.hash, "argon2", person.token};
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        assert_null(memmem(packed, len, secrets[i], strlen(secrets[i])));
}

static void ended_sessions_are_exported_with_their_end(void **state)
{
    (void)state;
    Auth__LogoutRequest leaving = AUTH__LOGOUT_REQUEST__INIT;
    sign_up("mira", "");
    enter("mira");
    assert_non_null(ask("auth.Logout", &leaving));
    const int64_t ended_ms = w.now_ms;
    w.now_ms += 1000;
    enter("mira");
    show();
    const Auth__Export *export = export_me();
    assert_int_equal(export->n_sessions, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(stamp_ms(export->sessions[i]->ended_at),
                         export->sessions[i]->session->current ? 0 : ended_ms);
}

static void add_ended_session(struct account *account)
{
    Accounts__Session row = ACCOUNTS__SESSION__INIT;
    row.id = arena_str(&w.arena, uuid_new(w.now_ms).text);
    row.user_id = account->row->id;
    row.epoch = account->row->epoch;
    row.rotated_at = row.revoked_at = stamp_new(&w.arena, ++w.now_ms);
    row.expires_at = stamp_new(&w.arena, w.now_ms + w.settings.refresh_ms);
    assert_true(auth_save(&w.auth, AUTH_SESSIONS, &row.base, 0, &w.err));
}

static void many_ended_sessions_hide_none_that_go_on(void **state)
{
    (void)state;
    struct account account;
    sign_up("mira", "");
    enter("mira");
    assert_true(account_by_username(&w.auth, "mira", &w.arena, &account, &w.err));
    for (int i = 0; i < 1001; i++) add_ended_session(&account);
    show();
    const Auth__Export *export = export_me();
    assert_int_equal(export->n_sessions, 1 + 1000);
    assert_true(export->sessions[0]->session->current);
    assert_int_equal(stamp_ms(export->sessions[1]->ended_at), w.now_ms);
}

// ---- Wallets

static void a_wallet_is_unlinked_with_a_proof(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    sign_up("mira", "");
    enter("mira");
    assert_non_null(unlink_wallet()); // none is linked
    show();
    be_in(prove(&wallet, challenge(&wallet)));
    refused(unlink_wallet(), "PROOF_NEEDED");
    show();
    assert_non_null(unlink_wallet());
    leave();
    refused(prove(&wallet, challenge(&wallet)), "WALLET_PROOF_INVALID");
    sign_up("nora", "");
    enter("nora");
    show();
    assert_non_null(prove(&wallet, challenge(&wallet))); // free for others
}

static void the_last_way_in_stays(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    Auth__UpdateMeRequest no_phone = AUTH__UPDATE_ME_REQUEST__INIT;
    send_code(phone);
    be_in(use_code(phone, code_of(phone), ""));
    w.now_ms += 60000;
    send_code(phone);
    assert_non_null(show_code(code_of(phone)));
    be_in(prove(&wallet, challenge(&wallet)));
    assert_non_null(show_signed(&wallet, challenge(&wallet)));
    no_phone.phone__case = AUTH__UPDATE_ME_REQUEST__PHONE__PHONE;
    no_phone.phone = "";
    assert_non_null(ask("auth.UpdateMe", &no_phone));
    assert_non_null(show_signed(&wallet, challenge(&wallet)));
    refused(unlink_wallet(), "LAST_LOGIN");
    be_in(change_password("", "a new password")); // the proof was left
    assert_non_null(show_password("a new password"));
    assert_non_null(unlink_wallet());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_left_but_a_tombstone),
        TEST(nothing_opens_it),
        TEST(operators_find_it_no_more),
        TEST(it_takes_a_proof_and_no_level),
        TEST(a_kill_in_between_leaves_nothing_for_good),
        TEST(former_names_do_not_stand_in_the_way),
        TEST(nobody_takes_a_name_of_the_dead),
        TEST(names_are_cleaned_once_a_day),
        TEST(names_are_cleaned_after_a_clock_was_ahead),
        TEST(all_that_is_kept_is_exported),
        TEST(no_secret_is_exported),
        TEST(ended_sessions_are_exported_with_their_end),
        TEST(many_ended_sessions_hide_none_that_go_on),
        TEST(a_wallet_is_unlinked_with_a_proof),
        TEST(the_last_way_in_stays),
    };
    return RUN(tests);
}
