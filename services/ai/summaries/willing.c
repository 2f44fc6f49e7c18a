#include "services/ai/summaries/willing.h"

#include "lib/names/names.h"

bool willing_account(void *arg, const char *user_id, bool *may, struct err *err)
{
    struct names *names = arg;
    struct name_told told;
    *may = names_get(names, user_id, &told) && !(told.opted_out & NAMES_NO_LLM);
    return names_are_fresh(names) ||
           err_fail(err, SERVICE_AWAY, "news from auth is late, so nobody knows what people want");
}

Ai__Summary__Because willing_why_not(const struct err *err)
{
    return err_is(err, CALL_TOO_LARGE) ? AI__SUMMARY__BECAUSE__TOO_LONG
                                       : AI__SUMMARY__BECAUSE__WISHES_UNKNOWN;
}
