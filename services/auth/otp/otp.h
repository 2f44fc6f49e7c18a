// One-time codes: digits to a phone, stored hashed, good once, for a while and for a few tries.
#ifndef AUTH_OTP_OTP_H
#define AUTH_OTP_OTP_H

#include "services/auth/otp/otp_pace.h"

enum otp_driver { OTP_LOG, OTP_WEBHOOK, OTP_KAVENEGAR }; // in the order of CONSE_OTP_DRIVER's words

// Makes, stores and delivers a code. OTP_TOO_SOON; SERVICE_BUSY; DELIVERY_FAILED, after which another code
// may be asked for at once. Blocks on the delivery.
MUST_CHECK bool otp_send(struct auth *auth, const char *phone, const struct otp_sender *sender,
                         struct arena *arena, int64_t now_ms, struct err *err);

struct otp_try {
    const char *phone, *code;
    struct otp_sender sender; // of the try; senders other than that of the code have tries of their own
};

// OTP_INVALID when the code is wrong, old, used or was tried too often. A wrong one counts as a try.
MUST_CHECK bool otp_check(struct auth *auth, const struct otp_try *attempt, struct arena *arena,
                          int64_t now_ms, struct err *err);
// The same, and uses the code up: the pauses before the next codes start over.
MUST_CHECK bool otp_use(struct auth *auth, const struct otp_try *attempt, struct arena *arena, int64_t now_ms,
                        struct err *err);
// Removes the code of a phone, and the pauses between its codes.
MUST_CHECK bool otp_erase(struct auth *auth, const char *phone, struct arena *arena, struct err *err);
bring_back otp_bring_back;

#endif
