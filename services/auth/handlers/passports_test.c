// Every method of auth, asked by every program for everybody.
#include "lib/rpc/testing/passports.h"
#include "services/auth/testing/world.h"

static const char *id_of_a_user(void *arg, const char *method, const char *field)
{
    (void)method, (void)field;
    return arg;
}

static char user_id[37];

static void open_passports(struct passports *passports)
{
    snprintf(user_id, sizeof user_id, "%s", sign_up("mira", "")->id);
    *passports = (struct passports){.id = id_of_a_user,
                                    .arg = user_id,
                                    .user_id = user_id,
                                    .options = {.name = "auth",
                                                .methods = auth_methods,
                                                .service = &w.auth,
                                                .store = w.auth.store,
                                                .address = "inproc://auth-passports"}};
    passports_open(passports);
}

static void every_method_is_let_in_as_its_passport_says(void **state)
{
    (void)state;
    struct passports passports;
    open_passports(&passports);
    passports_try_forms(&passports);
    passports_close(&passports);
}

static void each_frame_is_judged_by_itself_and_where_it_is_heard(void **state)
{
    (void)state;
    struct passports passports;
    open_passports(&passports);
    passports_try_lanes(&passports);
    passports_close(&passports);
}

static void a_stream_is_read_by_its_programs(void **state)
{
    (void)state;
    struct passports passports;
    open_passports(&passports);
    passports_try_streams(&passports);
    passports_close(&passports);
}

// A method on somebody's object needs strangers here, as events has them.
static void nothing_of_auth_is_somebodys(void **state)
{
    (void)state;
    size_t count;
    const struct schema_method *methods = schema_methods(&count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(methods[i].name, "auth.", 5) == 0 && methods[i].owners->kind)
            fail_msg("%s is not tried by strangers", methods[i].name);
}

// A key whose token could do more would be a whole account.
static void the_token_of_a_key_does_next_to_nothing_here(void **state)
{
    (void)state;
    size_t count;
    const struct schema_method *methods = schema_methods(&count);
    for (size_t i = 0; i < count; i++) {
        const char *name = methods[i].name;
        bool allowed = strcmp(name, "auth.GetMe") == 0 || strcmp(name, "auth.Logout") == 0 ||
                       methods[i].level == CONSE__METHOD__LEVEL__PUBLIC;
        if (strncmp(name, "auth.", 5) == 0 && methods[i].login_only == allowed)
            fail_msg("%s is %s API keys", name, allowed ? "closed to" : "open to");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_method_is_let_in_as_its_passport_says),
        TEST(each_frame_is_judged_by_itself_and_where_it_is_heard),
        TEST(a_stream_is_read_by_its_programs),
        cmocka_unit_test(nothing_of_auth_is_somebodys),
        cmocka_unit_test(the_token_of_a_key_does_next_to_nothing_here),
    };
    return cmocka_run_group_tests_name("passports", tests, NULL, NULL);
}
