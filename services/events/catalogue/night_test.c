// What is said of a role's nights fits together, or the field that does not is named.
#include "tests/test.h"

#include "services/events/catalogue/night.h"

static Events__Role night_role(Events__Role__Wakes wakes, int32_t night_order, int32_t n)
{
    Events__Role role = EVENTS__ROLE__INIT;
    role.wakes = wakes;
    role.night_order = night_order;
    role.n = n;
    return role;
}

static void assert_fits(const Events__Role *role)
{
    struct err err = {0};
    if (!night_check(role, &err)) fail_msg("%s", err.message);
}

static void assert_names(const char *field, const Events__Role *role)
{
    struct err err = {0};
    assert_false(night_check(role, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__INVALID_FIELD);
    assert_string_equal(err.field, field);
}

static void a_role_that_wakes_has_its_place(void **state)
{
    (void)state;
    const ProtobufCEnumDescriptor *words = &events__role__wakes__descriptor;
    for (unsigned i = 0; i < words->n_values; i++) {
        Events__Role__Wakes wakes = (Events__Role__Wakes)words->values[i].value;
        bool sleeps = wakes == EVENTS__ROLE__WAKES__WAKES_UNSPECIFIED || wakes == EVENTS__ROLE__WAKES__NEVER;
        int32_t n = wakes == EVENTS__ROLE__WAKES__EVERY_N ? 3 : 0;
        const Events__Role placed = night_role(wakes, 7, n), nowhere = night_role(wakes, 0, n);
        assert_fits(sleeps ? &nowhere : &placed);
        assert_names("night_order", sleeps ? &placed : &nowhere);
    }
}

static void n_belongs_to_every_n(void **state)
{
    (void)state;
    const Events__Role without = night_role(EVENTS__ROLE__WAKES__EVERY_N, 7, 0),
                       too_little = night_role(EVENTS__ROLE__WAKES__EVERY_N, 7, 1),
                       least = night_role(EVENTS__ROLE__WAKES__EVERY_N, 7, 2),
                       too_much = night_role(EVENTS__ROLE__WAKES__EVERY, 7, 2),
                       asleep = night_role(EVENTS__ROLE__WAKES__NEVER, 0, 2);
    assert_fits(&least);
    assert_names("n", &without);
    assert_names("n", &too_little);
    assert_names("n", &too_much);
    assert_names("n", &asleep);
}

static void a_role_that_sleeps_is_told_nothing(void **state)
{
    (void)state;
    Events__Role role = night_role(EVENTS__ROLE__WAKES__NEVER, 0, 0);
    role.effect_fa = "رأی‌گیری";
    assert_fits(&role);
    role.meets = true;
    assert_names("meets", &role);
    role.prompt_fa = "بیدار شود";
    assert_names("prompt_fa", &role);
    role.prompt = "Wake up";
    assert_names("prompt", &role);
    role.wakes = EVENTS__ROLE__WAKES__ONCE;
    role.night_order = 1000;
    assert_fits(&role);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_that_wakes_has_its_place),
        cmocka_unit_test(n_belongs_to_every_n),
        cmocka_unit_test(a_role_that_sleeps_is_told_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
