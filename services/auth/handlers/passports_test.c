// Every method of auth, asked by every program for everybody.
#include "lib/rpc/testing/passports.h"
#include "services/auth/testing/world.h"

static const char *id_of_a_user(void *arg, const char *method, const char *field)
{
    (void)method, (void)field;
    return arg;
}

static void every_method_is_let_in_as_its_passport_says(void **state)
{
    (void)state;
    char user_id[37];
    snprintf(user_id, sizeof user_id, "%s", sign_up("mira", "")->id);
    struct passports passports = {.id = id_of_a_user,
                                  .arg = user_id,
                                  .user_id = user_id,
                                  .options = {.name = "auth",
                                              .methods = auth_methods,
                                              .service = &w.auth,
                                              .store = w.auth.store,
                                              .address = "inproc://auth-passports"}};
    passports_open(&passports);
    passports_try_forms(&passports);
    passports_close(&passports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_method_is_let_in_as_its_passport_says),
    };
    return cmocka_run_group_tests_name("passports", tests, NULL, NULL);
}
