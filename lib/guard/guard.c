#include "lib/guard/guard.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "lib/guard/parts.h"

// Keys are in memory soon. A debugger of the same user is kept off too.
static bool leave_no_core(struct err *err)
{
    const struct rlimit none = {0};
    setrlimit(RLIMIT_CORE, &none); // for what reads the limit; the next alone is enough
    return prctl(PR_SET_DUMPABLE, 0) == 0 || err_fail(err, INTERNAL_ERROR, "core dumps cannot be turned off");
}

bool guard_start(enum guard_mode mode, const struct guard_options *options, bool *fenced, struct err *err)
{
    *fenced = false;
    if (!leave_no_core(err)) return false;
    if (mode == GUARD_OFF) return true;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_fail(err, INTERNAL_ERROR, "no_new_privs is refused");
    if (mode == GUARD_ON && !guard_fence(options, fenced, err)) return false;
    return guard_calls(options->service, mode == GUARD_LOG, err);
}
