// errors: prints docs/errors.md from proto/errors.proto and the gateway's table of statuses.
#include <stdio.h>

#include "lib/base/reason.h"
#include "services/gateway/api/problem.h"

int main(void)
{
    size_t count;
    const struct reason *reasons = reason_all(&count);
    printf("# Errors\n\n"
           "An error is an `application/problem+json` document (RFC 9457): `type`, `title`, `status`, "
           "`detail`, `instance`,\n"
           "`code`, `trace_id` and, where fields of the request are at fault, `errors` with their paths. "
           "`code` is one of those below\n"
           "and never changes its meaning. 429, 503, `PAYMENT_IN_FLIGHT`, `BEACON_PENDING` and "
           "`WHITELIST_NOT_OPEN` come with `Retry-After` (seconds). `make docs` writes "
           "this page from\n"
           "`proto/errors.proto`.\n\n"
           "| code | status | meaning |\n|---|---|---|\n");
    for (size_t i = 1; i < count; i++)
        if (reasons[i].name)
            printf("| `%s` | %d | %s |\n", reasons[i].name, problem_status((Conse__Reason__Value)i),
                   reasons[i].doc);
    return fflush(stdout) == 0 ? 0 : 1;
}
