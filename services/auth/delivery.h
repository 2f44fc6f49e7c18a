// Brings a one-time code to a phone: prints it (for development) or posts it to a webhook. Blocks.
#ifndef AUTH_DELIVERY_H
#define AUTH_DELIVERY_H

#include "services/auth/auth.h"

// DELIVERY_FAILED when the webhook does not answer 2xx in time; SERVICE_BUSY at once when it is slow and
// busy.
MUST_CHECK bool delivery_send(struct auth *auth, const char *phone, const char *code, struct err *err);

#endif
