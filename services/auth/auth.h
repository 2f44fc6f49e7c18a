// The auth service's state, shared by its handlers: settings, keys, the store and what its topics need.
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <pthread.h>
#include <stdatomic.h>

#include "accounts.pb-c.h"
#include "auth.pb-c.h"
#include "lib/audit/audit.h"
#include "lib/bus/bus.h"
#include "lib/service/config.h"
#include "lib/keys/keyring.h"
#include "lib/store/store.h"
#include "services/auth/password.h"
#include "services/auth/tokens/token.h"

struct auth_settings {
    int64_t access_ms, refresh_ms, refresh_grace_ms;
    int64_t device_ms;
    int64_t otp_ms, otp_pause_ms, otp_pause_max_ms, otp_tries;
    int64_t token_key_ms; // how long one signing key is used
    int64_t hash_memory_bytes, hash_ops, hashers, hash_queue;
    int64_t lockout_after, lockout_address_after, lockout_base_ms, lockout_max_ms;
    int otp_driver; // enum otp_driver
    const char *otp_webhook_url, *otp_webhook_token;
    const char *otp_kavenegar_url, *otp_kavenegar_key, *otp_kavenegar_template;
    int64_t otp_webhook_ms, otp_webhook_calls; // for both drivers
    const char *domain, *public_url;
    int64_t siws_ms;
    int64_t proof_ms;               // within which a proof must be used
    int64_t username_kept_ms;       // how long a username that was given up waits for its former owner
    const char *usernames_reserved; // by commas
};

#define AUTH_SWEEP "sweep" // the sweeper's lease

struct bus_keys;
struct identity;
struct replica;
struct sweeper;

struct auth {
    struct auth_settings settings;
    struct store *store;
    struct replica *replica;         // NULL in tools and tests
    struct bus_publisher *publisher; // NULL in tools
    struct audit *audit;
    struct password_gate *hashing;
    struct token_keys *tokens;
    struct identity *identity;
    struct sweeper *sweeper;
    atomic_bool revocations_owed;       // one could not be stored; the sweeper publishes it later
    atomic_bool names_owed;             // as revocations_owed
    int64_t names_cleaned_ms;           // when auth.names was compacted for deleted accounts; the sweeper's
    uint64_t names_look_at;             // head of auth.names from which the stream may be too long
    atomic_int deliveries;              // under way to the webhook
    atomic_int asking;                  // chain, for what accounts have
    const char *chain;                  // where it is asked; NULL in tools and tests
    struct bus_keys *bus_keys;          // of the process
    struct keyring *keys;               // refresh, device, otp, identity; of tokens through `tokens`
    char dummy_hash[PASSWORD_HASH_LEN]; // verified for unknown users, so that they take as long as others
};

struct auth_options {
    const struct auth_settings *settings;
    const char *data_dir; // its folder keys/ is created when absent
    const char *store_url;
    const char *self;        // where others call this process; NULL in tools
    struct metrics *metrics; // or NULL
    const char *master_keys; // CONSE_MASTER_KEY_FILE; NULL: none, keys are files
};

extern const struct config_var auth_vars[]; // fill a struct auth_settings

// The keys' names in the ring.
#define AUTH_KEY_REFRESH "refresh"
#define AUTH_KEY_DEVICE "device"
#define AUTH_KEY_OTP "otp"
#define AUTH_KEY_IDENTITY "identity"

// Opens keys and store. Without a publisher revocations are stored, and published when the service starts.
MUST_CHECK bool auth_open(struct auth *auth, const struct auth_options *options, struct err *err);
void auth_close(struct auth *auth);

enum auth_table {
    AUTH_ACCOUNTS,
    AUTH_SESSIONS,
    AUTH_OTPS,
    AUTH_LOCKOUTS,
    AUTH_CHALLENGES,
    AUTH_RELEASED,
    AUTH_API_KEYS,
    AUTH_REPORTS,
    AUTH_BLOCKS,
    AUTH_LEASES,
    AUTH_BEATS,
    AUTH_KEYS,
    AUTH_AUDITED,
    AUTH_TABLES
};
extern const struct store_table auth_tables[]; // by enum auth_table, ended by a NULL name

// Tells the followers of a stream that it has more, perhaps.
void auth_announce(struct auth *auth, const char *stream);

// Writes a row and waits until it is durable. CONFLICT when another write was quicker.
MUST_CHECK bool auth_save(struct auth *auth, enum auth_table table, const ProtobufCMessage *row,
                          uint64_t version, struct err *err);
MUST_CHECK bool auth_remove(struct auth *auth, enum auth_table table, const char *id, uint64_t version,
                            struct err *err);
// Removes all rows that an index has of a user, some at a time. A row that another writes meanwhile goes as
// well.
MUST_CHECK bool auth_remove_of(struct auth *auth, enum auth_table table, const char *index,
                               const char *user_id, struct err *err);

// Adds a row to a table that has room for so many of a user. `within` fails when there are too many, of which
// the new one may be one already: it is asked before and after, because others may add at the same time, in
// any process. When there turn out to be too many, the row goes again. CONFLICT when the row exists.
struct auth_room {
    bool (*within)(struct auth *auth, const ProtobufCMessage *row, bool added, struct arena *arena,
                   struct err *err);
    enum auth_table table;
};
MUST_CHECK bool auth_add_within(struct auth *auth, const struct auth_room *room, const ProtobufCMessage *row,
                                struct arena *arena, struct err *err);

// Corrects times in a row that a clock ahead of this one has stored, to the latest that their rule gives from
// now. True when one was later.
typedef bool bring_back(const struct auth *auth, ProtobufCMessage *row, int64_t now_ms, struct arena *arena);
// The same for one time.
bool auth_bring_back(Google__Protobuf__Timestamp **stamp, int64_t latest_ms, struct arena *arena);

#endif
