// Wallets: linking one and logging in by it.
#include "services/auth/testing/world.h"

static void a_wallet_is_linked_and_logs_in(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet();
    refused(prove(&wallet, challenge(&wallet)), "WALLET_PROOF_INVALID"); // nobody's yet
    Auth__User *mira = sign_up("mira", "");
    enter("mira");
    show();
    assert_string_equal(prove(&wallet, challenge(&wallet))->user->wallet, wallet.address);
    leave();
    assert_string_equal(prove(&wallet, challenge(&wallet))->user->id, mira->id);
    sign_up("nora", "");
    enter("nora");
    show();
    refused(prove(&wallet, challenge(&wallet)), "WALLET_TAKEN");
}

static void a_challenge_is_good_once_and_for_a_while(void **state)
{
    (void)state;
    struct wallet wallet = make_wallet(), thief = make_wallet();
    sign_up("mira", "");
    enter("mira");
    const char *message = challenge(&wallet);
    show();
    assert_non_null(prove(&wallet, message));
    refused(prove(&wallet, message), "WALLET_PROOF_INVALID");
    message = challenge(&wallet);
    w.now_ms += w.settings.siws_ms;
    refused(prove(&wallet, message), "WALLET_PROOF_INVALID");
    refused(prove(&thief, challenge(&wallet)), "WALLET_PROOF_INVALID"); // names the victim, signed by another
    refused(prove(&wallet, "a message of its own"), "WALLET_PROOF_INVALID");
}

static void a_domain_that_does_not_fit_a_line_stops_the_start(void **state)
{
    (void)state;
    static const char *const domains[] = {"", "a\nURI: https://evil.example", "a\r", "a\tb"};
    struct auth other;
    struct auth_settings settings = w.settings;
    const struct auth_options options = {.settings = &settings, .data_dir = w.folder, .store_url = w.url};
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        settings.domain = domains[i];
        assert_false(auth_open(&other, &options, &w.err));
        assert_string_equal(err_name(&w.err), "INVALID_FIELD");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_wallet_is_linked_and_logs_in),
        TEST(a_challenge_is_good_once_and_for_a_while),
        TEST(a_domain_that_does_not_fit_a_line_stops_the_start),
    };
    return RUN(tests);
}
