// One-time codes by Kavenegar (kavenegar.com): the request of its verify/lookup method, and the meaning of
// the reply. Pure.
#ifndef AUTH_OTP_KAVENEGAR_H
#define AUTH_OTP_KAVENEGAR_H

#include "services/auth/auth.h"

enum { KAVENEGAR_URL_MAX = 512, KAVENEGAR_FORM_MAX = 160 };

// False when URL, key or template can't be used; the error names which, and shows no key.
MUST_CHECK bool kavenegar_check(const struct auth_settings *settings, struct err *err);

// For settings that were checked. The URL holds the key and the form the code: neither is logged.
void kavenegar_url(const struct auth_settings *settings, char url[KAVENEGAR_URL_MAX]);
void kavenegar_form(const struct auth_settings *settings, const char *phone, const char *code,
                    char form[KAVENEGAR_FORM_MAX]);

// The reply as an HTTP status: 200 when the message is on its way, 503 when it may be asked for again; 0 when
// the reply can't be read.
long kavenegar_status(long http_status, const char *body, size_t len);

#endif
