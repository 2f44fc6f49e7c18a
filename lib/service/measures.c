#include "lib/service/measures.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/skew.h"
#include "lib/base/version.h"

// The kernel tells the count as the folder's size since Linux 6.2. To read the folder takes a microsecond of
// each file, and health asks every three seconds.
static double count_open_files(void *arg)
{
    struct stat about;
    double count = -3; // ".", ".." and the folder itself
    (void)arg;
    if (stat("/proc/self/fd", &about) == 0 && about.st_size > 0) return (double)about.st_size;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) return 0;
    while (readdir(folder)) count++;
    closedir(folder);
    return count;
}

static double most_open_files(void *arg)
{
    struct rlimit limit;
    (void)arg;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : 0;
}

static double resident_bytes(void *arg)
{
    long pages = 0;
    (void)arg;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    if (fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double clock_offset(void *arg)
{
    (void)arg;
    return (double)skew_offset_ms() / 1000;
}

static void add_version(struct metrics *metrics)
{
    char labels[160];
    snprintf(labels, sizeof labels, "version=\"%s\",commit=\"%s\",format=\"%d\"", CONSE_VERSION, CONSE_COMMIT,
             CONSE_FORMAT);
    metric_set(metrics_gauge(metrics, "conse_build_info", "1; what runs is in its labels.", labels), 1);
}

void measures_add(struct metrics *metrics)
{
    metric_set(metrics_gauge(metrics, "process_start_time_seconds", "When it started, since 1970.", ""),
               clock_unix_ms() / 1000);
    metrics_watch(metrics, "process_resident_memory_bytes", "Memory that is in use.", resident_bytes, NULL);
    metrics_watch(metrics, "process_open_fds", "Open files and sockets.", count_open_files, NULL);
    metrics_watch(metrics, "process_max_fds", "How many may be open.", most_open_files, NULL);
    metrics_watch(metrics, "conse_clock_offset_seconds",
                  "How far the clock is ahead of what the processes agree on.", clock_offset, NULL);
    add_version(metrics);
}
