#include "lib/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/reason.h"

void err_set(struct err *err, Conse__Reason__Value reason, const char *field, const char *format, ...)
{
    err->reason = reason;
    err->retry_after_s = 0;
    snprintf(err->field, sizeof err->field, "%s", field ? field : "");
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
}

void err_prefix(struct err *err, const char *noun)
{
    char message[sizeof err->message];
    snprintf(message, sizeof message, "%s", err->message);
    int n = snprintf(err->message, sizeof err->message, "%s: ", noun);
    if (n >= 0 && (size_t)n < sizeof err->message)
        snprintf(err->message + n, sizeof err->message - (size_t)n, "%s", message);
}

void err_set_errno(struct err *err, int errnum, const char *what)
{
    char text[128];
    bool full = errnum == ENOSPC || errnum == EDQUOT;
    Conse__Reason__Value reason =
        full ? CONSE__REASON__VALUE__STORE_FULL : CONSE__REASON__VALUE__INTERNAL_ERROR;
    err_set(err, reason, NULL, "%s: %s", what, strerror_r(errnum, text, sizeof text));
}

void err_retry_after(struct err *err, int64_t left_ms)
{
    err->retry_after_s = (uint32_t)((left_ms + 999) / 1000);
}

Conse__Code err_code(const struct err *err) { return reason_find(err->reason)->code; }

const char *err_name(const struct err *err) { return reason_find(err->reason)->name; }

bool err_internal(const struct err *err)
{
    Conse__Code code = err_code(err);
    return code == CONSE__CODE__INTERNAL || code == CONSE__CODE__DATA_LOSS || code == CONSE__CODE__UNKNOWN;
}
