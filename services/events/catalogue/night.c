#include "services/events/catalogue/night.h"

static bool night_wakes(const Events__Role *role)
{
    return role->wakes != EVENTS__ROLE__WAKES__WAKES_UNSPECIFIED && role->wakes != EVENTS__ROLE__WAKES__NEVER;
}

static bool check_sleeps(const Events__Role *role, struct err *err)
{
    const char *field = role->night_order    ? "night_order"
                        : role->prompt[0]    ? "prompt"
                        : role->prompt_fa[0] ? "prompt_fa"
                        : role->meets        ? "meets"
                                             : NULL;
    return !field ||
           err_field(err, INVALID_FIELD, field, "%s is for a role that wakes: wakes has to say when", field);
}

bool night_check(const Events__Role *role, struct err *err)
{
    bool has_n = role->wakes == EVENTS__ROLE__WAKES__EVERY_N;
    if (has_n && role->n < 2) return err_field(err, INVALID_FIELD, "n", "n must be at least 2 with EVERY_N");
    if (!has_n && role->n) return err_field(err, INVALID_FIELD, "n", "n is for EVERY_N alone");
    if (!night_wakes(role)) return check_sleeps(role, err);
    return role->night_order ||
           err_field(err, INVALID_FIELD, "night_order", "night_order is required for a role that wakes");
}
