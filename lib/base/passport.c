#include "lib/base/passport.h"

bool passport_check_asker(const struct schema_method *method, Conse__Asker__Value asker, struct err *err)
{
    unsigned bit = (unsigned)asker;
    return (bit < 32 && method->callers >> bit & 1) ||
           err_fail(err, CALLER_REFUSED, "%s is not for the program that asks", method->name);
}

bool passport_check_level(const struct schema_method *method, uint32_t level, struct err *err)
{
    if (method->level <= CONSE__METHOD__LEVEL__OPTIONAL) return true;
    if (!level) return err_fail(err, TOKEN_INVALID, "log in first");
    if (method->level == CONSE__METHOD__LEVEL__USER) return true;
    bool dev = method->level == CONSE__METHOD__LEVEL__DEV;
    return level <= (dev ? LEVEL_DEV : LEVEL_GOD) ||
           err_fail(err, LEVEL_TOO_LOW, "this needs level %s", dev ? "dev" : "god");
}
