// Which programs conse-up runs, and what each is told beyond conse-up's own environment.
#ifndef CONSE_UP_PLAN_H
#define CONSE_UP_PLAN_H

#include "lib/base/err.h"
#include "tools/conse-up/child.h"

enum {
    PLAN_REPLICAS_MOST = 16,
    PLAN_GATEWAYS = 2,                                          // with several of the others
    PLAN_CHILDREN = PLAN_GATEWAYS + 4 * PLAN_REPLICAS_MOST + 1, // and the cluster
};

struct plan {
    struct child children[PLAN_CHILDREN]; // gateways first: they stop first, so that their calls are answered
    int count;
};

// One gateway, auth, events, chain and ai, as the environment has them; ports 0 in it are settled.
MUST_CHECK bool plan_one(struct plan *plan, struct err *err);
// Two gateways, and this many of auth, events, chain and ai at one store, each with addresses of its own that
// all others are told. Refuses a store that one process has alone, and addresses in the environment. The
// first of each is at the addresses of plan_one, where consectl looks.
MUST_CHECK bool plan_replicas(struct plan *plan, int replicas, struct err *err);
// Adds the local cluster, the last to stop. folder: of the programs.
MUST_CHECK bool plan_cluster(struct plan *plan, const char *folder, struct err *err);
void plan_finish(struct plan *plan);

#endif
