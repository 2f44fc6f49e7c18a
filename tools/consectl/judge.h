// What follows from what the processes of an installation say of themselves. It asks nobody.
#ifndef CONSECTL_JUDGE_H
#define CONSECTL_JUDGE_H

#include <stdint.h>

#include "auth.pb-c.h"
#include "replica.pb-c.h"
#include "tools/consectl/findings.h"

// Which live, whether they are ready, and of which version they are.
void judge_processes(struct findings *findings, const Auth__ListServicesReply *told);
// What a service's store lists against what auth hears of, and whether somebody does what one process does
// alone.
void judge_replicas(struct findings *findings, const Replica__ListReply *listed,
                    const Auth__ListServicesReply *told);
// What they measure, against the bounds of the alerts; a check for each subject.
void judge_readings(struct findings *findings, const Auth__ListServicesReply *told, int64_t now_ms);
// Settings that are not the same where they should be, and those that are for trying.
void judge_settings(struct findings *findings, const Auth__ListConfigReply *told);

#endif
