#include "services/auth/otp/kavenegar.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BASE = 256, MOST_KEY = 160, MOST_TEMPLATE = 64, LATER = 409 };

// 1 to `most` letters, digits and some more characters that stand for themselves in a URL.
static bool is_plain(const char *text, size_t most)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return len >= 1 && len <= most && !text[len];
}

static bool is_base_url(const char *url)
{
    bool http = strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0;
    return http && strlen(url) <= MOST_BASE && !strpbrk(url, "?# \t\r\n");
}

bool kavenegar_check(const struct auth_settings *settings, struct err *err)
{
    if (!is_base_url(settings->otp_kavenegar_url))
        return err_field(err, INVALID_FIELD, "CONSE_OTP_KAVENEGAR_URL",
                         "CONSE_OTP_KAVENEGAR_URL must be an http or https URL without a query");
    if (!is_plain(settings->otp_kavenegar_key, MOST_KEY))
        return err_field(err, INVALID_FIELD, "CONSE_OTP_KAVENEGAR_KEY",
                         "CONSE_OTP_KAVENEGAR_KEY must be set, of letters and digits");
    if (!is_plain(settings->otp_kavenegar_template, MOST_TEMPLATE))
        return err_field(err, INVALID_FIELD, "CONSE_OTP_KAVENEGAR_TEMPLATE",
                         "CONSE_OTP_KAVENEGAR_TEMPLATE must be set, of letters, digits, dots and dashes");
    return true;
}

void kavenegar_url(const struct auth_settings *settings, char url[KAVENEGAR_URL_MAX])
{
    size_t len = strlen(settings->otp_kavenegar_url);
    while (settings->otp_kavenegar_url[len - 1] == '/') len--;
    snprintf(url, KAVENEGAR_URL_MAX, "%.*s/v1/%s/verify/lookup.json", (int)len, settings->otp_kavenegar_url,
             settings->otp_kavenegar_key);
}

// An Iranian number is written in national form, another one as it is dialled from Iran.
void kavenegar_form(const struct auth_settings *settings, const char *phone, const char *code,
                    char form[KAVENEGAR_FORM_MAX])
{
    bool at_home = strncmp(phone, "+98", 3) == 0;
    snprintf(form, KAVENEGAR_FORM_MAX, "receptor=%s%s&token=%s&template=%s", at_home ? "0" : "00",
             phone + (at_home ? 3 : 1), code, settings->otp_kavenegar_template);
}

// The body has the result, also under an HTTP status of 200.
static long status_in(const char *body, size_t len)
{
    json_t *reply = json_loadb(body, len, 0, NULL);
    long status = (long)json_integer_value(json_object_get(json_object_get(reply, "return"), "status"));
    json_decref(reply);
    return status > 0 ? status : 0;
}

long kavenegar_status(long http_status, const char *body, size_t len)
{
    long status = http_status == 200 ? status_in(body, len) : http_status;
    return status == LATER ? 503 : status;
}
