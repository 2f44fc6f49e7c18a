// How often codes are sent to a phone. Each code that is not used doubles the pause before the next: first
// for the network that asked for it, then, when codes are still asked for from other networks, for the phone.
// So strangers cannot keep the owner waiting for long: a device that the owner's account knows has a count of
// its own, and never waits for more than a quarter of an hour.
#ifndef AUTH_OTP_OTP_PACE_H
#define AUTH_OTP_OTP_PACE_H

#include "lib/net/network.h"
#include "services/auth/auth.h"

struct otp_sender {
    char name[NETWORK_TEXT]; // its network, or "known"
    bool known;
};

// A device that is known to the account with this phone, or the network of an address.
struct otp_sender otp_sender_of(bool known, const char *address);

// OTP_TOO_SOON while no code may be sent.
MUST_CHECK bool otp_pace_check(struct auth *auth, const char *phone, const struct otp_sender *sender,
                               struct arena *arena, int64_t now_ms, struct err *err);
// A code was sent.
MUST_CHECK bool otp_pace_note(struct auth *auth, const char *phone, const struct otp_sender *sender,
                              struct arena *arena, int64_t now_ms, struct err *err);
// The code that `sender` had asked for was used.
MUST_CHECK bool otp_pace_clear(struct auth *auth, const char *phone, const char *sender, struct arena *arena,
                               struct err *err);
// Removes all that is known of the phone.
MUST_CHECK bool otp_pace_erase(struct auth *auth, const char *phone, struct arena *arena, struct err *err);

#endif
