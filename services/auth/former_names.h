// Usernames that were given up. Each waits for its former owner, so that nobody is mistaken for an earlier
// bearer of the name: links, logs and people's memories still have it.
#ifndef AUTH_FORMER_NAMES_H
#define AUTH_FORMER_NAMES_H

#include "services/auth/auth.h"

enum { FORMER_NAMES_MOST = 20 }; // names that wait for one owner

// USERNAME_TAKEN when the name, in lower case, waits for another user.
MUST_CHECK bool former_names_check(struct auth *auth, const char *key, const char *user_id, int64_t now_ms,
                                   struct err *err);

struct username_change {
    const char *user_id, *given_up, *taken; // names in lower case
    bool last;                              // the account is deleted: there is no limit
    int64_t now_ms;
};

// Queues that the name given up waits from now on; the change of the account must rest on the ticket. The
// caller holds usernames_lock for writing until that is durable, and has checked the name taken before.
// TOO_MANY_CHANGES, unless the user goes back to a name that waits for them.
MUST_CHECK bool former_names_release(struct auth *auth, const struct username_change *change,
                                     uint64_t *ticket, struct err *err);
bring_back former_names_bring_back;

#endif
