// Brings a one-time code to a phone: prints it (for development), posts it to a webhook or hands it to
// Kavenegar. Blocks.
#ifndef AUTH_OTP_DELIVERY_H
#define AUTH_OTP_DELIVERY_H

#include "services/auth/auth.h"

// DELIVERY_FAILED when no receiver has accepted the code in time; SERVICE_BUSY at once when too many are
// under way.
MUST_CHECK bool delivery_send(struct auth *auth, const char *phone, const char *code, struct err *err);

#endif
