// consectl doctor: what the runbooks look at, looked at at once. Nothing of the installation is changed.
#ifndef CONSECTL_DOCTOR_H
#define CONSECTL_DOCTOR_H

#include "auth.pb-c.h"
#include "replica.pb-c.h"
#include "tools/consectl/consectl.h"
#include "tools/consectl/findings.h"

enum { DOCTOR_SERVICES = 4 }; // those of offices

struct doctor {
    struct ctl *ctl;
    struct findings findings;
    // What they answered; NULL: nothing.
    const Replica__ListReply *listed[DOCTOR_SERVICES]; // as offices
    const Auth__ListServicesReply *services;
    const Auth__ListConfigReply *config;
};

// ---- What runs: asks all, keeps the answers, and tells who does not answer.
void doctor_ask(struct doctor *doctor);
// Whether what each service publishes is heard. Some seconds at most.
void doctor_hear(struct doctor *doctor);

// ---- What is here, on this machine: settings in the environment, files of secrets, embedded stores.
void doctor_settings(struct doctor *doctor);
void doctor_secrets(struct doctor *doctor);
void doctor_stores(struct doctor *doctor);
// The folder of the nightly copies and of what the drill told of them; NULL: where units have it, if it is
// there.
void doctor_backups(struct doctor *doctor, const char *folder);

#endif
