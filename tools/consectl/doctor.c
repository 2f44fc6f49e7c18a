#include "tools/consectl/doctor.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "tools/consectl/judge.h"

static void doctor_judge(struct doctor *doctor)
{
    struct findings *findings = &doctor->findings;
    findings_begin(findings, "replicas");
    for (size_t i = 0; i < DOCTOR_SERVICES; i++)
        if (doctor->listed[i]) judge_replicas(findings, doctor->listed[i], doctor->services);
    findings_end(findings, "all that share a store are heard of, and one of each does what one does for all");
    if (doctor->services) {
        judge_processes(findings, doctor->services);
        judge_readings(findings, doctor->services, clock_unix_ms());
    }
    if (doctor->config) judge_settings(findings, doctor->config);
}

static int doctor_run(struct ctl *ctl, int argc, char **argv)
{
    struct doctor *doctor = calloc(1, sizeof *doctor);
    if (!doctor) return STATUS_FAILED;
    doctor->ctl = ctl;
    doctor->findings.arena = &ctl->arena;
    doctor_settings(doctor);
    doctor_ask(doctor);
    doctor_hear(doctor);
    doctor_judge(doctor);
    doctor_secrets(doctor);
    doctor_stores(doctor);
    doctor_backups(doctor, argc ? argv[0] : NULL);
    if (ctl->json)
        findings_print_json(&doctor->findings, stdout);
    else
        findings_print(&doctor->findings, stdout);
    int status = doctor->findings.failed ? STATUS_FAILED : STATUS_OK;
    free(doctor);
    return status;
}

const struct ctl_command doctor_commands[] = {
    {.name = "doctor",
     .usage = "[BACKUPS]",
     .help = "looks at all that docs/runbooks.md looks at",
     .more =
         "One line per finding: ok, warning or failed, what was looked at, and what was seen; behind what is "
         "not well,\n"
         "where it is written what to do. It asks the services that run, reads the settings, files of "
         "secrets and embedded\n"
         "stores that are here, and changes nothing. BACKUPS is the folder of the copies that consectl "
         "backup all made, with\n"
         "the METRICS (*.prom) of consectl drill; without it, /var/lib/conse-drill. What only shows over "
         "time is left to\n"
         "the alerts. Exit status 1 when something has failed.",
     .least = 0,
     .most = 1,
     .run = doctor_run},
    {0},
};
