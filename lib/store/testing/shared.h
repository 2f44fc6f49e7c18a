// A shared store in memory, for tests: "shared:NAME". Each struct store of that name in the test's process
// stands for a process of its own; what they meet on their way to the server is decided here. The content
// lives on when the last one is closed, until shared_drop.
#ifndef LIB_STORE_TESTING_SHARED_H
#define LIB_STORE_TESTING_SHARED_H

#include "lib/store/store.h"

// Makes the URL known to store_open. It may be called again.
void shared_store_register(void);
// Forgets the content; no store has it open.
void shared_store_drop(const char *url);

// Writes wait at a barrier, each before it is sent. Closing the store opens it.
void shared_store_hold(struct store *store);
// Blocks until a write waits there.
void shared_store_await_held(struct store *store);
void shared_store_release(struct store *store);

// How a write fares on its way. While its outcome is unknown the store sends it again, each time the wire is
// set anew.
enum shared_wire {
    SHARED_SOUND,
    SHARED_LOSES_REQUESTS, // the server has not carried it out
    SHARED_LOSES_REPLIES,  // it has
};
void shared_store_set_wire(struct store *store, enum shared_wire wire);
// Blocks until a write's outcome is unknown, since the wire was last set or the server last left or came
// back.
void shared_store_await_lost(struct store *store);

// The process does not reach the server. What is on its way then stays unknown.
void shared_store_set_away(struct store *store, bool away);
// Another generation takes the content's place, as by a restore.
void shared_store_replace(struct store *store);
// The process's primary is deposed without knowing it: reads show what there is now, whatever others write,
// until a barrier fails and the process finds the new primary. Its writes find that one by themselves.
void shared_store_depose(struct store *store);
// Probes and barriers get no answer, all else does.
void shared_store_fail_probes(struct store *store, bool fail);

// Linearizable reads get their answer when they are let go. Closing the store lets them go.
void shared_store_hold_barriers(struct store *store, bool hold);
// Blocks until one waits.
void shared_store_await_barrier(struct store *store);

// Rows of this table are refused with CONFLICT; NULL: of none. The name is borrowed.
void shared_store_refuse(struct store *store, const char *table);

// How often writes were sent, the newest entry was asked for, barriers were raised, and anything was read,
// probes and barriers too.
unsigned shared_store_sends(struct store *store);
unsigned shared_store_probes(struct store *store);
unsigned shared_store_barriers(struct store *store);
unsigned shared_store_reads(struct store *store);

#endif
