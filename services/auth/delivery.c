#include "services/auth/delivery.h"

#include <jansson.h>
#include <stdlib.h>

#include "lib/http.h"
#include "lib/log.h"
#include "services/auth/otp.h"

enum { TIMEOUT_MS = 10000, MAX_REPLY = 4096 };

// The one place where a secret reaches a log: this driver is for development, and the service warns at start
// that it is on.
static bool print_code(const char *phone, const char *code)
{
    log_info("one-time code", F_STR("phone", phone), F_STR("code", code));
    return true;
}

static bool post_code(const struct auth_settings *settings, const char *phone, const char *code,
                      struct err *err)
{
    json_t *body = json_pack("{s:s, s:s, s:s}", "phone", phone, "code", code, "purpose", "login");
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    if (!text) return err_fail(err, INTERNAL_ERROR, "out of memory");
    const struct http_request request = {
        .method = "POST",
        .url = settings->otp_webhook_url,
        .body = text,
        .content_type = "application/json",
        .bearer = settings->otp_webhook_token,
        .timeout_ms = TIMEOUT_MS,
        .max_reply_bytes = MAX_REPLY,
    };
    struct http_reply reply;
    bool sent = http_do(&request, &reply, err);
    bool accepted = sent && reply.status >= 200 && reply.status < 300;
    if (!accepted)
        log_warn("one-time code not delivered", F_INT("status", sent ? reply.status : 0),
                 F_STR("error", sent ? "" : err->message));
    if (sent) http_reply_finish(&reply);
    free(text);
    return accepted || err_fail(err, DELIVERY_FAILED, "the code could not be delivered");
}

bool delivery_send(struct auth *auth, const char *phone, const char *code, struct err *err)
{
    if (auth->settings.otp_driver == OTP_LOG) return print_code(phone, code);
    return post_code(&auth->settings, phone, code, err);
}
